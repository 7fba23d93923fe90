//! A note in a file that is being made: an attribute of its root group that says what it is a copy
//! of, and how many of its elements are there. It is gone when the copy is complete.
//!
//! The number of a dataset (in the inventory's order) and of a block in it mean that everything
//! before was stored when the note was written.

use std::ffi::CString;

use h5rest_hdf5::{Failure, Hid, Id, c, h5, ok, texts};
use serde_json::{Value, json};

use crate::error::{Attempted, Result};
use crate::opened::Opened;

/// The attribute's name.
const NAME: &str = "h5rest copy in progress";
/// Bytes that it has; longer sources are cut off.
const SIZE: usize = 2048;

/// How far a copy is.
#[derive(Debug)]
pub(crate) struct Marker {
    source: String,
    /// The dataset and the block of it that come next.
    next: (usize, usize),
    resumed: bool,
}

impl Marker {
    /// Puts the first note into a new file.
    pub fn begin(file: &Opened, source: &str) -> Result<Self> {
        let marker = Self {
            source: cut(source),
            next: (0, 0),
            resumed: false,
        };
        let create = || {
            let ty = string_type()?;
            let space = Id::new(h5().H5Screate(0))?;
            let name = c(NAME);
            let root = file.get();
            Id::new(h5().H5Acreate2(root, (&name).into(), ty.get(), space.get(), 0, 0))?.close()
        };
        create().attempted(|| "cannot note the progress in the new file".into())?;
        marker.write(file)?;
        Ok(marker)
    }

    /// The note in a file, if there is one.
    pub fn read(file: &Opened) -> Result<Option<Self>> {
        let name = c(NAME);
        if h5().H5Aexists(file.get(), (&name).into()) <= 0 {
            return Ok(None);
        }
        let read = || {
            let attribute = Id::new(h5().H5Aopen(file.get(), (&name).into(), 0))?;
            texts::read(attribute.get(), string_type()?.get(), SIZE)
        };
        let text = read().attempted(|| "cannot read how far the earlier copy was".into())?;
        let document: Value = serde_json::from_str(&text).unwrap_or_default();
        let number = |key: &str| document[key].as_u64().unwrap_or(0) as usize;
        Ok(Some(Self {
            source: document["source"].as_str().unwrap_or_default().to_owned(),
            next: (number("dataset"), number("block")),
            resumed: true,
        }))
    }

    /// Takes the note out of a complete file.
    pub fn remove(file: &Opened) -> Result<()> {
        let removed = ok(h5().H5Adelete(file.get(), (&c(NAME)).into())).map(|_| ());
        removed.attempted(|| "cannot take the note of the progress out of the new file".into())
    }

    /// Whether an attribute is the note.
    pub fn is(name: &CString) -> bool {
        name.to_bytes() == NAME.as_bytes()
    }

    /// What the file is a copy of.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the file is a copy of this source.
    pub fn is_of(&self, source: &str) -> bool {
        self.source == cut(source)
    }

    /// Whether it was found in the file.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// The dataset and the block of it that come next.
    pub fn next(&self) -> (usize, usize) {
        self.next
    }

    /// Stores what was written, and then notes that it was.
    pub fn advance(&mut self, file: &Opened, next: (usize, usize)) -> Result<()> {
        file.flush()?;
        self.next = next;
        self.write(file)
    }

    fn write(&self, file: &Opened) -> Result<()> {
        let (dataset, block) = self.next;
        let text = json!({"source": self.source, "dataset": dataset, "block": block}).to_string();
        let write = |file: Hid| -> std::result::Result<(), Failure> {
            let attribute = Id::new(h5().H5Aopen(file, (&c(NAME)).into(), 0))?;
            texts::write(attribute.get(), string_type()?.get(), &text, SIZE)
        };
        write(file.get()).attempted(|| "cannot note the progress in the new file".into())
    }
}

/// As much of a source's description as the note has room for, written as JSON.
fn cut(source: &str) -> String {
    source.chars().take(SIZE / 8).collect()
}

fn string_type() -> std::result::Result<Id, Failure> {
    let ty = Id::new(h5().H5Tcopy(h5().predefined("H5T_C_S1_g")))?;
    ok(h5().H5Tset_size(ty.get(), SIZE))?;
    // 1 is H5T_STR_NULLPAD, 1 is H5T_CSET_UTF8.
    ok(h5().H5Tset_strpad(ty.get(), 1))?;
    ok(h5().H5Tset_cset(ty.get(), 1))?;
    Ok(ty)
}
