//! Asking HSDS for several objects at once: by their paths, which is its only request for many
//! objects that tells all about them as they are now.
//!
//! It goes through the list one by one and along each path link by link, so long paths cost as much
//! as they have parts, and objects deep down are asked for singly. Long lists are cut into two
//! requests, which it works through beside each other.

use std::collections::HashMap;

use h5rest_protocol::ObjectId;
use serde_json::Value;

use super::super::at_once::at_once;
use super::super::cache::Cache;
use super::super::error::Result;
use super::super::session::Session;
use super::Found;

/// Objects of one question, at most: HSDS needs some milliseconds for each.
pub(super) const MOST: usize = 256;
/// So many objects have one request; more of them several,
const PART: usize = 128;
/// at most this many, at once.
const AT_ONCE: usize = 2;
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
        let mut learned = Vec::new();
        let mut failed = false;
        for answer in self.objects_at(by_path.keys().cloned().collect())? {
            let objects = match answer {
                Ok(Value::Object(objects)) => objects,
                Ok(_) => continue,
                // One path that leads nowhere by now, or one attribute that HSDS cannot show, is enough.
                Err(error) => {
                    log::info!("no look ahead: {error}");
                    failed = true;
                    continue;
                }
            };
            for (path, object) in objects {
                // The path may lead to another object by now.
                let expected = by_path.get(&path);
                let Some(&found) = expected.filter(|id| object["id"] == id.to_string()) else {
                    continue;
                };
                match Found::read_single(found, &object, true, true) {
                    Ok(found) => learned.push(found),
                    Err(error) if found == id => return Err(error),
                    Err(error) => log::warn!("{found} is not understood: {error}"),
                }
            }
        }
        let mut cache = self.cache();
        let ids: Vec<u64> = learned.iter().map(|found| found.id.object).collect();
        for found in learned {
            cache.learn(question.number, found);
        }
        match failed {
            true => cache.pattern.failed(),
            false => cache.pattern.fetched(ids.into_iter()),
        }
        cache.pattern.used(id.object);
        let missing = !cache.knows(id);
        drop(cache);
        drop(question);
        if missing {
            return self.fetch_single(id);
        }
        Ok(())
    }

    /// The documents of objects by their paths, in one answer or a few.
    fn objects_at(&self, mut paths: Vec<String>) -> Result<Vec<Result<Value>>> {
        let domain = self.domain()?;
        let count = paths.len().div_ceil(PART).clamp(1, AT_ONCE);
        let size = paths.len().div_ceil(count);
        let mut parts = Vec::with_capacity(count);
        while paths.len() > size {
            parts.push(paths.split_off(paths.len() - size));
        }
        parts.push(paths);
        let ask = |paths: Vec<String>| Ok(domain.objects_at(&paths)?);
        Ok(at_once(parts, AT_ONCE, ask))
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
