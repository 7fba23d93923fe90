//! Copies a whole HDF5 file to a server, or back, by HDF5 itself: `h5rest put` and `h5rest get`.
//!
//! HDF5's H5Ocopy does not go from one connector to another, so the copy walks through the file: it
//! lists all objects (`inventory`), makes their like with the same properties, types, links and
//! attributes (`structure`), then moves elements block by block (`data`), and at the end reads back
//! and compares everything (`verify`). A note in the new file (`marker`) says how far the copy is,
//! until it is complete; a copy that finds one goes on from there.
//!
//! The library is loaded at run time; the plugin is loaded by it, as by any program.
#![forbid(unsafe_code)]

mod attributes;
mod blocks;
mod data;
mod error;
mod inventory;
mod marker;
mod opened;
mod structure;
mod verify;

use std::path::PathBuf;
use std::time::Duration;

use data::Data;
use marker::Marker;
use opened::{Connectors, Opened};
use structure::Structure;

pub use error::{Error, Result};

/// One of the two files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of this machine.
    Local(PathBuf),
    /// A file on a server, named as HDF5 programs name it.
    Remote(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}", path.display()),
            Self::Remote(name) => f.write_str(name),
        }
    }
}

/// What to copy, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The HDF5 library, 1.14 or newer.
    pub library: PathBuf,
    /// The folder of the plugin.
    pub plugin: PathBuf,
    /// The connector's information string; empty to go by the environment.
    pub words: String,
    /// What is copied.
    pub from: Place,
    /// What is made.
    pub to: Place,
    /// What tells this source from another version of it; a copy only goes on if it is the same.
    pub source: String,
    /// Replace a file that is there.
    pub overwrite: bool,
    /// Read everything back and compare.
    pub verify: bool,
    /// How often the progress is noted in the new file.
    pub note_every: Duration,
}

/// Who is told how far the copy is.
pub trait Progress {
    /// A part begins: what it is, and how many bytes and objects it has.
    fn begin(&self, part: &str, bytes: u64, objects: u64);
    /// So many bytes and objects more are done.
    fn advance(&self, bytes: u64, objects: u64);
    /// Something that the user should know.
    fn note(&self, text: &str);
}

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Groups, datasets and committed datatypes.
    pub objects: u64,
    /// Bytes of elements, as in memory.
    pub bytes: u64,
    /// Whether an earlier copy was continued.
    pub resumed: bool,
    /// Whether everything was read back and compared.
    pub verified: bool,
}

/// Copies.
///
/// # Errors
/// When a file cannot be read or made, the destination is there already, or what was read back
/// differs.
pub fn copy(options: &Options, progress: &dyn Progress) -> Result<Summary> {
    h5rest_hdf5::load(&options.library).map_err(|error| Error::Refused(format!("{error:#}")))?;
    let connectors = Connectors::find(&options.plugin, &options.words)?;
    let source = Opened::open(&connectors, &options.from, false)?;
    progress.begin("reading the structure", 0, 0);
    let inventory = inventory::Inventory::of(&source)?;
    let mut summary = Summary {
        objects: inventory.objects.len() as u64,
        bytes: inventory.bytes(),
        ..Summary::default()
    };
    let (made, mut marker) = begin(options, &connectors, &source, progress)?;
    summary.resumed = marker.is_resumed();
    let structure = Structure::new(&source, &made, &inventory, summary.resumed);
    progress.begin("creating objects", 0, summary.objects);
    let later = structure.create(progress)?;
    structure.write_references(&later, progress)?;
    progress.begin("copying", summary.bytes, inventory.datasets() as u64);
    let mut data = Data::new(&source, &made, &inventory, options.note_every);
    data.copy(&mut marker, progress)?;
    let digests = data.digests();
    made.close()?;
    if options.verify {
        let made = Opened::open(&connectors, &options.to, false)?;
        progress.begin("checking", summary.bytes, summary.objects);
        verify::compare(&source, &made, &inventory, &digests, progress)?;
        made.close()?;
        summary.verified = true;
    }
    let made = Opened::open(&connectors, &options.to, true)?;
    Marker::remove(&made)?;
    made.close()?;
    source.close()?;
    Ok(summary)
}

/// Creates the new file, or opens the one that an interrupted copy left.
fn begin(
    options: &Options,
    connectors: &Connectors,
    source: &Opened,
    progress: &dyn Progress,
) -> Result<(Opened, Marker)> {
    if !options.overwrite && opened::exists(connectors, &options.to) {
        return resume(options, connectors, source, progress);
    }
    create(options, connectors, source, options.overwrite)
}

fn create(
    options: &Options,
    connectors: &Connectors,
    source: &Opened,
    overwrite: bool,
) -> Result<(Opened, Marker)> {
    let made = Opened::create(connectors, &options.to, source, overwrite)?;
    let marker = Marker::begin(&made, &options.source)?;
    Ok((made, marker))
}

/// Whether it is the name that `h5rest get` gives to files that are not complete.
fn is_part(place: &Place) -> bool {
    matches!(place, Place::Local(path) if path.extension().is_some_and(|end| end == "part"))
}

fn resume(
    options: &Options,
    connectors: &Connectors,
    source: &Opened,
    progress: &dyn Progress,
) -> Result<(Opened, Marker)> {
    let made = match Opened::open(connectors, &options.to, true) {
        Ok(made) => made,
        // HDF5 cannot open what it was writing when it was killed. The name says that it is ours.
        Err(error) if is_part(&options.to) => {
            progress.note(&format!(
                "the earlier copy is of no use, so this begins anew: {error}"
            ));
            return create(options, connectors, source, true);
        }
        Err(error) => return Err(error),
    };
    match Marker::read(&made)? {
        None => Err(Error::Refused(format!(
            "{} is there already: name another one, or replace it with --overwrite",
            options.to
        ))),
        Some(marker) if !marker.is_of(&options.source) => Err(Error::Refused(format!(
            "{} was begun as a copy of another file or version ({}): replace it with --overwrite",
            options.to,
            marker.source()
        ))),
        Some(marker) => {
            progress.note(&format!("{}: an earlier copy is continued", options.to));
            Ok((made, marker))
        }
    }
}
