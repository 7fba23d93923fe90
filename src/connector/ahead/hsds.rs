//! Asking HSDS for several objects at once: by their paths, which is its only request for many
//! objects that tells all about them as they are now.
//!
//! It goes through the list one by one and along each path link by link, so long paths cost as much
//! as they have parts, and objects deep down are asked for singly.

use std::collections::HashMap;

use h5rest_protocol::ObjectId;
use serde_json::Value;

use super::super::cache::Cache;
use super::super::error::Result;
use super::super::session::Session;
use super::Found;

/// Objects of one question, at most: HSDS needs some milliseconds for each.
pub(super) const MOST: usize = 256;
/// Parts of a path, at most.
const LONGEST: usize = 16;

impl Session {
    /// Asks for objects by the paths by which they are known.
    pub(super) fn fetch_by_path(&self, id: ObjectId, wanted: &[ObjectId]) -> Result<()> {
        let by_path: HashMap<String, ObjectId> = {
            let cache = self.cache();
            let known = wanted.iter();
            known
                .filter_map(|&id| Some((path_of(&cache, self.root(), id)?, id)))
                .collect()
        };
        if by_path.len() < 2 || !by_path.values().any(|&known| known == id) {
            return self.fetch_single(id);
        }
        let question = self.question();
        let paths: Vec<String> = by_path.keys().cloned().collect();
        let objects = match self.domain()?.objects_at(&paths) {
            Ok(Value::Object(objects)) => objects,
            // One path that leads nowhere by now, or one attribute that HSDS cannot show, is enough.
            Ok(_) => return self.fetch_single(id),
            Err(error) => {
                log::info!("no look ahead: {error}");
                drop(question);
                self.cache().pattern.failed();
                return self.fetch_single(id);
            }
        };
        let mut learned = Vec::new();
        for (path, object) in objects {
            // The path may lead to another object by now.
            let expected = by_path.get(&path);
            let Some(&id) = expected.filter(|id| object["id"] == id.to_string()) else {
                continue;
            };
            learned.push(Found::read(id, object, true, true)?);
        }
        let mut cache = self.cache();
        let ids: Vec<u64> = learned.iter().map(|found| found.id.object).collect();
        for found in learned {
            cache.learn(question.number, found);
        }
        cache.pattern.fetched(ids.into_iter());
        cache.pattern.used(id.object);
        let missing = !cache.knows(id);
        drop(cache);
        if missing {
            return self.fetch_single(id);
        }
        Ok(())
    }
}

/// The path of hard links by which an object was found, unless it is long or has a part that HSDS
/// does not take for a name.
fn path_of(cache: &Cache, root: ObjectId, id: ObjectId) -> Option<String> {
    let mut parts = Vec::new();
    let mut at = id.object;
    while at != root.object {
        let (group, name) = cache.place_of(at)?;
        if parts.len() == LONGEST || [".", ".."].contains(&name) {
            return None;
        }
        parts.push(name);
        at = group;
    }
    parts.reverse();
    Some(format!("/{}", parts.join("/")))
}
