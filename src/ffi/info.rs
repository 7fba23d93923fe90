//! What HDF5 wants to know about objects, links, attributes and groups: the structs a connector
//! fills in for `H5Oget_info`, `H5Lget_info` and their like, and references as they lie in memory.

use super::{
    H5G_storage_type_t, H5L_type_t, H5O_token_t, H5O_type_t, H5T_cset_t, herr_t, hid_t, hsize_t,
    time_t,
};
use core::ffi::{c_char, c_uint, c_ulong, c_void};

/// Size of a reference in memory, in bytes.
pub const H5R_REF_BUF_SIZE: usize = 64;

/// Answer to `H5Oget_info3`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5O_info2_t {
    pub fileno: c_ulong,
    pub token: H5O_token_t,
    /// `type` in C.
    pub type_: H5O_type_t,
    /// Number of hard links.
    pub rc: c_uint,
    pub atime: time_t,
    pub mtime: time_t,
    pub ctime: time_t,
    pub btime: time_t,
    pub num_attrs: hsize_t,
}

/// Answer to `H5Lget_info2`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5L_info2_t {
    /// `type` in C.
    pub type_: H5L_type_t,
    pub corder_valid: bool,
    pub corder: i64,
    pub cset: H5T_cset_t,
    pub u: H5L_info2_u,
}

/// Member `u` of [`H5L_info2_t`].
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5L_info2_u {
    /// Hard links: the object they point to.
    pub token: H5O_token_t,
    /// Other links: the size of their value, with its terminating NUL.
    pub val_size: usize,
}

/// Answer to `H5Aget_info`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5A_info_t {
    pub corder_valid: bool,
    pub corder: u32,
    pub cset: H5T_cset_t,
    pub data_size: hsize_t,
}

/// Answer to `H5Gget_info`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5G_info_t {
    pub storage_type: H5G_storage_type_t,
    pub nlinks: hsize_t,
    pub max_corder: i64,
    pub mounted: bool,
}

/// A reference to an object, a region or an attribute, in memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5R_ref_t {
    pub u: H5R_ref_u,
}

/// Member `u` of [`H5R_ref_t`].
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5R_ref_u {
    pub __data: [u8; H5R_REF_BUF_SIZE],
    /// Only there for its alignment.
    pub align: i64,
}

/// Space used by an index and its heap, in a native file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5_ih_info_t {
    pub index_size: hsize_t,
    pub heap_size: hsize_t,
}

/// Called by `H5Aiterate2` for each attribute.
pub type H5A_operator2_t = Option<
    unsafe extern "C" fn(
        location_id: hid_t,
        attr_name: *const c_char,
        ainfo: *const H5A_info_t,
        op_data: *mut c_void,
    ) -> herr_t,
>;
/// Called before the file of an external link is opened (`H5Pset_elink_cb`).
pub type H5L_elink_traverse_t = Option<
    unsafe extern "C" fn(
        *const c_char,
        *const c_char,
        *const c_char,
        *const c_char,
        *mut c_uint,
        hid_t,
        *mut c_void,
    ) -> herr_t,
>;
/// Called by `H5Literate2` and `H5Lvisit2` for each link.
pub type H5L_iterate2_t = Option<
    unsafe extern "C" fn(
        group: hid_t,
        name: *const c_char,
        info: *const H5L_info2_t,
        op_data: *mut c_void,
    ) -> herr_t,
>;
/// Called by `H5Ovisit3` for each object.
pub type H5O_iterate2_t = Option<
    unsafe extern "C" fn(
        obj: hid_t,
        name: *const c_char,
        info: *const H5O_info2_t,
        op_data: *mut c_void,
    ) -> herr_t,
>;
