//! Stock h5py, with the HDF5 inside its wheel.

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::{Program, TestDomain, TestServer, python};

use crate::stock::similar;

#[test]
fn h5py_prints_the_same_as_on_a_local_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let python3 = python::program(python::H5PY, "python3")?;
    let script = repository().join("tests/programs/everyday.py");
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
        local.lines().count() > 30,
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
