//! Elements on their way into chunks: they are put where they belong as they come, so that they are
//! copied once, and nobody waits for a slow sender. Called by the route of large writes.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::selection::Selection;

use super::bands::pieces;
use super::target::Work;
use super::write::{check_unchanged, commit, covers};
use super::{ChunkLocks, Dataset, Target};
use crate::error::Result;
use crate::store::{Store, keys};

/// Bytes that are taken at once: few enough to be there in one piece most of the time.
const PIECE_BYTES: u64 = 64 << 10;

/// The elements of a write, all of them there.
pub struct Arrival {
    target: Target,
    /// What was written of each chunk, at its place in it.
    chunks: HashMap<Vec<u64>, Vec<u8>>,
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
        dataset: &Dataset,
        selection: Selection,
        mut take: impl FnMut(usize) -> Result<Bytes>,
    ) -> Result<Self> {
        let size = dataset.element.unwrap_or(0);
        let target = Target::selection(&selection, &dataset.chunk)?;
        let mut chunks = HashMap::new();
        target.for_each_chunk(&mut |indices, work| {
            // Places outside of the extent keep the fill value.
            let filled = covers(dataset, indices, work) && !dataset.fill_is_zero();
            let room = match filled {
                true => dataset.empty_chunk(),
                false => Vec::with_capacity(dataset.chunk_len() * size),
            };
            chunks.insert(indices.to_vec(), room);
            Ok(())
        })?;
        for piece in pieces(selection, &dataset.chunk, size as u64, PIECE_BYTES) {
            let piece = Target::selection(&piece, &dataset.chunk)?;
            let elements = take(piece.count * size)?;
            piece.for_each_chunk(&mut |indices, work| {
                if let Some(chunk) = chunks.get_mut(indices) {
                    work.runs(&mut |inner, outer, count| {
                        let from = &elements[outer * size..(outer + count) * size];
                        put(chunk, inner * size, from);
                    });
                }
                Ok(())
            })?;
        }
        for chunk in chunks.values_mut() {
            chunk.resize(dataset.chunk_len() * size, 0);
        }
        Ok(Self { target, chunks })
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
        commit(store, dataset.id, records, None)
    }
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
