//! The native connector's optional operations: HDF5 sends these to any connector when a program
//! calls a routine that only makes sense for native files. Operation numbers are fixed by the
//! library. Declared are the arguments of those this connector can answer in a useful way.

use super::{
    H5_ih_info_t, H5F_mem_t, H5G_obj_t, H5I_type_t, H5VL_loc_params_t, haddr_t, herr_t, hid_t,
    hsize_t, time_t,
};
use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

/// First number that is free for a connector's own operations.
pub const H5VL_RESERVED_NATIVE_OPTIONAL: c_int = 1024;

/// Argument of every `optional` callback; what `args` points to depends on `op_type`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_optional_args_t {
    pub op_type: c_int,
    pub args: *mut c_void,
}

pub const H5VL_NATIVE_ATTR_ITERATE_OLD: c_int = 0;

pub const H5VL_NATIVE_DATASET_FORMAT_CONVERT: c_int = 0;
pub const H5VL_NATIVE_DATASET_GET_CHUNK_INDEX_TYPE: c_int = 1;
pub const H5VL_NATIVE_DATASET_GET_CHUNK_STORAGE_SIZE: c_int = 2;
pub const H5VL_NATIVE_DATASET_GET_NUM_CHUNKS: c_int = 3;
pub const H5VL_NATIVE_DATASET_GET_CHUNK_INFO_BY_IDX: c_int = 4;
pub const H5VL_NATIVE_DATASET_GET_CHUNK_INFO_BY_COORD: c_int = 5;
pub const H5VL_NATIVE_DATASET_CHUNK_READ: c_int = 6;
pub const H5VL_NATIVE_DATASET_CHUNK_WRITE: c_int = 7;
pub const H5VL_NATIVE_DATASET_GET_VLEN_BUF_SIZE: c_int = 8;
pub const H5VL_NATIVE_DATASET_GET_OFFSET: c_int = 9;
pub const H5VL_NATIVE_DATASET_CHUNK_ITER: c_int = 10;

pub const H5VL_NATIVE_FILE_CLEAR_ELINK_CACHE: c_int = 0;
pub const H5VL_NATIVE_FILE_GET_FILE_IMAGE: c_int = 1;
pub const H5VL_NATIVE_FILE_GET_FREE_SECTIONS: c_int = 2;
pub const H5VL_NATIVE_FILE_GET_FREE_SPACE: c_int = 3;
pub const H5VL_NATIVE_FILE_GET_INFO: c_int = 4;
pub const H5VL_NATIVE_FILE_GET_MDC_CONF: c_int = 5;
pub const H5VL_NATIVE_FILE_GET_MDC_HR: c_int = 6;
pub const H5VL_NATIVE_FILE_GET_MDC_SIZE: c_int = 7;
pub const H5VL_NATIVE_FILE_GET_SIZE: c_int = 8;
pub const H5VL_NATIVE_FILE_GET_VFD_HANDLE: c_int = 9;
pub const H5VL_NATIVE_FILE_RESET_MDC_HIT_RATE: c_int = 10;
pub const H5VL_NATIVE_FILE_SET_MDC_CONFIG: c_int = 11;
pub const H5VL_NATIVE_FILE_GET_METADATA_READ_RETRY_INFO: c_int = 12;
pub const H5VL_NATIVE_FILE_START_SWMR_WRITE: c_int = 13;
pub const H5VL_NATIVE_FILE_START_MDC_LOGGING: c_int = 14;
pub const H5VL_NATIVE_FILE_STOP_MDC_LOGGING: c_int = 15;
pub const H5VL_NATIVE_FILE_GET_MDC_LOGGING_STATUS: c_int = 16;
pub const H5VL_NATIVE_FILE_FORMAT_CONVERT: c_int = 17;
pub const H5VL_NATIVE_FILE_RESET_PAGE_BUFFERING_STATS: c_int = 18;
pub const H5VL_NATIVE_FILE_GET_PAGE_BUFFERING_STATS: c_int = 19;
pub const H5VL_NATIVE_FILE_GET_MDC_IMAGE_INFO: c_int = 20;
pub const H5VL_NATIVE_FILE_GET_EOA: c_int = 21;
pub const H5VL_NATIVE_FILE_INCR_FILESIZE: c_int = 22;
pub const H5VL_NATIVE_FILE_SET_LIBVER_BOUNDS: c_int = 23;
pub const H5VL_NATIVE_FILE_GET_MIN_DSET_OHDR_FLAG: c_int = 24;
pub const H5VL_NATIVE_FILE_SET_MIN_DSET_OHDR_FLAG: c_int = 25;
/// Only sent by libraries built with MPI.
pub const H5VL_NATIVE_FILE_GET_MPI_ATOMICITY: c_int = 26;
/// Only sent by libraries built with MPI.
pub const H5VL_NATIVE_FILE_SET_MPI_ATOMICITY: c_int = 27;
/// Asked about (`opt_query`) at each open and create of a file.
pub const H5VL_NATIVE_FILE_POST_OPEN: c_int = 28;

