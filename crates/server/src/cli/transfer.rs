//! `h5rest put` and `h5rest get`.
//!
//! HDF5 reads its environment when it is loaded, so both run a second time as a process of their
//! own, in which `HDF5_VOL_CONNECTOR` is not set and HDF5 finds the plugin.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use h5rest_config::Config;
use h5rest_copy::{Options, Place, Summary};

use super::connection::Connection;
use super::doctor::{Library, libraries};
use super::env::{PLUGIN, beside_this_program};
use super::progress::Bar;

/// Set in the second process: the connector's information string.
const SECOND: &str = "H5REST_COPY_SETTINGS";

/// What both directions have.
#[derive(Debug, Args)]
struct Common {
    /// Replace what is there already.
    #[arg(long)]
    overwrite: bool,
    /// Do not read everything back at the end to compare it.
    #[arg(long)]
    no_verify: bool,
    /// Say nothing but errors.
    #[arg(short, long)]
    quiet: bool,
    /// The HDF5 library to use, 1.14 or newer [default: the first that `h5rest doctor` finds].
    #[arg(long, env = "HDF5_REST_LIBRARY", value_name = "FILE")]
    hdf5: Option<PathBuf>,
    /// Seconds between two notes of how far the copy is: what an interruption may cost.
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS")]
    note_every: f64,
    #[command(flatten)]
    connection: Connection,
}

/// Copies an HDF5 file of this machine to the server.
///
/// Everything is copied as it is: types, layouts, filters, attributes, links of all kinds, committed
/// datatypes, references. An interrupted copy goes on where it was if the same command is given
/// again. At the end all is read back and compared.
#[derive(Debug, Args)]
pub(super) struct Put {
    /// The file.
    file: PathBuf,
    /// What it is to be on the server, as HDF5 programs would name it; a folder, if it ends in `/`.
    domain: String,
    #[command(flatten)]
    common: Common,
}

/// Copies a file of the server to an HDF5 file of this machine.
///
/// Until it is complete it is called FILE.part. Otherwise as `put`.
#[derive(Debug, Args)]
pub(super) struct Get {
    /// What is on the server, as HDF5 programs would name it.
    domain: String,
    /// The file to make, or the folder for it.
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

impl Put {
    /// Copies.
    pub fn run(self) -> Result<()> {
        let words = self.common.second_process()?;
        let metadata = fs::metadata(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let file = self.file.canonicalize()?;
        let source = format!(
            "{}, {} bytes, changed at {}.{:09}",
            file.display(),
            metadata.size(),
            metadata.mtime(),
            metadata.mtime_nsec()
        );
        let mut domain = self.domain;
        if domain.ends_with('/') {
            let name = self.file.file_name().unwrap_or_default();
            domain.push_str(&name.to_string_lossy());
        }
        let (from, to) = (Place::Local(file), Place::Remote(domain));
        let made = to.to_string();
        let summary = self.common.copy(words, from, to, source)?;
        self.common.tell(&made, &summary);
        Ok(())
    }
}

impl Get {
    /// Copies.
    pub fn run(self) -> Result<()> {
        let words = self.common.second_process()?;
        let mut file = self.file;
        if file.is_dir() {
            let name = self.domain.trim_end_matches('/').rsplit('/').next();
            file.push(name.unwrap_or_default());
        }
        if file.exists() && !self.common.overwrite {
            bail!(
                "{} is there already: name another file, or replace it with --overwrite",
                file.display()
            );
        }
        let mut part = file.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let location = Config::from_info(Some(&words)).locate(&self.domain)?;
        let source = format!("{} of {}", location.domain, location.endpoint);
        let (from, to) = (Place::Remote(self.domain), Place::Local(part.clone()));
        let summary = self.common.copy(words, from, to, source)?;
        fs::rename(&part, &file).with_context(|| format!("cannot rename {}", part.display()))?;
        self.common.tell(&file.display().to_string(), &summary);
        Ok(())
    }
}

impl Common {
    /// Becomes the process that HDF5 runs in, unless it is it already: the connector's settings then.
    fn second_process(&self) -> Result<String> {
        if let Ok(words) = env::var(SECOND) {
            return Ok(words);
        }
        let program = env::current_exe().context("cannot find this program's own file")?;
        let error = Command::new(program)
            .args(env::args_os().skip(1))
            .env(SECOND, self.connection.information())
            .env_remove("HDF5_VOL_CONNECTOR")
            .env_remove("HDF5_PLUGIN_PRELOAD")
            .exec();
        Err(error).context("cannot start this program again")
    }

    fn copy(&self, words: String, from: Place, to: Place, source: String) -> Result<Summary> {
        let what = format!("cannot copy {from} to {to}");
        let options = Options {
            library: self.library()?,
            plugin: plugin_folder()?,
            words,
            from,
            to,
            source,
            overwrite: self.overwrite,
            verify: !self.no_verify,
            note_every: Duration::try_from_secs_f64(self.note_every)
                .context("--note-every: expected a number of seconds")?,
        };
        let bar = Bar::new(self.quiet);
        let copied = h5rest_copy::copy(&options, &bar);
        bar.end();
        copied.context(what)
    }

    /// One line about a copy that is complete.
    fn tell(&self, made: &str, summary: &Summary) {
        if !self.quiet {
            let verified = if summary.verified { ", verified" } else { "" };
            let resumed = if summary.resumed { ", continued" } else { "" };
            println!(
                "{made}: {} objects, {} bytes{resumed}{verified}",
                summary.objects, summary.bytes
            );
        }
    }

    fn library(&self) -> Result<PathBuf> {
        if let Some(file) = &self.hdf5 {
            return Ok(file.clone());
        }
        let found = libraries().find(Library::is_new_enough);
        found.map(|library| library.path).context(
            "no HDF5 library of version 1.14 or newer was found: name one with --hdf5 (h5rest \
             doctor tells which there are)",
        )
    }
}

/// The folder with this version's plugin: beside this program, else one that `HDF5_PLUGIN_PATH` names.
fn plugin_folder() -> Result<PathBuf> {
    beside_this_program().or_else(|error| {
        let value = env::var_os("HDF5_PLUGIN_PATH").unwrap_or_default();
        let has_it = |folder: &PathBuf| Path::new(folder).join(PLUGIN).exists();
        env::split_paths(&value).find(has_it).ok_or(error)
    })
}
