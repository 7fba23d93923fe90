//! Classes of user-defined links that nobody follows: HDF5 gives the data of such links, and makes
//! new ones, only where their class is registered.

use std::ffi::{c_char, c_int, c_void};

use super::{Failure, Hid, h5, ok};

type Followed = unsafe extern "C" fn(*const c_char, Hid, *const c_void, usize, Hid, Hid) -> Hid;
type Asked = unsafe extern "C" fn(*const c_char, *const c_void, usize, *mut c_void, usize) -> isize;

/// `H5L_class_t`, version 1.
#[repr(C)]
pub struct LinkClass {
    version: c_int,
    id: c_int,
    comment: *const c_char,
    created: Option<unsafe extern "C" fn()>,
    moved: Option<unsafe extern "C" fn()>,
    copied: Option<unsafe extern "C" fn()>,
    followed: Option<Followed>,
    deleted: Option<unsafe extern "C" fn()>,
    asked: Option<Asked>,
}

/// Such links lead nowhere for this program.
unsafe extern "C" fn follow(
    _name: *const c_char,
    _group: Hid,
    _data: *const c_void,
    _size: usize,
    _lapl: Hid,
    _dxpl: Hid,
) -> Hid {
    -1
}

/// Gives a link's data as far as the buffer has room, and its size.
unsafe extern "C" fn tell(
    _name: *const c_char,
    data: *const c_void,
    size: usize,
    buffer: *mut c_void,
    room: usize,
) -> isize {
    if !buffer.is_null() && !data.is_null() {
        // SAFETY: HDF5 says how long the data is and how much room there is; they do not overlap.
        unsafe {
            std::ptr::copy_nonoverlapping(data.cast::<u8>(), buffer.cast::<u8>(), size.min(room));
        }
    }
    size as isize
}

/// Registers a class, unless it is registered already.
///
/// # Errors
/// When HDF5 refuses.
pub fn register(class: c_int) -> Result<(), Failure> {
    if h5().H5Lis_registered(class) > 0 {
        return Ok(());
    }
    let class = LinkClass {
        version: 1,
        id: class,
        comment: c"kept by h5rest".as_ptr(),
        created: None,
        moved: None,
        copied: None,
        followed: Some(follow),
        deleted: None,
        asked: Some(tell),
    };
    // SAFETY: HDF5 copies the class; its functions and its comment live as long as the program.
    ok(unsafe { (h5().H5Lregister)(&raw const class) }).map(|_| ())
}