pub const H5VL_NATIVE_GROUP_ITERATE_OLD: c_int = 0;
pub const H5VL_NATIVE_GROUP_GET_OBJINFO: c_int = 1;

pub const H5VL_NATIVE_OBJECT_GET_COMMENT: c_int = 0;
pub const H5VL_NATIVE_OBJECT_SET_COMMENT: c_int = 1;
pub const H5VL_NATIVE_OBJECT_DISABLE_MDC_FLUSHES: c_int = 2;
pub const H5VL_NATIVE_OBJECT_ENABLE_MDC_FLUSHES: c_int = 3;
pub const H5VL_NATIVE_OBJECT_ARE_MDC_FLUSHES_DISABLED: c_int = 4;
pub const H5VL_NATIVE_OBJECT_GET_NATIVE_INFO: c_int = 5;

/// Called by the deprecated `H5Aiterate1` for each attribute.
pub type H5A_operator1_t = Option<
    unsafe extern "C" fn(
        location_id: hid_t,
        attr_name: *const c_char,
        op_data: *mut c_void,
    ) -> herr_t,
>;
/// Called by the deprecated `H5Giterate` for each link.
pub type H5G_iterate_t =
    Option<unsafe extern "C" fn(group: hid_t, name: *const c_char, op_data: *mut c_void) -> herr_t>;
/// Called by `H5Dchunk_iter` for each chunk.
pub type H5D_chunk_iter_op_t = Option<
    unsafe extern "C" fn(
        offset: *const hsize_t,
        filter_mask: c_uint,
        addr: haddr_t,
        size: hsize_t,
        op_data: *mut c_void,
    ) -> c_int,
>;

/// [`H5VL_NATIVE_ATTR_ITERATE_OLD`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_attr_iterate_old_t {
    pub loc_id: hid_t,
    pub attr_num: *mut c_uint,
    pub op: H5A_operator1_t,
    pub op_data: *mut c_void,
}

/// [`H5VL_NATIVE_DATASET_CHUNK_READ`]; the library ends the struct after `buf` before 2.0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_chunk_read_t {
    pub offset: *const hsize_t,
    pub filters: u32,
    pub buf: *mut c_void,
    /// Absent (not null: past the end) before HDF5 2.0.
    pub buf_size: *mut usize,
}

/// [`H5VL_NATIVE_DATASET_CHUNK_WRITE`] of HDF5 1.14, where the size has 32 bits.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_chunk_write_v1_14_t {
    pub offset: *const hsize_t,
    pub filters: u32,
    pub size: u32,
    pub buf: *const c_void,
}

/// [`H5VL_NATIVE_DATASET_CHUNK_WRITE`] since HDF5 2.0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_chunk_write_v2_t {
    pub offset: *const hsize_t,
    pub filters: u32,
    pub size: usize,
    pub buf: *const c_void,
}

/// [`H5VL_NATIVE_DATASET_GET_VLEN_BUF_SIZE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_get_vlen_buf_size_t {
    pub type_id: hid_t,
    pub space_id: hid_t,
    pub size: *mut hsize_t,
}

/// [`H5VL_NATIVE_DATASET_GET_CHUNK_STORAGE_SIZE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_get_chunk_storage_size_t {
    pub offset: *const hsize_t,
    pub size: *mut hsize_t,
}

/// [`H5VL_NATIVE_DATASET_GET_NUM_CHUNKS`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_get_num_chunks_t {
    pub space_id: hid_t,
    pub nchunks: *mut hsize_t,
}

/// [`H5VL_NATIVE_DATASET_GET_CHUNK_INFO_BY_IDX`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_get_chunk_info_by_idx_t {
    pub space_id: hid_t,
    pub chk_index: hsize_t,
    pub offset: *mut hsize_t,
    pub filter_mask: *mut c_uint,
    pub addr: *mut haddr_t,
    pub size: *mut hsize_t,
}

/// [`H5VL_NATIVE_DATASET_GET_CHUNK_INFO_BY_COORD`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_get_chunk_info_by_coord_t {
    pub offset: *const hsize_t,
    pub filter_mask: *mut c_uint,
    pub addr: *mut haddr_t,
    pub size: *mut hsize_t,
}

/// [`H5VL_NATIVE_DATASET_GET_OFFSET`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_get_offset_t {
    pub offset: *mut haddr_t,
}

/// [`H5VL_NATIVE_DATASET_CHUNK_ITER`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_dataset_chunk_iter_t {
    pub op: H5D_chunk_iter_op_t,
    pub op_data: *mut c_void,
}

