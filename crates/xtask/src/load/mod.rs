//! `cargo xtask load`: small requests per second that each server answers to 1 and more clients, how
//! long large jobs take, and the memory it takes meanwhile; beside what the machine itself can do.
//! Every server gets the same requests from the same clients, one server after another, in one run.

mod clients;
pub(crate) mod connection;
mod filled;
mod floors;
pub(crate) mod memory;
mod once;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use h5rest_testkit::{Endpoint, H5rest, Hsds, TestDomain, build};

use self::clients::{Job, Measured, Objects, measure};
use self::once::{Done, Fill, Place};
use crate::{run, setup};

/// What to measure.
#[derive(Debug, Args)]
pub struct Options {
    /// Servers to measure, one after another
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Server::ALL)]
    servers: Vec<Server>,
    /// Numbers of clients at once
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64, 1000])]
    clients: Vec<usize>,
    /// Seconds that each job of small requests runs
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Groups of the domain that is opened; 0 leaves the large jobs out
    #[arg(long, default_value_t = 100_000)]
    objects: usize,
}

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Server {
    /// HSDS with two data nodes
    Hsds,
    /// h5rest that stores on disk
    H5rest,
    /// h5rest --memory
    H5restMemory,
}

impl Server {
    const ALL: [Self; 3] = [Self::Hsds, Self::H5rest, Self::H5restMemory];

    fn name(self) -> &'static str {
        match self {
            Self::Hsds => "HSDS",
            Self::H5rest => "h5rest",
            Self::H5restMemory => "h5rest --memory",
        }
    }
}

/// One line of the table.
struct Row {
    server: &'static str,
    job: Job,
    clients: usize,
    measured: Measured,
    /// Most memory of all processes of the server during the job, in MiB.
    memory: f64,
}

/// A large job on a server.
struct Large {
    server: &'static str,
    done: Done,
}

/// Runs everything and prints the tables.
pub fn run(options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return in_release();
    }
    setup::run()?;
    build::folder()?;
    let floors = floors::run(tempfile::tempdir()?.path())?;
    let (mut rows, mut jobs) = (Vec::new(), Vec::new());
    for &server in &options.servers {
        run::heading(server.name());
        let folder = tempfile::tempdir()?;
        let running = Running::start(server, folder.path())?;
        small_requests(server.name(), &running, options, &mut rows)?;
        if options.objects > 0 {
            let endpoint = running.endpoint();
            let domain = TestDomain::new(endpoint, "once");
            let large = TestDomain::new(endpoint, "large");
            let bucket = running.bucket();
            let fill = |path: &str, objects| {
                let bucket = bucket.as_ref().context("the server has no such folder")?;
                filled::write(bucket, path, &endpoint.username, objects)
            };
            let place = Place {
                endpoint,
                domain: domain.path(),
                processes: &running.processes(),
                fill: bucket.as_ref().map(|_| &fill as &Fill<'_>),
            };
            let done = once::run(&place, large.path(), options.objects)?;
            let name = server.name();
            jobs.extend(done.into_iter().map(|done| Large { server: name, done }));
        }
    }
    table::print_floors(&floors);
    table::print(&rows);
    table::print_large(&jobs);
    Ok(())
}

/// The same, by an optimized build: one that is not would take more of the machine than the server.
fn in_release() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut again = Command::new(cargo);
    again
        .args(["run", "--release", "--quiet", "--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .current_dir(build::repository());
    run::shown(&mut again).context("the optimized build of this program")
}

fn small_requests(
    name: &'static str,
    server: &Running,
    options: &Options,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let domain = TestDomain::new(server.endpoint(), "load");
    let most = options.clients.iter().copied().max().unwrap_or(1);
    let objects = Objects::create(server.endpoint(), domain.path(), most)?;
    let time = Duration::from_secs_f64(options.seconds);
    for job in Job::ALL {
        for &clients in &options.clients {
            let mut measured = None;
            let (_, memory) = memory::watched(&server.processes(), || {
                measured = Some(measure(&objects, job, clients, time)?);
                Ok(())
            })?;
            let measured = measured.context("nothing was measured")?;
            eprintln!("    {}, {clients}: {:.0}/s", job.name(), measured.rate);
            rows.push(Row {
                server: name,
                job,
                clients,
                measured,
                memory,
            });
        }
    }
    Ok(())
}

/// A server that runs.
enum Running {
    Hsds(Hsds),
    H5rest(H5rest),
}

impl Running {
    fn start(server: Server, folder: &Path) -> Result<Self> {
        Ok(match server {
            Server::Hsds => Self::Hsds(Hsds::start()?),
            Server::H5rest => Self::H5rest(H5rest::on_disk(folder)?),
            Server::H5restMemory => Self::H5rest(H5rest::in_memory()?),
        })
    }

    fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Hsds(server) => server.endpoint(),
            Self::H5rest(server) => server.endpoint(),
        }
    }

    /// Where an HSDS keeps what it stores.
    fn bucket(&self) -> Option<PathBuf> {
        match self {
            Self::Hsds(server) => Some(server.bucket()),
            Self::H5rest(_) => None,
        }
    }

    fn processes(&self) -> Vec<u32> {
        match self {
            Self::Hsds(server) => server.processes(),
            Self::H5rest(server) => vec![server.process()],
        }
    }
}
