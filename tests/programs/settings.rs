//! Where programs get their settings from: names of files, the info string, `.hscfg`.

use std::fs;

use anyhow::{Result, ensure};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Program, TestDomain, TestServer, connector, python};

/// A domain with one dataset, made through the environment variables.
fn domain_with_data(endpoint: &Endpoint) -> Result<TestDomain> {
    let domain = TestDomain::new(endpoint, "settings");
    Program::new(python::program(python::H5PY, "python3")?)
        .args([
            "-c",
            "import h5py, sys; h5py.File(sys.argv[1], 'w')['settings'] = 7",
        ])
        .arg(domain.path())
        .through_connector(endpoint)?
        .run()?
        .success()?;
    Ok(domain)
}

fn h5ls() -> Result<Program> {
    let tool = hdf5::installation(Version::V1_14_5)?.program("h5ls");
    Ok(Program::new(tool).env("HDF5_PLUGIN_PATH", connector::plugin_dir()?))
}

fn finds_the_data(program: Program) -> Result<()> {
    let text = program.run()?.success()?;
    ensure!(text.contains("settings"), "{text}");
    Ok(())
}

#[test]
fn names_of_one_domain_in_every_form() -> Result<()> {
    let server = TestServer::start()?;
    let endpoint = server.endpoint();
    let domain = domain_with_data(endpoint)?;
    let path = domain.path();
    let relative = path.rsplit('/').next().unwrap_or(path);
    for name in [
        path.to_owned(),
        relative.to_owned(),
        format!("hdf5:/{path}"),
        format!("{}{path}", endpoint.url),
    ] {
        finds_the_data(h5ls()?.through_connector(endpoint)?.arg(&name))?;
    }
    Ok(())
}

#[test]
fn trailing_slash_of_the_endpoint_is_harmless() -> Result<()> {
    let server = TestServer::start()?;
    let mut endpoint = server.endpoint().clone();
    let domain = domain_with_data(&endpoint)?;
    endpoint.url.push('/');
    finds_the_data(h5ls()?.through_connector(&endpoint)?.arg(domain.path()))
}

#[test]
fn info_string_carries_everything() -> Result<()> {
    let server = TestServer::start()?;
    let endpoint = server.endpoint();
    let domain = domain_with_data(endpoint)?;
    let info = format!(
        "endpoint={};username={};password={}",
        endpoint.url, endpoint.username, endpoint.password
    );
    finds_the_data(
        h5ls()?
            .env("HDF5_VOL_CONNECTOR", format!("REST {info}"))
            .arg(domain.path()),
    )?;
    finds_the_data(
        h5ls()?
            .arg("--vol-name=REST")
            .arg(format!("--vol-info={info}"))
            .arg(domain.path()),
    )
}

#[test]
fn hscfg_in_the_home_folder_is_read() -> Result<()> {
    let server = TestServer::start()?;
    let endpoint = server.endpoint();
    let domain = domain_with_data(endpoint)?;
    let home = tempfile::tempdir()?;
    fs::write(
        home.path().join(".hscfg"),
        format!(
            "# written by hsconfigure\nhs_endpoint = {}\nhs_username = {}\nhs_password = {}\n",
            endpoint.url, endpoint.username, endpoint.password
        ),
    )?;
    finds_the_data(
        h5ls()?
            .env("HDF5_VOL_CONNECTOR", "REST")
            .env("HOME", home.path())
            .arg(domain.path()),
    )
}
