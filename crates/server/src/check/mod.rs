//! Whether the records of a store make sense together, for `h5rest fsck` and the tests that kill
//! servers.
//!
//! Passes in key order: answers to named changes, domains, then everything that belongs to an object. Memory
//! grows with the number of domains, not of objects.

mod answers;
mod domains;
mod object;

use std::fmt;
use std::ops::ControlFlow;

use h5rest_protocol::ObjectId;

use crate::error::Result;
use crate::store::{Reader, Store, keys};

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A record is damaged, missing, or contradicts another one.
    Problem(String),
    /// Allowed, but worth knowing.
    Note(String),
}

/// Receives what is found.
pub type Tell<'a> = &'a mut dyn FnMut(Finding);

/// What a store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Domains.
    pub domains: u64,
    /// Folders.
    pub folders: u64,
    /// Groups, datasets and committed datatypes.
    pub objects: u64,
    /// Attributes.
    pub attributes: u64,
    /// Links.
    pub links: u64,
    /// Answers to named changes.
    pub answers: u64,
    /// Stored chunks.
    pub chunks: u64,
    /// Their bytes, as stored.
    pub bytes: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} folders, {} domains, {} objects, {} links, {} attributes, {} named changes, \
             {} chunks of {} bytes",
            self.folders,
            self.domains,
            self.objects,
            self.links,
            self.attributes,
            self.answers,
            self.chunks,
            self.bytes
        )
    }
}

/// Checks everything; `quick` leaves the elements of datasets unread.
///
/// # Errors
/// When the store cannot be read; what is wrong inside it is told instead.
pub fn check(store: &Store, quick: bool, tell: Tell<'_>) -> Result<Summary> {
    let reader = store.read()?;
    let mut summary = Summary::default();
    answers::check(&*reader, store.clock.now(), &mut summary, tell)?;
    let owned = domains::check(&*reader, &mut summary, tell)?;
    let (mut start, end) = (keys::all_objects(), keys::end_of(&keys::all_objects()));
    let mut last = None;
    while let Some((key, found)) = next_object(&*reader, &start, &end)? {
        let Some(id) = found else {
            tell(Finding::Problem(format!("record {key:?} is of no object")));
            start = [&key[..], &[0]].concat();
            continue;
        };
        start = keys::end_of(&keys::object(id));
        if !owned.contains(&id.domain) && last.replace(id.domain) != Some(id.domain) {
            // What a domain leaves that was deleted with `keep_root`.
            tell(Finding::Note(format!(
                "the objects of {} are of no domain",
                id.root_of()
            )));
        }
        summary.objects += 1;
        object::check(store, &*reader, id, quick, &mut summary, tell)?;
    }
    Ok(summary)
}

/// The first record from `start` on, and which object it belongs to.
fn next_object(
    reader: &dyn Reader,
    start: &[u8],
    end: &[u8],
) -> Result<Option<(Vec<u8>, Option<ObjectId>)>> {
    let mut found = None;
    reader.scan_sizes(start, end, &mut |key, _| {
        found = Some((key.to_vec(), keys::object_of(key).map(|(id, _)| id)));
        ControlFlow::Break(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests;
