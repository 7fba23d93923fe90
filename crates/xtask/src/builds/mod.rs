//! `cargo xtask builds`: builds of HDF5 that take minutes each, and the same plugin in them: one for MPI
//! loads it in four processes; one takes the connector's source in (`HDF5_VOL_ALLOW_EXTERNAL`) and runs
//! HDF5's API tests on it.

mod mpi;
mod taken_in;

use anyhow::Result;
use clap::ValueEnum;

use crate::setup;
use crate::test::Counts;

/// What is asked for.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// Only this one
    #[arg(value_enum)]
    only: Option<Build>,
}

/// A way to build HDF5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Build {
    /// For MPI
    Mpi,
    /// With the connector as a part of HDF5's own build
    TakenIn,
}

/// Makes the builds, runs what belongs to them, and counts.
pub fn run(options: &Options) -> Result<Counts> {
    setup::run()?;
    let mut counts = Counts::default();
    for build in Build::value_variants() {
        if options.only.is_some_and(|only| only != *build) {
            continue;
        }
        let outcome = match build {
            Build::Mpi => mpi::run(),
            Build::TakenIn => taken_in::run(),
        };
        match outcome {
            Ok(passed) => counts.passed += passed,
            Err(error) => {
                counts.failed += 1;
                println!("FAILED    {build:?}: {error:#}");
            }
        }
    }
    Ok(counts)
}
