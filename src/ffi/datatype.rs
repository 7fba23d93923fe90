//! Arguments of the committed datatype callbacks (`H5VL_datatype_class_t`).

use super::hid_t;
use core::ffi::{c_int, c_void};

/// Operation of [`H5VL_datatype_get_args_t`].
pub type H5VL_datatype_get_t = c_int;
pub const H5VL_DATATYPE_GET_BINARY_SIZE: H5VL_datatype_get_t = 0;
pub const H5VL_DATATYPE_GET_BINARY: H5VL_datatype_get_t = 1;
pub const H5VL_DATATYPE_GET_TCPL: H5VL_datatype_get_t = 2;

/// [`H5VL_DATATYPE_GET_BINARY_SIZE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_datatype_get_binary_size_args_t {
    pub size: *mut usize,
}

/// [`H5VL_DATATYPE_GET_BINARY`]: the bytes `H5Tencode` makes of the transient type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_datatype_get_binary_args_t {
    pub buf: *mut c_void,
    pub buf_size: usize,
}

/// [`H5VL_DATATYPE_GET_TCPL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_datatype_get_tcpl_args_t {
    pub tcpl_id: hid_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_datatype_get_args_u {
    pub get_binary_size: H5VL_datatype_get_binary_size_args_t,
    pub get_binary: H5VL_datatype_get_binary_args_t,
    pub get_tcpl: H5VL_datatype_get_tcpl_args_t,
}

/// Argument of the `get` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_datatype_get_args_t {
    pub op_type: H5VL_datatype_get_t,
    pub args: H5VL_datatype_get_args_u,
}

/// Operation of [`H5VL_datatype_specific_args_t`].
pub type H5VL_datatype_specific_t = c_int;
pub const H5VL_DATATYPE_FLUSH: H5VL_datatype_specific_t = 0;
pub const H5VL_DATATYPE_REFRESH: H5VL_datatype_specific_t = 1;

/// [`H5VL_DATATYPE_FLUSH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_datatype_flush_args_t {
    pub type_id: hid_t,
}

/// [`H5VL_DATATYPE_REFRESH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_datatype_refresh_args_t {
    pub type_id: hid_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_datatype_specific_args_u {
    pub flush: H5VL_datatype_flush_args_t,
    pub refresh: H5VL_datatype_refresh_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_datatype_specific_args_t {
    pub op_type: H5VL_datatype_specific_t,
    pub args: H5VL_datatype_specific_args_u,
}
