//! Arguments of the group callbacks (`H5VL_group_class_t`).

use super::{H5G_info_t, H5VL_loc_params_t, hid_t};
use core::ffi::{c_char, c_int, c_void};

/// Operation of [`H5VL_group_get_args_t`].
pub type H5VL_group_get_t = c_int;
pub const H5VL_GROUP_GET_GCPL: H5VL_group_get_t = 0;
pub const H5VL_GROUP_GET_INFO: H5VL_group_get_t = 1;

/// [`H5VL_GROUP_GET_GCPL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_group_get_gcpl_args_t {
    pub gcpl_id: hid_t,
}

/// [`H5VL_GROUP_GET_INFO`]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_group_get_info_args_t {
    pub loc_params: H5VL_loc_params_t,
    pub ginfo: *mut H5G_info_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_group_get_args_u {
    pub get_gcpl: H5VL_group_get_gcpl_args_t,
    pub get_info: H5VL_group_get_info_args_t,
}

/// Argument of the `get` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_group_get_args_t {
    pub op_type: H5VL_group_get_t,
    pub args: H5VL_group_get_args_u,
}

/// Operation of [`H5VL_group_specific_args_t`].
pub type H5VL_group_specific_t = c_int;
pub const H5VL_GROUP_MOUNT: H5VL_group_specific_t = 0;
pub const H5VL_GROUP_UNMOUNT: H5VL_group_specific_t = 1;
pub const H5VL_GROUP_FLUSH: H5VL_group_specific_t = 2;
pub const H5VL_GROUP_REFRESH: H5VL_group_specific_t = 3;

/// [`H5VL_GROUP_MOUNT`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_group_spec_mount_args_t {
    pub name: *const c_char,
    pub child_file: *mut c_void,
    pub fmpl_id: hid_t,
}

/// [`H5VL_GROUP_UNMOUNT`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_group_unmount_args_t {
    pub name: *const c_char,
}

/// [`H5VL_GROUP_FLUSH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_group_flush_args_t {
    pub grp_id: hid_t,
}

/// [`H5VL_GROUP_REFRESH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_group_refresh_args_t {
    pub grp_id: hid_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_group_specific_args_u {
    pub mount: H5VL_group_spec_mount_args_t,
    pub unmount: H5VL_group_unmount_args_t,
    pub flush: H5VL_group_flush_args_t,
    pub refresh: H5VL_group_refresh_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_group_specific_args_t {
    pub op_type: H5VL_group_specific_t,
    pub args: H5VL_group_specific_args_u,
}
