//! Links of groups: create, look up, list, move, copy.

use h5rest_protocol::Link;
use h5rest_protocol::datatype::CharSet;

/// A link as HDF5 programs see it.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkEntry {
    /// Its name in the group.
    pub name: String,
    /// Where it leads.
    pub link: Link,
    /// HDF5's creation order number: counts from 0 in its group, never reused.
    pub creation_order: i64,
    /// Declared encoding of the name.
    pub charset: CharSet,
}

/// What a link creation property list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkOptions {
    /// Whether missing groups on the way are created.
    pub intermediate: bool,
    /// Declared encoding of the name.
    pub charset: CharSet,
}
