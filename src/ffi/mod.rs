//! The C layouts of HDF5's VOL connector interface (version 3), and nothing else: no function
//! here does anything.
//!
//! Written after the public headers of HDF5 1.14 and 2.x, which agree on every layout declared
//! here (where they do not, there are two declarations whose names say which is which).
//! `tests/abi.rs` compiles a C program against both header trees and compares every size, offset
//! and constant with these files. Callers are `crate::vol` (decodes the arguments), `crate::host`
//! (calls into the library) and `crate::plugin` (hands over the class table).
//!
//! Names are HDF5's own, so that its reference manual documents them. Three rules hold throughout:
//!
//! - An `enum` of C is a plain integer here ([`c_int`](core::ffi::c_int)) with constants: a newer
//!   library may pass a value these files do not know, and that must not be undefined behaviour.
//! - A struct that C leaves unnamed inside a union is named after the operation it belongs to:
//!   `H5VL_attr_get_acpl_args_t` is the type of the member `get_acpl`. The union itself ends
//!   in `_args_u`.
//! - Predefined identifiers (`H5T_NATIVE_INT`, `H5P_DATASET_CREATE`, ...) are not constants but
//!   variables of the library that loaded the plugin: they are looked up by `crate::host`.
#![allow(
    non_camel_case_types,
    non_snake_case,
    reason = "the names are those of HDF5's headers"
)]
#![allow(
    missing_docs,
    reason = "members and constants are documented by HDF5's reference manual, under these names"
)]
#![allow(
    unsafe_code,
    reason = "the callbacks of the class table are unsafe C functions"
)]

pub mod attribute;
pub mod blob;
pub mod class;
pub mod constants;
pub mod dataset;
pub mod datatype;
pub mod file;
pub mod group;
pub mod info;
pub mod introspect;
pub mod link;
pub mod location;
pub mod model;
pub mod object;
pub mod optional;
pub mod request;
pub mod token;

pub use attribute::*;
pub use blob::*;
pub use class::*;
pub use constants::*;
pub use dataset::*;
pub use datatype::*;
pub use file::*;
pub use group::*;
pub use info::*;
pub use introspect::*;
pub use link::*;
pub use location::*;
pub use model::*;
pub use object::*;
pub use optional::*;
pub use request::*;
pub use token::*;

use core::ffi::{c_char, c_int, c_uint, c_void};

/// Identifier of an HDF5 object, type, dataspace or property list.
pub type hid_t = i64;
/// Result of most calls: negative means failure.
pub type herr_t = c_int;
/// Three-way result: positive true, zero false, negative failure.
pub type htri_t = c_int;
/// Size or coordinate of a dataspace.
pub type hsize_t = u64;
/// Signed difference of two [`hsize_t`].
pub type hssize_t = i64;
/// Address inside a native file.
pub type haddr_t = u64;
/// C's `time_t` on every platform the plugin is built for.
pub type time_t = i64;

