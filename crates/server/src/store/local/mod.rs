//! Records in a folder: a database with transactions that are durable when they return, and beside
//! it segment files for large values, which the database only points to.

mod change;
mod checksum;
mod database;
mod entry;
#[cfg(fuzzing)]
pub(super) mod fuzzing;
mod garbage;
mod inspect;
mod known;
mod parked;
mod reading;
mod record;
mod room;
mod segments;
mod snapshot;
mod stretch;
mod upkeep;
mod view;
mod writing;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use self::change::Change;
pub(super) use self::checksum::Checksum;
use self::database::Database;
use self::garbage::Garbage;
use self::known::Known;
use self::room::Room;
use self::segments::Segments;
pub(super) use self::segments::{Location, Pending};
use self::upkeep::{Task, Upkeep};
use self::view::View;
use self::writing::Writing;
use super::backend::{Backend, Payload, Preparation, Reader, Record, Work};
use super::{StoreError, StoreOptions, StoreResult};

/// The backend behind `h5rest serve --root DIR`.
pub(super) struct Local {
    shared: Arc<Shared>,
    upkeep: Upkeep,
}

/// What the backend shares with its readers and with the thread that gives space back.
struct Shared {
    folder: PathBuf,
    database: Database,
    segments: Segments,
    garbage: Garbage,
    commits: AtomicU64,
    /// Small records as the last commit left them; nothing after one that failed.
    known: Mutex<Known>,
}

/// Most small records that are known from one commit to the next.
const MOST_KNOWN: usize = 4096;

impl Local {
    pub fn open(folder: &Path, options: &StoreOptions) -> StoreResult<Self> {
        fs::create_dir_all(folder).map_err(|error| {
            let text = format!("cannot make {}: {error}", folder.display());
            StoreError::Unavailable(text)
        })?;
        let shared = Shared::open(folder, options, true)?;
        // The folder may be new, and so may what is in it: a commit that is synced is lost with the name of
        // its file.
        let parent = folder.canonicalize();
        let parent = parent.map(|folder| folder.parent().map(Path::to_owned));
        let sync = |folder: &Path| fs::File::open(folder)?.sync_all();
        let synced = parent.and_then(|parent| {
            match sync(folder) {
                // Some file systems know nothing of it.
                Err(error) if is_unknown(&error) => {}
                synced => synced?,
            }
            // Whoever may not read the folder around did not make this one.
            parent.map_or(Ok(()), |parent| sync(&parent).or(Ok(())))
        });
        synced.map_err(|error| io_failure(&error))?;
        let upkeep = Upkeep::start(&shared);
        Ok(Self { shared, upkeep })
    }
}

/// Whether a file system says that it has no such call.
fn is_unknown(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, Unsupported};
    matches!(error.kind(), InvalidInput | Unsupported)
}

impl Shared {
    fn open(folder: &Path, options: &StoreOptions, make: bool) -> StoreResult<Arc<Self>> {
        let database = Database::open(folder, options.cache, make)?;
        let segments = Segments::within(folder, Room::of(folder.to_owned(), options.reserve));
        let segments = segments.map_err(|error| io_failure(&error))?;
        if make && segments.room.promise().has(database::FIRST_LOG) {
            // Without it commits take longer, and nothing else happens.
            let longer = database.lengthen_log();
            longer.unwrap_or_else(|error| tracing::warn!(%error, "the log stays short"));
        }
        Ok(Arc::new(Self {
            folder: folder.to_owned(),
            database,
            segments,
            garbage: Garbage::default(),
            commits: AtomicU64::new(0),
            known: Mutex::new(Known::at_most(MOST_KNOWN)),
        }))
    }

    /// Number of commits that readers see for sure.
    fn version(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// Does the work in a transaction; returns the segments of which less is used than before.
    fn transact(
        &self,
        work: impl FnOnce(&mut Change<'_>) -> StoreResult<()>,
    ) -> StoreResult<Vec<u64>> {
        let writer = self.database.writer.lock();
        let changing = self.database.begin_change();
        let run = |statement: &str| writer.prepare_cached(statement)?.execute(());
        if !writer.is_autocommit() {
            // Somebody broke down in the middle of it.
            run("ROLLBACK").map_err(database::failure)?;
        }
        let begin = run("BEGIN IMMEDIATE");
        begin.map_err(|error| self.explain(database::failure(error)))?;
        let known = std::mem::replace(&mut *self.known.lock(), Known::at_most(MOST_KNOWN));
        let mut change = Change::new(&self.database.writer, &self.segments, known);
        let done = work(&mut change).and_then(|()| change.finish());
        let (written, emptied) = (change.written, change.emptied);
        let done = done.and_then(|()| {
            // From here on only the database knows whether the segments are in use: if the commit
            // fails half way, the sweep of the next start finds out.
            written.iter().for_each(Payload::keep);
            run("COMMIT").map_err(database::failure)
        });
        if let Err(error) = done {
            if !writer.is_autocommit()
                && let Err(error) = run("ROLLBACK")
            {
                tracing::error!(%error, "a transaction that failed could not be undone");
            }
            return Err(self.explain(error));
        }
        *self.known.lock() = change.known.into_inner();
        self.commits.fetch_add(1, Ordering::Release);
        // In this order: the next change begins when the writer is free.
        drop(changing);
        drop(writer);
        self.garbage.add(emptied, &self.segments);
        Ok(change.thinned)
    }

    /// The database says little about why it cannot use the disk; the attempt to write a file does.
    fn explain(&self, error: StoreError) -> StoreError {
        if !matches!(error, StoreError::Unavailable(_)) {
            return error;
        }
        let path = self.folder.join("probe");
        let probe = || {
            let file = fs::File::create(&path)?;
            io::Write::write_all(&mut &file, b"probe")?;
            file.sync_data()?;
            fs::remove_file(&path)
        };
        match probe() {
            Ok(()) => error,
            Err(cause) => io_failure(&cause),
        }
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
        Ok(Arc::new(View::new(self.shared.clone())?))
    }

    fn preparation(&self) -> StoreResult<Box<dyn Preparation + '_>> {
        let segments = &self.shared.segments;
        Ok(Box::new(Writing::new(segments, segments.room.promise())))
    }

    fn transact(&self, work: Work<'_>) -> StoreResult<()> {
        let thinned = self.shared.transact(|change| work(change))?;
        for segment in thinned {
            self.upkeep.tell(Task::Segment(segment));
        }
        if self.shared.database.is_log_long() {
            self.upkeep.tell(Task::Database);
        }
        Ok(())
    }
}

impl Preparation for Writing<'_> {
    fn add(&mut self, record: Record) -> StoreResult<()> {
        let added = Writing::add(self, record);
        added.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull if error.raw_os_error().is_none() => self.full(),
            _ => io_failure(&error),
        })
    }

    fn finish(self: Box<Self>) -> StoreResult<Vec<(Vec<u8>, Payload)>> {
        Writing::finish(*self).map_err(|error| io_failure(&error))
    }
}
