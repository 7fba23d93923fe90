//! The callbacks of the data model, one table per class: the middle part of the class table.

use super::{
    H5I_type_t, H5VL_attr_get_args_t, H5VL_attr_specific_args_t, H5VL_dataset_get_args_t,
    H5VL_dataset_specific_args_t, H5VL_datatype_get_args_t, H5VL_datatype_specific_args_t,
    H5VL_file_get_args_t, H5VL_file_specific_args_t, H5VL_group_get_args_t,
    H5VL_group_specific_args_t, H5VL_link_create_args_t, H5VL_link_get_args_t,
    H5VL_link_specific_args_t, H5VL_loc_params_t, H5VL_object_get_args_t,
    H5VL_object_specific_args_t, H5VL_optional_args_t, herr_t, hid_t,
};
use core::ffi::{c_char, c_uint, c_void};

/// `optional` of the classes whose callback gets no location.
pub type H5VL_optional_func_t = Option<
    unsafe extern "C" fn(
        obj: *mut c_void,
        args: *mut H5VL_optional_args_t,
        dxpl_id: hid_t,
        req: *mut *mut c_void,
    ) -> herr_t,
>;

/// `close` of every class that has one.
pub type H5VL_close_func_t =
    Option<unsafe extern "C" fn(obj: *mut c_void, dxpl_id: hid_t, req: *mut *mut c_void) -> herr_t>;

/// Attributes (`H5A`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_attr_class_t {
    pub create: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            attr_name: *const c_char,
            type_id: hid_t,
            space_id: hid_t,
            acpl_id: hid_t,
            aapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub open: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            attr_name: *const c_char,
            aapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub read: Option<
        unsafe extern "C" fn(
            attr: *mut c_void,
            mem_type_id: hid_t,
            buf: *mut c_void,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub write: Option<
        unsafe extern "C" fn(
            attr: *mut c_void,
            mem_type_id: hid_t,
            buf: *const c_void,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_attr_get_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            args: *mut H5VL_attr_specific_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub optional: H5VL_optional_func_t,
    pub close: H5VL_close_func_t,
}

/// Datasets (`H5D`). `read` and `write` take arrays of `count` entries.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_dataset_class_t {
    pub create: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            name: *const c_char,
            lcpl_id: hid_t,
            type_id: hid_t,
            space_id: hid_t,
            dcpl_id: hid_t,
            dapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub open: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            name: *const c_char,
            dapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub read: Option<
        unsafe extern "C" fn(
            count: usize,
            dset: *mut *mut c_void,
            mem_type_id: *mut hid_t,
            mem_space_id: *mut hid_t,
            file_space_id: *mut hid_t,
            dxpl_id: hid_t,
            buf: *mut *mut c_void,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub write: Option<
        unsafe extern "C" fn(
            count: usize,
            dset: *mut *mut c_void,
            mem_type_id: *mut hid_t,
            mem_space_id: *mut hid_t,
            file_space_id: *mut hid_t,
            dxpl_id: hid_t,
            buf: *mut *const c_void,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_dataset_get_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_dataset_specific_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub optional: H5VL_optional_func_t,
    pub close: H5VL_close_func_t,
}

/// Committed datatypes (`H5T`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_datatype_class_t {
    pub commit: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            name: *const c_char,
            type_id: hid_t,
            lcpl_id: hid_t,
            tcpl_id: hid_t,
            tapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub open: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            name: *const c_char,
            tapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_datatype_get_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_datatype_specific_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub optional: H5VL_optional_func_t,
    pub close: H5VL_close_func_t,
}

/// Files (`H5F`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_file_class_t {
    pub create: Option<
        unsafe extern "C" fn(
            name: *const c_char,
            flags: c_uint,
            fcpl_id: hid_t,
            fapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub open: Option<
        unsafe extern "C" fn(
            name: *const c_char,
            flags: c_uint,
            fapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_file_get_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_file_specific_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub optional: H5VL_optional_func_t,
    pub close: H5VL_close_func_t,
}

/// Groups (`H5G`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_group_class_t {
    pub create: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            name: *const c_char,
            lcpl_id: hid_t,
            gcpl_id: hid_t,
            gapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub open: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            name: *const c_char,
            gapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_group_get_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            args: *mut H5VL_group_specific_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub optional: H5VL_optional_func_t,
    pub close: H5VL_close_func_t,
}

/// Links (`H5L`). `copy` and `move_` get a null source or destination object when both are the same.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_link_class_t {
    pub create: Option<
        unsafe extern "C" fn(
            args: *mut H5VL_link_create_args_t,
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            lcpl_id: hid_t,
            lapl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub copy: H5VL_link_copy_func_t,
    /// `move` in C.
    pub move_: H5VL_link_copy_func_t,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            args: *mut H5VL_link_get_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            args: *mut H5VL_link_specific_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub optional: H5VL_optional_at_func_t,
}

/// `copy` and `move` of a link.
pub type H5VL_link_copy_func_t = Option<
    unsafe extern "C" fn(
        src_obj: *mut c_void,
        loc_params1: *const H5VL_loc_params_t,
        dst_obj: *mut c_void,
        loc_params2: *const H5VL_loc_params_t,
        lcpl_id: hid_t,
        lapl_id: hid_t,
        dxpl_id: hid_t,
        req: *mut *mut c_void,
    ) -> herr_t,
>;

/// `optional` of the classes whose callback gets a location.
pub type H5VL_optional_at_func_t = Option<
    unsafe extern "C" fn(
        obj: *mut c_void,
        loc_params: *const H5VL_loc_params_t,
        args: *mut H5VL_optional_args_t,
        dxpl_id: hid_t,
        req: *mut *mut c_void,
    ) -> herr_t,
>;

/// Objects of any kind (`H5O`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct H5VL_object_class_t {
    pub open: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            opened_type: *mut H5I_type_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> *mut c_void,
    >,
    pub copy: Option<
        unsafe extern "C" fn(
            src_obj: *mut c_void,
            loc_params1: *const H5VL_loc_params_t,
            src_name: *const c_char,
            dst_obj: *mut c_void,
            loc_params2: *const H5VL_loc_params_t,
            dst_name: *const c_char,
            ocpypl_id: hid_t,
            lcpl_id: hid_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub get: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            args: *mut H5VL_object_get_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub specific: Option<
        unsafe extern "C" fn(
            obj: *mut c_void,
            loc_params: *const H5VL_loc_params_t,
            args: *mut H5VL_object_specific_args_t,
            dxpl_id: hid_t,
            req: *mut *mut c_void,
        ) -> herr_t,
    >,
    pub optional: H5VL_optional_at_func_t,
}
