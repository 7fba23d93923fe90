//! Regions of datasets: what a region reference selects, in the form in which HDF5 itself stores
//! selections (its file format, "Dataspace Selection").
//!
//! Of that form every version is read; the newest one is written, which every HDF5 with this kind of
//! plugin reads. The forms that travel are in `values::reference`.

use crate::error::{ProtocolError, Result};
use crate::shape::MAX_RANK;

/// As a count or block: as far as the dataset goes.
pub const UNLIMITED: u64 = u64::MAX;

/// Numbers that start a serialized selection.
const NONE: u32 = 0;
const POINTS: u32 = 1;
const BLOCKS: u32 = 2;
const ALL: u32 = 3;

/// Part of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Number of the dataset's dimensions.
    pub rank: usize,
    /// Which of its elements.
    pub selected: Selected,
}

/// Which elements of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// None.
    None,
    /// All.
    All,
    /// Single ones, in this order: `rank` coordinates for each.
    Points(Vec<u64>),
    /// Those of blocks: `rank` first coordinates, then `rank` last ones, for each.
    Blocks(Vec<u64>),
    /// A regular pattern of blocks: one entry per dimension.
    Regular(Vec<Stride>),
}

/// A regular pattern along one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stride {
    /// First coordinate.
    pub start: u64,
    /// From the start of one block to that of the next.
    pub stride: u64,
    /// Number of blocks.
    pub count: u64,
    /// Length of each.
    pub block: u64,
}

impl Stride {
    /// The coordinates from `start` up to `stop`.
    pub fn range(start: u64, stop: u64) -> Self {
        Self {
            start,
            stride: 1,
            count: 1,
            block: stop.saturating_sub(start),
        }
    }

    /// The coordinate behind the last one; `None` if there is no bound.
    pub fn end(&self) -> Option<u64> {
        if self.count == UNLIMITED || self.block == UNLIMITED {
            return None;
        }
        let last = self.count.saturating_sub(1).checked_mul(self.stride)?;
        self.start.checked_add(last)?.checked_add(self.block)
    }
}

impl Region {
    /// Reads a serialized selection of a dataset of `rank` dimensions. Whatever follows it is
    /// ignored.
    pub fn from_hdf5(bytes: &[u8], rank: usize) -> Result<Self> {
        if rank > MAX_RANK {
            return Err(bad("too many dimensions"));
        }
        let mut rest = Reader(bytes);
        let selected = match rest.number(4)? as u32 {
            NONE => Selected::None,
            ALL => Selected::All,
            POINTS => rest.points(rank)?,
            BLOCKS => rest.blocks(rank)?,
            other => return Err(bad(&format!("unknown kind of selection {other}"))),
        };
        Ok(Self { rank, selected })
    }

    /// Serializes the selection.
    pub fn to_hdf5(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |numbers: &[u32]| {
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        };
        let rank = self.rank as u32;
        match &self.selected {
            Selected::None => put(&[NONE, 1, 0, 0]),
            Selected::All => put(&[ALL, 1, 0, 0]),
            Selected::Points(coordinates) => {
                put(&[POINTS, 2]);
                out.push(8);
                out.extend(rank.to_le_bytes());
                let count = coordinates.len() / self.rank.max(1);
                out.extend((count as u64).to_le_bytes());
                out.extend(coordinates.iter().flat_map(|n| n.to_le_bytes()));
            }
            Selected::Blocks(corners) => {
                put(&[BLOCKS, 3]);
                out.extend([0, 8]);
                out.extend(rank.to_le_bytes());
                let count = corners.len() / (2 * self.rank).max(1);
                out.extend((count as u64).to_le_bytes());
                out.extend(corners.iter().flat_map(|n| n.to_le_bytes()));
            }
            Selected::Regular(strides) => {
                put(&[BLOCKS, 3]);
                out.extend([1, 8]);
                out.extend(rank.to_le_bytes());
                for of_dim in strides {
                    let numbers = [of_dim.start, of_dim.stride, of_dim.count, of_dim.block];
                    out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
                }
            }
        }
        out
    }

    /// The smallest extents that hold the region; those of what has no bound are zero.
    pub fn least_shape(&self) -> Vec<u64> {
        let mut shape = vec![0u64; self.rank];
        let mut reach = |ends: &[u64]| {
            for (extent, &end) in shape.iter_mut().zip(ends) {
                *extent = (*extent).max(end.saturating_add(1));
            }
        };
        match &self.selected {
            Selected::None | Selected::All => {}
            Selected::Points(coordinates) => {
                coordinates.chunks(self.rank.max(1)).for_each(&mut reach);
            }
            Selected::Blocks(corners) => {
                let blocks = corners.chunks((2 * self.rank).max(1));
                blocks.for_each(|block| reach(&block[self.rank.min(block.len())..]));
            }
            Selected::Regular(strides) => {
                return strides.iter().map(|s| s.end().unwrap_or(0)).collect();
            }
        }
        shape
    }
}

fn bad(what: &str) -> ProtocolError {
    ProtocolError::InvalidValue(format!("a region: {what}"))
}

