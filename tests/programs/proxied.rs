//! Programs on a server behind a web server that encrypts and speaks HTTP/2, as installations of HSDS are.

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Nginx, Program, TestDomain, TestServer};

/// Compiles a program of `c-tests`.
fn compile(source: &str, folder: &std::path::Path) -> Result<std::path::PathBuf> {
    let source = repository().join("c-tests").join(source);
    let program = folder.join(source.file_stem().unwrap_or_default());
    let arguments = hdf5::installation(Version::V1_14_5)?.compile_c(&source, &program);
    let output = std::process::Command::new("cc").args(arguments).output()?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cc: {words}");
    Ok(program)
}

#[test]
fn documents_share_a_connection_and_elements_have_their_own() -> Result<()> {
    let server = TestServer::start()?;
    let proxy = Nginx::before(server.endpoint())?;
    let domain = TestDomain::new(server.endpoint(), "proxied");
    let folder = tempfile::tempdir()?;
    let run = |program: Program| {
        program
            .arg(domain.path())
            .through_connector(proxy.endpoint())?
            .env("SSL_CERT_FILE", proxy.certificate())
            .run()?
            .success()
    };
    let metadata = compile("requests/metadata.c", folder.path())?;
    run(Program::new(&metadata).arg("write"))?;
    run(Program::new(&metadata).arg("read"))?;
    // It compares what it reads with what it has written.
    run(Program::new(compile("bench/transfer.c", folder.path())?))?;
    let requests = proxy.requests()?;
    let (elements, documents): (Vec<_>, Vec<_>) = requests
        .iter()
        .filter(|(_, line)| line.contains("/value") || line.starts_with("GET "))
        .partition(|(_, line)| line.contains("/value"));
    ensure!(elements.len() > 16 && documents.len() > 4, "{requests:#?}");
    for (protocol, line) in documents {
        ensure!(protocol == "HTTP/2.0", "{protocol} for {line}");
    }
    for (protocol, line) in elements {
        ensure!(protocol == "HTTP/1.1", "{protocol} for {line}");
    }
    Ok(())
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() -> Result<()> {
    let server = TestServer::start()?;
    let proxy = Nginx::before(server.endpoint())?;
    let h5ls = hdf5::installation(Version::V1_14_5)?.program("h5ls");
    let printed = Program::new(h5ls)
        .arg("/home/test_user1/nothing.h5")
        .through_connector(proxy.endpoint())?
        .env("HDF5_REST_LOG", "on")
        .run()?
        .failure()?;
    ensure!(printed.contains("certificate"), "{printed}");
    // Nothing was asked: no name and password went out.
    ensure!(proxy.requests()?.is_empty());
    Ok(())
}
