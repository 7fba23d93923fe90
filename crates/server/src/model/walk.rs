//! All objects that hard links lead to, from a group on.

use std::collections::{HashSet, VecDeque};

use h5rest_protocol::{ObjectClass, ObjectId};

use super::links::{self, NamedLink};
use super::objects;
use crate::error::Result;
use crate::store::Reader;

/// An object that was reached, with its links if it is a group that exists.
#[derive(Debug, Clone)]
pub struct Reached {
    /// Which object.
    pub id: ObjectId,
    /// Its links by title; empty for datasets, datatypes and dangling ids.
    pub links: Vec<NamedLink>,
    /// Whether the object exists.
    pub exists: bool,
}

/// Visits `start` and everything hard links lead to, each object once, nearest first; but for what
/// is not shown, and what only such objects lead to.
pub fn reachable(
    reader: &dyn Reader,
    start: ObjectId,
    shows: &dyn Fn(ObjectId) -> bool,
    visit: &mut dyn FnMut(Reached) -> Result<()>,
) -> Result<()> {
    let mut seen = HashSet::from([start]);
    let mut queue = VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        let exists = objects::exists(reader, id)?;
        let links = match id.class {
            ObjectClass::Group if exists => links::all(reader, id)?,
            _ => Vec::new(),
        };
        let targets = links.iter().filter_map(|link| link.record.hard_target());
        queue.extend(targets.filter(|target| seen.insert(*target) && shows(*target)));
        visit(Reached { id, links, exists })?;
    }
    Ok(())
}
