//! `cargo xtask bench`: three jobs of ordinary programs, done in one run on one machine by all who are
//! compared: native HDF5 on a local file, the connector on both servers (also 20 ms away), h5pyd,
//! and, as floors, the same bytes by plain HTTP from the same servers and by bare TCP connections.
//!
//! `jobs` and `tcp` do them, `table` keeps the best times and shows them, `goals` says what they are
//! to be. Each row has a limit of time, so that the whole takes some minutes at most.

mod goals;
mod jobs;
mod table;
pub(crate) mod tcp;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use h5rest_testkit::counter::Counter;
use h5rest_testkit::{Endpoint, H5rest, Hsds, TestDomain, build};

use self::table::{RUNS, Table, Times};
use crate::setup;

/// Size of the data.
const BYTES: usize = 64 << 20;
/// Elements that are moved one by one.
const ELEMENTS_HERE: f64 = 10_000.0;

/// How long a request takes more to a server that is far away.
const DELAY: Duration = Duration::from_millis(20);

const NATIVE: &str = "native HDF5, local file";
const TCP: &str = "raw TCP copy, 4 at once";
const MEMORY: &str = "h5rest --memory";
const DISK: &str = "h5rest";
const HSDS: &str = "HSDS";

/// Rows of the connector on a server.
fn over(server: &str) -> String {
    format!("connector on {server}")
}

/// The row of curl on a server.
fn plain(server: &str) -> String {
    format!("plain HTTP on {server}")
}

/// A server behind a proxy that holds requests back.
fn distant(server: &str) -> String {
    format!("{server}, 20 ms away")
}

/// Runs everything and prints the tables.
pub fn run() -> Result<()> {
    setup::run()?;
    build::folder()?;
    let folder = tempfile::tempdir()?;
    let mut bench = Bench::new(folder.path())?;
    println!("Each row is the best of {RUNS} runs, or of as many as fit its time.");
    for (name, connections) in [("raw TCP copy, 1 at once", 1), (TCP, 4)] {
        bench.transfers.measure(name, || tcp::copy(connections))?;
    }
    bench.native()?;
    {
        let server = H5rest::in_memory()?;
        bench.on_server(MEMORY, server.endpoint())?;
        let far = Counter::delayed(server.endpoint(), DELAY)?;
        bench.connector(&distant(MEMORY), far.endpoint())?;
    }
    {
        let server = H5rest::on_disk(&bench.folder.join("store"))?;
        bench.on_server(DISK, server.endpoint())?;
    }
    {
        let server = Hsds::start()?;
        bench.on_server(HSDS, server.endpoint())?;
        let far = Counter::delayed(server.endpoint(), DELAY)?;
        bench.connector(&distant(HSDS), far.endpoint())?;
        bench.h5pyd(server.endpoint())?;
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
    /// The C program that moves single elements.
    elements: PathBuf,
    transfers: Table,
    objects: Table,
    singles: Table,
}

impl Bench {
    fn new(folder: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            transfer: jobs::compile("bench/transfer.c", &folder.join("transfer"))?,
            metadata: jobs::compile("requests/metadata.c", &folder.join("metadata"))?,
            elements: jobs::compile("bench/elements.c", &folder.join("elements"))?,
            transfers: Table::new(
                "64 MiB of doubles in chunks of 256 x 1024, seconds",
                &["write", "read", "boxes", "rewrite", "reread"],
                1.0,
            ),
            objects: Table::new(
                "200 groups with 800 attributes, milliseconds",
                &["write", "read"],
                1e3,
            ),
            singles: Table::new(
                "Single elements of a chunk, microseconds each",
                &["read", "write", "read-int", "write-int"],
                1e6 / ELEMENTS_HERE,
            ),
        })
    }

    fn native(&mut self) -> Result<()> {
        let file = self.folder.join("local.h5").display().to_string();
        self.on_file(NATIVE, &file, None)?;
        self.elements(NATIVE, &file, None)
    }

    /// All jobs through the connector, and the values by plain HTTP.
    fn on_server(&mut self, name: &str, endpoint: &Endpoint) -> Result<()> {
        self.connector(name, endpoint)?;
        let domain = TestDomain::new(endpoint, "bench");
        self.elements(&over(name), domain.path(), Some(endpoint))?;
        let domain = TestDomain::new(endpoint, "bench");
        jobs::timed(&self.transfer, domain.path(), Some(endpoint))?;
        let http = jobs::PlainHttp::new(endpoint, domain.path(), &self.folder)?;
        self.transfers.measure(&plain(name), || http.times())
    }

    fn connector(&mut self, name: &str, endpoint: &Endpoint) -> Result<()> {
        let domain = TestDomain::new(endpoint, "bench");
        self.on_file(&over(name), domain.path(), Some(endpoint))
    }

    /// The jobs that a server's distance matters for.
    fn on_file(&mut self, row: &str, file: &str, endpoint: Option<&Endpoint>) -> Result<()> {
        self.transfers
            .measure(row, || jobs::timed(&self.transfer, file, endpoint))?;
        self.objects
            .measure(row, || jobs::metadata(&self.metadata, file, endpoint))
    }

    fn elements(&mut self, row: &str, file: &str, endpoint: Option<&Endpoint>) -> Result<()> {
        self.singles
            .measure(row, || jobs::timed(&self.elements, file, endpoint))
    }

    fn h5pyd(&mut self, endpoint: &Endpoint) -> Result<()> {
        let domain = TestDomain::new(endpoint, "bench");
        for (table, text) in [
            (&mut self.transfers, include_str!("h5pyd_transfer.py")),
            (&mut self.objects, include_str!("h5pyd_metadata.py")),
        ] {
            let script = self.folder.join("job.py");
            std::fs::write(&script, text)?;
            let job = || jobs::h5pyd(&script, domain.path(), endpoint);
            table.measure("h5pyd on HSDS", job)?;
        }
        Ok(())
    }

    fn print(&self) {
        for table in [&self.transfers, &self.objects, &self.singles] {
            table.print();
        }
        goals::print(&self.transfers, &self.objects, &self.singles);
    }
}
