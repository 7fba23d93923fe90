//! `cargo xtask bench`: one job (64 MiB of doubles, chunks of 256 x 1024: write, read, 64 scattered
//! boxes) on a local file, through the connector on both servers, by h5pyd, and, as floors, the
//! same bytes by plain HTTP from the same servers and by bare TCP connections. Everything in one
//! run on one machine, best of several.

mod jobs;
mod tcp;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, H5rest, Hsds, TestDomain, build};

use crate::{run, setup};

/// How often each job runs; the best counts.
const RUNS: usize = 7;
/// Size of the data.
const BYTES: usize = 64 << 20;

/// Seconds by job (`write`, `read`, `boxes`).
type Times = BTreeMap<String, f64>;

/// Name and times of each line of the table.
type Rows = Vec<(String, Times)>;

/// Runs everything and prints the table.
pub fn run() -> Result<()> {
    setup::run()?;
    build::release()?;
    let folder = tempfile::tempdir()?;
    let bench = Bench {
        program: folder.path().join("transfer"),
        folder: folder.path().to_owned(),
    };
    bench.compile()?;
    let mut rows = Rows::new();
    for connections in [1, 4] {
        let name = format!("raw TCP copy, {connections} at once");
        rows.push((name, best(|| tcp::copy(connections))?));
    }
    let local = bench.folder.join("local.h5").display().to_string();
    let native = best(|| jobs::transfer(&bench.program, &local, None))?;
    rows.push(("native HDF5, local file".into(), native));
    {
        let server = H5rest::in_memory()?;
        bench.on_server("h5rest --memory", server.endpoint(), &mut rows)?;
    }
    {
        let server = H5rest::on_disk(&bench.folder.join("store"))?;
        bench.on_server("h5rest", server.endpoint(), &mut rows)?;
    }
    {
        let server = Hsds::start()?;
        bench.on_server("HSDS", server.endpoint(), &mut rows)?;
        let domain = TestDomain::new(server.endpoint(), "bench");
        let script = bench.folder.join("h5pyd.py");
        std::fs::write(&script, include_str!("h5pyd.py"))?;
        let h5pyd = best(|| jobs::h5pyd(&script, domain.path(), server.endpoint()))?;
        rows.push(("h5pyd on HSDS".into(), h5pyd));
    }
    print(&rows);
    Ok(())
}

/// What all jobs need.
struct Bench {
    /// The compiled C program.
    program: PathBuf,
    /// Where files go.
    folder: PathBuf,
}

impl Bench {
    fn compile(&self) -> Result<()> {
        let hdf5 = hdf5::installation(Version::V1_14_5)?;
        let source = Path::new("c-tests").join("bench").join("transfer.c");
        let source = build::repository().join(source);
        run::output(Command::new("cc").args(hdf5.compile_c(&source, &self.program))).map(drop)
    }

    /// The job through the connector, and the same bytes by plain HTTP.
    fn on_server(&self, name: &str, endpoint: &Endpoint, rows: &mut Rows) -> Result<()> {
        let domain = TestDomain::new(endpoint, "bench");
        let through = best(|| jobs::transfer(&self.program, domain.path(), Some(endpoint)))?;
        rows.push((format!("connector on {name}"), through));
        let plain = best(|| jobs::plain_http(endpoint, domain.path(), &self.folder))?;
        rows.push((format!("plain HTTP on {name}"), plain));
        Ok(())
    }
}

/// The best time of each job over several runs.
fn best(mut run: impl FnMut() -> Result<Times>) -> Result<Times> {
    let mut best = run()?;
    for _ in 1..RUNS {
        for (name, seconds) in run()? {
            best.entry(name)
                .and_modify(|known| *known = known.min(seconds));
        }
    }
    Ok(best)
}

fn print(rows: &Rows) {
    println!("64 MiB of doubles, chunks of 256 x 1024, best of {RUNS} (seconds; MiB per second)");
    println!(
        "{:32} {:>16} {:>16} {:>16}",
        "", "write", "read", "64 boxes 64 x 64"
    );
    let mebibytes = BYTES as f64 / f64::from(1 << 20);
    for (name, times) in rows {
        let cell = |job: &str| match times.get(job) {
            Some(seconds) if job == "boxes" => format!("{seconds:.4}"),
            Some(seconds) => format!("{seconds:.4} {:7.0}", mebibytes / seconds),
            None => "-".to_owned(),
        };
        println!(
            "{name:32} {:>16} {:>16} {:>16}",
            cell("write"),
            cell("read"),
            cell("boxes")
        );
    }
}
