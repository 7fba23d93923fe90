//! The packages that people reach HDF5 by (xarray, h5netcdf, pandas, PyTables), each from its wheel:
//! what they print is the same on local files and through the connector.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use h5rest_testkit::build::{self, repository};
use h5rest_testkit::{Endpoint, Program, TestDomain, TestServer, python};

use crate::stock::similar;

const LIMIT: Duration = Duration::from_secs(240);

fn script(name: &str, folder: &Path) -> Result<Program> {
    let python3 = python::program(python::PROGRAMS, "python3")?;
    let script = repository().join("tests/programs").join(name);
    Ok(Program::new(python3)
        .arg(script)
        .current_dir(folder)
        .time_limit(LIMIT))
}

/// The words that make a link file: `h5rest link DOMAIN FILE`.
pub fn making_link(domain: &str, file: &Path) -> Result<Vec<String>> {
    let program = build::folder()?.join(build::SERVER);
    let words = [
        // Where the script runs with a sanitizer, h5rest has its own.
        Path::new("env"),
        Path::new("-uLD_PRELOAD"),
        program.as_path(),
        Path::new("link"),
        Path::new(domain),
        file,
    ];
    Ok(words.map(|word| word.display().to_string()).to_vec())
}

/// What two runs printed, of a program that prints at least `lines` lines.
fn same(local: &str, remote: &str, lines: usize) -> Result<()> {
    ensure!(
        local.lines().count() >= lines,
        "the script printed too little:\n{local}"
    );
    similar(local, remote)
}

#[test]
fn xarray_by_netcdf4_and_by_h5netcdf() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "labelled");
    let (file, opened) = (
        folder.path().join("local.nc"),
        folder.path().join("link.nc"),
    );
    let local = script("labelled.py", folder.path())?
        .args([&file, &file])
        .run()?
        .success()?;
    let remote = script("labelled.py", folder.path())?
        .args([Path::new(domain.path()), &opened])
        .args(making_link(domain.path(), &opened)?)
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    same(&local, &remote, 30)
}

/// PyTables looks for the folder of a file it makes: the name is relative, in the home folder on the
/// server and in the current one here.
#[test]
fn pytables_and_pandas() -> Result<()> {
    let server = TestServer::start()?;
    let (here, there) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let domain = TestDomain::new(server.endpoint(), "tables");
    let (home, name) = domain
        .path()
        .rsplit_once('/')
        .expect("a domain is in a folder");
    let local = script("tables_and_frames.py", here.path())?
        .arg(name)
        .run()?
        .success()?;
    let remote = script("tables_and_frames.py", there.path())?
        .arg(name)
        .args(making_link(domain.path(), &there.path().join(name))?)
        .through_connector(server.endpoint())?
        .env("HDF5_REST_HOME", home)
        .run()?
        .success()?;
    same(&local, &remote, 30)
}

#[test]
fn h5py_and_netcdf4_in_threads() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = TestServer::start()?;
    let endpoint: &Endpoint = server.endpoint();
    let remote_folder = format!("/home/{}/threads-{}", endpoint.username, std::process::id());
    endpoint.create_folder(&remote_folder, &endpoint.username)?;
    let local = script("in_threads.py", folder.path())?
        .arg(folder.path())
        .run()?
        .success()?;
    let remote = script("in_threads.py", folder.path())?
        .arg(&remote_folder)
        .through_connector(endpoint)?
        .run()?
        .success()?;
    same(&local, &remote, 9)
}
