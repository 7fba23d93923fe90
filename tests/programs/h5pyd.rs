//! Domains made by h5pyd, the Python client that talks REST itself: HDF5's tools and h5py must read
//! what it wrote as if h5py had written it to a local file.

use anyhow::Result;
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Program, TestDomain, TestServer, python};

use crate::stock::similar;

struct Made {
    server: TestServer,
    domain: TestDomain,
    local: String,
    _folder: tempfile::TempDir,
}

/// The same content as a domain (by h5pyd) and as a local file (by h5py).
fn make() -> Result<Made> {
    let python3 = python::program(python::HSDS, "python3")?;
    let script = repository().join("tests/programs/make.py");
    let server = TestServer::start()?;
    let endpoint = server.endpoint();
    let domain = TestDomain::new(endpoint, "h5pyd");
    // As long as the domain's: h5dump breaks lines where names end.
    let folder = tempfile::tempdir()?;
    let mut local = folder.path().join("local").display().to_string();
    while local.len() + ".h5".len() < domain.path().len() {
        local.push('l');
    }
    local.push_str(".h5");
    Program::new(&python3)
        .arg(&script)
        .arg("h5py")
        .arg(&local)
        .run()?
        .success()?;
    Program::new(&python3)
        .arg(&script)
        .arg("h5pyd")
        .arg(domain.path())
        .env("HS_ENDPOINT", &endpoint.url)
        .env("HS_USERNAME", &endpoint.username)
        .env("HS_PASSWORD", &endpoint.password)
        .run()?
        .success()?;
    Ok(Made {
        server,
        domain,
        local,
        _folder: folder,
    })
}

fn tool_shows_the_same(tool: &str, arguments: &[&str]) -> Result<()> {
    let made = make()?;
    let tool = hdf5::installation(Version::V1_14_5)?.program(tool);
    let expected = Program::new(&tool)
        .args(arguments)
        .arg(&made.local)
        .run()?
        .success()?;
    let found = Program::new(&tool)
        .args(arguments)
        .arg(made.domain.path())
        .through_connector(made.server.endpoint())?
        .run()?
        .success()?;
    similar(
        &expected.replace(&made.local, "FILE"),
        &found.replace(made.domain.path(), "FILE"),
    )
}

#[test]
fn h5dump_reads_a_domain_of_h5pyd() -> Result<()> {
    tool_shows_the_same("h5dump", &[])
}

#[test]
fn h5ls_reads_a_domain_of_h5pyd() -> Result<()> {
    tool_shows_the_same("h5ls", &["-r"])
}

#[test]
fn h5py_reads_a_domain_of_h5pyd() -> Result<()> {
    let made = make()?;
    let python3 = python::program(python::H5PY, "python3")?;
    let script = repository().join("tests/programs/look.py");
    let expected = Program::new(&python3)
        .arg(&script)
        .arg(&made.local)
        .run()?
        .success()?;
    let found = Program::new(&python3)
        .arg(&script)
        .arg(made.domain.path())
        .through_connector(made.server.endpoint())?
        .run()?
        .success()?;
    similar(&expected, &found)
}
