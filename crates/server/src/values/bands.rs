//! A large selection as a sequence of small ones: elements leave as they are read, and memory
//! holds a few chunks at a time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::Datatype;
use h5rest_protocol::selection::{self, DimSelection, Selection};
use h5rest_protocol::values::binary;

use super::fields::Fields;
use super::pace::Pace;
use super::read::{Chunks, assemble, read};
use super::{Dataset, Target};
use crate::error::{ApiError, Result};
use crate::store::Reader;

/// A band ends at the first border of chunks behind this many bytes, so that no chunk is read
/// twice,
const BAND_BYTES: u64 = 1 << 20;
/// unless the border is further away than this.
const MOST_BAND_BYTES: u64 = 16 << 20;
/// Elements are put together in pieces of this many bytes, which are sent while the processor's
/// cache still holds them. Smaller ones are looked for and allocated more often than it is worth.
const PIECE_BYTES: u64 = 1 << 20;

/// The most of elements of variable size: their chunks are taken apart as a whole, so few should be twice.
const MOST_VARIABLE_BYTES: u64 = 64 << 20;

/// Bytes of elements that paired lists select: they are one band, which is in memory as a whole.
const MOST_PAIRED_BYTES: u64 = 1 << 30;

/// Reads a selection band by band, from one state of the store.
pub struct Bands {
    reader: Arc<dyn Reader>,
    dataset: Arc<Dataset>,
    cuts: Cuts,
    /// Bytes of all bands together, if they are known beforehand.
    pub length: Option<u64>,
    form: Form,
    pub(super) pace: Pace,
}

/// What is shown of elements.
pub struct Form {
    /// Only these members of compounds.
    pub fields: Option<Fields>,
    /// Null strings as such, not as empty ones.
    pub null_strings: bool,
}

impl Form {
    /// What is shown of these elements.
    pub(super) fn of(&self, whole: &Datatype, mut elements: Bytes, count: usize) -> Result<Bytes> {
        let mut datatype = whole;
        if let Some(fields) = &self.fields {
            elements = fields.take(&elements, count)?.into();
            datatype = &fields.datatype;
        }
        if self.null_strings {
            return Ok(elements);
        }
        Ok(match binary::without_nulls(datatype, &elements)? {
            Cow::Owned(plain) => plain.into(),
            Cow::Borrowed(_) => elements,
        })
    }

    /// Bytes of an element, if they are always as many.
    pub(super) fn size(&self, dataset: &Dataset) -> Option<usize> {
        match &self.fields {
            Some(fields) => fields.datatype.wire_size(),
            None => dataset.element,
        }
    }
}

/// A part of a selection whose chunks are in memory: an iterator over its elements, piece by piece.
pub struct Band {
    dataset: Arc<Dataset>,
    elements: Elements,
}

enum Elements {
    /// All of them, or nothing any more.
    Together(Option<Bytes>),
    /// The cuts that are left, and the chunks they lie in.
    InChunks(Cuts, HashMap<Vec<u64>, Bytes>),
}

impl Band {
    /// Bytes of its elements.
    fn len(&self) -> u64 {
        match &self.elements {
            Elements::Together(all) => all.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Elements::InChunks(cuts, _) => {
                let count = selection::count(&cuts.whole).unwrap_or(0);
                count.saturating_mul(self.dataset.element.unwrap_or(0) as u64)
            }
        }
    }
}

