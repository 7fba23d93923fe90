//! What a place that keeps records must offer. Implemented by `memory` and `local`.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use bytes::Bytes;

use super::local::{Checksum, Location, Pending};
use super::{StoreError, StoreResult};

/// Receives records in key order until it breaks.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], Bytes) -> ControlFlow<()>;

/// Receives keys and the sizes of their values in key order until it breaks.
pub type VisitSize<'a> = &'a mut dyn FnMut(&[u8], u64) -> ControlFlow<()>;

/// A part of a value: where it starts in the value, and where it goes in a buffer.
pub type Part = (usize, Range<usize>);

/// Read access to one consistent state of all records.
pub trait Reader: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>>;

    /// Copies parts of a value into a buffer, without a copy of all of it where that is possible;
    /// `false` if there is no such key.
    fn get_parts(&self, key: &[u8], parts: &[Part], into: &mut [u8]) -> StoreResult<bool> {
        copy_parts(self.get(key)?, parts, into)
    }

    /// Visits the records from `start` up to but without `end`, in key order. Inside a change, the
    /// change's own effects do not show here.
    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()>;

    /// Like [`Reader::scan`], without reading the values.
    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()>;

    /// A number that is another one after each commit, for what is remembered of a state; `None`
    /// where it is not known.
    fn version(&self) -> Option<u64> {
        None
    }

    /// Whether any record lies from `start` up to but without `end`.
    fn any(&self, start: &[u8], end: &[u8]) -> StoreResult<bool> {
        let mut found = false;
        self.scan_sizes(start, end, &mut |_, _| {
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }
}

/// See [`Reader::get_parts`]; of a value that is in memory.
pub(crate) fn copy_parts(
    value: Option<Bytes>,
    parts: &[Part],
    into: &mut [u8],
) -> StoreResult<bool> {
    let Some(value) = value else {
        return Ok(false);
    };
    for (from, to) in parts {
        let part = value.get(*from..).and_then(|rest| rest.get(..to.len()));
        let part = part.ok_or_else(|| StoreError::Damaged("a value is too short".into()))?;
        into[to.clone()].copy_from_slice(part);
    }
    Ok(true)
}

/// A value on its way into the store.
#[derive(Debug, Clone)]
pub struct Payload(Value);

#[derive(Debug, Clone)]
enum Value {
    /// To be written with the record.
    Here(Bytes),
    /// Lies in a segment already. It is not in memory any more: there may be many of them.
    There(Place),
}

/// A key and its value.
pub type Record = (Vec<u8>, Bytes);

/// Where a value lies already.
#[derive(Debug, Clone)]
struct Place {
    location: Location,
    checksum: Checksum,
    pending: Arc<Pending>,
}

impl Payload {
    /// A value that lies in a segment already.
    pub(super) fn in_segment(
        location: Location,
        checksum: Checksum,
        pending: Arc<Pending>,
    ) -> Self {
        Self(Value::There(Place {
            location,
            checksum,
            pending,
        }))
    }

    /// The value, unless it was written already.
    pub(super) fn value(&self) -> Option<&Bytes> {
        match &self.0 {
            Value::Here(value) => Some(value),
            Value::There(_) => None,
        }
    }

    /// Bytes that are still to be written.
    pub(super) fn len(&self) -> u64 {
        self.value().map_or(0, |value| value.len() as u64)
    }

    /// Where it lies, if it was written already, and its checksum.
    pub(super) fn place(&self) -> Option<(Location, Checksum)> {
        match &self.0 {
            Value::Here(_) => None,
            Value::There(place) => Some((place.location, place.checksum)),
        }
    }

    /// What was written stays.
    pub(super) fn keep(&self) {
        if let Value::There(place) = &self.0 {
            place.pending.keep();
        }
    }
}

impl From<Bytes> for Payload {
    fn from(value: Bytes) -> Self {
        Self(Value::Here(value))
    }
}

impl From<Vec<u8>> for Payload {
    fn from(value: Vec<u8>) -> Self {
        Bytes::from(value).into()
    }
}

/// Changes that become visible and durable together, or not at all.
pub trait Transaction: Reader {
    /// Sets a key's value.
    fn put(&mut self, key: &[u8], value: &Payload) -> StoreResult<()>;
    /// Removes a key, which may be missing.
    fn delete(&mut self, key: &[u8]) -> StoreResult<()>;
    /// Removes all keys from `start` up to but without `end`.
    fn delete_range(&mut self, start: &[u8], end: &[u8]) -> StoreResult<()>;
    /// Bytes that a value put here may have if it does not lie in a segment already, with its key. A longer one
    /// would make the whole transaction fail.
    fn longest(&self) -> u64 {
        u64::MAX
    }
    /// Whether there is room for so many bytes more.
    fn check_room(&mut self, _bytes: u64) -> StoreResult<()> {
        Ok(())
    }
}

/// What is done in one transaction.
pub type Work<'a> = &'a mut dyn FnMut(&mut dyn Transaction) -> StoreResult<()>;

/// Values on their way to where they will be kept. They go away again unless a transaction puts them.
pub trait Preparation: Send {
    /// Takes one more.
    fn add(&mut self, record: Record) -> StoreResult<()>;
    /// All values, for [`Transaction::put`]; those too large for the transaction to write are durable.
    fn finish(self: Box<Self>) -> StoreResult<Vec<(Vec<u8>, Payload)>>;
}

/// A place that keeps records.
pub trait Backend: Send + Sync {
    /// The state after the last commit.
    fn snapshot(&self) -> StoreResult<Arc<dyn Reader>>;
    /// Begins to take values.
    fn preparation(&self) -> StoreResult<Box<dyn Preparation + '_>>;
    /// Does the work in a transaction, and returns when all of it is durable; when it fails,
    /// nothing has changed. Never called twice at a time.
    fn transact(&self, work: Work<'_>) -> StoreResult<()>;
}
