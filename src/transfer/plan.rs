//! From a selection of a dataset to the requests that move it, before the first byte moves.
//!
//! Pure arithmetic, no I/O: `read` and `write` run the requests. A request never exceeds a given
//! number of elements, splits between chunks where it can, and says where its elements stand in
//! the order in which HDF5 enumerates the selection.

use std::collections::HashMap;

use h5rest_protocol::selection::{DimSelection, Selection};

/// What a program selected of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// Every `step`-th index of each dimension, slowest first; row-major order. Empty for scalar
    /// datasets.
    Slab(Vec<Steps>),
    /// Other hyperslabs: runs of neighbouring elements in selection order, as row-major offsets
    /// into the extent. No element is in two of them.
    Runs(Vec<(u64, usize)>),
    /// Points in the order in which the program listed them, as runs; one may be listed twice.
    Points(Vec<(u64, usize)>),
}

/// Evenly spaced indices of one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// First index.
    pub start: u64,
    /// Distance of neighbours, at least 1.
    pub step: u64,
    /// Number of indices, at least 1.
    pub count: u64,
}

/// One request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub what: What,
    /// Number of elements that move.
    pub count: usize,
    /// Where they stand in the order of the selection.
    pub place: Place,
}

/// The way a request names elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A slab of the dataset.
    Select(Selection),
    /// Elements by their coordinates, all of one element after another.
    Points(Vec<u64>),
}

/// Where a request's elements stand in the order of the selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// One after another from this position on.
    From(usize),
    /// In pieces; a read may bring elements that no piece names.
    Pieces(Vec<Piece>),
}

/// Neighbours both in a request and in the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// First element within the request.
    pub in_request: usize,
    /// First element within the selection.
    pub in_selection: usize,
    /// Number of elements.
    pub length: usize,
}

/// What bounds the requests.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// Extent of the dataset.
    pub dims: &'a [u64],
    /// Extent of a chunk, if the dataset has chunks.
    pub chunk: Option<&'a [u64]>,
    /// Elements that one request may carry, at least 1.
    pub elements: usize,
    /// Whether a request may touch elements that are not selected (reads only).
    pub may_overreach: bool,
}

/// Points that one request carries at most: 8 bytes a coordinate, bodies of about 1 MiB.
const POINTS_AT_ONCE: usize = 32 * 1024;

/// Below this many boxes it is not worth looking for anything cleverer.
const FEW_BOXES: usize = 4;

/// The requests for a selection, in selection order where it has one.
pub fn requests(selected: &Selected, limits: Limits<'_>) -> Vec<Request> {
    match selected {
        Selected::Slab(steps) => slab_requests(steps, limits),
        Selected::Runs(runs) => run_requests(runs, limits, Order::Free),
        Selected::Points(runs) => run_requests(runs, limits, Order::Kept),
    }
}

/// Number of selected elements that the requests move.
pub fn moved(requests: &[Request]) -> usize {
    let of_request = |request: &Request| match &request.place {
        Place::From(_) => request.count,
        Place::Pieces(pieces) => pieces.iter().map(|piece| piece.length).sum(),
    };
    requests.iter().map(of_request).sum()
}

// ---- slabs --------------------------------------------------------------------------------

fn slab_requests(steps: &[Steps], limits: Limits<'_>) -> Vec<Request> {
    let split = dimension_to_split(steps, limits.elements);
    let inner: u64 = steps.iter().skip(split + 1).map(|s| s.count).product();
    let mut requests = Vec::new();
    let mut position = 0usize;
    for_each_outer(&steps[..split.min(steps.len())], &mut |outer| {
        let Some(along) = steps.get(split) else {
            requests.push(slab_request(Vec::new(), 1, &mut position));
            return;
        };
        let mut done = 0;
        while done < along.count {
            let most = (limits.elements as u64 / inner.max(1)).max(1);
            let chunk = limits.chunk.and_then(|chunk| chunk.get(split)).copied();
            let take = rows_of_request(along, done, most, chunk);
            let mut selection: Selection = outer.iter().map(|&at| range(at, 1, 1)).collect();
            selection.push(range(along.start + done * along.step, along.step, take));
            let rest = &steps[split + 1..];
            selection.extend(rest.iter().map(|s| range(s.start, s.step, s.count)));
            requests.push(slab_request(
                selection,
                (take * inner) as usize,
                &mut position,
            ));
            done += take;
        }
    });
    requests
}

fn slab_request(selection: Selection, count: usize, position: &mut usize) -> Request {
    let place = Place::From(*position);
    *position += count;
    Request {
        what: What::Select(selection),
        count,
        place,
    }
}