impl Bands {
    /// Prepares to read elements.
    pub fn new(
        reader: Arc<dyn Reader>,
        dataset: Dataset,
        whole: Selection,
        form: Form,
    ) -> Result<Self> {
        let impossible = || ApiError::too_large("a selection of impossible size");
        let count = selection::count(&whole).ok_or_else(impossible)?;
        let bytes = |size: usize| count.checked_mul(size as u64).ok_or_else(impossible);
        let length = form.size(&dataset).map(bytes).transpose()?;
        let paired = selection::lists(&whole) > 1;
        if paired && dataset.usual_size().saturating_mul(count) > MOST_PAIRED_BYTES {
            return Err(ApiError::too_large(format!(
                "lists for several dimensions, which are coordinates of points, select {count} elements here, \
                 more than the {MOST_PAIRED_BYTES} bytes of one request: give shorter lists, or one list at a time"
            )));
        }
        let cuts = match dataset.element {
            Some(size) => Cuts::new(whole, &dataset.chunk, size as u64),
            None => {
                let bounds = [BAND_BYTES, MOST_VARIABLE_BYTES];
                Cuts::within(whole, &dataset.chunk, dataset.usual_size(), bounds)
            }
        };
        // All bands are alike: if the first can be read, the others can.
        if let Some(first) = cuts.clone().next() {
            Target::selection(&first, &dataset.chunk)?;
        }
        Ok(Self {
            reader,
            dataset: Arc::new(dataset),
            cuts,
            length,
            form,
            pace: Pace::default(),
        })
    }

    fn load(&self, band: Selection) -> Result<Band> {
        let (reader, dataset) = (&*self.reader, &self.dataset);
        let target = Target::selection(&band, &dataset.chunk)?;
        let size = dataset.element.unwrap_or(0);
        let (own, of_chunk) = (target.count * size, dataset.chunk_len() * size);
        let chunks = target.chunks();
        // Chunks of which little is wanted are better read one after the other.
        let worth = chunks.len().saturating_mul(of_chunk) <= own.saturating_mul(2);
        let as_stored = self.form.fields.is_none();
        let elements = if as_stored && worth && own as u64 > PIECE_BYTES {
            let mut loaded = HashMap::with_capacity(chunks.len());
            for indices in chunks {
                if let Some(chunk) = dataset.load(reader, &indices)? {
                    loaded.insert(indices, chunk);
                }
            }
            let bounds = [PIECE_BYTES, PIECE_BYTES];
            Elements::InChunks(
                Cuts::within(band, &dataset.chunk, size as u64, bounds),
                loaded,
            )
        } else {
            let elements = read(reader, dataset, &target)?;
            let shown = self.form.of(&dataset.datatype, elements, target.count)?;
            Elements::Together(Some(shown))
        };
        Ok(Band {
            dataset: dataset.clone(),
            elements,
        })
    }
}

impl Iterator for Bands {
    type Item = Result<Band>;

    fn next(&mut self) -> Option<Self::Item> {
        let band = self.cuts.next()?;
        if let Err(error) = self.pace.go_on() {
            return Some(Err(error));
        }
        let band = self.load(band);
        self.pace.has(band.as_ref().map_or(0, Band::len));
        Some(band)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.cuts.from {
            Some(_) => (1, None),
            None => (0, Some(0)),
        }
    }
}

/// Chunks in memory; the others were never written.
struct Loaded<'a>(&'a HashMap<Vec<u64>, Bytes>);

impl Chunks for Loaded<'_> {
    fn in_memory(&self) -> bool {
        true
    }

    fn whole(&mut self, indices: &[u64]) -> Result<Option<Bytes>> {
        Ok(self.0.get(indices).cloned())
    }
}

impl Iterator for Band {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let dataset = &self.dataset;
        match &mut self.elements {
            Elements::Together(all) => all.take().map(Ok),
            Elements::InChunks(cuts, chunks) => {
                let piece = Target::selection(&cuts.next()?, &dataset.chunk);
                Some(piece.and_then(|piece| assemble(dataset, &piece, &mut Loaded(chunks))))
            }
        }
    }
}

/// The parts of a selection that are read one after the other; `size` is what an element takes.
pub(super) fn parts(
    whole: Selection,
    chunk: &[u64],
    size: u64,
) -> impl Iterator<Item = Selection> + use<> {
    Cuts::new(whole, chunk, size)
}

/// Parts of about as many bytes, without regard to chunks.
pub(super) fn pieces(
    whole: Selection,
    chunk: &[u64],
    size: u64,
    bytes: u64,
) -> impl Iterator<Item = Selection> + use<> {
    Cuts::within(whole, chunk, size, [bytes, bytes])
}

