//! The HDF5 that `cargo xtask setup` built, in this process.

use std::path::PathBuf;

use h5rest_testkit::hdf5::{Version, installation};

/// The folder of its library.
pub fn folder() -> PathBuf {
    let hdf5 = installation(Version::V1_14_5);
    hdf5.expect("HDF5 1.14.5: run `cargo xtask setup`")
        .lib_dir()
}
