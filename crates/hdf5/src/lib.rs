//! The HDF5 library, loaded at run time: the calls that this project's own programs make, as methods
//! of [`Hdf5`]. `h5rest put` and `get` copy files with it, and `crates/parity` compares what it does on
//! local files and through the connector.
//!
//! Functions that take ids, numbers, names and places for one answer are declared once in
//! `functions!` and are safe: HDF5 checks ids itself. Those with buffers or lists have a wrapper.
#![allow(non_snake_case, reason = "HDF5's own names")]
#![allow(missing_docs, reason = "described in HDF5's reference manual")]

pub mod elements;
pub mod iterate;
pub mod link_classes;
pub mod lists;
pub mod members;
mod references;
pub mod selections;
pub mod texts;

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::marker::PhantomData;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

/// An HDF5 id.
pub type Hid = i64;

/// A C string that lives for one call.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Name<'a>(*const c_char, PhantomData<&'a CStr>);

impl<'a> From<&'a CString> for Name<'a> {
    fn from(text: &'a CString) -> Self {
        Self(text.as_ptr(), PhantomData)
    }
}

/// What H5Oget_info3 answers (`H5O_info2_t`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct ObjectInfo {
    pub fileno: u64,
    pub token: [u8; 16],
    pub kind: c_int,
    pub rc: c_uint,
    pub times: [i64; 4],
    pub num_attrs: u64,
}

/// What H5Lget_info2 answers (`H5L_info2_t`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkInfo {
    pub kind: c_int,
    pub corder_valid: bool,
    pub corder: i64,
    pub cset: c_int,
    /// A token for hard links; the length of the value, in the first 8 bytes, for others.
    pub value: [u64; 2],
}

/// What H5Aget_info answers (`H5A_info_t`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct AttributeInfo {
    pub corder_valid: bool,
    pub corder: u32,
    pub cset: c_int,
    pub data_size: u64,
}

/// What H5Gget_info answers (`H5G_info_t`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupInfo {
    pub storage: c_int,
    pub nlinks: u64,
    pub max_corder: i64,
    pub mounted: bool,
}

macro_rules! functions {
    (
        safe { $( fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty; )* }
        raw { $( fn $raw:ident($($raw_arg:ident: $raw_ty:ty),*) -> $raw_ret:ty; )* }
    ) => {
        /// Functions of the library that was loaded.
        pub struct Hdf5 {
            library: Library,
            $($name: unsafe extern "C" fn($($ty),*) -> $ret,)*
            $(pub $raw: unsafe extern "C" fn($($raw_ty),*) -> $raw_ret,)*
        }

        impl Hdf5 {
            fn resolve(library: Library) -> Result<Self> {
                $(
                    // SAFETY: the declared type is that of HDF5's header.
                    let $name = unsafe { *library.get(stringify!($name).as_bytes())? };
                )*
                $(
                    // SAFETY: the declared type is that of HDF5's header.
                    let $raw = unsafe { *library.get(stringify!($raw).as_bytes())? };
                )*
                Ok(Self { library, $($name,)* $($raw,)* })
            }

            $(
                #[allow(clippy::too_many_arguments, reason = "as many as HDF5 wants")]
                pub fn $name(&self, $($arg: $ty),*) -> $ret {
                    // SAFETY: HDF5 checks ids and numbers; names and places live for the call.
                    unsafe { (self.$name)($($arg),*) }
                }
            )*
        }
    };
}

