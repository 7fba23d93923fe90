//! Changes in the order in which they were made, as few as possible.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use h5rest_protocol::ObjectId;

use super::change::Change;
use super::fate::Fate;

/// A change that waits.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) change: Change,
    /// Path of the object that it is about, for messages.
    pub(super) place: Option<Arc<str>>,
    /// Whether it was sent before, to a server that gave no answer.
    pub(super) repeated: bool,
    /// What becomes of it.
    pub(super) fate: Fate,
    /// That of an earlier change, without which it is not to be made.
    pub(super) after: Option<Fate>,
    /// Whether the server has shown, before it was asked to delete a link, that this leads where it should.
    checked: AtomicBool,
    size: usize,
    /// What its requests are called when it is sent alone; it has this from the first time on.
    name: OnceLock<String>,
}

impl Entry {
    /// The name of its requests.
    pub(super) fn name(&self) -> &str {
        self.name.get_or_init(new_name)
    }

    /// The change that it waits for, if nobody knows yet what becomes of that.
    pub(super) fn undecided(&self) -> Option<&Fate> {
        self.after.as_ref().filter(|after| after.known().is_none())
    }

    /// Whether the link that it deletes was seen to lead where it should.
    pub(super) fn was_checked(&self) -> bool {
        self.checked.load(Ordering::Relaxed)
    }

    /// Notes that the link that it deletes leads where it should.
    pub(super) fn set_checked(&self) {
        self.checked.store(true, Ordering::Relaxed);
    }

    /// Whether it was sent in requests of its own.
    pub(super) fn was_sent_alone(&self) -> bool {
        self.name.get().is_some()
    }
}

/// A name that nothing else has.
pub(super) fn new_name() -> String {
    ObjectId::new_root().to_string()
}

/// What waits, and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Entry>,
    /// Number of the first that waits; the others count on.
    first: u64,
    bytes: usize,
    /// When the oldest was made.
    since: Option<Instant>,
    /// Where an attribute's value that waits may be replaced by a later one.
    attributes: HashMap<(ObjectId, String), u64>,
    /// Where an extent that waits may be replaced by a larger one.
    extents: HashMap<ObjectId, u64>,
    /// Where elements that wait may be continued by those that come next in the dataset.
    elements: HashMap<ObjectId, u64>,
    /// Changes of each object, waiting or on their way.
    touched: HashMap<ObjectId, usize>,
    /// Those that its elements must wait for.
    values: HashMap<ObjectId, usize>,
}

impl Queue {
    /// Adds a change behind all others, or joins it with one that waits; what becomes of it. If it comes
    /// `after` another one, it is to be made only if that is.
    pub(super) fn push(
        &mut self,
        change: Change,
        place: Option<Arc<str>>,
        after: Option<&Fate>,
    ) -> Fate {
        let change = match after {
            // Joined, it would be made as the other is: whatever became of what it needs.
            Some(_) => change,
            None => match self.joined(change) {
                ControlFlow::Break(fate) => return fate,
                ControlFlow::Continue(change) => change,
            },
        };
        let number = self.first + self.waiting.len() as u64;
        match &change {
            Change::PutAttribute { id, name, .. } => {
                self.attributes.insert((*id, name.clone()), number);
            }
            Change::DeleteAttribute { id, name } => self.settle_attribute(*id, name),
            Change::RenameAttribute { id, old, new } => {
                self.settle_attribute(*id, old);
                self.settle_attribute(*id, new);
            }
            Change::Grow { id, .. } => {
                self.extents.insert(*id, number);
                // What is written now may need it.
                self.elements.remove(id);
            }
            Change::PutValues { id, .. } => {
                self.elements.insert(*id, number);
            }
            _ => {}
        }
        self.count(&change, true);
        let entry = Entry {
            size: change.size(),
            change,
            place,
            repeated: false,
            fate: Fate::default(),
            after: after.cloned(),
            checked: AtomicBool::new(false),
            name: OnceLock::new(),
        };
        let fate = entry.fate.clone();
        self.bytes += entry.size;
        self.since.get_or_insert_with(Instant::now);
        self.waiting.push_back(entry);
        fate
    }

    /// What was said before of this name stays as it is.
    fn settle_attribute(&mut self, id: ObjectId, name: &str) {
        self.attributes.remove(&(id, name.to_owned()));
    }

