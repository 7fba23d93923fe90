//! Arguments of the link callbacks (`H5VL_link_class_t`).

use super::{
    H5_index_t, H5_iter_order_t, H5L_info2_t, H5L_iterate2_t, H5L_type_t, H5VL_loc_params_t,
    hsize_t,
};
use core::ffi::{c_char, c_int, c_void};

/// Operation of [`H5VL_link_create_args_t`].
pub type H5VL_link_create_t = c_int;
pub const H5VL_LINK_CREATE_HARD: H5VL_link_create_t = 0;
pub const H5VL_LINK_CREATE_SOFT: H5VL_link_create_t = 1;
pub const H5VL_LINK_CREATE_UD: H5VL_link_create_t = 2;

/// [`H5VL_LINK_CREATE_HARD`]; `curr_obj` is null when the location's own object is meant.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_link_create_hard_args_t {
    pub curr_obj: *mut c_void,
    pub curr_loc_params: H5VL_loc_params_t,
}

/// [`H5VL_LINK_CREATE_SOFT`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_create_soft_args_t {
    pub target: *const c_char,
}

/// [`H5VL_LINK_CREATE_UD`]; external links come this way, too.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_create_ud_args_t {
    /// `type` in C.
    pub type_: H5L_type_t,
    pub buf: *const c_void,
    pub buf_size: usize,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_link_create_args_u {
    pub hard: H5VL_link_create_hard_args_t,
    pub soft: H5VL_link_create_soft_args_t,
    pub ud: H5VL_link_create_ud_args_t,
}

/// Argument of the `create` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_link_create_args_t {
    pub op_type: H5VL_link_create_t,
    pub args: H5VL_link_create_args_u,
}

/// Operation of [`H5VL_link_get_args_t`].
pub type H5VL_link_get_t = c_int;
pub const H5VL_LINK_GET_INFO: H5VL_link_get_t = 0;
pub const H5VL_LINK_GET_NAME: H5VL_link_get_t = 1;
pub const H5VL_LINK_GET_VAL: H5VL_link_get_t = 2;

/// [`H5VL_LINK_GET_INFO`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_get_info_args_t {
    pub linfo: *mut H5L_info2_t,
}

/// [`H5VL_LINK_GET_NAME`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_get_name_args_t {
    pub name_size: usize,
    pub name: *mut c_char,
    pub name_len: *mut usize,
}

/// [`H5VL_LINK_GET_VAL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_get_val_args_t {
    pub buf_size: usize,
    pub buf: *mut c_void,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_link_get_args_u {
    pub get_info: H5VL_link_get_info_args_t,
    pub get_name: H5VL_link_get_name_args_t,
    pub get_val: H5VL_link_get_val_args_t,
}

/// Argument of the `get` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_link_get_args_t {
    pub op_type: H5VL_link_get_t,
    pub args: H5VL_link_get_args_u,
}

/// Operation of [`H5VL_link_specific_args_t`].
pub type H5VL_link_specific_t = c_int;
/// Has no arguments.
pub const H5VL_LINK_DELETE: H5VL_link_specific_t = 0;
pub const H5VL_LINK_EXISTS: H5VL_link_specific_t = 1;
pub const H5VL_LINK_ITER: H5VL_link_specific_t = 2;

/// [`H5VL_LINK_EXISTS`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_exists_args_t {
    pub exists: *mut bool,
}

/// [`H5VL_LINK_ITER`]; `idx_p` may be null.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_iterate_args_t {
    pub recursive: bool,
    pub idx_type: H5_index_t,
    pub order: H5_iter_order_t,
    pub idx_p: *mut hsize_t,
    pub op: H5L_iterate2_t,
    pub op_data: *mut c_void,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_link_specific_args_u {
    pub exists: H5VL_link_exists_args_t,
    pub iterate: H5VL_link_iterate_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_link_specific_args_t {
    pub op_type: H5VL_link_specific_t,
    pub args: H5VL_link_specific_args_u,
}
