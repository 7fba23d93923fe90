//! Elements out of chunks.

use bytes::Bytes;
use h5rest_protocol::values::binary;

use super::target::Work;
use super::{Dataset, Target};
use crate::error::{ApiError, Result};
use crate::store::Reader;

/// The elements of a target, in its order, in wire form.
pub fn read(reader: &dyn Reader, dataset: &Dataset, target: &Target) -> Result<Bytes> {
    match dataset.element {
        Some(size) => read_fixed(reader, dataset, target, size),
        None => read_variable(reader, dataset, target),
    }
}

fn read_fixed(
    reader: &dyn Reader,
    dataset: &Dataset,
    target: &Target,
    size: usize,
) -> Result<Bytes> {
    let total = target.count.checked_mul(size);
    let total = total.ok_or_else(|| ApiError::too_large("a selection of impossible size"))?;
    let mut out = Vec::new();
    let mut whole = None;
    target.for_each_chunk(&mut |indices, work| {
        let chunk = dataset.load(reader, indices)?;
        if out.is_empty() {
            if let Some(chunk) = chunk
                .as_ref()
                .filter(|chunk| is_whole(work, chunk, total, size))
            {
                whole = Some(chunk.clone());
                return Ok(());
            }
            out = vec![0; total];
        }
        match chunk {
            Some(chunk) => copy_out(work, &chunk, &mut out, size),
            None if dataset.fill_is_zero() => {}
            None => work.runs(&mut |_, outer, count| {
                let places = &mut out[outer * size..(outer + count) * size];
                places
                    .chunks_exact_mut(size)
                    .for_each(|place| place.copy_from_slice(&dataset.fill));
            }),
        }
        Ok(())
    })?;
    Ok(whole.unwrap_or_else(|| out.into()))
}

/// Whether the result is exactly this chunk.
fn is_whole(work: &Work<'_>, chunk: &Bytes, total: usize, size: usize) -> bool {
    if chunk.len() != total || work.distinct() != Some(total / size.max(1)) {
        return false;
    }
    let mut runs = 0;
    work.runs(&mut |_, _, _| runs += 1);
    runs == 1
}

/// Copies runs; elements of the common sizes without a call per element.
fn copy_out(work: &Work<'_>, chunk: &[u8], out: &mut [u8], size: usize) {
    work.runs(&mut |inner, outer, count| {
        let from = &chunk[inner * size..(inner + count) * size];
        out[outer * size..(outer + count) * size].copy_from_slice(from);
    });
}

fn read_variable(reader: &dyn Reader, dataset: &Dataset, target: &Target) -> Result<Bytes> {
    // Where each element of the result lies: which chunk, and which bytes of it.
    let mut chunks: Vec<Bytes> = vec![dataset.fill.clone()];
    let mut places = vec![(0usize, 0..dataset.fill.len()); target.count];
    target.for_each_chunk(&mut |indices, work| {
        let Some(chunk) = dataset.load(reader, indices)? else {
            return Ok(());
        };
        let elements = binary::split(&dataset.datatype, &chunk, dataset.chunk_len())?;
        work.runs(&mut |inner, outer, count| {
            for at in 0..count {
                places[outer + at] = (chunks.len(), elements[inner + at].clone());
            }
        });
        chunks.push(chunk);
        Ok(())
    })?;
    let total = places.iter().map(|(_, range)| range.len()).sum();
    let mut out = Vec::with_capacity(total);
    for (chunk, range) in places {
        out.extend_from_slice(&chunks[chunk][range]);
    }
    Ok(out.into())
}
