//! Typed calls of the HDF REST API over HTTP, Unix sockets or in process.
#![forbid(unsafe_code)]

mod error;

pub use error::{ClientError, ClientErrorKind};
