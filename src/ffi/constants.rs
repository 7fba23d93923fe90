//! Values of HDF5's public enums and flags that the connector compares, stores or answers.
//! Those that belong to one callback class are declared next to its arguments instead.

use super::*;

pub const H5I_INVALID_HID: hid_t = -1;
pub const H5P_DEFAULT: hid_t = 0;
pub const H5E_DEFAULT: hid_t = 0;
pub const H5ES_NONE: hid_t = 0;
/// The whole dataspace, for a file or memory space.
pub const H5S_ALL: hid_t = 0;
/// The memory is as many contiguous elements as the file selection has.
pub const H5S_BLOCK: hid_t = 1;
/// The selection is in the transfer property list.
pub const H5S_PLIST: hid_t = 2;
pub const HADDR_UNDEF: haddr_t = haddr_t::MAX;

pub const H5_INDEX_UNKNOWN: H5_index_t = -1;
pub const H5_INDEX_NAME: H5_index_t = 0;
pub const H5_INDEX_CRT_ORDER: H5_index_t = 1;

pub const H5_ITER_UNKNOWN: H5_iter_order_t = -1;
pub const H5_ITER_INC: H5_iter_order_t = 0;
pub const H5_ITER_DEC: H5_iter_order_t = 1;
pub const H5_ITER_NATIVE: H5_iter_order_t = 2;

pub const H5_ITER_ERROR: herr_t = -1;
pub const H5_ITER_CONT: herr_t = 0;
pub const H5_ITER_STOP: herr_t = 1;

pub const H5I_UNINIT: H5I_type_t = -2;
pub const H5I_BADID: H5I_type_t = -1;
pub const H5I_FILE: H5I_type_t = 1;
pub const H5I_GROUP: H5I_type_t = 2;
pub const H5I_DATATYPE: H5I_type_t = 3;
pub const H5I_DATASPACE: H5I_type_t = 4;
pub const H5I_DATASET: H5I_type_t = 5;
pub const H5I_MAP: H5I_type_t = 6;
pub const H5I_ATTR: H5I_type_t = 7;
pub const H5I_VFL: H5I_type_t = 8;
pub const H5I_VOL: H5I_type_t = 9;
pub const H5I_GENPROP_CLS: H5I_type_t = 10;
pub const H5I_GENPROP_LST: H5I_type_t = 11;
pub const H5I_ERROR_CLASS: H5I_type_t = 12;
pub const H5I_ERROR_MSG: H5I_type_t = 13;
pub const H5I_ERROR_STACK: H5I_type_t = 14;
pub const H5I_SPACE_SEL_ITER: H5I_type_t = 15;
pub const H5I_EVENTSET: H5I_type_t = 16;

pub const H5F_ACC_RDONLY: c_uint = 0x0000;
pub const H5F_ACC_RDWR: c_uint = 0x0001;
pub const H5F_ACC_TRUNC: c_uint = 0x0002;
pub const H5F_ACC_EXCL: c_uint = 0x0004;
pub const H5F_ACC_CREAT: c_uint = 0x0010;
pub const H5F_ACC_SWMR_WRITE: c_uint = 0x0020;
pub const H5F_ACC_SWMR_READ: c_uint = 0x0040;
/// The intent of the file an external link is found in.
pub const H5F_ACC_DEFAULT: c_uint = 0xffff;

pub const H5F_OBJ_FILE: c_uint = 0x0001;
pub const H5F_OBJ_DATASET: c_uint = 0x0002;
pub const H5F_OBJ_GROUP: c_uint = 0x0004;
pub const H5F_OBJ_DATATYPE: c_uint = 0x0008;
pub const H5F_OBJ_ATTR: c_uint = 0x0010;
pub const H5F_OBJ_ALL: c_uint =
    H5F_OBJ_FILE | H5F_OBJ_DATASET | H5F_OBJ_GROUP | H5F_OBJ_DATATYPE | H5F_OBJ_ATTR;
