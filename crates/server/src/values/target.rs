//! The places a request means, chunk by chunk.

use std::collections::BTreeMap;

use h5rest_protocol::selection::{self, DimSelection, Selection};

use super::runs::{self, Axis};
use crate::error::{ApiError, Result};

/// Chunks that one request may touch.
const MOST_CHUNKS: u64 = 1 << 22;
/// Chunks that one request may write to: each is a record of the same transaction, for which others wait.
/// The connector sends no more elements in one request, each of which may have a chunk of its own.
const MOST_WRITTEN: u64 = MOST_CHUNKS;
/// Elements that paired lists may mean: the place of each is kept, which takes several times as much memory
/// as a small element.
const MOST_PAIRED: usize = 1 << 24;

/// Which elements of a dataset are meant, in which order.
#[derive(Debug, Clone)]
pub struct Target {
    places: Places,
    /// Extents of a chunk.
    chunk: Vec<u64>,
    /// Number of elements.
    pub count: usize,
    /// Extents of the result.
    pub dims: Vec<u64>,
}

#[derive(Debug, Clone)]
enum Places {
    /// A box with strides or lists along its dimensions: per dimension, the chunks it touches.
    Box(Vec<Vec<Part>>),
    /// Single elements: by chunk, the place in it and the place in the result.
    Points(BTreeMap<Vec<u64>, Vec<(usize, usize)>>),
}

/// What is taken of one dimension within one chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    chunk: u64,
    pieces: Vec<Piece>,
}

/// Evenly spaced indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Place of the first in the result.
    outer: usize,
    /// Place of the first in the chunk.
    inner: usize,
    /// Distance of neighbours in the chunk.
    step: usize,
    count: usize,
}

/// The places that are meant in one chunk.
pub struct Work<'a> {
    places: WorkPlaces<'a>,
}

enum WorkPlaces<'a> {
    Box {
        parts: Vec<&'a Part>,
        inner: &'a [usize],
        outer: &'a [usize],
    },
    Points(&'a [(usize, usize)]),
}

impl Target {
    /// The elements of a selection that fits the dataset.
    pub fn selection(selection: &Selection, chunk: &[u64]) -> Result<Self> {
        let dims = selection::dims_of(selection);
        let count = selection::count(selection).and_then(|n| usize::try_from(n).ok());
        let count = count.ok_or_else(|| ApiError::too_large("a selection of impossible size"))?;
        if selection::lists(selection) < 2 {
            return Self::crossed(selection, chunk);
        }
        if count > MOST_PAIRED {
            return Err(ApiError::too_large(format!(
                "lists for several dimensions, which are coordinates of points, select {count} elements here, \
                 more than the {MOST_PAIRED} of one request: give shorter lists or ranges, or one list at a time"
            )));
        }
        check_chunks(selection, chunk)?;
        Ok(Self {
            places: Places::Points(points_of_lists(selection, &dims, count, chunk)),
            chunk: chunk.to_vec(),
            count,
            dims,
        })
    }

    /// Every index taken of a dimension with every one of the others, also where several are lists.
    pub fn crossed(selection: &Selection, chunk: &[u64]) -> Result<Self> {
        let dims: Vec<u64> = selection.iter().map(DimSelection::len).collect();
        let count = match dims.contains(&0) {
            true => Some(0),
            false => dims.iter().try_fold(1u64, |n, &d| n.checked_mul(d)),
        };
        let count = count.and_then(|n| usize::try_from(n).ok());
        let count = count.ok_or_else(|| ApiError::too_large("a selection of impossible size"))?;
        check_chunks(selection, chunk)?;
        let pairs = selection.iter().zip(chunk);
        // Beside an extent of nothing others may be of any size: their chunks are not listed.
        let places = match count {
            0 => Vec::new(),
            _ => pairs.map(|(dim, &size)| parts(dim, size)).collect(),
        };
        Ok(Self {
            places: Places::Box(places),
            chunk: chunk.to_vec(),
            count,
            dims,
        })
    }

    /// Refuses coordinates that are not those of elements.
    pub fn check_points(
        coordinates: impl ExactSizeIterator<Item = u64>,
        dims: &[u64],
    ) -> Result<()> {
        let (count, rank) = (coordinates.len(), dims.len());
        if rank == 0 || !count.is_multiple_of(rank) {
            return Err(ApiError::bad_request(format!(
                "{count} coordinates for points of {rank} dimensions"
            )));
        }
        for (at, (index, &extent)) in coordinates.zip(dims.iter().cycle()).enumerate() {
            if index >= extent {
                return Err(ApiError::bad_request(format!(
                    "point {} is outside of the extents {dims:?}: {index} in dimension {}",
                    at / rank,
                    at % rank
                )));
            }
        }
        Ok(())
    }

