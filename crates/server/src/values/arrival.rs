//! Elements on their way into chunks: they are put where they belong as they come, so that they are
//! copied once, and nobody waits for a slow sender. Called by the route of large writes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::{panic, thread};

use bytes::Bytes;
use h5rest_protocol::selection::Selection;

use super::bands::pieces;
use super::target::Work;
use super::write::{check_unchanged, commit_prepared, covers};
use super::{ChunkLocks, Dataset, Target};
use crate::error::{ApiError, Result};
use crate::store::{Payload, Store, keys};

/// Bytes that are taken at once: few enough to be there in one piece most of the time.
const PIECE_BYTES: u64 = 64 << 10;

/// From so many bytes on, chunks that are complete get to the disk while others are still coming.
const AHEAD_BYTES: usize = 16 << 20;

/// Complete chunks that wait until the disk takes them.
const WAITING: usize = 4;

/// The elements of a write, all of them there.
pub struct Arrival {
    target: Target,
    /// What was written of each chunk, at its place in it.
    chunks: HashMap<Vec<u64>, Vec<u8>>,
    /// Chunks of which everything was written, and which are durable already. They go away again unless
    /// they are stored.
    prepared: Prepared,
}

/// Keys and values of chunks.
type Prepared = Vec<(Vec<u8>, Payload)>;

/// A chunk whose elements come.
struct Room {
    bytes: Vec<u8>,
    /// Elements that have not come yet, if all of the chunk will.
    missing: Option<usize>,
}

impl Arrival {
    /// Whether elements of this selection can arrive so without taking much more memory than they
    /// need.
    pub fn is_worth(dataset: &Dataset, target: &Target) -> bool {
        dataset.element.is_some_and(|size| {
            let chunks = target.chunks().len();
            let memory = chunks.saturating_mul(dataset.chunk_len() * size);
            memory <= target.count.saturating_mul(size).saturating_mul(2)
        })
    }

    /// Takes the elements of a selection; `take` gives the next bytes, exactly so many.
    pub fn receive(
        store: &Store,
        dataset: &Dataset,
        selection: Selection,
        take: impl FnMut(usize) -> Result<Bytes>,
    ) -> Result<Self> {
        let target = Target::selection(&selection, &dataset.chunk)?;
        let mut rooms = rooms(dataset, &target)?;
        let bytes = target.count * dataset.element.unwrap_or(0);
        let prepared = if bytes < AHEAD_BYTES {
            fill(dataset, selection, take, &mut rooms, None)?;
            Vec::new()
        } else {
            thread::scope(|scope| {
                let (complete, chunks) = mpsc::sync_channel(WAITING);
                let ahead = move || prepare(store, dataset, bytes, &chunks);
                let Ok(ahead) = thread::Builder::new().spawn_scoped(scope, ahead) else {
                    // Too many threads: all in turn, then.
                    fill(dataset, selection, take, &mut rooms, None)?;
                    return Ok(Vec::new());
                };
                let filled = fill(dataset, selection, take, &mut rooms, Some(&complete));
                drop(complete);
                let prepared = ahead
                    .join()
                    .unwrap_or_else(|panic| panic::resume_unwind(panic))?;
                filled.map(|()| prepared)
            })?
        };
        let length = dataset.chunk_len() * dataset.element.unwrap_or(0);
        let whole = |(indices, mut room): (_, Room)| {
            room.bytes.resize(length, 0);
            (indices, room.bytes)
        };
        Ok(Self {
            target,
            chunks: rooms.into_iter().map(whole).collect(),
            prepared,
        })
    }

