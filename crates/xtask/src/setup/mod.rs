//! `cargo xtask setup`: everything tests and the demonstration need beyond Rust.
//!
//! Each part is built in a temporary folder and renamed into the user's cache folder when it is
//! complete, with a stamp that holds its recipe. So an interrupted run leaves nothing half done,
//! a second run does nothing, and a changed recipe builds that part again.

mod api_tests;
mod debian_source;
pub(crate) mod hdf5_1_14;
mod hdf5_2;
mod hdf5_cpp;
mod hdf5_mpi;
mod nginx;
mod python;
mod system;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use h5rest_testkit::cache;

/// Brings everything up to date.
pub fn run() -> Result<()> {
    system::install_missing()?;
    let folder = cache::folder()?;
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create the cache folder {}", folder.display()))?;
    // Two setups at once would build everything twice and fight over the names.
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("cannot lock the cache folder")?;
    python::tools(&folder)?;
    hdf5_1_14::build(&folder)?;
    hdf5_cpp::build(&folder)?;
    hdf5_2::build(&folder)?;
    api_tests::build(&folder)?;
    python::h5py(&folder)?;
    python::programs(&folder)?;
    python::hsds(&folder)?;
    python::schemathesis(&folder)?;
    nginx::fetch(&folder)?;
    Ok(())
}

/// Brings what only `cargo xtask builds` needs up to date: MPI, and HDF5 built with it.
pub fn mpi() -> Result<()> {
    system::install_mpi()?;
    hdf5_mpi::build(&cache::folder()?)
}

/// One thing in the cache folder.
struct Part {
    folder: PathBuf,
    name: String,
    recipe: String,
}

impl Part {
    fn new(cache: &Path, name: &str, recipe: String) -> Self {
        Self {
            folder: cache.to_owned(),
            name: name.to_owned(),
            recipe,
        }
    }

    /// Where the complete part is.
    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log").join(format!("{}.log", self.name))
    }

    fn is_complete(&self) -> bool {
        cache::is_complete(&self.path(), &self.recipe)
    }

    /// An empty folder to build in, on the same file system as the final place.
    fn work_folder(&self) -> Result<PathBuf> {
        let work = self.folder.join("work").join(&self.name);
        remove(&work)?;
        fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
        Ok(work)
    }

    /// Puts the finished `built` in place and removes the work folder.
    fn complete(&self, built: &Path) -> Result<()> {
        let path = self.path();
        remove(&path)?;
        cache::mark_complete(built, &self.recipe)?;
        fs::rename(built, &path)
            .with_context(|| format!("cannot move {} to {}", built.display(), path.display()))?;
        remove(&self.folder.join("work").join(&self.name))
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
