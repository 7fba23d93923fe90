//! Arguments of the attribute callbacks (`H5VL_attr_class_t`).

use super::{
    H5_index_t, H5_iter_order_t, H5A_info_t, H5A_operator2_t, H5VL_loc_params_t, hid_t, hsize_t,
};
use core::ffi::{c_char, c_int, c_void};

/// Operation of [`H5VL_attr_get_args_t`].
pub type H5VL_attr_get_t = c_int;
pub const H5VL_ATTR_GET_ACPL: H5VL_attr_get_t = 0;
pub const H5VL_ATTR_GET_INFO: H5VL_attr_get_t = 1;
pub const H5VL_ATTR_GET_NAME: H5VL_attr_get_t = 2;
pub const H5VL_ATTR_GET_SPACE: H5VL_attr_get_t = 3;
pub const H5VL_ATTR_GET_STORAGE_SIZE: H5VL_attr_get_t = 4;
pub const H5VL_ATTR_GET_TYPE: H5VL_attr_get_t = 5;

/// [`H5VL_ATTR_GET_ACPL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_get_acpl_args_t {
    pub acpl_id: hid_t,
}

/// [`H5VL_ATTR_GET_INFO`]; `attr_name` is null unless the attribute is found by name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_attr_get_info_args_t {
    pub loc_params: H5VL_loc_params_t,
    pub attr_name: *const c_char,
    pub ainfo: *mut H5A_info_t,
}

/// [`H5VL_ATTR_GET_NAME`]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_attr_get_name_args_t {
    pub loc_params: H5VL_loc_params_t,
    pub buf_size: usize,
    pub buf: *mut c_char,
    pub attr_name_len: *mut usize,
}

/// [`H5VL_ATTR_GET_SPACE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_get_space_args_t {
    pub space_id: hid_t,
}

/// [`H5VL_ATTR_GET_STORAGE_SIZE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_get_storage_size_args_t {
    pub data_size: *mut hsize_t,
}

/// [`H5VL_ATTR_GET_TYPE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_get_type_args_t {
    pub type_id: hid_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_attr_get_args_u {
    pub get_acpl: H5VL_attr_get_acpl_args_t,
    pub get_info: H5VL_attr_get_info_args_t,
    pub get_name: H5VL_attr_get_name_args_t,
    pub get_space: H5VL_attr_get_space_args_t,
    pub get_storage_size: H5VL_attr_get_storage_size_args_t,
    pub get_type: H5VL_attr_get_type_args_t,
}

/// Argument of the `get` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_attr_get_args_t {
    pub op_type: H5VL_attr_get_t,
    pub args: H5VL_attr_get_args_u,
}

/// Operation of [`H5VL_attr_specific_args_t`].
pub type H5VL_attr_specific_t = c_int;
pub const H5VL_ATTR_DELETE: H5VL_attr_specific_t = 0;
pub const H5VL_ATTR_DELETE_BY_IDX: H5VL_attr_specific_t = 1;
pub const H5VL_ATTR_EXISTS: H5VL_attr_specific_t = 2;
pub const H5VL_ATTR_ITER: H5VL_attr_specific_t = 3;
pub const H5VL_ATTR_RENAME: H5VL_attr_specific_t = 4;

/// [`H5VL_ATTR_DELETE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_del_args_t {
    pub name: *const c_char,
}

/// [`H5VL_ATTR_DELETE_BY_IDX`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_delete_by_idx_args_t {
    pub idx_type: H5_index_t,
    pub order: H5_iter_order_t,
    pub n: hsize_t,
}

/// [`H5VL_ATTR_EXISTS`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_exists_args_t {
    pub name: *const c_char,
    pub exists: *mut bool,
}

/// [`H5VL_ATTR_ITER`]; `idx` may be null.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_iterate_args_t {
    pub idx_type: H5_index_t,
    pub order: H5_iter_order_t,
    pub idx: *mut hsize_t,
    pub op: H5A_operator2_t,
    pub op_data: *mut c_void,
}

/// [`H5VL_ATTR_RENAME`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_rename_args_t {
    pub old_name: *const c_char,
    pub new_name: *const c_char,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_attr_specific_args_u {
    pub del: H5VL_attr_del_args_t,
    pub delete_by_idx: H5VL_attr_delete_by_idx_args_t,
    pub exists: H5VL_attr_exists_args_t,
    pub iterate: H5VL_attr_iterate_args_t,
    pub rename: H5VL_attr_rename_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_attr_specific_args_t {
    pub op_type: H5VL_attr_specific_t,
    pub args: H5VL_attr_specific_args_u,
}