    /// Stores them. Durable when it returns; readers see all of it or nothing.
    pub fn store(
        mut self,
        store: &Store,
        locks: &Arc<ChunkLocks>,
        dataset: &Dataset,
    ) -> Result<()> {
        let _alone = locks.chunks(dataset.id, self.target.chunks());
        check_unchanged(store, dataset)?;
        let reader = store.read()?;
        let size = dataset.element.unwrap_or(0);
        let mut records = Vec::with_capacity(self.chunks.len());
        let mut chunks = self.prepared;
        self.target.for_each_chunk(&mut |indices, work| {
            let Some(new) = self.chunks.remove(indices) else {
                return Ok(());
            };
            let chunk = match covers(dataset, indices, work) {
                true => new,
                false => {
                    let old = dataset.load(&*reader, indices)?;
                    let old = old.map_or_else(|| dataset.empty_chunk(), Vec::from);
                    with_written(old, &new, work, size)
                }
            };
            records.push((
                keys::chunk(dataset.id, indices),
                dataset.record(chunk.into())?,
            ));
            Ok(())
        })?;
        chunks.extend(store.prepare(records)?);
        commit_prepared(store, dataset.id, chunks, None)
    }
}

/// Room for every chunk that is written to.
fn rooms(dataset: &Dataset, target: &Target) -> Result<HashMap<Vec<u64>, Room>> {
    let size = dataset.element.unwrap_or(0);
    let mut rooms = HashMap::new();
    target.for_each_chunk(&mut |indices, work| {
        let covers = covers(dataset, indices, work);
        // Places outside of the extent keep the fill value.
        let bytes = match covers && !dataset.fill_is_zero() {
            true => dataset.empty_chunk(),
            false => Vec::with_capacity(dataset.chunk_len() * size),
        };
        let missing = work.distinct().filter(|_| covers);
        rooms.insert(indices.to_vec(), Room { bytes, missing });
        Ok(())
    })?;
    Ok(rooms)
}

/// Takes all elements and puts them to their places. Chunks that are complete go to `ahead`, if that is
/// wanted; the others stay.
fn fill(
    dataset: &Dataset,
    selection: Selection,
    mut take: impl FnMut(usize) -> Result<Bytes>,
    rooms: &mut HashMap<Vec<u64>, Room>,
    ahead: Option<&SyncSender<(Vec<u8>, Bytes)>>,
) -> Result<()> {
    let size = dataset.element.unwrap_or(0);
    for piece in pieces(selection, &dataset.chunk, size as u64, PIECE_BYTES) {
        let piece = Target::selection(&piece, &dataset.chunk)?;
        let elements = take(piece.count * size)?;
        piece.for_each_chunk(&mut |indices, work| {
            let Some(room) = rooms.get_mut(indices) else {
                return Ok(());
            };
            let mut came = 0;
            work.runs(&mut |inner, outer, count| {
                let from = &elements[outer * size..(outer + count) * size];
                put(&mut room.bytes, inner * size, from);
                came += count;
            });
            room.missing = room.missing.map(|missing| missing.saturating_sub(came));
            if let (Some(0), Some(ahead)) = (room.missing, ahead) {
                let mut chunk = std::mem::take(&mut room.bytes);
                rooms.remove(indices);
                chunk.resize(dataset.chunk_len() * size, 0);
                let sent = ahead.send((keys::chunk(dataset.id, indices), chunk.into()));
                // The other side has ended, and says why.
                sent.map_err(|_| ApiError::internal("the store takes no more elements"))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Filters chunks and brings them to the disk, one after the other.
fn prepare(
    store: &Store,
    dataset: &Dataset,
    bytes: usize,
    chunks: &Receiver<(Vec<u8>, Bytes)>,
) -> Result<Prepared> {
    let mut preparation = store.preparation(bytes as u64)?;
    for (key, chunk) in chunks {
        preparation.add((key, dataset.record(chunk)?))?;
    }
    Ok(preparation.finish()?)
}

/// Puts bytes to their place in a chunk. Most come in order, one behind the other: memory need not
/// be cleared for these.
fn put(chunk: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if chunk.len() == at {
        return chunk.extend_from_slice(bytes);
    }
    let end = at + bytes.len();
    if chunk.len() < end {
        chunk.resize(end, 0);
    }
    chunk[at..end].copy_from_slice(bytes);
}

/// A chunk with the places that are written taken from `new`.
fn with_written(mut old: Vec<u8>, new: &[u8], work: &Work<'_>, size: usize) -> Vec<u8> {
    work.runs(&mut |inner, _, count| {
        let places = inner * size..(inner + count) * size;
        old[places.clone()].copy_from_slice(&new[places]);
    });
    old
}
