//! Whether a process that does the same again and again needs more and more: for `cycles.c` in the tests and
//! in `cargo xtask reliability`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::build::repository;
use crate::hdf5::{self, Version};
use crate::{Endpoint, Program, TestDomain};

/// Memory that may come and go between two parts of a run, in KiB, and as a share of what there is: pages
/// of the allocator that are given back or not.
const MEMORY: (u64, u64) = (512, 50);
/// Descriptors and threads that may be there at all times of one part of a run and not of another: a
/// connection, the thread that sends what is a second old.
const MOMENTARY: u64 = 1;
/// Samples by which a run can be judged.
const FEWEST: usize = 9;
/// What `cycles` may take beyond its own limit.
const GRACE: Duration = Duration::from_secs(60);

/// What a process had at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How often it had done everything.
    pub cycles: u64,
    /// Its memory, in KiB.
    pub memory: u64,
    /// Its open files and sockets.
    pub descriptors: u64,
    /// Its threads.
    pub threads: u64,
    /// What HDF5 had open for it.
    pub objects: u64,
}

/// For how long the cycles go on.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// How many there are, at most.
    pub cycles: u64,
    /// When they end in any case.
    pub time: Duration,
    /// After how many a sample is taken.
    pub every: u64,
}

/// Builds one of the C programs of `tests/programs` with an HDF5 release, in `folder`.
///
/// # Errors
/// When it cannot be built.
pub fn build(version: Version, name: &str, folder: &Path) -> Result<PathBuf> {
    let source = repository().join("tests/programs").join(name);
    let program = folder.join(format!("{name}-{}", version.number()));
    let arguments = hdf5::installation(version)?.compile_c(&source, &program);
    let output = std::process::Command::new("cc").args(arguments).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cc: {errors}");
    Ok(program)
}

/// Runs the program `cycles` through the connector.
///
/// # Errors
/// When it fails.
pub fn run(program: &Path, endpoint: &Endpoint, extent: Extent) -> Result<Vec<Sample>> {
    let domain = TestDomain::new(endpoint, "cycles");
    let printed = Program::new(program)
        .arg(domain.path())
        .arg(extent.cycles.to_string())
        .arg(extent.time.as_secs().to_string())
        .arg(extent.every.to_string())
        .through_connector(endpoint)?
        .time_limit(extent.time + GRACE)
        .run()?
        .success()?;
    samples(&printed)
}

fn samples(printed: &str) -> Result<Vec<Sample>> {
    let sample = |line: &str| -> Result<Sample> {
        let numbers: Result<Vec<u64>, _> = line.split(' ').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[cycles, memory, descriptors, threads, objects]) => Ok(Sample {
                cycles,
                memory,
                descriptors,
                threads,
                objects,
            }),
            _ => bail!("expected five numbers, got {line:?}"),
        }
    };
    printed.lines().map(sample).collect()
}

/// Fails if a run needed more in its last third than in the one before. In the first one caches fill.
///
/// # Errors
/// What has grown, and by how much.
pub fn check(samples: &[Sample]) -> Result<()> {
    ensure!(
        samples.len() >= FEWEST,
        "{} samples are too few to judge by",
        samples.len()
    );
    let third = samples.len() / 3;
    let (middle, last) = samples[third..].split_at(third);
    let most = |part: &[Sample], of: fn(&Sample) -> u64| part.iter().map(of).max();
    // Threads that have ended are there until the system gives them a moment, twenty of them on a busy
    // machine. What leaks has leaked in every cycle, so it is there at all times.
    let least = |part: &[Sample], of: fn(&Sample) -> u64| part.iter().map(of).min();
    let grown =
        |what: &str, of: fn(&Sample) -> u64, how: How, room: fn(u64) -> u64| -> Result<()> {
            let figure = |part: &[Sample]| match how {
                How::Most => most(part, of),
                How::Least => least(part, of),
            };
            let before = figure(middle).context("no samples")?;
            let after = figure(last).context("no samples")?;
            ensure!(
                after <= before + room(before),
                "{what} grew from {before} to {after} between cycles {} and {}: {samples:#?}",
                middle[0].cycles,
                last[last.len() - 1].cycles
            );
            Ok(())
        };
    grown(
        "memory (KiB)",
        |sample| sample.memory,
        How::Most,
        |all| MEMORY.0.max(all / MEMORY.1),
    )?;
    let descriptors = |sample: &Sample| sample.descriptors;
    grown("open files", descriptors, How::Least, |_| MOMENTARY)?;
    let threads = |sample: &Sample| sample.threads;
    grown("threads", threads, How::Least, |_| MOMENTARY)?;
    let objects = |sample: &Sample| sample.objects;
    grown("open objects", objects, How::Most, |_| 0)
}

/// Which figure of a part of a run counts.
#[derive(Clone, Copy)]
enum How {
    Most,
    Least,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_of(memory: impl Fn(u64) -> u64, threads: impl Fn(u64) -> u64) -> Vec<Sample> {
        let sample = |cycles| Sample {
            cycles,
            memory: memory(cycles),
            descriptors: 6,
            threads: threads(cycles),
            objects: 0,
        };
        (1..=12).map(|number| sample(number * 100)).collect()
    }

    #[test]
    fn what_leaks_in_every_cycle_is_found() {
        let flat = |_| 20_000;
        let one = |_| 1;
        assert!(check(&run_of(flat, one)).is_ok());
        assert!(check(&run_of(|cycles| 20_000 + cycles.min(400), one)).is_ok());
        assert!(check(&run_of(|cycles| 20_000 + 2 * cycles, one)).is_err());
        assert!(check(&run_of(flat, |cycles| cycles / 100 % 2)).is_ok());
        assert!(check(&run_of(flat, |cycles| cycles / 50)).is_err());
        assert!(check(&run_of(flat, |cycles| if cycles == 1000 { 21 } else { 1 })).is_ok());
        assert!(check(&run_of(flat, one)[..8]).is_err());
    }

    #[test]
    fn lines_are_read() {
        let found = samples("100 21896 6 2 0\n200 21908 6 1 0\n").unwrap();
        assert_eq!((found[1].memory, found[0].threads), (21_908, 2));
        assert!(samples("100 21896 6\n").is_err());
    }
}
