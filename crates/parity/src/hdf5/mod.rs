//! The HDF5 library under the comparison, with the memory of the programs that call it.
#![allow(missing_docs, reason = "described in h5rest-hdf5")]

pub use h5rest_hdf5::*;

pub mod connector;
pub mod memory;
pub mod native;