    /// Single elements given by their coordinates, one after the other.
    pub fn points(coordinates: &[u64], dims: &[u64], chunk: &[u64]) -> Result<Self> {
        let rank = dims.len();
        Self::check_points(coordinates.iter().copied(), dims)?;
        let mut by_chunk = BTreeMap::new();
        for (at, point) in coordinates.chunks_exact(rank).enumerate() {
            add_point(&mut by_chunk, point, chunk, at);
        }
        let count = coordinates.len() / rank;
        Ok(Self {
            places: Places::Points(by_chunk),
            chunk: chunk.to_vec(),
            count,
            dims: vec![count as u64],
        })
    }

    /// The indices of all chunks that hold any of the places.
    pub fn chunks(&self) -> Vec<Vec<u64>> {
        let mut found = Vec::new();
        let collected = self.for_each_chunk(&mut |indices, _| {
            found.push(indices.to_vec());
            Ok(())
        });
        debug_assert!(collected.is_ok());
        found
    }

    /// How many chunks hold any of the places.
    pub fn chunk_count(&self) -> u64 {
        match &self.places {
            _ if self.count == 0 => 0,
            Places::Points(by_chunk) => by_chunk.len() as u64,
            Places::Box(dims) => dims
                .iter()
                .fold(1, |n, parts| n.saturating_mul(parts.len() as u64)),
        }
    }

    /// Refuses places in more chunks than one request can write to.
    pub fn check_written(&self) -> Result<()> {
        let chunks = self.chunk_count();
        if chunks <= MOST_WRITTEN {
            return Ok(());
        }
        Err(ApiError::too_large(format!(
            "the write changes {chunks} chunks, more than the {MOST_WRITTEN} of one request: write fewer \
             elements at a time, or make the dataset with larger chunks"
        )))
    }

    /// Visits the chunks one after the other, each once.
    pub fn for_each_chunk(
        &self,
        visit: &mut dyn FnMut(&[u64], &Work<'_>) -> Result<()>,
    ) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        match &self.places {
            Places::Points(by_chunk) => by_chunk.iter().try_for_each(|(indices, places)| {
                let places = WorkPlaces::Points(places);
                visit(indices, &Work { places })
            }),
            Places::Box(dims) => {
                let counts: Vec<u64> = dims.iter().map(|parts| extent(parts)).collect();
                let (inner, outer) = (strides(&self.chunk), strides(&counts));
                let mut turn = vec![0; dims.len()];
                loop {
                    let parts: Vec<&Part> = turn.iter().zip(dims).map(|(&at, d)| &d[at]).collect();
                    let indices: Vec<u64> = parts.iter().map(|part| part.chunk).collect();
                    let places = WorkPlaces::Box {
                        parts,
                        inner: &inner,
                        outer: &outer,
                    };
                    visit(&indices, &Work { places })?;
                    if !advance(&mut turn, |at| dims[at].len()) {
                        return Ok(());
                    }
                }
            }
        }
    }
}

impl Work<'_> {
    /// Calls `visit(place in the chunk, place in the result, count)` for each run.
    pub fn runs(&self, visit: &mut impl FnMut(usize, usize, usize)) {
        match &self.places {
            WorkPlaces::Points(places) => {
                places
                    .iter()
                    .for_each(|&(inner, outer)| visit(inner, outer, 1));
            }
            WorkPlaces::Box {
                parts,
                inner,
                outer,
            } => {
                let mut turn = vec![0; parts.len()];
                loop {
                    let pieces = turn.iter().zip(parts).map(|(&at, part)| part.pieces[at]);
                    let (mut from, mut to) = (0, 0);
                    let mut axes = Vec::with_capacity(parts.len());
                    for (at, piece) in pieces.enumerate() {
                        from += piece.inner * inner[at];
                        to += piece.outer * outer[at];
                        axes.push(Axis {
                            count: piece.count,
                            inner: piece.step * inner[at],
                            outer: outer[at],
                        });
                    }
                    runs::for_each(&axes, from, to, visit);
                    if !advance(&mut turn, |at| parts[at].pieces.len()) {
                        return;
                    }
                }
            }
        }
    }

    /// Number of elements, duplicates counted; `None` if there may be duplicates.
    pub fn distinct(&self) -> Option<usize> {
        match &self.places {
            WorkPlaces::Points(_) => None,
            WorkPlaces::Box { parts, .. } => {
                // Lists may repeat indices; they show as several pieces.
                let single = |part: &&Part| match part.pieces.as_slice() {
                    [piece] => Some(piece.count),
                    _ => None,
                };
                parts
                    .iter()
                    .map(single)
                    .try_fold(1usize, |n, count| Some(n * count?))
            }
        }
    }
}

