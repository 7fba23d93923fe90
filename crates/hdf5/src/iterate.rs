//! HDF5 calls with callbacks: iteration over attributes, links and objects, and over errors. Each
//! becomes a list of lines.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};

use super::{AttributeInfo, Failure, Hid, LinkInfo, ObjectInfo, checked, h5};

/// `H5A_operator2_t`
pub type AttributeOperator =
    unsafe extern "C" fn(Hid, *const c_char, *const AttributeInfo, *mut c_void) -> c_int;
/// `H5L_iterate2_t`
pub type LinkOperator =
    unsafe extern "C" fn(Hid, *const c_char, *const LinkInfo, *mut c_void) -> c_int;
/// `H5O_iterate2_t`
pub type ObjectOperator =
    unsafe extern "C" fn(Hid, *const c_char, *const ObjectInfo, *mut c_void) -> c_int;
/// `H5E_walk2_t`
pub type ErrorOperator = unsafe extern "C" fn(c_uint, *const ErrorEntry, *mut c_void) -> c_int;

/// `H5E_error2_t`
#[repr(C)]
pub struct ErrorEntry {
    ids: [Hid; 3],
    line: c_uint,
    function: *const c_char,
    file: *const c_char,
    description: *const c_char,
}

/// What a callback saw, and when it asks to stop.
struct Seen<T> {
    entries: Vec<(String, T)>,
    stop_after: Option<usize>,
}

impl<T> Seen<T> {
    fn new(stop_after: Option<usize>) -> Self {
        Self {
            entries: Vec::new(),
            stop_after,
        }
    }

    fn data(&mut self) -> *mut c_void {
        std::ptr::from_mut(self).cast()
    }
}

/// The callback of all three iterations: they differ in the information only.
unsafe extern "C" fn note<T: Copy>(
    _at: Hid,
    name: *const c_char,
    info: *const T,
    data: *mut c_void,
) -> c_int {
    // SAFETY: `data` is the `Seen` of the call under way; HDF5 passes a name and an information.
    let (seen, name, info) = unsafe { (&mut *data.cast::<Seen<T>>(), CStr::from_ptr(name), *info) };
    seen.entries
        .push((name.to_string_lossy().into_owned(), info));
    c_int::from(
        seen.stop_after
            .is_some_and(|count| seen.entries.len() >= count),
    ) * 7
}

/// One iteration: what was seen, the value of the call, and the index after it.
#[derive(Debug)]
pub struct Walk<T> {
    /// Names and informations in the order they came.
    pub entries: Vec<(String, T)>,
    /// What the call returned.
    pub value: i64,
    /// The index to go on with; 0 where the call has none.
    pub next: u64,
}

fn walk<T>(seen: Seen<T>, value: c_int, next: u64) -> Result<Walk<T>, Failure> {
    Ok(Walk {
        value: checked(i64::from(value))?,
        entries: seen.entries,
        next,
    })
}

/// H5Aiterate2 from `start`, stopping after some entries.
///
/// # Errors
/// When the call fails.
pub fn attributes(
    at: Hid,
    index: c_int,
    order: c_int,
    start: u64,
    stop: Option<usize>,
) -> Result<Walk<AttributeInfo>, Failure> {
    let mut seen = Seen::new(stop);
    let mut next = start;
    // SAFETY: the callback gets the `Seen` it expects, which outlives the call.
    let value = unsafe {
        (h5().H5Aiterate2)(
            at,
            index,
            order,
            &raw mut next,
            note::<AttributeInfo>,
            seen.data(),
        )
    };
    walk(seen, value, next)
}

/// H5Literate2 from `start`, stopping after some entries.
///
/// # Errors
/// When the call fails.
pub fn links(
    at: Hid,
    index: c_int,
    order: c_int,
    start: u64,
    stop: Option<usize>,
) -> Result<Walk<LinkInfo>, Failure> {
    let mut seen = Seen::new(stop);
    let mut next = start;
    // SAFETY: as above.
    let value = unsafe {
        (h5().H5Literate2)(
            at,
            index,
            order,
            &raw mut next,
            note::<LinkInfo>,
            seen.data(),
        )
    };
    walk(seen, value, next)
}

/// H5Lvisit2.
///
/// # Errors
/// When the call fails.
pub fn visit_links(at: Hid, index: c_int, order: c_int) -> Result<Walk<LinkInfo>, Failure> {
    let mut seen = Seen::new(None);
    // SAFETY: as above.
    let value = unsafe { (h5().H5Lvisit2)(at, index, order, note::<LinkInfo>, seen.data()) };
    walk(seen, value, 0)
}

