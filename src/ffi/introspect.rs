//! Values of the introspection callbacks (`H5VL_introspect_class_t`): capability flags, class
//! levels, and the answers to "do you support this optional operation?".

use super::H5VL_subclass_t;
use core::ffi::c_int;

/// Which connector of a stack `get_conn_cls` asks for.
pub type H5VL_get_conn_lvl_t = c_int;
/// The connector asked.
pub const H5VL_GET_CONN_LVL_CURR: H5VL_get_conn_lvl_t = 0;
/// The connector that stores the data.
pub const H5VL_GET_CONN_LVL_TERM: H5VL_get_conn_lvl_t = 1;

pub const H5VL_SUBCLS_NONE: H5VL_subclass_t = 0;
pub const H5VL_SUBCLS_INFO: H5VL_subclass_t = 1;
pub const H5VL_SUBCLS_WRAP: H5VL_subclass_t = 2;
pub const H5VL_SUBCLS_ATTR: H5VL_subclass_t = 3;
pub const H5VL_SUBCLS_DATASET: H5VL_subclass_t = 4;
pub const H5VL_SUBCLS_DATATYPE: H5VL_subclass_t = 5;
pub const H5VL_SUBCLS_FILE: H5VL_subclass_t = 6;
pub const H5VL_SUBCLS_GROUP: H5VL_subclass_t = 7;
pub const H5VL_SUBCLS_LINK: H5VL_subclass_t = 8;
pub const H5VL_SUBCLS_OBJECT: H5VL_subclass_t = 9;
pub const H5VL_SUBCLS_REQUEST: H5VL_subclass_t = 10;
pub const H5VL_SUBCLS_BLOB: H5VL_subclass_t = 11;
pub const H5VL_SUBCLS_TOKEN: H5VL_subclass_t = 12;

pub const H5VL_OPT_QUERY_SUPPORTED: u64 = 0x0001;
pub const H5VL_OPT_QUERY_READ_DATA: u64 = 0x0002;
pub const H5VL_OPT_QUERY_WRITE_DATA: u64 = 0x0004;
pub const H5VL_OPT_QUERY_QUERY_METADATA: u64 = 0x0008;
pub const H5VL_OPT_QUERY_MODIFY_METADATA: u64 = 0x0010;
pub const H5VL_OPT_QUERY_COLLECTIVE: u64 = 0x0020;
pub const H5VL_OPT_QUERY_NO_ASYNC: u64 = 0x0040;
pub const H5VL_OPT_QUERY_MULTI_OBJ: u64 = 0x0080;

pub const H5VL_CAP_FLAG_NONE: u64 = 0;
pub const H5VL_CAP_FLAG_THREADSAFE: u64 = 1 << 0;
pub const H5VL_CAP_FLAG_ASYNC: u64 = 1 << 1;
pub const H5VL_CAP_FLAG_NATIVE_FILES: u64 = 1 << 2;
pub const H5VL_CAP_FLAG_ATTR_BASIC: u64 = 1 << 3;
pub const H5VL_CAP_FLAG_ATTR_MORE: u64 = 1 << 4;
pub const H5VL_CAP_FLAG_DATASET_BASIC: u64 = 1 << 5;
pub const H5VL_CAP_FLAG_DATASET_MORE: u64 = 1 << 6;
pub const H5VL_CAP_FLAG_FILE_BASIC: u64 = 1 << 7;
pub const H5VL_CAP_FLAG_FILE_MORE: u64 = 1 << 8;
pub const H5VL_CAP_FLAG_GROUP_BASIC: u64 = 1 << 9;
pub const H5VL_CAP_FLAG_GROUP_MORE: u64 = 1 << 10;
pub const H5VL_CAP_FLAG_LINK_BASIC: u64 = 1 << 11;
pub const H5VL_CAP_FLAG_LINK_MORE: u64 = 1 << 12;
pub const H5VL_CAP_FLAG_MAP_BASIC: u64 = 1 << 13;
pub const H5VL_CAP_FLAG_MAP_MORE: u64 = 1 << 14;
pub const H5VL_CAP_FLAG_OBJECT_BASIC: u64 = 1 << 15;
pub const H5VL_CAP_FLAG_OBJECT_MORE: u64 = 1 << 16;
pub const H5VL_CAP_FLAG_REF_BASIC: u64 = 1 << 17;
pub const H5VL_CAP_FLAG_REF_MORE: u64 = 1 << 18;
pub const H5VL_CAP_FLAG_OBJ_REF: u64 = 1 << 19;
pub const H5VL_CAP_FLAG_REG_REF: u64 = 1 << 20;
pub const H5VL_CAP_FLAG_ATTR_REF: u64 = 1 << 21;
pub const H5VL_CAP_FLAG_STORED_DATATYPES: u64 = 1 << 22;
pub const H5VL_CAP_FLAG_CREATION_ORDER: u64 = 1 << 23;
pub const H5VL_CAP_FLAG_ITERATE: u64 = 1 << 24;
pub const H5VL_CAP_FLAG_STORAGE_SIZE: u64 = 1 << 25;
pub const H5VL_CAP_FLAG_BY_IDX: u64 = 1 << 26;
pub const H5VL_CAP_FLAG_GET_PLIST: u64 = 1 << 27;
pub const H5VL_CAP_FLAG_FLUSH_REFRESH: u64 = 1 << 28;
pub const H5VL_CAP_FLAG_EXTERNAL_LINKS: u64 = 1 << 29;
pub const H5VL_CAP_FLAG_HARD_LINKS: u64 = 1 << 30;
pub const H5VL_CAP_FLAG_SOFT_LINKS: u64 = 1 << 31;
pub const H5VL_CAP_FLAG_UD_LINKS: u64 = 1 << 32;
pub const H5VL_CAP_FLAG_TRACK_TIMES: u64 = 1 << 33;
pub const H5VL_CAP_FLAG_MOUNT: u64 = 1 << 34;
pub const H5VL_CAP_FLAG_FILTERS: u64 = 1 << 35;
pub const H5VL_CAP_FLAG_FILL_VALUES: u64 = 1 << 36;
