//! One transaction: changes of records, and how many of them point into each segment.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use parking_lot::ReentrantMutex;
use rusqlite::{Connection, OptionalExtension};

use super::database::failure;
use super::record;
use super::segments::{Location, Segments};
use super::view;
use crate::store::backend::{Payload, Reader, Transaction, Visit, VisitSize};
use crate::store::{StoreError, StoreResult};

pub(super) struct Change<'a> {
    writer: &'a ReentrantMutex<Connection>,
    segments: &'a Segments,
    /// What a transaction adds to each segment: records that point there, and bytes they use.
    used: HashMap<u64, (i64, i64)>,
    room: Room<'a>,
    /// Payloads that the transaction points to.
    pub written: Vec<Payload>,
    /// Segments that nothing points to any more.
    pub emptied: Vec<u64>,
    /// Segments of which less is used than before.
    pub thinned: Vec<u64>,
}

/// How much may still be written.
struct Room<'a> {
    folder: &'a Path,
    reserve: u64,
    left: Option<u64>,
}

impl<'a> Change<'a> {
    pub fn new(
        writer: &'a ReentrantMutex<Connection>,
        segments: &'a Segments,
        folder: &'a Path,
        reserve: u64,
    ) -> Self {
        let room = Room {
            folder,
            reserve,
            left: None,
        };
        Self {
            writer,
            segments,
            used: HashMap::new(),
            room,
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
        let old = view::record_of(&writer, key)?;
        let store = || {
            let query = "INSERT INTO records VALUES (?1, ?2)
                ON CONFLICT (key) DO UPDATE SET record = excluded.record";
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
        view::get(&self.writer.lock(), key, self.segments)
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
            None => self.store(key, &record::here(key, payload.value())),
            Some((location, checksum)) => {
                self.count(location, 1);
                self.written.push(payload.clone());
                self.store(key, &record::in_segment(location, checksum))
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
        old.iter().for_each(|old| self.uncount(old));
        Ok(())
    }

    fn check_room(&mut self, bytes: u64) -> StoreResult<()> {
        let left = match self.room.left {
            Some(left) => left,
            None => free_space(self.room.folder).saturating_sub(self.room.reserve),
        };
        self.room.left = Some(left.saturating_sub(bytes));
        match left >= bytes {
            true => Ok(()),
            false => Err(full(self.room.reserve)),
        }
    }
}

/// Bytes that this user may still write to the disk of a folder.
pub(super) fn free_space(folder: &Path) -> u64 {
    let found = rustix::fs::statvfs(folder);
    found.map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

pub(super) fn full(reserve: u64) -> StoreError {
    StoreError::Full(format!(
        "what is left, {reserve} bytes at most, is for deletions (--disk-reserve)"
    ))
}
