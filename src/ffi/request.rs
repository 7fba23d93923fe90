//! Values and arguments of the asynchronous request callbacks (`H5VL_request_class_t`).

use super::{herr_t, hid_t};
use core::ffi::{c_char, c_int, c_uint, c_void};

/// State of a request.
pub type H5VL_request_status_t = c_int;
pub const H5VL_REQUEST_STATUS_IN_PROGRESS: H5VL_request_status_t = 0;
pub const H5VL_REQUEST_STATUS_SUCCEED: H5VL_request_status_t = 1;
pub const H5VL_REQUEST_STATUS_FAIL: H5VL_request_status_t = 2;
pub const H5VL_REQUEST_STATUS_CANT_CANCEL: H5VL_request_status_t = 3;
pub const H5VL_REQUEST_STATUS_CANCELED: H5VL_request_status_t = 4;

/// Timeout of `wait` that asks for the state without waiting.
pub const H5ES_WAIT_NONE: u64 = 0;
/// Timeout of `wait` that has no end.
pub const H5ES_WAIT_FOREVER: u64 = u64::MAX;

/// State of an operation in an event set.
pub type H5ES_status_t = c_int;
/// What HDF5 tells of an operation in an event set.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5ES_op_info_t {
    pub api_name: *const c_char,
    pub api_args: *mut c_char,
    pub app_file_name: *const c_char,
    pub app_func_name: *const c_char,
    pub app_line_num: c_uint,
    pub op_ins_count: u64,
    pub op_ins_ts: u64,
    pub op_exec_ts: u64,
    pub op_exec_time: u64,
}
/// Called when an operation of an event set completes.
pub type H5ES_event_complete_func_t = Option<
    unsafe extern "C" fn(
        op_info: *const H5ES_op_info_t,
        status: H5ES_status_t,
        err_stack: hid_t,
        ctx: *mut c_void,
    ) -> c_int,
>;

/// Called when a request completes.
pub type H5VL_request_notify_t =
    Option<unsafe extern "C" fn(ctx: *mut c_void, status: H5VL_request_status_t) -> herr_t>;

/// Operation of [`H5VL_request_specific_args_t`].
pub type H5VL_request_specific_t = c_int;
pub const H5VL_REQUEST_GET_ERR_STACK: H5VL_request_specific_t = 0;
pub const H5VL_REQUEST_GET_EXEC_TIME: H5VL_request_specific_t = 1;

/// [`H5VL_REQUEST_GET_ERR_STACK`]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_request_get_err_stack_args_t {
    pub err_stack_id: hid_t,
}

/// [`H5VL_REQUEST_GET_EXEC_TIME`]; both in nanoseconds.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_request_get_exec_time_args_t {
    pub exec_ts: *mut u64,
    pub exec_time: *mut u64,
}

/// Arguments by operation.
#[repr(C)]
#[derive(Clone, Copy)]
pub union H5VL_request_specific_args_u {
    pub get_err_stack: H5VL_request_get_err_stack_args_t,
    pub get_exec_time: H5VL_request_get_exec_time_args_t,
}

/// Argument of the `specific` callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct H5VL_request_specific_args_t {
    pub op_type: H5VL_request_specific_t,
    pub args: H5VL_request_specific_args_u,
}