/// Only objects opened through the file identifier itself.
pub const H5F_OBJ_LOCAL: c_uint = 0x0020;

pub const H5F_SCOPE_LOCAL: H5F_scope_t = 0;
pub const H5F_SCOPE_GLOBAL: H5F_scope_t = 1;

pub const H5F_CLOSE_DEFAULT: H5F_close_degree_t = 0;
pub const H5F_CLOSE_WEAK: H5F_close_degree_t = 1;
pub const H5F_CLOSE_SEMI: H5F_close_degree_t = 2;
pub const H5F_CLOSE_STRONG: H5F_close_degree_t = 3;

pub const H5F_RFIC_UNUSUAL_NUM_UNUSED_NUMERIC_BITS: u64 = 0x0001;
pub const H5F_LIBVER_EARLIEST: H5F_libver_t = 0;
pub const H5F_LIBVER_V18: H5F_libver_t = 1;
pub const H5F_LIBVER_V110: H5F_libver_t = 2;
pub const H5F_LIBVER_V112: H5F_libver_t = 3;
pub const H5F_LIBVER_V114: H5F_libver_t = 4;

pub const H5O_TYPE_UNKNOWN: H5O_type_t = -1;
pub const H5O_TYPE_GROUP: H5O_type_t = 0;
pub const H5O_TYPE_DATASET: H5O_type_t = 1;
pub const H5O_TYPE_NAMED_DATATYPE: H5O_type_t = 2;
pub const H5O_TYPE_MAP: H5O_type_t = 3;

// No H5O_INFO_ALL: it has the two flags of native files as well when a program is compiled with
// deprecated symbols, so `fields` may carry them, too.
pub const H5O_INFO_BASIC: c_uint = 0x0001;
pub const H5O_INFO_TIME: c_uint = 0x0002;
pub const H5O_INFO_NUM_ATTRS: c_uint = 0x0004;
pub const H5O_NATIVE_INFO_HDR: c_uint = 0x0008;
pub const H5O_NATIVE_INFO_META_SIZE: c_uint = 0x0010;

pub const H5O_COPY_SHALLOW_HIERARCHY_FLAG: c_uint = 0x0001;
pub const H5O_COPY_EXPAND_SOFT_LINK_FLAG: c_uint = 0x0002;
pub const H5O_COPY_EXPAND_EXT_LINK_FLAG: c_uint = 0x0004;
pub const H5O_COPY_EXPAND_REFERENCE_FLAG: c_uint = 0x0008;
pub const H5O_COPY_WITHOUT_ATTR_FLAG: c_uint = 0x0010;
pub const H5O_COPY_PRESERVE_NULL_FLAG: c_uint = 0x0020;
pub const H5O_COPY_MERGE_COMMITTED_DTYPE_FLAG: c_uint = 0x0040;

pub const H5L_TYPE_ERROR: H5L_type_t = -1;
pub const H5L_TYPE_HARD: H5L_type_t = 0;
pub const H5L_TYPE_SOFT: H5L_type_t = 1;
/// Also the first number of a user-defined link.
pub const H5L_TYPE_EXTERNAL: H5L_type_t = 64;
pub const H5L_TYPE_MAX: H5L_type_t = 255;
/// Stands for "the other location of this call".
pub const H5L_SAME_LOC: hid_t = 0;

pub const H5G_STORAGE_TYPE_UNKNOWN: H5G_storage_type_t = -1;
pub const H5G_STORAGE_TYPE_SYMBOL_TABLE: H5G_storage_type_t = 0;
pub const H5G_STORAGE_TYPE_COMPACT: H5G_storage_type_t = 1;
pub const H5G_STORAGE_TYPE_DENSE: H5G_storage_type_t = 2;

