//! A native file behind one handle of ours for a moment.
//!
//! HDF5 takes the file that a region reference is read from for a native one, whatever connector it
//! belongs to, and looks into it for the versions of the file format that it may use. Files that
//! pose as native (`facade`) have one to show; for others `reference` makes one for the time of
//! the call. It is in memory and never saved.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Host;
use super::id::OwnedId;
use super::locate::Library;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

symbols! {
    /// What the file is made with.
    NativeFileSymbols,
    H5Pset_fapl_core(hid_t, usize, bool) -> herr_t;
    H5Fcreate(*const c_char, c_uint, hid_t, hid_t) -> hid_t;
}

thread_local! {
    /// Our handle, and the native file that stands in for it. Needs no destructor.
    static NOW: Cell<(*mut c_void, *mut c_void)> =
        const { Cell::new((ptr::null_mut(), ptr::null_mut())) };
}

/// The native file that stands in for this handle on this thread, if one does.
pub fn of(handle: *mut c_void) -> Option<*mut c_void> {
    let (for_handle, native) = NOW.get();
    (handle == for_handle && !native.is_null()).then_some(native)
}

/// Lets a native file stand in for a handle while it lives.
pub struct StandIn {
    _file: OwnedId,
}

impl StandIn {
    /// Makes the file.
    pub fn new(host: &'static Host, handle: *mut c_void) -> Result<Self> {
        let symbols = NativeFileSymbols::resolve(&host.library).map_err(|missing| {
            let words = format!("this HDF5 library lacks {missing}");
            Error::new(ErrorKind::Unsupported, words)
        })?;
        // SAFETY: a C string; makes a new id.
        let native = unsafe { (host.h5.H5VLget_connector_id_by_name)(c"native".as_ptr()) };
        let native = host.own(native, "find the native connector")?;
        let fapl = host.new_plist(c"H5P_CLS_FILE_ACCESS_ID_g")?;
        // SAFETY: changes a list that is ours alone.
        let statuses = unsafe {
            [
                (host.h5.H5Pset_vol)(fapl.get(), native.get(), ptr::null()),
                (symbols.H5Pset_fapl_core)(fapl.get(), 4096, false),
            ]
        };
        for status in statuses {
            host.check(status, "prepare a file in memory")?;
        }
        // HDF5 tells files in memory apart by name.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = CString::new(format!("hdf5-rest-stand-in-{number}")).unwrap_or_default();
        // SAFETY: valid ids and a C string; makes a new id.
        let file =
            unsafe { (symbols.H5Fcreate)(name.as_ptr(), H5F_ACC_TRUNC, H5P_DEFAULT, fapl.get()) };
        let file = host.own(file, "make a file in memory")?;
        NOW.set((handle, host.object_behind(file.get())));
        Ok(Self { _file: file })
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        NOW.set((ptr::null_mut(), ptr::null_mut()));
    }
}
