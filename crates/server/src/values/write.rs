//! Elements into chunks.

use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::values::binary;
use h5rest_protocol::{ObjectId, Shape};
use serde_json::Value;

use super::fields::Fields;
use super::read::read;
use super::target::Work;
use super::{ChunkLocks, Dataset, Target, resize};
use crate::attempt::Attempt;
use crate::error::{ApiError, Result};
use crate::model::objects;
use crate::store::{Overlay, Payload, Reader, Record, Store, keys};

/// Stores elements, given in wire form and the target's order; with `fields`, only these members
/// of each. Durable when it returns. Readers see all of it or nothing.
pub fn write(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    by: &Attempt,
    dataset: &Dataset,
    target: &Target,
    fields: Option<&Fields>,
    elements: Bytes,
) -> Result<()> {
    target.check_written()?;
    let _alone = locks.chunks(dataset.id, target.chunks());
    let reader = store.read()?;
    if by.answered(&*reader)?.is_some() {
        return Ok(());
    }
    let dataset = latest(&*reader, store, dataset)?;
    let chunks = prepare(store, &*reader, &dataset, (target, fields, elements))?;
    drop(reader);
    commit_prepared(store, by, &dataset, chunks, None)
}

/// A dataset as it is now. It may have grown since the places were found that are to be written, which
/// changes nothing for them.
///
/// # Errors
/// 409 if it has become smaller, or is another one of the same id.
pub(super) fn latest(reader: &dyn Reader, store: &Store, dataset: &Dataset) -> Result<Dataset> {
    let now = Dataset::open(reader, store, dataset.id)?;
    if dataset.has_grown_to(&now) {
        return Ok(now);
    }
    let what = match now.header == dataset.header {
        true => "the extent changed",
        false => "it was made anew",
    };
    let reason = format!("{}: {what} during the write", dataset.id);
    Err(ApiError::conflict(reason))
}

/// Extends a dataset by the extent of `grown` and stores elements there, in one step.
pub fn append(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    by: &Attempt,
    dataset: ObjectId,
    grow: impl Fn(&Dataset) -> Result<(Shape, Target)>,
    elements: impl FnOnce(&Dataset, &Target) -> Result<Bytes>,
) -> Result<()> {
    let _alone = locks.whole(dataset);
    let reader = store.read()?;
    if by.answered(&*reader)?.is_some() {
        return Ok(());
    }
    let mut dataset = Dataset::open(&*reader, store, dataset)?;
    let (shape, target) = grow(&dataset)?;
    resize::check(&dataset.shape, shape.dims())?;
    let elements = elements(&dataset, &target)?;
    dataset.shape = shape.clone();
    let chunks = prepare(store, &*reader, &dataset, (&target, None, elements))?;
    drop(reader);
    commit_prepared(store, by, &dataset, chunks, Some(shape))
}

/// Changes those elements that `choose` finds, in one step: nobody else writes meanwhile. It gives
/// the places, the members that are meant if not all, and the new elements; `None` changes
/// nothing. Beside that it gives what is to be answered, also to a repetition.
pub fn update(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    by: &Attempt,
    dataset: ObjectId,
    choose: impl FnOnce(&Dataset) -> Result<(Value, Option<Update>)>,
) -> Result<Value> {
    let _alone = locks.whole(dataset);
    let reader = store.read()?;
    if let Some(answer) = by.answered(&*reader)? {
        return Ok(answer);
    }
    let dataset = Dataset::open(&*reader, store, dataset)?;
    let (answer, update) = choose(&dataset)?;
    let chunks = match update {
        Some((target, fields, elements)) => {
            let changes = (&target, fields.as_ref(), elements);
            prepare(store, &*reader, &dataset, changes)?
        }
        // Only what is committed has a name that is known later.
        None if by.has_name() => Vec::new(),
        None => return Ok(answer),
    };
    drop(reader);
    let by = by.clone();
    let make = put_chunks(&dataset, chunks, None, answer);
    store.write(move |change| by.make(change, make))
}

/// See [`update`].
pub type Update = (Target, Option<Fields>, Bytes);

/// Keys and records of chunks.
pub type Chunks = Vec<Record>;

/// Brings all chunks that a write touches to where they will be kept, one after the other: few elements can be in
/// very many chunks, which are not in memory together.
fn prepare(
    store: &Store,
    reader: &dyn Reader,
    dataset: &Dataset,
    (target, fields, elements): (&Target, Option<&Fields>, Bytes),
) -> Result<Vec<(Vec<u8>, Payload)>> {
    let mut preparation = store.preparation()?;
    merge_each(reader, dataset, target, fields, elements, &mut |chunk| {
        Ok(preparation.add(chunk)?)
    })?;
    Ok(preparation.finish()?)
}

/// The records of all chunks that a write touches, as they will be if nobody else writes to them
/// since `reader` was made.
pub fn merge(
    reader: &dyn Reader,
    dataset: &Dataset,
    target: &Target,
    fields: Option<&Fields>,
    elements: Bytes,
) -> Result<Chunks> {
    let mut chunks = Vec::new();
    merge_each(reader, dataset, target, fields, elements, &mut |chunk| {
        chunks.push(chunk);
        Ok(())
    })?;
    Ok(chunks)
}

/// The same, one after the other.
fn merge_each(
    reader: &dyn Reader,
    dataset: &Dataset,
    target: &Target,
    fields: Option<&Fields>,
    elements: Bytes,
    take: &mut dyn FnMut(Record) -> Result<()>,
) -> Result<()> {
    target.check_written()?;
    let elements = match fields {
        None => elements,
        Some(fields) => {
            let old = read(reader, dataset, target)?;
            fields.put(&old, &elements, target.count)?.into()
        }
    };
    match dataset.element {
        Some(size) => {
            check_length(target, size, &elements)?;
            target.for_each_chunk(&mut |indices, work| {
                if let Some(start) = is_whole(dataset, work) {
                    let end = start + dataset.chunk_len();
                    let chunk = elements.slice(start * size..end * size);
                    return take((keys::chunk(dataset.id, indices), dataset.record(chunk)?));
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
                take((
                    keys::chunk(dataset.id, indices),
                    dataset.record(chunk.into())?,
                ))
            })
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
                take((keys::chunk(dataset.id, indices), chunk))
            })
        }
    }
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

/// Stores the records of chunks, which are durable already where they are large, and a new extent if
/// there is one.
pub(super) fn commit_prepared(
    store: &Store,
    by: &Attempt,
    dataset: &Dataset,
    chunks: Vec<(Vec<u8>, Payload)>,
    shape: Option<Shape>,
) -> Result<()> {
    let (by, make) = (by.clone(), put_chunks(dataset, chunks, shape, Value::Null));
    store.write(move |change| by.make(change, make).map(drop))
}

/// What puts chunks and a new extent into a transaction, and answers so.
fn put_chunks(
    dataset: &Dataset,
    chunks: Vec<(Vec<u8>, Payload)>,
    shape: Option<Shape>,
    answer: Value,
) -> impl FnOnce(&mut Overlay<'_>) -> Result<Value> + Send + use<> {
    let (id, header) = (dataset.id, dataset.header.clone());
    move |change| {
        if change.get(&keys::part(id, keys::Part::Header))? != Some(header) {
            return Err(ApiError::gone(format!(
                "dataset {id} was deleted during the write"
            )));
        }
        for (key, payload) in chunks {
            change.put(key, payload);
        }
        if let Some(shape) = &shape {
            objects::set_extent(change, id, shape)?;
        }
        Ok(answer)
    }
}
