//! A large selection as a sequence of small ones, each of which touches chunks that no other
//! does: elements leave as they are read, and memory holds a few chunks at a time.

use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::selection::{self, DimSelection, Selection};

use super::read::read;
use super::{Dataset, Target};
use crate::error::Result;
use crate::store::Reader;

/// A band ends at the first chunk border behind this many bytes.
const BAND_BYTES: u64 = 1 << 20;

/// Reads a selection band by band, from one state of the store.
pub struct Bands {
    reader: Arc<dyn Reader>,
    dataset: Dataset,
    left: std::vec::IntoIter<Selection>,
    /// Bytes of all bands together.
    pub length: u64,
}

impl Bands {
    /// `None` where elements have no fixed size, or their number none that fits memory.
    pub fn new(reader: Arc<dyn Reader>, dataset: Dataset, whole: &Selection) -> Option<Self> {
        let size = dataset.element? as u64;
        let length = selection::count(whole)?.checked_mul(size)?;
        let left = split(whole, &dataset.chunk, size).into_iter();
        Some(Self {
            reader,
            dataset,
            left,
            length,
        })
    }
}

impl Iterator for Bands {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let band = self.left.next()?;
        let target = Target::selection(&band, &self.dataset.chunk);
        Some(target.and_then(|target| read(&*self.reader, &self.dataset, &target)))
    }
}

/// Cuts the first dimension that takes more than one index, at borders of chunks.
fn split(whole: &Selection, chunk: &[u64], size: u64) -> Vec<Selection> {
    let at = whole.iter().position(|dim| dim.len() != 1);
    let cut = at.and_then(|at| match &whole[at] {
        DimSelection::Range { start, step, .. } if selection::lists(whole) < 2 => {
            Some((at, *start, *step))
        }
        _ => None,
    });
    let Some((at, start, step)) = cut else {
        return vec![whole.clone()];
    };
    let row = whole[at + 1..]
        .iter()
        .fold(size, |n, dim| n.saturating_mul(dim.len()));
    let (count, wanted) = (whole[at].len(), BAND_BYTES.div_ceil(row.max(1)));
    let (mut bands, mut from) = (Vec::new(), 0);
    while from < count {
        // The last index that is wanted, and then the last one in the same chunk.
        let last = start + (from + wanted - 1).min(count - 1) * step;
        let border = (last / chunk[at] + 1).saturating_mul(chunk[at]);
        let to = (border - start).div_ceil(step).min(count);
        let mut band = whole.clone();
        band[at] = DimSelection::Range {
            start: start + from * step,
            stop: start + (to - 1) * step + 1,
            step,
        };
        bands.push(band);
        from = to;
    }
    if bands.is_empty() {
        bands.push(whole.clone());
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(select: &str, dims: &[u64], chunk: &[u64], size: u64) -> Vec<String> {
        let whole = selection::parse(select, dims).unwrap();
        split(&whole, chunk, size)
            .iter()
            .map(selection::format)
            .collect()
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
            bands("[1:1000:300,:]", &dims, &[400, 1000], 1 << 20),
            ["[1:302:300,0:1000]", "[601:602,0:1000]", "[901:902,0:1000]"]
        );
        assert_eq!(bands("[5,:]", &dims, &[400, 400], 1 << 12).len(), 3);
        assert_eq!(bands("[[1,2],:]", &dims, &[1, 1], 1 << 20).len(), 1);
        assert_eq!(bands("[:,:]", &[0, 5], &[1, 5], 8), ["[0:0,0:5]"]);
    }
}
