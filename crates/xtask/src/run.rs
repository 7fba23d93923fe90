//! Running other programs and telling the person who waits what is going on.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Lines of a failed program's log that are shown.
const SHOWN_LINES: usize = 40;

/// Says what begins now.
pub fn heading(text: &str) {
    println!("==> {text}");
}

/// Runs `command` with its output on the terminal.
pub fn shown(command: &mut Command) -> Result<()> {
    let name = describe(command);
    let status = command
        .status()
        .with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// Runs `command` and returns what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let name = describe(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!(
            "{name} ended with {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A piece of long work whose programs print into a log instead of the terminal.
#[derive(Debug)]
pub struct Work {
    log: PathBuf,
    started: Instant,
}

impl Work {
    /// Announces `title` and begins the log.
    pub fn begin(title: &str, log: &Path) -> Result<Self> {
        heading(title);
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder)?;
        }
        File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        Ok(Self {
            log: log.to_owned(),
            started: Instant::now(),
        })
    }

    /// Runs one program of this work at low priority; its failure shows the end of the log.
    pub fn run(&self, command: &mut Command) -> Result<()> {
        let name = describe(command);
        let log = File::options().append(true).open(&self.log)?;
        let mut polite = Command::new("nice");
        polite.arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            polite.current_dir(folder);
        }
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => polite.env(key, value),
                None => polite.env_remove(key),
            };
        }
        let status = polite
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()
            .with_context(|| format!("cannot start {name}"))?;
        if !status.success() {
            let text = fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let end = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
            bail!(
                "{name}\nended with {status}; the end of {}:\n{end}",
                self.log.display()
            );
        }
        Ok(())
    }

    /// Says that the work is done.
    pub fn end(self) {
        println!("    done in {:.0?}", self.started.elapsed());
    }
}

/// A command as a person would type it.
pub fn describe(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
