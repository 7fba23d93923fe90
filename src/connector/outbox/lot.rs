//! Changes that are sent together, and what of them is sent again.

use std::collections::VecDeque;

use super::change::Change;
use super::queue::{Entry, new_name};

/// Changes that are sent together, under a name by which the server knows them if they come again.
#[derive(Debug)]
pub(super) struct Lot {
    pub(super) name: String,
    pub(super) entries: Vec<Entry>,
}

impl Lot {
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        let name = new_name();
        Self { name, entries }
    }

    /// Changes for a server that knows no conditions: one that depends on another, or on where a link leads,
    /// goes alone, when what it depends on is known.
    pub(super) fn apart(entries: Vec<Entry>) -> VecDeque<Self> {
        Self::cut(entries, |entry| {
            let checks = matches!(
                entry.change,
                Change::DeleteLink {
                    leads_to: Some(_),
                    ..
                }
            );
            checks || entry.undecided().is_some()
        })
    }

    /// What is sent again of those that were sent under `name`. One that was sent alone, and may have been
    /// made, goes alone again, because the server would know its own name only.
    pub(super) fn again(name: String, count: usize, left: Vec<Entry>) -> VecDeque<Self> {
        if left.len() == count && !left.iter().any(Entry::was_sent_alone) {
            return VecDeque::from([Self {
                name,
                entries: left,
            }]);
        }
        Self::cut(left, Entry::was_sent_alone)
    }

    /// Lots in the same order, with some changes alone.
    fn cut(entries: Vec<Entry>, goes_alone: impl Fn(&Entry) -> bool) -> VecDeque<Self> {
        let (mut lots, mut together) = (VecDeque::new(), Vec::new());
        for entry in entries {
            if !goes_alone(&entry) {
                together.push(entry);
                continue;
            }
            let before = std::mem::take(&mut together);
            lots.extend((!before.is_empty()).then(|| Self::new(before)));
            lots.push_back(Self::new(vec![entry]));
        }
        lots.extend((!together.is_empty()).then(|| Self::new(together)));
        lots
    }
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::{ObjectClass, ObjectId};

    use super::super::fate::Fate;
    use super::super::queue::Queue;
    use super::*;

    fn entries(count: usize) -> Vec<Entry> {
        let mut queue = Queue::default();
        let root = ObjectId::new_root();
        for _ in 0..count {
            let id = root.new_in_domain(ObjectClass::Group);
            queue.push(Change::Delete { id }, None, None);
        }
        queue.take(u64::MAX, usize::MAX, usize::MAX)
    }

    fn lengths(lots: &VecDeque<Lot>) -> Vec<usize> {
        lots.iter().map(|lot| lot.entries.len()).collect()
    }

    #[test]
    fn a_lot_of_which_nothing_is_known_keeps_its_name() {
        let lots = Lot::again("n".into(), 3, entries(3));
        assert_eq!((lengths(&lots), &*lots[0].name), (vec![3], "n"));
        let lots = Lot::again("n".into(), 4, entries(3));
        assert_eq!(lengths(&lots), [3]);
        assert_ne!(lots[0].name, "n");
    }

    #[test]
    fn what_needs_another_one_goes_alone_where_the_server_cannot_look() {
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Group);
        let link = |leads_to| Change::DeleteLink {
            group: root,
            name: "a".into(),
            leads_to,
        };
        let mut queue = Queue::default();
        for change in [link(None), link(None)] {
            queue.push(change, None, None);
        }
        let fate = queue.push(link(Some(id)), None, None);
        queue.push(Change::Delete { id }, None, Some(&fate));
        queue.push(Change::Delete { id }, None, Some(&Fate::done()));
        queue.push(link(None), None, None);
        let entries = queue.take(u64::MAX, usize::MAX, usize::MAX);
        assert_eq!(lengths(&Lot::apart(entries)), [2, 1, 1, 2]);
    }

    #[test]
    fn what_was_sent_alone_is_sent_alone_again() {
        let left = entries(5);
        let name = left[2].name().to_owned();
        let lots = Lot::again("n".into(), 5, left);
        assert_eq!(lengths(&lots), [2, 1, 2]);
        assert_eq!(lots[1].entries[0].name(), name);
        assert!(lots.iter().all(|lot| lot.name != "n"));
    }
}
