//! The database (SQLite) with all records: the connection that writes, and a pool of those that
//! read.
//!
//! Its log (WAL) makes a commit one write behind the last and one sync, whatever the size of the
//! database, and lets readers keep the state they started with. A commit that fails is undone, and
//! the next one overwrites what it left in the log.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, ReentrantMutex};
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use super::parked::{Calm, Changing, Parked};
use super::reading::{Place, Reading};
use super::snapshot::Snapshot;
use crate::store::{StoreError, StoreResult};

/// The database's file; SQLite keeps its log beside it.
pub(super) const FILE_NAME: &str = "h5rest.db";
/// Held by the server that uses the store.
const LOCK_NAME: &str = "h5rest.lock";
/// The database of stores of the first version.
const FIRST_FILE_NAME: &str = "h5rest.redb";
/// Version of the form in which everything is stored.
const VERSION: i64 = 3;
/// The form before: its large values have no tables of checksums, which makes it a form of this one.
const PREVIOUS: i64 = 2;
/// Most connections that wait for the next reader.
const MOST_IDLE: usize = 32;
/// Bytes of pages that further readers may keep each: there may be as many as connections of clients.
const SMALL_CACHE: usize = 128 << 10;
/// How long connections wait for each other's locks, which are held for moments.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pages of the log (4096 bytes each) from which on it is worth to move it into the database.
const LONG_LOG: u64 = 1 << 10;
/// Pages of the log from which on writers wait a moment for readers to leave it.
const TOO_LONG_LOG: u64 = 64 << 10;
/// That moment. A reader that stays longer, as a backup does, makes the log grow.
const MOMENT: Duration = Duration::from_millis(100);
/// Bytes that the log's file keeps: to write over them is cheaper than to make a file grow, whose new length
/// must get to the disk, too.
const KEPT_LOG: u64 = 16 << 20;
/// Bytes that it has from the start.
pub(super) const FIRST_LOG: u64 = 6 << 20;