/// [`H5VL_NATIVE_FILE_GET_FREE_SECTIONS`]; `sect_info` is an array of [`H5F_sect_info_t`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_file_get_free_sections_t {
    /// `type` in C.
    pub type_: H5F_mem_t,
    pub sect_info: *mut H5F_sect_info_t,
    pub nsects: usize,
    pub sect_count: *mut usize,
}

/// A piece of free space in a native file.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5F_sect_info_t {
    pub addr: haddr_t,
    pub size: hsize_t,
}

/// [`H5VL_NATIVE_FILE_GET_FREE_SPACE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_file_get_freespace_t {
    pub size: *mut hsize_t,
}

/// [`H5VL_NATIVE_FILE_GET_INFO`]; the object may be of any kind, which `type_` (`type` in C) tells.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_file_get_info_t {
    pub type_: H5I_type_t,
    pub finfo: *mut H5F_info2_t,
}

/// [`H5VL_NATIVE_FILE_GET_SIZE`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_file_get_size_t {
    pub size: *mut hsize_t,
}

/// Answer to `H5Fget_info2`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5F_info2_t {
    /// `super` in C.
    pub super_: H5F_info2_super_t,
    pub free: H5F_info2_free_t,
    pub sohm: H5F_info2_sohm_t,
}

/// Superblock.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5F_info2_super_t {
    pub version: c_uint,
    pub super_size: hsize_t,
    pub super_ext_size: hsize_t,
}

/// Free space.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5F_info2_free_t {
    pub version: c_uint,
    pub meta_size: hsize_t,
    pub tot_space: hsize_t,
}

/// Shared object header messages.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5F_info2_sohm_t {
    pub version: c_uint,
    pub hdr_size: hsize_t,
    pub msgs_info: H5_ih_info_t,
}

/// [`H5VL_NATIVE_GROUP_ITERATE_OLD`]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_native_group_iterate_old_t {
    pub loc_params: H5VL_loc_params_t,
    pub idx: hsize_t,
    pub last_obj: *mut hsize_t,
    pub op: H5G_iterate_t,
    pub op_data: *mut c_void,
}

/// [`H5VL_NATIVE_GROUP_GET_OBJINFO`]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_native_group_get_objinfo_t {
    pub loc_params: H5VL_loc_params_t,
    pub follow_link: bool,
    pub statbuf: *mut H5G_stat_t,
}

/// Answer to the deprecated `H5Gget_objinfo`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5G_stat_t {
    pub fileno: [c_ulong; 2],
    pub objno: [c_ulong; 2],
    pub nlink: c_uint,
    /// `type` in C.
    pub type_: H5G_obj_t,
    pub mtime: time_t,
    pub linklen: usize,
    pub ohdr: H5O_stat_t,
}

/// Object header statistics inside [`H5G_stat_t`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5O_stat_t {
    pub size: hsize_t,
    pub free: hsize_t,
    pub nmesgs: c_uint,
    pub nchunks: c_uint,
}

/// [`H5VL_NATIVE_OBJECT_GET_COMMENT`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_object_get_comment_t {
    pub buf_size: usize,
    pub buf: *mut c_void,
    pub comment_len: *mut usize,
}

/// [`H5VL_NATIVE_OBJECT_SET_COMMENT`]; a null `comment` removes it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_object_set_comment_t {
    pub comment: *const c_char,
}

/// [`H5VL_NATIVE_OBJECT_ARE_MDC_FLUSHES_DISABLED`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_object_are_mdc_flushes_disabled_t {
    pub flag: *mut bool,
}

/// [`H5VL_NATIVE_OBJECT_GET_NATIVE_INFO`]; `fields` is a set of `H5O_NATIVE_INFO_*`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_native_object_get_native_info_t {
    pub fields: c_uint,
    pub ninfo: *mut H5O_native_info_t,
}

/// Answer to `H5Oget_native_info`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5O_native_info_t {
    pub hdr: H5O_hdr_info_t,
    pub meta_size: H5O_meta_size_t,
}

/// Object header of a native object.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5O_hdr_info_t {
    pub version: c_uint,
    pub nmesgs: c_uint,
    pub nchunks: c_uint,
    pub flags: c_uint,
    pub space: H5O_hdr_space_t,
    pub mesg: H5O_hdr_mesg_t,
}

/// Bytes of an object header.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5O_hdr_space_t {
    pub total: hsize_t,
    pub meta: hsize_t,
    pub mesg: hsize_t,
    pub free: hsize_t,
}

/// Kinds of messages in an object header, as bit sets.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5O_hdr_mesg_t {
    pub present: u64,
    pub shared: u64,
}

/// Bytes an object uses outside its header.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct H5O_meta_size_t {
    pub obj: H5_ih_info_t,
    pub attr: H5_ih_info_t,
}
