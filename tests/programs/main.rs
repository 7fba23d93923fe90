//! Programs that know nothing of the connector, run through it: C, Fortran, HDF5's tools, stock
//! h5py; what they say when something is wrong; and what the plugin's file shows to the outside.
//!
//! They run on an `h5rest` of their own, or on the server that `TEST_ENDPOINT` names.

mod collected;
mod event_sets;
mod facade;
mod failures;
mod h5pyd;
mod life;
mod packages;
mod plugin_file;
mod processes;
mod proxied;
mod python;
mod settings;
mod slow_link;
mod stock;
mod told;
mod tools;
mod transfer;
