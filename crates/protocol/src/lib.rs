//! What clients and servers of the HDF REST API must agree on, without any I/O.
//!
//! The connector (through `h5rest-client`) and the server both build and read requests with these
//! types, so a datatype, a selection or an element means the same on both ends of the wire.
#![forbid(unsafe_code)]

pub mod creation;
pub mod datatype;
pub mod document;
pub mod error;
pub mod id;
pub mod link;
pub mod region;
pub mod selection;
pub mod shape;
pub mod values;

pub use datatype::{Datatype, StoredType};
pub use error::{ProtocolError, Result};
pub use id::{ObjectClass, ObjectId};
pub use link::Link;
pub use shape::{Extent, Shape};