    /// Puts an attribute's value, or an extent, in the place of an earlier one that waits, and
    /// elements behind those that they continue: nothing in between depends on it. Tells what becomes
    /// of the two, or gives the change back if there is none.
    fn joined(&mut self, change: Change) -> ControlFlow<Fate, Change> {
        let at = match &change {
            Change::PutAttribute { id, name, .. } => self.attributes.get(&(*id, name.clone())),
            Change::Grow { id, .. } => self.extents.get(id),
            Change::PutValues { id, .. } => self.elements.get(id),
            _ => None,
        };
        let at = at.and_then(|number| number.checked_sub(self.first));
        let at = at.and_then(|at| usize::try_from(at).ok());
        let entry = at.and_then(|at| self.waiting.get_mut(at));
        // What is left out must not take another one with it.
        let Some(entry) = entry.filter(|entry| entry.after.is_none()) else {
            return ControlFlow::Continue(change);
        };
        if let Change::PutValues { sel, bytes, .. } = &change {
            let continued = entry.change.continued_by(sel, bytes);
            if continued {
                self.bytes -= entry.size;
                entry.size = entry.change.size();
                self.bytes += entry.size;
            }
            return match continued {
                true => ControlFlow::Break(entry.fate.clone()),
                false => ControlFlow::Continue(change),
            };
        }
        entry.change = match (&entry.change, change) {
            // A new attribute stays a new one: it must not replace somebody else's.
            (
                Change::PutAttribute { replace, .. },
                Change::PutAttribute {
                    id,
                    name,
                    document,
                    bytes,
                    ..
                },
            ) => Change::PutAttribute {
                id,
                name,
                document,
                bytes,
                replace: *replace,
            },
            (_, change) => change,
        };
        let size = entry.change.size();
        self.bytes = self.bytes - entry.size + size;
        entry.size = size;
        ControlFlow::Break(entry.fate.clone())
    }

