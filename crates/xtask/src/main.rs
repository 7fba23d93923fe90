//! The commands that people and CI run on this repository: `cargo xtask <command>`.
#![forbid(unsafe_code)]

mod bench;
mod builds;
mod conformance;
mod demo;
mod examples;
mod fuzz;
mod growth;
mod h5py;
mod header;
mod load;
mod memcheck;
mod parity;
mod reliability;
mod run;
mod setup;
mod target;
mod test;
mod tools;
mod wheel;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use h5rest_testkit::build::repository;

/// Commands of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", about)]
enum Command {
    /// Install and build what tests and the demonstration need (once, into the user's cache)
    Setup,
    /// Make include/hdf5_vol_rest.h of the C API's source
    Header {
        /// Only say whether the one in the repository is current
        #[arg(long)]
        check: bool,
    },
    /// Show unmodified C, Fortran, tool and Python programs on data behind a server
    Demo,
    /// Run every test there is
    Test,
    /// Measure 64 MiB of data: connector, plain HTTP, native HDF5
    Bench,
    /// Count requests, time and memory as a domain grows: ten times the objects, eleven times the cost
    Growth(growth::Options),
    /// Measure small requests per second on h5rest and HSDS
    Load(load::Options),
    /// Run HDF5's own API tests through the connector and compare with the expected results
    Conformance(conformance::Options),
    /// Run HDF5's example programs natively and through the connector and compare what they print
    Examples(examples::Options),
    /// Run HDF5's tools, h5rest put and h5rest get on every sample file of HDF5
    Tools(tools::Options),
    /// Run h5py's own tests natively and through the connector and compare what passes
    H5py(h5py::Options),
    /// Build HDF5 for MPI, and with the connector taken in, and run what belongs to each
    Builds(builds::Options),
    /// Run programs and suites with AddressSanitizer and tell what is wrong in this project's code
    Memcheck(memcheck::Options),
    /// Run random programs natively and through the connector and compare every answer
    Parity(parity::Options),
    /// Break, kill, load and wear out everything, and print the table of docs/RELIABILITY.md
    Reliability(reliability::Options),
    /// Run the fuzz targets: random bytes for everything that reads bytes of the network
    Fuzz(fuzz::Options),
    /// Start a real HSDS on loopback, print its address, and keep it until standard input ends
    Hsds,
}

fn main() -> ExitCode {
    match carry_out(Command::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> Result<ExitCode> {
    match command {
        Command::Setup => setup::run()?,
        Command::Header { check: true } => header::check(repository())?,
        Command::Header { check: false } => {
            println!("{}", header::write(repository())?.display());
        }
        Command::Demo => demo::run()?,
        Command::Bench => bench::run()?,
        Command::Growth(options) => {
            if !growth::run(&options)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Load(options) => load::run(&options)?,
        Command::Test => {
            if test::run().failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Conformance(options) => {
            let counts = conformance::run(&options)?;
            println!("{} passed, {} failed", counts.passed, counts.worse);
            if counts.worse > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Examples(options) => {
            let counts = examples::run(&options)?;
            println!("{} passed, {} failed", counts.passed, counts.failed);
            if counts.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Tools(options) => {
            let counts = tools::run(&options)?;
            println!("{} passed, {} failed", counts.passed, counts.failed);
            if counts.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::H5py(options) => {
            let counts = h5py::run(&options)?;
            println!("{} passed, {} failed", counts.passed, counts.failed);
            if counts.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Builds(options) => {
            let counts = builds::run(&options)?;
            println!("{} passed, {} failed", counts.passed, counts.failed);
            if counts.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Memcheck(options) => {
            let counts = memcheck::run(&options)?;
            println!(
                "{} clean, {} errors and leaks",
                counts.clean, counts.findings
            );
            if counts.findings > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Parity(options) => {
            let counts = parity::run(&options)?;
            if counts.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Reliability(options) => {
            let counts = reliability::run(&options)?;
            println!("{} passed, {} failed", counts.passed, counts.failed);
            if counts.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Fuzz(options) => {
            let counts = fuzz::run(&options)?;
            if counts.failed > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Hsds => serve_hsds()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A real HSDS for trying things by hand.
fn serve_hsds() -> Result<()> {
    let server = h5rest_testkit::Hsds::start()?;
    println!("READY {}", server.endpoint().url);
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}
