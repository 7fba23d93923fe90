//! Records in a folder: an embedded database (redb) with transactions that are durable when they
//! return.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use redb::{
    Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};

use super::backend::{Backend, Payload, Reader, Stored, Transaction, Visit};
use super::{StoreError, StoreResult};

const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");
const FILE_NAME: &str = "h5rest.redb";
/// Pages of the database held in memory.
const CACHE_SIZE: usize = 512 << 20;

/// The backend behind `h5rest serve --root DIR`.
pub(super) struct Local {
    database: Database,
}

struct View(ReadOnlyTable<&'static [u8], &'static [u8]>);

struct Change(WriteTransaction);

impl Local {
    pub fn open(folder: &Path) -> StoreResult<Self> {
        let unavailable = |error: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!("cannot open {}: {error}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(|e| unavailable(&e))?;
        let file = folder.join(FILE_NAME);
        let database = Database::builder()
            .set_cache_size(CACHE_SIZE)
            .create(file)
            .map_err(|e| unavailable(&e))?;
        let start = database.begin_write().map_err(failure)?;
        start.open_table(RECORDS).map_err(failure)?;
        start.commit().map_err(failure)?;
        Ok(Self { database })
    }
}

/// Sorts the database's errors by what the one who asked can do about them.
fn failure(error: impl Into<redb::Error>) -> StoreError {
    let error = error.into();
    match &error {
        redb::Error::Io(io) if is_full(io) => StoreError::Full(error.to_string()),
        redb::Error::Corrupted(_) => StoreError::Damaged(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

impl Backend for Local {
    fn snapshot(&self) -> StoreResult<Arc<dyn Reader>> {
        let transaction = self.database.begin_read().map_err(failure)?;
        Ok(Arc::new(View(
            transaction.open_table(RECORDS).map_err(failure)?,
        )))
    }

    fn prepare(&self, values: Vec<Bytes>) -> StoreResult<Vec<Payload>> {
        Ok(values.into_iter().map(Payload::from).collect())
    }

    fn begin(&self) -> StoreResult<Box<dyn Transaction + '_>> {
        let transaction = self.database.begin_write().map_err(failure)?;
        Ok(Box::new(Change(transaction)))
    }
}

fn get(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    key: &[u8],
) -> StoreResult<Option<Bytes>> {
    let found = table.get(key).map_err(failure)?;
    Ok(found.map(|guard| Bytes::copy_from_slice(guard.value())))
}

fn scan(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    start: &[u8],
    end: &[u8],
    visit: Visit<'_>,
) -> StoreResult<()> {
    if start >= end {
        return Ok(());
    }
    for entry in table.range(start..end).map_err(failure)? {
        let (key, value) = entry.map_err(failure)?;
        if visit(key.value(), Bytes::copy_from_slice(value.value())).is_break() {
            break;
        }
    }
    Ok(())
}

impl Reader for View {
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        get(&self.0, key)
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        scan(&self.0, start, end, visit)
    }
}

impl Reader for Change {
    fn get(&self, key: &[u8]) -> StoreResult<Option<Bytes>> {
        get(&self.0.open_table(RECORDS).map_err(failure)?, key)
    }

    fn scan(&self, start: &[u8], end: &[u8], visit: Visit<'_>) -> StoreResult<()> {
        scan(
            &self.0.open_table(RECORDS).map_err(failure)?,
            start,
            end,
            visit,
        )
    }
}

impl Transaction for Change {
    fn put(&mut self, key: &[u8], value: &Payload) -> StoreResult<()> {
        let Stored::Inline(value) = &value.0;
        let mut table = self.0.open_table(RECORDS).map_err(failure)?;
        table.insert(key, &value[..]).map_err(failure)?;
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> StoreResult<()> {
        let mut table = self.0.open_table(RECORDS).map_err(failure)?;
        table.remove(key).map_err(failure)?;
        Ok(())
    }

    fn delete_range(&mut self, start: &[u8], end: &[u8]) -> StoreResult<()> {
        let mut table = self.0.open_table(RECORDS).map_err(failure)?;
        table
            .retain_in::<&[u8], _>(start..end, |_, _| false)
            .map_err(failure)
    }

    fn commit(self: Box<Self>) -> StoreResult<()> {
        self.0.commit().map_err(failure)
    }
}
