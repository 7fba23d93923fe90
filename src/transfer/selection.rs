//! What a program selected: of the dataset, and of its own memory.
//!
//! Called by `read` and `write`; turns HDF5's dataspaces into the forms of `plan` and into byte
//! runs of the program's buffer.

use h5rest_protocol::Shape;

use super::plan::{Selected, Steps};
use super::user_buffer::ByteRun;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;
use crate::host::Host;
use crate::host::dataspace::Hyperslab;

/// The selected part of a dataset, and how many elements that is. The program's dataspace may have
/// another extent than the dataset, which can have changed since the program got it: what counts
/// are the coordinates.
pub fn of_file(host: &Host, space: hid_t, shape: &Shape) -> Result<(Selected, usize)> {
    if space == H5S_PLIST {
        return Err(Error::unsupported(
            "selections kept in the transfer property list (H5S_PLIST)",
        ));
    }
    if space == H5S_ALL {
        return Ok((whole(shape.dims()), to_memory(shape.count())?));
    }
    let count = to_memory(Some(host.selected_count(space)?))?;
    if !matches!(shape, Shape::Simple { .. }) {
        return of_single(shape, count);
    }
    let extent = host.describe_space(space)?;
    check_extent(host, space, &extent, shape, count)?;
    if count == 0 {
        return Ok((Selected::Runs(Vec::new()), 0));
    }
    let kind = host.selection_kind(space)?;
    if kind == H5S_SEL_ALL {
        return Ok((whole(extent.dims()), count));
    }
    if kind == H5S_SEL_HYPERSLABS
        && let Some(hyperslab) = host.regular_hyperslab(space)?
        && let Some(steps) = steps_of(&hyperslab)
    {
        return Ok((Selected::Slab(steps), count));
    }
    let mut runs = Vec::new();
    host.for_each_run(space, 1, |run| {
        push_run(&mut runs, run, extent.dims(), shape.dims());
        Ok(())
    })?;
    Ok(match kind {
        H5S_SEL_POINTS => (Selected::Points(runs), count),
        _ => (Selected::Runs(runs), count),
    })
}

/// A scalar dataset has one element, a null dataset none.
fn of_single(shape: &Shape, count: usize) -> Result<(Selected, usize)> {
    let most = usize::from(*shape == Shape::Scalar);
    if count > most {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!("{count} elements are selected of a dataset of {most}"),
        ));
    }
    Ok((whole(&[]), count))
}

fn whole(dims: &[u64]) -> Selected {
    let all = |&count: &u64| Steps {
        start: 0,
        step: 1,
        count,
    };
    Selected::Slab(dims.iter().map(all).collect())
}

/// Adds a run given in the extent `from`, as runs in the extent `to`, which has as many dimensions
/// and room for it.
fn push_run(runs: &mut Vec<(u64, usize)>, run: (u64, usize), from: &[u64], to: &[u64]) {
    if from == to {
        runs.push(run);
        return;
    }
    let (mut offset, mut left) = run;
    let width = from.last().copied().unwrap_or(1).max(1);
    while left > 0 {
        let length = left.min((width - offset % width) as usize);
        let (mut rest, mut scale, mut there) = (offset, 1, 0);
        for (&from, &to) in from.iter().zip(to).rev() {
            there += rest % from.max(1) * scale;
            rest /= from.max(1);
            scale *= to;
        }
        runs.push((there, length));
        offset += length as u64;
        left -= length;
    }
}

fn to_memory(count: Option<u64>) -> Result<usize> {
    let count = count.and_then(|n| usize::try_from(n).ok());
    count.ok_or_else(|| Error::new(ErrorKind::Invalid, "more elements than memory can hold"))
}

/// A selection is made on a dataspace of the dataset's rank, and must lie in the dataset as it is.
fn check_extent(
    host: &Host,
    space: hid_t,
    extent: &Shape,
    shape: &Shape,
    count: usize,
) -> Result<()> {
    let (rank, wanted) = (extent.dims().len(), shape.dims().len());
    if rank != wanted {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!("the file dataspace has {rank} dimensions, the dataset has {wanted}"),
        ));
    }
    if !host.selection_is_valid(space)? {
        return Err(Error::new(
            ErrorKind::Invalid,
            "the file selection reaches outside its dataspace",
        ));
    }
    if count == 0 || extent.dims() == shape.dims() {
        return Ok(());
    }
    let (mut low, mut high) = (vec![0u64; rank], vec![0u64; rank]);
    host.selection_bounds(space, &mut low, &mut high)?;
    if high
        .iter()
        .zip(shape.dims())
        .any(|(high, extent)| high >= extent)
    {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "the selection up to {high:?} reaches outside the dataset's extent {:?}",
                shape.dims()
            ),
        ));
    }
    Ok(())
}