pub const H5G_UNKNOWN: H5G_obj_t = -1;
pub const H5G_GROUP: H5G_obj_t = 0;
pub const H5G_DATASET: H5G_obj_t = 1;
pub const H5G_TYPE: H5G_obj_t = 2;
pub const H5G_LINK: H5G_obj_t = 3;
pub const H5G_UDLINK: H5G_obj_t = 4;

pub const H5P_CRT_ORDER_TRACKED: c_uint = 0x0001;
pub const H5P_CRT_ORDER_INDEXED: c_uint = 0x0002;

pub const H5T_NO_CLASS: H5T_class_t = -1;
pub const H5T_INTEGER: H5T_class_t = 0;
pub const H5T_FLOAT: H5T_class_t = 1;
pub const H5T_TIME: H5T_class_t = 2;
pub const H5T_STRING: H5T_class_t = 3;
pub const H5T_BITFIELD: H5T_class_t = 4;
pub const H5T_OPAQUE: H5T_class_t = 5;
pub const H5T_COMPOUND: H5T_class_t = 6;
pub const H5T_REFERENCE: H5T_class_t = 7;
pub const H5T_ENUM: H5T_class_t = 8;
pub const H5T_VLEN: H5T_class_t = 9;
pub const H5T_ARRAY: H5T_class_t = 10;
/// Since HDF5 2.0.
pub const H5T_COMPLEX: H5T_class_t = 11;

pub const H5T_ORDER_ERROR: H5T_order_t = -1;
pub const H5T_ORDER_LE: H5T_order_t = 0;
pub const H5T_ORDER_BE: H5T_order_t = 1;
pub const H5T_ORDER_VAX: H5T_order_t = 2;
pub const H5T_ORDER_MIXED: H5T_order_t = 3;
pub const H5T_ORDER_NONE: H5T_order_t = 4;

pub const H5T_SGN_ERROR: H5T_sign_t = -1;
pub const H5T_SGN_NONE: H5T_sign_t = 0;
pub const H5T_SGN_2: H5T_sign_t = 1;

pub const H5T_NORM_ERROR: H5T_norm_t = -1;
pub const H5T_NORM_IMPLIED: H5T_norm_t = 0;
pub const H5T_NORM_MSBSET: H5T_norm_t = 1;
pub const H5T_NORM_NONE: H5T_norm_t = 2;

pub const H5T_CSET_ERROR: H5T_cset_t = -1;
pub const H5T_CSET_ASCII: H5T_cset_t = 0;
pub const H5T_CSET_UTF8: H5T_cset_t = 1;

pub const H5T_STR_ERROR: H5T_str_t = -1;
pub const H5T_STR_NULLTERM: H5T_str_t = 0;
pub const H5T_STR_NULLPAD: H5T_str_t = 1;
pub const H5T_STR_SPACEPAD: H5T_str_t = 2;

pub const H5T_PAD_ERROR: H5T_pad_t = -1;
pub const H5T_PAD_ZERO: H5T_pad_t = 0;
pub const H5T_PAD_ONE: H5T_pad_t = 1;
pub const H5T_PAD_BACKGROUND: H5T_pad_t = 2;

pub const H5T_DIR_DEFAULT: H5T_direction_t = 0;
pub const H5T_DIR_ASCEND: H5T_direction_t = 1;
pub const H5T_DIR_DESCEND: H5T_direction_t = 2;

/// Size of a variable-length string type.
pub const H5T_VARIABLE: usize = usize::MAX;
/// Longest tag of an opaque type, with its NUL.
pub const H5T_OPAQUE_TAG_MAX: usize = 256;

pub const H5S_UNLIMITED: hsize_t = hsize_t::MAX;
pub const H5S_MAX_RANK: usize = 32;

pub const H5S_NO_CLASS: H5S_class_t = -1;
pub const H5S_SCALAR: H5S_class_t = 0;
pub const H5S_SIMPLE: H5S_class_t = 1;
pub const H5S_NULL: H5S_class_t = 2;

