//! One transaction: changes of records, and how many of them point into each segment.

use std::collections::HashMap;

use bytes::Bytes;
use parking_lot::{Mutex, ReentrantMutex};
use rusqlite::{Connection, OptionalExtension};

use super::database::failure;
use super::known::{Known, MOST_BYTES};
use super::record;
use super::room::Promise;
use super::segments::{Location, Segments};
use super::view;
use crate::store::StoreResult;
use crate::store::backend::{Payload, Reader, Transaction, Visit, VisitSize};

/// Bytes that a record of the database may have: SQLite takes no row of 1,000,000,000 (`SQLITE_MAX_LENGTH`).
const LONGEST: u64 = 900_000_000;

pub(super) struct Change<'a> {
    writer: &'a ReentrantMutex<Connection>,
    segments: &'a Segments,
    /// Small values that lie in the database, as the transaction leaves them so far.
    pub known: Mutex<Known>,
    /// What a transaction adds to each segment: records that point there, and bytes they use.
    used: HashMap<u64, (i64, i64)>,
    /// Bytes that it adds to the database,
    adds: u64,
    /// and room for them.
    promise: Promise<'a>,
    /// Payloads that the transaction points to.
    pub written: Vec<Payload>,
    /// Segments that nothing points to any more.
    pub emptied: Vec<u64>,
    /// Segments of which less is used than before.
    pub thinned: Vec<u64>,
}

impl<'a> Change<'a> {
    /// Of a transaction that has begun, with what is known of the state before it.
    pub fn new(
        writer: &'a ReentrantMutex<Connection>,
        segments: &'a Segments,
        known: Known,
    ) -> Self {
        Self {
            writer,
            segments,
            known: Mutex::new(known),
            used: HashMap::new(),
            adds: 0,
            promise: segments.room.promise(),
            written: Vec::new(),
            emptied: Vec::new(),
            thinned: Vec::new(),
        }
    }

    fn count(&mut self, location: Location, records: i64) {
        let used = self.used.entry(location.segment).or_default();
        used.0 += records;
        used.1 += records * location.length as i64;
    }

    /// Takes note that a record is no more.
    fn uncount(&mut self, record: &[u8]) {
        if let Some(location) = record::location(record) {
            self.count(location, -1);
        }
    }

    fn store(&mut self, key: &[u8], record: &[u8]) -> StoreResult<()> {
        let writer = self.writer.lock();
        // What is known lies in no segment.
        let old = match self.known.get_mut().has(key) {
            true => None,
            false => view::record_of(&writer, key)?,
        };
        let store = || {
            let query = "REPLACE INTO records VALUES (?1, ?2)";
            writer.prepare_cached(query)?.execute((key, record))
        };
        store().map_err(failure)?;
        drop(writer);
        old.iter().for_each(|old| self.uncount(old));
        Ok(())
    }

    /// Whether the record of a key points to this place.
    pub fn points_to(&self, key: &[u8], location: Location) -> StoreResult<bool> {
        view::points_to(&self.writer.lock(), key, location)
    }

    /// Writes how much of each segment is used; the last thing before the commit.
    pub fn finish(&mut self) -> StoreResult<()> {
        let writer = self.writer.lock();
        for (segment, (records, bytes)) in std::mem::take(&mut self.used) {
            if (records, bytes) == (0, 0) {
                // What came and went in one commit never had a row.
                let query = "SELECT 1 FROM segments WHERE segment = ?1";
                let known = || writer.prepare_cached(query)?.exists([segment as i64]);
                if !known().map_err(failure)? {
                    self.emptied.push(segment);
                }
                continue;
            }
            let add = || -> rusqlite::Result<i64> {
                let query = "INSERT INTO segments VALUES (?1, ?2, ?3)
                    ON CONFLICT (segment) DO UPDATE
                    SET records = records + excluded.records, bytes = bytes + excluded.bytes
                    RETURNING records";
                let numbers = (segment as i64, records, bytes);
                let mut add = writer.prepare_cached(query)?;
                let left = add.query_row(numbers, |row| row.get(0))?;
                if left <= 0 {
                    let query = "DELETE FROM segments WHERE segment = ?1";
                    writer.prepare_cached(query)?.execute([segment as i64])?;
                }
                Ok(left)
            };
            if add().map_err(failure)? <= 0 {
                self.emptied.push(segment);
            } else if bytes < 0 {
                self.thinned.push(segment);
            }
        }
        Ok(())
    }
}

impl Reader for Change<'_> {
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        if let Some(value) = self.known.lock().get(key) {
            return Ok(value);
        }
        let record = view::record_of(&self.writer.lock(), key)?;
        let is_elsewhere = record.as_deref().and_then(record::location).is_some();
        let value = record.map(|record| record::value(key, record.into(), self.segments));
        let value = value.transpose()?;
        if !is_elsewhere {
            self.known.lock().set(key, value.clone());
        }
        Ok(value)
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        view::scan(&self.writer.lock(), (start, end), self.segments, visit)
    }

    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()> {
        view::scan_sizes(&self.writer.lock(), (start, end), visit)
    }
}

impl Transaction for Change<'_> {
    fn put(&mut self, key: &[u8], payload: &Payload) -> StoreResult<()> {
        match payload.place() {
            None => {
                let value = payload.value().map_or(&[][..], |value| value);
                self.store(key, &record::here(key, value))?;
                // A copy: it may be a part of something large.
                let copy = || Bytes::copy_from_slice(value);
                let known = self.known.get_mut();
                match value.len() < MOST_BYTES {
                    true => known.set(key, Some(copy())),
                    false => known.forget(key),
                }
                Ok(())
            }
            Some((location, checksum)) => {
                self.count(location, 1);
                self.written.push(payload.clone());
                self.store(key, &record::in_segment(location, checksum))?;
                self.known.get_mut().forget(key);
                Ok(())
            }
        }
    }

    fn delete(&mut self, key: &[u8]) -> StoreResult<()> {
        let writer = self.writer.lock();
        let delete = || {
            let query = "DELETE FROM records WHERE key = ?1 RETURNING record";
            let mut delete = writer.prepare_cached(query)?;
            let old = delete.query_row([key], |row| row.get::<_, Vec<u8>>(0));
            old.optional()
        };
        let old = delete().map_err(failure)?;
        drop(writer);
        self.known.get_mut().set(key, None);
        old.iter().for_each(|old| self.uncount(old));
        Ok(())
    }

    fn delete_range(&mut self, start: &[u8], end: &[u8]) -> StoreResult<()> {
        let writer = self.writer.lock();
        let delete = || -> rusqlite::Result<Vec<Vec<u8>>> {
            let query = "SELECT record FROM records WHERE key >= ?1 AND key < ?2
                AND length(record) = ?3";
            let mut pointers = writer.prepare_cached(query)?;
            let pointers = pointers.query_map((start, end, record::POINTER), |row| row.get(0))?;
            let pointers = pointers.collect::<rusqlite::Result<_>>()?;
            let query = "DELETE FROM records WHERE key >= ?1 AND key < ?2";
            writer.prepare_cached(query)?.execute((start, end))?;
            Ok(pointers)
        };
        let old = delete().map_err(failure)?;
        drop(writer);
        self.known.get_mut().clear();
        old.iter().for_each(|old| self.uncount(old));
        Ok(())
    }

    fn longest(&self) -> u64 {
        LONGEST
    }

    fn check_room(&mut self, bytes: u64) -> StoreResult<()> {
        let adds = self.adds.saturating_add(bytes);
        if !self.promise.has(adds) {
            return Err(self.segments.room.full());
        }
        self.adds = adds;
        Ok(())
    }
}
