//! `cargo xtask demo`: an ordinary C program, a Fortran one, HDF5's tools and stock h5py on data
//! behind a server, from nothing to the printed result.

use std::process::Command;

use anyhow::{Context, Result};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, H5rest, Program, build, connector, python};

use crate::{run, setup};

/// The file as the programs name it: relative names live in the user's home folder on the server.
const FILE: &str = "weather.h5";

/// Runs the whole demonstration; everything it starts has stopped when it returns.
pub fn run() -> Result<()> {
    setup::run()?;
    run::heading("Building the plugin and the server");
    build::release()?;

    let folder = tempfile::tempdir().context("cannot make a folder for the demonstration")?;
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let examples = build::repository().join("examples");
    run::heading("Compiling an ordinary C program and an ordinary Fortran program");
    let weather = folder.path().join("weather");
    let rainfall = folder.path().join("rainfall");
    let c_source = examples.join("c").join("weather.c");
    let fortran_source = examples.join("fortran").join("rainfall.f90");
    run::output(Command::new("cc").args(hdf5.compile_c(&c_source, &weather)))?;
    run::output(Command::new("gfortran").args(hdf5.compile_fortran(
        &fortran_source,
        &rainfall,
        folder.path(),
    )))?;

    let store = folder.path().join("store");
    run::heading("Starting h5rest serve with an empty store");
    let server = H5rest::on_disk(&store)?;
    let endpoint = server.endpoint();
    println!("    listening on {}", endpoint.url);
    println!("    what every program below gets in its environment:");
    for (name, value) in connector::environment(endpoint)? {
        println!("      export {name}={value}");
    }

    let python3 = python::program(python::H5PY, "python3")?;
    show(
        "The C program writes and reads",
        endpoint,
        Program::new(weather).arg(FILE),
    )?;
    show(
        "The Fortran program adds a dataset",
        endpoint,
        Program::new(rainfall).arg(FILE),
    )?;
    show(
        "h5ls -r",
        endpoint,
        Program::new(hdf5.program("h5ls")).args(["-r", FILE]),
    )?;
    show(
        "h5dump",
        endpoint,
        Program::new(hdf5.program("h5dump")).arg(FILE),
    )?;
    show(
        "h5py from its wheel, with an HDF5 of its own",
        endpoint,
        Program::new(python3)
            .arg(examples.join("python").join("look.py"))
            .arg(FILE),
    )?;

    run::heading("Stopping the server");
    let status = server.stop()?;
    println!("    h5rest ended with {status}");
    Ok(())
}

fn show(title: &str, endpoint: &Endpoint, program: Program) -> Result<()> {
    run::heading(title);
    print!("{}", program.through_connector(endpoint)?.run()?.success()?);
    Ok(())
}