/// The slowest dimension of which one index fits into a request: slower ones are taken index by
/// index, faster ones whole.
fn dimension_to_split(steps: &[Steps], elements: usize) -> usize {
    let mut inner = 1u64;
    for (dim, s) in steps.iter().enumerate().rev() {
        inner = inner.saturating_mul(s.count);
        if inner > elements as u64 {
            return dim;
        }
    }
    0
}

/// How many indices the next request takes: at most `most`, ending at a chunk's end if more than
/// one chunk fits.
fn rows_of_request(along: &Steps, done: u64, most: u64, chunk: Option<u64>) -> u64 {
    let left = along.count - done;
    let take = most.min(left);
    let Some(chunk) = chunk.filter(|&c| c > 0 && along.step == 1 && take < left) else {
        return take;
    };
    let first = along.start + done;
    let end = (first + take) / chunk * chunk;
    if end > first { end - first } else { take }
}

/// Calls `each` with every combination of the outer dimensions' indices, row-major.
fn for_each_outer(outer: &[Steps], each: &mut dyn FnMut(&[u64])) {
    let mut counters = vec![0u64; outer.len()];
    loop {
        let at: Vec<u64> = outer
            .iter()
            .zip(&counters)
            .map(|(s, n)| s.start + n * s.step)
            .collect();
        each(&at);
        let mut dim = outer.len();
        loop {
            if dim == 0 {
                return;
            }
            dim -= 1;
            counters[dim] += 1;
            if counters[dim] < outer[dim].count {
                break;
            }
            counters[dim] = 0;
        }
    }
}

/// HSDS misreads steps that select one index, and stops that are not one past the last index.
fn range(start: u64, step: u64, count: u64) -> DimSelection {
    DimSelection::Range {
        start,
        stop: start + count.saturating_sub(1) * step + 1,
        step: if count > 1 { step } else { 1 },
    }
}

// ---- runs ---------------------------------------------------------------------------------

/// A run within one row of the fastest dimension.
#[derive(Debug, Clone, Copy)]
struct RowRun {
    row: u64,
    column: u64,
    length: usize,
    in_selection: usize,
}

/// Whether requests may be put together of runs that do not follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Yes: no element is named twice.
    Free,
    /// No: of an element that is written twice the last value must win.
    Kept,
}

fn run_requests(runs: &[(u64, usize)], limits: Limits<'_>, order: Order) -> Vec<Request> {
    let rows = split_into_rows(runs, limits.dims);
    let boxes = boxes_of(&rows, limits, order);
    let count: usize = runs.iter().map(|run| run.1).sum();
    if boxes.len() > FEW_BOXES {
        if limits.may_overreach
            && let Some(request) = bounding_box(&rows, count, limits)
        {
            return vec![request];
        }
        if count / boxes.len() < 16 {
            return point_requests(&rows, limits);
        }
    }
    boxes
        .into_iter()
        .map(|b| b.into_request(limits.dims))
        .collect()
}

fn split_into_rows(runs: &[(u64, usize)], dims: &[u64]) -> Vec<RowRun> {
    let width = dims.last().copied().unwrap_or(1).max(1);
    let mut rows = Vec::with_capacity(runs.len());
    let mut in_selection = 0;
    for &(offset, length) in runs {
        let (mut at, mut left) = (offset, length);
        while left > 0 {
            let column = at % width;
            let length = left.min((width - column) as usize);
            rows.push(RowRun {
                row: at / width,
                column,
                length,
                in_selection,
            });
            in_selection += length;
            at += length as u64;
            left -= length;
        }
    }
    rows
}

/// Equal stretches of consecutive rows.
struct RowBox {
    first_row: u64,
    column: u64,
    length: usize,
    /// Position in the selection of each row's stretch.
    places: Vec<usize>,
}

impl RowBox {
    fn into_request(self, dims: &[u64]) -> Request {
        let mut selection = coordinates(self.first_row, dims.split_last().map_or(&[], |d| d.1))
            .into_iter()
            .map(|at| range(at, 1, 1))
            .collect::<Selection>();
        let rows = self.places.len() as u64;
        if let Some(DimSelection::Range { start, stop, .. }) = selection.last_mut() {
            *stop = *start + rows;
        }
        selection.push(range(self.column, 1, self.length as u64));
        let length = self.length;
        let piece = |(row, in_selection)| Piece {
            in_request: row * length,
            in_selection,
            length,
        };
        Request {
            what: What::Select(selection),
            count: length * self.places.len(),
            place: Place::Pieces(self.places.into_iter().enumerate().map(piece).collect()),
        }
    }
}