const SCHEMA: &str = "
    CREATE TABLE records (key BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
    -- How many records point into each segment, and how many bytes of it they use.
    CREATE TABLE segments (segment INTEGER PRIMARY KEY, records INTEGER NOT NULL,
        bytes INTEGER NOT NULL);
";

pub(super) struct Database {
    path: PathBuf,
    /// Bytes of pages that each reader may keep.
    reader_cache: usize,
    pub writer: ReentrantMutex<Connection>,
    idle: Mutex<Vec<Reading>>,
    /// Readers with a cache of full size.
    roomy: Arc<AtomicUsize>,
    parked: Parked,
    /// Pages in the log.
    log_pages: Arc<AtomicU64>,
    /// Pages of the log at which writers wait for readers the next time.
    wait_at: AtomicU64,
    /// Released with the file.
    _lock: File,
}

impl Database {
    /// Opens the database in this folder, or makes it if `make`.
    pub fn open(folder: &Path, cache: usize, make: bool) -> StoreResult<Self> {
        let cannot = |error: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!("cannot open {}: {error}", folder.display()))
        };
        if folder.join(FIRST_FILE_NAME).exists() {
            return Err(cannot(&format!(
                "{FIRST_FILE_NAME} is of an h5rest before 0.1.0: serve it with that one, and copy it to \
                 a new folder with `h5rest backup`"
            )));
        }
        let lock = lock(folder).map_err(|error| cannot(&error))?;
        let path = folder.join(FILE_NAME);
        let mut writer = connect(&path, cache / 4, make).map_err(|error| cannot(&error))?;
        let log_pages = Arc::new(AtomicU64::new(0));
        prepare(&mut writer, log_pages.clone(), make).map_err(|error| match error {
            Opening::Failed(error) => cannot(&error),
            Opening::Version(found) => cannot(&format!(
                "its form has version {found}, this h5rest knows {VERSION}: use a newer one"
            )),
            Opening::Nothing => cannot(&format!("there is no store in {FILE_NAME}")),
        })?;
        let database = Self {
            path,
            reader_cache: (cache * 3 / 4 / MOST_IDLE).max(64 << 10),
            writer: ReentrantMutex::new(writer),
            idle: Mutex::default(),
            roomy: Arc::default(),
            parked: Parked::default(),
            log_pages,
            wait_at: AtomicU64::new(TOO_LONG_LOG),
            _lock: lock,
        };
        // The log may hold what a sync that failed never brought to the disk: then only the memory of
        // the system has it. In the database's own file it is safe.
        cut_log(&database.writer.lock()).map_err(failure)?;
        Ok(database)
    }

    /// A connection that reads.
    pub fn reader(&self) -> StoreResult<Reading> {
        self.connect_reader().map_err(failure)
    }

    fn connect_reader(&self) -> rusqlite::Result<Reading> {
        if let Some(idle) = self.idle.lock().pop() {
            return Ok(idle);
        }
        let place = Place::take(&self.roomy, MOST_IDLE);
        let cache = match place {
            Some(_) => self.reader_cache,
            None => self.reader_cache.min(SMALL_CACHE),
        };
        let connection = connect(&self.path, cache, false)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Reading { connection, place })
    }

    /// A reader in a transaction whose state is fixed, the latest or a later one; and what
    /// [`Database::park`] wants to know.
    pub fn snapshot(&self) -> StoreResult<(Snapshot, Option<Calm>)> {
        let (parked, calm) = self.parked.take();
        let begun = || -> rusqlite::Result<Snapshot> {
            let reader = self.connect_reader()?;
            reader.prepare_cached("BEGIN")?.execute(())?;
            // SQLite takes hold of a state when it first reads.
            let mut first = reader.prepare_cached("SELECT 1 FROM segments LIMIT 1")?;
            first.query_row((), |_| Ok(())).optional()?;
            drop(first);
            Ok(Snapshot::of(reader))
        };
        let reader = parked.map_or_else(begun, Ok).map_err(failure)?;
        Ok((reader, calm))
    }

    /// Whether no change has begun since a snapshot was taken.
    pub fn is_still(&self, calm: Calm) -> bool {
        self.parked.is_still(calm)
    }

    /// Takes back what [`Database::snapshot`] gave.
    pub fn park(&self, reader: Snapshot, calm: Option<Calm>) {
        let left = match calm {
            Some(calm) => self.parked.park(reader, calm),
            None => Some(reader),
        };
        left.into_iter().for_each(|reader| self.end(reader));
    }

    /// Ends a reader's transaction.
    fn end(&self, reader: Snapshot) {
        let reader = reader.connection;
        let ended = reader
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute(()));
        // One that cannot end its transaction is of no more use.
        if ended.is_ok() {
            self.give_back(reader);
        }
    }

    /// To be called before a change, and kept until it is made: nobody goes on with an earlier state.
    pub fn begin_change(&self) -> Changing<'_> {
        let (changing, readers) = self.parked.change();
        readers.into_iter().for_each(|reader| self.end(reader));
        changing
    }

    /// Takes a reader back, which must not be in a transaction.
    pub fn give_back(&self, reader: Reading) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE && reader.place.is_some() {
            idle.push(reader);
        }
    }

    /// Makes the log's file so long that commits need not. To the database the zeros are no part of the log:
    /// they do not have its number.
    pub fn lengthen_log(&self) -> io::Result<()> {
        const ZEROS: &[u8] = &[0; 64 << 10];
        let _writer = self.writer.lock();
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        let log = File::options().write(true).open(path)?;
        let mut length = log.metadata()?.len();
        while length < FIRST_LOG {
            log.write_all_at(ZEROS, length)?;
            length += ZEROS.len() as u64;
        }
        log.sync_data()
    }

    /// Whether [`Database::tidy`] has something to do.
    pub fn is_log_long(&self) -> bool {
        self.log_pages.load(Ordering::Relaxed) > LONG_LOG
    }

    /// Moves the log into the database's file, and gives back the end of the file if it is free.
    pub fn tidy(&self) -> StoreResult<()> {
        self.vacuum().map_err(failure)?;
        let parked = self.parked.release().into_iter();
        parked.for_each(|reader| self.end(reader));
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.wait_at.load(Ordering::Relaxed) {
            return self.checkpoint().map_err(failure);
        }
        // If it does not help, it is not worth another wait soon.
        self.wait_at.store(pages + TOO_LONG_LOG, Ordering::Relaxed);
        let writer = self.writer.lock();
        let cut = || -> rusqlite::Result<()> {
            writer.busy_timeout(MOMENT)?;
            let cut = cut_log(&writer);
            writer.busy_timeout(PATIENCE)?;
            if cut? {
                self.log_pages.store(0, Ordering::Relaxed);
                self.wait_at.store(TOO_LONG_LOG, Ordering::Relaxed);
            }
            Ok(())
        };
        cut().map_err(failure)
    }

    /// Frees pages at the end of the file, as long as many are free. A few at a time, because
    /// writers wait meanwhile.
    fn vacuum(&self) -> rusqlite::Result<()> {
        loop {
            let writer = self.writer.lock();
            let number = |name: &str| -> rusqlite::Result<u64> {
                writer.pragma_query_value(None, name, |row| row.get(0))
            };
            let (free, all) = (number("freelist_count")?, number("page_count")?);
            if free < 1024 || free < all / 4 {
                return Ok(());
            }
            // Each step frees a page.
            let mut vacuum = writer.prepare("PRAGMA incremental_vacuum(1000)")?;
            let mut steps = vacuum.query(())?;
            while steps.next()?.is_some() {}
            if number("freelist_count")? >= free {
                return Ok(());
            }
        }
    }

    /// Moves as much of the log as readers allow. Writers go on beside it; they wait only for what they
    /// have written meanwhile, so that the next one can start the log anew.
    fn checkpoint(&self) -> rusqlite::Result<()> {
        let reader = self.connect_reader()?;
        move_log(&reader)?;
        self.give_back(reader);
        move_log(&self.writer.lock())
    }

    /// What the database's own check of its file finds.
    pub fn check(&self) -> StoreResult<Vec<String>> {
        let writer = self.writer.lock();
        let check = || -> rusqlite::Result<Vec<String>> {
            let mut statement = writer.prepare("PRAGMA integrity_check")?;
            let rows = statement.query_map((), |row| row.get(0))?;
            rows.collect()
        };
        let mut found = check().map_err(failure)?;
        found.retain(|line| line != "ok");
        Ok(found)
    }
}

