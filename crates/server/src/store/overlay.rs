//! One change on its way into a transaction: what it reads, and what it will write if it succeeds.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::backend::{Payload, Reader, Transaction, Visit, VisitSize};
use super::{StoreError, StoreResult};

/// What a change may write if it deletes something: counts and times of what it deletes from.
const SMALL: u64 = 64 << 10;

/// What a change has come to.
#[derive(Default)]
pub(super) struct Effect {
    /// Keys that were written, and whether each is gone now.
    pub keys: Vec<(Vec<u8>, bool)>,
    /// Whom to tell when all of it is durable.
    pub told: Vec<Box<dyn FnOnce() + Send + Sync>>,
}

/// The state a change works on. Its writes reach the transaction only when the whole change has
/// succeeded, so that a change refused half way leaves nothing behind.
pub struct Overlay<'a> {
    base: &'a mut dyn Transaction,
    writes: BTreeMap<Vec<u8>, Option<Payload>>,
    ranges: Vec<(Vec<u8>, Vec<u8>)>,
    written: u64,
    told: Vec<Box<dyn FnOnce() + Send + Sync>>,
}

impl<'a> Overlay<'a> {
    pub(super) fn new(base: &'a mut dyn Transaction) -> Self {
        Self {
            base,
            writes: BTreeMap::new(),
            ranges: Vec::new(),
            written: 0,
            told: Vec::new(),
        }
    }

    /// Sets a key's value.
    pub fn put(&mut self, key: Vec<u8>, value: impl Into<Payload>) {
        let value = value.into();
        self.written += value.len();
        self.writes.insert(key, Some(value));
    }

    /// Bytes of all values that were set and not prepared, those of keys that were set again or removed among them.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Removes a key, which may be missing.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.writes.insert(key, None);
    }

    /// Removes all keys from `start` up to but without `end`.
    pub fn delete_range(&mut self, start: Vec<u8>, end: Vec<u8>) {
        self.writes.retain(|key, _| !(&start..&end).contains(&key));
        self.ranges.push((start, end));
    }

    /// Has this called when the change is durable, and dropped if it comes to nothing.
    pub fn after_commit(&mut self, tell: impl FnOnce() + Send + Sync + 'static) {
        self.told.push(Box::new(tell));
    }

    /// Makes a part of the change: all of it, or (if it fails) nothing.
    pub fn part<T, E: From<StoreError>>(
        &mut self,
        make: impl FnOnce(&mut Overlay<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut part = Overlay::new(self);
        let made = make(&mut part)?;
        part.check_lengths()?;
        let effect = part.apply()?;
        self.told.extend(effect.told);
        Ok(made)
    }

    /// Refuses values that would make the whole transaction fail, and with it the changes of others.
    pub(super) fn check_lengths(&self) -> StoreResult<()> {
        let most = self.base.longest();
        let lengths = self.writes.iter().filter_map(|(key, value)| {
            let value = value.as_ref()?.len();
            Some(value.saturating_add(key.len() as u64))
        });
        match lengths.max() {
            Some(longest) if longest > most => Err(StoreError::TooLarge(format!(
                "a value of {longest} bytes is longer than the {most} that can be stored in one piece: store \
                 it in parts, or as elements of a dataset"
            ))),
            _ => Ok(()),
        }
    }

    /// Whether there is room for this: always, if it frees some.
    pub(super) fn check_room(&mut self) -> StoreResult<()> {
        let lengths = self.writes.iter().map(|(key, value)| {
            let value = value.as_ref().map_or(0, Payload::len);
            key.len() as u64 + value
        });
        let bytes = lengths.sum();
        let frees = !self.ranges.is_empty() || self.writes.values().any(Option::is_none);
        match frees && bytes < SMALL {
            true => Ok(()),
            false => self.base.check_room(bytes),
        }
    }

    /// Passes everything on.
    pub(super) fn apply(self) -> StoreResult<Effect> {
        for (start, end) in &self.ranges {
            self.base.delete_range(start, end)?;
        }
        let mut keys = Vec::with_capacity(self.writes.len());
        for (key, value) in self.writes {
            match &value {
                Some(payload) => self.base.put(&key, payload)?,
                None => self.base.delete(&key)?,
            }
            keys.push((key, value.is_none()));
        }
        Ok(Effect {
            keys,
            told: self.told,
        })
    }
}

/// A change may consist of parts that succeed or fail each for itself: an overlay each, on the
/// whole's.
impl Transaction for Overlay<'_> {
    fn longest(&self) -> u64 {
        self.base.longest()
    }

    fn put(&mut self, key: &[u8], value: &Payload) -> StoreResult<()> {
        Self::put(self, key.to_vec(), value.clone());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> StoreResult<()> {
        Self::delete(self, key.to_vec());
        Ok(())
    }

    fn delete_range(&mut self, start: &[u8], end: &[u8]) -> StoreResult<()> {
        Self::delete_range(self, start.to_vec(), end.to_vec());
        Ok(())
    }
}

impl Reader for Overlay<'_> {
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        match self.writes.get(key) {
            Some(Some(payload)) => match payload.value() {
                Some(value) => Ok(Some(value.clone())),
                None => Err(StoreError::Failed("a large value is not there yet".into())),
            },
            Some(None) => Ok(None),
            None => {
                let inside = |r: &(Vec<u8>, Vec<u8>)| (&*r.0..&*r.1).contains(&key);
                if self.ranges.iter().any(inside) {
                    return Ok(None);
                }
                self.base.get(key)
            }
        }
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        self.base.scan(start, end, visit)
    }

    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()> {
        self.base.scan_sizes(start, end, visit)
    }
}
