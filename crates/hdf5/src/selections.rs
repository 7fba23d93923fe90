//! Selections as lists of numbers, and chunks that a dataset has.

use std::ffi::{c_int, c_uint, c_void};

use super::{Failure, Hid, checked, h5, ok};

/// `H5D_chunk_iter_op_t`
pub type ChunkOperator = unsafe extern "C" fn(*const u64, c_uint, u64, u64, *mut c_void) -> c_int;

/// A selection in a form that can be compared: what kind of it, and its coordinates in HDF5's order.
///
/// # Errors
/// When HDF5 cannot tell.
pub fn coordinates(space: Hid) -> Result<(i32, Vec<u64>), Failure> {
    let rank = ok(h5().H5Sget_simple_extent_ndims(space))? as usize;
    let kind = h5().H5Sget_select_type(space);
    match kind {
        // H5S_SEL_POINTS
        1 => {
            let count = checked(h5().H5Sget_select_elem_npoints(space))? as usize;
            let mut points = vec![0; count * rank];
            let place = points.as_mut_ptr();
            // SAFETY: there is room for all points.
            ok(unsafe { (h5().H5Sget_select_elem_pointlist)(space, 0, count as u64, place) })?;
            Ok((kind, points))
        }
        // H5S_SEL_HYPERSLABS
        2 => {
            let count = checked(h5().H5Sget_select_hyper_nblocks(space))? as usize;
            let mut blocks = vec![0; count * rank * 2];
            let place = blocks.as_mut_ptr();
            // SAFETY: there is room for two corners of every block.
            ok(unsafe { (h5().H5Sget_select_hyper_blocklist)(space, 0, count as u64, place) })?;
            Ok((kind, blocks))
        }
        _ => Ok((kind, Vec::new())),
    }
}

/// What the callback of [`chunks`] fills.
struct Found {
    rank: usize,
    offsets: Vec<u64>,
}

/// Adds a chunk's offset to what is found.
unsafe extern "C" fn note(
    offset: *const u64,
    _mask: c_uint,
    _address: u64,
    _size: u64,
    data: *mut c_void,
) -> c_int {
    // SAFETY: `data` is the `Found` of the call under way; an offset has an entry per dimension.
    unsafe {
        let found = &mut *data.cast::<Found>();
        let offset = std::slice::from_raw_parts(offset, found.rank);
        found.offsets.extend_from_slice(offset);
    }
    0
}

/// Where the chunks are that a native dataset of this rank has, as coordinates of their first
/// elements one after another; fails for datasets that do not tell.
///
/// # Errors
/// When HDF5 cannot tell.
pub fn chunks(dataset: Hid, rank: usize) -> Result<Vec<u64>, Failure> {
    let mut found = Found {
        rank,
        offsets: Vec::new(),
    };
    let data = std::ptr::from_mut(&mut found).cast();
    // SAFETY: the callback gets what it expects, which outlives the call.
    ok(unsafe { (h5().H5Dchunk_iter)(dataset, 0, note, data) })?;
    Ok(found.offsets)
}
