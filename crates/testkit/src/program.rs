//! Running a program that knows nothing of the connector, and what it did.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use shared_child::SharedChild;

use crate::sanitizer;

/// Environment variables that would change what a program does; every run starts without them.
const CLEARED: [&str; 20] = [
    "HDF5_PLUGIN_PATH",
    "HDF5_PLUGIN_PRELOAD",
    "HDF5_VOL_CONNECTOR",
    "HDF5_API_TEST_PATH_PREFIX",
    "HSDS_ENDPOINT",
    "HSDS_USERNAME",
    "HSDS_PASSWORD",
    "HS_ENDPOINT",
    "HS_USERNAME",
    "HS_PASSWORD",
    "HS_API_KEY",
    "HS_BUCKET",
    "HDF5_REST_TIMEOUT",
    "HDF5_REST_RETRY_TIME",
    "HDF5_REST_HOME",
    "HDF5_REST_CACHE",
    "HDF5_REST_WRITE_BEHIND",
    "HDF5_REST_FACADE",
    "HDF5_REST_LOG",
    "HDF5_REST_BEARER_TOKEN",
];

/// A program to run.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    limit: Duration,
}

impl Program {
    /// The program at `path` (or found on `PATH`).
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            limit: Duration::from_secs(120),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, arguments: I) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|one| one.as_ref().into()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .push((name.as_ref().into(), value.as_ref().into()));
        self
    }

    /// Runs in `folder`.
    #[must_use]
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().into());
        self
    }

    /// Ends the program after `limit` (two minutes if not set).
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs the program to its end and returns what it did.
    ///
    /// # Errors
    /// When it cannot be started, or is still running after the time limit.
    pub fn run(self) -> Result<Finished> {
        let limit = self.limit;
        let running = self.start()?;
        match running.child.wait_timeout(limit)? {
            Some(status) => running.finished(status),
            None => {
                let ended = running.kill()?;
                bail!("was still running after {limit:?} and was ended; {ended}")
            }
        }
    }

    /// Starts the program, ends it with SIGKILL after `time` unless it has ended before, and returns what it
    /// did.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn killed_after(self, time: Duration) -> Result<Finished> {
        let running = self.start()?;
        match running.child.wait_timeout(time)? {
            Some(status) => running.finished(status),
            None => running.kill(),
        }
    }

    fn start(self) -> Result<Running> {
        let name = self.to_string();
        // Files and not pipes: whatever the program leaves behind cannot keep us waiting.
        let stdout = tempfile::tempfile().context("cannot make a file for the output")?;
        let stderr = tempfile::tempfile().context("cannot make a file for the errors")?;
        let mut command = Command::new(&self.path);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(stdout.try_clone()?)
            .stderr(stderr.try_clone()?);
        for variable in CLEARED {
            command.env_remove(variable);
        }
        if let Some(sanitizer) = sanitizer::in_use()? {
            command.envs(sanitizer.environment());
        }
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let started = Instant::now();
        let child =
            SharedChild::spawn(&mut command).with_context(|| format!("cannot start {name}"))?;
        Ok(Running {
            name,
            child,
            stdout,
            stderr,
            started,
        })
    }
}

/// A program that was started.
struct Running {
    name: String,
    child: SharedChild,
    stdout: File,
    stderr: File,
    started: Instant,
}

impl Running {
    fn kill(self) -> Result<Finished> {
        self.child.kill()?;
        let status = self.child.wait()?;
        self.finished(status)
    }

    fn finished(mut self, status: ExitStatus) -> Result<Finished> {
        Ok(Finished {
            name: self.name,
            status,
            stdout: contents(&mut self.stdout)?,
            stderr: contents(&mut self.stderr)?,
            duration: self.started.elapsed(),
        })
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.path.display())?;
        for argument in &self.arguments {
            write!(formatter, " {}", argument.to_string_lossy())?;
        }
        Ok(())
    }
}

fn contents(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    // Without a second copy of what may be long.
    let lossy =
        |error: std::string::FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
    Ok(String::from_utf8(bytes).unwrap_or_else(lossy))
}

/// What a program did.
#[derive(Debug)]
pub struct Finished {
    name: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it printed as errors.
    pub stderr: String,
    /// How long it ran.
    pub duration: Duration,
}

impl Finished {
    /// Whether the program crashed (a signal ended it).
    pub fn crashed(&self) -> bool {
        self.status.signal().is_some()
    }

    /// The output of a program that must have succeeded.
    ///
    /// # Errors
    /// When it did not; the text has everything it printed.
    pub fn success(self) -> Result<String> {
        if self.status.success() {
            Ok(self.stdout)
        } else {
            bail!("{self}")
        }
    }

    /// Everything printed by a program that must have failed by itself.
    ///
    /// # Errors
    /// When it succeeded or crashed.
    pub fn failure(self) -> Result<String> {
        if self.status.success() {
            bail!("expected a failure of\n{self}");
        }
        if self.crashed() {
            bail!("crashed:\n{self}");
        }
        Ok(format!("{}{}", self.stdout, self.stderr))
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "{}", self.name)?;
        writeln!(
            formatter,
            "ended with {} after {:.2?}",
            self.status, self.duration
        )?;
        writeln!(formatter, "--- output\n{}", self.stdout.trim_end())?;
        write!(formatter, "--- errors\n{}", self.stderr.trim_end())
    }
}