/// The parts in which a large upload is stored: each is made durable by itself, so they are large.
pub fn upload_parts(
    whole: Selection,
    chunk: &[u64],
    size: u64,
) -> impl Iterator<Item = Selection> + use<> {
    let bytes = selection::count(&whole).map_or(u64::MAX, |count| count.saturating_mul(size));
    let least = if bytes <= MOST_UPLOAD_BYTES {
        bytes
    } else {
        32 << 20
    };
    Cuts::within(whole, chunk, size, [least, MOST_UPLOAD_BYTES])
}

/// An upload up to this size is one part.
const MOST_UPLOAD_BYTES: u64 = 64 << 20;

/// Cuts a selection along one dimension: the first whose rows are small enough to be sent at
/// once. The dimensions before it are gone through index by index.
#[derive(Debug, Clone)]
struct Cuts {
    whole: Selection,
    /// The dimension that is cut.
    at: usize,
    /// Extent of chunks along it.
    chunk: u64,
    /// Bytes of what one index of it takes.
    row: u64,
    /// Bytes of a part: at least, and at most.
    bounds: [u64; 2],
    /// Where the next band starts in each dimension up to the one that is cut; `None` at the end.
    from: Option<Vec<u64>>,
}

impl Cuts {
    fn new(whole: Selection, chunk: &[u64], size: u64) -> Self {
        Self::within(whole, chunk, size, [BAND_BYTES, MOST_BAND_BYTES])
    }

    fn within(whole: Selection, chunk: &[u64], size: u64, bounds: [u64; 2]) -> Self {
        let row = |at: usize| {
            let inner = whole[at + 1..].iter();
            inner
                .fold(size, |n, dim| n.saturating_mul(dim.len()))
                .max(1)
        };
        // Several lists belong together, and what takes one index cannot be cut.
        let paired = selection::lists(&whole) > 1;
        let divisible = |at: &usize| !paired && whole[*at].len() > 1;
        let sound = |at: &usize| divisible(at) && row(*at) <= bounds[1];
        // Elements that are larger than a part come one by one.
        let at = (0..whole.len()).find(sound);
        let at = at.or_else(|| (0..whole.len()).rev().find(divisible));
        let at = at.unwrap_or(whole.len());
        let empty = selection::count(&whole) == Some(0);
        Self {
            row: if at < whole.len() { row(at) } else { 1 },
            chunk: chunk.get(at).copied().unwrap_or(1),
            from: (!empty).then(|| vec![0; at + 1]),
            whole,
            at,
            bounds,
        }
    }

    /// Where the band that starts at place `from` of the cut dimension ends.
    fn end(&self, from: u64) -> u64 {
        let dim = &self.whole[self.at];
        let rows = |bytes: u64| (bytes / self.row).max(1);
        let least = (from + rows(self.bounds[0]) - 1).min(dim.len() - 1);
        let most = (from + rows(self.bounds[1])).min(dim.len());
        let border = match dim {
            DimSelection::Range { start, step, .. } => {
                let border = (dim.index(least) / self.chunk + 1).saturating_mul(self.chunk);
                (border - start).div_ceil(*step)
            }
            _ => least + 1,
        };
        border.min(most)
    }
}

impl Iterator for Cuts {
    type Item = Selection;

    fn next(&mut self) -> Option<Selection> {
        let mut from = self.from.take()?;
        let mut band = self.whole.clone();
        if self.at == self.whole.len() {
            return Some(band);
        }
        for (dim, &place) in band.iter_mut().zip(&from).take(self.at) {
            *dim = DimSelection::Index(dim.index(place));
        }
        let (start, end) = (from[self.at], self.end(from[self.at]));
        band[self.at] = part(&self.whole[self.at], start, end);
        // Count up: the cut dimension fastest.
        from[self.at] = end;
        for at in (0..=self.at).rev() {
            if from[at] < self.whole[at].len() {
                self.from = Some(from);
                break;
            }
            from[at] = 0;
            if let Some(outer) = at.checked_sub(1) {
                from[outer] += 1;
            }
        }
        Some(band)
    }
}

