//! Readers that have nothing to read now and keep the state that they saw last: as long as nothing
//! changes, the next one who reads goes on with it. To let go of a state and take hold of it again
//! costs more than reading a few records.
//!
//! A change ends them before it begins: the log of the database cannot start anew while somebody
//! reads in it.

use super::snapshot::Snapshot;
use parking_lot::Mutex;

/// Most readers that are kept.
const MOST: usize = 32;

#[derive(Default)]
pub(super) struct Parked {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many changes have begun.
    begun: u64,
    /// Whether one is being made now: what a reader sees then, nobody knows.
    changing: bool,
    /// In a transaction that shows the state after all changes.
    readers: Vec<Snapshot>,
}

/// The time between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Calm(u64);

/// A change is being made for as long as this lives.
pub(super) struct Changing<'a>(&'a Parked);

impl Parked {
    /// A reader in a transaction that shows the latest state, if there is one; and when this is, for
    /// [`Parked::park`].
    pub fn take(&self) -> (Option<Snapshot>, Option<Calm>) {
        let mut state = self.state.lock();
        let calm = (!state.changing).then_some(Calm(state.begun));
        (state.readers.pop(), calm)
    }

    /// Keeps a reader whose transaction began in this time. It comes back if there has been a change
    /// since, or if there are enough.
    pub fn park(&self, reader: Snapshot, calm: Calm) -> Option<Snapshot> {
        let mut state = self.state.lock();
        if state.changing || calm != Calm(state.begun) || state.readers.len() >= MOST {
            return Some(reader);
        }
        state.readers.push(reader);
        None
    }

    /// Whether no change has begun since this time.
    pub fn is_still(&self, calm: Calm) -> bool {
        let state = self.state.lock();
        !state.changing && calm == Calm(state.begun)
    }

    /// Readers that are not needed now, whose transactions are to be ended.
    pub fn release(&self) -> Vec<Snapshot> {
        std::mem::take(&mut self.state.lock().readers)
    }

    /// A change begins: no reader is kept until it has ended. To be called by the one who may write.
    pub fn change(&self) -> (Changing<'_>, Vec<Snapshot>) {
        let mut state = self.state.lock();
        debug_assert!(!state.changing, "two changes at a time");
        state.begun += 1;
        state.changing = true;
        (Changing(self), std::mem::take(&mut state.readers))
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.state.lock().changing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn reader() -> Snapshot {
        Snapshot::of(Connection::open_in_memory().unwrap().into())
    }

    #[test]
    fn readers_stay_until_something_changes() {
        let parked = Parked::default();
        let (none, calm) = parked.take();
        assert!(none.is_none());
        assert!(parked.park(reader(), calm.unwrap()).is_none());
        assert!(parked.take().0.is_some());
        assert!(parked.park(reader(), calm.unwrap()).is_none());
        let (changing, ended) = parked.change();
        assert_eq!(ended.len(), 1);
        // What starts now may or may not see the change.
        assert_eq!(parked.take().1, None);
        assert!(parked.park(reader(), calm.unwrap()).is_some());
        drop(changing);
        assert!(parked.park(reader(), calm.unwrap()).is_some());
        let (none, later) = parked.take();
        assert!(none.is_none() && later != calm);
        assert!(parked.park(reader(), later.unwrap()).is_none());
        assert_eq!(parked.release().len(), 1);
    }
}
