//! Tables by the object halves of ids, which the cache and what belongs to it ask for every call.
//!
//! Servers choose these keys, so the hash is seeded anew in each process: none can be made to fall
//! into one place.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// Something for each of some objects.
pub(super) type ByObject<T> = HashMap<u64, T, RandomState>;

/// Some objects.
pub(super) type Objects = HashSet<u64, RandomState>;
