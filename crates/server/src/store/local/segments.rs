//! Segment files: large values, one behind the other, written once and never changed. In front of
//! each stands which record it is of, so that [`super::upkeep`] can move it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use crc32fast::Hasher;

use super::checksum::{Checksum, Sums};
use super::entry::{self, Entry};
use super::room::Room;
use super::stretch::Stretch;
use super::writing::{Writer, Writing};
use crate::store::backend::{Part, Payload, Record};
use crate::store::{StoreError, StoreResult};

/// The folder of segment files.
pub(super) struct Segments {
    folder: PathBuf,
    /// Number of the next segment.
    next: AtomicU64,
    /// Segments from this number on are of this process.
    pub first: u64,
    /// What may still be written to the disk.
    pub room: Room,
}

/// Where a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    pub(super) segment: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// What became of a reading of parts.
enum Read {
    Done,
    /// The value has no table, or not the one that was written.
    WithoutTable,
    /// A block is not what was written.
    Changed,
}

/// A segment that no committed record points to yet; it goes away with this.
#[derive(Debug)]
pub struct Pending {
    file: PathBuf,
    kept: AtomicBool,
}

impl Pending {
    /// The segment stays from now on.
    pub fn keep(&self) {
        self.kept.store(true, Ordering::Release);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.kept.load(Ordering::Acquire) {
            // If it cannot be removed now, the sweep of the next start does it.
            let _ = fs::remove_file(&self.file);
        }
    }
}

impl Location {
    /// Where it ends in its segment.
    pub(super) fn end(self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    pub(super) fn encode(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.segment.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.offset.to_le_bytes());
        bytes[16..].copy_from_slice(&self.length.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 24] = bytes.try_into().ok()?;
        let (numbers, _) = bytes.as_chunks::<8>();
        let number = |at: usize| u64::from_le_bytes(numbers[at]);
        Some(Self {
            segment: number(0),
            offset: number(1),
            length: number(2),
        })
    }
}

impl Segments {
    /// Those of a store, whatever else its disk is for.
    #[cfg(any(test, fuzzing))]
    pub fn open(store: &Path) -> io::Result<Self> {
        Self::within(store, Room::of(store.to_owned(), 0))
    }

    /// Those of a store whose disk has this room.
    pub fn within(store: &Path, room: Room) -> io::Result<Self> {
        let folder = store.join("segments");
        fs::create_dir_all(&folder)?;
        // Numbers by the clock, so that none is used again after a restart.
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        let first = elapsed.map_or(0, |d| d.as_micros() as u64);
        Ok(Self {
            folder,
            next: AtomicU64::new(first),
            first,
            room,
        })
    }

    /// Writes the large ones of these values to disk; they are durable when this returns.
    pub fn write(&self, records: Vec<Record>) -> io::Result<Vec<(Vec<u8>, Payload)>> {
        let mut writing = Writing::new(self, self.room.promise_of_all());
        for record in records {
            writing.add(record)?;
        }
        writing.finish()
    }

