//! A mark in the folder of a store that is being filled: whoever fills it may be killed at any moment, and
//! what is there then would look like a store that lacks some objects. Called by `Store`, for `h5rest backup`.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::{StoreError, StoreResult};

const MARK: &str = "incomplete";

/// Marks a folder, which is made if it does not exist.
pub(super) fn begin(folder: &Path) -> StoreResult<()> {
    let begin = || {
        fs::create_dir_all(folder)?;
        File::create(folder.join(MARK))?.sync_all()?;
        sync(folder)
    };
    begin().map_err(|error| failed("begin", folder, &error))
}

/// Takes the mark away.
pub(super) fn end(folder: &Path) -> StoreResult<()> {
    let end = || {
        // Files that were made since are there for sure before the mark is not.
        sync(folder)?;
        fs::remove_file(folder.join(MARK))?;
        sync(folder)
    };
    end().map_err(|error| failed("complete", folder, &error))
}

/// Refuses a folder with the mark.
pub(super) fn check(folder: &Path) -> StoreResult<()> {
    match folder.join(MARK).exists() {
        false => Ok(()),
        true => Err(StoreError::Unavailable(format!(
            "{} is a copy that did not come to its end (it has a file '{MARK}'): remove the folder, and make \
             another copy",
            folder.display()
        ))),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn failed(what: &str, folder: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!(
        "cannot {what} a store in {}: {error}",
        folder.display()
    ))
}
