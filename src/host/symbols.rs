//! The functions of the host library that the connector calls, resolved once per library.
//!
//! Only public, documented functions of HDF5 are here. A library without one of the required ones
//! is too old (or not HDF5), and the plugin steps aside.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

use super::locate::Library;
use crate::ffi::*;

/// Declares a table of functions that is resolved by name.
macro_rules! symbols {
    ($(#[$attr:meta])* $table:ident, $( $name:ident ( $($arg:ty),* $(; $dots:tt)? ) -> $ret:ty ; )*) => {
        $(#[$attr])*
        #[allow(non_snake_case, missing_docs, clippy::type_complexity)]
        #[derive(Clone, Copy)]
        pub struct $table {
            $( pub $name: unsafe extern "C" fn($($arg),* $(, $dots)?) -> $ret, )*
        }

        impl $table {
            /// Looks every function up; the error names the first that is missing.
            pub fn resolve(library: &Library) -> std::result::Result<Self, &'static str> {
                Ok(Self { $( $name: {
                    const NAME: &str = concat!(stringify!($name), "\0");
                    // The name is a literal that ends in the one NUL.
                    let name = CStr::from_bytes_with_nul(NAME.as_bytes()).unwrap_or(c"");
                    let address = library.symbol(name);
                    if address.is_null() {
                        return Err(stringify!($name));
                    }
                    // SAFETY: HDF5 declares the function of this name with this signature
                    // (checked against its headers by tests/abi.rs); the address is not null.
                    unsafe {
                        std::mem::transmute::<
                            *mut c_void,
                            unsafe extern "C" fn($($arg),* $(, $dots)?) -> $ret,
                        >(address)
                    }
                }, )* })
            }
        }
    };
}

symbols! {
    /// Required functions.
    Symbols,
    H5get_libversion(*mut c_uint, *mut c_uint, *mut c_uint) -> herr_t;
    H5is_library_terminating(*mut bool) -> herr_t;
    H5atclose(H5_atclose_func_t, *mut c_void) -> herr_t;
    H5allocate_memory(usize, bool) -> *mut c_void;
    H5free_memory(*mut c_void) -> herr_t;

    H5Eget_num(hid_t) -> isize;
    H5Eauto_is_v2(hid_t, *mut c_uint) -> herr_t;
    H5Eget_auto2(hid_t, *mut H5E_auto2_t, *mut *mut c_void) -> herr_t;
    H5Eset_auto2(hid_t, H5E_auto2_t, *mut c_void) -> herr_t;
    H5Eclear2(hid_t) -> herr_t;
    H5Ecreate_stack() -> hid_t;
    H5Ewalk2(hid_t, H5E_direction_t, H5E_walk2_t, *mut c_void) -> herr_t;
    H5Epush2(hid_t, *const c_char, *const c_char, c_uint, hid_t, hid_t, hid_t, *const c_char; ...) -> herr_t;

    H5ESwait(hid_t, u64, *mut usize, *mut bool) -> herr_t;
    H5ESregister_complete_func(hid_t, H5ES_event_complete_func_t, *mut c_void) -> herr_t;
    H5ESget_requests(hid_t, H5_iter_order_t, *mut hid_t, *mut *mut c_void, usize, *mut usize) -> herr_t;

    H5Iget_type(hid_t) -> H5I_type_t;
    H5Iinc_ref(hid_t) -> c_int;
    H5Idec_ref(hid_t) -> c_int;
    H5Iis_valid(hid_t) -> htri_t;
    H5Iiterate(H5I_type_t, H5I_iterate_func_t, *mut c_void) -> herr_t;

    H5VLget_connector_id_by_name(*const c_char) -> hid_t;
    H5VLget_connector_name(hid_t, *mut c_char, usize) -> isize;
    H5VLclose(hid_t) -> herr_t;
    H5VLget_file_type(*mut c_void, hid_t, hid_t) -> hid_t;
    H5VLobject(hid_t) -> *mut c_void;
    H5VLwrap_register(*mut c_void, H5I_type_t) -> hid_t;

    H5Tcopy(hid_t) -> hid_t;
    H5Tclose(hid_t) -> herr_t;
    H5Tcreate(H5T_class_t, usize) -> hid_t;
    H5Tequal(hid_t, hid_t) -> htri_t;
    H5Tconvert(hid_t, hid_t, usize, *mut c_void, *mut c_void, hid_t) -> herr_t;
    H5Tget_class(hid_t) -> H5T_class_t;
    H5Tget_size(hid_t) -> usize;
    H5Tset_size(hid_t, usize) -> herr_t;
    H5Tget_order(hid_t) -> H5T_order_t;
    H5Tset_order(hid_t, H5T_order_t) -> herr_t;
    H5Tget_precision(hid_t) -> usize;
    H5Tset_precision(hid_t, usize) -> herr_t;
    H5Tget_offset(hid_t) -> c_int;
    H5Tset_offset(hid_t, usize) -> herr_t;
    H5Tget_pad(hid_t, *mut H5T_pad_t, *mut H5T_pad_t) -> herr_t;
    H5Tset_pad(hid_t, H5T_pad_t, H5T_pad_t) -> herr_t;
    H5Tget_sign(hid_t) -> H5T_sign_t;
    H5Tset_sign(hid_t, H5T_sign_t) -> herr_t;
    H5Tget_fields(hid_t, *mut usize, *mut usize, *mut usize, *mut usize, *mut usize) -> herr_t;
    H5Tset_fields(hid_t, usize, usize, usize, usize, usize) -> herr_t;
    H5Tget_ebias(hid_t) -> usize;
    H5Tset_ebias(hid_t, usize) -> herr_t;
    H5Tget_norm(hid_t) -> H5T_norm_t;
    H5Tset_norm(hid_t, H5T_norm_t) -> herr_t;
    H5Tget_inpad(hid_t) -> H5T_pad_t;
    H5Tset_inpad(hid_t, H5T_pad_t) -> herr_t;
    H5Tget_cset(hid_t) -> H5T_cset_t;
    H5Tset_cset(hid_t, H5T_cset_t) -> herr_t;
    H5Tget_strpad(hid_t) -> H5T_str_t;
    H5Tset_strpad(hid_t, H5T_str_t) -> herr_t;
    H5Tis_variable_str(hid_t) -> htri_t;
    H5Tget_nmembers(hid_t) -> c_int;
    H5Tget_member_name(hid_t, c_uint) -> *mut c_char;
    H5Tget_member_offset(hid_t, c_uint) -> usize;
    H5Tget_member_type(hid_t, c_uint) -> hid_t;
    H5Tget_member_value(hid_t, c_uint, *mut c_void) -> herr_t;
    H5Tinsert(hid_t, *const c_char, usize, hid_t) -> herr_t;
    H5Tget_super(hid_t) -> hid_t;
    H5Tenum_create(hid_t) -> hid_t;
    H5Tenum_insert(hid_t, *const c_char, *const c_void) -> herr_t;
    H5Tvlen_create(hid_t) -> hid_t;
    H5Tarray_create2(hid_t, c_uint, *const hsize_t) -> hid_t;
    H5Tget_array_ndims(hid_t) -> c_int;
    H5Tget_array_dims2(hid_t, *mut hsize_t) -> c_int;
    H5Tget_tag(hid_t) -> *mut c_char;
    H5Tset_tag(hid_t, *const c_char) -> herr_t;
    H5Tencode(hid_t, *mut c_void, *mut usize) -> herr_t;
    H5Tcommitted(hid_t) -> htri_t;

    H5Rdestroy(*mut H5R_ref_t) -> herr_t;

    H5Screate(H5S_class_t) -> hid_t;
    H5Screate_simple(c_int, *const hsize_t, *const hsize_t) -> hid_t;
    H5Scopy(hid_t) -> hid_t;
    H5Sget_simple_extent_type(hid_t) -> H5S_class_t;
    H5Sget_simple_extent_ndims(hid_t) -> c_int;
    H5Sget_simple_extent_dims(hid_t, *mut hsize_t, *mut hsize_t) -> c_int;
    H5Sget_select_npoints(hid_t) -> hssize_t;
    H5Sget_select_type(hid_t) -> H5S_sel_type;
    H5Sget_select_bounds(hid_t, *mut hsize_t, *mut hsize_t) -> herr_t;
    H5Sselect_valid(hid_t) -> htri_t;
    H5Sis_regular_hyperslab(hid_t) -> htri_t;
    H5Sget_regular_hyperslab(hid_t, *mut hsize_t, *mut hsize_t, *mut hsize_t, *mut hsize_t) -> htri_t;
    H5Sselect_none(hid_t) -> herr_t;
    H5Sget_select_hyper_nblocks(hid_t) -> hssize_t;
    H5Sget_select_hyper_blocklist(hid_t, hsize_t, hsize_t, *mut hsize_t) -> herr_t;
    H5Sselect_hyperslab(hid_t, H5S_seloper_t, *const hsize_t, *const hsize_t, *const hsize_t, *const hsize_t) -> herr_t;
    H5Sselect_project_intersection(hid_t, hid_t, hid_t) -> hid_t;
    H5Ssel_iter_create(hid_t, usize, c_uint) -> hid_t;
    H5Ssel_iter_get_seq_list(hid_t, usize, usize, *mut usize, *mut usize, *mut hsize_t, *mut usize) -> herr_t;
    H5Ssel_iter_close(hid_t) -> herr_t;

    H5Fcreate(*const c_char, c_uint, hid_t, hid_t) -> hid_t;

    H5Dcreate2(hid_t, *const c_char, hid_t, hid_t, hid_t, hid_t, hid_t) -> hid_t;
    H5Dopen2(hid_t, *const c_char, hid_t) -> hid_t;
    H5Dget_space(hid_t) -> hid_t;
    H5Dget_create_plist(hid_t) -> hid_t;
    H5Dget_chunk_storage_size(hid_t, *const hsize_t, *mut hsize_t) -> herr_t;
    H5Dread(hid_t, hid_t, hid_t, hid_t, hid_t, *mut c_void) -> herr_t;
    H5Dwrite(hid_t, hid_t, hid_t, hid_t, hid_t, *const c_void) -> herr_t;
    H5Dwrite_chunk(hid_t, hid_t, u32, *const hsize_t, usize, *const c_void) -> herr_t;

    H5Pcreate(hid_t) -> hid_t;
    H5Pcopy(hid_t) -> hid_t;
    H5Pclose(hid_t) -> herr_t;
    H5Pexist(hid_t, *const c_char) -> htri_t;
    H5Pget(hid_t, *const c_char, *mut c_void) -> herr_t;
    H5Pget_cache(hid_t, *mut c_int, *mut usize, *mut usize, *mut f64) -> herr_t;
    H5Pget_vol_info(hid_t, *mut *mut c_void) -> herr_t;
    H5Pset_vol(hid_t, hid_t, *const c_void) -> herr_t;
    H5Lis_registered(H5L_type_t) -> htri_t;
    H5Pget_nlinks(hid_t, *mut usize) -> herr_t;
    H5Pget_elink_prefix(hid_t, *mut c_char, usize) -> isize;
    H5Pget_elink_acc_flags(hid_t, *mut c_uint) -> herr_t;
    H5Pget_elink_fapl(hid_t) -> hid_t;
    H5Pget_elink_cb(hid_t, *mut H5L_elink_traverse_t, *mut *mut c_void) -> herr_t;
    H5Pget_create_intermediate_group(hid_t, *mut c_uint) -> herr_t;
    H5Pget_char_encoding(hid_t, *mut H5T_cset_t) -> herr_t;
    H5Pset_char_encoding(hid_t, H5T_cset_t) -> herr_t;
    H5Pget_layout(hid_t) -> H5D_layout_t;
    H5Pset_layout(hid_t, H5D_layout_t) -> herr_t;
    H5Pget_chunk(hid_t, c_int, *mut hsize_t) -> c_int;
    H5Pset_chunk(hid_t, c_int, *const hsize_t) -> herr_t;
    H5Pget_chunk_opts(hid_t, *mut c_uint) -> herr_t;
    H5Pset_chunk_opts(hid_t, c_uint) -> herr_t;
    H5Pget_nfilters(hid_t) -> c_int;
    H5Pget_filter2(hid_t, c_uint, *mut c_uint, *mut usize, *mut c_uint, usize, *mut c_char, *mut c_uint) -> H5Z_filter_t;
    H5Pset_filter(hid_t, H5Z_filter_t, c_uint, usize, *const c_uint) -> herr_t;
    H5Zregister(*const c_void) -> herr_t;
    H5Zfilter_avail(H5Z_filter_t) -> htri_t;
    H5Pset_deflate(hid_t, c_uint) -> herr_t;
    H5Pset_shuffle(hid_t) -> herr_t;
    H5Pset_fletcher32(hid_t) -> herr_t;
    H5Pget_external_count(hid_t) -> c_int;
    H5Pget_external(hid_t, c_uint, usize, *mut c_char, *mut off_t, *mut hsize_t) -> herr_t;
    H5Pset_external(hid_t, *const c_char, off_t, hsize_t) -> herr_t;
    H5Pget_efile_prefix(hid_t, *mut c_char, usize) -> isize;
    H5Pset_chunk_cache(hid_t, usize, usize, f64) -> herr_t;
    H5Pset_efile_prefix(hid_t, *const c_char) -> herr_t;
    H5Pget_virtual_count(hid_t, *mut usize) -> herr_t;
    H5Pget_virtual_vspace(hid_t, usize) -> hid_t;
    H5Pget_virtual_srcspace(hid_t, usize) -> hid_t;
    H5Pget_virtual_filename(hid_t, usize, *mut c_char, usize) -> isize;
    H5Pget_virtual_dsetname(hid_t, usize, *mut c_char, usize) -> isize;
    H5Pset_virtual(hid_t, hid_t, *const c_char, *const c_char, hid_t) -> herr_t;
    H5Pget_virtual_view(hid_t, *mut H5D_vds_view_t) -> herr_t;
    H5Pget_virtual_printf_gap(hid_t, *mut hsize_t) -> herr_t;
    H5Pget_virtual_prefix(hid_t, *mut c_char, usize) -> isize;
    H5Pfill_value_defined(hid_t, *mut H5D_fill_value_t) -> herr_t;
    H5Pget_fill_value(hid_t, hid_t, *mut c_void) -> herr_t;
    H5Pset_fill_value(hid_t, hid_t, *const c_void) -> herr_t;
    H5Pget_alloc_time(hid_t, *mut H5D_alloc_time_t) -> herr_t;
    H5Pset_alloc_time(hid_t, H5D_alloc_time_t) -> herr_t;
    H5Pget_fill_time(hid_t, *mut H5D_fill_time_t) -> herr_t;
    H5Pset_fill_time(hid_t, H5D_fill_time_t) -> herr_t;
    H5Pget_obj_track_times(hid_t, *mut bool) -> herr_t;
    H5Pset_obj_track_times(hid_t, bool) -> herr_t;
    H5Pget_attr_creation_order(hid_t, *mut c_uint) -> herr_t;
    H5Pset_attr_creation_order(hid_t, c_uint) -> herr_t;
    H5Pget_attr_phase_change(hid_t, *mut c_uint, *mut c_uint) -> herr_t;
    H5Pset_attr_phase_change(hid_t, c_uint, c_uint) -> herr_t;
    H5Pget_link_creation_order(hid_t, *mut c_uint) -> herr_t;
    H5Pset_link_creation_order(hid_t, c_uint) -> herr_t;
    H5Pget_link_phase_change(hid_t, *mut c_uint, *mut c_uint) -> herr_t;
    H5Pset_link_phase_change(hid_t, c_uint, c_uint) -> herr_t;
    H5Pget_est_link_info(hid_t, *mut c_uint, *mut c_uint) -> herr_t;
    H5Pset_est_link_info(hid_t, c_uint, c_uint) -> herr_t;
    H5Pget_local_heap_size_hint(hid_t, *mut usize) -> herr_t;
    H5Pset_local_heap_size_hint(hid_t, usize) -> herr_t;
    H5Pget_data_transform(hid_t, *mut c_char, usize) -> isize;
    H5Pget_vlen_mem_manager(hid_t, *mut VlenAlloc, *mut *mut c_void, *mut VlenFree, *mut *mut c_void) -> herr_t;
    H5Pset_vlen_mem_manager(hid_t, VlenAlloc, *mut c_void, VlenFree, *mut c_void) -> herr_t;
    H5Pget_copy_object(hid_t, *mut c_uint) -> herr_t;
    H5Pget_userblock(hid_t, *mut hsize_t) -> herr_t;
    H5Pset_userblock(hid_t, hsize_t) -> herr_t;
    H5Pget_sizes(hid_t, *mut usize, *mut usize) -> herr_t;
    H5Pset_sizes(hid_t, usize, usize) -> herr_t;
    H5Pget_sym_k(hid_t, *mut c_uint, *mut c_uint) -> herr_t;
    H5Pset_sym_k(hid_t, c_uint, c_uint) -> herr_t;
    H5Pget_istore_k(hid_t, *mut c_uint) -> herr_t;
    H5Pset_istore_k(hid_t, c_uint) -> herr_t;
    H5Pget_libver_bounds(hid_t, *mut H5F_libver_t, *mut H5F_libver_t) -> herr_t;
    H5Pset_libver_bounds(hid_t, H5F_libver_t, H5F_libver_t) -> herr_t;
    H5Pget_shared_mesg_nindexes(hid_t, *mut c_uint) -> herr_t;
    H5Pset_shared_mesg_nindexes(hid_t, c_uint) -> herr_t;
    H5Pget_shared_mesg_index(hid_t, c_uint, *mut c_uint, *mut c_uint) -> herr_t;
    H5Pset_shared_mesg_index(hid_t, c_uint, c_uint, c_uint) -> herr_t;
    H5Pget_shared_mesg_phase_change(hid_t, *mut c_uint, *mut c_uint) -> herr_t;
    H5Pset_shared_mesg_phase_change(hid_t, c_uint, c_uint) -> herr_t;
    H5Pget_file_space_strategy(
        hid_t,
        *mut H5F_fspace_strategy_t,
        *mut bool,
        *mut hsize_t
    ) -> herr_t;
    H5Pset_file_space_strategy(hid_t, H5F_fspace_strategy_t, bool, hsize_t) -> herr_t;
    H5Pget_file_space_page_size(hid_t, *mut hsize_t) -> herr_t;
    H5Pset_file_space_page_size(hid_t, hsize_t) -> herr_t;
    H5Pget_alignment(hid_t, *mut hsize_t, *mut hsize_t) -> herr_t;
    H5Pget_driver(hid_t) -> hid_t;
    H5Pget_object_flush_cb(hid_t, *mut H5F_flush_cb_t, *mut *mut c_void) -> herr_t;
    H5Pset_fapl_core(hid_t, usize, bool) -> herr_t;
    H5Pget_file_locking(hid_t, *mut bool, *mut bool) -> herr_t;
    H5Pset_file_locking(hid_t, bool, bool) -> herr_t;
    H5Pget_fclose_degree(hid_t, *mut H5F_close_degree_t) -> herr_t;
    H5Pset_fclose_degree(hid_t, H5F_close_degree_t) -> herr_t;
}

/// `H5MM_allocate_t`: how a program wants variable-length data allocated.
pub type VlenAlloc = Option<unsafe extern "C" fn(size: usize, info: *mut c_void) -> *mut c_void>;
/// `H5MM_free_t`: how it frees them.
pub type VlenFree = Option<unsafe extern "C" fn(memory: *mut c_void, info: *mut c_void)>;

#[allow(non_camel_case_types)]
/// `H5E_auto1_t`: how programs of HDF5 1.6 have errors printed.
pub type H5E_auto1_t = Option<unsafe extern "C" fn(data: *mut c_void) -> herr_t>;

/// Functions that only some builds of HDF5 have.
#[allow(non_snake_case, missing_docs)]
#[derive(Clone, Copy)]
pub struct OptionalSymbols {
    pub H5Tcomplex_create: Option<unsafe extern "C" fn(hid_t) -> hid_t>,
    pub H5Eget_auto1: Option<unsafe extern "C" fn(*mut H5E_auto1_t, *mut *mut c_void) -> herr_t>,
    pub H5Eset_auto1: Option<unsafe extern "C" fn(H5E_auto1_t, *mut c_void) -> herr_t>,
    /// `H5Dread_chunk` before 2.0.
    pub H5Dread_chunk1:
        Option<unsafe extern "C" fn(hid_t, hid_t, *const hsize_t, *mut u32, *mut c_void) -> herr_t>,
    /// Since 1.14.4.
    pub H5Pget_relax_file_integrity_checks: Option<unsafe extern "C" fn(hid_t, *mut u64) -> herr_t>,
}

impl OptionalSymbols {
    /// Looks them up.
    pub fn resolve(library: &Library) -> Self {
        // SAFETY: null becomes None; the signatures are those of HDF5's headers.
        unsafe {
            Self {
                H5Tcomplex_create: std::mem::transmute::<
                    *mut c_void,
                    Option<unsafe extern "C" fn(hid_t) -> hid_t>,
                >(library.symbol(c"H5Tcomplex_create")),
                H5Eget_auto1: std::mem::transmute::<
                    *mut c_void,
                    Option<unsafe extern "C" fn(*mut H5E_auto1_t, *mut *mut c_void) -> herr_t>,
                >(library.symbol(c"H5Eget_auto1")),
                H5Eset_auto1: std::mem::transmute::<
                    *mut c_void,
                    Option<unsafe extern "C" fn(H5E_auto1_t, *mut c_void) -> herr_t>,
                >(library.symbol(c"H5Eset_auto1")),
                H5Dread_chunk1: std::mem::transmute::<
                    *mut c_void,
                    Option<
                        unsafe extern "C" fn(
                            hid_t,
                            hid_t,
                            *const hsize_t,
                            *mut u32,
                            *mut c_void,
                        ) -> herr_t,
                    >,
                >(match library.symbol(c"H5Dread_chunk1") {
                    none if none.is_null() => library.symbol(c"H5Dread_chunk"),
                    found => found,
                }),
                H5Pget_relax_file_integrity_checks: std::mem::transmute::<
                    *mut c_void,
                    Option<unsafe extern "C" fn(hid_t, *mut u64) -> herr_t>,
                >(
                    library.symbol(c"H5Pget_relax_file_integrity_checks"),
                ),
            }
        }
    }
}
