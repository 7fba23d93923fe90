//! What becomes of a change, and changes that are made only if another one was.
//!
//! The old link of something that was moved goes only if the new one was made, and an object only if
//! its last link went. So the second change of such a pair keeps the fate of the first, wherever the two
//! are: in one lot, in two, or the first one settled long ago.

use std::sync::{Arc, OnceLock};

use super::change::Change;
use super::queue::Entry;
use super::send::Outcome;

/// What became of a change, shared by it and those that depend on it.
#[derive(Debug, Clone, Default)]
pub(in crate::connector) struct Fate(Arc<OnceLock<bool>>);

impl Fate {
    /// That of a change that was made: nothing needs to wait for it.
    pub(in crate::connector) fn done() -> Self {
        let fate = Self::default();
        fate.settle(true);
        fate
    }

    /// Whether it is known that the change was not made.
    pub(in crate::connector) fn is_refused(&self) -> bool {
        self.known() == Some(false)
    }

    /// Whether the change was made, if the server has answered.
    pub(super) fn known(&self) -> Option<bool> {
        self.0.get().copied()
    }

    /// Notes whether the change was made.
    pub(super) fn settle(&self, done: bool) {
        // It is told once only: what is done is done.
        let _ = self.0.set(done);
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Which of these changes another one needs, if nobody knows yet what becomes of that.
pub(super) fn needed(before: &[Entry], entry: &Entry) -> Option<usize> {
    let after = entry.after.as_ref()?;
    if after.known().is_some() {
        return None;
    }
    before.iter().rposition(|one| one.fate.is(after))
}

/// Whether it is known, before these changes are sent, that another one is not to be made.
pub(super) fn is_hopeless(before: &[Entry], entry: &Entry) -> bool {
    // What a forked child waits for is its parent's to send, and is never known here.
    let made = |after: &Fate| after.known() == Some(true);
    entry.after.as_ref().is_some_and(|after| !made(after)) && needed(before, entry).is_none()
}

/// Whether a change is not to be made, now that these are the outcomes of those before it.
pub(super) fn in_vain(entries: &[Entry], at: usize, outcomes: &[Option<Outcome>]) -> bool {
    let (before, entry) = (&entries[..at], &entries[at]);
    // A link that could not be made must not be deleted: it is somebody else's.
    if let Some(made) = made_by(before, &entry.change)
        && let Some(Outcome::Refused(_) | Outcome::LeftOut) = outcomes[made]
    {
        return true;
    }
    match needed(before, entry) {
        Some(needed) => !matches!(outcomes[needed], Some(Outcome::Done)),
        None => is_hopeless(before, entry),
    }
}

/// Which of these changes makes the link that another one deletes.
fn made_by(before: &[Entry], deletion: &Change) -> Option<usize> {
    let Change::DeleteLink { group, name, .. } = deletion else {
        return None;
    };
    before.iter().rposition(|one| match &one.change {
        Change::PutLink {
            group: in_group,
            name: of_name,
            ..
        }
        | Change::Create {
            link: Some((in_group, of_name)),
            ..
        } => in_group == group && of_name == name,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::{ObjectClass, ObjectId};

    use super::super::queue::Queue;
    use super::*;
    use crate::connector::Error;

    /// The deletion of a link, something else, and the deletion of what the link led to.
    fn entries(after: impl FnOnce(&Fate) -> Fate) -> Vec<Entry> {
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Group);
        let mut queue = Queue::default();
        let name = "a".to_owned();
        let link = Change::DeleteLink {
            group: root,
            name: name.clone(),
            leads_to: Some(id),
        };
        let fate = queue.push(link, None, None);
        queue.push(Change::DeleteAttribute { id: root, name }, None, None);
        queue.push(Change::Delete { id }, None, Some(&after(&fate)));
        queue.take(u64::MAX, usize::MAX, usize::MAX)
    }

    fn of(entries: &[Entry]) -> [Option<usize>; 3] {
        [0, 1, 2].map(|at| needed(&entries[..at], &entries[at]))
    }

    #[test]
    fn a_change_finds_the_one_that_it_needs() {
        let entries = entries(Clone::clone);
        assert_eq!(of(&entries), [None, None, Some(0)]);
        let refused = Outcome::Refused(Error::invalid("no"));
        for (outcome, vain) in [
            (Some(Outcome::Done), false),
            (Some(refused), true),
            (Some(Outcome::LeftOut), true),
            (None, true),
        ] {
            let outcomes = [outcome, None, None];
            assert_eq!(in_vain(&entries, 2, &outcomes), vain, "{outcomes:?}");
            assert!(!in_vain(&entries, 1, &outcomes));
        }
    }

    #[test]
    fn a_link_that_was_not_made_is_not_deleted() {
        let group = ObjectId::new_root();
        let put = |name: &str| Change::PutLink {
            group,
            name: name.into(),
            document: serde_json::json!({"h5path": "/x"}),
        };
        let delete = |name: &str| Change::DeleteLink {
            group,
            name: name.into(),
            leads_to: None,
        };
        let mut queue = Queue::default();
        for change in [put("a"), put("b"), delete("a"), delete("b"), delete("c")] {
            queue.push(change, None, None);
        }
        let entries = queue.take(u64::MAX, usize::MAX, usize::MAX);
        let refused = Outcome::Refused(Error::exists("no"));
        let outcomes = [Some(refused), Some(Outcome::Done), None, None, None];
        let vain = [2, 3, 4].map(|at| in_vain(&entries, at, &outcomes));
        assert_eq!(vain, [true, false, false]);
    }

    #[test]
    fn what_was_decided_before_is_known() {
        let unknown = [None, None, None];
        let none = entries(|_| Fate::done());
        assert!(of(&none)[2].is_none() && !in_vain(&none, 2, &unknown));
        let refused = entries(|fate| {
            fate.settle(false);
            fate.clone()
        });
        assert!(of(&refused)[2].is_none() && in_vain(&refused, 2, &unknown));
        // Of another process.
        let foreign = entries(|_| Fate::default());
        assert!(of(&foreign)[2].is_none() && in_vain(&foreign, 2, &unknown));
    }
}
