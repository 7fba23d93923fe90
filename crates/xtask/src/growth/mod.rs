//! `cargo xtask growth`: what it costs to make, walk, write and read more and more objects and bytes on
//! `h5rest`. Ten times the work may cost at most eleven times the requests and the time, and memory
//! may not grow with it.

mod bytes;
mod cost;
mod objects;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Args;
use h5rest_testkit::build::{self, repository};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Counter, H5rest};

use crate::{run, setup};
use cost::Cost;

/// How far it goes.
#[derive(Args, Debug)]
pub struct Options {
    /// The largest number of objects; with 0 only bytes are moved
    #[arg(long, default_value_t = 100_000)]
    objects: usize,
    /// The largest number of MiB
    #[arg(long, default_value_t = 8000)]
    mebibytes: usize,
    /// Bytes that the connector may keep of objects that are not open (HDF5_REST_CACHE)
    #[arg(long)]
    cache: Option<u64>,
}

/// What everything is measured with.
struct Bench {
    server: H5rest,
    /// Between programs and server.
    counter: Counter,
    programs: Programs,
    cache: Option<u64>,
    /// Where local files go.
    folder: PathBuf,
}

impl Bench {
    /// A domain's path. The server, and with it what it stores, is gone after the run.
    fn domain(&self, name: &str) -> String {
        format!("/home/{}/{name}.h5", self.server.endpoint().username)
    }

    /// A local file's path; it is gone after the run, too.
    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

/// Programs of `c-tests/requests`, built.
struct Programs {
    peak: PathBuf,
    trees: PathBuf,
    bytes: PathBuf,
}

impl Programs {
    fn build(folder: &Path) -> Result<Self> {
        let compile = |name: &str| -> Result<PathBuf> {
            let program = folder.join(name);
            let source = repository().join(format!("c-tests/requests/{name}.c"));
            let hdf5 = hdf5::installation(Version::V1_14_5)?;
            let mut compiler = Command::new("cc");
            compiler.arg("-O2").args(hdf5.compile_c(&source, &program));
            run::output(&mut compiler)?;
            Ok(program)
        };
        Ok(Self {
            peak: compile("peak")?,
            trees: compile("trees")?,
            bytes: compile("bytes")?,
        })
    }
}

/// Measures everything, prints a table, and says whether the cost grows no faster than it may.
pub fn run(options: &Options) -> Result<bool> {
    setup::run()?;
    build::use_folder(build::release()?);
    let folder = tempfile::tempdir()?;
    let server = H5rest::on_disk(&folder.path().join("store"))?;
    let bench = Bench {
        counter: Counter::before(server.endpoint())?,
        server,
        programs: Programs::build(folder.path())?,
        cache: options.cache,
        folder: folder.path().to_owned(),
    };
    println!(
        "| work | size | requests | seconds | times: requests | times: seconds \
         | program, MiB | h5rest, MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut steady = true;
    steady &= objects::run(&bench, options.objects)?;
    steady &= bytes::run(&bench, options.mebibytes)?;
    Ok(steady)
}

/// Measures the same work at sizes that grow tenfold, prints a line for each, and says whether the
/// cost grows no faster than it may.
fn grow(
    work: &str,
    sizes: &[usize],
    unit: &str,
    mut measure: impl FnMut(usize) -> Result<Cost>,
) -> Result<bool> {
    let mut steady = true;
    let mut before: Option<Cost> = None;
    for size in sizes {
        let cost = measure(*size)?;
        let times = before.map(|before| cost.times(&before));
        println!("| {work} | {size} {unit} | {} |", cost.row(times.as_ref()));
        steady &= times.is_none_or(|times| times.steady());
        before = Some(cost);
    }
    Ok(steady)
}

/// 10, 100, 1000 ... times `first`, to `most`.
fn tenfold(first: usize, most: usize) -> Vec<usize> {
    std::iter::successors(Some(first), |size| size.checked_mul(10))
        .take_while(|size| *size <= most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow_tenfold() {
        assert_eq!(tenfold(8, 8000), [8, 80, 800, 8000]);
        assert_eq!(tenfold(1000, 99_999), [1000, 10_000]);
    }
}
