//! Connector information: the words after the name in `HDF5_VOL_CONNECTOR`, kept with file access
//! property lists.
//!
//! None of these may fail or call HDF5: they run while the library sets itself up, when a failure
//! makes it fall back to native files without a word, or crash (HDF5 2.x). What is wrong with the
//! settings is reported by the first file that is opened.

use std::cmp::Ordering;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use crate::config::Config;
use crate::connector::Result;
use crate::ffi::{H5VL_info_class_t, herr_t, hid_t};
use crate::host::{Host, slot};
use crate::logging;

/// The settings of a file access property list, undecoded.
pub struct Info {
    text: CString,
}

impl Info {
    /// Information with these settings.
    pub fn to_raw(text: &CStr) -> *mut c_void {
        let info = Self {
            text: text.to_owned(),
        };
        Box::into_raw(Box::new(info)).cast()
    }
}

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_info_class_t {
    H5VL_info_class_t {
        size: size_of::<Info>(),
        copy: Some(copy),
        cmp: Some(cmp),
        free: Some(free),
        to_str: Some(to_str::<S>),
        from_str: Some(from_str),
    }
}

unsafe fn as_info<'a>(info: *const c_void) -> Option<&'a Info> {
    // SAFETY: HDF5 passes null or what `copy` or `from_str` returned.
    unsafe { info.cast::<Info>().as_ref() }
}

unsafe extern "C" fn copy(info: *const c_void) -> *mut c_void {
    // SAFETY: see `as_info`.
    match unsafe { as_info(info) } {
        Some(info) => Info::to_raw(&info.text),
        None => ptr::null_mut(),
    }
}

unsafe extern "C" fn cmp(result: *mut c_int, a: *const c_void, b: *const c_void) -> herr_t {
    // SAFETY: see `as_info`; HDF5 passes room for the result.
    unsafe {
        let (a, b) = (as_info(a), as_info(b));
        let order = a.map(|info| &info.text).cmp(&b.map(|info| &info.text));
        *result = match order {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        };
    }
    0
}

unsafe extern "C" fn free(info: *mut c_void) -> herr_t {
    if !info.is_null() {
        // SAFETY: HDF5 frees each piece of information once.
        drop(unsafe { Box::from_raw(info.cast::<Info>()) });
    }
    0
}

unsafe extern "C" fn from_str(text: *const c_char, info: *mut *mut c_void) -> herr_t {
    // SAFETY: a C string or null, and room for the result.
    unsafe {
        let text = if text.is_null() {
            c""
        } else {
            CStr::from_ptr(text)
        };
        *info = Info::to_raw(text);
    }
    0
}

/// The caller frees the text with H5free_memory, so it must come from the library. Passwords and
/// tokens are left out: the text may end up in a log.
unsafe extern "C" fn to_str<const S: usize>(info: *const c_void, text: *mut *mut c_char) -> herr_t {
    // SAFETY: see `as_info`.
    let public = match unsafe { as_info(info) } {
        Some(info) => Config::without_secrets(&info.text.to_string_lossy()),
        None => String::new(),
    };
    let Some(host) = slot::host(S) else {
        return -1;
    };
    // SAFETY: fresh memory of the library's with room for the text and a NUL; `text` is writable.
    unsafe {
        let copy = (host.h5.H5allocate_memory)(public.len() + 1, true).cast::<u8>();
        if copy.is_null() {
            return -1;
        }
        ptr::copy_nonoverlapping(public.as_ptr(), copy, public.len());
        copy.add(public.len()).write(0);
        *text = copy.cast();
    }
    0
}

/// The settings that apply to files opened with this access property list.
pub fn config(host: &'static Host, fapl: hid_t) -> Result<Config> {
    let mut info: *mut c_void = ptr::null_mut();
    if fapl > 0 {
        // SAFETY: writes a copy of the list's information, or null.
        let status = unsafe { (host.h5.H5Pget_vol_info)(fapl, &mut info) };
        host.check(
            status,
            "read the connector's settings from the file access property list",
        )?;
    }
    // SAFETY: null, or made by `copy` above; it is ours to free.
    let text = unsafe {
        let text = as_info(info).map(|info| info.text.to_string_lossy().into_owned());
        free(info);
        text
    };
    logging::start();
    Ok(Config::from_info(
        text.as_deref().filter(|text| !text.trim().is_empty()),
    ))
}
