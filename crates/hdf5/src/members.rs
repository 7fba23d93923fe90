//! Links of groups and attributes of objects, with their names as HDF5 has them: any bytes.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};

use super::{AttributeInfo, Failure, Hid, LinkInfo, c, h5, ok};

/// Adds a name and what HDF5 tells about it to the list behind `data`.
unsafe extern "C" fn note<T: Copy>(
    _at: Hid,
    name: *const c_char,
    info: *const T,
    data: *mut c_void,
) -> c_int {
    // SAFETY: `data` is the list of the call under way; HDF5 passes a name and an information.
    unsafe {
        let list = &mut *data.cast::<Vec<(CString, T)>>();
        list.push((CStr::from_ptr(name).to_owned(), *info));
    }
    0
}

/// A group's links: by name, or with `by_creation` in the order they were made.
///
/// # Errors
/// When HDF5 cannot tell.
pub fn links(group: Hid, by_creation: bool) -> Result<Vec<(CString, LinkInfo)>, Failure> {
    let mut list: Vec<(CString, LinkInfo)> = Vec::new();
    let data = std::ptr::from_mut(&mut list).cast();
    let (index, mut next) = (c_int::from(by_creation), 0);
    // SAFETY: the callback gets the list it expects, which outlives the call. 0 is increasing order.
    ok(unsafe { (h5().H5Literate2)(group, index, 0, &raw mut next, note::<LinkInfo>, data) })?;
    Ok(list)
}

/// An object's attributes, ordered in the same way.
///
/// # Errors
/// When HDF5 cannot tell.
pub fn attributes(
    object: Hid,
    by_creation: bool,
) -> Result<Vec<(CString, AttributeInfo)>, Failure> {
    let mut list: Vec<(CString, AttributeInfo)> = Vec::new();
    let data = std::ptr::from_mut(&mut list).cast();
    let (index, mut next) = (c_int::from(by_creation), 0);
    // SAFETY: as above.
    ok(unsafe {
        (h5().H5Aiterate2)(object, index, 0, &raw mut next, note::<AttributeInfo>, data)
    })?;
    Ok(list)
}

/// The bytes of a link that is no hard link.
///
/// # Errors
/// When there is no such link.
pub fn link_value(group: Hid, name: &CStr, size: usize) -> Result<Vec<u8>, Failure> {
    let mut value = vec![0; size];
    let place = value.as_mut_ptr().cast();
    // SAFETY: the buffer has the size that is told.
    ok(unsafe { (h5().H5Lget_val)(group, name.as_ptr(), place, size, 0) })?;
    Ok(value)
}

/// File and path of an external link's value.
///
/// # Errors
/// When it is none.
pub fn external_target(value: &[u8]) -> Result<(CString, CString), Failure> {
    let (mut file, mut path) = (std::ptr::null(), std::ptr::null());
    let mut flags: c_uint = 0;
    // SAFETY: the value's size is told; HDF5 answers with places in it, which are C strings.
    unsafe {
        ok((h5().H5Lunpack_elink_val)(
            value.as_ptr().cast(),
            value.len(),
            &raw mut flags,
            &raw mut file,
            &raw mut path,
        ))?;
        Ok((
            CStr::from_ptr(file).to_owned(),
            CStr::from_ptr(path).to_owned(),
        ))
    }
}

/// H5Lcreate_ud.
///
/// # Errors
/// When HDF5 does not know the class, or the call fails.
pub fn create_user_defined(
    group: Hid,
    name: &CStr,
    class: c_int,
    value: &[u8],
    lcpl: Hid,
) -> Result<(), Failure> {
    let data = value.as_ptr().cast();
    // SAFETY: the value's size is told.
    ok(unsafe { (h5().H5Lcreate_ud)(group, name.as_ptr(), class, data, value.len(), lcpl, 0) })
        .map(|_| ())
}

/// An object's comment; empty if it has none.
///
/// # Errors
/// When HDF5 cannot tell.
pub fn comment(object: Hid) -> Result<CString, Failure> {
    // SAFETY: without a buffer only the length is told.
    let length = unsafe { (h5().H5Oget_comment)(object, std::ptr::null_mut(), 0) };
    let length = usize::try_from(super::checked(length as i64)?).unwrap_or(0);
    if length == 0 {
        return Ok(c(""));
    }
    let mut text = vec![0_u8; length + 1];
    // SAFETY: the buffer has the size that is told.
    let told = unsafe { (h5().H5Oget_comment)(object, text.as_mut_ptr().cast(), text.len()) };
    super::checked(told as i64)?;
    Ok(CStr::from_bytes_until_nul(&text).map_or_else(|_| c(""), CStr::to_owned))
}
