//! HDF5 VOL connector for the HDF REST API.

#[doc(hidden)]
pub mod ffi;
pub mod config;
pub mod connector;
mod logging;
