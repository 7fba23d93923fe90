//! What region references select, as elements of a dataset.

use h5rest_protocol::region::{Region, Selected, Stride};
use h5rest_protocol::selection::{self, DimSelection, Selection};

use super::Target;
use super::matches::add_coordinates;
use crate::error::{ApiError, Result};

/// Elements that a region may be listed as.
const MOST_LISTED: u64 = 1 << 24;

/// The elements of a region.
#[derive(Debug)]
pub enum Chosen {
    /// As requests select them.
    Selection(Selection),
    /// Others: single ones, or the blocks of a pattern.
    Elements(Target),
}

impl Chosen {
    /// What a region means in a dataset of these extents and chunks. A pattern of blocks gives a
    /// result with the pattern's dimensions; points, and blocks that form no pattern, a list, as on
    /// HSDS.
    ///
    /// # Errors
    /// 400 if it does not fit the dataset, or selects nothing.
    pub fn new(region: &Region, dims: &[u64], chunk: &[u64]) -> Result<Self> {
        let whole = matches!(region.selected, Selected::All);
        if region.rank != dims.len() && !(whole && region.rank == 0) {
            return Err(ApiError::bad_request(format!(
                "the region has {} dimensions, the dataset {}",
                region.rank,
                dims.len()
            )));
        }
        match &region.selected {
            Selected::None => Err(empty()),
            Selected::All => Ok(Self::Selection(selection::all(dims))),
            Selected::Points(points) if points.is_empty() => Err(empty()),
            Selected::Points(points) => Target::points(points, dims, chunk).map(Self::Elements),
            Selected::Blocks(corners) => {
                Target::points(&listed(corners, dims)?, dims, chunk).map(Self::Elements)
            }
            Selected::Regular(strides) => {
                let along = strides
                    .iter()
                    .zip(dims)
                    .map(|(s, &extent)| along(s, extent));
                let selection = along.collect::<Result<Selection>>()?;
                match selection::lists(&selection) {
                    // Several lists would be the coordinates of points.
                    2.. => Target::crossed(&selection, chunk).map(Self::Elements),
                    _ => Ok(Self::Selection(selection)),
                }
            }
        }
    }

    /// Where the elements are.
    pub fn target(self, chunk: &[u64]) -> Result<Target> {
        match self {
            Self::Selection(selection) => Target::selection(&selection, chunk),
            Self::Elements(target) => Ok(target),
        }
    }
}

fn empty() -> ApiError {
    ApiError::bad_request("the region selects nothing")
}

fn outside(end: u64, extent: u64) -> ApiError {
    ApiError::bad_request(format!("the region ends at {end}, the dataset at {extent}"))
}

/// What a pattern takes of a dimension; without a bound, as far as the dataset goes.
fn along(pattern: &Stride, extent: u64) -> Result<DimSelection> {
    let Stride {
        start,
        stride,
        count,
        block,
    } = *pattern;
    if count == 0 || block == 0 || start >= extent {
        return Err(if start >= extent {
            outside(start, extent)
        } else {
            empty()
        });
    }
    let stop = pattern.end().unwrap_or(extent);
    if stop > extent {
        return Err(outside(stop, extent));
    }
    let step = match (count, block) {
        (1, _) => 1,
        _ if block >= stride => 1,
        (_, 1) => stride,
        _ => {
            let starts = (start..stop).step_by(usize::try_from(stride).unwrap_or(usize::MAX));
            let blocks = starts.map(|first| first..(first.saturating_add(block)).min(stop));
            let listed = (stop - start) / stride * block;
            if listed > MOST_LISTED {
                return Err(ApiError::too_large("the region has too many blocks"));
            }
            return Ok(DimSelection::List(blocks.flatten().collect()));
        }
    };
    Ok(DimSelection::Range { start, stop, step })
}

/// The coordinates of all elements of blocks, one block after the other.
fn listed(corners: &[u64], dims: &[u64]) -> Result<Vec<u64>> {
    let rank = dims.len();
    let mut coordinates = Vec::new();
    let mut left = MOST_LISTED;
    for block in corners.chunks_exact(2 * rank.max(1)) {
        let (first, last) = block.split_at(rank);
        let ranges = first.iter().zip(last).zip(dims);
        let ranges = ranges.map(|((&first, &last), &extent)| {
            if last >= extent || first > last {
                return Err(outside(last, extent));
            }
            Ok(DimSelection::Range {
                start: first,
                stop: last + 1,
                step: 1,
            })
        });
        let ranges = ranges.collect::<Result<Selection>>()?;
        let count = selection::count(&ranges).unwrap_or(u64::MAX);
        left = left
            .checked_sub(count)
            .ok_or_else(|| ApiError::too_large("the region has too many elements"))?;
        for place in 0..count {
            add_coordinates(&ranges, place, &mut coordinates);
        }
    }
    if coordinates.is_empty() {
        return Err(empty());
    }
    Ok(coordinates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(rank: usize, selected: Selected) -> Result<Chosen> {
        Chosen::new(
            &Region { rank, selected },
            &[10, 10][..rank],
            &[4, 4][..rank],
        )
    }

    fn stride(start: u64, stride: u64, count: u64, block: u64) -> Stride {
        Stride {
            start,
            stride,
            count,
            block,
        }
    }

    #[test]
    fn patterns_are_selections() {
        for (pattern, expected) in [
            (stride(2, 1, 1, 5), "[2:7]"),
            (stride(1, 3, 3, 1), "[1:8:3]"),
            (stride(0, 2, 3, 2), "[0:6]"),
            (stride(1, 4, 2, 2), "[[1,2,5,6]]"),
            (
                stride(3, 2, h5rest_protocol::region::UNLIMITED, 1),
                "[3:10:2]",
            ),
        ] {
            let Chosen::Selection(selection) =
                selected(1, Selected::Regular(vec![pattern])).unwrap()
            else {
                panic!("{pattern:?}");
            };
            assert_eq!(selection::format(&selection), expected);
        }
        let both = Selected::Regular(vec![stride(0, 4, 2, 2), stride(1, 5, 2, 3)]);
        let Chosen::Elements(target) = selected(2, both).unwrap() else {
            panic!("no elements");
        };
        assert_eq!((target.count, target.dims), (24, vec![4, 6]));
    }

    #[test]
    fn blocks_and_points_are_lists() {
        let blocks = Selected::Blocks(vec![0, 0, 1, 2, 9, 9, 9, 9]);
        let target = selected(2, blocks).unwrap().target(&[4, 4]).unwrap();
        assert_eq!((target.count, target.dims), (7, vec![7]));
        let points = Selected::Points(vec![3, 1, 3]);
        assert_eq!(selected(1, points).unwrap().target(&[4]).unwrap().count, 3);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for region in [
            Selected::None,
            Selected::Points(vec![]),
            Selected::Points(vec![10]),
            Selected::Blocks(vec![5, 10]),
            Selected::Blocks(vec![]),
            Selected::Regular(vec![stride(8, 1, 1, 3)]),
            Selected::Regular(vec![stride(10, 1, 1, 1)]),
            Selected::Regular(vec![stride(0, 1, 0, 1)]),
        ] {
            let refused = selected(1, region.clone()).map(drop).unwrap_err();
            assert_eq!(refused.status.as_u16(), 400, "{region:?}");
        }
        assert!(
            Chosen::new(
                &Region {
                    rank: 2,
                    selected: Selected::All
                },
                &[3],
                &[3]
            )
            .is_err()
        );
    }
}