/// H5Ovisit3 with basic information and numbers of attributes.
///
/// # Errors
/// When the call fails.
pub fn visit_objects(at: Hid, index: c_int, order: c_int) -> Result<Walk<ObjectInfo>, Failure> {
    let mut seen = Seen::new(None);
    // SAFETY: as above.
    let value =
        unsafe { (h5().H5Ovisit3)(at, index, order, note::<ObjectInfo>, seen.data(), 1 | 4) };
    walk(seen, value, 0)
}

unsafe extern "C" fn collect(_n: c_uint, entry: *const ErrorEntry, data: *mut c_void) -> c_int {
    // SAFETY: `data` is the list of `error_text`; descriptions are C strings or null.
    unsafe {
        let lines = &mut *data.cast::<Vec<String>>();
        let entry = &*entry;
        if !entry.description.is_null() {
            lines.push(
                CStr::from_ptr(entry.description)
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    0
}

/// The descriptions on the error stack, innermost first.
pub fn error_text() -> String {
    let mut lines: Vec<String> = Vec::new();
    // SAFETY: 0 is the current stack, upwards; the callback gets the list it expects.
    unsafe { (h5().H5Ewalk2)(0, 0, collect, std::ptr::from_mut(&mut lines).cast()) };
    lines.truncate(6);
    lines.join(" < ")
}

/// The two-call pattern of names: length first, then the text. `read` gets a buffer and its size.
///
/// # Errors
/// When either call fails.
fn text(mut read: impl FnMut(*mut c_char, usize) -> isize) -> Result<String, Failure> {
    let length = checked(read(std::ptr::null_mut(), 0) as i64)? as usize;
    if length == 0 {
        return Ok(String::new());
    }
    let mut buffer = vec![0xAA_u8; length + 1];
    let second = checked(read(buffer.as_mut_ptr().cast(), buffer.len()) as i64)? as usize;
    let end = buffer.iter().position(|byte| *byte == 0);
    let Some(end) = end else {
        return Ok(format!("(not terminated: {length}, {second})"));
    };
    let name = String::from_utf8_lossy(&buffer[..end]).into_owned();
    if end == length && second == length {
        Ok(name)
    } else {
        Ok(format!("{name} (told {length}, then {second}, is {end})"))
    }
}

/// H5Iget_name.
///
/// # Errors
/// When the call fails.
pub fn object_name(id: Hid) -> Result<String, Failure> {
    // SAFETY: the buffer has the size that is told.
    text(|buffer, size| unsafe { (h5().H5Iget_name)(id, buffer, size) })
}

/// H5Aget_name.
///
/// # Errors
/// When the call fails.
pub fn attribute_name(id: Hid) -> Result<String, Failure> {
    // SAFETY: as above.
    text(|buffer, size| unsafe { (h5().H5Aget_name)(id, size, buffer) })
}

/// H5Aget_name_by_idx of the object itself.
///
/// # Errors
/// When the call fails.
pub fn attribute_name_by_index(
    at: Hid,
    index: c_int,
    order: c_int,
    n: u64,
) -> Result<String, Failure> {
    // SAFETY: as above; "." is a C string.
    text(|buffer, size| unsafe {
        (h5().H5Aget_name_by_idx)(at, c".".as_ptr(), index, order, n, buffer, size, 0)
    })
}

/// H5Lget_name_by_idx of the group itself.
///
/// # Errors
/// When the call fails.
pub fn link_name_by_index(at: Hid, index: c_int, order: c_int, n: u64) -> Result<String, Failure> {
    // SAFETY: as above.
    text(|buffer, size| unsafe {
        (h5().H5Lget_name_by_idx)(at, c".".as_ptr(), index, order, n, buffer, size, 0)
    })
}

/// H5Lget_val: the bytes of a soft or external link.
///
/// # Errors
/// When the call fails.
pub fn link_value(at: Hid, name: &CString, size: usize) -> Result<Vec<u8>, Failure> {
    let mut buffer = vec![0xAA; size];
    // SAFETY: the buffer has the size that is told.
    let value =
        unsafe { (h5().H5Lget_val)(at, name.as_ptr(), buffer.as_mut_ptr().cast(), size, 0) };
    checked(i64::from(value)).map(|_| buffer)
}
