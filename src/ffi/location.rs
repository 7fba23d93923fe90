//! How a callback is told which object it is about: by the object itself, by a name, by a
//! position in an index, or by a token.

use super::{H5_index_t, H5_iter_order_t, H5I_type_t, hid_t, hsize_t};
use core::ffi::{c_char, c_int};

/// Size of an object token in bytes.
pub const H5O_MAX_TOKEN_SIZE: usize = 16;

/// Permanent identifier of an object within its container.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct H5O_token_t {
    pub __data: [u8; H5O_MAX_TOKEN_SIZE],
}

/// How an object is located.
pub type H5VL_loc_type_t = c_int;
pub const H5VL_OBJECT_BY_SELF: H5VL_loc_type_t = 0;
pub const H5VL_OBJECT_BY_NAME: H5VL_loc_type_t = 1;
pub const H5VL_OBJECT_BY_IDX: H5VL_loc_type_t = 2;
pub const H5VL_OBJECT_BY_TOKEN: H5VL_loc_type_t = 3;

/// Member `loc_by_name`: a path, relative to the object handed over.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_loc_by_name_t {
    pub name: *const c_char,
    pub lapl_id: hid_t,
}

/// Member `loc_by_idx`: the `n`-th link of the group `name`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_loc_by_idx_t {
    pub name: *const c_char,
    pub idx_type: H5_index_t,
    pub order: H5_iter_order_t,
    pub n: hsize_t,
    pub lapl_id: hid_t,
}

/// Member `loc_by_token`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_loc_by_token_t {
    pub token: *mut H5O_token_t,
}

/// Which member is valid is said by [`H5VL_loc_params_t::type_`]; none is with
/// [`H5VL_OBJECT_BY_SELF`].
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_loc_data_u {
    pub loc_by_token: H5VL_loc_by_token_t,
    pub loc_by_name: H5VL_loc_by_name_t,
    pub loc_by_idx: H5VL_loc_by_idx_t,
}

/// Location of the object a callback is about, relative to the object pointer it gets.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_loc_params_t {
    /// Kind of the object pointer, not of the object located.
    pub obj_type: H5I_type_t,
    /// `type` in C.
    pub type_: H5VL_loc_type_t,
    pub loc_data: H5VL_loc_data_u,
}