/// The places `from` up to but without `to` of what a selection takes of a dimension.
fn part(dim: &DimSelection, from: u64, to: u64) -> DimSelection {
    match dim {
        DimSelection::List(indices) => {
            let range = from as usize..to as usize;
            DimSelection::List(indices[range].to_vec())
        }
        DimSelection::Index(index) => DimSelection::Index(*index),
        DimSelection::Range { step, .. } => DimSelection::Range {
            start: dim.index(from),
            stop: dim.index(to - 1) + 1,
            step: *step,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(select: &str, dims: &[u64], chunk: &[u64], size: u64) -> Vec<String> {
        let whole = selection::parse(select, dims).unwrap();
        let cuts: Vec<Selection> = Cuts::new(whole.clone(), chunk, size).collect();
        let total: u64 = cuts.iter().map(|cut| selection::count(cut).unwrap()).sum();
        assert_eq!(selection::count(&whole), Some(total));
        cuts.iter().map(selection::format).collect()
    }

    #[test]
    fn cut_at_chunks() {
        let dims = [1000, 1000];
        assert_eq!(
            bands("[:,:]", &dims, &[400, 1000], 8),
            ["[0:400,0:1000]", "[400:800,0:1000]", "[800:1000,0:1000]"]
        );
        assert_eq!(bands("[:,0:2]", &dims, &[400, 1000], 8), ["[0:1000,0:2]"]);
        assert_eq!(
            bands("[1:1000:300,:]", &dims, &[400, 1000], 1 << 12),
            ["[1:302:300,0:1000]", "[601:602,0:1000]", "[901:902,0:1000]"]
        );
        assert_eq!(bands("[5,:]", &dims, &[400, 400], 1 << 12).len(), 3);
        assert_eq!(bands("[[3,1,2],:]", &dims, &[1, 1], 1 << 10).len(), 3);
        assert_eq!(bands("[[1,2],[3,4]]", &dims, &[1, 1], 1 << 20).len(), 1);
        assert_eq!(bands("[5,6]", &dims, &[1, 1], 8), ["[5,6]"]);
        assert!(bands("[:,:]", &[0, 5], &[1, 5], 8).is_empty());
    }

    #[test]
    fn elements_larger_than_a_band_come_one_by_one() {
        assert_eq!(
            bands("[:]", &[3], &[1], 32 << 20),
            ["[0:1]", "[1:2]", "[2:3]"]
        );
        let few = bands("[:,1:3,:]", &[2, 9, 1], &[1, 9, 1], 32 << 20);
        assert_eq!(
            few,
            ["[0,1:2,0:1]", "[0,2:3,0:1]", "[1,1:2,0:1]", "[1,2:3,0:1]"]
        );
        assert_eq!(bands("[[4,0]]", &[5], &[5], 32 << 20).len(), 2);
        assert_eq!(bands("[5]", &[9], &[1], 32 << 20).len(), 1);
        let whole = selection::all(&[4]);
        assert_eq!(upload_parts(whole, &[1], 100 << 20).count(), 4);
    }

    #[test]
    fn long_rows_are_cut_too() {
        let dims = [2, 3, 1 << 40];
        let whole = selection::all(&dims);
        let cuts: Vec<Selection> = Cuts::new(whole, &[2, 3, 1 << 20], 1).take(3).collect();
        assert_eq!(selection::format(&cuts[2]), "[0,0,2097152:3145728]");
        let odd = bands("[:,:]", &[2, 40 << 20], &[2, 40 << 20], 1);
        assert_eq!(odd.len(), 6);
        assert_eq!(
            (odd[0].as_str(), odd[3].as_str()),
            ("[0,0:16777216]", "[1,0:16777216]")
        );
    }
}