/// A hyperslab as single steps, if its blocks are single elements or touch each other.
fn steps_of(hyperslab: &Hyperslab) -> Option<Vec<Steps>> {
    let dims = hyperslab.start.len();
    (0..dims)
        .map(|dim| {
            let (start, stride) = (hyperslab.start[dim], hyperslab.stride[dim]);
            let (count, block) = (hyperslab.count[dim], hyperslab.block[dim]);
            let unbounded = count == H5S_UNLIMITED || block == H5S_UNLIMITED;
            let steps = |step, count| Steps { start, step, count };
            match () {
                () if unbounded || count == 0 || block == 0 => None,
                () if count == 1 => Some(steps(1, block)),
                () if block == 1 => Some(steps(stride.max(1), count)),
                () if block == stride => Some(steps(1, count.checked_mul(block)?)),
                () => None,
            }
        })
        .collect()
}

/// Where the elements of a transfer lie in the program's buffer.
pub enum MemoryLayout {
    /// One after another, from this byte on.
    Contiguous(u64),
    /// In runs, in transfer order; `first` is the number of elements before each run.
    Scattered(Vec<MemoryRun>),
}

/// Neighbouring elements in the program's buffer.
#[derive(Debug, Clone, Copy)]
pub struct MemoryRun {
    first: usize,
    bytes: ByteRun,
}

/// The layout that a memory dataspace describes, for elements of `size` bytes; `count` is the
/// number of elements that the file selection has.
pub fn of_memory(
    host: &Host,
    memory_space: hid_t,
    file_space: hid_t,
    size: usize,
    count: usize,
) -> Result<MemoryLayout> {
    // H5S_ALL in memory means a buffer laid out like the dataset, with the file's selection.
    let space = match memory_space {
        H5S_BLOCK => return Ok(MemoryLayout::Contiguous(0)),
        H5S_ALL => file_space,
        space => space,
    };
    if space == H5S_ALL {
        return Ok(MemoryLayout::Contiguous(0));
    }
    let selected = to_memory(Some(host.selected_count(space)?))?;
    if selected != count {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!("{selected} elements are selected in memory, {count} in the file"),
        ));
    }
    if !host.selection_is_valid(space)? {
        return Err(Error::new(
            ErrorKind::Invalid,
            "the memory selection reaches outside its dataspace",
        ));
    }
    if count == 0 || host.selection_kind(space)? == H5S_SEL_ALL {
        return Ok(MemoryLayout::Contiguous(0));
    }
    runs_of(host, space, size)
}

fn runs_of(host: &Host, space: hid_t, size: usize) -> Result<MemoryLayout> {
    let mut runs: Vec<MemoryRun> = Vec::new();
    let mut first = 0;
    host.for_each_run(space, size, |(offset, length)| {
        match runs.last_mut() {
            Some(last) if last.bytes.0 + last.bytes.1 as u64 == offset => last.bytes.1 += length,
            _ => runs.push(MemoryRun {
                first,
                bytes: (offset, length),
            }),
        }
        first += length / size;
        Ok(())
    })?;
    Ok(match runs[..] {
        [only] => MemoryLayout::Contiguous(only.bytes.0),
        _ => MemoryLayout::Scattered(runs),
    })
}

impl MemoryLayout {
    /// Calls `each` with the byte runs of `count` elements from the `first` on, in order.
    pub fn for_each(&self, first: usize, count: usize, size: usize, mut each: impl FnMut(ByteRun)) {
        match self {
            Self::Contiguous(start) => {
                if count > 0 {
                    each((start + (first * size) as u64, count * size));
                }
            }
            Self::Scattered(runs) => {
                let from = runs
                    .partition_point(|run| run.first <= first)
                    .saturating_sub(1);
                let (mut at, end) = (first, first + count);
                for run in &runs[from..] {
                    if at >= end {
                        break;
                    }
                    let skip = at - run.first;
                    let take = (run.bytes.1 / size - skip).min(end - at);
                    each((run.bytes.0 + (skip * size) as u64, take * size));
                    at += take;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_blocks_are_one_range() {
        let slab = |stride, count, block| Hyperslab {
            start: vec![3],
            stride: vec![stride],
            count: vec![count],
            block: vec![block],
        };
        let steps = |step, count| {
            Some(vec![Steps {
                start: 3,
                step,
                count,
            }])
        };
        assert_eq!(steps_of(&slab(4, 5, 4)), steps(1, 20));
        assert_eq!(steps_of(&slab(9, 1, 4)), steps(1, 4));
        assert_eq!(steps_of(&slab(4, 5, 1)), steps(4, 5));
        assert_eq!(steps_of(&slab(4, 5, 2)), None);
    }

    #[test]
    fn runs_move_to_another_extent() {
        let mut runs = Vec::new();
        // Row 1 column 2 to row 2 column 1 of a 4x3 extent, in a 5x10 dataset.
        push_run(&mut runs, (5, 3), &[4, 3], &[5, 10]);
        assert_eq!(runs, [(12, 1), (20, 2)]);
    }

    #[test]
    fn scattered_memory_is_found_from_the_middle() {
        let run = |first, offset, length| MemoryRun {
            first,
            bytes: (offset, length),
        };
        let layout = MemoryLayout::Scattered(vec![run(0, 100, 8), run(2, 200, 12), run(5, 0, 4)]);
        let mut seen = Vec::new();
        layout.for_each(1, 5, 4, |bytes| seen.push(bytes));
        assert_eq!(seen, [(104, 4), (200, 12), (0, 4)]);
    }
}
