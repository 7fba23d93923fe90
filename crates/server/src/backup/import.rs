//! Filling an empty store with the records of a backup. Called by `h5rest backup`.

use bytes::{Buf, Bytes, BytesMut};
use crc32fast::Hasher;

use super::{END, MAGIC};
use crate::store::{Store, StoreError, StoreResult};

/// Records are written together until they have this many bytes.
const BATCH: usize = 8 << 20;
/// Lengths in front of a record.
const LENGTHS: usize = 4 + 8;

/// A store that receives a backup piece by piece.
#[derive(Debug)]
pub struct Import<'a> {
    store: &'a Store,
    /// Received, but not read yet.
    buffer: BytesMut,
    batch: Vec<(Vec<u8>, Bytes)>,
    batch_bytes: usize,
    hasher: Hasher,
    progress: Progress,
}

#[derive(Debug)]
enum Progress {
    Start,
    Records(u64),
    Complete(u64),
}

impl<'a> Import<'a> {
    /// Nothing has been received yet.
    pub fn into(store: &'a Store) -> Self {
        Self {
            store,
            buffer: BytesMut::new(),
            batch: Vec::new(),
            batch_bytes: 0,
            hasher: Hasher::new(),
            progress: Progress::Start,
        }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// When it does not continue a backup, or the store cannot be written.
    pub fn take(&mut self, piece: &[u8]) -> StoreResult<()> {
        self.buffer.extend_from_slice(piece);
        while self.step()? {}
        Ok(())
    }

    /// Writes the rest; returns the number of records.
    ///
    /// # Errors
    /// When the backup did not come to its end.
    pub fn finish(mut self) -> StoreResult<u64> {
        self.write()?;
        match self.progress {
            Progress::Complete(records) if self.buffer.is_empty() => Ok(records),
            Progress::Complete(_) => Err(damaged("something follows its end")),
            _ => Err(damaged("it ends before its end")),
        }
    }

    /// Reads one part of the backup, if all of it is there.
    fn step(&mut self) -> StoreResult<bool> {
        match self.progress {
            Progress::Start => {
                if self.buffer.len() < MAGIC.len() {
                    return Ok(false);
                }
                if self.part(MAGIC.len()) != MAGIC {
                    return Err(damaged("this is no backup of an h5rest"));
                }
                self.progress = Progress::Records(0);
                Ok(true)
            }
            Progress::Records(count) => self.record(count),
            Progress::Complete(_) => Ok(false),
        }
    }

    fn record(&mut self, count: u64) -> StoreResult<bool> {
        let Some(mut lengths) = self.buffer.get(..LENGTHS) else {
            return Ok(false);
        };
        let (key, value) = (lengths.get_u32_le(), lengths.get_u64_le());
        if key == END {
            return self.end(count, value);
        }
        let (key, value) = (key as usize, value as usize);
        let length = key
            .checked_add(value)
            .and_then(|sum| sum.checked_add(LENGTHS))
            .ok_or_else(|| damaged("a record of impossible length"))?;
        if self.buffer.len() < length {
            return Ok(false);
        }
        let record = self.part(length);
        let key = record[LENGTHS..LENGTHS + key].to_vec();
        let value = record.slice(LENGTHS + key.len()..);
        self.batch_bytes += length;
        self.batch.push((key, value));
        self.progress = Progress::Records(count + 1);
        if self.batch_bytes >= BATCH {
            self.write()?;
        }
        Ok(true)
    }

    fn end(&mut self, count: u64, expected: u64) -> StoreResult<bool> {
        if self.buffer.len() < LENGTHS + 4 {
            return Ok(false);
        }
        self.part(LENGTHS);
        let found = self.hasher.clone().finalize();
        let checksum = self.part(4).get_u32_le();
        if count != expected || found != checksum {
            return Err(damaged("it was changed on the way: the checksum differs"));
        }
        self.progress = Progress::Complete(count);
        Ok(true)
    }

    fn part(&mut self, length: usize) -> Bytes {
        let part = self.buffer.split_to(length).freeze();
        self.hasher.update(&part);
        part
    }

    fn write(&mut self) -> StoreResult<()> {
        self.batch_bytes = 0;
        let records = self.store.prepare(std::mem::take(&mut self.batch))?;
        self.store.write(move |change| {
            for (key, payload) in records {
                change.put(key, payload);
            }
            Ok(())
        })
    }
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("the backup cannot be used: {what}"))
}
