//! Stock h5py and netCDF4, each with the HDF5 inside its wheel.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::{Program, TestDomain, TestServer, python};

use crate::packages::making_link;
use crate::stock::similar;

/// Runs one of the scripts beside this file on a local file and on a domain, and compares what it
/// prints.
fn prints_the_same(script: &str, lines: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let python3 = python::program(python::H5PY, "python3")?;
    let script = beside(script);
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "h5py");
    let local = Program::new(&python3)
        .arg(&script)
        .arg(folder.path().join("local.h5"))
        .run()?
        .success()?;
    let remote = Program::new(&python3)
        .arg(&script)
        .arg(domain.path())
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    ensure!(
        local.lines().count() > lines,
        "the script printed too little:\n{local}"
    );
    similar(&local, &remote)
}

fn beside(script: &str) -> PathBuf {
    repository().join("tests/programs").join(script)
}

#[test]
fn h5py_prints_the_same_as_on_a_local_file() -> Result<()> {
    prints_the_same("everyday.py", 30)
}

#[test]
fn h5py_goes_from_object_to_object() -> Result<()> {
    prints_the_same("objects.py", 20)
}

#[test]
fn processes_that_python_forks_and_exceptions_of_signals() -> Result<()> {
    prints_the_same("forking.py", 10)
}

/// netCDF4 and h5py, two copies of HDF5 in one process, on a file that a link file stands for.
#[test]
fn netcdf_and_h5py_continue_through_a_link_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let python3 = python::program(python::H5PY, "python3")?;
    let script = beside("netcdf.py");
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "netcdf");
    let link = folder.path().join("link.nc");
    let file = folder.path().join("local.nc");
    let local = Program::new(&python3)
        .arg(&script)
        .args([&file, &file])
        .run()?
        .success()?;
    let remote = Program::new(&python3)
        .arg(&script)
        .args([Path::new(domain.path()), &link])
        .args(making_link(domain.path(), &link)?)
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    ensure!(link.is_file(), "there is no link file");
    ensure!(
        local.lines().count() > 20,
        "the script printed too little:\n{local}"
    );
    similar(&local, &remote)
}

/// The file that the test before compares must really have been on the server.
#[test]
fn what_h5py_wrote_is_on_the_server() -> Result<()> {
    let python3 = python::program(python::H5PY, "python3")?;
    let server = TestServer::start()?;
    let endpoint = server.endpoint();
    let domain = TestDomain::new(endpoint, "there");
    Program::new(&python3)
        .args([
            "-c",
            "import h5py, sys; h5py.File(sys.argv[1], 'w')['x'] = [1, 2, 3]",
        ])
        .arg(domain.path())
        .through_connector(endpoint)?
        .run()?
        .success()?;
    let (status, answer) =
        endpoint.request("GET", &format!("/datasets?domain={}", domain.path()), "")?;
    ensure!(
        status == 200 && answer.contains("\"d-"),
        "{status}: {answer}"
    );
    Ok(())
}

/// h5py has a driver of its own for Python objects. What is written to one must not go to the server.
#[test]
fn h5py_is_refused_a_file_in_a_python_object() -> Result<()> {
    let python3 = python::program(python::H5PY, "python3")?;
    let server = TestServer::start()?;
    let script = "import h5py, io\n\
                  h5py.File(io.BytesIO(), 'w')";
    let printed = Program::new(&python3)
        .args(["-c", script])
        .through_connector(server.endpoint())?
        .run()?
        .failure()?;
    ensure!(
        printed.contains("a file driver of the program's own"),
        "{printed}"
    );
    Program::new(&python3)
        .args(["-c", script])
        .run()?
        .success()?;
    Ok(())
}
