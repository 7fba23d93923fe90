//! Our own server, started for one test and stopped with it.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use shared_child::SharedChild;
use shared_child::unix::SharedChildExt;
use tempfile::TempDir;

use crate::build;
use crate::endpoint::{Endpoint, PASSWORD, USERNAME};
use crate::sanitizer;

/// How long a start may take before it counts as failed.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a stop may take before the server is killed.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running `h5rest serve` on a free port of loopback, with the users `admin`, `test_user1` and
/// `test_user2`.
#[derive(Debug)]
pub struct H5rest {
    child: SharedChild,
    endpoint: Endpoint,
    // Open as long as the server runs: it must not find its output closed.
    _stdout: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl H5rest {
    /// Starts a server that keeps everything in memory.
    ///
    /// # Errors
    /// When it does not start; the text has what it printed.
    pub fn in_memory() -> Result<Self> {
        Self::start(&["--memory".as_ref()])
    }

    /// Starts this program, which is a build of the server, on a store in memory.
    ///
    /// # Errors
    /// When it does not start; the text has what it printed.
    pub fn of_program(program: &Path) -> Result<Self> {
        Self::start_program(program, &["--memory".as_ref()])
    }

    /// Starts a server that stores under `root`.
    ///
    /// # Errors
    /// When it does not start; the text has what it printed.
    pub fn on_disk(root: &Path) -> Result<Self> {
        Self::start(&["--root".as_ref(), root.as_os_str()])
    }

    fn start(storage: &[&OsStr]) -> Result<Self> {
        Self::start_program(&build::folder()?.join(build::SERVER), storage)
    }

    fn start_program(program: &Path, storage: &[&OsStr]) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder for the server")?;
        let passwords = folder.path().join("passwords.txt");
        write_passwords(&passwords)?;
        let errors = folder.path().join("errors.txt");
        let mut command = Command::new(program);
        command
            .args(["serve", "--bind", "127.0.0.1:0", "--password-file"])
            .arg(&passwords)
            .args(storage)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&errors)?);
        if let Some(sanitizer) = sanitizer::in_use()? {
            command.envs(sanitizer.options());
        }
        let child = SharedChild::spawn(&mut command)
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child
            .take_stdout()
            .context("the server's output was not captured")?;
        let ready = wait_for_ready(stdout);
        let printed = || fs::read_to_string(&errors).unwrap_or_default();
        match ready {
            Ok((url, stdout)) => Ok(Self {
                child,
                endpoint: Endpoint::of_test_user(url),
                _stdout: stdout,
                _folder: folder,
            }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error.context(format!("h5rest did not start; it printed:\n{}", printed())))
            }
        }
    }

    /// Where it is, and the ordinary user's credentials.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The same place with the administrator's credentials.
    pub fn administrator(&self) -> Endpoint {
        let mut endpoint = self.endpoint.clone();
        endpoint.username = "admin".into();
        endpoint.password = "admin".into();
        endpoint
    }

    /// Its process id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Stops the server as a user would (SIGTERM) and tells how it ended.
    ///
    /// # Errors
    /// When it does not stop in time.
    pub fn stop(&self) -> Result<ExitStatus> {
        self.child.send_signal(libc::SIGTERM)?;
        match self.child.wait_timeout(STOP_LIMIT)? {
            Some(status) => Ok(status),
            None => bail!("h5rest was still running {STOP_LIMIT:?} after SIGTERM"),
        }
    }
}

impl Drop for H5rest {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) && self.stop().is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The password file all test servers use.
pub(crate) fn write_passwords(file: &Path) -> Result<()> {
    let lines = format!("admin:admin\n{USERNAME}:{PASSWORD}\ntest_user2:{PASSWORD}\n");
    fs::write(file, lines).with_context(|| format!("cannot write {}", file.display()))
}

/// Waits for the line `READY http://host:port`.
fn wait_for_ready(stdout: ChildStdout) -> Result<(String, BufReader<ChildStdout>)> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        let mut line = String::new();
        let outcome = reader.read_line(&mut line).map(|_| (line, reader));
        // Nobody listens any more when the limit has passed.
        let _ = sender.send(outcome);
    });
    let (line, reader) = receiver
        .recv_timeout(START_LIMIT)
        .with_context(|| format!("no READY line within {START_LIMIT:?}"))??;
    match line.trim().strip_prefix("READY ") {
        Some(url) => Ok((url.to_owned(), reader)),
        None => bail!("expected a READY line, got {line:?}"),
    }
}