    /// The names of new files become durable.
    pub(super) fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }

    /// A new segment.
    pub(super) fn create(&self) -> io::Result<Writer> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let path = self.path(number);
            match File::create_new(&path) {
                Ok(file) => {
                    let pending = Pending {
                        file: path,
                        kept: AtomicBool::new(false),
                    };
                    return Ok(Writer::new(file, number, pending));
                }
                // Left by a process whose clock was ahead.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The value there, which must have this checksum.
    pub fn read(&self, location: Location, checksum: Checksum) -> StoreResult<Bytes> {
        let value = self.reading(location, |file| {
            let length = usize::try_from(location.length).unwrap_or(usize::MAX);
            let mut value = BytesMut::zeroed(length);
            file.read_exact_at(&mut value, location.offset)?;
            Ok(value.freeze())
        })?;
        match checksum.is_of(&value) {
            true => Ok(value),
            false => Err(self.changed(location.segment)),
        }
    }

    /// Reads a value that goes into a buffer part by part, first to last without a gap; it must have
    /// this checksum.
    pub fn read_parts(
        &self,
        location: Location,
        checksum: Checksum,
        parts: &[Part],
        into: &mut [u8],
    ) -> StoreResult<()> {
        let (mut whole, mut sums) = (Hasher::new(), Sums::default());
        self.reading(location, |file| {
            for (from, to) in parts {
                let part = &mut into[to.clone()];
                file.read_exact_at(part, location.offset + *from as u64)?;
                match checksum {
                    Checksum::Whole(_) => whole.update(part),
                    Checksum::Blocks(_) => sums.add(part),
                }
            }
            Ok(())
        })?;
        let found = match checksum {
            Checksum::Whole(_) => Checksum::Whole(whole.finalize()),
            Checksum::Blocks(_) => Checksum::of_table(&sums.table()),
        };
        match found == checksum {
            true => Ok(()),
            false => Err(self.changed(location.segment)),
        }
    }

    /// Reads parts of a value into a buffer, and of the value only the blocks that have them. `false`
    /// if that cannot be done, because the value has no table or a damaged one.
    pub fn read_blocks(
        &self,
        location: Location,
        checksum: Checksum,
        parts: &[Part],
        into: &mut [u8],
    ) -> StoreResult<bool> {
        let table_length = checksum.table_length(location.length) as usize;
        let length = usize::try_from(location.length).unwrap_or(usize::MAX);
        let within = |(from, to): &Part| {
            !to.is_empty() && from.checked_add(to.len()).is_some_and(|end| end <= length)
        };
        if table_length == 0 || !parts.iter().all(within) {
            return Ok(false);
        }
        let read = self.reading(location, |file| {
            // The file has room for the value, so this is no impossible length.
            let mut table = vec![0; table_length];
            match file.read_exact_at(&mut table, location.end()) {
                Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
                Ok(()) if Checksum::of_table(&table) == checksum => {}
                _ => return Ok(Read::WithoutTable),
            }
            let mut stretch = Stretch::default();
            for (n, part) in parts.iter().enumerate() {
                if !stretch.has(part) {
                    match Stretch::read(file, location, &table, &parts[n..])? {
                        Some(read) => stretch = read,
                        None => return Ok(Read::Changed),
                    }
                }
                into[part.1.clone()].copy_from_slice(stretch.part(part));
            }
            Ok(Read::Done)
        })?;
        match read {
            Read::Done => Ok(true),
            Read::WithoutTable => Ok(false),
            Read::Changed => Err(self.changed(location.segment)),
        }
    }

    fn reading<T>(
        &self,
        location: Location,
        read: impl FnOnce(&File) -> io::Result<T>,
    ) -> StoreResult<T> {
        let open = || -> io::Result<T> {
            let file = File::open(self.path(location.segment))?;
            // A damaged length must not make the server ask for all memory.
            if file.metadata()?.len() < location.end() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            read(&file)
        };
        open().map_err(|error| self.failure(location.segment, &error))
    }

    fn changed(&self, segment: u64) -> StoreError {
        let path = self.path(segment);
        StoreError::Damaged(format!(
            "{} is not what was written: the checksum differs",
            path.display()
        ))
    }

    /// What lies in a segment; nothing if it is gone.
    pub fn entries(&self, segment: u64) -> StoreResult<Vec<Entry>> {
        let read = || entry::read_all(&File::open(self.path(segment))?, segment);
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            other => other.map_err(|error| self.failure(segment, &error)),
        }
    }

    /// Length of a segment's file; `None` if it is gone.
    pub fn length(&self, segment: u64) -> Option<u64> {
        Some(fs::metadata(self.path(segment)).ok()?.len())
    }

    fn failure(&self, segment: u64, error: &io::Error) -> StoreError {
        let text = format!("{}: {error}", self.path(segment).display());
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                StoreError::Damaged(text)
            }
            _ => StoreError::Unavailable(text),
        }
    }

    pub fn remove(&self, segment: u64) {
        if let Err(error) = fs::remove_file(self.path(segment)) {
            tracing::warn!(segment, %error, "an unused segment stays");
        }
    }

    /// The numbers of all segments that are there.
    pub fn list(&self) -> io::Result<impl Iterator<Item = u64>> {
        let names = fs::read_dir(&self.folder)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter_map(|name| u64::from_str_radix(&name, 16).ok()))
    }

    pub(super) fn path(&self, segment: u64) -> PathBuf {
        self.folder.join(format!("{segment:016x}"))
    }
}
