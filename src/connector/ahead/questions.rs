//! Which answers may be believed: an answer that was asked for before something was forgotten,
//! deleted or evicted may be older than that, and must not bring it back.

use std::collections::BTreeSet;

use super::super::by_object::{ByObject, Objects};

/// The requests for objects that are under way, and what happened to objects since they were sent.
#[derive(Debug, Default)]
pub(in super::super) struct Questions {
    next: u64,
    under_way: BTreeSet<u64>,
    /// Objects that were forgotten while questions were under way: the next question at that time.
    forgotten: ByObject<u64>,
    /// Objects that this session deleted. Ids are not used again.
    dead: Objects,
}

impl Questions {
    /// Notes a question; its number is for [`Questions::answered`].
    pub(in super::super) fn ask(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        self.under_way.insert(number);
        number
    }

    /// Notes that the answer to a question has been dealt with.
    pub(in super::super) fn answered(&mut self, number: u64) {
        self.under_way.remove(&number);
        if self.under_way.is_empty() {
            self.forgotten.clear();
        }
    }

    /// Notes that what is known of an object is to be asked for again.
    pub(in super::super) fn forget(&mut self, object: u64) {
        if !self.under_way.is_empty() {
            self.forgotten.insert(object, self.next);
        }
    }

    /// Notes that an object is no more.
    pub(in super::super) fn bury(&mut self, object: u64) {
        self.dead.insert(object);
    }

    /// Notes that an object was not deleted, after all.
    pub(in super::super) fn exhume(&mut self, object: u64) {
        self.dead.remove(&object);
    }

    /// Whether this session deleted an object.
    pub(in super::super) fn is_dead(&self, object: u64) -> bool {
        self.dead.contains(&object)
    }

    /// Whether what the answer to a question says of an object may be true now.
    pub(in super::super) fn believes(&self, number: u64, object: u64) -> bool {
        let fresh = self.forgotten.get(&object).is_none_or(|&at| at <= number);
        fresh && !self.is_dead(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_older_than_a_change_are_not_believed() {
        let mut questions = Questions::default();
        let early = questions.ask();
        questions.forget(7);
        questions.bury(8);
        let late = questions.ask();
        assert!(!questions.believes(early, 7) && questions.believes(late, 7));
        assert!(!questions.believes(early, 8) && !questions.believes(late, 8));
        assert!(questions.believes(early, 9));
        questions.answered(early);
        questions.answered(late);
        assert!(questions.forgotten.is_empty());
        questions.forget(7);
        let next = questions.ask();
        assert!(questions.believes(next, 7) && !questions.believes(next, 8));
    }
}
