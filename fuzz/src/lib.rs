//! What the fuzz targets share: documents and requests made of the fuzzer's bytes. Most of them mean
//! something, so that more than the first check of each reader is reached; some of their parts do not.
#![forbid(unsafe_code)]

pub mod bodies;
pub mod changes;
pub mod documents;
pub mod hdf5;
pub mod hostile;
pub mod requests;
pub mod server;
