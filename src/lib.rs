//! HDF5 VOL connector for the HDF REST API: lets unmodified programs work on remote data.
//!
//! A call passes through the modules in this order: `plugin` (found by HDF5), `vol` (its C
//! callbacks), `connector` (what the call means), `transfer` (values), `h5rest-client` (the wire).
//! `host` wraps the HDF5 library that loaded the plugin, `ffi` has its layouts. docs/ARCHITECTURE.md
//! has the picture.

pub mod capi;
pub mod connector;
#[doc(hidden)]
pub mod ffi;
#[doc(hidden)]
pub mod host;
mod logging;
mod plugin;
mod transfer;
#[doc(hidden)]
pub mod vol;

pub use h5rest_config as config;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use transfer::fuzzing;
