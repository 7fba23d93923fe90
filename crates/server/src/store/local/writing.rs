//! Large values on their way into segment files: while one segment is written, the one before it gets to the
//! disk. Called by [`super::segments`], and by the backend for values that come one after the other.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use bytes::Bytes;

use super::checksum::{Checksum, Sums};
use super::entry;
use super::segments::{Location, Pending, Segments};
use crate::store::backend::{Payload, Record};

/// Values from this size on go into segments; smaller ones are cheaper in the database.
const LARGE: usize = 32 << 10;
/// A segment is closed behind this many bytes. Space comes back when most of it is not used any
/// more, so segments are not much larger than a chunk.
const SEGMENT_BYTES: u64 = 8 << 20;

/// Values that are being written. What was written goes away again with it, unless it is finished and a
/// record points there.
pub(super) struct Writing<'a> {
    segments: &'a Segments,
    open: Option<Writer>,
    /// The segment before, on its way to the disk.
    syncing: Option<JoinHandle<io::Result<()>>>,
    /// Whether there are new files.
    has_files: bool,
    payloads: Vec<(Vec<u8>, Payload)>,
}

impl<'a> Writing<'a> {
    pub fn new(segments: &'a Segments) -> Self {
        Self {
            segments,
            open: None,
            syncing: None,
            has_files: false,
            payloads: Vec::new(),
        }
    }

    /// Takes one more value, and writes it if it is large.
    pub fn add(&mut self, (key, value): Record) -> io::Result<()> {
        if value.len() < LARGE {
            self.payloads.push((key, value.into()));
            return Ok(());
        }
        let writer = match &mut self.open {
            Some(writer) => writer,
            none => {
                self.has_files = true;
                none.insert(self.segments.create()?)
            }
        };
        let payload = writer.append(&key, value)?;
        self.payloads.push((key, payload));
        if writer.length >= SEGMENT_BYTES
            && let Some(full) = self.open.take()
        {
            self.synced()?;
            self.syncing = full.sync()?;
        }
        Ok(())
    }

    /// All values; those that were written are durable.
    pub fn finish(mut self) -> io::Result<Vec<(Vec<u8>, Payload)>> {
        if let Some(last) = self.open.take() {
            last.file.sync_data()?;
        }
        self.synced()?;
        if self.has_files {
            self.segments.sync_folder()?;
        }
        Ok(self.payloads)
    }

    /// Waits for the segment that is on its way to the disk: there is one at a time.
    fn synced(&mut self) -> io::Result<()> {
        self.syncing.take().map_or(Ok(()), |thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the thread that synced it broke down")))
        })
    }
}

/// A segment that is being written.
pub(super) struct Writer {
    file: File,
    number: u64,
    length: u64,
    pending: Arc<Pending>,
}

impl Writer {
    pub fn new(file: File, number: u64, pending: Pending) -> Self {
        Self {
            file,
            number,
            length: 0,
            pending: Arc::new(pending),
        }
    }

    /// Starts a thread that makes it durable; without one, where there are too many, it is so at once.
    fn sync(self) -> io::Result<Option<JoinHandle<io::Result<()>>>> {
        let file = Arc::new(self.file);
        let written = file.clone();
        let thread = thread::Builder::new()
            .name("h5rest-sync".to_owned())
            .spawn(move || written.sync_data());
        match thread {
            Ok(thread) => Ok(Some(thread)),
            Err(_) => file.sync_data().map(|()| None),
        }
    }

    fn append(&mut self, key: &[u8], value: Bytes) -> io::Result<Payload> {
        let table = Sums::of(&value).table();
        let checksum = Checksum::of_table(&table);
        let head = entry::head(key, value.len() as u64, checksum);
        self.file.write_all(&head)?;
        self.file.write_all(&value)?;
        let table_length = checksum.table_length(value.len() as u64);
        if table_length > 0 {
            self.file.write_all(&table)?;
        }
        let location = Location {
            segment: self.number,
            offset: self.length + head.len() as u64,
            length: value.len() as u64,
        };
        self.length = location.end() + table_length;
        Ok(Payload::in_segment(
            value,
            location,
            checksum,
            self.pending.clone(),
        ))
    }
}
