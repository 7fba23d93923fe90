//! `cargo xtask load`: small requests per second that each server answers, with 1, 8 and 64
//! clients, how long some large jobs take, and the memory it takes. Every server gets the same
//! requests from the same clients, one server after another, in one run.

mod clients;
mod once;
mod table;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use h5rest_testkit::{Endpoint, H5rest, Hsds, TestDomain, build};

use self::clients::{Job, Measured, Objects, measure};
use self::once::Done;
use crate::setup;

/// What to measure.
#[derive(Debug, Args)]
pub struct Options {
    /// Servers to measure, one after another
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Server::ALL)]
    servers: Vec<Server>,
    /// Numbers of clients at once
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64])]
    clients: Vec<usize>,
    /// Seconds that each job runs
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Groups of the domain that is opened; 0 leaves the large jobs out
    #[arg(long, default_value_t = 10_000)]
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
    /// Memory of all processes of the server behind the job, in MiB.
    memory: f64,
}

/// A large job on a server.
struct Large {
    server: &'static str,
    done: Done,
}

/// Runs everything and prints the tables.
pub fn run(options: &Options) -> Result<()> {
    setup::run()?;
    build::folder()?;
    let (mut rows, mut large) = (Vec::new(), Vec::new());
    for &server in &options.servers {
        let folder = tempfile::tempdir()?;
        let running = Running::start(server, folder.path())?;
        on_server(server.name(), &running, options, &mut rows)?;
        if options.objects > 0 {
            let domain = TestDomain::new(running.endpoint(), "large");
            let transport = clients::connect(running.endpoint())?;
            let processes = running.processes();
            let done = once::run(&transport, domain.path(), options.objects, &processes)?;
            let name = server.name();
            large.extend(done.into_iter().map(|done| Large { server: name, done }));
        }
    }
    table::print(&rows);
    table::print_large(&large);
    Ok(())
}

fn on_server(
    name: &'static str,
    server: &Running,
    options: &Options,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let domain = TestDomain::new(server.endpoint(), "load");
    let most = options.clients.iter().copied().max().unwrap_or(1);
    let objects = Objects::create(server.endpoint(), domain.path(), most)?;
    for job in Job::ALL {
        for &clients in &options.clients {
            let time = Duration::from_secs_f64(options.seconds);
            let measured = measure(&objects, job, clients, time)?;
            rows.push(Row {
                server: name,
                job,
                clients,
                measured,
                memory: memory_of(&server.processes())?,
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

    fn processes(&self) -> Vec<u32> {
        match self {
            Self::Hsds(server) => server.processes(),
            Self::H5rest(server) => vec![server.process()],
        }
    }
}

/// Memory that these processes occupy together, in MiB.
fn memory_of(processes: &[u32]) -> Result<f64> {
    let mut kilobytes = 0;
    for process in processes {
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes += number.unwrap_or(0);
    }
    Ok(kilobytes as f64 / 1024.0)
}