/// Counts an odometer up, last digit fastest; `false` when it is through.
fn advance(turn: &mut [usize], limit: impl Fn(usize) -> usize) -> bool {
    for at in (0..turn.len()).rev() {
        turn[at] += 1;
        if turn[at] < limit(at) {
            return true;
        }
        turn[at] = 0;
    }
    false
}

/// Distance of neighbours along each dimension, in elements.
pub fn strides(dims: &[u64]) -> Vec<usize> {
    let mut strides = vec![1usize; dims.len()];
    for at in (1..dims.len()).rev() {
        strides[at - 1] = strides[at].saturating_mul(dims[at] as usize);
    }
    strides
}

/// Number of indices that all parts of a dimension have.
fn extent(parts: &[Part]) -> u64 {
    let pieces = parts.iter().flat_map(|part| &part.pieces);
    pieces.map(|piece| piece.count as u64).sum()
}

/// Refuses what touches more chunks than one request can look at.
fn check_chunks(selection: &Selection, chunk: &[u64]) -> Result<()> {
    let touched = |(dim, size): (&DimSelection, &u64)| match dim {
        DimSelection::Range { start, .. } if !dim.is_empty() => {
            let last = dim.index(dim.len() - 1);
            (last / size - start / size + 1).min(dim.len())
        }
        _ => dim.len(),
    };
    let chunks = selection.iter().zip(chunk).map(touched);
    let chunks = chunks.fold(1u64, |n, touched| n.saturating_mul(touched));
    if chunks <= MOST_CHUNKS {
        return Ok(());
    }
    Err(ApiError::too_large(format!(
        "the selection touches {chunks} chunks, more than the {MOST_CHUNKS} of one request: \
         select fewer elements"
    )))
}

/// Sorts what is taken of a dimension by chunks of `size`.
fn parts(dim: &DimSelection, size: u64) -> Vec<Part> {
    match dim {
        DimSelection::Range { start, step, .. } => range_parts(*start, *step, dim.len(), size),
        DimSelection::Index(index) => range_parts(*index, 1, 1, size),
        DimSelection::List(indices) => list_parts(indices, size),
    }
}

fn range_parts(start: u64, step: u64, count: u64, size: u64) -> Vec<Part> {
    let (mut parts, mut outer, mut index) = (Vec::new(), 0, start);
    while outer < count {
        let chunk = index / size;
        let last = (chunk + 1) * size - 1;
        let taken = ((last - index) / step + 1).min(count - outer);
        let piece = Piece {
            outer: outer as usize,
            inner: (index - chunk * size) as usize,
            step: step as usize,
            count: taken as usize,
        };
        parts.push(Part {
            chunk,
            pieces: vec![piece],
        });
        outer += taken;
        index = index.saturating_add(taken.saturating_mul(step));
    }
    parts
}

fn list_parts(indices: &[u64], size: u64) -> Vec<Part> {
    let mut by_chunk: BTreeMap<u64, Vec<Piece>> = BTreeMap::new();
    for (outer, &index) in indices.iter().enumerate() {
        let pieces = by_chunk.entry(index / size).or_default();
        let inner = (index % size) as usize;
        match pieces.last_mut() {
            Some(last) if last.inner + last.count == inner && last.outer + last.count == outer => {
                last.count += 1;
            }
            _ => pieces.push(Piece {
                outer,
                inner,
                step: 1,
                count: 1,
            }),
        }
    }
    let parts = by_chunk.into_iter();
    parts
        .map(|(chunk, pieces)| Part { chunk, pieces })
        .collect()
}

fn add_point(
    by_chunk: &mut BTreeMap<Vec<u64>, Vec<(usize, usize)>>,
    point: &[u64],
    chunk: &[u64],
    outer: usize,
) {
    let indices: Vec<u64> = point.iter().zip(chunk).map(|(i, c)| i / c).collect();
    let inner = point.iter().zip(chunk).zip(strides(chunk));
    let inner = inner
        .map(|((i, c), stride)| (i % c) as usize * stride)
        .sum();
    by_chunk.entry(indices).or_default().push((inner, outer));
}