pub const H5S_SEL_ERROR: H5S_sel_type = -1;
pub const H5S_SEL_NONE: H5S_sel_type = 0;
pub const H5S_SEL_POINTS: H5S_sel_type = 1;
pub const H5S_SEL_HYPERSLABS: H5S_sel_type = 2;
pub const H5S_SEL_ALL: H5S_sel_type = 3;

pub const H5S_SELECT_NOOP: H5S_seloper_t = -1;
pub const H5S_SELECT_SET: H5S_seloper_t = 0;
pub const H5S_SELECT_OR: H5S_seloper_t = 1;
pub const H5S_SELECT_AND: H5S_seloper_t = 2;
pub const H5S_SELECT_XOR: H5S_seloper_t = 3;
pub const H5S_SELECT_NOTB: H5S_seloper_t = 4;
pub const H5S_SELECT_NOTA: H5S_seloper_t = 5;
pub const H5S_SELECT_APPEND: H5S_seloper_t = 6;
pub const H5S_SELECT_PREPEND: H5S_seloper_t = 7;

/// Flag of `H5Ssel_iter_create`: sequences come in increasing offsets.
pub const H5S_SEL_ITER_GET_SEQ_LIST_SORTED: c_uint = 0x0001;
/// Flag of `H5Ssel_iter_create`: do not copy the dataspace.
pub const H5S_SEL_ITER_SHARE_WITH_DATASPACE: c_uint = 0x0002;

pub const H5F_FSPACE_STRATEGY_FSM_AGGR: H5F_fspace_strategy_t = 0;
pub const H5F_FSPACE_STRATEGY_PAGE: H5F_fspace_strategy_t = 1;

pub const H5D_LAYOUT_ERROR: H5D_layout_t = -1;
pub const H5D_COMPACT: H5D_layout_t = 0;
pub const H5D_CONTIGUOUS: H5D_layout_t = 1;
pub const H5D_CHUNKED: H5D_layout_t = 2;
pub const H5D_VIRTUAL: H5D_layout_t = 3;

pub const H5D_VDS_FIRST_MISSING: H5D_vds_view_t = 0;
pub const H5D_VDS_LAST_AVAILABLE: H5D_vds_view_t = 1;

pub const H5D_CHUNK_IDX_BTREE: H5D_chunk_index_t = 0;
pub const H5D_CHUNK_IDX_SINGLE: H5D_chunk_index_t = 1;
pub const H5D_CHUNK_IDX_NONE: H5D_chunk_index_t = 2;
pub const H5D_CHUNK_IDX_FARRAY: H5D_chunk_index_t = 3;
pub const H5D_CHUNK_IDX_EARRAY: H5D_chunk_index_t = 4;
pub const H5D_CHUNK_IDX_BT2: H5D_chunk_index_t = 5;

pub const H5D_ALLOC_TIME_ERROR: H5D_alloc_time_t = -1;
pub const H5D_ALLOC_TIME_DEFAULT: H5D_alloc_time_t = 0;
pub const H5D_ALLOC_TIME_EARLY: H5D_alloc_time_t = 1;
pub const H5D_ALLOC_TIME_LATE: H5D_alloc_time_t = 2;
pub const H5D_ALLOC_TIME_INCR: H5D_alloc_time_t = 3;

pub const H5D_FILL_TIME_ERROR: H5D_fill_time_t = -1;
pub const H5D_FILL_TIME_ALLOC: H5D_fill_time_t = 0;
pub const H5D_FILL_TIME_NEVER: H5D_fill_time_t = 1;
pub const H5D_FILL_TIME_IFSET: H5D_fill_time_t = 2;

/// Chunks that the extent of a dataset cuts are stored without filters.
pub const H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS: c_uint = 2;

