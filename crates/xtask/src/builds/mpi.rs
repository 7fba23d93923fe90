//! HDF5 built for MPI: four processes that MPI started write parts of one file at the same time.

use std::process::Command;

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Installation, Version};
use h5rest_testkit::{Endpoint, H5rest, Hsds, Program, TestDomain, cache};

use crate::{run, setup};

/// Lines of `processes.c`: three datasets, read by four processes.
const LINES: usize = 12;

/// Runs the program on both servers and returns how many tests passed.
pub fn run() -> Result<usize> {
    setup::mpi()?;
    let hdf5 = Installation {
        version: Version::V1_14_5,
        prefix: cache::completed(hdf5::MPI)?,
    };
    let work = tempfile::tempdir()?;
    let program = work.path().join("processes");
    let source = repository().join("tests/programs/processes.c");
    run::output(
        Command::new("mpicc")
            .arg("-DWITH_MPI")
            .args(hdf5.compile_c(&source, &program)),
    )?;
    let four_times = |endpoint: &Endpoint| -> Result<()> {
        let domain = TestDomain::new(endpoint, "mpi");
        let printed = Program::new("mpiexec")
            .args(["--allow-run-as-root", "--oversubscribe", "-n", "4"])
            .arg(&program)
            .arg(domain.path())
            .through_connector(endpoint)?
            .run()?
            .success()?;
        let right = |line: &&str| line.ends_with(": 0 wrong");
        ensure!(printed.lines().filter(right).count() == LINES, "{printed}");
        Ok(())
    };
    four_times(H5rest::in_memory()?.endpoint())?;
    println!("same      four processes of MPI on h5rest");
    four_times(Hsds::start()?.endpoint())?;
    println!("same      four processes of MPI on HSDS");
    Ok(2)
}
