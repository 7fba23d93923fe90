//! `cargo xtask reliability`: everything that breaks, kills, loads and wears out, in one run, and the table
//! of its figures that docs/RELIABILITY.md shows. A short form of it is a step of `cargo xtask test`.
//!
//! - `faults`: random programs whose requests meet faults, on both servers and both releases of HDF5;
//! - `kills`: the server killed and cut off from power, programs killed while they write;
//! - `clients`: a thousand clients that read and write at once, each of which knows what it must find;
//! - `processes`: programs that write one file at the same time;
//! - `soak`: one program that does the same for a long time, beside all the others.

mod clients;
mod faults;
mod figures;
mod history;
mod kills;
mod processes;
mod soak;

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};
use h5rest_testkit::build;

use crate::test::Counts;
use crate::{run, setup};
use figures::Figure;

/// How much of it.
#[derive(Debug, Args)]
pub struct Options {
    /// Two minutes: what `cargo xtask test` runs
    #[arg(long, conflicts_with = "long")]
    short: bool,
    /// Hours: what docs/RELIABILITY.md shows
    #[arg(long)]
    long: bool,
    /// Seconds of load by clients and processes, in place of those of the form
    #[arg(long)]
    seconds: Option<u64>,
    /// Seconds of the soak, in place of those of the form
    #[arg(long)]
    soak_seconds: Option<u64>,
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Part::ALL)]
    parts: Vec<Part>,
}

/// A part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Random programs through faults
    Faults,
    /// Servers and programs that are killed
    Kills,
    /// A thousand clients
    Clients,
    /// Many programs on one file
    Processes,
    /// One program for a long time
    Soak,
}

impl Part {
    const ALL: [Self; 5] = [
        Self::Faults,
        Self::Kills,
        Self::Clients,
        Self::Processes,
        Self::Soak,
    ];
}

/// How much of each part.
#[derive(Clone, Copy, Debug)]
struct Extent {
    /// Random programs with faults on h5rest; a share of them on HSDS and on HDF5 2.2.0.
    programs: u64,
    /// Whether they run with faults that `cargo xtask test` has in steps of their own.
    all_faults: bool,
    /// How often the server is killed, and as often cut off from power.
    server_kills: u64,
    /// How often a program is killed.
    program_kills: u64,
    clients: usize,
    processes: usize,
    /// Of load.
    seconds: u64,
    soak_seconds: u64,
}

const SHORT: Extent = Extent {
    programs: 150,
    all_faults: false,
    server_kills: 0,
    program_kills: 15,
    clients: 1000,
    processes: 50,
    seconds: 15,
    soak_seconds: 15,
};

const MIDDLE: Extent = Extent {
    programs: 2_000,
    all_faults: true,
    server_kills: 100,
    program_kills: 100,
    clients: 1000,
    processes: 50,
    seconds: 60,
    soak_seconds: 300,
};

const LONG: Extent = Extent {
    programs: 10_000,
    all_faults: true,
    server_kills: 1_000,
    program_kills: 1_000,
    clients: 1000,
    processes: 50,
    seconds: 600,
    soak_seconds: 3_600,
};

impl Options {
    /// What `cargo xtask test` runs.
    pub fn short() -> Self {
        Self {
            short: true,
            long: false,
            seconds: None,
            soak_seconds: None,
            parts: Part::ALL.into(),
        }
    }

    fn extent(&self) -> Extent {
        let extent = match (self.short, self.long) {
            (true, _) => SHORT,
            (_, true) => LONG,
            _ => MIDDLE,
        };
        Extent {
            seconds: self.seconds.unwrap_or(extent.seconds),
            soak_seconds: self.soak_seconds.unwrap_or(extent.soak_seconds),
            ..extent
        }
    }
}

/// Runs the parts and prints the table. Each line of it counts as one test.
///
/// # Errors
/// When something cannot be built or started.
pub fn run(options: &Options) -> Result<Counts> {
    setup::run()?;
    build::folder()?;
    let extent = options.extent();
    let started = Instant::now();
    let mut figures = Vec::new();
    thread::scope(|scope| -> Result<()> {
        // One program with one thread, which waits for its server half of the time: beside the others.
        let soak = options.parts.contains(&Part::Soak).then(|| {
            scope.spawn(|| {
                let mut figures = Vec::new();
                soak::run(extent, &mut figures);
                figures
            })
        });
        for part in &options.parts {
            run::heading(&format!("Reliability: {part:?}"));
            match part {
                Part::Faults => faults::run(extent, &mut figures),
                Part::Kills => kills::run(extent, &mut figures),
                Part::Clients => clients::run(extent, &mut figures),
                Part::Processes => processes::run(extent, &mut figures),
                Part::Soak => println!("    (since the beginning)"),
            }
        }
        if let Some(soak) = soak {
            let soaked = soak.join();
            figures.extend(soaked.map_err(|_| anyhow!("the soak's thread broke down"))?);
        }
        Ok(())
    })?;
    figures::print(&figures, started.elapsed());
    let failed = figures.iter().filter(|figure| !figure.is_good()).count();
    Ok(Counts {
        passed: figures.len() - failed,
        failed,
    })
}

/// Adds the figure of one thing that was tried, or what kept it from being tried, and says how it went.
fn add(figures: &mut Vec<Figure>, what: &str, tried: impl FnOnce() -> Result<Figure>) {
    let started = Instant::now();
    let mut figure = tried().unwrap_or_else(|error| Figure::failed(format!("{error:#}")));
    figure.what = what.to_owned();
    figure.took = started.elapsed();
    println!("    {figure}");
    figures.push(figure);
}
