//! A dataset's change of extent. What falls outside is gone for good: when the dataset grows
//! again, fill values show there.

use std::ops::ControlFlow;
use std::sync::Arc;

use h5rest_protocol::shape::Extent;
use h5rest_protocol::values::binary;
use h5rest_protocol::{ObjectId, Shape};
use serde_json::{Value, json};

use super::target::strides;
use super::{ChunkLocks, Dataset};
use crate::attempt::Attempt;
use crate::error::{ApiError, Result};
use crate::model::{objects, types};
use crate::store::keys::{self, Part};
use crate::store::{Overlay, Payload, Reader, Store, StoreError};

/// A dataset's extents before and after a change.
pub type Extents = (Vec<u64>, Vec<u64>);

/// Sets a dataset's extents to what `choose` makes of the current shape; returns both, as they were when
/// it was done.
pub fn resize(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    by: &Attempt,
    id: ObjectId,
    choose: impl FnOnce(&Shape) -> Result<Vec<u64>>,
) -> Result<Extents> {
    let _alone = locks.whole(id);
    let reader = store.read()?;
    if let Some(extents) = done_before(by, &*reader)? {
        return Ok(extents);
    }
    let dataset = Dataset::open(&*reader, store, id)?;
    let dims = choose(&dataset.shape)?;
    let shape = check(&dataset.shape, &dims)?;
    let cut = cut(&*reader, store, &dataset, &dims)?;
    drop(reader);
    let (by, header) = (by.clone(), dataset.header.clone());
    let extents = json!([dataset.dims(), dims]);
    let make = move |change: &mut Overlay<'_>| {
        if change.get(&keys::part(id, Part::Header))? != Some(header) {
            return Err(ApiError::gone(format!(
                "dataset {id} was deleted meanwhile"
            )));
        }
        cut.gone.into_iter().for_each(|key| change.delete(key));
        for (key, payload) in cut.changed {
            change.put(key, payload);
        }
        objects::set_extent(change, id, &shape)?;
        Ok(extents)
    };
    extents_of(store.write(move |change| by.make(change, make))?)
}

/// What [`resize`] has done when the same request came before, if it did.
pub fn done_before(by: &Attempt, reader: &dyn Reader) -> Result<Option<Extents>> {
    by.answered(reader)?.map(extents_of).transpose()
}

fn extents_of(answer: Value) -> Result<Extents> {
    let damaged = |error| StoreError::Damaged(format!("the answer to a change of extent: {error}"));
    Ok(serde_json::from_value(answer).map_err(damaged)?)
}

/// The shape with other extents, if its bounds allow these.
pub fn check(shape: &Shape, dims: &[u64]) -> Result<Shape> {
    let Shape::Simple {
        dims: old,
        maxdims: Some(bounds),
    } = shape
    else {
        return Err(ApiError::bad_request(
            "the dataset was made with a fixed shape",
        ));
    };
    if dims.len() != old.len() {
        return Err(ApiError::bad_request(format!(
            "{} extents for {} dimensions",
            dims.len(),
            old.len()
        )));
    }
    for (&extent, &bound) in dims.iter().zip(bounds) {
        if let Extent::Fixed(most) = bound
            && extent > most
        {
            return Err(ApiError::conflict(format!(
                "extent {extent} is beyond maxdims {most}"
            )));
        }
    }
    let changed = Shape::Simple {
        dims: dims.to_vec(),
        maxdims: Some(bounds.clone()),
    };
    changed
        .count()
        .ok_or_else(|| ApiError::bad_request("a shape of impossible size"))?;
    // One extent means "unlimited" and cannot be read back.
    types::stored_shape(&changed.to_json())
        .map_err(|_| ApiError::bad_request(format!("an extent of impossible size in {dims:?}")))
}

/// What happens to the records of chunks.
#[derive(Default)]
struct Cut {
    /// Those of which all falls outside.
    gone: Vec<Vec<u8>>,
    /// Those of which a part does, filled there. There may be many: they are on the disk already.
    changed: Vec<(Vec<u8>, Payload)>,
}

fn cut(reader: &dyn Reader, store: &Store, dataset: &Dataset, dims: &[u64]) -> Result<Cut> {
    let shrinks = dims.iter().zip(dataset.dims()).any(|(new, old)| new < old);
    if !shrinks {
        return Ok(Cut::default());
    }
    let prefix = keys::part(dataset.id, Part::Chunk);
    let mut stored = Vec::new();
    reader.scan_sizes(&prefix, &keys::end_of(&prefix), &mut |key, _| {
        stored.push(keys::chunk_indices(key));
        ControlFlow::Continue(())
    })?;
    let (mut gone, mut changed) = (Vec::new(), store.preparation()?);
    for indices in stored {
        let (before, after) = (
            dataset.within(&indices, dataset.dims()),
            dataset.within(&indices, dims),
        );
        if after.contains(&0) {
            gone.push(keys::chunk(dataset.id, &indices));
        } else if after.iter().zip(&before).any(|(a, b)| a < b)
            && let Some(chunk) = dataset.load(reader, &indices)?
        {
            let kept = fill_outside(dataset, &chunk, &after)?;
            let key = keys::chunk(dataset.id, &indices);
            changed.add((key, dataset.record(kept.into())?))?;
        }
    }
    let changed = changed.finish()?;
    Ok(Cut { gone, changed })
}

/// The chunk with fill values wherever an index is not below `keep`.
fn fill_outside(dataset: &Dataset, chunk: &[u8], keep: &[u64]) -> Result<Vec<u8>> {
    let strides = strides(&dataset.chunk);
    let elements = binary::split(&dataset.datatype, chunk, dataset.chunk_len())?;
    let mut out = Vec::with_capacity(chunk.len());
    for (at, range) in elements.into_iter().enumerate() {
        let place = strides
            .iter()
            .zip(&dataset.chunk)
            .map(|(s, &size)| (at / s) as u64 % size);
        let kept = place.zip(keep).all(|(index, keep)| index < *keep);
        out.extend_from_slice(if kept { &chunk[range] } else { &dataset.fill });
    }
    Ok(out)
}
