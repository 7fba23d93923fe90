//! The user's cache folder, where `cargo xtask setup` puts what is built once and used by every
//! test run: HDF5 installations and Python environments.
//!
//! A part is complete when its stamp file holds the recipe it was built from; anything else
//! (interrupted build, older recipe) counts as missing.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Name of the file that marks a part as complete and says which recipe made it.
const STAMP: &str = ".recipe";

/// `$XDG_CACHE_HOME/hdf5-vol-rest`, or `~/.cache/hdf5-vol-rest`.
pub fn folder() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(value) => PathBuf::from(value),
        None => {
            let home = env::var_os("HOME")
                .filter(|value| !value.is_empty())
                .context("cannot tell the cache folder: neither XDG_CACHE_HOME nor HOME is set")?;
            Path::new(&home).join(".cache")
        }
    };
    Ok(base.join("hdf5-vol-rest"))
}

/// Whether `part` was completed by exactly this `recipe`.
pub fn is_complete(part: &Path, recipe: &str) -> bool {
    fs::read_to_string(part.join(STAMP)).is_ok_and(|found| found == recipe)
}

/// Marks `part` as completed by `recipe`.
pub fn mark_complete(part: &Path, recipe: &str) -> io::Result<()> {
    fs::write(part.join(STAMP), recipe)
}

/// The folder of a part that setup has completed (whatever its recipe was).
///
/// # Errors
/// When the part is not there; the text names the command that makes it.
pub fn completed(name: &str) -> Result<PathBuf> {
    let part = folder()?.join(name);
    if !part.join(STAMP).is_file() {
        bail!(
            "{name} is not in {}: run `cargo xtask setup`",
            part.display()
        );
    }
    Ok(part)
}
