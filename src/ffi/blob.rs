//! Arguments of the blob callbacks (`H5VL_blob_class_t`), by which the library stores
//! variable-length data in a container.

use core::ffi::c_int;

/// Largest size of a blob identifier in bytes.
pub const H5VL_MAX_BLOB_ID_SIZE: usize = 16;

/// Operation of [`H5VL_blob_specific_args_t`].
pub type H5VL_blob_specific_t = c_int;
/// Has no arguments.
pub const H5VL_BLOB_DELETE: H5VL_blob_specific_t = 0;
pub const H5VL_BLOB_ISNULL: H5VL_blob_specific_t = 1;
/// Has no arguments.
pub const H5VL_BLOB_SETNULL: H5VL_blob_specific_t = 2;

/// [`H5VL_BLOB_ISNULL`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_blob_is_null_args_t {
    pub isnull: *mut bool,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_blob_specific_args_u {
    pub is_null: H5VL_blob_is_null_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_blob_specific_args_t {
    pub op_type: H5VL_blob_specific_t,
    pub args: H5VL_blob_specific_args_u,
}
