//! What the tests, the demonstration and the benchmarks need around them: the HDF5 installations
//! that `cargo xtask setup` made, servers (our own `h5rest` or a real HSDS), temporary domains, and
//! the running of programs that know nothing of this connector.
//!
//! Used by the integration tests in `tests/` and by `crates/xtask`.
#![forbid(unsafe_code)]

pub mod build;
pub mod cache;
pub mod connector;
pub mod counter;
pub mod dead;
pub mod domain;
pub mod endpoint;
pub mod faults;
pub mod free_port;
pub mod gate;
pub mod h5rest;
pub mod hdf5;
pub mod hostile;
pub mod hsds;
pub mod kills;
pub mod loopback;
pub mod nginx;
pub mod program;
pub mod python;
pub mod sanitizer;
pub mod silent;
pub mod slow_link;
pub mod steady;

pub use counter::{Counter, Traffic};
pub use domain::TestDomain;
pub use endpoint::{Endpoint, TestServer};
pub use faults::FaultProxy;
pub use h5rest::H5rest;
pub use hostile::HostileProxy;
pub use hsds::Hsds;
pub use nginx::Nginx;
pub use program::{Finished, Program};
pub use slow_link::SlowLink;
