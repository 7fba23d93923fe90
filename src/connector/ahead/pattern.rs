//! What a program is likely to ask for next, and how much of that is worth fetching.
//!
//! Programs walk: they open one child of a group after another, or go down into each before the
//! next. How well the last guess was used decides how large the next one is.

use h5rest_protocol::{Link, ObjectClass, ObjectId};

use super::super::by_object::Objects;
use super::super::cache::Cache;
use super::super::records::Links;

/// Links looked at for each object that is guessed, at most.
const EFFORT: usize = 8;

/// How much to fetch ahead, from how the last answers were used.
#[derive(Debug, Default)]
pub(in super::super) struct Pattern {
    /// Objects of the next question.
    size: usize,
    /// Objects of the last answer that were not asked for yet, and how many it had.
    unused: Objects,
    fetched: usize,
    /// The object asked for last.
    previous: Option<u64>,
}

impl Pattern {
    /// Notes that an object was asked for.
    pub(in super::super) fn used(&mut self, object: u64) {
        self.unused.remove(&object);
        self.previous = Some(object);
    }

    /// How many objects the next question should be about, `first` if there was none yet.
    pub(super) fn next_size(&mut self, first: usize, most: usize) -> usize {
        let used = self.fetched - self.unused.len();
        self.size = match self.fetched {
            0 if self.size == 0 => first,
            fetched if 2 * used >= fetched => self.size * 4,
            fetched if 4 * used <= fetched => self.size / 4,
            _ => self.size,
        };
        self.size = self.size.clamp(1, most);
        self.size
    }

    /// Notes what an answer brought.
    pub(super) fn fetched(&mut self, objects: impl Iterator<Item = u64>) {
        self.unused = objects.collect();
        self.fetched = self.unused.len();
    }

    /// The last guess did harm: begins again with single objects.
    pub(super) fn failed(&mut self) {
        self.unused.clear();
        self.fetched = 1;
        self.size = 1;
    }

    /// Whether the program passes over groups without going into them: the object before was a
    /// group beside this one, and what is in it was left alone.
    pub(super) fn is_flat(&self, cache: &Cache, id: ObjectId) -> bool {
        let parent = |object| cache.place_of(object).map(|(group, _)| group);
        let Some(previous) = self.previous else {
            return false;
        };
        let passed_over = cache
            .links_of(previous)
            .is_some_and(|links| links.len() > 0);
        passed_over && previous != id.object && parent(previous) == parent(id.object)
    }
}

/// `id` and up to `most` objects that are not known and come next: behind it in its group, and
/// unless the program stays in the group (`flat`) in the order in which a visit of the whole domain
/// meets them.
pub(super) fn upcoming(cache: &Cache, id: ObjectId, most: usize, flat: bool) -> Vec<ObjectId> {
    let mut walk = Walk {
        cache,
        most,
        effort: most.saturating_mul(EFFORT),
        wanted: vec![id],
        seen: Objects::from_iter([id.object]),
    };
    if !flat {
        walk.below(id);
    }
    let mut at = id.object;
    while let Some((group, name)) = cache.place_of(at) {
        let entered = !walk.seen.insert(group);
        let Some(links) = cache.links_of(group).filter(|_| !entered) else {
            break;
        };
        walk.through(links, Some(name), flat);
        if flat {
            // A program may go through a group in another order than that of the names.
            walk.through(links, None, flat);
        }
        if flat || walk.is_full() {
            break;
        }
        at = group;
    }
    walk.wanted
}

struct Walk<'a> {
    cache: &'a Cache,
    most: usize,
    /// Links that may still be looked at.
    effort: usize,
    wanted: Vec<ObjectId>,
    seen: Objects,
}

impl Walk<'_> {
    fn is_full(&self) -> bool {
        self.wanted.len() >= self.most || self.effort == 0
    }

    /// What the links of a known group lead to, and what is behind that.
    fn below(&mut self, id: ObjectId) {
        if id.class == ObjectClass::Group
            && let Some(links) = self.cache.links_of(id.object)
        {
            self.through(links, None, false);
        }
    }

    /// Takes what links behind `after` lead to; with `flat` not what is behind that. Deep trees are
    /// walked with a stack of their own.
    fn through(&mut self, links: &Links, after: Option<&str>, flat: bool) {
        let mut stack = vec![links.names_behind(after)];
        while let Some(last) = stack.last_mut() {
            if self.wanted.len() >= self.most || self.effort == 0 {
                return;
            }
            let Some((_, record)) = last.next() else {
                stack.pop();
                continue;
            };
            self.effort -= 1;
            let Link::Hard(target) = record.link else {
                continue;
            };
            if !self.seen.insert(target.object) {
                continue;
            }
            if !self.cache.knows(target) {
                self.wanted.push(target);
            }
            if !flat
                && target.class == ObjectClass::Group
                && let Some(links) = self.cache.links_of(target.object)
            {
                stack.push(links.names_behind(None));
            }
        }
    }
}
