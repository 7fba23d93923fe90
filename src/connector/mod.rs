//! What each HDF5 call means for data behind the HDF REST API: safe Rust, without pointers.
//!
//! `vol/` calls it with decoded arguments, `transfer/` moves values through it. One open domain is
//! a [`Session`], which knows the domain's objects (`cache`) and reaches the server; a [`File`] is
//! a program's handle on it; an [`Object`] is a group, dataset or committed datatype reached
//! through a file. What can be done with objects is one file per subject.
#![forbid(unsafe_code)]

mod ahead;
mod annotations;
mod at_once;
mod attribute_name;
mod attribute_value;
mod attributes;
mod by_object;
mod cache;
mod chunk_cache;
mod chunks;
mod copy;
mod copy_references;
mod create;
mod cut;
mod disguise;
mod document;
mod error;
mod external;
mod external_storage;
mod file;
mod follow;
mod hints;
mod hsds;
mod index;
mod layout;
mod links;
mod mounts;
mod new_ids;
mod object;
mod outbox;
mod process;
mod records;
mod registry;
pub mod requests;
mod resolve;
mod session;
mod storage;
#[cfg(test)]
mod tests;
mod tracking;
mod unlink;
mod users;
mod values;
mod virtual_layout;
mod virtual_view;

pub use attributes::{Attribute, AttributeInfo};
pub use chunk_cache::ChunkCache;
pub use copy::CopyOptions;
pub use error::{Error, ErrorKind, Result};
pub use external::{BeforeOpen, LinkAccess, Opening};
pub use external_storage::{ExternalFile, external_files, keep_external_files};
pub use file::{File, FileLocking};
pub use h5rest_client::leave_to_program;
pub use index::{IndexBy, Order};
pub use links::{LinkEntry, LinkOptions};
pub use mounts::OpenIds;
pub use object::{GroupInfo, Object, ObjectInfo};
pub use process::keep_number_in;
pub use records::DatasetInfo;
pub use registry::use_transport;
pub use session::Session;
pub use storage::Allocated;
pub use tracking::tracks_attribute_order;
pub use virtual_layout::{ENDLESS, MappedSpace, Mapping, Slab, keep_mappings, mappings};
pub use virtual_view::{VirtualAccess, VirtualView};
