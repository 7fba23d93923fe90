//! A filter that refuses a chunk of too few bytes once all others are undone: HDF5 1.14 takes every chunk for
//! a whole one, and would give what lies behind it in memory for elements. Called by `vol::direct_chunk`.

use std::ffi::{c_uint, c_void};
use std::{ptr, slice};

use h5rest_protocol::creation::Filter;

use super::Host;
use crate::connector::Result;
use crate::ffi::*;

/// The last number that HDF5 allows; registered filters are far below.
const NUMBER: H5Z_filter_t = 65_535;

impl Host {
    /// The filter, for the beginning of the pipeline of chunks of so many bytes.
    pub fn length_filter(&self, chunk: u32) -> Result<Filter> {
        let class = H5Z_class2_t {
            version: H5Z_CLASS_T_VERS,
            id: NUMBER,
            encoder_present: 1,
            decoder_present: 1,
            name: c"whole chunks".as_ptr(),
            can_apply: None,
            set_local: None,
            filter: Some(pass_whole),
        };
        // SAFETY: HDF5 copies the class; the name and the function stay as long as the plugin.
        let status = unsafe { (self.h5.H5Zregister)(ptr::from_ref(&class).cast()) };
        self.check(status, "register a filter that tells the length of a chunk")?;
        Ok(Filter {
            id: NUMBER as u32,
            flags: H5Z_FLAG_MANDATORY,
            name: String::new(),
            parameters: vec![chunk],
        })
    }

    /// Whether the library has a filter, perhaps in a plugin.
    pub fn has_filter(&self, filter: &Filter) -> bool {
        let Ok(id) = H5Z_filter_t::try_from(filter.id) else {
            return false;
        };
        // SAFETY: a query about a number.
        self.quietly(|| unsafe { (self.h5.H5Zfilter_avail)(id) }) > 0
    }

    /// Whether the library took all filters of a dataset creation property list that was made of so many.
    pub fn has_filters(&self, plist: hid_t, expected: usize) -> bool {
        // SAFETY: HDF5 checks the id.
        let found = unsafe { (self.h5.H5Pget_nfilters)(plist) };
        usize::try_from(found) == Ok(expected)
    }
}

/// Changes nothing. Zero means failure to HDF5.
///
/// # Safety
/// HDF5 passes `count` parameters.
unsafe extern "C" fn pass_whole(
    flags: c_uint,
    count: usize,
    parameters: *const c_uint,
    length: usize,
    _room: *mut usize,
    _bytes: *mut *mut c_void,
) -> usize {
    if flags & H5Z_FLAG_REVERSE == 0 || count == 0 {
        return length;
    }
    // SAFETY: by the contract of this function; there is at least one.
    let parameters = unsafe { slice::from_raw_parts(parameters, count) };
    match parameters[0] as usize <= length {
        true => length,
        false => 0,
    }
}