    /// Takes the oldest changes made before number `until` out, at most so many and so many bytes
    /// (but one in any case). They still count until [`Queue::done`].
    pub(super) fn take(&mut self, until: u64, most: usize, most_bytes: usize) -> Vec<Entry> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(entry) = self.waiting.front() {
            let full = taken.len() >= most || bytes + entry.size > most_bytes;
            if self.first >= until || (full && !taken.is_empty()) {
                break;
            }
            bytes += entry.size;
            taken.extend(self.waiting.pop_front());
            self.first += 1;
        }
        self.bytes -= bytes;
        if self.waiting.is_empty() {
            self.since = None;
            self.attributes.clear();
            self.extents.clear();
            self.elements.clear();
        }
        taken
    }

    /// A change that was taken out has been done or refused.
    pub(super) fn done(&mut self, entry: &Entry) {
        self.count(&entry.change, false);
    }

    /// What waits, or could not be sent, counts as made now.
    pub(super) fn touch(&mut self) {
        self.since = (!self.is_idle()).then(Instant::now);
    }

    fn count(&mut self, change: &Change, more: bool) {
        let adjust = |counts: &mut HashMap<ObjectId, usize>, id: ObjectId| match more {
            true => *counts.entry(id).or_insert(0) += 1,
            false => {
                if let Some(count) = counts.get_mut(&id) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(&id);
                    }
                }
            }
        };
        for id in change.touches() {
            adjust(&mut self.touched, id);
        }
        if let Some(id) = change.precedes_values_of() {
            adjust(&mut self.values, id);
        }
    }

    /// The number that the next change gets.
    pub(super) fn next(&self) -> u64 {
        self.first + self.waiting.len() as u64
    }

    /// Number and bytes of what waits.
    pub(super) fn load(&self) -> (usize, usize) {
        (self.waiting.len(), self.bytes)
    }

    /// Since when something waits.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// Whether nothing waits or is on its way.
    pub(super) fn is_idle(&self) -> bool {
        self.touched.is_empty()
    }

    /// Whether a change of this object waits or is on its way.
    pub(super) fn touches(&self, id: ObjectId) -> bool {
        self.touched.contains_key(&id)
    }

    /// Whether the elements of this dataset must wait.
    pub(super) fn precedes_values_of(&self, id: ObjectId) -> bool {
        self.values.contains_key(&id)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use h5rest_protocol::ObjectClass;
    use h5rest_protocol::selection::DimSelection;
    use serde_json::json;

    use super::*;

    fn attribute(id: ObjectId, name: &str, value: i32, replace: bool) -> Change {
        Change::PutAttribute {
            id,
            name: name.into(),
            document: json!({"value": value}),
            bytes: None,
            replace,
        }
    }

    fn taken(queue: &mut Queue) -> Vec<Change> {
        let entries = queue.take(u64::MAX, usize::MAX, usize::MAX);
        entries.into_iter().map(|entry| entry.change).collect()
    }

    #[test]
    fn an_attribute_that_is_made_and_written_is_one_change() {
        let root = ObjectId::new_root();
        let mut queue = Queue::default();
        for change in [
            attribute(root, "a", 0, false),
            attribute(root, "b", 0, false),
            attribute(root, "a", 1, true),
            attribute(root, "a", 2, true),
        ] {
            queue.push(change, None, None);
        }
        let expected = [
            attribute(root, "a", 2, false),
            attribute(root, "b", 0, false),
        ];
        assert_eq!(taken(&mut queue), expected);
        // What is on its way is not changed any more.
        queue.push(attribute(root, "a", 3, true), None, None);
        assert_eq!(taken(&mut queue), [attribute(root, "a", 3, true)]);
    }

    #[test]
    fn what_needs_another_change_is_not_joined_with_one_that_does_not() {
        let root = ObjectId::new_root();
        let mut queue = Queue::default();
        let made = queue.push(attribute(root, "a", 0, false), None, None);
        let link = Change::DeleteLink {
            group: root,
            name: "l".into(),
            leads_to: None,
        };
        let gone = queue.push(link.clone(), None, None);
        queue.push(attribute(root, "a", 1, true), None, Some(&gone));
        queue.push(attribute(root, "a", 2, true), None, None);
        let last = queue.push(attribute(root, "a", 3, true), None, None);
        let entries = queue.take(u64::MAX, usize::MAX, usize::MAX);
        let changes: Vec<&Change> = entries.iter().map(|entry| &entry.change).collect();
        let expected = [
            &attribute(root, "a", 0, false),
            &link,
            &attribute(root, "a", 1, true),
            &attribute(root, "a", 3, true),
        ];
        assert_eq!(changes, expected);
        let waits: Vec<bool> = entries.iter().map(|e| e.undecided().is_some()).collect();
        assert_eq!(waits, [false, false, true, false]);
        // What was joined has one fate.
        entries[3].fate.settle(true);
        assert!(last.known() == Some(true) && made.known().is_none());
        gone.settle(false);
        assert!(entries[2].undecided().is_none());
    }

    #[test]
    fn names_that_were_given_up_are_not_written_to() {
        let root = ObjectId::new_root();
        let rename = Change::RenameAttribute {
            id: root,
            old: "a".into(),
            new: "b".into(),
        };
        let delete = Change::DeleteAttribute {
            id: root,
            name: "b".into(),
        };
        let changes = [
            attribute(root, "a", 1, false),
            rename,
            attribute(root, "b", 2, true),
            delete,
            attribute(root, "b", 3, false),
            attribute(root, "a", 4, false),
        ];
        let mut queue = Queue::default();
        for change in changes.clone() {
            queue.push(change, None, None);
        }
        assert_eq!(taken(&mut queue), changes);
    }

    #[test]
    fn only_the_last_of_growing_extents_is_sent() {
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
        let mut queue = Queue::default();
        for n in 1..=5 {
            queue.push(Change::Grow { id, dims: vec![n] }, None, None);
        }
        let dims = vec![5];
        assert_eq!(taken(&mut queue), [Change::Grow { id, dims }]);
    }

    #[test]
    fn elements_written_one_by_one_are_sent_together() {
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Dataset);
        let other = root.new_in_domain(ObjectClass::Dataset);
        let range = |start, stop| DimSelection::Range {
            start,
            stop,
            step: 1,
        };
        let write = |id, from, to, bytes: &'static str| Change::PutValues {
            id,
            sel: vec![range(3, 4), range(from, to), range(0, 5)],
            bytes: Bytes::from_static(bytes.as_bytes()),
        };
        let places = |id, list, bytes: &'static str| Change::PutValues {
            id,
            sel: vec![range(3, 4), DimSelection::List(list), range(0, 5)],
            bytes: Bytes::from_static(bytes.as_bytes()),
        };
        let grow = |n| Change::Grow { id, dims: vec![n] };
        let mut queue = Queue::default();
        for change in [
            grow(1),
            write(id, 0, 1, "a"),
            write(other, 1, 2, "x"),
            grow(2),
            write(id, 1, 3, "bc"),
            // Not the next one.
            write(id, 4, 5, "e"),
            write(id, 3, 4, "d"),
            // Again: must not be before the other.
            write(id, 4, 5, "f"),
            write(other, 2, 3, "y"),
        ] {
            queue.push(change, None, None);
        }
        let bytes = queue.load().1;
        let expected = [
            grow(2),
            write(id, 0, 3, "abc"),
            write(other, 1, 3, "xy"),
            places(id, vec![4, 3], "ed"),
            write(id, 4, 5, "f"),
        ];
        assert_eq!(bytes, expected.iter().map(Change::size).sum::<usize>());
        assert_eq!(taken(&mut queue), expected);
        // An extent that is larger only after the first write must not come after the second.
        let changes = [write(id, 5, 6, "f"), grow(3), write(id, 6, 7, "g")];
        for change in changes.clone() {
            queue.push(change, None, None);
        }
        assert_eq!(taken(&mut queue), changes);
    }

    #[test]
    fn what_is_on_its_way_still_counts() {
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Dataset);
        let mut queue = Queue::default();
        let (body, link) = (serde_json::Map::new(), Some((root, "d".into())));
        queue.push(Change::Create { id, body, link }, None, None);
        queue.push(attribute(root, "a", 1, false), None, None);
        assert!(queue.precedes_values_of(id) && !queue.precedes_values_of(root));
        let until = queue.next();
        queue.push(attribute(root, "later", 1, false), None, None);
        let entries = queue.take(until, 1, usize::MAX);
        assert_eq!(entries.len(), 1);
        assert!(queue.touches(id) && queue.touches(root));
        queue.done(&entries[0]);
        assert!(!queue.touches(id) && !queue.precedes_values_of(id) && queue.touches(root));
        let rest = queue.take(until, 10, usize::MAX);
        assert_eq!(rest.len(), 1);
        queue.done(&rest[0]);
        assert_eq!(queue.load().0, 1);
        let last = queue.take(u64::MAX, 10, usize::MAX);
        queue.done(&last[0]);
        assert!(queue.is_idle() && queue.since().is_none() && queue.load() == (0, 0));
    }
}
