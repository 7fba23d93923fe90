//! The tiles in which a dataset is kept: chunks, several small ones or pieces of a large one.

use super::slab::{Region, Slab};

/// A chunk larger than this is kept in pieces.
const LARGEST: u64 = 4 << 20;
/// Chunks smaller than this are kept several together.
const SMALLEST: u64 = 64 << 10;
/// What is kept together of a dataset without chunks.
const WITHOUT_CHUNKS: u64 = 256 << 10;

/// Which tile an element is in, and where.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// Extent of a tile.
    tile: Vec<u64>,
    /// Bytes of an element.
    pub(super) element: usize,
    /// Bytes of a chunk, or of the whole dataset if it has none.
    pub(super) chunk: u64,
}

/// Neighbours both in a tile and in a selection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    /// The tile's place among the tiles.
    pub(super) tile: &'a [u64],
    /// First element in the tile.
    pub(super) at: usize,
    /// Number of elements.
    pub(super) length: usize,
    /// First element in the selection.
    pub(super) place: usize,
}

impl Grid {
    /// The tiles of a dataset that may become as large as `bounds`, in chunks of extent `chunk`.
    pub(super) fn new(bounds: &[u64], chunk: Option<&[u64]>, element: usize) -> Self {
        let size = (element as u64).max(1);
        let bytes = |tile: &[u64]| tile.iter().fold(size, |n, &dim| n.saturating_mul(dim));
        // HDF5 has no chunks of 4 GiB; a server may tell of any.
        let possible = |chunk: &&[u64]| bytes(chunk) <= u32::MAX.into() && !chunk.contains(&0);
        let usable = chunk
            .filter(|chunk| chunk.len() == bounds.len())
            .filter(possible);
        let chunk = bytes(usable.unwrap_or(bounds));
        let (mut tile, least) = match usable {
            Some(chunk) => (chunk.to_vec(), SMALLEST),
            None => (vec![1; bounds.len()], WITHOUT_CHUNKS),
        };
        for dim in 0..tile.len() {
            let row = bytes(&tile) / tile[dim];
            if bytes(&tile) > LARGEST {
                tile[dim] = (LARGEST / row.max(1)).clamp(1, tile[dim]);
            }
        }
        for dim in (0..tile.len()).rev() {
            let most = bounds[dim].div_ceil(tile[dim]);
            let wanted = least / bytes(&tile).max(1);
            tile[dim] = tile[dim].saturating_mul(wanted.min(most).max(1));
        }
        Self {
            tile,
            element,
            chunk,
        }
    }

    /// Elements of a tile.
    pub(super) fn volume(&self) -> usize {
        self.tile.iter().product::<u64>() as usize
    }

    /// Bytes of a tile.
    pub(super) fn bytes(&self) -> usize {
        self.volume() * self.element
    }

    /// The elements of a tile.
    pub(super) fn region(&self, tile: &[u64]) -> Region {
        let start = tile.iter().zip(&self.tile).map(|(at, dim)| at * dim);
        Region {
            start: start.collect(),
            count: self.tile.clone(),
        }
    }

    /// The tiles that a box touches, as a box of tiles.
    pub(super) fn tiles(&self, region: &Region) -> Region {
        let dims = 0..self.tile.len();
        let first = dims.clone().map(|dim| region.start[dim] / self.tile[dim]);
        let count = dims.map(|dim| {
            (region.end(dim) - 1) / self.tile[dim] - region.start[dim] / self.tile[dim] + 1
        });
        Region {
            start: first.collect(),
            count: count.collect(),
        }
    }

    /// The elements of all tiles that a box touches, within an extent.
    pub(super) fn whole_tiles(&self, region: &Region, extent: &[u64]) -> Region {
        let mut whole = self.tiles(region);
        for (dim, (tile, extent)) in self.tile.iter().zip(extent).enumerate() {
            whole.start[dim] *= tile;
            let end = whole.start[dim] + whole.count[dim] * tile;
            whole.count[dim] = end.min(*extent).max(region.end(dim)) - whole.start[dim];
        }
        whole
    }

    /// Calls `each` with the segments of a selection, in its order, until it says `false`.
    /// Returns whether it never did.
    pub(super) fn segments(&self, slab: &Slab, mut each: impl FnMut(Segment<'_>) -> bool) -> bool {
        let Some((last, outer)) = slab.0.split_last() else {
            return each(Segment {
                tile: &[],
                at: 0,
                length: 1,
                place: 0,
            });
        };
        let inner = outer.len();
        let width = self.tile[inner];
        let mut tile = vec![0; inner + 1];
        let mut going = true;
        slab.for_each_row(|row, mut place| {
            let mut base = 0;
            for (dim, &at) in row.iter().enumerate() {
                tile[dim] = at / self.tile[dim];
                base = (base + at % self.tile[dim]) * self.tile.get(dim + 1).unwrap_or(&1);
            }
            let (mut at, mut left) = (last.start, last.count);
            while left > 0 && going {
                let column = at % width;
                let length = match last.step {
                    1 => left.min(width - column),
                    _ => 1,
                };
                tile[inner] = at / width;
                going = each(Segment {
                    tile: &tile,
                    at: (base + column) as usize,
                    length: length as usize,
                    place,
                });
                place += length as usize;
                at += length * last.step;
                left -= length;
            }
        });
        going
    }
}

#[cfg(test)]
mod tests {
    use super::super::slab::Steps;
    use super::*;

    #[test]
    fn tiles_are_chunks_of_a_handy_size() {
        let tile =
            |bounds: &[u64], chunk: Option<&[u64]>, element| Grid::new(bounds, chunk, element).tile;
        assert_eq!(tile(&[2048, 4096], Some(&[256, 1024]), 8), [256, 1024]);
        assert_eq!(tile(&[u64::MAX, 10], Some(&[100, 10]), 8), [800, 10]);
        assert_eq!(tile(&[1 << 40], Some(&[1]), 8), [8192]);
        assert_eq!(tile(&[100_000, 4096], Some(&[4096, 4096]), 8), [128, 4096]);
        assert_eq!(tile(&[50, 50], None, 8), [50, 50]);
        assert_eq!(tile(&[5000, 4096], None, 8), [8, 4096]);
        assert_eq!(tile(&[5, 1 << 30], None, 4), [1, 65536]);
        assert_eq!(tile(&[4], Some(&[2]), 100 << 20), [1]);
        assert_eq!(tile(&[], None, 8), [0; 0]);
        // No chunk is that large.
        let impossible: &[u64] = &[1 << 63, 1 << 63];
        assert_eq!(tile(&[50, 50], Some(impossible), 8), [50, 50]);
    }

    #[test]
    fn segments_name_each_element_once() {
        let grid = Grid {
            tile: vec![3, 4],
            element: 1,
            chunk: 12,
        };
        for step in [1, 2, 5] {
            let rows = Steps {
                start: 1,
                step: 2,
                count: 4,
            };
            let columns = Steps {
                start: 2,
                step,
                count: 6,
            };
            let mut places = 0;
            grid.segments(&Slab(vec![rows, columns]), |segment| {
                assert_eq!(segment.place, places);
                for n in 0..segment.length as u64 {
                    let place = places as u64 + n;
                    let (row, column) = (1 + 2 * (place / 6), 2 + step * (place % 6));
                    assert_eq!(segment.tile, [row / 3, column / 4]);
                    let at = row % 3 * 4 + column % 4;
                    assert_eq!(segment.at as u64 + n, at);
                }
                places += segment.length;
                true
            });
            assert_eq!(places, 24);
        }
    }
}
