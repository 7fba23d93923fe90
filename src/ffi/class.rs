//! The class table a connector hands to the library: every callback HDF5 can call, in the order
//! in which the library expects them (632 bytes on 64-bit platforms).

use super::{
    H5I_type_t, H5O_token_t, H5VL_attr_class_t, H5VL_blob_specific_args_t, H5VL_class_value_t,
    H5VL_dataset_class_t, H5VL_datatype_class_t, H5VL_file_class_t, H5VL_get_conn_lvl_t,
    H5VL_group_class_t, H5VL_link_class_t, H5VL_object_class_t, H5VL_optional_args_t,
    H5VL_optional_func_t, H5VL_request_notify_t, H5VL_request_specific_args_t,
    H5VL_request_status_t, H5VL_subclass_t, herr_t, hid_t,
};
use core::ffi::{c_char, c_int, c_uint, c_void};

/// Version of the class table described here.
pub const H5VL_VERSION: c_uint = 3;

/// Connector information: what follows the name in `HDF5_VOL_CONNECTOR`, decoded.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_info_class_t {
    pub size: usize,
    pub copy: Option<unsafe extern "C" fn(info: *const c_void) -> *mut c_void>,
    pub cmp: Option<
        unsafe extern "C" fn(
            cmp_value: *mut c_int,
            info1: *const c_void,
            info2: *const c_void,
        ) -> herr_t,
    >,
    pub free: Option<unsafe extern "C" fn(info: *mut c_void) -> herr_t>,
    pub to_str: Option<unsafe extern "C" fn(info: *const c_void, str: *mut *mut c_char) -> herr_t>,
    pub from_str:
        Option<unsafe extern "C" fn(str: *const c_char, info: *mut *mut c_void) -> herr_t>,
}

/// Wrapping of objects; all null in a connector that stores data itself.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_wrap_class_t {
    pub get_object: Option<unsafe extern "C" fn(obj: *const c_void) -> *mut c_void>,
    pub get_wrap_ctx:
        Option<unsafe extern "C" fn(obj: *const c_void, wrap_ctx: *mut *mut c_void) -> herr_t>,
    pub wrap_object: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            obj_type: H5I_type_t,
            wrap_ctx: *mut c_void,
        ) -> *mut c_void,
    >,
    pub unwrap_object: Option<unsafe extern "C" fn(obj: *mut c_void) -> *mut c_void>,
    pub free_wrap_ctx: Option<unsafe extern "C" fn(wrap_ctx: *mut c_void) -> herr_t>,
}

/// Questions about the connector itself.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_introspect_class_t {
    pub get_conn_cls: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            lvl: H5VL_get_conn_lvl_t,
            conn_cls: *mut *const H5VL_class_t,
        ) -> herr_t,
    >,
    pub get_cap_flags:
        Option<unsafe extern "C" fn(info: *const c_void, cap_flags: *mut u64) -> herr_t>,
    pub opt_query: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            cls: H5VL_subclass_t,
            opt_type: c_int,
            flags: *mut u64,
        ) -> herr_t,
    >,
}

/// Requests of asynchronous operations (`H5ES`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_request_class_t {
    /// `timeout` is in nanoseconds.
    pub wait: Option<
        unsafe extern "C" fn(
            req: *mut c_void,
            timeout: u64,
            status: *mut H5VL_request_status_t,
        ) -> herr_t,
    >,
    pub notify: Option<
        unsafe extern "C" fn(
            req: *mut c_void,
            cb: H5VL_request_notify_t,
            ctx: *mut c_void,
        ) -> herr_t,
    >,
    pub cancel: Option<
        unsafe extern "C" fn(req: *mut c_void, status: *mut H5VL_request_status_t) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(req: *mut c_void, args: *mut H5VL_request_specific_args_t) -> herr_t,
    >,
    pub optional:
        Option<unsafe extern "C" fn(req: *mut c_void, args: *mut H5VL_optional_args_t) -> herr_t>,
    pub free: Option<unsafe extern "C" fn(req: *mut c_void) -> herr_t>,
}

/// Blobs: variable-length data stored apart from the elements.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_blob_class_t {
    pub put: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            buf: *const c_void,
            size: usize,
            blob_id: *mut c_void,
            ctx: *mut c_void,
        ) -> herr_t,
    >,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            blob_id: *const c_void,
            buf: *mut c_void,
            size: usize,
            ctx: *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            blob_id: *mut c_void,
            args: *mut H5VL_blob_specific_args_t,
        ) -> herr_t,
    >,
    pub optional: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            blob_id: *mut c_void,
            args: *mut H5VL_optional_args_t,
        ) -> herr_t,
    >,
}

/// Object tokens.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_token_class_t {
    pub cmp: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            token1: *const H5O_token_t,
            token2: *const H5O_token_t,
            cmp_value: *mut c_int,
        ) -> herr_t,
    >,
    pub to_str: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            obj_type: H5I_type_t,
            token: *const H5O_token_t,
            token_str: *mut *mut c_char,
        ) -> herr_t,
    >,
    pub from_str: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            obj_type: H5I_type_t,
            token_str: *const c_char,
            token: *mut H5O_token_t,
        ) -> herr_t,
    >,
}

/// The class table. The library copies it and the name; only the functions must live on.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_class_t {
    pub version: c_uint,
    pub value: H5VL_class_value_t,
    pub name: *const c_char,
    pub conn_version: c_uint,
    pub cap_flags: u64,
    pub initialize: Option<unsafe extern "C" fn(vipl_id: hid_t) -> herr_t>,
    pub terminate: Option<unsafe extern "C" fn() -> herr_t>,
    pub info_cls: H5VL_info_class_t,
    pub wrap_cls: H5VL_wrap_class_t,
    pub attr_cls: H5VL_attr_class_t,
    pub dataset_cls: H5VL_dataset_class_t,
    pub datatype_cls: H5VL_datatype_class_t,
    pub file_cls: H5VL_file_class_t,
    pub group_cls: H5VL_group_class_t,
    pub link_cls: H5VL_link_class_t,
    pub object_cls: H5VL_object_class_t,
    pub introspect_cls: H5VL_introspect_class_t,
    pub request_cls: H5VL_request_class_t,
    pub blob_cls: H5VL_blob_class_t,
    pub token_cls: H5VL_token_class_t,
    pub optional: H5VL_optional_func_t,
}

// SAFETY: the only pointer of a class table that is not a function is its name, which is a
// constant string that nobody writes to; so a table may be shared between threads.
unsafe impl Sync for H5VL_class_t {}
