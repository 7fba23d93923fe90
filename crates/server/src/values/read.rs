//! Elements out of chunks.

use bytes::Bytes;
use h5rest_protocol::values::binary;

use super::target::Work;
use super::{Dataset, Target};
use crate::error::{ApiError, Result};
use crate::store::{Part, Reader, copy_parts, keys};

/// The elements of a target, in its order, in wire form.
pub fn read(reader: &dyn Reader, dataset: &Dataset, target: &Target) -> Result<Bytes> {
    match dataset.element {
        Some(_) => assemble(dataset, target, &mut Stored { reader, dataset }),
        None => read_variable(reader, dataset, target),
    }
}

/// Where chunks of elements of fixed size come from.
pub(super) trait Chunks {
    /// A chunk's elements; `None` if it was never written.
    fn whole(&mut self, indices: &[u64]) -> Result<Option<Bytes>>;

    /// Whether chunks are in memory, so that asking for one costs nothing.
    fn in_memory(&self) -> bool {
        false
    }

    /// Whether parts of chunks can be had without the rest.
    fn has_parts(&self) -> bool {
        false
    }

    /// Copies parts of a chunk's elements into a buffer; `false` if it was never written.
    fn parts(&mut self, indices: &[u64], parts: &[Part], into: &mut [u8]) -> Result<bool> {
        Ok(copy_parts(self.whole(indices)?, parts, into)?)
    }
}

/// Chunks in the store.
struct Stored<'a> {
    reader: &'a dyn Reader,
    dataset: &'a Dataset,
}

impl Chunks for Stored<'_> {
    fn whole(&mut self, indices: &[u64]) -> Result<Option<Bytes>> {
        self.dataset.load(self.reader, indices)
    }

    fn has_parts(&self) -> bool {
        self.dataset.has_plain_records()
    }

    fn parts(&mut self, indices: &[u64], parts: &[Part], into: &mut [u8]) -> Result<bool> {
        let key = keys::chunk(self.dataset.id, indices);
        Ok(self.reader.get_parts(&key, parts, into)?)
    }
}

/// Parts of a chunk that are read one by one at most; more are better read with the whole chunk.
const MOST_PARTS: usize = 256;

/// The runs of a chunk as parts of its bytes, if reading them takes less than reading the chunk.
fn few_parts(dataset: &Dataset, work: &Work<'_>, size: usize) -> Option<Vec<Part>> {
    let (mut parts, mut bytes) = (Vec::new(), 0);
    if work.distinct()? > dataset.chunk_len() / 4 {
        return None;
    }
    work.runs(&mut |inner, outer, count| {
        bytes += count * size;
        if parts.len() <= MOST_PARTS {
            parts.push((inner * size, outer * size..(outer + count) * size));
        }
    });
    (parts.len() <= MOST_PARTS && bytes >= parts.len() * 64).then_some(parts)
}

/// The elements of a target in a dataset of elements of fixed size.
pub(super) fn assemble(
    dataset: &Dataset,
    target: &Target,
    chunks: &mut dyn Chunks,
) -> Result<Bytes> {
    let size = dataset.element.unwrap_or(0);
    let total = target.count.checked_mul(size);
    let total = total.ok_or_else(|| ApiError::too_large("a selection of impossible size"))?;
    if chunks.in_memory()
        && let Some(joined) = join(target, chunks, size, total)?
    {
        return Ok(joined);
    }
    let mut out = Vec::new();
    let mut whole = None;
    target.for_each_chunk(&mut |indices, work| {
        if chunks.has_parts()
            && let Some(parts) = few_parts(dataset, work, size)
        {
            out.resize(total, 0);
            if !chunks.parts(indices, &parts, &mut out)? {
                fill(dataset, work, &mut out, size);
            }
            return Ok(());
        }
        let chunk = chunks.whole(indices)?;
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
            None => fill(dataset, work, &mut out, size),
        }
        Ok(())
    })?;
    Ok(whole.unwrap_or_else(|| out.into()))
}

/// Runs are long if they have this many bytes on average.
const LONG_RUN: usize = 1 << 10;

/// The elements of a target that are in few runs, put one behind the other in memory that needs not
/// be cleared first, or without a copy where they are one run. `None` if runs are short or a chunk was
/// never written.
fn join(
    target: &Target,
    chunks: &mut dyn Chunks,
    size: usize,
    total: usize,
) -> Result<Option<Bytes>> {
    let most = total / LONG_RUN;
    let (mut runs, mut all_written) = (Vec::new(), true);
    target.for_each_chunk(&mut |indices, work| {
        let Some(chunk) = chunks.whole(indices)? else {
            all_written = false;
            return Ok(());
        };
        work.runs(&mut |inner, outer, count| {
            if runs.len() <= most {
                runs.push((
                    outer * size,
                    chunk.slice(inner * size..(inner + count) * size),
                ));
            }
        });
        Ok(())
    })?;
    if !all_written || runs.len() > most {
        return Ok(None);
    }
    runs.sort_unstable_by_key(|(place, _)| *place);
    if let [(0, only)] = &runs[..]
        && only.len() == total
    {
        return Ok(Some(only.clone()));
    }
    let mut out = Vec::with_capacity(total);
    for (place, run) in runs {
        if place != out.len() {
            return Ok(None);
        }
        out.extend_from_slice(&run);
    }
    Ok((out.len() == total).then(|| out.into()))
}

/// Puts fill values to the places of a chunk that was never written; zeros are there already.
fn fill(dataset: &Dataset, work: &Work<'_>, out: &mut [u8], size: usize) {
    if dataset.fill_is_zero() {
        return;
    }
    work.runs(&mut |_, outer, count| {
        let places = &mut out[outer * size..(outer + count) * size];
        places
            .chunks_exact_mut(size)
            .for_each(|place| place.copy_from_slice(&dataset.fill));
    });
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
