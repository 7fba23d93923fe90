//! The elements of a selection for which a query holds.

use std::cell::Cell;
use std::time::{Duration, Instant};

use h5rest_protocol::selection::{self, Selection};
use h5rest_protocol::values::binary;

use super::bands::parts;
use super::read::read;
use super::{Dataset, Target};
use crate::error::{ApiError, Result};
use crate::query::Columns;
use crate::store::Reader;

/// Values that are compared between two looks at the clock: those of a condition of thousands of parts
/// take long for each element.
const MOST_STEPS: usize = 4096;

/// Bounds of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Elements at most; the first ones count.
    pub count: usize,
    /// Bytes of elements and coordinates that the answer may have.
    pub bytes: u64,
    /// How long it may take.
    pub time: Duration,
}

/// What was found, in the order of the selection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// Number of elements.
    pub count: usize,
    /// Their coordinates, one after the other.
    pub coordinates: Vec<u64>,
    /// The elements in wire form.
    pub elements: Vec<u8>,
}

/// How long a search has taken, and how far it has come.
struct Progress {
    began: Instant,
    time: Duration,
    /// Elements to look at, if so many can be counted,
    all: u64,
    /// and those that were.
    seen: Cell<u64>,
    /// Values that were compared since the last look at the clock.
    steps: Cell<usize>,
}

impl Progress {
    fn new(whole: &Selection, time: Duration) -> Self {
        Self {
            began: Instant::now(),
            time,
            all: selection::count(whole).unwrap_or(u64::MAX),
            seen: Cell::new(0),
            steps: Cell::new(0),
        }
    }

    /// Looks at the clock.
    fn check(&self) -> Result<()> {
        let took = self.began.elapsed();
        if took <= self.time {
            return Ok(());
        }
        Err(ApiError::too_large(format!(
            "the query has looked at {} elements of {} in {:.0} seconds: select fewer",
            self.seen.get(),
            self.all,
            took.as_secs_f64()
        )))
    }

    /// So many values are compared now; looks at the clock now and then.
    fn step(&self, steps: usize) -> Result<()> {
        let steps = self.steps.get().saturating_add(steps);
        if steps < MOST_STEPS {
            self.steps.set(steps);
            return Ok(());
        }
        self.steps.set(0);
        self.check()
    }
}

/// Looks through a selection part by part; memory holds a few chunks and what was found.
///
/// # Errors
/// 400 where a field cannot be compared, 413 when more is found than the answer may have, or when looking
/// takes too long.
pub fn find(
    reader: &dyn Reader,
    dataset: &Dataset,
    whole: &Selection,
    query: &Columns,
    bounds: Bounds,
) -> Result<Matches> {
    if dataset.dims().is_empty() {
        return Err(ApiError::bad_request("a scalar cannot be queried"));
    }
    if selection::lists(whole) > 1 {
        return Err(ApiError::bad_request(
            "a query takes one list of coordinates at most",
        ));
    }
    let size = dataset.usual_size();
    let mut found = Matches::default();
    let progress = Progress::new(whole, bounds.time);
    for part in parts(whole.clone(), &dataset.chunk, size) {
        progress.check()?;
        let target = Target::selection(&part, &dataset.chunk)?;
        let elements = read(reader, dataset, &target)?;
        let ranges = binary::split(&dataset.datatype, &elements, target.count)?;
        for (place, range) in ranges.into_iter().enumerate() {
            if found.count == bounds.count {
                return Ok(found);
            }
            let element = &elements[range];
            let holds = query.hold(element, &|steps| progress.step(steps))?;
            progress.seen.update(|seen| seen + 1);
            if !holds {
                continue;
            }
            found.count += 1;
            add_coordinates(&part, place as u64, &mut found.coordinates);
            found.elements.extend_from_slice(element);
            if (found.elements.len() + found.coordinates.len() * 8) as u64 > bounds.bytes {
                return Err(ApiError::too_large(
                    "the query finds more than an answer may have: select fewer, or set Limit",
                ));
            }
        }
    }
    Ok(found)
}

/// The coordinates of the place, counted in C order, of a selection without paired lists.
pub(super) fn add_coordinates(part: &Selection, place: u64, into: &mut Vec<u64>) {
    let (start, mut rest) = (into.len(), place);
    into.resize(start + part.len(), 0);
    for (at, dim) in part.iter().enumerate().rev() {
        into[start + at] = dim.index(rest % dim.len());
        rest /= dim.len();
    }
}
