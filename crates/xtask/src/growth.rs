//! `cargo xtask growth`: what it costs to walk domains of more and more objects on `h5rest`. Ten times
//! the objects may cost at most eleven times the requests and the time.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Counter, Endpoint, H5rest, Program, TestDomain, build};

use crate::{run, setup};

/// How often each walk runs; the best time counts.
const RUNS: usize = 3;
/// How much more ten times the objects may cost.
const MOST: f64 = 11.0;
/// Times of less than this say more about the machine than about the work.
const LEAST_SECONDS: f64 = 0.05;

/// How far it goes.
#[derive(Args, Debug)]
pub struct Options {
    /// The largest number of objects
    #[arg(long, default_value_t = 100_000)]
    most: usize,
    /// Bytes that the connector may keep of objects that are not open (HDF5_REST_CACHE)
    #[arg(long)]
    cache: Option<u64>,
}

/// What one walk over a domain cost.
#[derive(Clone, Copy, Debug)]
struct Cost {
    requests: usize,
    seconds: f64,
}

/// Walks over domains of 1,000 objects and more, prints a table, and says whether the cost grows no
/// faster than it may.
pub fn run(options: &Options) -> Result<bool> {
    setup::run()?;
    build::folder()?;
    let folder = tempfile::tempdir()?;
    let trees = compile(folder.path())?;
    let server = H5rest::in_memory()?;
    let mut steady = true;
    println!("| walk | objects | requests | seconds | requests, times | seconds, times |");
    println!("|---|---|---|---|---|---|");
    for (tool, arguments, shape) in [
        ("h5ls", ["-r"].as_slice(), "flat"),
        ("h5ls", &["-r"], "square"),
        ("h5ls", &["-r"], "binary"),
        ("h5dump", &["-H"], "mixed"),
    ] {
        let mut before: Option<Cost> = None;
        let mut objects = 1000;
        while objects <= options.most {
            let domain = TestDomain::new(server.endpoint(), shape);
            let fill = Program::new(&trees).args([shape, &objects.to_string()]);
            let fill = fill
                .arg(domain.path())
                .through_connector(server.endpoint())?;
            fill.time_limit(std::time::Duration::from_secs(1800))
                .run()?
                .success()?;
            let walk = Walk {
                tool,
                arguments,
                options,
            };
            let cost = walk.best(server.endpoint(), domain.path())?;
            let times = before.map(|before| {
                let seconds = cost.seconds / before.seconds.max(LEAST_SECONDS);
                (cost.requests as f64 / before.requests as f64, seconds)
            });
            let shown = |times: Option<f64>| times.map_or(String::new(), |t| format!("{t:.1}"));
            println!(
                "| {tool} {} ({shape}) | {objects} | {} | {:.3} | {} | {} |",
                arguments.join(" "),
                cost.requests,
                cost.seconds,
                shown(times.map(|times| times.0)),
                shown(times.map(|times| times.1)),
            );
            steady &= times.is_none_or(|(requests, seconds)| requests <= MOST && seconds <= MOST);
            before = Some(cost);
            objects *= 10;
        }
    }
    Ok(steady)
}

fn compile(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("trees");
    let source = build::repository().join("c-tests/requests/trees.c");
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    run::output(Command::new("cc").args(hdf5.compile_c(&source, &program)))?;
    Ok(program)
}

/// A tool that walks over a whole domain.
struct Walk<'a> {
    tool: &'a str,
    arguments: &'a [&'a str],
    options: &'a Options,
}

impl Walk<'_> {
    fn best(&self, endpoint: &Endpoint, path: &str) -> Result<Cost> {
        let counter = Counter::before(endpoint)?;
        let mut best: Option<Cost> = None;
        for _ in 0..RUNS {
            let tool = hdf5::installation(Version::V1_14_5)?.program(self.tool);
            let mut program = Program::new(tool).args(self.arguments).arg(path);
            if let Some(bytes) = self.options.cache {
                program = program.env("HDF5_REST_CACHE", bytes.to_string());
            }
            let program = program.through_connector(counter.endpoint())?;
            let started = Instant::now();
            program
                .time_limit(std::time::Duration::from_secs(600))
                .run()?
                .success()?;
            let cost = Cost {
                requests: counter.take().total(),
                seconds: started.elapsed().as_secs_f64(),
            };
            if best.is_none_or(|best| cost.seconds < best.seconds) {
                best = Some(cost);
            }
        }
        best.ok_or_else(|| anyhow::anyhow!("nothing was measured"))
    }
}