fn boxes_of(rows: &[RowRun], limits: Limits<'_>, order: Order) -> Vec<RowBox> {
    // Rows of one plane follow each other in the second fastest dimension.
    let plane = limits.dims.iter().rev().nth(1).copied().unwrap_or(1).max(1);
    let mut boxes: Vec<RowBox> = Vec::new();
    let mut open: HashMap<(u64, usize), usize> = HashMap::new();
    for run in rows {
        for part in split_long(run, limits.elements) {
            let key = (part.column, part.length);
            let extends = open.get(&key).copied().filter(|&at| {
                let candidate = &boxes[at];
                let next = candidate.first_row + candidate.places.len() as u64;
                (order == Order::Free || at + 1 == boxes.len())
                    && next == part.row
                    && !part.row.is_multiple_of(plane)
                    && (candidate.places.len() + 1) * part.length <= limits.elements
            });
            match extends {
                Some(at) => boxes[at].places.push(part.in_selection),
                None => {
                    open.insert(key, boxes.len());
                    boxes.push(RowBox {
                        first_row: part.row,
                        column: part.column,
                        length: part.length,
                        places: vec![part.in_selection],
                    });
                }
            }
        }
    }
    boxes
}

fn split_long(run: &RowRun, elements: usize) -> impl Iterator<Item = RowRun> + use<> {
    let run = *run;
    (0..run.length)
        .step_by(elements.max(1))
        .map(move |skip| RowRun {
            column: run.column + skip as u64,
            length: elements.max(1).min(run.length - skip),
            in_selection: run.in_selection + skip,
            ..run
        })
}

/// One request for everything between the selection's corners, if that is not much more than what
/// is wanted.
fn bounding_box(rows: &[RowRun], count: usize, limits: Limits<'_>) -> Option<Request> {
    let outer_dims = limits.dims.split_last()?.1;
    let mut low = vec![u64::MAX; limits.dims.len()];
    let mut high = vec![0u64; limits.dims.len()];
    for run in rows {
        let mut first = coordinates(run.row, outer_dims);
        first.push(run.column);
        for (dim, &at) in first.iter().enumerate() {
            let last = if dim + 1 == first.len() {
                at + run.length as u64 - 1
            } else {
                at
            };
            low[dim] = low[dim].min(at);
            high[dim] = high[dim].max(last);
        }
    }
    let extents: Vec<u64> = low.iter().zip(&high).map(|(l, h)| h - l + 1).collect();
    let volume = extents.iter().try_fold(1u64, |n, &e| n.checked_mul(e))?;
    let affordable = (count as u64).saturating_mul(3).max(4096);
    if volume > affordable || volume > limits.elements as u64 {
        return None;
    }
    let pieces = rows.iter().map(|run| {
        let mut at = coordinates(run.row, outer_dims);
        at.push(run.column);
        let inside = at.iter().zip(&low).map(|(a, l)| a - l);
        Piece {
            in_request: inside.zip(&extents).fold(0, |n, (a, &e)| n * e + a) as usize,
            in_selection: run.in_selection,
            length: run.length,
        }
    });
    Some(Request {
        count: volume as usize,
        place: Place::Pieces(pieces.collect()),
        what: What::Select(
            low.iter()
                .zip(&extents)
                .map(|(&l, &e)| range(l, 1, e))
                .collect(),
        ),
    })
}

fn point_requests(rows: &[RowRun], limits: Limits<'_>) -> Vec<Request> {
    let outer_dims = limits.dims.split_last().map_or(&[][..], |d| d.1);
    let mut requests = Vec::new();
    let (mut points, mut count, mut first) = (Vec::new(), 0, 0);
    let most = POINTS_AT_ONCE.min(limits.elements);
    let mut finish = |points: &mut Vec<u64>, count: usize, first: usize| {
        requests.push(Request {
            what: What::Points(std::mem::take(points)),
            count,
            place: Place::From(first),
        });
    };
    for run in rows {
        let row = coordinates(run.row, outer_dims);
        for at in 0..run.length {
            points.extend_from_slice(&row);
            points.push(run.column + at as u64);
            count += 1;
            if count == most {
                finish(&mut points, count, first);
                first += count;
                count = 0;
            }
        }
    }
    if count > 0 {
        finish(&mut points, count, first);
    }
    requests
}

/// Coordinates of the `linear`-th element of an extent, row-major.
fn coordinates(linear: u64, dims: &[u64]) -> Vec<u64> {
    let mut at = vec![0; dims.len()];
    let mut rest = linear;
    for (dim, &extent) in dims.iter().enumerate().rev() {
        at[dim] = rest % extent.max(1);
        rest /= extent.max(1);
    }
    at
}

#[cfg(test)]
mod tests;
