//! The process that carries programs out. It reads one line per case from standard input (a seed or
//! a program) and answers with one line. A defect that ends the process takes only the case under
//! way with it, and the parent knows which one that was.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use h5rest_testkit::Endpoint;
use serde::{Deserialize, Serialize};

use crate::generate;
use crate::hdf5::{self, Failure, Id, c, h5, ok};
use crate::program::Program;
use crate::run::{self, Moment, Place, Side};

/// One case.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// The program that follows from a seed.
    Seed(u64),
    /// This program.
    Program(Program),
    /// This program on native files alone.
    Native(Program),
    /// The program of a seed through the connector, which ends the process at that moment.
    Until(u64, Moment),
    /// What that program left.
    After(u64, Moment),
}

/// How the case went.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Reply {
    /// What differed.
    pub difference: Option<String>,
    /// Rules by which differences were accepted.
    pub rules: Vec<String>,
    /// Whether the process ended or hung.
    pub crashed: bool,
    /// Calls that failed in storms, as they may.
    #[serde(default)]
    pub failures: u64,
    /// The most memory that the process had so far, in KiB.
    #[serde(default)]
    pub memory: u64,
}

/// What a worker needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The folder that holds libhdf5.so
    #[arg(long)]
    library: PathBuf,
    /// The folder for native files
    #[arg(long)]
    folder: PathBuf,
    /// The folder of the server for files
    #[arg(long)]
    home: String,
    /// What file names start with
    #[arg(long)]
    base: String,
    /// The proxy that makes storms, if requests meet them
    #[arg(long)]
    storms: Option<String>,
    /// The server itself, if it can tell what it holds
    #[arg(long)]
    server: Option<String>,
    /// Only through the connector, whatever it answers
    #[arg(long)]
    alone: bool,
}

impl Options {
    /// The options of the worker with this number.
    pub fn new(library: &Path, folder: &Path, home: &str, base: &str) -> Self {
        Self {
            library: library.into(),
            folder: folder.into(),
            home: home.into(),
            base: base.into(),
            storms: None,
            server: None,
            alone: false,
        }
    }

    /// Whether requests meet storms.
    pub fn meets_storms(&self) -> bool {
        self.storms.is_some()
    }

    /// The same without native files: nothing is compared.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// The same with a look at what the server at `url` holds in the end.
    #[must_use]
    pub fn looking_at(mut self, url: &str) -> Self {
        self.server = Some(url.into());
        self
    }

    /// The same for requests that meet storms, which the proxy at `url` makes.
    #[must_use]
    pub fn in_storms(mut self, url: &str) -> Self {
        self.storms = Some(url.into());
        self
    }

    /// As arguments of a command line.
    pub fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = vec![
            "--library".into(),
            self.library.clone().into(),
            "--folder".into(),
            self.folder.clone().into(),
            "--home".into(),
            self.home.clone().into(),
            "--base".into(),
            self.base.clone().into(),
        ];
        if let Some(url) = &self.storms {
            arguments.extend(["--storms".into(), url.into()]);
        }
        if let Some(url) = &self.server {
            arguments.extend(["--server".into(), url.into()]);
        }
        if self.alone {
            arguments.push("--alone".into());
        }
        arguments
    }
}

/// Serves cases until standard input ends.
///
/// # Errors
/// When HDF5 or the connector cannot be loaded, or the parent sends nonsense.
pub fn serve(options: &Options) -> Result<()> {
    hdf5::load(&options.library.join("libhdf5.so"))?;
    let folder = format!("{}/", options.folder.display());
    let access = |connector| access(connector).map_err(|Failure(text)| anyhow!(text));
    let place = Place {
        access: access(None)?,
        folder,
    };
    let mut native = Side::new(place, &options.base);
    let place = Place {
        access: access(Some("REST"))?,
        folder: options.home.clone(),
    };
    let mut rest = Side::new(place, &options.base);
    let server = options.server.as_ref().map(Endpoint::of_test_user);
    for line in std::io::stdin().lock().lines() {
        let program = match serde_json::from_str(&line?).context("not a request")? {
            Request::Seed(seed) => generate::program(seed),
            Request::Program(program) => program,
            Request::Native(program) => {
                run::run_native(&program, &mut native);
                tell(&Reply::default())?;
                continue;
            }
            Request::Until(seed, moment) => {
                run::run_until(&generate::program(seed), moment, &mut rest);
                // The rest of the time.
                std::thread::park();
                continue;
            }
            Request::After(seed, moment) => {
                let program = generate::program(seed);
                let verdict = run::after_kill(&program, moment, &mut native, &mut rest);
                tell(&Reply {
                    difference: verdict.difference,
                    memory: most_memory(),
                    ..Reply::default()
                })?;
                continue;
            }
        };
        let (verdict, failures) = match &options.storms {
            _ if options.alone => (run::run_alone(&program, &mut rest), 0),
            None => {
                let server = server.as_ref();
                (run::run(&program, &mut native, &mut rest, server), 0)
            }
            Some(proxy) => {
                let places = (proxy.as_str(), server.as_ref());
                run::run_in_storms(&program, &mut native, &mut rest, places)
            }
        };
        let reply = Reply {
            failures,
            memory: most_memory(),
            difference: verdict.difference,
            rules: verdict.rules.iter().map(|name| (*name).into()).collect(),
            crashed: false,
        };
        tell(&reply)?;
    }
    Ok(())
}

/// Answers the parent.
fn tell(reply: &Reply) -> Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", serde_json::to_string(reply)?)?;
    stdout.flush()?;
    Ok(())
}

/// The most memory that this process had, in KiB.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A file access property list, through a connector or native.
pub fn access(connector: Option<&str>) -> Result<Id, Failure> {
    let access = Id::new(h5().H5Pcreate(h5().predefined("H5P_CLS_FILE_ACCESS_ID_g")))?;
    // What is left open is closed with the file (H5F_CLOSE_STRONG): each case starts afresh.
    ok(h5().H5Pset_fclose_degree(access.get(), 3))?;
    // From version 1.8 on creation order and UTF-8 are kept.
    ok(h5().H5Pset_libver_bounds(access.get(), 1, 4))?;
    if let Some(name) = connector {
        let id = Id::new(h5().H5VLregister_connector_by_name((&c(name)).into(), 0))?;
        ok(h5().set_vol(access.get(), id.get()))?;
    }
    Ok(access)
}