/// Kind of an identifier (`H5I_FILE`, `H5I_GROUP`, ...).
pub type H5I_type_t = c_int;
/// Index to walk over (`H5_INDEX_NAME`, ...).
pub type H5_index_t = c_int;
/// Direction to walk in (`H5_ITER_INC`, ...).
pub type H5_iter_order_t = c_int;
/// Scope of a flush (`H5F_SCOPE_LOCAL`, ...).
pub type H5F_scope_t = c_int;
/// What closing a file means for objects left open (`H5F_CLOSE_WEAK`, ...).
pub type H5F_close_degree_t = c_int;
/// Kind of file space, for free-space queries.
pub type H5F_mem_t = c_int;
/// Place in an external file; `HDoff_t` since 2.0.
pub type off_t = i64;
/// Format version bound (`H5F_LIBVER_V18`, ...).
pub type H5F_libver_t = c_int;
/// Kind of an object (`H5O_TYPE_GROUP`, ...).
pub type H5O_type_t = c_int;
/// Kind of a link (`H5L_TYPE_HARD`, ...).
pub type H5L_type_t = c_int;
/// How a group stores its links (`H5G_STORAGE_TYPE_COMPACT`, ...).
pub type H5G_storage_type_t = c_int;
/// Kind of an object for the deprecated `H5Gget_objinfo` (`H5G_GROUP`, ...).
pub type H5G_obj_t = c_int;
/// Datatype class (`H5T_INTEGER`, ...).
pub type H5T_class_t = c_int;
/// Byte order (`H5T_ORDER_LE`, ...).
pub type H5T_order_t = c_int;
/// Sign scheme of an integer (`H5T_SGN_2`, ...).
pub type H5T_sign_t = c_int;
/// Mantissa normalisation of a float (`H5T_NORM_IMPLIED`, ...).
pub type H5T_norm_t = c_int;
/// Character set (`H5T_CSET_ASCII`, `H5T_CSET_UTF8`).
pub type H5T_cset_t = c_int;
/// String padding (`H5T_STR_NULLTERM`, ...).
pub type H5T_str_t = c_int;
/// Bit padding (`H5T_PAD_ZERO`, ...).
pub type H5T_pad_t = c_int;
/// Search direction of `H5Tget_native_type`.
pub type H5T_direction_t = c_int;
/// Dataspace class (`H5S_SCALAR`, ...).
pub type H5S_class_t = c_int;
/// Selection kind (`H5S_SEL_ALL`, ...).
pub type H5S_sel_type = c_int;
/// Selection set operation (`H5S_SELECT_SET`, ...).
pub type H5S_seloper_t = c_int;
/// Dataset layout (`H5D_CHUNKED`, ...).
pub type H5D_layout_t = c_int;
/// How a file's free space is managed (`H5F_FSPACE_STRATEGY_...`).
pub type H5F_fspace_strategy_t = c_int;
/// What the extent of a virtual dataset follows from (`H5D_VDS_FIRST_MISSING`, ...).
pub type H5D_vds_view_t = c_int;
/// Chunk index of a native dataset (`H5D_CHUNK_IDX_BTREE`, ...).
pub type H5D_chunk_index_t = c_int;
/// When a dataset's space is allocated (`H5D_ALLOC_TIME_LATE`, ...).
pub type H5D_alloc_time_t = c_int;
/// When fill values are written (`H5D_FILL_TIME_IFSET`, ...).
pub type H5D_fill_time_t = c_int;
/// Whether a fill value is set (`H5D_FILL_VALUE_DEFAULT`, ...).
pub type H5D_fill_value_t = c_int;
/// How much of a dataset's space is allocated (`H5D_SPACE_STATUS_ALLOCATED`, ...).
pub type H5D_space_status_t = c_int;
/// Identifier of a filter (`H5Z_FILTER_DEFLATE`, ...).
pub type H5Z_filter_t = c_int;
/// Scaling method of the scale-offset filter.
pub type H5Z_SO_scale_type_t = c_int;
/// Reference kind (`H5R_OBJECT2`, ...).
pub type H5R_type_t = c_int;
/// Kind of a plugin (`H5PL_TYPE_VOL`, ...).
pub type H5PL_type_t = c_int;
/// Kind of an error message (`H5E_MAJOR`, `H5E_MINOR`).
pub type H5E_type_t = c_int;
/// Direction of a walk over an error stack.
pub type H5E_direction_t = c_int;
/// Which part of the class table an optional operation belongs to (`H5VL_SUBCLS_FILE`, ...).
pub type H5VL_subclass_t = c_int;
/// Registered number of a connector; 520 for this one.
pub type H5VL_class_value_t = c_int;

/// Called by `H5Iiterate` for each identifier.
pub type H5I_iterate_func_t = Option<unsafe extern "C" fn(id: hid_t, udata: *mut c_void) -> herr_t>;
/// Called when the library prints an error stack on its own.
pub type H5E_auto2_t =
    Option<unsafe extern "C" fn(estack: hid_t, client_data: *mut c_void) -> herr_t>;
/// Called by `H5Ewalk2` for each entry of an error stack.
pub type H5E_walk2_t = Option<
    unsafe extern "C" fn(
        n: c_uint,
        err_desc: *const H5E_error2_t,
        client_data: *mut c_void,
    ) -> herr_t,
>;
/// Called when an object of a file was flushed (`H5Pset_object_flush_cb`).
pub type H5F_flush_cb_t =
    Option<unsafe extern "C" fn(object_id: hid_t, udata: *mut c_void) -> herr_t>;
/// Called when the library closes (`H5atclose`).
pub type H5_atclose_func_t = Option<unsafe extern "C" fn(ctx: *mut c_void)>;

/// A filter for chunks.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5Z_class2_t {
    pub version: c_int,
    pub id: H5Z_filter_t,
    pub encoder_present: c_uint,
    pub decoder_present: c_uint,
    pub name: *const c_char,
    pub can_apply:
        Option<unsafe extern "C" fn(dcpl_id: hid_t, type_id: hid_t, space_id: hid_t) -> htri_t>,
    pub set_local:
        Option<unsafe extern "C" fn(dcpl_id: hid_t, type_id: hid_t, space_id: hid_t) -> herr_t>,
    pub filter: Option<
        unsafe extern "C" fn(
            flags: c_uint,
            cd_nelmts: usize,
            cd_values: *const c_uint,
            nbytes: usize,
            buf_size: *mut usize,
            buf: *mut *mut c_void,
        ) -> usize,
    >,
}

/// One entry of an error stack.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5E_error2_t {
    pub cls_id: hid_t,
    pub maj_num: hid_t,
    pub min_num: hid_t,
    pub line: c_uint,
    pub func_name: *const c_char,
    pub file_name: *const c_char,
    pub desc: *const c_char,
}

/// A variable-length sequence in memory.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct hvl_t {
    /// Number of elements (not bytes).
    pub len: usize,
    pub p: *mut c_void,
}
