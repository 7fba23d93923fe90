//! What people are told to do: the programs that README.md shows, as they stand there, and those of
//! `examples/`, built by CMake.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Program, TestServer, python};

use crate::stock::{compile, similar};

/// The first block of that language in README.md.
fn block(language: &str) -> Result<String> {
    let text = fs::read_to_string(repository().join("README.md"))?;
    let (_, rest) = text
        .split_once(&format!("```{language}\n"))
        .with_context(|| format!("README.md has no block of {language}"))?;
    let (block, _) = rest.split_once("```").context("a block ends")?;
    Ok(block.to_owned())
}

/// A folder of the server that is used as the home folder, so that relative names are unused.
fn new_home(endpoint: &Endpoint, stem: &str) -> Result<String> {
    let home = format!("/home/{}/{stem}-{}", endpoint.username, std::process::id());
    endpoint.create_folder(&home, &endpoint.username)?;
    Ok(home)
}

/// Runs programs one after another, on local files in `folder` and on the server, and compares what
/// they print.
fn print_the_same(
    programs: &[&dyn Fn() -> Result<Program>],
    folder: &Path,
    stem: &str,
) -> Result<()> {
    let server = TestServer::start()?;
    let home = new_home(server.endpoint(), stem)?;
    let (mut local, mut remote) = (String::new(), String::new());
    for program in programs {
        local += &program()?.current_dir(folder).run()?.success()?;
    }
    let elsewhere = folder.join("elsewhere");
    fs::create_dir(&elsewhere)?;
    for program in programs {
        let program = program()?.current_dir(&elsewhere);
        remote += &program
            .through_connector(server.endpoint())?
            .env("HDF5_REST_HOME", &home)
            .run()?
            .success()?;
    }
    let left = fs::read_dir(&elsewhere)?.count();
    ensure!(left == 0, "the programs made local files");
    ensure!(
        local.lines().count() >= programs.len(),
        "the programs printed too little:\n{local}"
    );
    similar(&local, &remote)
}

#[test]
fn what_the_readme_shows_works() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    fs::write(at("first.c"), block("c")?)?;
    fs::write(at("second.f90"), block("fortran")?)?;
    fs::write(at("third.py"), block("python")?)?;
    compile("cc", hdf5.compile_c(&at("first.c"), &at("first")))?;
    let fortran = hdf5.compile_fortran(&at("second.f90"), &at("second"), folder.path());
    compile("gfortran", fortran)?;
    let python3 = python::program(python::H5PY, "python3")?;
    print_the_same(
        &[
            &|| Ok(Program::new(at("first"))),
            &|| Ok(Program::new(at("second"))),
            &|| Ok(Program::new(&python3).arg(at("third.py"))),
            &|| Ok(Program::new(hdf5.program("h5ls")).args(["-r", "first.h5"])),
        ],
        folder.path(),
        "readme",
    )
}

#[test]
fn examples_built_by_cmake() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let binary = folder.path().join("build");
    let run = |command: &mut Command| -> Result<()> {
        let output = command.output()?;
        ensure!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    };
    run(Command::new("cmake")
        .arg("-S")
        .arg(repository().join("examples"))
        .arg("-B")
        .arg(&binary)
        .arg(format!("-DHDF5_ROOT={}", hdf5.prefix.display())))?;
    run(Command::new("cmake").arg("--build").arg(&binary))?;
    let python3 = python::program(python::H5PY, "python3")?;
    let look = repository().join("examples/python/look.py");
    let built = |name: &str| Program::new(binary.join(name)).arg("weather.h5");
    print_the_same(
        &[
            &|| Ok(built("weather")),
            &|| Ok(built("stations")),
            &|| Ok(built("rainfall")),
            &|| Ok(Program::new(&python3).arg(&look).arg("weather.h5")),
        ],
        folder.path(),
        "cmake",
    )
}