/// What is left of a serialized selection.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// The next number, of `size` bytes.
    fn number(&mut self, size: usize) -> Result<u64> {
        let (taken, rest) = self
            .0
            .split_at_checked(size)
            .ok_or_else(|| bad("it breaks off"))?;
        self.0 = rest;
        let mut wide = [0u8; 8];
        wide[..size].copy_from_slice(taken);
        Ok(u64::from_le_bytes(wide))
    }

    fn size(&mut self) -> Result<usize> {
        match self.number(1)? {
            size @ (2 | 4 | 8) => Ok(size as usize),
            size => Err(bad(&format!("numbers of {size} bytes"))),
        }
    }

    fn check_rank(&mut self, rank: usize) -> Result<()> {
        match self.number(4)? {
            found if found == rank as u64 && rank > 0 => Ok(()),
            found => Err(bad(&format!("{found} dimensions instead of {rank}"))),
        }
    }

    /// `count` groups of `each` numbers.
    fn numbers(&mut self, count: u64, each: usize, size: usize) -> Result<Vec<u64>> {
        let total = usize::try_from(count)
            .ok()
            .and_then(|n| n.checked_mul(each));
        let fits = |&total: &usize| total.checked_mul(size).is_some_and(|n| n <= self.0.len());
        let total = total.filter(fits).ok_or_else(|| bad("it breaks off"))?;
        (0..total).map(|_| self.number(size)).collect()
    }

    fn points(&mut self, rank: usize) -> Result<Selected> {
        let size = match self.number(4)? {
            1 => {
                self.number(8)?;
                4
            }
            2 => self.size()?,
            version => return Err(bad(&format!("points of version {version}"))),
        };
        self.check_rank(rank)?;
        let count = self.number(size)?;
        self.numbers(count, rank, size).map(Selected::Points)
    }

    fn blocks(&mut self, rank: usize) -> Result<Selected> {
        let (regular, size) = match self.number(4)? {
            1 => {
                self.number(8)?;
                (false, 4)
            }
            2 => {
                let flags = self.number(1)?;
                self.number(4)?;
                (flags & 1 != 0, 8)
            }
            3 => (self.number(1)? & 1 != 0, self.size()?),
            version => return Err(bad(&format!("blocks of version {version}"))),
        };
        self.check_rank(rank)?;
        if !regular {
            let count = self.number(size)?;
            let corners = self.numbers(count, 2 * rank, size)?;
            // The oldest version lists every block; a single one is a regular pattern, too.
            return Ok(match count {
                1 => {
                    let (first, last) = corners.split_at(rank);
                    let range = |(&first, &last): (&u64, &u64)| {
                        Stride::range(first, last.saturating_add(1))
                    };
                    Selected::Regular(first.iter().zip(last).map(range).collect())
                }
                _ => Selected::Blocks(corners),
            });
        }
        // The largest number of this size stands for "unlimited".
        let unlimited = UNLIMITED >> (64 - 8 * size);
        let wide = |number: u64| match number == unlimited {
            true => UNLIMITED,
            false => number,
        };
        let numbers = self.numbers(rank as u64, 4, size)?;
        let strides = numbers.chunks_exact(4).map(|dim| Stride {
            start: dim[0],
            stride: dim[1],
            count: wide(dim[2]),
            block: wide(dim[3]),
        });
        Ok(Selected::Regular(strides.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
    }

    #[test]
    fn every_kind_comes_back() {
        let stride = Stride {
            start: 1,
            stride: 4,
            count: UNLIMITED,
            block: 2,
        };
        for (rank, selected) in [
            (2, Selected::None),
            (0, Selected::All),
            (2, Selected::Points(vec![3, 4, 1, 2])),
            (1, Selected::Blocks(vec![0, 5, 7, 7])),
            (2, Selected::Regular(vec![stride, Stride::range(0, 10)])),
        ] {
            let region = Region { rank, selected };
            let bytes = region.to_hdf5();
            assert_eq!(Region::from_hdf5(&bytes, rank).unwrap(), region);
            for cut in 0..bytes.len().min(12) {
                let outcome = Region::from_hdf5(&bytes[..cut], rank);
                assert!(outcome.is_err() || cut >= 4, "{cut} bytes of {region:?}");
            }
        }
    }

    #[test]
    fn older_versions_are_read() {
        let points = words(&[1, 1, 0, 16, 1, 2, 8, 9]);
        let points = Region::from_hdf5(&points, 1).unwrap();
        assert_eq!(points.selected, Selected::Points(vec![8, 9]));
        assert_eq!(points.least_shape(), [10]);
        let block = words(&[2, 1, 0, 24, 2, 1, 0, 1, 4, 5]);
        let block = Region::from_hdf5(&block, 2).unwrap();
        let ranges = vec![Stride::range(0, 5), Stride::range(1, 6)];
        assert_eq!(block.selected, Selected::Regular(ranges));
        assert_eq!(block.least_shape(), [5, 6]);
        let blocks = words(&[2, 1, 0, 24, 1, 2, 0, 1, 4, 5]);
        let blocks = Region::from_hdf5(&blocks, 1).unwrap();
        assert_eq!(blocks.selected, Selected::Blocks(vec![0, 1, 4, 5]));
        let mut regular = words(&[2, 3]);
        regular.extend([1, 2, 1, 0, 0, 0, 2, 0, 3, 0, 0xff, 0xff, 1, 0]);
        let regular = Region::from_hdf5(&regular, 1).unwrap();
        let Selected::Regular(strides) = &regular.selected else {
            panic!("not regular");
        };
        assert_eq!((strides[0].count, strides[0].block), (UNLIMITED, 1));
        assert_eq!(strides[0].end(), None);
    }

    #[test]
    fn hostile_selections_are_refused() {
        let most = u32::MAX;
        for (numbers, rank) in [
            (&[1, 1, 0, 8, 1, most][..], 1),
            (&[2, 1, 0, 8, 1, most], 1),
            (&[1, 1, 0, 8, 2, 1, 0, 0], 1),
            (&[1, 1, 0, 8, 0, 1], 0),
            (&[9, 1, 0, 0], 1),
            (&[2, 9, 0, 0], 1),
            (&[0, 1, 0, 0], 33),
        ] {
            assert!(Region::from_hdf5(&words(numbers), rank).is_err());
        }
    }
}
