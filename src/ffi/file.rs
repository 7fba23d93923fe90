//! Arguments of the file callbacks (`H5VL_file_class_t`).

use super::{H5F_scope_t, H5I_type_t, hid_t};
use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

/// Value of [`H5VL_file_cont_info_t::version`].
pub const H5VL_CONTAINER_INFO_VERSION: c_uint = 1;

/// What a container's tokens and blob identifiers look like.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_cont_info_t {
    pub version: c_uint,
    pub feature_flags: u64,
    pub token_size: usize,
    pub blob_id_size: usize,
}

/// Operation of [`H5VL_file_get_args_t`].
pub type H5VL_file_get_t = c_int;
pub const H5VL_FILE_GET_CONT_INFO: H5VL_file_get_t = 0;
pub const H5VL_FILE_GET_FAPL: H5VL_file_get_t = 1;
pub const H5VL_FILE_GET_FCPL: H5VL_file_get_t = 2;
pub const H5VL_FILE_GET_FILENO: H5VL_file_get_t = 3;
pub const H5VL_FILE_GET_INTENT: H5VL_file_get_t = 4;
pub const H5VL_FILE_GET_NAME: H5VL_file_get_t = 5;
pub const H5VL_FILE_GET_OBJ_COUNT: H5VL_file_get_t = 6;
pub const H5VL_FILE_GET_OBJ_IDS: H5VL_file_get_t = 7;

/// [`H5VL_FILE_GET_CONT_INFO`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_cont_info_args_t {
    pub info: *mut H5VL_file_cont_info_t,
}

/// [`H5VL_FILE_GET_FAPL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_fapl_args_t {
    pub fapl_id: hid_t,
}

/// [`H5VL_FILE_GET_FCPL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_fcpl_args_t {
    pub fcpl_id: hid_t,
}

/// [`H5VL_FILE_GET_FILENO`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_fileno_args_t {
    pub fileno: *mut c_ulong,
}

/// [`H5VL_FILE_GET_INTENT`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_intent_args_t {
    pub flags: *mut c_uint,
}

/// [`H5VL_FILE_GET_NAME`]; the object may be of any kind, which `type_` (`type` in C) tells.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_name_args_t {
    pub type_: H5I_type_t,
    pub buf_size: usize,
    pub buf: *mut c_char,
    pub file_name_len: *mut usize,
}

/// [`H5VL_FILE_GET_OBJ_COUNT`]; `types` is a set of `H5F_OBJ_*`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_obj_count_args_t {
    pub types: c_uint,
    pub count: *mut usize,
}

/// [`H5VL_FILE_GET_OBJ_IDS`]; `types` is a set of `H5F_OBJ_*`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_get_obj_ids_args_t {
    pub types: c_uint,
    pub max_objs: usize,
    pub oid_list: *mut hid_t,
    pub count: *mut usize,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_file_get_args_u {
    pub get_cont_info: H5VL_file_get_cont_info_args_t,
    pub get_fapl: H5VL_file_get_fapl_args_t,
    pub get_fcpl: H5VL_file_get_fcpl_args_t,
    pub get_fileno: H5VL_file_get_fileno_args_t,
    pub get_intent: H5VL_file_get_intent_args_t,
    pub get_name: H5VL_file_get_name_args_t,
    pub get_obj_count: H5VL_file_get_obj_count_args_t,
    pub get_obj_ids: H5VL_file_get_obj_ids_args_t,
}

/// Argument of the `get` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_file_get_args_t {
    pub op_type: H5VL_file_get_t,
    pub args: H5VL_file_get_args_u,
}

/// Operation of [`H5VL_file_specific_args_t`].
pub type H5VL_file_specific_t = c_int;
pub const H5VL_FILE_FLUSH: H5VL_file_specific_t = 0;
pub const H5VL_FILE_REOPEN: H5VL_file_specific_t = 1;
pub const H5VL_FILE_IS_ACCESSIBLE: H5VL_file_specific_t = 2;
pub const H5VL_FILE_DELETE: H5VL_file_specific_t = 3;
pub const H5VL_FILE_IS_EQUAL: H5VL_file_specific_t = 4;

/// [`H5VL_FILE_FLUSH`]; the object may be of any kind, which `obj_type` tells.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_flush_args_t {
    pub obj_type: H5I_type_t,
    pub scope: H5F_scope_t,
}

/// [`H5VL_FILE_REOPEN`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_reopen_args_t {
    pub file: *mut *mut c_void,
}

/// [`H5VL_FILE_IS_ACCESSIBLE`]; there is no object.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_is_accessible_args_t {
    pub filename: *const c_char,
    pub fapl_id: hid_t,
    pub accessible: *mut bool,
}

/// [`H5VL_FILE_DELETE`]; there is no object.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_del_args_t {
    pub filename: *const c_char,
    pub fapl_id: hid_t,
}

/// [`H5VL_FILE_IS_EQUAL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_is_equal_args_t {
    pub obj2: *mut c_void,
    pub same_file: *mut bool,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_file_specific_args_u {
    pub flush: H5VL_file_flush_args_t,
    pub reopen: H5VL_file_reopen_args_t,
    pub is_accessible: H5VL_file_is_accessible_args_t,
    pub del: H5VL_file_del_args_t,
    pub is_equal: H5VL_file_is_equal_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_file_specific_args_t {
    pub op_type: H5VL_file_specific_t,
    pub args: H5VL_file_specific_args_u,
}
