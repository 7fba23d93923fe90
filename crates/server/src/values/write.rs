//! Elements into chunks.

use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::values::binary;
use h5rest_protocol::{ObjectId, Shape};

use super::fields::Fields;
use super::read::read;
use super::target::Work;
use super::{ChunkLocks, Dataset, Target, resize};
use crate::error::{ApiError, Result};
use crate::model::objects;
use crate::store::{Payload, Reader, Store, keys};

/// Stores elements, given in wire form and the target's order; with `fields`, only these members
/// of each. Durable when it returns. Readers see all of it or nothing.
pub fn write(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    dataset: &Dataset,
    target: &Target,
    fields: Option<&Fields>,
    elements: Bytes,
) -> Result<()> {
    let _alone = locks.chunks(dataset.id, target.chunks());
    // It may have grown meanwhile, which changes nothing for those who write.
    let now = Dataset::open(&*store.read()?, store, dataset.id)?;
    let dataset = if is_larger(&now, dataset) {
        &now
    } else {
        dataset
    };
    check_unchanged(store, dataset)?;
    let chunks = merge(&*store.read()?, dataset, target, fields, elements)?;
    commit(store, dataset.id, chunks, None)
}

fn is_larger(now: &Dataset, before: &Dataset) -> bool {
    let (now, before) = (now.shape.dims(), before.shape.dims());
    now.len() == before.len() && now.iter().zip(before).all(|(now, before)| now >= before)
}

/// The extent may have shrunk since the target was made.
pub(super) fn check_unchanged(store: &Store, dataset: &Dataset) -> Result<()> {
    let now = Dataset::open(&*store.read()?, store, dataset.id)?;
    if now.shape == dataset.shape {
        return Ok(());
    }
    let reason = format!("the extent of {} changed during the write", dataset.id);
    Err(ApiError::conflict(reason))
}

/// Extends a dataset by the extent of `grown` and stores elements there, in one step.
pub fn append(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    dataset: ObjectId,
    grow: impl Fn(&Dataset) -> Result<(Shape, Target)>,
    elements: impl FnOnce(&Dataset, &Target) -> Result<Bytes>,
) -> Result<()> {
    let _alone = locks.whole(dataset);
    let mut dataset = Dataset::open(&*store.read()?, store, dataset)?;
    let (shape, target) = grow(&dataset)?;
    resize::check(&dataset.shape, shape.dims())?;
    let elements = elements(&dataset, &target)?;
    dataset.shape = shape.clone();
    let chunks = merge(&*store.read()?, &dataset, &target, None, elements)?;
    commit(store, dataset.id, chunks, Some(shape))
}

/// Changes those elements that `choose` finds, in one step: nobody else writes meanwhile. It gives
/// the places, the members that are meant if not all, and the new elements; `None` changes
/// nothing.
pub fn update<T>(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    dataset: ObjectId,
    choose: impl FnOnce(&Dataset) -> Result<(T, Option<Update>)>,
) -> Result<T> {
    let _alone = locks.whole(dataset);
    let dataset = Dataset::open(&*store.read()?, store, dataset)?;
    let (outcome, update) = choose(&dataset)?;
    if let Some((target, fields, elements)) = update {
        let reader = store.read()?;
        let chunks = merge(&*reader, &dataset, &target, fields.as_ref(), elements)?;
        commit(store, dataset.id, chunks, None)?;
    }
    Ok(outcome)
}

/// See [`update`].
pub type Update = (Target, Option<Fields>, Bytes);

/// Keys and records of chunks.
pub type Chunks = Vec<(Vec<u8>, Bytes)>;

