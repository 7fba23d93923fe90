//! Records in a folder: an embedded database (redb) with transactions that are durable when they
//! return, and beside it segment files for large values, which the database only points to.

mod garbage;
mod inspect;
mod segments;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, Table, TableDefinition};

use self::garbage::{Epoch, Garbage};
use self::segments::Segments;
pub(super) use self::segments::{Location, Pending};
use super::backend::{
    Backend, Part, Payload, Reader, Transaction, Visit, VisitSize, Work, copy_parts,
};
use super::{StoreError, StoreResult};

/// Values, each behind a byte that tells whether it is here or where it is.
const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
/// How many records point into each segment.
const LIVE: TableDefinition<u64, u64> = TableDefinition::new("segments");
const FILE_NAME: &str = "h5rest.redb";
/// Pages of the database held in memory.
const CACHE_SIZE: usize = 512 << 20;

const HERE: u8 = 0;
const IN_SEGMENT: u8 = 1;

/// The backend behind `h5rest serve --root DIR`.
pub(super) struct Local {
    database: Arc<Database>,
    segments: Arc<Segments>,
    garbage: Garbage,
}

struct View {
    records: ReadOnlyTable<&'static [u8], &'static [u8]>,
    segments: Arc<Segments>,
    /// Keeps the segments that this view may point to.
    _epoch: Epoch,
}

struct Change<'a> {
    records: Table<'a, &'static [u8], &'static [u8]>,
    live: Table<'a, u64, u64>,
    segments: &'a Segments,
    /// Payloads that the transaction points to.
    written: Vec<Payload>,
    /// Segments that nothing points to any more.
    emptied: Vec<u64>,
}

