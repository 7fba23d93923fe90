//! HDF5 calls that take or give lists: extents, selections, chunk shapes, fill values, filters.

use std::ffi::{CStr, c_char, c_int, c_uint};

use super::{Failure, Hid, Id, c, h5, ok};

fn rank(dims: &[u64]) -> c_int {
    c_int::try_from(dims.len()).unwrap_or(c_int::MAX)
}

/// H5Screate_simple; `maximum` may be absent.
///
/// # Errors
/// When the call fails.
pub fn simple_space(dims: &[u64], maximum: Option<&[u64]>) -> Result<Id, Failure> {
    let maximum = maximum.filter(|maximum| maximum.len() == dims.len());
    let maximum = maximum.map_or(std::ptr::null(), <[u64]>::as_ptr);
    // SAFETY: both lists have as many entries as the rank says.
    Id::new(unsafe { (h5().H5Screate_simple)(rank(dims), dims.as_ptr(), maximum) })
}

/// H5Sget_simple_extent_dims: current and maximum.
///
/// # Errors
/// When the call fails.
pub fn extent(space: Hid) -> Result<(Vec<u64>, Vec<u64>), Failure> {
    let (mut dims, mut maximum) = ([0; 32], [0; 32]);
    // SAFETY: 32 is the highest rank there is.
    let rank = ok(unsafe {
        (h5().H5Sget_simple_extent_dims)(space, dims.as_mut_ptr(), maximum.as_mut_ptr())
    })? as usize;
    Ok((dims[..rank].to_vec(), maximum[..rank].to_vec()))
}

/// H5Sselect_hyperslab. The lists are brought to the space's rank.
///
/// # Errors
/// When the call fails.
pub fn select_hyperslab(space: Hid, op: c_int, lists: [&[u64]; 4]) -> Result<(), Failure> {
    let rank = extent(space)?.0.len();
    let sized = lists.map(|list| {
        let mut list = list.to_vec();
        list.resize(rank, 1);
        list
    });
    let [start, stride, count, block] = &sized;
    // SAFETY: all lists have the rank's length.
    ok(unsafe {
        (h5().H5Sselect_hyperslab)(
            space,
            op,
            start.as_ptr(),
            stride.as_ptr(),
            count.as_ptr(),
            block.as_ptr(),
        )
    })
    .map(|_| ())
}

/// H5Sselect_elements with the points' coordinates one after another.
///
/// # Errors
/// When the call fails.
pub fn select_points(space: Hid, op: c_int, coordinates: &[u64]) -> Result<(), Failure> {
    let rank = extent(space)?.0.len().max(1);
    let count = coordinates.len() / rank;
    // SAFETY: `count` points of `rank` coordinates are there.
    ok(unsafe { (h5().H5Sselect_elements)(space, op, count, coordinates.as_ptr()) }).map(|_| ())
}

/// H5Soffset_simple. The list is brought to the space's rank.
///
/// # Errors
/// When the call fails.
pub fn set_offset(space: Hid, offset: &[i64]) -> Result<(), Failure> {
    let mut offset = offset.to_vec();
    offset.resize(extent(space)?.0.len(), 0);
    // SAFETY: one entry per dimension.
    ok(unsafe { (h5().H5Soffset_simple)(space, offset.as_ptr()) }).map(|_| ())
}

/// H5Dset_extent. The list is brought to the dataset's rank.
///
/// # Errors
/// When the call fails.
pub fn set_extent(dataset: Hid, dims: &[u64]) -> Result<(), Failure> {
    let space = Id::new(h5().H5Dget_space(dataset))?;
    let mut dims = dims.to_vec();
    dims.resize(extent(space.get())?.0.len(), 1);
    // SAFETY: one entry per dimension.
    ok(unsafe { (h5().H5Dset_extent)(dataset, dims.as_ptr()) }).map(|_| ())
}

/// H5Pset_chunk.
///
/// # Errors
/// When the call fails.
pub fn set_chunk(plist: Hid, dims: &[u64]) -> Result<(), Failure> {
    // SAFETY: the list has as many entries as the rank says.
    ok(unsafe { (h5().H5Pset_chunk)(plist, rank(dims), dims.as_ptr()) }).map(|_| ())
}

