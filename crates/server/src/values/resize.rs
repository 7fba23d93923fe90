//! A dataset's change of extent. What falls outside is gone for good: when the dataset grows
//! again, fill values show there.

use std::ops::ControlFlow;
use std::sync::Arc;

use h5rest_protocol::shape::Extent;
use h5rest_protocol::values::binary;
use h5rest_protocol::{ObjectId, Shape};

use super::target::strides;
use super::{ChunkLocks, Dataset};
use crate::error::{ApiError, Result};
use crate::model::objects;
use crate::store::keys::{self, Part};
use crate::store::{Reader, Store};

/// Sets a dataset's extents to what `choose` makes of the current shape; returns both.
pub fn resize(
    store: &Store,
    locks: &Arc<ChunkLocks>,
    id: ObjectId,
    choose: impl FnOnce(&Shape) -> Result<Vec<u64>>,
) -> Result<(Vec<u64>, Vec<u64>)> {
    let _alone = locks.whole(id);
    let reader = store.read()?;
    let dataset = Dataset::open(&*reader, store, id)?;
    let dims = choose(&dataset.shape)?;
    let shape = check(&dataset.shape, &dims)?;
    let cut = cut(&*reader, &dataset, &dims)?;
    store.write(move |change| {
        if !objects::exists(change, id)? {
            return Err(ApiError::gone(format!(
                "dataset {id} was deleted meanwhile"
            )));
        }
        for (key, record) in cut {
            match record {
                Some(record) => change.put(key, record),
                None => change.delete(key),
            }
        }
        objects::set_extent(change, id, &shape)
    })?;
    Ok((dataset.dims().to_vec(), dims))
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
    Ok(changed)
}

/// What happens to each chunk record: gone if all of it falls outside, filled where part of it
/// does.
fn cut(
    reader: &dyn Reader,
    dataset: &Dataset,
    dims: &[u64],
) -> Result<Vec<(Vec<u8>, Option<bytes::Bytes>)>> {
    let shrinks = dims.iter().zip(dataset.dims()).any(|(new, old)| new < old);
    if !shrinks {
        return Ok(Vec::new());
    }
    let prefix = keys::part(dataset.id, Part::Chunk);
    let mut stored = Vec::new();
    reader.scan_sizes(&prefix, &keys::end_of(&prefix), &mut |key, _| {
        stored.push(keys::chunk_indices(key));
        ControlFlow::Continue(())
    })?;
    let mut effect = Vec::new();
    for indices in stored {
        let (before, after) = (
            dataset.within(&indices, dataset.dims()),
            dataset.within(&indices, dims),
        );
        if after.contains(&0) {
            effect.push((keys::chunk(dataset.id, &indices), None));
        } else if after.iter().zip(&before).any(|(a, b)| a < b)
            && let Some(chunk) = dataset.load(reader, &indices)?
        {
            let kept = fill_outside(dataset, &chunk, &after)?;
            effect.push((
                keys::chunk(dataset.id, &indices),
                Some(dataset.record(kept.into())?),
            ));
        }
    }
    Ok(effect)
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
