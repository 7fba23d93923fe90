//! C and Fortran programs, compiled once per HDF5 release, print the same through the connector as
//! on a local file.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Program, TestDomain, TestServer};
use tempfile::TempDir;

/// Compiles a C program of this repository.
pub fn compile_c(version: Version, source: &str, folder: &TempDir) -> Result<PathBuf> {
    let hdf5 = hdf5::installation(version)?;
    let program = folder.path().join(format!("program-{}", version.number()));
    compile("cc", hdf5.compile_c(&repository().join(source), &program))?;
    Ok(program)
}

fn compile_fortran(source: &str, folder: &TempDir) -> Result<PathBuf> {
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let program = folder.path().join("fortran-program");
    compile(
        "gfortran",
        hdf5.compile_fortran(&repository().join(source), &program, folder.path()),
    )?;
    Ok(program)
}

/// Runs a compiler.
pub fn compile(compiler: &str, arguments: Vec<std::ffi::OsString>) -> Result<()> {
    let output = Command::new(compiler).args(arguments).output()?;
    ensure!(
        output.status.success(),
        "{compiler}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Runs `program` on a local file and on a domain and compares what it prints.
fn prints_the_same(program: &Path, folder: &TempDir) -> Result<()> {
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "stock");
    let local = Program::new(program)
        .arg(folder.path().join("local.h5"))
        .run()?
        .success()?;
    let remote = Program::new(program)
        .arg(domain.path())
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    ensure!(!local.is_empty(), "the program printed nothing");
    similar(&local, &remote)
}

/// Fails with the first line in which two outputs differ.
pub fn similar(expected: &str, found: &str) -> Result<()> {
    let differing = expected
        .lines()
        .map(Some)
        .chain(std::iter::repeat(None))
        .zip(found.lines().map(Some).chain(std::iter::repeat(None)))
        .take(expected.lines().count().max(found.lines().count()))
        .find(|(one, other)| one != other);
    match differing {
        None => Ok(()),
        Some((one, other)) => {
            anyhow::bail!("expected {one:?}\nfound    {other:?}\n--- all of it\n{found}")
        }
    }
}

#[test]
fn c_program_on_1_14() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = compile_c(Version::V1_14_5, "examples/c/weather.c", &folder)?;
    prints_the_same(&program, &folder)
}

#[test]
fn c_program_on_2_2() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = compile_c(Version::V2_2_0, "examples/c/weather.c", &folder)?;
    prints_the_same(&program, &folder)
}

#[test]
fn fortran_program() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = compile_fortran("c-tests/fortran/everyday.f90", &folder)?;
    prints_the_same(&program, &folder)
}

/// One file, written by the C program, changed by the Fortran program of the demonstration.
#[test]
fn fortran_program_continues_what_a_c_program_wrote() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let weather = compile_c(Version::V1_14_5, "examples/c/weather.c", &folder)?;
    let rainfall = compile_fortran("examples/fortran/rainfall.f90", &folder)?;
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "continued");
    for program in [weather, rainfall.clone()] {
        Program::new(program)
            .arg(domain.path())
            .through_connector(server.endpoint())?
            .run()?
            .success()?;
    }
    // The dataset is there now, so a second run must be refused.
    Program::new(rainfall)
        .arg(domain.path())
        .through_connector(server.endpoint())?
        .run()?
        .failure()?;
    Ok(())
}
