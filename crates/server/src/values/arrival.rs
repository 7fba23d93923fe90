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
use super::write::{commit_prepared, covers, latest};
use super::{ChunkLocks, Dataset, Target};
use crate::attempt::Attempt;
use crate::error::{ApiError, Result};
use crate::memory::Held;
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

/// Where elements come from. What came counts as held in memory until it is let go.
pub trait Incoming {
    /// The next bytes, exactly so many.
    fn take(&mut self, length: usize) -> Result<Bytes>;

    /// So many bytes of those that came are somebody else's from now on, together with what counts them.
    fn let_go(&mut self, bytes: usize) -> Held;
}

/// Key and elements of a chunk, and what they take of the memory.
type Complete = (Vec<u8>, Bytes, Held);

/// A chunk whose elements come.
struct Room {
    bytes: Vec<u8>,
    /// Elements that have not come yet, if all of the chunk will that there ever is.
    missing: Option<usize>,
}

impl Arrival {
    /// Whether elements of this selection can arrive so without taking much more memory than they
    /// need.
    pub fn is_worth(dataset: &Dataset, target: &Target) -> bool {
        dataset.element.is_some_and(|size| {
            let chunks = usize::try_from(target.chunk_count()).unwrap_or(usize::MAX);
            let memory = chunks.saturating_mul(dataset.chunk_len() * size);
            memory <= target.count.saturating_mul(size).saturating_mul(2)
        })
    }

    /// Takes the elements of a selection.
    pub fn receive(
        store: &Store,
        dataset: &Dataset,
        selection: Selection,
        from: &mut impl Incoming,
    ) -> Result<Self> {
        let target = Target::selection(&selection, &dataset.chunk)?;
        target.check_written()?;
        let mut rooms = rooms(dataset, &target)?;
        let bytes = target.count * dataset.element.unwrap_or(0);
        let prepared = if bytes < AHEAD_BYTES {
            fill(dataset, selection, from, &mut rooms, None)?;
            Vec::new()
        } else {
            thread::scope(|scope| {
                let (complete, chunks) = mpsc::sync_channel(WAITING);
                let ahead = move || prepare(store, dataset, &chunks);
                let Ok(ahead) = thread::Builder::new().spawn_scoped(scope, ahead) else {
                    // Too many threads: all in turn, then.
                    fill(dataset, selection, from, &mut rooms, None)?;
                    return Ok(Vec::new());
                };
                let filled = fill(dataset, selection, from, &mut rooms, Some(&complete));
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
        by: &Attempt,
        dataset: &Dataset,
    ) -> Result<()> {
        let _alone = locks.chunks(dataset.id, self.target.chunks());
        let reader = store.read()?;
        if by.answered(&*reader)?.is_some() {
            return Ok(());
        }
        let dataset = &latest(&*reader, store, dataset)?;
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
        commit_prepared(store, by, dataset, chunks, None)
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
        // The others have places that others may write, or will when the dataset has grown.
        let is_whole = work.distinct() == Some(dataset.chunk_len());
        let is_complete = covers && (is_whole || !dataset.can_grow());
        let missing = work.distinct().filter(|_| is_complete);
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
    from: &mut impl Incoming,
    rooms: &mut HashMap<Vec<u64>, Room>,
    ahead: Option<&SyncSender<Complete>>,
) -> Result<()> {
    let size = dataset.element.unwrap_or(0);
    for piece in pieces(selection, &dataset.chunk, size as u64, PIECE_BYTES) {
        let piece = Target::selection(&piece, &dataset.chunk)?;
        let elements = from.take(piece.count * size)?;
        piece.for_each_chunk(&mut |indices, work| {
            let Some(room) = rooms.get_mut(indices) else {
                return Ok(());
            };
            let mut came = 0;
            work.runs(&mut |inner, outer, count| {
                let run = &elements[outer * size..(outer + count) * size];
                put(&mut room.bytes, inner * size, run);
                came += count;
            });
            room.missing = room.missing.map(|missing| missing.saturating_sub(came));
            if let (Some(0), Some(ahead)) = (room.missing, ahead) {
                let mut chunk = std::mem::take(&mut room.bytes);
                rooms.remove(indices);
                chunk.resize(dataset.chunk_len() * size, 0);
                let held = from.let_go(chunk.len());
                let sent = ahead.send((keys::chunk(dataset.id, indices), chunk.into(), held));
                // The other side has ended, and says why.
                sent.map_err(|_| ApiError::internal("the store takes no more elements"))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Filters chunks and brings them to the disk, one after the other.
fn prepare(store: &Store, dataset: &Dataset, chunks: &Receiver<Complete>) -> Result<Prepared> {
    let mut preparation = store.preparation()?;
    for (key, chunk, held) in chunks {
        preparation.add((key, dataset.record(chunk)?))?;
        drop(held);
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
