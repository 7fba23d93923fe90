//! `cargo xtask parity`: random programs on native files and through the connector. The programs and
//! the comparison are the package h5rest-parity; this builds and runs it.

use std::process::Command;

use anyhow::Result;
use h5rest_testkit::build;

use crate::test::{Counts, cargo, counted};

/// Random programs unless another number is asked for.
const CASES: u64 = 10_000;

/// Processes unless another number is asked for.
const WORKERS: u64 = 2;

/// What to run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many random programs
    #[arg(long, default_value_t = CASES)]
    cases: u64,
    /// The first program's seed; the others' follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server: h5rest or hsds
    #[arg(long, default_value = "h5rest")]
    target: String,
    /// The HDF5 release: 1.14.5 or 2.2.0
    #[arg(long, default_value = "1.14.5")]
    hdf5: String,
    /// Whether changes of metadata may be sent later: on or off
    #[arg(long, default_value = "on")]
    write_behind: String,
    /// HDF5_REST_CACHE of the programs, in bytes; 0 switches the caches off
    #[arg(long)]
    cache: Option<u64>,
    /// What happens to requests on their way: hidden (faults that the connector must hide), storms
    /// (calls may fail, and nothing may be wrong) or lies (answers that cannot be: programs survive);
    /// kills end the program itself, which leaves what it has flushed
    #[arg(long)]
    faults: Option<String>,
    /// How many processes
    #[arg(long, default_value_t = WORKERS)]
    workers: u64,
}

impl Options {
    /// What `cargo xtask test` runs with faults that the connector must hide, or with storms. Most of
    /// the time is spent waiting.
    pub fn with_faults(faults: &str, cases: u64) -> Self {
        Self {
            cases,
            faults: Some(faults.into()),
            workers: 4 * WORKERS,
            ..Self::default()
        }
    }

    /// Programs with faults on one of the servers and one of the releases of HDF5.
    pub fn with(faults: &str, target: &str, hdf5: &str, cases: u64) -> Self {
        Self {
            target: target.into(),
            hdf5: hdf5.into(),
            ..Self::with_faults(faults, cases)
        }
    }

    /// What `cargo xtask test` runs with everything sent at once and nothing kept.
    pub fn without_caches() -> Self {
        Self {
            cases: CASES / 5,
            write_behind: "off".into(),
            cache: Some(0),
            ..Self::default()
        }
    }
}

impl Default for Options {
    /// What `cargo xtask test` runs.
    fn default() -> Self {
        Self {
            cases: CASES,
            seed: 1,
            target: "h5rest".into(),
            hdf5: "1.14.5".into(),
            write_behind: "on".into(),
            cache: None,
            faults: None,
            workers: WORKERS,
        }
    }
}

/// Runs the kept programs and the random ones.
///
/// # Errors
/// When something cannot be built or started.
pub fn run(options: &Options) -> Result<Counts> {
    counted(&mut command(options)?, counts)
}

/// The command that does so.
///
/// # Errors
/// When plugin and server cannot be built.
pub(crate) fn command(options: &Options) -> Result<Command> {
    let mut command: Command = cargo();
    command
        .args(["run", "--quiet", "--release", "--package", "h5rest-parity"])
        .args(["--", "run"])
        .args(["--cases", &options.cases.to_string()])
        .args(["--seed", &options.seed.to_string()])
        .args(["--target", &options.target])
        .args(["--hdf5", &options.hdf5])
        .args(["--write-behind", &options.write_behind])
        .args(["--workers", &options.workers.to_string()])
        .env("H5REST_BUILD_DIR", build::folder()?);
    if let Some(faults) = &options.faults {
        command.args(["--faults", faults]);
    }
    if let Some(bytes) = options.cache {
        command.env("HDF5_REST_CACHE", bytes.to_string());
    }
    Ok(command)
}

/// `parity: 10000 passed, 0 failed`
pub(crate) fn counts(line: &str) -> Option<Counts> {
    let counts = line.strip_prefix("parity: ")?.strip_suffix(" failed")?;
    let (passed, failed) = counts.split_once(" passed, ")?;
    Some(Counts {
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_line_is_read() {
        let expected = Counts {
            passed: 9_998,
            failed: 2,
        };
        assert_eq!(counts("parity: 9998 passed, 2 failed"), Some(expected));
        assert_eq!(counts("56 programs a second"), None);
    }
}
