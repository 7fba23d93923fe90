//! The worker processes: one case at a time each, started again when one ends or hangs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use h5rest_testkit::sanitizer;

use crate::rules;
use crate::worker::{Options, Reply, Request};

const HANGS: &str = "the program hangs";

/// What a worker says before a step: on which file it is carried out.
pub const SIDE: &str = "at work on ";
/// The side of files that HDF5 keeps itself.
pub const NATIVE: &str = "native";

/// How long one step may take before its process counts as hanging.
const LIMIT: Duration = Duration::from_secs(40);
/// The same in storms: many calls of one step may each reach their own limit.
const STORM_LIMIT: Duration = Duration::from_secs(200);

/// A worker process.
pub struct Worker {
    options: Options,
    environment: Vec<(String, String)>,
    running: Option<Running>,
}

struct Running {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
}

impl Worker {
    /// A worker that is started with its first case.
    pub fn new(options: Options, environment: Vec<(String, String)>) -> Self {
        Self {
            options,
            environment,
            running: None,
        }
    }

    /// Carries out a case. A process that ends or hangs is the case's difference.
    ///
    /// # Errors
    /// When no process can be started.
    pub fn run(&mut self, request: &Request) -> Result<Reply> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let line = serde_json::to_string(request)?;
        let sent = writeln!(running.stdin, "{line}");
        let mut native = false;
        let limit = match self.options.meets_storms() {
            true => STORM_LIMIT,
            false => LIMIT,
        };
        let reply = loop {
            match running.lines.recv_timeout(limit) {
                Ok(line) if sent.is_ok() => match line.strip_prefix(SIDE) {
                    Some(side) => native = side == NATIVE,
                    None => break Some(line),
                },
                _ => break None,
            }
        };
        let Some(reply) = reply else {
            return Ok(running.end(native));
        };
        self.running = Some(running);
        serde_json::from_str(&reply).with_context(|| format!("a worker answered {reply:?}"))
    }

    fn start(&self) -> Result<Running> {
        let mut command = Command::new(std::env::current_exe()?);
        if let Some(sanitizer) = sanitizer::in_use()? {
            command.envs(sanitizer.environment());
        }
        let mut child = command
            .arg("worker")
            .args(self.options.arguments())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a worker")?;
        let stdin = child.stdin.take().context("no way to tell a worker")?;
        let stdout = child.stdout.take().context("no way to hear a worker")?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Running {
            child,
            stdin,
            lines,
        })
    }
}

impl Running {
    /// How a process that gave no answer ended, and on which file it was at work.
    fn end(mut self, native: bool) -> Reply {
        let text = match self.child.try_wait() {
            Ok(None) if self.lines.try_recv().is_err() => {
                // It may be about to end: its output is closed then.
                match self.lines.recv_timeout(Duration::from_secs(1)) {
                    Err(std::sync::mpsc::RecvTimeoutError::Timeout) => HANGS.into(),
                    _ => self.ended(),
                }
            }
            _ => self.ended(),
        };
        let _ = self.child.kill();
        let _ = self.child.wait();
        if native && text == HANGS {
            return Reply {
                rules: vec![rules::CRASH.name.into()],
                ..Reply::default()
            };
        }
        Reply {
            difference: Some(text),
            crashed: true,
            ..Reply::default()
        }
    }

    fn ended(&mut self) -> String {
        match self.child.wait() {
            Ok(status) => format!("the program crashed: {status}"),
            Err(error) => format!("the program is lost: {error}"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