/// The records of all chunks that a write touches, as they will be if nobody else writes to them
/// since `reader` was made.
pub fn merge(
    reader: &dyn Reader,
    dataset: &Dataset,
    target: &Target,
    fields: Option<&Fields>,
    elements: Bytes,
) -> Result<Chunks> {
    let elements = match fields {
        None => elements,
        Some(fields) => {
            let old = read(reader, dataset, target)?;
            fields.put(&old, &elements, target.count)?.into()
        }
    };
    let mut chunks = Vec::new();
    match dataset.element {
        Some(size) => {
            check_length(target, size, &elements)?;
            target.for_each_chunk(&mut |indices, work| {
                if let Some(start) = is_whole(dataset, work) {
                    let end = start + dataset.chunk_len();
                    let chunk = elements.slice(start * size..end * size);
                    chunks.push((keys::chunk(dataset.id, indices), dataset.record(chunk)?));
                    return Ok(());
                }
                let mut chunk = if covers(dataset, indices, work) {
                    dataset.empty_chunk()
                } else {
                    let old = dataset.load(reader, indices)?;
                    old.map_or_else(|| dataset.empty_chunk(), Vec::from)
                };
                work.runs(&mut |inner, outer, count| {
                    let from = &elements[outer * size..(outer + count) * size];
                    chunk[inner * size..(inner + count) * size].copy_from_slice(from);
                });
                chunks.push((
                    keys::chunk(dataset.id, indices),
                    dataset.record(chunk.into())?,
                ));
                Ok(())
            })?;
        }
        None => {
            let new = binary::split(&dataset.datatype, &elements, target.count)?;
            target.for_each_chunk(&mut |indices, work| {
                let old = dataset.load(reader, indices)?;
                let old = old.unwrap_or_else(|| dataset.empty_chunk().into());
                let ranges = binary::split(&dataset.datatype, &old, dataset.chunk_len())?;
                let mut parts: Vec<&[u8]> = ranges.into_iter().map(|r| &old[r]).collect();
                work.runs(&mut |inner, outer, count| {
                    for at in 0..count {
                        parts[inner + at] = &elements[new[outer + at].clone()];
                    }
                });
                let chunk = dataset.record(parts.concat().into())?;
                chunks.push((keys::chunk(dataset.id, indices), chunk));
                Ok(())
            })?;
        }
    }
    Ok(chunks)
}

fn check_length(target: &Target, size: usize, elements: &Bytes) -> Result<()> {
    let expected = target.count.checked_mul(size);
    if expected == Some(elements.len()) {
        return Ok(());
    }
    Err(ApiError::bad_request(format!(
        "{} bytes for {} elements of {size} bytes",
        elements.len(),
        target.count
    )))
}

/// Where the elements of the chunk start in the request, if they lie there as in the chunk.
fn is_whole(dataset: &Dataset, work: &Work<'_>) -> Option<usize> {
    let mut found = None;
    if work.distinct() == Some(dataset.chunk_len()) {
        work.runs(&mut |_, outer, count| {
            found = (count == dataset.chunk_len()).then_some(outer);
        });
    }
    found
}

/// Whether the write sets every element of the chunk that lies within the extent.
pub(super) fn covers(dataset: &Dataset, indices: &[u64], work: &Work<'_>) -> bool {
    let within = dataset.within(indices, dataset.dims());
    work.distinct() == Some(within.iter().product::<u64>() as usize)
}

/// Stores the records of chunks, and a new extent if there is one.
pub(super) fn commit(
    store: &Store,
    id: ObjectId,
    chunks: Chunks,
    shape: Option<Shape>,
) -> Result<()> {
    commit_prepared(store, id, store.prepare(chunks)?, shape)
}

/// The same for records that are durable already, where they are large.
pub(super) fn commit_prepared(
    store: &Store,
    id: ObjectId,
    chunks: Vec<(Vec<u8>, Payload)>,
    shape: Option<Shape>,
) -> Result<()> {
    store.write(move |change| {
        if !objects::exists(change, id)? {
            return Err(ApiError::gone(format!(
                "dataset {id} was deleted during the write"
            )));
        }
        for (key, payload) in chunks {
            change.put(key, payload);
        }
        match &shape {
            Some(shape) => objects::set_extent(change, id, shape),
            None => Ok(()),
        }
    })
}
