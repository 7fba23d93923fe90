//! Which records were deleted lately. The API answers 410 instead of 404 for these.

use std::collections::{HashSet, VecDeque};

use parking_lot::RwLock;

/// Most keys remembered; older ones are answered with 404, which clients treat alike.
const MOST: usize = 100_000;

#[derive(Default)]
pub(super) struct Tombstones {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    keys: HashSet<Box<[u8]>>,
    by_age: VecDeque<Box<[u8]>>,
}

impl Tombstones {
    /// Takes note of a change's effect: each key, and whether it is gone now.
    pub fn update(&self, effect: Vec<(Vec<u8>, bool)>) {
        if effect.is_empty() || (self.known.read().keys.is_empty() && effect.iter().all(|e| !e.1)) {
            return;
        }
        let mut known = self.known.write();
        for (key, gone) in effect {
            if !gone {
                known.keys.remove(key.as_slice());
            } else if known.keys.insert(key.clone().into()) {
                known.by_age.push_back(key.into());
            }
        }
        while known.by_age.len() > MOST {
            if let Some(oldest) = known.by_age.pop_front() {
                known.keys.remove(&oldest);
            }
        }
    }

    /// Forgets them all.
    #[cfg(fuzzing)]
    pub fn clear(&self) {
        *self.known.write() = Known::default();
    }

    pub fn contains(&self, key: &[u8]) -> bool {
        self.known.read().keys.contains(key)
    }
}
