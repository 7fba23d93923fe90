//! Arguments of the dataset callbacks (`H5VL_dataset_class_t`).

use super::{H5D_space_status_t, hid_t, hsize_t};
use core::ffi::c_int;

/// Operation of [`H5VL_dataset_get_args_t`].
pub type H5VL_dataset_get_t = c_int;
pub const H5VL_DATASET_GET_DAPL: H5VL_dataset_get_t = 0;
pub const H5VL_DATASET_GET_DCPL: H5VL_dataset_get_t = 1;
pub const H5VL_DATASET_GET_SPACE: H5VL_dataset_get_t = 2;
pub const H5VL_DATASET_GET_SPACE_STATUS: H5VL_dataset_get_t = 3;
pub const H5VL_DATASET_GET_STORAGE_SIZE: H5VL_dataset_get_t = 4;
pub const H5VL_DATASET_GET_TYPE: H5VL_dataset_get_t = 5;

/// [`H5VL_DATASET_GET_DAPL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_get_dapl_args_t {
    pub dapl_id: hid_t,
}

/// [`H5VL_DATASET_GET_DCPL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_get_dcpl_args_t {
    pub dcpl_id: hid_t,
}

/// [`H5VL_DATASET_GET_SPACE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_get_space_args_t {
    pub space_id: hid_t,
}

/// [`H5VL_DATASET_GET_SPACE_STATUS`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_get_space_status_args_t {
    pub status: *mut H5D_space_status_t,
}

/// [`H5VL_DATASET_GET_STORAGE_SIZE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_get_storage_size_args_t {
    pub storage_size: *mut hsize_t,
}

/// [`H5VL_DATASET_GET_TYPE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_get_type_args_t {
    pub type_id: hid_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_dataset_get_args_u {
    pub get_dapl: H5VL_dataset_get_dapl_args_t,
    pub get_dcpl: H5VL_dataset_get_dcpl_args_t,
    pub get_space: H5VL_dataset_get_space_args_t,
    pub get_space_status: H5VL_dataset_get_space_status_args_t,
    pub get_storage_size: H5VL_dataset_get_storage_size_args_t,
    pub get_type: H5VL_dataset_get_type_args_t,
}

/// Argument of the `get` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_dataset_get_args_t {
    pub op_type: H5VL_dataset_get_t,
    pub args: H5VL_dataset_get_args_u,
}

/// Operation of [`H5VL_dataset_specific_args_t`].
pub type H5VL_dataset_specific_t = c_int;
pub const H5VL_DATASET_SET_EXTENT: H5VL_dataset_specific_t = 0;
pub const H5VL_DATASET_FLUSH: H5VL_dataset_specific_t = 1;
pub const H5VL_DATASET_REFRESH: H5VL_dataset_specific_t = 2;

/// [`H5VL_DATASET_SET_EXTENT`]; `size` has as many entries as the dataset has dimensions.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_set_extent_args_t {
    pub size: *const hsize_t,
}

/// [`H5VL_DATASET_FLUSH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_flush_args_t {
    pub dset_id: hid_t,
}

/// [`H5VL_DATASET_REFRESH`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_refresh_args_t {
    pub dset_id: hid_t,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_dataset_specific_args_u {
    pub set_extent: H5VL_dataset_set_extent_args_t,
    pub flush: H5VL_dataset_flush_args_t,
    pub refresh: H5VL_dataset_refresh_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_dataset_specific_args_t {
    pub op_type: H5VL_dataset_specific_t,
    pub args: H5VL_dataset_specific_args_u,
}