/// Two or more lists are coordinates of points; ranges beside them multiply each point.
fn points_of_lists(
    selection: &Selection,
    dims: &[u64],
    count: usize,
    chunk: &[u64],
) -> BTreeMap<Vec<u64>, Vec<(usize, usize)>> {
    let mut by_chunk = BTreeMap::new();
    let mut turn = vec![0usize; dims.len()];
    for outer in 0..count {
        let (mut digit, mut list_digit) = (0, None);
        let mut point = Vec::with_capacity(selection.len());
        for dim in selection {
            let is_list = matches!(dim, DimSelection::List(_));
            let at = match (is_list, list_digit) {
                (true, Some(at)) => at,
                _ => {
                    let at = turn[digit];
                    digit += 1;
                    if is_list {
                        list_digit = Some(at);
                    }
                    at
                }
            };
            point.push(dim.index(at as u64));
        }
        add_point(&mut by_chunk, &point, chunk, outer);
        advance(&mut turn, |at| dims[at] as usize);
    }
    by_chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    type Runs = Vec<(usize, usize, usize)>;

    fn visited(target: &Target) -> Vec<(Vec<u64>, Runs)> {
        let mut found = Vec::new();
        let mut visit = |indices: &[u64], work: &Work<'_>| {
            let mut runs = Vec::new();
            work.runs(&mut |inner, outer, count| runs.push((inner, outer, count)));
            found.push((indices.to_vec(), runs));
            Ok(())
        };
        target.for_each_chunk(&mut visit).unwrap();
        assert_eq!(target.chunk_count(), found.len() as u64);
        found
    }

    #[test]
    fn whole_chunks_are_one_run() {
        let selection = selection::parse("[4:8,:]", &[12, 10]).unwrap();
        let target = Target::selection(&selection, &[4, 10]).unwrap();
        assert_eq!(visited(&target), [(vec![1, 0], vec![(0, 0, 40)])]);
    }

    #[test]
    fn steps_cross_chunks() {
        let selection = selection::parse("[1:10:4]", &[10]).unwrap();
        let target = Target::selection(&selection, &[4]).unwrap();
        let expected = [
            (vec![0], vec![(1, 0, 1)]),
            (vec![1], vec![(1, 1, 1)]),
            (vec![2], vec![(1, 2, 1)]),
        ];
        assert_eq!(visited(&target), expected);
    }

    #[test]
    fn lists_keep_their_order() {
        let selection = selection::parse("[[5,0,1,5]]", &[10]).unwrap();
        let target = Target::selection(&selection, &[4]).unwrap();
        let expected = [
            (vec![0], vec![(0, 1, 2)]),
            (vec![1], vec![(1, 0, 1), (1, 3, 1)]),
        ];
        assert_eq!(visited(&target), expected);
    }

    #[test]
    fn paired_lists_are_points() {
        let selection = selection::parse("[[0,3],0:2,[1,2]]", &[4, 2, 3]).unwrap();
        let target = Target::selection(&selection, &[4, 2, 3]).unwrap();
        assert_eq!(target.dims, [2, 2]);
        let runs = vec![(1, 0, 1), (4, 1, 1), (20, 2, 1), (23, 3, 1)];
        assert_eq!(visited(&target), [(vec![0, 0, 0], runs)]);
    }

    #[test]
    fn crossed_lists_are_boxes() {
        let selection = selection::parse("[[0,3],[1,2]]", &[4, 3]).unwrap();
        let target = Target::crossed(&selection, &[2, 3]).unwrap();
        assert_eq!((target.count, &target.dims[..]), (4, &[2, 2][..]));
        let expected = [(vec![0, 0], vec![(1, 0, 2)]), (vec![1, 0], vec![(4, 2, 2)])];
        assert_eq!(visited(&target), expected);
    }

    #[test]
    fn nothing_beside_a_huge_extent() {
        let dims = [0, i64::MAX as u64];
        let target = Target::selection(&selection::all(&dims), &[1, 1 << 20]).unwrap();
        assert_eq!((target.count, &target.dims[..]), (0, &dims[..]));
        assert!(matches!(&target.places, Places::Box(none) if none.is_empty()));
        assert!(visited(&target).is_empty() && target.chunks().is_empty());
    }

    #[test]
    fn paired_lists_beside_a_huge_range() {
        let (dims, chunk) = ([2, 2, 1 << 40], [1, 1, 1 << 20]);
        let refused = |select: &str| {
            let selection = selection::parse(select, &dims).unwrap();
            let refused = Target::selection(&selection, &chunk).err();
            refused.map(|error| (error.status.as_u16(), error.reason))
        };
        let (status, reason) = refused("[[0],[0],:]").unwrap();
        assert!(
            status == 413 && reason.contains("1099511627776"),
            "{reason}"
        );
        assert_eq!(refused("[[0],[0],0:1000]"), None);
    }

    #[test]
    fn scalars_and_nothing() {
        let target = Target::selection(&Vec::new(), &[]).unwrap();
        assert_eq!(visited(&target), [(vec![], vec![(0, 0, 1)])]);
        let none = Target::selection(&selection::all(&[0, 3]), &[1, 3]).unwrap();
        assert_eq!(visited(&none), []);
        assert!(Target::points(&[1, 2, 3], &[4, 4], &[2, 2]).is_err());
        assert!(Target::points(&[1, 4], &[4, 4], &[2, 2]).is_err());
    }
}
