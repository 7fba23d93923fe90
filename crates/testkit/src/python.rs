//! The Python environments that tests run programs in, made by `cargo xtask setup`.

use std::path::PathBuf;

use anyhow::Result;

use crate::cache;

/// Name of the environment with the stock `h5py` and `netCDF4` wheels.
pub const H5PY: &str = "python-h5py";

/// Name of the environment with HSDS, its Python client `h5pyd` and what they need.
pub const HSDS: &str = "python-hsds";

/// Name of the environment with the packages that people use HDF5 by (h5py, netCDF4, xarray, h5netcdf,
/// pandas, PyTables), and pytest, which runs h5py's own tests.
pub const PROGRAMS: &str = "python-programs";

/// Name of the environment with schemathesis, which makes requests from OpenAPI documents.
pub const SCHEMATHESIS: &str = "python-schemathesis";

/// Name of the environment with build tools that Debian has only in older versions.
pub const TOOLS: &str = "python-tools";

/// A program of one of the environments, for example its `python3`.
///
/// # Errors
/// When the environment has not been made; the text names the command that makes it.
pub fn program(environment: &str, name: &str) -> Result<PathBuf> {
    Ok(cache::completed(environment)?.join("bin").join(name))
}
