//! Random programs, carried out on a native HDF5 file and through the connector and compared call
//! by call. `cargo xtask parity` runs it; see docs/ARCHITECTURE.md. The fuzz target `programs` has them made
//! of its bytes.
#![deny(unsafe_code)]

mod alone;
mod compare;
mod generate;
#[allow(unsafe_code, reason = "the library's functions")]
mod hdf5;
mod program;
mod rules;
mod run;
mod session;
mod shrink;
mod worker;
mod workers;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

pub use alone::{Alone, load};

/// Compares random programs on native files and through the connector.
#[derive(Parser)]
enum Command {
    /// Carry out kept programs, and random ones
    Run(session::Options),
    /// Print the program of a seed
    Show {
        /// The seed
        seed: u64,
    },
    /// Carry out what a parent process sends
    #[command(hide = true)]
    Worker(worker::Options),
}

/// Carries out the command line.
///
/// # Errors
/// When servers, workers or HDF5 cannot be started.
pub fn carry_out() -> Result<ExitCode> {
    match Command::parse() {
        Command::Run(options) => {
            let failed = session::run(&options)?;
            if failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Show { seed } => print!("{}", session::readable(&generate::program(seed))),
        Command::Worker(options) => worker::serve(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}
