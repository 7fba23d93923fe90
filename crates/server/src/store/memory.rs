//! Records in a persistent ordered map: a snapshot is a reference to it, and readers and writers
//! never wait for each other.

use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use imbl::OrdMap;
use parking_lot::RwLock;

use super::StoreResult;
use super::backend::{
    Backend, Payload, Preparation, Reader, Record, Transaction, Visit, VisitSize, Work,
};

type Records = OrdMap<Bytes, Bytes>;

/// The backend behind `h5rest serve --memory`.
#[derive(Default)]
pub(super) struct Memory {
    /// With the number of commits.
    state: RwLock<(Records, u64)>,
}

struct View(Records, u64);

struct Change(Records);

/// Values that are to be kept.
#[derive(Default)]
struct Prepared(Vec<(Vec<u8>, Payload)>);

impl Preparation for Prepared {
    fn add(&mut self, (key, value): Record) -> StoreResult<()> {
        // A part of something larger would keep all of that in memory.
        let own = match value.is_unique() {
            true => value,
            false => Bytes::copy_from_slice(&value),
        };
        self.0.push((key, own.into()));
        Ok(())
    }

    fn finish(self: Box<Self>) -> StoreResult<Vec<(Vec<u8>, Payload)>> {
        Ok(self.0)
    }
}

/// A state that a store had.
#[cfg(fuzzing)]
pub(super) struct Mark(Records);

#[cfg(fuzzing)]
impl Memory {
    /// The state that the store has now.
    pub fn mark(&self) -> Mark {
        Mark(self.state.read().0.clone())
    }

    /// Has this state again, as one more commit.
    pub fn go_back(&self, mark: &Mark) {
        let mut state = self.state.write();
        *state = (mark.0.clone(), state.1 + 1);
    }
}

impl Backend for Memory {
    fn snapshot(&self) -> StoreResult<Arc<dyn Reader>> {
        let state = self.state.read();
        Ok(Arc::new(View(state.0.clone(), state.1)))
    }

    fn preparation(&self) -> StoreResult<Box<dyn Preparation + '_>> {
        Ok(Box::new(Prepared::default()))
    }

    fn transact(&self, work: Work<'_>) -> StoreResult<()> {
        let mut change = Change(self.state.read().0.clone());
        work(&mut change)?;
        let mut state = self.state.write();
        *state = (change.0, state.1 + 1);
        Ok(())
    }
}

fn scan(records: &Records, start: &[u8], end: &[u8], visit: Visit<'_>) {
    let range = (Bound::Included(start), Bound::Excluded(end));
    for (key, value) in records.range::<_, [u8]>(range) {
        if visit(key, value.clone()).is_break() {
            return;
        }
    }
}

impl Reader for View {
    fn version(&self) -> Option<u64> {
        Some(self.1)
    }

    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        Ok(self.0.get(key).cloned())
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        scan(&self.0, start, end, visit);
        Ok(())
    }

    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()> {
        scan(&self.0, start, end, &mut |key, value| {
            visit(key, value.len() as u64)
        });
        Ok(())
    }
}

impl Reader for Change {
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        Ok(self.0.get(key).cloned())
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        scan(&self.0, start, end, visit);
        Ok(())
    }

    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()> {
        scan(&self.0, start, end, &mut |key, value| {
            visit(key, value.len() as u64)
        });
        Ok(())
    }
}

impl Transaction for Change {
    fn put(&mut self, key: &[u8], value: &Payload) -> StoreResult<()> {
        let value = value.value().cloned().unwrap_or_default();
        self.0.insert(Bytes::copy_from_slice(key), value);
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> StoreResult<()> {
        self.0.remove(key);
        Ok(())
    }

    fn delete_range(&mut self, start: &[u8], end: &[u8]) -> StoreResult<()> {
        let mut keys = Vec::new();
        let range = (Bound::Included(start), Bound::Excluded(end));
        keys.extend(self.0.range::<_, [u8]>(range).map(|(key, _)| key.clone()));
        for key in keys {
            self.0.remove(&key);
        }
        Ok(())
    }
}
