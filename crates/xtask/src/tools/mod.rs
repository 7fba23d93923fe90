//! `cargo xtask tools`: HDF5's command-line tools, unmodified, on every sample file of HDF5's source
//! that its own h5repack can copy: up to a server, shown there, and back down. So do `h5rest put` and
//! `h5rest get`.
//!
//! What cannot be expected is named, with its reason, in `tests/tools/exceptions.txt`.

mod exceptions;
mod samples;
mod sides;
mod singles;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use h5rest_testkit::Endpoint;
use h5rest_testkit::hdf5::{self, Installation, Version};

use crate::setup;
use crate::target::Target;
use crate::test::Counts;
use exceptions::Exceptions;
use samples::{Outcome, Sample};

/// Samples at once: a tool and the server share the work of one.
const AT_ONCE: usize = 2;

/// What is asked for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The server behind the connector
    #[arg(long, value_enum, default_value = "h5rest")]
    target: Target,
    /// Only every so manieth sample
    #[arg(long, value_name = "N", default_value = "1")]
    every: usize,
    /// Only the samples with this text in their name, for example h5dump/testfiles/tall.h5
    name: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: Target::H5rest,
            every: 1,
            name: None,
        }
    }
}

/// Where the tools run.
struct Surroundings<'a> {
    hdf5: &'a Installation,
    endpoint: &'a Endpoint,
    exceptions: &'a Exceptions,
}

/// Runs the tools and prints a line for each sample.
pub fn run(options: &Options) -> Result<Counts> {
    setup::run()?;
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let mut samples = samples::all(&hdf5)?;
    let exceptions = Exceptions::read(&samples)?;
    if let Some(name) = &options.name {
        samples.retain(|sample| sample.name.contains(name.as_str()));
    }
    let samples: Vec<Sample> = samples.into_iter().step_by(options.every.max(1)).collect();
    if samples.is_empty() {
        bail!("no sample has {:?} in its name", options.name);
    }
    let server = options.target.start()?;
    let endpoint = server.endpoint();
    for folder in [samples::folder(endpoint), samples::folder_of_put(endpoint)] {
        endpoint.create_folder(&folder, &endpoint.username)?;
    }
    let surroundings = Surroundings {
        hdf5: &hdf5,
        endpoint,
        exceptions: &exceptions,
    };
    let mut counts = surroundings.all(&samples)?;
    for (name, outcome) in singles::run(&surroundings) {
        match outcome {
            Ok(()) => counts.passed += 1,
            Err(error) => {
                counts.failed += 1;
                println!("FAILED    {name}: {error:#}");
            }
        }
    }
    Ok(counts)
}

impl Surroundings<'_> {
    /// Goes through the samples, some at a time.
    fn all(&self, samples: &[Sample]) -> Result<Counts> {
        let next = AtomicUsize::new(0);
        let tally = Mutex::new(Tally::default());
        let work = tempfile::tempdir().context("cannot make a folder for the tools")?;
        let one_after_another = || {
            while let Some(sample) = samples.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcomes = samples::run(self, sample, work.path());
                let Ok(mut tally) = tally.lock() else { return };
                match outcomes {
                    None => tally.left_out += 1,
                    Some(outcomes) => {
                        for (check, outcome) in outcomes {
                            tally.add(sample, check, outcome);
                        }
                    }
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(one_after_another);
            }
        });
        let Tally {
            counts,
            left_out,
            refused,
        } = tally.into_inner().unwrap_or_default();
        println!("{left_out} samples left out: HDF5 itself cannot copy or read all of them");
        println!(
            "{refused} copies by h5repack refused by HDF5: its H5Lcopy takes soft and external links \
             to no other connector; h5rest put and get copied them"
        );
        Ok(counts)
    }
}

/// What became of all samples.
#[derive(Default)]
struct Tally {
    counts: Counts,
    left_out: usize,
    refused: usize,
}

impl Tally {
    fn add(&mut self, sample: &Sample, check: &str, outcome: Outcome) {
        match outcome {
            Outcome::Same => self.counts.passed += 1,
            Outcome::Excepted => {}
            Outcome::RefusedByHdf5 => self.refused += 1,
            Outcome::Better => {
                self.counts.passed += 1;
                println!(
                    "better: {check} {} needs no exception any more",
                    sample.name
                );
            }
            Outcome::Failed(error) => {
                self.counts.failed += 1;
                println!("FAILED    {check} {}: {error:#}", sample.name);
            }
        }
    }
}