/// H5Pget_chunk.
///
/// # Errors
/// When the call fails.
pub fn chunk(plist: Hid) -> Result<Vec<u64>, Failure> {
    let mut dims = [0; 32];
    // SAFETY: there is room for 32 entries, the highest rank there is.
    let rank = ok(unsafe { (h5().H5Pget_chunk)(plist, 32, dims.as_mut_ptr()) })? as usize;
    Ok(dims[..rank.min(32)].to_vec())
}

/// H5Pget_filter2 in words: id, flags, values, name.
///
/// # Errors
/// When the call fails.
pub fn filter(plist: Hid, number: c_uint) -> Result<String, Failure> {
    let mut flags = 0;
    let mut values = [0; 16];
    let mut count = values.len();
    let mut name = [0_u8; 64];
    let mut config = 0;
    // SAFETY: `count` and the name's size tell how much room there is.
    let id = ok(unsafe {
        (h5().H5Pget_filter2)(
            plist,
            number,
            &raw mut flags,
            &raw mut count,
            values.as_mut_ptr(),
            name.len(),
            name.as_mut_ptr().cast(),
            &raw mut config,
        )
    })?;
    let values = &values[..count.min(16)];
    let name = String::from_utf8_lossy(&name).into_owned();
    let name = name.trim_end_matches('\0');
    Ok(format!("{id} {name:?} flags {flags} values {values:?}"))
}

/// H5Tenum_insert.
///
/// # Errors
/// When the call fails.
pub fn insert_enum_member(ty: Hid, name: &str, value: &[u8]) -> Result<(), Failure> {
    assert!(value.len() >= h5().H5Tget_size(ty), "value too short");
    // SAFETY: the value has the type's size.
    ok(unsafe { (h5().H5Tenum_insert)(ty, c(name).as_ptr(), value.as_ptr().cast()) }).map(|_| ())
}

/// H5Tget_member_value.
///
/// # Errors
/// When the call fails.
pub fn enum_member(ty: Hid, number: c_uint) -> Result<Vec<u8>, Failure> {
    let mut value = vec![0; h5().H5Tget_size(ty)];
    // SAFETY: the buffer has the type's size.
    ok(unsafe { (h5().H5Tget_member_value)(ty, number, value.as_mut_ptr().cast()) })?;
    Ok(value)
}

/// H5Tarray_create2.
///
/// # Errors
/// When the call fails.
pub fn array_type(base: Hid, dims: &[u64]) -> Result<Id, Failure> {
    // SAFETY: the list has as many entries as the rank says.
    Id::new(unsafe { (h5().H5Tarray_create2)(base, dims.len() as c_uint, dims.as_ptr()) })
}

/// H5Tget_array_dims2.
///
/// # Errors
/// When the call fails.
pub fn array_dims(ty: Hid) -> Result<Vec<u64>, Failure> {
    let mut dims = [0; 32];
    // SAFETY: 32 is the highest rank there is.
    let rank = ok(unsafe { (h5().H5Tget_array_dims2)(ty, dims.as_mut_ptr()) })? as usize;
    Ok(dims[..rank].to_vec())
}

/// H5Tget_tag.
pub fn tag(ty: Hid) -> String {
    // SAFETY: HDF5 gives a C string of its own allocator, or null.
    taken(unsafe { (h5().H5Tget_tag)(ty) })
}

/// H5Tget_member_name.
pub fn member_name(ty: Hid, number: c_uint) -> String {
    // SAFETY: as above.
    taken(unsafe { (h5().H5Tget_member_name)(ty, number) })
}

fn taken(text: *mut c_char) -> String {
    if text.is_null() {
        return "(none)".into();
    }
    // SAFETY: callers pass a C string of HDF5's allocator, which is freed once.
    unsafe {
        let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
        (h5().H5free_memory)(text.cast());
        copy
    }
}

/// H5Pset_fill_value with no value: unwritten elements are undefined.
///
/// # Errors
/// When the call fails.
pub fn set_no_fill_value(plist: Hid) -> Result<(), Failure> {
    // SAFETY: no value; the type is not used then.
    ok(unsafe { (h5().H5Pset_fill_value)(plist, -1, std::ptr::null()) }).map(|_| ())
}
