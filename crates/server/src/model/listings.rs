//! Which objects of a domain hard links lead to, remembered while a client goes through a listing
//! page by page: to find out takes time that grows with the domain.

use std::collections::VecDeque;
use std::sync::Arc;

use h5rest_protocol::ObjectId;
use parking_lot::Mutex;

use super::walk;
use crate::auth::User;
use crate::error::Result;
use crate::store::Reader;

/// Most domains remembered.
const MOST: usize = 8;
/// Domains with more objects than this are not remembered: 16 bytes each.
const MOST_OBJECTS: usize = 1 << 20;

/// What was found lately.
#[derive(Debug, Default)]
pub struct Listings {
    known: Mutex<VecDeque<Known>>,
}

#[derive(Debug)]
struct Known {
    version: u64,
    root: ObjectId,
    user: User,
    ids: Arc<[ObjectId]>,
}

impl Listings {
    /// All objects that hard links lead to from the root on, but the root, by id; dangling ones, too.
    /// `shows` tells which ones this user may see.
    pub fn reachable(
        &self,
        reader: &dyn Reader,
        root: ObjectId,
        user: &User,
        shows: &dyn Fn(ObjectId) -> bool,
    ) -> Result<Arc<[ObjectId]>> {
        let version = reader.version();
        let same = |known: &&Known| {
            Some(known.version) == version && known.root == root && known.user == *user
        };
        if let Some(known) = self.known.lock().iter().find(same) {
            return Ok(known.ids.clone());
        }
        let mut ids = Vec::new();
        walk::reachable(reader, root, shows, &mut |reached| {
            if reached.id != root {
                ids.push(reached.id);
            }
            Ok(())
        })?;
        ids.sort_unstable();
        let ids: Arc<[ObjectId]> = ids.into();
        if let Some(version) = version.filter(|_| ids.len() <= MOST_OBJECTS) {
            let mut known = self.known.lock();
            known.retain(|old| old.version == version);
            known.truncate(MOST - 1);
            known.push_front(Known {
                version,
                root,
                user: user.clone(),
                ids: ids.clone(),
            });
        }
        Ok(ids)
    }
}
