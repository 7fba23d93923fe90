//! Groups, datasets and committed datatypes reached through a file.

use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::creation::DatasetCreation;
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::selection::Selection;
use h5rest_protocol::{Link, ObjectClass, ObjectId, Shape, StoredType};
use serde_json::{Map, Value};

use super::attributes::{Attribute, AttributeInfo};
use super::error::{Error, Result};
use super::file::File;
use super::index::{IndexBy, Order};
use super::links::{LinkEntry, LinkOptions};

/// What HDF5 can ask about a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupInfo {
    /// Number of its links.
    pub links: u64,
    /// The creation order number that its next link will have.
    pub max_creation_order: i64,
    /// Its creation properties.
    pub properties: Map<String, Value>,
}

/// What a dataset was created with, and its extent now.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetInfo {
    /// Type of its elements.
    pub ty: StoredType,
    /// Its extent.
    pub shape: Shape,
    /// Its creation properties.
    pub creation: DatasetCreation,
}

/// What HDF5 can ask about any object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectInfo {
    /// Its id.
    pub id: ObjectId,
    /// Hard links to it.
    pub rc: u32,
    /// Creation time in seconds since 1970.
    pub created: f64,
    /// Time of the last change in seconds since 1970.
    pub modified: f64,
    /// Number of its attributes.
    pub attributes: u64,
}

/// An object and the file handle it was reached through; cheap to clone.
#[derive(Debug, Clone)]
pub struct Object {}

macro_rules! pending {
    ($($(#[$doc:meta])* fn $name:ident(&self $(, $arg:ident : $ty:ty)*) -> $ret:ty;)*) => {
        #[allow(missing_docs, unused_variables, clippy::too_many_arguments)]
        impl Object { $(
            $(#[$doc])* pub fn $name(&self $(, $arg: $ty)*) -> Result<$ret> { Err(Error::unsupported("in progress")) } )* }
    };
}

#[allow(missing_docs)]
impl Object {
    pub fn id(&self) -> ObjectId { unreachable!() }
    pub fn class(&self) -> ObjectClass { unreachable!() }
    pub fn file(&self) -> &Arc<File> { unreachable!() }
    pub fn path(&self) -> Option<&str> { unreachable!() }
    pub fn token(&self) -> u64 { unreachable!() }
}

pending! {
    fn open(&self, path: &str) -> Object;
    fn open_token(&self, token: u64) -> Object;
    fn open_link(&self, group_path: &str, by: IndexBy, order: Order, n: u64) -> Object;
    fn create_group(&self, name: Option<&str>, link: &LinkOptions, properties: Map<String, Value>) -> Object;
    fn create_dataset(&self, name: Option<&str>, link: &LinkOptions, ty: StoredType, shape: Shape, creation: DatasetCreation) -> Object;
    fn commit_datatype(&self, name: Option<&str>, link: &LinkOptions, ty: StoredType, properties: Map<String, Value>) -> Object;
    fn group_info(&self) -> GroupInfo;
    fn dataset(&self) -> Arc<DatasetInfo>;
    fn datatype(&self) -> (StoredType, Map<String, Value>);
    fn info(&self) -> ObjectInfo;
    fn set_extent(&self, dims: &[u64]) -> ();
    fn allocated_size(&self) -> u64;
    fn refresh(&self) -> ();
    fn flush(&self) -> ();
    fn create_link(&self, path: &str, link: Link, options: &LinkOptions) -> ();
    fn create_hard_link(&self, path: &str, target: &Object, options: &LinkOptions) -> ();
    fn link(&self, path: &str) -> LinkEntry;
    fn link_exists(&self, path: &str) -> bool;
    fn delete_link(&self, path: &str) -> ();
    fn move_link(&self, from: &str, to_loc: &Object, to: &str, options: &LinkOptions) -> ();
    fn copy_link(&self, from: &str, to_loc: &Object, to: &str, options: &LinkOptions) -> ();
    fn links(&self, by: IndexBy, order: Order) -> Vec<LinkEntry>;
    fn create_attribute(&self, name: &str, ty: StoredType, shape: Shape, charset: CharSet) -> Attribute;
    fn open_attribute(&self, name: &str) -> Attribute;
    fn attribute_exists(&self, name: &str) -> bool;
    fn delete_attribute(&self, name: &str) -> ();
    fn rename_attribute(&self, old: &str, new: &str) -> ();
    fn attributes(&self, by: IndexBy, order: Order) -> Vec<AttributeInfo>;
    fn read_into(&self, sel: &Selection, into: &mut [u8]) -> ();
    fn read_variable(&self, sel: &Selection) -> Vec<u8>;
    fn read_points(&self, coords: &[u64], into: &mut [u8]) -> ();
    fn read_points_variable(&self, coords: &[u64]) -> Vec<u8>;
    fn write(&self, sel: &Selection, bytes: Bytes) -> ();
    fn write_points(&self, coords: &[u64], element_size: Option<usize>, bytes: Bytes) -> ();
    fn write_fields(&self, sel: &Selection, fields: &[&str], bytes: Bytes) -> ();
    fn read_fields_into(&self, sel: &Selection, fields: &[&str], into: &mut [u8]) -> ();
}
