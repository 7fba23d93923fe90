//! `cargo xtask bench`: one job (64 MiB of doubles, chunks of 256 x 1024: write, read, 64 scattered
//! boxes) on a local file, through the connector on both servers, by h5pyd, and, as floors, the
//! same bytes by plain HTTP from the same servers and by bare TCP connections. A second job (200
//! groups with 800 attributes) in the same places. Both also with a server that is 20 ms away.
//! Everything in one run on one machine, best of several.

mod jobs;
pub(crate) mod tcp;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use h5rest_testkit::counter::Counter;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, H5rest, Hsds, TestDomain, build};

use crate::{run, setup};

/// How often each job runs; the best counts.
const RUNS: usize = 7;
/// Size of the data.
const BYTES: usize = 64 << 20;

/// How long a request takes more to a server that is far away.
const DELAY: Duration = Duration::from_millis(20);

/// Seconds by job (`write`, `read`, `boxes`).
pub(crate) type Times = BTreeMap<String, f64>;

/// Name and times of each line of the table.
type Rows = Vec<(String, Times)>;

/// Runs everything and prints the tables.
pub fn run() -> Result<()> {
    setup::run()?;
    build::folder()?;
    let folder = tempfile::tempdir()?;
    let mut bench = Bench::new(folder.path())?;
    for connections in [1, 4] {
        let name = format!("raw TCP copy, {connections} at once");
        bench
            .transfers
            .push((name, best(|| tcp::copy(connections))?));
    }
    bench.native()?;
    {
        let server = H5rest::in_memory()?;
        bench.on_server("h5rest --memory", server.endpoint())?;
        let distant = Counter::delayed(server.endpoint(), DELAY)?;
        bench.connector("h5rest --memory, 20 ms away", distant.endpoint())?;
    }
    {
        let server = H5rest::on_disk(&bench.folder.join("store"))?;
        bench.on_server("h5rest", server.endpoint())?;
    }
    {
        let server = Hsds::start()?;
        bench.on_server("HSDS", server.endpoint())?;
        bench.h5pyd(server.endpoint())?;
        let distant = Counter::delayed(server.endpoint(), DELAY)?;
        bench.connector("HSDS, 20 ms away", distant.endpoint())?;
    }
    bench.print();
    Ok(())
}

/// What all jobs need, and what they took.
struct Bench {
    /// Where files go.
    folder: PathBuf,
    /// The C program that moves values.
    transfer: PathBuf,
    /// The C program that makes and reads many small objects.
    metadata: PathBuf,
    transfers: Rows,
    objects: Rows,
}

impl Bench {
    fn new(folder: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            transfer: compile("bench/transfer.c", &folder.join("transfer"))?,
            metadata: compile("requests/metadata.c", &folder.join("metadata"))?,
            transfers: Rows::new(),
            objects: Rows::new(),
        })
    }

    fn native(&mut self) -> Result<()> {
        let name = "native HDF5, local file".to_owned();
        let file = self.folder.join("local.h5").display().to_string();
        let times = best(|| jobs::transfer(&self.transfer, &file, None))?;
        self.transfers.push((name.clone(), times));
        let times = best(|| jobs::metadata(&self.metadata, &file, None))?;
        self.objects.push((name, times));
        Ok(())
    }

    /// Both jobs through the connector, and the values by plain HTTP.
    fn on_server(&mut self, name: &str, endpoint: &Endpoint) -> Result<()> {
        self.connector(name, endpoint)?;
        let domain = TestDomain::new(endpoint, "bench");
        jobs::transfer(&self.transfer, domain.path(), Some(endpoint))?;
        let plain = best(|| jobs::plain_http(endpoint, domain.path(), &self.folder))?;
        self.transfers
            .push((format!("plain HTTP on {name}"), plain));
        Ok(())
    }

    fn connector(&mut self, name: &str, endpoint: &Endpoint) -> Result<()> {
        let name = format!("connector on {name}");
        let domain = TestDomain::new(endpoint, "bench");
        let times = best(|| jobs::transfer(&self.transfer, domain.path(), Some(endpoint)))?;
        self.transfers.push((name.clone(), times));
        let domain = TestDomain::new(endpoint, "bench");
        let times = best(|| jobs::metadata(&self.metadata, domain.path(), Some(endpoint)))?;
        self.objects.push((name, times));
        Ok(())
    }

    fn h5pyd(&mut self, endpoint: &Endpoint) -> Result<()> {
        let domain = TestDomain::new(endpoint, "bench");
        let script = self.folder.join("h5pyd.py");
        std::fs::write(&script, include_str!("h5pyd.py"))?;
        let times = best(|| jobs::h5pyd(&script, domain.path(), endpoint))?;
        self.transfers.push(("h5pyd on HSDS".into(), times));
        Ok(())
    }

    fn print(&self) {
        println!("64 MiB of doubles in chunks of 256 x 1024, seconds, best of {RUNS}");
        print(&self.transfers, &["write", "read", "boxes"]);
        println!();
        println!("200 groups with 800 attributes, seconds, best of {RUNS}");
        print(&self.objects, &["write", "read"]);
    }
}

/// Compiles a program of `c-tests` with HDF5 1.14.5.
fn compile(source: &str, program: &Path) -> Result<PathBuf> {
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let source = build::repository().join("c-tests").join(source);
    run::output(Command::new("cc").args(hdf5.compile_c(&source, program)))?;
    Ok(program.to_owned())
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

fn print(rows: &Rows, columns: &[&str]) {
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!(" {cell:>10}")).collect();
        println!("{name:44}{cells}");
    };
    line(
        "",
        columns.iter().map(|&column| column.to_owned()).collect(),
    );
    for (name, times) in rows {
        let cell = |column: &&str| match times.get(*column) {
            Some(seconds) => format!("{seconds:.4}"),
            None => "-".to_owned(),
        };
        line(name, columns.iter().map(cell).collect());
    }
}
