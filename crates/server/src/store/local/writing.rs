//! Large values on their way into segment files: while one value is written, those before it get to the
//! disk. Called by [`super::segments`], and by the backend for values that come one after the other.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

use bytes::Bytes;

use super::checksum::{Checksum, Sums};
use super::entry;
use super::room::Promise;
use super::segments::{Location, Pending, Segments};
use crate::store::StoreError;
use crate::store::backend::{Payload, Record};

/// Values from this size on go into segments; smaller ones are cheaper in the database.
const LARGE: usize = 32 << 10;
/// Small ones go there, too, when there are so many bytes of them that the transaction would be large.
const MOST_IN_MEMORY: usize = 32 << 20;
/// A segment is closed behind this many bytes. Space comes back when most of it is not used any
/// more, so segments are not much larger than a chunk.
const SEGMENT_BYTES: u64 = 8 << 20;
/// So many bytes of a segment are worth a sync of their own while more is coming.
const EARLY_BYTES: u64 = 2 << 20;

/// Values that are being written. What was written goes away again with it, unless it is finished and a
/// record points there.
pub(super) struct Writing<'a> {
    segments: &'a Segments,
    open: Option<Writer>,
    /// Brings segments to the disk.
    syncing: Option<Syncing>,
    /// Whether there are new files.
    has_files: bool,
    payloads: Vec<(Vec<u8>, Payload)>,
    /// Bytes of those that are not in segments.
    in_memory: usize,
    /// Room for what is not written yet.
    promise: Promise<'a>,
}

impl<'a> Writing<'a> {
    /// Begins to write, as long as there is room.
    pub fn new(segments: &'a Segments, promise: Promise<'a>) -> Self {
        Self {
            segments,
            open: None,
            syncing: None,
            has_files: false,
            payloads: Vec::new(),
            in_memory: 0,
            promise,
        }
    }

    /// Takes one more value, and writes it if it is large.
    pub fn add(&mut self, (key, value): Record) -> io::Result<()> {
        if value.len() < LARGE && self.in_memory + value.len() <= MOST_IN_MEMORY {
            self.in_memory += value.len();
            self.payloads.push((key, value.into()));
            return Ok(());
        }
        if !self
            .promise
            .has(entry::most_bytes(&key, value.len() as u64))
        {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let writer = match &mut self.open {
            Some(writer) => writer,
            none => {
                self.has_files = true;
                none.insert(self.segments.create()?)
            }
        };
        let before = writer.length;
        let payload = writer.append(&key, &value)?;
        self.promise.written(writer.length - before);
        self.payloads.push((key, payload));
        let full = writer.length >= SEGMENT_BYTES;
        if full || writer.length - writer.handed_over >= EARLY_BYTES {
            self.sync_beside(full)?;
        }
        Ok(())
    }

    /// Has the open segment synced by another thread. A full one is closed by that; others have time if
    /// that thread is busy.
    fn sync_beside(&mut self, full: bool) -> io::Result<()> {
        let Some(mut writer) = self.open.take() else {
            return Ok(());
        };
        if self.syncing.is_none() {
            self.syncing = Syncing::start();
        }
        let file = &writer.file;
        match &self.syncing {
            // Where there are too many threads, this one does it.
            None if full => return file.sync_data(),
            Some(syncing) if full => {
                let sent = syncing.files.send(file.clone());
                return sent.map_err(|_| self.why());
            }
            Some(syncing) if syncing.files.try_send(file.clone()).is_ok() => {
                writer.handed_over = writer.length;
            }
            _ => {}
        }
        self.open = Some(writer);
        Ok(())
    }

    /// All values; those that were written are durable.
    pub fn finish(mut self) -> io::Result<Vec<(Vec<u8>, Payload)>> {
        if let Some(last) = self.open.take()
            && last.handed_over < last.length
        {
            last.file.sync_data()?;
        }
        self.syncing.take().map_or(Ok(()), Syncing::end)?;
        if self.has_files {
            self.segments.sync_folder()?;
        }
        Ok(self.payloads)
    }

    /// What is said when there is no room.
    pub fn full(&self) -> StoreError {
        self.segments.room.full()
    }

    /// Why the thread that syncs has ended before it was told to.
    fn why(&mut self) -> io::Error {
        let ended = self.syncing.take().map_or(Ok(()), Syncing::end);
        ended.err().unwrap_or_else(broken_down)
    }
}

/// A thread that brings what was written to the disk, one file after the other, until the first failure.
struct Syncing {
    /// One may wait.
    files: SyncSender<Arc<File>>,
    thread: JoinHandle<io::Result<()>>,
}

impl Syncing {
    /// `None` if there can be no such thread.
    fn start() -> Option<Self> {
        let (files, waiting) = mpsc::sync_channel::<Arc<File>>(1);
        let work = move || waiting.iter().try_for_each(|file| file.sync_data());
        let thread = thread::Builder::new().name("h5rest-sync".to_owned());
        let thread = thread.spawn(work).ok()?;
        Some(Self { files, thread })
    }

    /// Waits until all files are on the disk.
    fn end(self) -> io::Result<()> {
        drop(self.files);
        self.thread.join().unwrap_or_else(|_| Err(broken_down()))
    }
}

fn broken_down() -> io::Error {
    io::Error::other("the thread that syncs segments broke down")
}

/// A segment that is being written.
pub(super) struct Writer {
    file: Arc<File>,
    number: u64,
    length: u64,
    /// How much of it the thread that syncs has been told of.
    handed_over: u64,
    pending: Arc<Pending>,
}

impl Writer {
    pub fn new(file: File, number: u64, pending: Pending) -> Self {
        Self {
            file: Arc::new(file),
            number,
            length: 0,
            handed_over: 0,
            pending: Arc::new(pending),
        }
    }

    fn append(&mut self, key: &[u8], value: &Bytes) -> io::Result<Payload> {
        let table = Sums::of(value).table();
        let checksum = Checksum::of_table(&table);
        let head = entry::head(key, value.len() as u64, checksum);
        let mut file = &*self.file;
        file.write_all(&head)?;
        file.write_all(value)?;
        let table_length = checksum.table_length(value.len() as u64);
        if table_length > 0 {
            file.write_all(&table)?;
        }
        let location = Location {
            segment: self.number,
            offset: self.length + head.len() as u64,
            length: value.len() as u64,
        };
        self.length = location.end() + table_length;
        let pending = self.pending.clone();
        Ok(Payload::in_segment(location, checksum, pending))
    }
}
