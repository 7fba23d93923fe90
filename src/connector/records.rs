//! What is known of one object, link or attribute: the entries of the cache.

use std::sync::Arc;

use h5rest_protocol::creation::DatasetCreation;
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Link, Shape, StoredType};
use serde_json::{Map, Value};

use super::annotations::Annotations;
use super::attribute_name::AttributeName;
use super::disguise::Disguise;
use super::error::Error;
use super::index::Indexed;

/// What a dataset was created with, and its extent now.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetInfo {
    /// Type of its elements.
    pub ty: Arc<StoredType>,
    /// Its extent.
    pub shape: Shape,
    /// Its creation properties.
    pub creation: DatasetCreation,
    /// How its type is told to the server.
    pub(super) disguise: Disguise,
}

/// What an object is, by class.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Group(Arc<Map<String, Value>>),
    Dataset(Arc<DatasetInfo>),
    Datatype(Arc<(StoredType, Map<String, Value>)>),
}

/// An object's own data.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) created: f64,
    pub(super) modified: f64,
    pub(super) annotations: Annotations,
    pub(super) content: Content,
}

/// A link in a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LinkRecord {
    pub(super) link: Link,
    pub(super) charset: CharSet,
}

pub(super) type Links = Indexed<LinkRecord>;

/// An attribute's value as far as it is known.
#[derive(Debug, Clone)]
pub(super) enum AttributeValue {
    /// Never written: reads as zeros.
    Unwritten,
    /// In wire form.
    Wire(Arc<[u8]>),
    /// As the server sent it.
    Document { value: Value, base64: bool },
    /// Not asked for yet.
    OnServer,
}

/// An attribute of an object.
#[derive(Debug, Clone)]
pub(super) struct AttributeRecord {
    /// Its name as open handles see it: a rename or a deletion reaches them through this.
    pub(super) name: Option<Arc<AttributeName>>,
    /// Type and extent, or why they cannot be understood.
    pub(super) declared: Result<(Arc<StoredType>, Arc<Shape>), Error>,
    /// How its type is told to the server.
    pub(super) disguise: Disguise,
    pub(super) charset: CharSet,
    pub(super) value: AttributeValue,
}

pub(super) type Attributes = Indexed<AttributeRecord>;
