//! Programs that look at the domain: h5dump, h5ls, and one in C that watches its buffers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Finished, Program, sanitizer};

use crate::contents;

/// Far more than any of them takes.
const SECONDS: Duration = Duration::from_secs(120);
/// Memory that a program may ask for, in bytes; the tools alone ask for a tenth of it.
const MEMORY: u64 = 3 << 30;

/// The programs, and the server that they are told of.
pub struct Programs {
    endpoint: Endpoint,
    look: PathBuf,
    _folder: tempfile::TempDir,
}

impl Programs {
    /// Compiles the one in C.
    pub fn new(endpoint: &Endpoint) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let look = folder.path().join("look");
        let source = repository().join("tests/hostile/look.c");
        let arguments = hdf5::installation(Version::V1_14_5)?.compile_c(&source, &look);
        let compiled = Command::new("cc").arg("-Werror").args(arguments).output()?;
        let words = String::from_utf8_lossy(&compiled.stderr);
        ensure!(compiled.status.success(), "{words}");
        Ok(Self {
            endpoint: endpoint.clone(),
            look,
            _folder: folder,
        })
    }

    /// Runs the one in C, and the tools; whether one of them said that something is wrong.
    pub fn run_all(&self, with_tools: bool) -> Result<bool> {
        let look = self.survived(&self.look, &[])?;
        // The one that says it of each call.
        ensure!(!look.stdout.contains("buffer"), "{look}");
        ensure!(look.status.success(), "{look}");
        let mut failed = !look.stdout.contains("0 calls failed");
        if !with_tools {
            return Ok(failed);
        }
        let dump = self.survived(&self.tool("h5dump")?, &[])?;
        failed |= !dump.status.success();
        failed |= self.list()?;
        Ok(failed)
    }

    /// Runs h5ls; whether it said that something is wrong.
    pub fn list(&self) -> Result<bool> {
        let list = self.survived(&self.tool("h5ls")?, &["-r", "-v", "-d"])?;
        Ok(!list.status.success() || list.stdout.contains("rror") || !list.stderr.is_empty())
    }

    fn tool(&self, name: &str) -> Result<PathBuf> {
        Ok(hdf5::installation(Version::V1_14_5)?.program(name))
    }

    fn survived(&self, program: &Path, options: &[&str]) -> Result<Finished> {
        // The sanitizer's own memory is as large as the address space.
        let observed = sanitizer::in_use()?.is_some();
        let limited = match observed {
            true => Program::new(program),
            false => Program::new("prlimit")
                .arg(format!("--as={MEMORY}"))
                .arg(program),
        };
        let finished = limited
            .args(options)
            .arg(contents::domain())
            .through_connector(&self.endpoint)?
            .env("HDF5_REST_TIMEOUT", "20")
            .env("HDF5_REST_RETRY_TIME", "2")
            .time_limit(SECONDS)
            .run()
            .with_context(|| program.display().to_string())?;
        ensure!(!finished.crashed(), "{finished}");
        let panicked = finished.stderr.contains("a state it does not expect");
        ensure!(!panicked, "{finished}");
        Ok(finished)
    }
}
