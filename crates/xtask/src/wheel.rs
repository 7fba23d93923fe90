//! The Python package: built as a user builds it, installed into a fresh environment beside stock
//! h5py and netCDF4, and tried there (`python/tests/`). Called by `cargo xtask test`.

use std::process::Command;

use anyhow::{Context, Result};
use h5rest_testkit::build::{self, repository};
use h5rest_testkit::{Endpoint, python};

use crate::run;

/// The packages the wheel is tried with; the versions that the other Python tests use.
const BESIDE: [&str; 2] = ["h5py==3.16.0", "netCDF4==1.7.5.1.post1"];

/// Builds and installs the wheel, and returns the command that tests it on `endpoint`: Python's
/// `unittest`, which ends with a line `Ran N tests` and prints one line per test.
///
/// `work` is an empty folder that must live as long as the command runs.
pub fn prepare(work: &std::path::Path, endpoint: &Endpoint) -> Result<Command> {
    let environment = work.join("python");
    // The environment of `cargo xtask setup` has a current pip; a new one is made with its Python.
    let base = python::program(python::H5PY, "python3")?;
    run::output(Command::new(base).args(["-m", "venv"]).arg(&environment))?;
    let python3 = environment.join("bin").join("python3");
    run::output(
        Command::new(&python3)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg(repository().join("python"))
            .args(BESIDE)
            .env("CARGO_TARGET_DIR", build::target_folder()?),
    )
    .context("cannot build and install the Python package")?;
    let mut command = Command::new(python3);
    command
        .arg(repository().join("python/tests/test_package.py"))
        .current_dir(work)
        .env("HSDS_ENDPOINT", &endpoint.url)
        .env("HSDS_USERNAME", &endpoint.username)
        .env("HSDS_PASSWORD", &endpoint.password);
    Ok(command)
}
