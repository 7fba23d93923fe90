//! What the connector says about itself.

use std::ffi::{c_int, c_void};

use super::entry;
use super::handle::borrow;
use super::old_references;
use super::wrap;
use crate::config::Facade;
use crate::ffi::*;

/// What the connector can do, in HDF5's terms. HDF5's own conformance tests skip what is missing.
pub const CAPABILITIES: u64 = H5VL_CAP_FLAG_ATTR_BASIC
    | H5VL_CAP_FLAG_ATTR_MORE
    | H5VL_CAP_FLAG_ASYNC
    | H5VL_CAP_FLAG_DATASET_BASIC
    | H5VL_CAP_FLAG_DATASET_MORE
    | H5VL_CAP_FLAG_FILE_BASIC
    | H5VL_CAP_FLAG_FILE_MORE
    | H5VL_CAP_FLAG_GROUP_BASIC
    | H5VL_CAP_FLAG_GROUP_MORE
    | H5VL_CAP_FLAG_LINK_BASIC
    | H5VL_CAP_FLAG_LINK_MORE
    | H5VL_CAP_FLAG_OBJECT_BASIC
    | H5VL_CAP_FLAG_OBJECT_MORE
    | H5VL_CAP_FLAG_STORED_DATATYPES
    | H5VL_CAP_FLAG_CREATION_ORDER
    | H5VL_CAP_FLAG_ITERATE
    | H5VL_CAP_FLAG_STORAGE_SIZE
    | H5VL_CAP_FLAG_BY_IDX
    | H5VL_CAP_FLAG_GET_PLIST
    | H5VL_CAP_FLAG_FLUSH_REFRESH
    | H5VL_CAP_FLAG_EXTERNAL_LINKS
    | H5VL_CAP_FLAG_HARD_LINKS
    | H5VL_CAP_FLAG_SOFT_LINKS
    | H5VL_CAP_FLAG_UD_LINKS
    | H5VL_CAP_FLAG_TRACK_TIMES
    | H5VL_CAP_FLAG_MOUNT
    | H5VL_CAP_FLAG_FILTERS
    | H5VL_CAP_FLAG_FILL_VALUES;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_introspect_class_t {
    H5VL_introspect_class_t {
        get_conn_cls: Some(get_conn_cls::<S>),
        get_cap_flags: Some(get_cap_flags),
        opt_query: Some(opt_query),
    }
}

/// HDF5 asks for the class at the end of the line only to learn whether that is its native
/// connector: before calls that it made for native files (see `host::facade`), or because the program
/// wants to know (see `host::caller`).
unsafe extern "C" fn get_conn_cls<const S: usize>(
    object: *mut c_void,
    level: H5VL_get_conn_lvl_t,
    class: *mut *const H5VL_class_t,
) -> herr_t {
    entry::done::<S>("H5VLintrospect_get_conn_cls", |host| {
        let mut answer: *const H5VL_class_t = super::class_table(S);
        if level == H5VL_GET_CONN_LVL_TERM && !host.is_terminating() {
            // SAFETY: HDF5 passes an object of ours.
            let file = unsafe { borrow(object) }?.file();
            let poses = match file.config().facade {
                Facade::Off => false,
                Facade::On => true,
                Facade::Auto => !host.is_program_asking(),
            };
            if poses && let Some(native) = wrap::native_class(host, &file) {
                old_references::native_was_asked(true);
                answer = native;
            }
        }
        // SAFETY: HDF5 passes room for a pointer; both tables live on.
        unsafe { *class = answer };
        Ok(())
    })
}

unsafe extern "C" fn get_cap_flags(_info: *const c_void, flags: *mut u64) -> herr_t {
    // SAFETY: HDF5 passes room for the flags.
    unsafe { *flags = CAPABILITIES };
    0
}

/// Asked at every H5Fopen and H5Fcreate (for POST_OPEN): no optional operation is supported.
unsafe extern "C" fn opt_query(
    _object: *mut c_void,
    _subclass: H5VL_subclass_t,
    _operation: c_int,
    flags: *mut u64,
) -> herr_t {
    // SAFETY: HDF5 passes room for the flags.
    unsafe { *flags = 0 };
    0
}
