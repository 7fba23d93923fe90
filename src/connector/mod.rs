//! What each HDF5 call means for data behind the HDF REST API: safe Rust, without pointers.
//!
//! `vol/` calls it with decoded arguments, `transfer/` moves values through it. One open domain is
//! a `Session`; a [`File`] is a program's handle on it; an [`Object`] is a group, dataset or
//! committed datatype reached through a file.
#![forbid(unsafe_code)]

mod attributes;
mod error;
mod file;
mod index;
mod links;
mod object;
mod session;

pub use attributes::{Attribute, AttributeInfo};
pub use error::{Error, ErrorKind, Result};
pub use file::File;
pub use index::{IndexBy, Order};
pub use links::{LinkEntry, LinkOptions};
pub use object::{DatasetInfo, GroupInfo, Object, ObjectInfo};
pub use session::Session;
