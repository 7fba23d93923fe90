//! Attributes of objects.

use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Shape, StoredType};

use super::error::{Error, Result};
use super::object::Object;

/// An attribute as HDF5 programs see it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeInfo {
    /// Its name.
    pub name: String,
    /// HDF5's creation order number.
    pub creation_order: i64,
    /// Declared encoding of the name.
    pub charset: CharSet,
    /// Bytes of its value as HDF5 programs see it.
    pub data_size: u64,
    /// Its type.
    pub ty: StoredType,
    /// Its extent.
    pub shape: Shape,
}

/// An open attribute; cheap to clone.
#[derive(Debug, Clone)]
pub struct Attribute {}

impl Attribute {
    /// The object it belongs to.
    pub fn object(&self) -> &Object {
        unreachable!()
    }
    /// Its name, which a rename may have changed since it was opened.
    pub fn name(&self) -> String {
        unreachable!()
    }
    /// All that HDF5 can ask about it.
    pub fn info(&self) -> Result<AttributeInfo> {
        Err(Error::unsupported("in progress"))
    }
    /// Its type.
    pub fn ty(&self) -> &StoredType {
        unreachable!()
    }
    /// Its extent.
    pub fn shape(&self) -> &Shape {
        unreachable!()
    }
    /// All its elements in wire form; zeros if it was never written.
    pub fn read(&self) -> Result<Vec<u8>> {
        Err(Error::unsupported("in progress"))
    }
    /// Replaces all its elements, given in wire form.
    pub fn write(&self, _bytes: Vec<u8>) -> Result<()> {
        Err(Error::unsupported("in progress"))
    }
}
