//! Reading records: what a state of the database says of a key or a range of keys.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::ReentrantMutex;
use rusqlite::{Connection, OptionalExtension};

use super::Shared;
use super::checksum::Checksum;
use super::database::failure;
use super::garbage::Epoch;
use super::parked::Calm;
use super::record::{self, POINTER};
use super::segments::{Location, Segments};
use super::snapshot::Snapshot;
use crate::store::backend::{Part, Reader, Visit, VisitSize};
use crate::store::{StoreError, StoreResult};

/// One state of the database, for as long as this lives.
pub(super) struct View {
    shared: Arc<Shared>,
    /// `None` only while this is dropped. Visitors of a range may read, too.
    snapshot: Option<ReentrantMutex<Snapshot>>,
    /// Of the time when its transaction began.
    calm: Option<Calm>,
    /// `None` if a commit was made while this began: it shows that one, or does not.
    version: Option<u64>,
    /// Keeps the segments that this view may point to.
    epoch: Option<Epoch>,
}

impl View {
    /// The state after the last commit.
    pub fn new(shared: Arc<Shared>) -> StoreResult<Self> {
        // Before the transaction starts: an epoch that is too old does no harm.
        let epoch = shared.garbage.epoch();
        let (snapshot, calm) = shared.database.snapshot()?;
        // A commit can be seen before it is counted: only if none has begun, the number is that of this state.
        let version = shared.version();
        let settled = calm.is_some_and(|calm| shared.database.is_still(calm));
        let version = settled.then_some(version);
        Ok(Self {
            shared,
            snapshot: Some(ReentrantMutex::new(snapshot)),
            calm,
            version,
            epoch: Some(epoch),
        })
    }

    fn snapshot(&self) -> StoreResult<&ReentrantMutex<Snapshot>> {
        let gone = || StoreError::Unavailable("a state was read after its end".into());
        self.snapshot.as_ref().ok_or_else(gone)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let Some(snapshot) = self.snapshot.take().map(ReentrantMutex::into_inner) else {
            return;
        };
        self.shared.database.park(snapshot, self.calm);
        // It may have been the last one that kept some garbage.
        self.epoch = None;
        self.shared.garbage.add(Vec::new(), &self.shared.segments);
    }
}

impl Reader for View {
    fn version(&self) -> Option<u64> {
        self.version
    }

    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        let snapshot = self.snapshot()?.lock();
        snapshot.get(key, |connection| {
            get(connection, key, &self.shared.segments)
        })
    }

    fn get_parts(&self, key: &[u8], parts: &[Part], into: &mut [u8]) -> StoreResult<bool> {
        let Some(record) = record_of(&self.snapshot()?.lock().connection, key)? else {
            return Ok(false);
        };
        record::parts(key, record.into(), &self.shared.segments, parts, into)?;
        Ok(true)
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        let snapshot = self.snapshot()?.lock();
        let connection = &snapshot.connection;
        scan(connection, (start, end), &self.shared.segments, visit)
    }

    fn scan_sizes(&self, start: &[u8], end: &[u8], visit: VisitSize<'_>) -> StoreResult<()> {
        scan_sizes(&self.snapshot()?.lock().connection, (start, end), visit)
    }
}

/// The record of a key.
pub(super) fn record_of(connection: &Connection, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
    let find = || {
        let mut find = connection.prepare_cached("SELECT record FROM records WHERE key = ?1")?;
        find.query_row([key], |row| row.get(0)).optional()
    };
    find().map_err(failure)
}

/// Whether the record of a key points to this place.
pub(super) fn points_to(
    connection: &Connection,
    key: &[u8],
    location: Location,
) -> StoreResult<bool> {
    let record = record_of(connection, key)?;
    Ok(record.and_then(|record| record::location(&record)) == Some(location))
}

/// Bytes of a segment that records point to.
pub(super) fn used(connection: &Connection, segment: u64) -> StoreResult<u64> {
    let find = || {
        let query = "SELECT bytes FROM segments WHERE segment = ?1";
        let mut find = connection.prepare_cached(query)?;
        find.query_row([segment as i64], |row| row.get(0))
            .optional()
    };
    Ok(find().map_err(failure)?.unwrap_or(0))
}

/// See [`Reader::get`].
pub(super) fn get(
    connection: &Connection,
    key: &[u8],
    segments: &Segments,
) -> StoreResult<Option<Bytes>> {
    let record = record_of(connection, key)?;
    let value = record.map(|record| record::value(key, record.into(), segments));
    value.transpose()
}

/// See [`Reader::scan`].
pub(super) fn scan(
    connection: &Connection,
    (start, end): (&[u8], &[u8]),
    segments: &Segments,
    visit: Visit<'_>,
) -> StoreResult<()> {
    let mut problem = None;
    let outcome = rows(
        connection,
        "SELECT key, record FROM records WHERE key >= ?1 AND key < ?2 ORDER BY key",
        (start, end),
        &mut |row| {
            let key = row.get_ref(0)?.as_blob()?;
            let record = Bytes::copy_from_slice(row.get_ref(1)?.as_blob()?);
            match record::value(key, record, segments) {
                Ok(value) => Ok(visit(key, value)),
                Err(error) => {
                    problem = Some(error);
                    Ok(ControlFlow::Break(()))
                }
            }
        },
    );
    outcome.map_err(failure)?;
    problem.map_or(Ok(()), Err)
}

/// See [`Reader::scan_sizes`].
pub(super) fn scan_sizes(
    connection: &Connection,
    (start, end): (&[u8], &[u8]),
    visit: VisitSize<'_>,
) -> StoreResult<()> {
    let mut problem = None;
    let outcome = rows(
        connection,
        // The length alone leaves large records unread.
        &format!(
            "SELECT key, length(record), CASE WHEN length(record) = {POINTER} THEN record END
             FROM records WHERE key >= ?1 AND key < ?2 ORDER BY key"
        ),
        (start, end),
        &mut |row| {
            let key = row.get_ref(0)?.as_blob()?;
            let length: u64 = row.get(1)?;
            match record::length(length, row.get_ref(2)?.as_blob_or_null()?) {
                Ok(length) => Ok(visit(key, length)),
                Err(error) => {
                    problem = Some(error);
                    Ok(ControlFlow::Break(()))
                }
            }
        },
    );
    outcome.map_err(failure)?;
    problem.map_or(Ok(()), Err)
}

/// Visits all records that point into segments.
pub(super) fn pointers(
    connection: &Connection,
    visit: &mut dyn FnMut(&[u8], Location, Checksum),
) -> StoreResult<()> {
    let outcome = rows(
        connection,
        &format!("SELECT key, record FROM records WHERE length(record) = {POINTER}"),
        (),
        &mut |row| {
            if let Some((location, checksum)) = record::place(row.get_ref(1)?.as_blob()?) {
                visit(row.get_ref(0)?.as_blob()?, location, checksum);
            }
            Ok(ControlFlow::Continue(()))
        },
    );
    outcome.map_err(failure)
}

fn rows(
    connection: &Connection,
    query: &str,
    range: impl rusqlite::Params,
    visit: &mut dyn FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<ControlFlow<()>>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(range)?;
    while let Some(row) = rows.next()? {
        if visit(row)?.is_break() {
            break;
        }
    }
    Ok(())
}
