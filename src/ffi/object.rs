//! Arguments of the object callbacks (`H5VL_object_class_t`).

use super::{
    H5_index_t, H5_iter_order_t, H5O_info2_t, H5O_iterate2_t, H5O_token_t, H5O_type_t, hid_t,
};
use core::ffi::{c_char, c_int, c_uint, c_void};

/// Operation of [`H5VL_object_get_args_t`].
pub type H5VL_object_get_t = c_int;
pub const H5VL_OBJECT_GET_FILE: H5VL_object_get_t = 0;
pub const H5VL_OBJECT_GET_NAME: H5VL_object_get_t = 1;
pub const H5VL_OBJECT_GET_TYPE: H5VL_object_get_t = 2;
pub const H5VL_OBJECT_GET_INFO: H5VL_object_get_t = 3;

/// [`H5VL_OBJECT_GET_FILE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_get_file_args_t {
    pub file: *mut *mut c_void,
}

/// [`H5VL_OBJECT_GET_NAME`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_get_name_args_t {
    pub buf_size: usize,
    pub buf: *mut c_char,
    pub name_len: *mut usize,
}

/// [`H5VL_OBJECT_GET_TYPE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_get_type_args_t {
    pub obj_type: *mut H5O_type_t,
}

/// [`H5VL_OBJECT_GET_INFO`]; `fields` is a set of `H5O_INFO_*`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_get_info_args_t {
    pub fields: c_uint,
    pub oinfo: *mut H5O_info2_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_object_get_args_u {
    pub get_file: H5VL_object_get_file_args_t,
    pub get_name: H5VL_object_get_name_args_t,
    pub get_type: H5VL_object_get_type_args_t,
    pub get_info: H5VL_object_get_info_args_t,
}

/// Argument of the `get` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_object_get_args_t {
    pub op_type: H5VL_object_get_t,
    pub args: H5VL_object_get_args_u,
}

/// Operation of [`H5VL_object_specific_args_t`].
pub type H5VL_object_specific_t = c_int;
pub const H5VL_OBJECT_CHANGE_REF_COUNT: H5VL_object_specific_t = 0;
pub const H5VL_OBJECT_EXISTS: H5VL_object_specific_t = 1;
pub const H5VL_OBJECT_LOOKUP: H5VL_object_specific_t = 2;
pub const H5VL_OBJECT_VISIT: H5VL_object_specific_t = 3;
pub const H5VL_OBJECT_FLUSH: H5VL_object_specific_t = 4;
pub const H5VL_OBJECT_REFRESH: H5VL_object_specific_t = 5;

/// [`H5VL_OBJECT_CHANGE_REF_COUNT`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_change_rc_args_t {
    pub delta: c_int,
}

/// [`H5VL_OBJECT_EXISTS`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_exists_args_t {
    pub exists: *mut bool,
}

/// [`H5VL_OBJECT_LOOKUP`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_lookup_args_t {
    pub token_ptr: *mut H5O_token_t,
}

/// [`H5VL_OBJECT_VISIT`]; `fields` is a set of `H5O_INFO_*`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_visit_args_t {
    pub idx_type: H5_index_t,
    pub order: H5_iter_order_t,
    pub fields: c_uint,
    pub op: H5O_iterate2_t,
    pub op_data: *mut c_void,
}

/// [`H5VL_OBJECT_FLUSH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_flush_args_t {
    pub obj_id: hid_t,
}

/// [`H5VL_OBJECT_REFRESH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_refresh_args_t {
    pub obj_id: hid_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_object_specific_args_u {
    pub change_rc: H5VL_object_change_rc_args_t,
    pub exists: H5VL_object_exists_args_t,
    pub lookup: H5VL_object_lookup_args_t,
    pub visit: H5VL_object_visit_args_t,
    pub flush: H5VL_object_flush_args_t,
    pub refresh: H5VL_object_refresh_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_object_specific_args_t {
    pub op_type: H5VL_object_specific_t,
    pub args: H5VL_object_specific_args_u,
}