/// Moves what is in the log now into the database, as far as readers allow.
fn move_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
}

/// Moves all of the log into the database and cuts its file; whether no reader was in the way.
fn cut_log(writer: &Connection) -> rusqlite::Result<bool> {
    let busy = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| {
        row.get::<_, i64>(0)
    });
    Ok(busy? == 0)
}

/// Makes sure that no other server uses the folder.
fn lock(folder: &Path) -> io::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK_NAME))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(io::Error::other("another server uses it")),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn connect(path: &Path, cache: usize, make: bool) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if make {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // Negative: in KiB, not in pages.
    let cache = -i64::try_from(cache >> 10).unwrap_or(i64::MAX);
    connection.pragma_update(None, "cache_size", cache)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

enum Opening {
    Failed(rusqlite::Error),
    Version(i64),
    Nothing,
}

impl From<rusqlite::Error> for Opening {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

/// Makes an empty database a store, and sets how a store is written to.
fn prepare(writer: &mut Connection, log_pages: Arc<AtomicU64>, make: bool) -> Result<(), Opening> {
    // Has no effect once there are tables.
    writer.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    // Each commit is synced.
    writer.pragma_update(None, "synchronous", "FULL")?;
    // Moving the log into the database is not for requests to wait for.
    writer.wal_hook(Some(move |_: &mut Wal, pages| {
        log_pages.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
        Ok(())
    }))?;
    writer.pragma_update(None, "journal_size_limit", KEPT_LOG as i64)?;
    match writer.pragma_query_value(None, "user_version", |row| row.get(0))? {
        VERSION => Ok(()),
        // Who only looks leaves it as it is.
        PREVIOUS if !make => Ok(()),
        PREVIOUS => Ok(writer.pragma_update(None, "user_version", VERSION)?),
        0 => {
            let tables = "SELECT count(*) FROM sqlite_schema";
            if writer.query_row(tables, (), |row| row.get::<_, i64>(0))? > 0 {
                return Err(Opening::Nothing);
            }
            writer.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT"
            ))?;
            Ok(())
        }
        other => Err(Opening::Version(other)),
    }
}

/// Sorts the database's errors by what the one who asked can do about them.
pub(super) fn failure(error: rusqlite::Error) -> StoreError {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(text),
        // SQLite takes a disk that cannot be read for damage. The next attempt may do better.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Unavailable(
            format!("the disk fails, or the database is damaged (see h5rest fsck): {text}"),
        ),
        _ => StoreError::Unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_the_form_before_becomes_one_of_this() {
        let folder = tempfile::tempdir().unwrap();
        let open = |make| Database::open(folder.path(), 1 << 20, make);
        let version = |database: &Database| -> i64 {
            let writer = database.writer.lock();
            let found = writer.pragma_query_value(None, "user_version", |row| row.get(0));
            found.unwrap()
        };
        let new = open(true).unwrap();
        assert_eq!(version(&new), VERSION);
        let set = |database: &Database, version: i64| {
            let writer = database.writer.lock();
            writer.pragma_update(None, "user_version", version).unwrap();
        };
        set(&new, PREVIOUS);
        drop(new);
        assert_eq!(version(&open(false).unwrap()), PREVIOUS);
        let served = open(true).unwrap();
        assert_eq!(version(&served), VERSION);
        set(&served, VERSION + 1);
        drop(served);
        let refused = open(true).err().unwrap().to_string();
        assert!(refused.contains("use a newer one"), "{refused}");
    }
}
