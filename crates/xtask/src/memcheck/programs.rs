//! The C and Fortran programs of `c-tests`, each on a domain of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Installation, Version};
use h5rest_testkit::{Endpoint, Program};

use crate::run;

/// Folders of programs that know nothing of the connector. Those of `life` leave memory behind on purpose: they
/// fork, and end where HDF5 cannot be closed.
const FOLDERS: [&str; 2] = ["everyday", "regressions"];

/// Builds and runs them all and says how many ran.
pub fn run(endpoint: &Endpoint) -> Result<String> {
    let folder = tempfile::tempdir().context("cannot make a folder for programs")?;
    let mut ran = 0;
    for version in Version::ALL {
        let hdf5 = hdf5::installation(version)?;
        for source in sources()? {
            let program = compile_c(&hdf5, &source, folder.path())?;
            run_one(&program, endpoint)?;
            ran += 1;
        }
        if version == Version::V1_14_5 {
            let program = compile_fortran(&hdf5, folder.path())?;
            run_one(&program, endpoint)?;
            ran += 1;
        }
    }
    Ok(format!("{ran} programs ran"))
}

fn sources() -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for folder in FOLDERS {
        let folder = repository().join("c-tests").join(folder);
        for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "c") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

fn compile_c(hdf5: &Installation, source: &Path, folder: &Path) -> Result<PathBuf> {
    let stem = source.file_stem().context("a source without a name")?;
    let program = folder.join(format!(
        "{}-{}",
        stem.to_string_lossy(),
        hdf5.version.number()
    ));
    let headers = repository().join("c-tests").join("everyday");
    let mut compiler = Command::new("cc");
    compiler.arg("-I").arg(headers).arg("-g");
    run::output(compiler.args(hdf5.compile_c(source, &program)))?;
    Ok(program)
}

fn compile_fortran(hdf5: &Installation, folder: &Path) -> Result<PathBuf> {
    let source = repository().join("c-tests/fortran/everyday.f90");
    let program = folder.join("everyday_fortran");
    let arguments = hdf5.compile_fortran(&source, &program, folder);
    run::output(Command::new("gfortran").arg("-g").args(arguments))?;
    Ok(program)
}

/// A program that fails has not shown what it was to show.
fn run_one(program: &Path, endpoint: &Endpoint) -> Result<()> {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let domain = format!("/home/{}/memcheck-{name}.h5", endpoint.username);
    let finished = Program::new(program)
        .arg(domain)
        .through_connector(endpoint)?
        .run()?;
    if !finished.status.success() {
        bail!("{finished}");
    }
    Ok(())
}