functions! {
    safe {
        fn H5open() -> c_int;
        fn H5Idec_ref(id: Hid) -> c_int;
        fn H5Iget_type(id: Hid) -> c_int;
        fn H5VLregister_connector_by_name(name: Name<'_>, plist: Hid) -> Hid;
        fn H5VLget_connector_id_by_name(name: Name<'_>) -> Hid;
        fn H5PLprepend(folder: Name<'_>) -> c_int;
        fn H5Zfilter_avail(filter: c_int) -> c_int;

        fn H5Pcreate(class: Hid) -> Hid;
        fn H5Pset_fclose_degree(plist: Hid, degree: c_int) -> c_int;
        fn H5Pset_libver_bounds(plist: Hid, low: c_int, high: c_int) -> c_int;
        fn H5Pset_layout(plist: Hid, layout: c_int) -> c_int;
        fn H5Pget_layout(plist: Hid) -> c_int;
        fn H5Pset_deflate(plist: Hid, level: c_uint) -> c_int;
        fn H5Pset_shuffle(plist: Hid) -> c_int;
        fn H5Pset_fletcher32(plist: Hid) -> c_int;
        fn H5Pget_nfilters(plist: Hid) -> c_int;
        fn H5Pset_alloc_time(plist: Hid, time: c_int) -> c_int;
        fn H5Pget_alloc_time(plist: Hid, time: &mut c_int) -> c_int;
        fn H5Pset_fill_time(plist: Hid, time: c_int) -> c_int;
        fn H5Pget_fill_time(plist: Hid, time: &mut c_int) -> c_int;
        fn H5Pfill_value_defined(plist: Hid, status: &mut c_int) -> c_int;
        fn H5Pset_link_creation_order(plist: Hid, flags: c_uint) -> c_int;
        fn H5Pget_link_creation_order(plist: Hid, flags: &mut c_uint) -> c_int;
        fn H5Pset_attr_creation_order(plist: Hid, flags: c_uint) -> c_int;
        fn H5Pget_attr_creation_order(plist: Hid, flags: &mut c_uint) -> c_int;
        fn H5Pset_create_intermediate_group(plist: Hid, create: c_uint) -> c_int;
        fn H5Pset_char_encoding(plist: Hid, cset: c_int) -> c_int;
        fn H5Pget_external_count(plist: Hid) -> c_int;
        fn H5Pget_virtual_count(plist: Hid, count: &mut usize) -> c_int;
        fn H5Pset_fapl_core(plist: Hid, increment: usize, store: bool) -> c_int;
        fn H5Pset_copy_object(plist: Hid, flags: c_uint) -> c_int;

        fn H5Tcopy(id: Hid) -> Hid;
        fn H5Tcreate(class: c_int, size: usize) -> Hid;
        fn H5Tset_size(id: Hid, size: usize) -> c_int;
        fn H5Tset_order(id: Hid, order: c_int) -> c_int;
        fn H5Tset_precision(id: Hid, bits: usize) -> c_int;
        fn H5Tset_offset(id: Hid, bits: usize) -> c_int;
        fn H5Tset_sign(id: Hid, sign: c_int) -> c_int;
        fn H5Tset_fields(id: Hid, spos: usize, epos: usize, esize: usize, mpos: usize, msize: usize) -> c_int;
        fn H5Tset_ebias(id: Hid, bias: usize) -> c_int;
        fn H5Tset_norm(id: Hid, norm: c_int) -> c_int;
        fn H5Tset_strpad(id: Hid, pad: c_int) -> c_int;
        fn H5Tset_cset(id: Hid, cset: c_int) -> c_int;
        fn H5Tset_tag(id: Hid, tag: Name<'_>) -> c_int;
        fn H5Tinsert(id: Hid, name: Name<'_>, offset: usize, member: Hid) -> c_int;
        fn H5Tenum_create(base: Hid) -> Hid;
        fn H5Tvlen_create(base: Hid) -> Hid;
        fn H5Tget_class(id: Hid) -> c_int;
        fn H5Tget_size(id: Hid) -> usize;
        fn H5Tget_super(id: Hid) -> Hid;
        fn H5Tget_nmembers(id: Hid) -> c_int;
        fn H5Tget_member_offset(id: Hid, member: c_uint) -> usize;
        fn H5Tget_member_type(id: Hid, member: c_uint) -> Hid;
        fn H5Tget_native_type(id: Hid, direction: c_int) -> Hid;
        fn H5Tget_order(id: Hid) -> c_int;
        fn H5Tget_precision(id: Hid) -> usize;
        fn H5Tget_offset(id: Hid) -> c_int;
        fn H5Tget_sign(id: Hid) -> c_int;
        fn H5Tget_fields(id: Hid, spos: &mut usize, epos: &mut usize, esize: &mut usize, mpos: &mut usize, msize: &mut usize) -> c_int;
        fn H5Tget_ebias(id: Hid) -> usize;
        fn H5Tget_norm(id: Hid) -> c_int;
        fn H5Tget_inpad(id: Hid) -> c_int;
        fn H5Tget_pad(id: Hid, low: &mut c_int, high: &mut c_int) -> c_int;
        fn H5Tget_strpad(id: Hid) -> c_int;
        fn H5Tget_cset(id: Hid) -> c_int;
        fn H5Tis_variable_str(id: Hid) -> c_int;
        fn H5Tequal(one: Hid, other: Hid) -> c_int;
        fn H5Tcommit_anon(at: Hid, id: Hid, tcpl: Hid, tapl: Hid) -> c_int;
        fn H5Tget_create_plist(id: Hid) -> Hid;
        fn H5Tcommitted(id: Hid) -> c_int;
        fn H5Tcommit2(at: Hid, name: Name<'_>, id: Hid, lcpl: Hid, tcpl: Hid, tapl: Hid) -> c_int;
        fn H5Topen2(at: Hid, name: Name<'_>, tapl: Hid) -> Hid;

        fn H5Screate(class: c_int) -> Hid;
        fn H5Sselect_all(id: Hid) -> c_int;
        fn H5Sselect_none(id: Hid) -> c_int;
        fn H5Sget_select_npoints(id: Hid) -> i64;
        fn H5Sget_simple_extent_npoints(id: Hid) -> i64;
        fn H5Sextent_equal(one: Hid, other: Hid) -> c_int;
        fn H5Sget_select_type(id: Hid) -> c_int;
        fn H5Sget_simple_extent_ndims(id: Hid) -> c_int;
        fn H5Sget_select_hyper_nblocks(id: Hid) -> i64;
        fn H5Sget_select_elem_npoints(id: Hid) -> i64;
        fn H5Sget_simple_extent_type(id: Hid) -> c_int;

        fn H5Fcreate(name: Name<'_>, flags: c_uint, fcpl: Hid, fapl: Hid) -> Hid;
        fn H5Fopen(name: Name<'_>, flags: c_uint, fapl: Hid) -> Hid;
        fn H5Fdelete(name: Name<'_>, fapl: Hid) -> c_int;
        fn H5Fget_create_plist(id: Hid) -> Hid;
        fn H5Fflush(id: Hid, scope: c_int) -> c_int;
        fn H5Fget_obj_count(id: Hid, types: c_uint) -> isize;

        fn H5Gcreate2(at: Hid, name: Name<'_>, lcpl: Hid, gcpl: Hid, gapl: Hid) -> Hid;
        fn H5Gcreate_anon(at: Hid, gcpl: Hid, gapl: Hid) -> Hid;
        fn H5Gget_info(id: Hid, info: &mut GroupInfo) -> c_int;
        fn H5Gget_create_plist(id: Hid) -> Hid;

        fn H5Dcreate2(at: Hid, name: Name<'_>, ty: Hid, space: Hid, lcpl: Hid, dcpl: Hid, dapl: Hid) -> Hid;
        fn H5Dcreate_anon(at: Hid, ty: Hid, space: Hid, dcpl: Hid, dapl: Hid) -> Hid;
        fn H5Dget_type(id: Hid) -> Hid;
        fn H5Dget_space(id: Hid) -> Hid;
        fn H5Dget_space_status(id: Hid, status: &mut c_int) -> c_int;
        fn H5Dget_create_plist(id: Hid) -> Hid;
        fn H5Dget_storage_size(id: Hid) -> u64;

        fn H5Acreate2(at: Hid, name: Name<'_>, ty: Hid, space: Hid, acpl: Hid, aapl: Hid) -> Hid;
        fn H5Aopen(at: Hid, name: Name<'_>, aapl: Hid) -> Hid;
        fn H5Aopen_by_idx(at: Hid, object: Name<'_>, index: c_int, order: c_int, n: u64, aapl: Hid, lapl: Hid) -> Hid;
        fn H5Aget_type(id: Hid) -> Hid;
        fn H5Aget_create_plist(id: Hid) -> Hid;
        fn H5Aget_space(id: Hid) -> Hid;
        fn H5Aget_storage_size(id: Hid) -> u64;
        fn H5Aget_info(id: Hid, info: &mut AttributeInfo) -> c_int;
        fn H5Aget_info_by_name(at: Hid, object: Name<'_>, name: Name<'_>, info: &mut AttributeInfo, lapl: Hid) -> c_int;
        fn H5Aget_info_by_idx(at: Hid, object: Name<'_>, index: c_int, order: c_int, n: u64, info: &mut AttributeInfo, lapl: Hid) -> c_int;
        fn H5Arename(at: Hid, from: Name<'_>, to: Name<'_>) -> c_int;
        fn H5Adelete(at: Hid, name: Name<'_>) -> c_int;
        fn H5Adelete_by_idx(at: Hid, object: Name<'_>, index: c_int, order: c_int, n: u64, lapl: Hid) -> c_int;
        fn H5Aexists(at: Hid, name: Name<'_>) -> c_int;

        fn H5Lcreate_hard(from: Hid, object: Name<'_>, to: Hid, name: Name<'_>, lcpl: Hid, lapl: Hid) -> c_int;
        fn H5Lcreate_soft(target: Name<'_>, at: Hid, name: Name<'_>, lcpl: Hid, lapl: Hid) -> c_int;
        fn H5Lcreate_external(file: Name<'_>, object: Name<'_>, at: Hid, name: Name<'_>, lcpl: Hid, lapl: Hid) -> c_int;
        fn H5Lcopy(from: Hid, object: Name<'_>, to: Hid, name: Name<'_>, lcpl: Hid, lapl: Hid) -> c_int;
        fn H5Lmove(from: Hid, object: Name<'_>, to: Hid, name: Name<'_>, lcpl: Hid, lapl: Hid) -> c_int;
        fn H5Ldelete(at: Hid, name: Name<'_>, lapl: Hid) -> c_int;
        fn H5Ldelete_by_idx(at: Hid, group: Name<'_>, index: c_int, order: c_int, n: u64, lapl: Hid) -> c_int;
        fn H5Lexists(at: Hid, name: Name<'_>, lapl: Hid) -> c_int;
        fn H5Lis_registered(class: c_int) -> c_int;
        fn H5Lget_info2(at: Hid, name: Name<'_>, info: &mut LinkInfo, lapl: Hid) -> c_int;
        fn H5Lget_info_by_idx2(at: Hid, group: Name<'_>, index: c_int, order: c_int, n: u64, info: &mut LinkInfo, lapl: Hid) -> c_int;

        fn H5Oopen(at: Hid, name: Name<'_>, lapl: Hid) -> Hid;
        fn H5Oopen_by_idx(at: Hid, group: Name<'_>, index: c_int, order: c_int, n: u64, lapl: Hid) -> Hid;
        fn H5Olink(id: Hid, at: Hid, name: Name<'_>, lcpl: Hid, lapl: Hid) -> c_int;
        fn H5Oexists_by_name(at: Hid, name: Name<'_>, lapl: Hid) -> c_int;
        fn H5Oget_info3(id: Hid, info: &mut ObjectInfo, fields: c_uint) -> c_int;
        fn H5Oget_info_by_name3(at: Hid, name: Name<'_>, info: &mut ObjectInfo, fields: c_uint, lapl: Hid) -> c_int;
        fn H5Ocopy(from: Hid, object: Name<'_>, to: Hid, name: Name<'_>, ocpypl: Hid, lcpl: Hid) -> c_int;
        fn H5Oset_comment(id: Hid, comment: Name<'_>) -> c_int;
        fn H5Oflush(id: Hid) -> c_int;
        fn H5Orefresh(id: Hid) -> c_int;
    }
    raw {
        fn H5Pset_vol(plist: Hid, connector: Hid, info: *const c_void) -> c_int;
        fn H5Eset_auto2(stack: Hid, callback: *const c_void, data: *mut c_void) -> c_int;
        fn H5Ewalk2(stack: Hid, direction: c_int, callback: iterate::ErrorOperator, data: *mut c_void) -> c_int;
        fn H5Pset_chunk(plist: Hid, rank: c_int, dims: *const u64) -> c_int;
        fn H5Pget_chunk(plist: Hid, rank: c_int, dims: *mut u64) -> c_int;
        fn H5Pset_fill_value(plist: Hid, ty: Hid, value: *const c_void) -> c_int;
        fn H5Pget_fill_value(plist: Hid, ty: Hid, value: *mut c_void) -> c_int;
        fn H5Pget_filter2(plist: Hid, n: c_uint, flags: *mut c_uint, count: *mut usize, values: *mut c_uint, name_length: usize, name: *mut c_char, config: *mut c_uint) -> c_int;
        fn H5Tenum_insert(id: Hid, name: *const c_char, value: *const c_void) -> c_int;
        fn H5Tget_member_value(id: Hid, member: c_uint, value: *mut c_void) -> c_int;
        fn H5Tget_tag(id: Hid) -> *mut c_char;
        fn H5Tget_member_name(id: Hid, member: c_uint) -> *mut c_char;
        fn H5free_memory(memory: *mut c_void) -> c_int;
        fn H5Tget_array_dims2(id: Hid, dims: *mut u64) -> c_int;
        fn H5Tarray_create2(base: Hid, rank: c_uint, dims: *const u64) -> Hid;
        fn H5Treclaim(ty: Hid, space: Hid, plist: Hid, buffer: *mut c_void) -> c_int;
        fn H5Screate_simple(rank: c_int, dims: *const u64, maximum: *const u64) -> Hid;
        fn H5Sget_simple_extent_dims(id: Hid, dims: *mut u64, maximum: *mut u64) -> c_int;
        fn H5Sselect_hyperslab(id: Hid, op: c_int, start: *const u64, stride: *const u64, count: *const u64, block: *const u64) -> c_int;
        fn H5Sselect_elements(id: Hid, op: c_int, count: usize, points: *const u64) -> c_int;
        fn H5Soffset_simple(id: Hid, offset: *const i64) -> c_int;
        fn H5Dread(id: Hid, ty: Hid, memory: Hid, file: Hid, plist: Hid, buffer: *mut c_void) -> c_int;
        fn H5Dwrite(id: Hid, ty: Hid, memory: Hid, file: Hid, plist: Hid, buffer: *const c_void) -> c_int;
        fn H5Dread_multi(count: usize, ids: *mut Hid, types: *mut Hid, memory: *mut Hid, file: *mut Hid, plist: Hid, buffers: *mut *mut c_void) -> c_int;
        fn H5Dwrite_multi(count: usize, ids: *mut Hid, types: *mut Hid, memory: *mut Hid, file: *mut Hid, plist: Hid, buffers: *mut *const c_void) -> c_int;
        fn H5Dset_extent(id: Hid, dims: *const u64) -> c_int;
        fn H5Aread(id: Hid, ty: Hid, buffer: *mut c_void) -> c_int;
        fn H5Awrite(id: Hid, ty: Hid, buffer: *const c_void) -> c_int;
        fn H5Aget_name(id: Hid, size: usize, name: *mut c_char) -> isize;
        fn H5Aget_name_by_idx(at: Hid, object: *const c_char, index: c_int, order: c_int, n: u64, name: *mut c_char, size: usize, lapl: Hid) -> isize;
        fn H5Aiterate2(at: Hid, index: c_int, order: c_int, start: *mut u64, callback: iterate::AttributeOperator, data: *mut c_void) -> c_int;
        fn H5Literate2(at: Hid, index: c_int, order: c_int, start: *mut u64, callback: iterate::LinkOperator, data: *mut c_void) -> c_int;
        fn H5Lvisit2(at: Hid, index: c_int, order: c_int, callback: iterate::LinkOperator, data: *mut c_void) -> c_int;
        fn H5Ovisit3(at: Hid, index: c_int, order: c_int, callback: iterate::ObjectOperator, data: *mut c_void, fields: c_uint) -> c_int;
        fn H5Lget_val(at: Hid, name: *const c_char, buffer: *mut c_void, size: usize, lapl: Hid) -> c_int;
        fn H5Lget_name_by_idx(at: Hid, group: *const c_char, index: c_int, order: c_int, n: u64, name: *mut c_char, size: usize, lapl: Hid) -> isize;
        fn H5Iget_name(id: Hid, name: *mut c_char, size: usize) -> isize;
        fn H5Rcreate(reference: *mut c_void, at: Hid, name: *const c_char, kind: c_int, space: Hid) -> c_int;
        fn H5VLconnector_str_to_info(text: *const c_char, connector: Hid, info: *mut *mut c_void) -> c_int;
        fn H5VLfree_connector_info(connector: Hid, info: *mut c_void) -> c_int;
        fn H5Oget_comment(id: Hid, comment: *mut c_char, size: usize) -> isize;
        fn H5Lunpack_elink_val(value: *const c_void, size: usize, flags: *mut c_uint, file: *mut *const c_char, path: *mut *const c_char) -> c_int;
        fn H5Lregister(class: *const link_classes::LinkClass) -> c_int;
        fn H5Lcreate_ud(at: Hid, name: *const c_char, class: c_int, data: *const c_void, size: usize, lcpl: Hid, lapl: Hid) -> c_int;
        fn H5Dchunk_iter(id: Hid, plist: Hid, callback: selections::ChunkOperator, data: *mut c_void) -> c_int;
        fn H5Sget_select_hyper_blocklist(id: Hid, start: u64, count: u64, blocks: *mut u64) -> c_int;
        fn H5Sget_select_elem_pointlist(id: Hid, start: u64, count: u64, points: *mut u64) -> c_int;
        fn H5Rdereference2(at: Hid, oapl: Hid, kind: c_int, reference: *const c_void) -> Hid;
        fn H5Rget_region(at: Hid, kind: c_int, reference: *const c_void) -> Hid;
        fn H5Rcreate_object(at: Hid, path: *const c_char, oapl: Hid, reference: *mut c_void) -> c_int;
        fn H5Rcreate_region(at: Hid, path: *const c_char, space: Hid, oapl: Hid, reference: *mut c_void) -> c_int;
        fn H5Rcreate_attr(at: Hid, path: *const c_char, name: *const c_char, oapl: Hid, reference: *mut c_void) -> c_int;
        fn H5Rget_type(reference: *const c_void) -> c_int;
        fn H5Ropen_object(reference: *mut c_void, rapl: Hid, oapl: Hid) -> Hid;
        fn H5Ropen_region(reference: *mut c_void, rapl: Hid, oapl: Hid) -> Hid;
        fn H5Rget_attr_name(reference: *const c_void, name: *mut c_char, size: usize) -> isize;
        fn H5Rdestroy(reference: *mut c_void) -> c_int;
        fn H5Rget_name(at: Hid, kind: c_int, reference: *const c_void, name: *mut c_char, size: usize) -> isize;
    }
}

static LOADED: OnceLock<Hdf5> = OnceLock::new();

/// Loads the library and makes it the one that [`h5`] means.
///
/// # Errors
/// When it is not there or lacks a function.
pub fn load(file: &Path) -> Result<()> {
    // SAFETY: HDF5's initialisers have no conditions.
    let library = unsafe { Library::open(Some(file), RTLD_NOW | RTLD_LOCAL) }
        .with_context(|| format!("cannot load {}", file.display()))?;
    let hdf5 = Hdf5::resolve(library)?;
    hdf5.H5open();
    // SAFETY: no callback: HDF5 prints nothing, failures are read from the stack.
    unsafe { (hdf5.H5Eset_auto2)(0, std::ptr::null(), std::ptr::null_mut()) };
    LOADED
        .set(hdf5)
        .map_err(|_| anyhow!("HDF5 is loaded already"))
}

/// The library that was loaded.
///
/// # Panics
/// When [`load`] was not called.
#[allow(
    clippy::expect_used,
    reason = "the worker loads it before anything else"
)]
pub fn h5() -> &'static Hdf5 {
    LOADED.get().expect("HDF5 is loaded first")
}

impl Hdf5 {
    /// A predefined id: the value of the library's variable `name`.
    ///
    /// # Panics
    /// When there is no such variable.
    #[allow(clippy::panic, reason = "a wrong name in this package")]
    pub fn predefined(&self, name: &str) -> Hid {
        // SAFETY: all variables that are asked for are ids.
        match unsafe { self.library.get::<*const Hid>(name.as_bytes()) } {
            // SAFETY: the library is never unloaded.
            Ok(variable) => unsafe { **variable },
            Err(error) => panic!("HDF5 has no {name}: {error}"),
        }
    }

    /// Lets files be opened through a connector that was registered.
    pub fn set_vol(&self, plist: Hid, connector: Hid) -> c_int {
        // SAFETY: the connector takes no information.
        unsafe { (self.H5Pset_vol)(plist, connector, std::ptr::null()) }
    }

    /// The same with the connector's information string.
    ///
    /// # Errors
    /// When HDF5 or the connector refuses it.
    pub fn set_vol_with(&self, plist: Hid, connector: Hid, words: &str) -> Result<(), Failure> {
        let words = c(words);
        let mut info = std::ptr::null_mut();
        // SAFETY: a C string, and room for the information, which HDF5 copies into the list; ours is
        // freed by the connector that made it.
        let set = unsafe {
            ok((self.H5VLconnector_str_to_info)(
                words.as_ptr(),
                connector,
                &raw mut info,
            ))?;
            let set = (self.H5Pset_vol)(plist, connector, info);
            (self.H5VLfree_connector_info)(connector, info);
            set
        };
        ok(set).map(|_| ())
    }
}

/// A text without NUL as a C string; text after a NUL is lost.
pub fn c(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// An id that is closed when dropped.
#[derive(Debug)]
pub struct Id(Hid);

impl Id {
    /// Takes over an id; negative ones are the failure of the call that gave them.
    ///
    /// # Errors
    /// HDF5's error stack as text.
    pub fn new(id: Hid) -> Result<Self, Failure> {
        checked(id).map(Self)
    }

    /// The id for calls.
    pub fn get(&self) -> Hid {
        self.0
    }

    /// Closes it and says how that went.
    ///
    /// # Errors
    /// HDF5's error stack as text.
    pub fn close(self) -> Result<(), Failure> {
        self.try_close().map_err(|(id, failure)| {
            std::mem::forget(id);
            failure
        })
    }

    /// Closes it, or gives it back: HDF5 keeps what could not be closed.
    ///
    /// # Errors
    /// HDF5's error stack as text.
    pub fn try_close(self) -> Result<(), (Self, Failure)> {
        match checked(i64::from(h5().H5Idec_ref(self.0))) {
            Ok(_) => {
                std::mem::forget(self);
                Ok(())
            }
            Err(failure) => Err((self, failure)),
        }
    }
}

impl Drop for Id {
    fn drop(&mut self) {
        h5().H5Idec_ref(self.0);
    }
}

/// A call failed; the text of the error stack.
#[derive(Clone, Debug)]
pub struct Failure(pub String);

/// The value of a call, or the error stack if it is negative.
///
/// # Errors
/// When the value is negative.
pub fn checked(value: i64) -> Result<i64, Failure> {
    if value < 0 {
        Err(Failure(iterate::error_text()))
    } else {
        Ok(value)
    }
}

/// As [`checked`], for C's `int`.
///
/// # Errors
/// When the value is negative.
pub fn ok(value: c_int) -> Result<i64, Failure> {
    checked(i64::from(value))
}