impl Local {
    pub fn open(folder: &Path) -> StoreResult<Self> {
        let unavailable = |error: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!("cannot open {}: {error}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(|e| unavailable(&e))?;
        let database = Database::builder()
            .set_cache_size(CACHE_SIZE)
            .create(folder.join(FILE_NAME))
            .map_err(|e| unavailable(&e))?;
        let start = database.begin_write().map_err(failure)?;
        start.open_table(RECORDS).map_err(failure)?;
        start.open_table(LIVE).map_err(failure)?;
        start.commit().map_err(failure)?;
        let database = Arc::new(database);
        let segments = Segments::open(folder).map_err(|e| unavailable(&e))?;
        let segments = Arc::new(segments);
        garbage::sweep_in_background(&database, &segments);
        Ok(Self {
            database,
            segments,
            garbage: Garbage::default(),
        })
    }
}

/// Sorts the database's errors by what the one who asked can do about them.
fn failure(error: impl Into<redb::Error>) -> StoreError {
    let error = error.into();
    match error {
        redb::Error::Io(error) => io_failure(&error),
        redb::Error::Corrupted(_) => StoreError::Damaged(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

fn io_failure(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            StoreError::Full(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

impl Backend for Local {
    fn snapshot(&self) -> StoreResult<Arc<dyn Reader>> {
        // Before the transaction starts: an epoch that is too old only keeps more.
        let epoch = self.garbage.epoch();
        let transaction = self.database.begin_read().map_err(failure)?;
        Ok(Arc::new(View {
            records: transaction.open_table(RECORDS).map_err(failure)?,
            segments: self.segments.clone(),
            _epoch: epoch,
        }))
    }

    fn prepare(&self, values: Vec<Bytes>) -> StoreResult<Vec<Payload>> {
        self.segments.write(values).map_err(|e| io_failure(&e))
    }

    fn transact(&self, work: Work<'_>) -> StoreResult<()> {
        let transaction = self.database.begin_write().map_err(failure)?;
        let (written, emptied) = {
            let mut change = Change {
                records: transaction.open_table(RECORDS).map_err(failure)?,
                live: transaction.open_table(LIVE).map_err(failure)?,
                segments: &self.segments,
                written: Vec::new(),
                emptied: Vec::new(),
            };
            work(&mut change)?;
            (change.written, change.emptied)
        };
        // From here on only the database knows whether the segments are in use: if the commit
        // fails half way, the sweep of the next start finds out.
        written.iter().for_each(Payload::keep);
        transaction.commit().map_err(failure)?;
        self.garbage.add(emptied, &self.segments);
        Ok(())
    }
}

/// What a record says.
enum Found<'a> {
    Here(&'a [u8]),
    InSegment(Location),
}

fn parse(record: &[u8]) -> StoreResult<Found<'_>> {
    match record.split_first() {
        Some((&HERE, value)) => Ok(Found::Here(value)),
        Some((&IN_SEGMENT, place)) => match Location::decode(place) {
            Some(location) => Ok(Found::InSegment(location)),
            None => Err(StoreError::Damaged("a record points nowhere".into())),
        },
        _ => Err(StoreError::Damaged("a record of unknown form".into())),
    }
}

fn value(record: &[u8], segments: &Segments) -> StoreResult<Bytes> {
    match parse(record)? {
        Found::Here(value) => Ok(Bytes::copy_from_slice(value)),
        Found::InSegment(location) => segments.read(location),
    }
}

fn scan(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    (start, end): (&[u8], &[u8]),
    segments: &Segments,
    visit: Visit<'_>,
) -> StoreResult<()> {
    if start >= end {
        return Ok(());
    }
    for entry in table.range(start..end).map_err(failure)? {
        let (key, record) = entry.map_err(failure)?;
        if visit(key.value(), value(record.value(), segments)?).is_break() {
            break;
        }
    }
    Ok(())
}

fn scan_sizes(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    (start, end): (&[u8], &[u8]),
    visit: VisitSize<'_>,
) -> StoreResult<()> {
    if start >= end {
        return Ok(());
    }
    for entry in table.range(start..end).map_err(failure)? {
        let (key, record) = entry.map_err(failure)?;
        let size = match parse(record.value())? {
            Found::Here(value) => value.len() as u64,
            Found::InSegment(location) => location.length,
        };
        if visit(key.value(), size).is_break() {
            break;
        }
    }
    Ok(())
}

impl Reader for View {
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        let found = self.records.get(key).map_err(failure)?;
        found
            .map(|record| value(record.value(), &self.segments))
            .transpose()
    }

    fn get_parts(&self, key: &[u8], parts: &[Part], into: &mut [u8]) -> StoreResult<bool> {
        let Some(record) = self.records.get(key).map_err(failure)? else {
            return Ok(false);
        };
        if let Found::InSegment(location) = parse(record.value())? {
            self.segments.read_parts(location, parts, into)?;
            return Ok(true);
        }
        drop(record);
        copy_parts(self.get(key)?, parts, into)
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        scan(&self.records, (start, end), &self.segments, visit)
    }

    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()> {
        scan_sizes(&self.records, (start, end), visit)
    }
}

impl Change<'_> {
    /// Takes note that one more, or one less, record points into a segment.
    fn count(&mut self, segment: u64, more: bool) -> StoreResult<()> {
        let old = self.live.get(segment).map_err(failure)?;
        let old = old.map_or(0, |n| n.value());
        let new = if more { old + 1 } else { old.saturating_sub(1) };
        if new > 0 {
            self.live.insert(segment, new).map_err(failure)?;
        } else {
            self.live.remove(segment).map_err(failure)?;
            self.emptied.push(segment);
        }
        Ok(())
    }
}

impl Reader for Change<'_> {
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        let found = self.records.get(key).map_err(failure)?;
        found
            .map(|record| value(record.value(), self.segments))
            .transpose()
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        scan(&self.records, (start, end), self.segments, visit)
    }

    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()> {
        scan_sizes(&self.records, (start, end), visit)
    }
}

/// The segment that a record pointed into.
fn segment_of(record: &[u8]) -> Option<u64> {
    match parse(record) {
        Ok(Found::InSegment(location)) => Some(location.segment),
        _ => None,
    }
}

impl Transaction for Change<'_> {
    fn put(&mut self, key: &[u8], payload: &Payload) -> StoreResult<()> {
        let record = match payload.place() {
            None => [&[HERE], &payload.value()[..]].concat(),
            Some(location) => {
                // Counted first: a segment that is written to again is never empty in between.
                self.count(location.segment, true)?;
                self.written.push(payload.clone());
                [&[IN_SEGMENT], &location.encode()[..]].concat()
            }
        };
        let old = self
            .records
            .insert(key, record.as_slice())
            .map_err(failure)?;
        let old = old.and_then(|old| segment_of(old.value()));
        old.map_or(Ok(()), |segment| self.count(segment, false))
    }

    fn delete(&mut self, key: &[u8]) -> StoreResult<()> {
        let old = self.records.remove(key).map_err(failure)?;
        let old = old.and_then(|old| segment_of(old.value()));
        old.map_or(Ok(()), |segment| self.count(segment, false))
    }

    fn delete_range(&mut self, start: &[u8], end: &[u8]) -> StoreResult<()> {
        let mut old = Vec::new();
        let gone = |_: &[u8], record: &[u8]| {
            old.extend(segment_of(record));
            false
        };
        self.records
            .retain_in::<&[u8], _>(start..end, gone)
            .map_err(failure)?;
        old.into_iter()
            .try_for_each(|segment| self.count(segment, false))
    }
}