pub const H5D_FILL_VALUE_ERROR: H5D_fill_value_t = -1;
pub const H5D_FILL_VALUE_UNDEFINED: H5D_fill_value_t = 0;
pub const H5D_FILL_VALUE_DEFAULT: H5D_fill_value_t = 1;
pub const H5D_FILL_VALUE_USER_DEFINED: H5D_fill_value_t = 2;

pub const H5D_SPACE_STATUS_ERROR: H5D_space_status_t = -1;
pub const H5D_SPACE_STATUS_NOT_ALLOCATED: H5D_space_status_t = 0;
pub const H5D_SPACE_STATUS_PART_ALLOCATED: H5D_space_status_t = 1;
pub const H5D_SPACE_STATUS_ALLOCATED: H5D_space_status_t = 2;

/// "As set in the file access property list", for the chunk cache of a dataset.
pub const H5D_CHUNK_CACHE_NSLOTS_DEFAULT: usize = usize::MAX;
/// "As set in the file access property list", for the chunk cache of a dataset.
pub const H5D_CHUNK_CACHE_NBYTES_DEFAULT: usize = usize::MAX;

pub const H5Z_FILTER_NONE: H5Z_filter_t = 0;
pub const H5Z_FILTER_DEFLATE: H5Z_filter_t = 1;
pub const H5Z_FILTER_SHUFFLE: H5Z_filter_t = 2;
pub const H5Z_FILTER_FLETCHER32: H5Z_filter_t = 3;
pub const H5Z_FILTER_SZIP: H5Z_filter_t = 4;
pub const H5Z_FILTER_NBIT: H5Z_filter_t = 5;
pub const H5Z_FILTER_SCALEOFFSET: H5Z_filter_t = 6;
pub const H5Z_FLAG_MANDATORY: c_uint = 0x0000;
pub const H5Z_FLAG_OPTIONAL: c_uint = 0x0001;
pub const H5Z_FLAG_REVERSE: c_uint = 0x0100;
pub const H5Z_CLASS_T_VERS: c_int = 1;
pub const H5Z_SO_FLOAT_DSCALE: H5Z_SO_scale_type_t = 0;
pub const H5Z_SO_FLOAT_ESCALE: H5Z_SO_scale_type_t = 1;
pub const H5Z_SO_INT: H5Z_SO_scale_type_t = 2;

pub const H5R_BADTYPE: H5R_type_t = -1;
pub const H5R_OBJECT1: H5R_type_t = 0;
pub const H5R_DATASET_REGION1: H5R_type_t = 1;
pub const H5R_OBJECT2: H5R_type_t = 2;
pub const H5R_DATASET_REGION2: H5R_type_t = 3;
pub const H5R_ATTR: H5R_type_t = 4;
/// Size of an old object reference (`H5T_STD_REF_OBJ`).
pub const H5R_OBJ_REF_BUF_SIZE: usize = 8;
/// Size of an old region reference (`H5T_STD_REF_DSETREG`).
pub const H5R_DSET_REG_REF_BUF_SIZE: usize = 12;

pub const H5PL_TYPE_ERROR: H5PL_type_t = -1;
pub const H5PL_TYPE_FILTER: H5PL_type_t = 0;
pub const H5PL_TYPE_VOL: H5PL_type_t = 1;
pub const H5PL_TYPE_VFD: H5PL_type_t = 2;

pub const H5E_MAJOR: H5E_type_t = 0;
pub const H5E_MINOR: H5E_type_t = 1;
/// Start at the most specific error.
pub const H5E_WALK_UPWARD: H5E_direction_t = 0;
/// Start at the API function.
pub const H5E_WALK_DOWNWARD: H5E_direction_t = 1;

/// Number of the native connector.
pub const H5_VOL_NATIVE: H5VL_class_value_t = 0;
/// Connector numbers below are the library's own.
pub const H5_VOL_RESERVED: H5VL_class_value_t = 256;
pub const H5_VOL_MAX: H5VL_class_value_t = 65535;
