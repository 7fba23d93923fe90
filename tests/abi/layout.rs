//! What the Rust declarations look like to the compiler: size of every type, offset of every
//! member, value of every constant of `hdf5_vol_rest::ffi`.
//!
//! The lists cannot be incomplete: the C program of `c_program.rs` is made from the source of
//! `src/ffi`, and what is missing here is reported as a difference.

use std::collections::BTreeMap;
use std::mem::{offset_of, size_of};

use hdf5_vol_rest::ffi::*;

/// Measurements by name (`size H5VL_class_t`, `offset H5VL_class_t.name`, `value H5I_FILE`, ...).
pub type Layout = BTreeMap<String, i64>;

macro_rules! types {
    ($layout:ident: $($name:ident),+ $(,)?) => {
        $($layout.insert(format!("size {}", stringify!($name)), size_of::<$name>() as i64);)+
    };
}

macro_rules! callbacks {
    ($layout:ident: $($name:ident),+ $(,)?) => {
        types! { $layout: $($name),+ }
        $($layout.insert(format!("type {}", stringify!($name)), 1);)+
    };
}

macro_rules! structs {
    ($layout:ident: $($name:ident { $($member:ident),+ $(,)? })+) => {
        $(
            $layout.insert(format!("size {}", stringify!($name)), size_of::<$name>() as i64);
            $(
                let member = format!("{}.{}", stringify!($name), stringify!($member));
                $layout.insert(format!("type {member}"), 1);
                $layout.insert(format!("offset {member}"), offset_of!($name, $member) as i64);
            )+
        )+
    };
}

macro_rules! constants {
    ($layout:ident: $($name:ident),+ $(,)?) => {
        $($layout.insert(format!("value {}", stringify!($name)), $name as i64);)+
    };
}

/// Measures everything.
pub fn layout() -> Layout {
    let mut layout = Layout::new();
    scalar_types(&mut layout);
    callback_types(&mut layout);
    data_structures(&mut layout);
    class_table(&mut layout);
    arguments(&mut layout);
    optional_arguments(&mut layout);
    library_constants(&mut layout);
    connector_constants(&mut layout);
    layout
}

fn scalar_types(layout: &mut Layout) {
    types! { layout:
        hid_t, herr_t, htri_t, hsize_t, hssize_t, haddr_t, time_t, off_t, H5I_type_t, H5_index_t,
        H5_iter_order_t, H5F_scope_t, H5F_close_degree_t, H5F_mem_t, H5F_libver_t, H5O_type_t,
        H5L_type_t, H5G_storage_type_t, H5G_obj_t, H5T_class_t, H5T_order_t, H5T_sign_t,
        H5T_norm_t, H5T_cset_t, H5T_str_t, H5T_pad_t, H5T_direction_t, H5S_class_t, H5S_sel_type,
        H5S_seloper_t, H5F_fspace_strategy_t, H5D_layout_t, H5D_vds_view_t, H5D_chunk_index_t, H5D_alloc_time_t, H5D_fill_time_t,
        H5D_fill_value_t, H5D_space_status_t, H5Z_filter_t, H5Z_SO_scale_type_t, H5R_type_t,
        H5PL_type_t, H5E_type_t, H5E_direction_t, H5VL_subclass_t, H5VL_class_value_t,
        H5VL_loc_type_t, H5VL_file_get_t, H5VL_file_specific_t, H5VL_group_get_t,
        H5VL_group_specific_t, H5VL_dataset_get_t, H5VL_dataset_specific_t, H5VL_datatype_get_t,
        H5VL_datatype_specific_t, H5VL_attr_get_t, H5VL_attr_specific_t, H5VL_link_create_t,
        H5VL_link_get_t, H5VL_link_specific_t, H5VL_object_get_t, H5VL_object_specific_t,
        H5VL_get_conn_lvl_t, H5VL_request_status_t, H5VL_request_specific_t, H5VL_blob_specific_t, H5ES_status_t,
    }
}

fn callback_types(layout: &mut Layout) {
    callbacks! { layout:
        H5A_operator1_t, H5A_operator2_t, H5D_chunk_iter_op_t, H5E_auto2_t, H5E_walk2_t,
        H5G_iterate_t, H5I_iterate_func_t, H5L_elink_traverse_t, H5L_iterate2_t, H5O_iterate2_t, H5VL_close_func_t,
        H5VL_link_copy_func_t, H5VL_optional_at_func_t, H5VL_optional_func_t,
        H5F_flush_cb_t, H5VL_request_notify_t, H5_atclose_func_t, H5ES_event_complete_func_t,
    }
}

fn data_structures(layout: &mut Layout) {
    structs! { layout:
        H5Z_class2_t {
            version, id, encoder_present, decoder_present, name, can_apply, set_local, filter
        }
        H5E_error2_t { cls_id, maj_num, min_num, line, func_name, file_name, desc }
        hvl_t { len, p }
        H5O_token_t { __data }
        H5VL_loc_by_name_t { name, lapl_id }
        H5VL_loc_by_idx_t { name, idx_type, order, n, lapl_id }
        H5VL_loc_by_token_t { token }
        H5VL_loc_data_u { loc_by_token, loc_by_name, loc_by_idx }
        H5VL_loc_params_t { obj_type, type_, loc_data }
        H5O_info2_t { fileno, token, type_, rc, atime, mtime, ctime, btime, num_attrs }
        H5L_info2_t { type_, corder_valid, corder, cset, u }
        H5L_info2_u { token, val_size }
        H5A_info_t { corder_valid, corder, cset, data_size }
        H5G_info_t { storage_type, nlinks, max_corder, mounted }
        H5R_ref_t { u }
        H5R_ref_u { __data, align }
        H5_ih_info_t { index_size, heap_size }
    }
}

fn class_table(layout: &mut Layout) {
    structs! { layout:
        H5VL_info_class_t { size, copy, cmp, free, to_str, from_str }
        H5VL_wrap_class_t { get_object, get_wrap_ctx, wrap_object, unwrap_object, free_wrap_ctx }
        H5VL_attr_class_t { create, open, read, write, get, specific, optional, close }
        H5VL_dataset_class_t { create, open, read, write, get, specific, optional, close }
        H5VL_datatype_class_t { commit, open, get, specific, optional, close }
        H5VL_file_class_t { create, open, get, specific, optional, close }
        H5VL_group_class_t { create, open, get, specific, optional, close }
        H5VL_link_class_t { create, copy, move_, get, specific, optional }
        H5VL_object_class_t { open, copy, get, specific, optional }
        H5VL_introspect_class_t { get_conn_cls, get_cap_flags, opt_query }
        H5VL_request_class_t { wait, notify, cancel, specific, optional, free }
        H5VL_blob_class_t { put, get, specific, optional }
        H5VL_token_class_t { cmp, to_str, from_str }
        H5VL_class_t {
            version, value, name, conn_version, cap_flags, initialize, terminate, info_cls,
            wrap_cls, attr_cls, dataset_cls, datatype_cls, file_cls, group_cls, link_cls,
            object_cls, introspect_cls, request_cls, blob_cls, token_cls, optional,
        }
    }
}

fn arguments(layout: &mut Layout) {
    structs! { layout:
        H5VL_file_cont_info_t { version, feature_flags, token_size, blob_id_size }
        H5VL_file_get_cont_info_args_t { info }
        H5VL_file_get_fapl_args_t { fapl_id }
        H5VL_file_get_fcpl_args_t { fcpl_id }
        H5VL_file_get_fileno_args_t { fileno }
        H5VL_file_get_intent_args_t { flags }
        H5VL_file_get_name_args_t { type_, buf_size, buf, file_name_len }
        H5VL_file_get_obj_count_args_t { types, count }
        H5VL_file_get_obj_ids_args_t { types, max_objs, oid_list, count }
        H5VL_file_get_args_u {
            get_cont_info, get_fapl, get_fcpl, get_fileno, get_intent, get_name, get_obj_count,
            get_obj_ids,
        }
        H5VL_file_get_args_t { op_type, args }
        H5VL_file_flush_args_t { obj_type, scope }
        H5VL_file_reopen_args_t { file }
        H5VL_file_is_accessible_args_t { filename, fapl_id, accessible }
        H5VL_file_del_args_t { filename, fapl_id }
        H5VL_file_is_equal_args_t { obj2, same_file }
        H5VL_file_specific_args_u { flush, reopen, is_accessible, del, is_equal }
        H5VL_file_specific_args_t { op_type, args }
        H5VL_group_get_gcpl_args_t { gcpl_id }
        H5VL_group_get_info_args_t { loc_params, ginfo }
        H5VL_group_get_args_u { get_gcpl, get_info }
        H5VL_group_get_args_t { op_type, args }
        H5VL_group_spec_mount_args_t { name, child_file, fmpl_id }
        H5VL_group_unmount_args_t { name }
        H5VL_group_flush_args_t { grp_id }
        H5VL_group_refresh_args_t { grp_id }
        H5VL_group_specific_args_u { mount, unmount, flush, refresh }
        H5VL_group_specific_args_t { op_type, args }
        H5VL_dataset_get_dapl_args_t { dapl_id }
        H5VL_dataset_get_dcpl_args_t { dcpl_id }
        H5VL_dataset_get_space_args_t { space_id }
        H5VL_dataset_get_space_status_args_t { status }
        H5VL_dataset_get_storage_size_args_t { storage_size }
        H5VL_dataset_get_type_args_t { type_id }
        H5VL_dataset_get_args_u {
            get_dapl, get_dcpl, get_space, get_space_status, get_storage_size, get_type,
        }
        H5VL_dataset_get_args_t { op_type, args }
        H5VL_dataset_set_extent_args_t { size }
        H5VL_dataset_flush_args_t { dset_id }
        H5VL_dataset_refresh_args_t { dset_id }
        H5VL_dataset_specific_args_u { set_extent, flush, refresh }
        H5VL_dataset_specific_args_t { op_type, args }
        H5VL_datatype_get_binary_size_args_t { size }
        H5VL_datatype_get_binary_args_t { buf, buf_size }
        H5VL_datatype_get_tcpl_args_t { tcpl_id }
        H5VL_datatype_get_args_u { get_binary_size, get_binary, get_tcpl }
        H5VL_datatype_get_args_t { op_type, args }
        H5VL_datatype_flush_args_t { type_id }
        H5VL_datatype_refresh_args_t { type_id }
        H5VL_datatype_specific_args_u { flush, refresh }
        H5VL_datatype_specific_args_t { op_type, args }
        H5VL_attr_get_acpl_args_t { acpl_id }
        H5VL_attr_get_info_args_t { loc_params, attr_name, ainfo }
        H5VL_attr_get_name_args_t { loc_params, buf_size, buf, attr_name_len }
        H5VL_attr_get_space_args_t { space_id }
        H5VL_attr_get_storage_size_args_t { data_size }
        H5VL_attr_get_type_args_t { type_id }
        H5VL_attr_get_args_u {
            get_acpl, get_info, get_name, get_space, get_storage_size, get_type,
        }
        H5VL_attr_get_args_t { op_type, args }
        H5VL_attr_del_args_t { name }
        H5VL_attr_delete_by_idx_args_t { idx_type, order, n }
        H5VL_attr_exists_args_t { name, exists }
        H5VL_attr_iterate_args_t { idx_type, order, idx, op, op_data }
        H5VL_attr_rename_args_t { old_name, new_name }
        H5VL_attr_specific_args_u { del, delete_by_idx, exists, iterate, rename }
        H5VL_attr_specific_args_t { op_type, args }
        H5VL_link_create_hard_args_t { curr_obj, curr_loc_params }
        H5VL_link_create_soft_args_t { target }
        H5VL_link_create_ud_args_t { type_, buf, buf_size }
        H5VL_link_create_args_u { hard, soft, ud }
        H5VL_link_create_args_t { op_type, args }
        H5VL_link_get_info_args_t { linfo }
        H5VL_link_get_name_args_t { name_size, name, name_len }
        H5VL_link_get_val_args_t { buf_size, buf }
        H5VL_link_get_args_u { get_info, get_name, get_val }
        H5VL_link_get_args_t { op_type, args }
        H5VL_link_exists_args_t { exists }
        H5VL_link_iterate_args_t { recursive, idx_type, order, idx_p, op, op_data }
        H5VL_link_specific_args_u { exists, iterate }
        H5VL_link_specific_args_t { op_type, args }
        H5VL_object_get_file_args_t { file }
        H5VL_object_get_name_args_t { buf_size, buf, name_len }
        H5VL_object_get_type_args_t { obj_type }
        H5VL_object_get_info_args_t { fields, oinfo }
        H5VL_object_get_args_u { get_file, get_name, get_type, get_info }
        H5VL_object_get_args_t { op_type, args }
        H5VL_object_change_rc_args_t { delta }
        H5VL_object_exists_args_t { exists }
        H5VL_object_lookup_args_t { token_ptr }
        H5VL_object_visit_args_t { idx_type, order, fields, op, op_data }
        H5VL_object_flush_args_t { obj_id }
        H5VL_object_refresh_args_t { obj_id }
        H5VL_object_specific_args_u { change_rc, exists, lookup, visit, flush, refresh }
        H5VL_object_specific_args_t { op_type, args }
        H5ES_op_info_t {
            api_name, api_args, app_file_name, app_func_name, app_line_num, op_ins_count, op_ins_ts,
            op_exec_ts, op_exec_time,
        }
        H5VL_request_get_err_stack_args_t { err_stack_id }
        H5VL_request_get_exec_time_args_t { exec_ts, exec_time }
        H5VL_request_specific_args_u { get_err_stack, get_exec_time }
        H5VL_request_specific_args_t { op_type, args }
        H5VL_blob_is_null_args_t { isnull }
        H5VL_blob_specific_args_u { is_null }
        H5VL_blob_specific_args_t { op_type, args }
    }
}

fn optional_arguments(layout: &mut Layout) {
    structs! { layout:
        H5VL_optional_args_t { op_type, args }
        H5VL_native_attr_iterate_old_t { loc_id, attr_num, op, op_data }
        H5VL_native_dataset_chunk_read_t { offset, filters, buf, buf_size }
        H5VL_native_dataset_chunk_write_v1_14_t { offset, filters, size, buf }
        H5VL_native_dataset_chunk_write_v2_t { offset, filters, size, buf }
        H5VL_native_dataset_get_vlen_buf_size_t { type_id, space_id, size }
        H5VL_native_dataset_get_chunk_storage_size_t { offset, size }
        H5VL_native_dataset_get_num_chunks_t { space_id, nchunks }
        H5VL_native_dataset_get_chunk_info_by_idx_t {
            space_id, chk_index, offset, filter_mask, addr, size,
        }
        H5VL_native_dataset_get_chunk_info_by_coord_t { offset, filter_mask, addr, size }
        H5VL_native_dataset_get_offset_t { offset }
        H5VL_native_dataset_chunk_iter_t { op, op_data }
        H5VL_native_file_get_free_sections_t { type_, sect_info, nsects, sect_count }
        H5F_sect_info_t { addr, size }
        H5VL_native_file_get_freespace_t { size }
        H5VL_native_file_get_info_t { type_, finfo }
        H5VL_native_file_get_size_t { size }
        H5F_info2_t { super_, free, sohm }
        H5F_info2_super_t { version, super_size, super_ext_size }
        H5F_info2_free_t { version, meta_size, tot_space }
        H5F_info2_sohm_t { version, hdr_size, msgs_info }
        H5VL_native_group_iterate_old_t { loc_params, idx, last_obj, op, op_data }
        H5VL_native_group_get_objinfo_t { loc_params, follow_link, statbuf }
        H5G_stat_t { fileno, objno, nlink, type_, mtime, linklen, ohdr }
        H5O_stat_t { size, free, nmesgs, nchunks }
        H5VL_native_object_get_comment_t { buf_size, buf, comment_len }
        H5VL_native_object_set_comment_t { comment }
        H5VL_native_object_are_mdc_flushes_disabled_t { flag }
        H5VL_native_object_get_native_info_t { fields, ninfo }
        H5O_native_info_t { hdr, meta_size }
        H5O_hdr_info_t { version, nmesgs, nchunks, flags, space, mesg }
        H5O_hdr_space_t { total, meta, mesg, free }
        H5O_hdr_mesg_t { present, shared }
        H5O_meta_size_t { obj, attr }
    }
}

fn library_constants(layout: &mut Layout) {
    constants! { layout:
        H5I_INVALID_HID, H5P_DEFAULT, H5E_DEFAULT, H5ES_NONE, H5S_ALL, H5S_BLOCK, H5S_PLIST,
        HADDR_UNDEF, H5_INDEX_UNKNOWN, H5_INDEX_NAME, H5_INDEX_CRT_ORDER, H5_ITER_UNKNOWN,
        H5_ITER_INC, H5_ITER_DEC, H5_ITER_NATIVE, H5_ITER_ERROR, H5_ITER_CONT, H5_ITER_STOP,
        H5I_UNINIT, H5I_BADID, H5I_FILE, H5I_GROUP, H5I_DATATYPE, H5I_DATASPACE, H5I_DATASET,
        H5I_MAP, H5I_ATTR, H5I_VFL, H5I_VOL, H5I_GENPROP_CLS, H5I_GENPROP_LST, H5I_ERROR_CLASS,
        H5I_ERROR_MSG, H5I_ERROR_STACK, H5I_SPACE_SEL_ITER, H5I_EVENTSET, H5F_ACC_RDONLY,
        H5F_ACC_RDWR, H5F_ACC_TRUNC, H5F_ACC_EXCL, H5F_ACC_CREAT, H5F_ACC_SWMR_WRITE,
        H5F_ACC_SWMR_READ, H5F_ACC_DEFAULT, H5F_OBJ_FILE, H5F_OBJ_DATASET, H5F_OBJ_GROUP,
        H5F_OBJ_DATATYPE, H5F_OBJ_ATTR, H5F_OBJ_ALL, H5F_OBJ_LOCAL, H5F_SCOPE_LOCAL,
        H5F_SCOPE_GLOBAL, H5F_CLOSE_DEFAULT, H5F_CLOSE_WEAK, H5F_CLOSE_SEMI, H5F_CLOSE_STRONG,
        H5F_RFIC_UNUSUAL_NUM_UNUSED_NUMERIC_BITS, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18, H5F_LIBVER_V110, H5F_LIBVER_V112, H5F_LIBVER_V114,
        H5O_TYPE_UNKNOWN, H5O_TYPE_GROUP, H5O_TYPE_DATASET, H5O_TYPE_NAMED_DATATYPE, H5O_TYPE_MAP,
        H5O_INFO_BASIC, H5O_INFO_TIME, H5O_INFO_NUM_ATTRS, H5O_NATIVE_INFO_HDR,
        H5O_NATIVE_INFO_META_SIZE, H5O_COPY_SHALLOW_HIERARCHY_FLAG,
        H5O_COPY_EXPAND_SOFT_LINK_FLAG, H5O_COPY_EXPAND_EXT_LINK_FLAG,
        H5O_COPY_EXPAND_REFERENCE_FLAG, H5O_COPY_WITHOUT_ATTR_FLAG, H5O_COPY_PRESERVE_NULL_FLAG,
        H5O_COPY_MERGE_COMMITTED_DTYPE_FLAG, H5L_TYPE_ERROR, H5L_TYPE_HARD, H5L_TYPE_SOFT,
        H5L_TYPE_EXTERNAL, H5L_TYPE_MAX, H5L_SAME_LOC, H5G_STORAGE_TYPE_UNKNOWN,
        H5G_STORAGE_TYPE_SYMBOL_TABLE, H5G_STORAGE_TYPE_COMPACT, H5G_STORAGE_TYPE_DENSE,
        H5G_UNKNOWN, H5G_GROUP, H5G_DATASET, H5G_TYPE, H5G_LINK, H5G_UDLINK,
        H5P_CRT_ORDER_TRACKED, H5P_CRT_ORDER_INDEXED, H5T_NO_CLASS, H5T_INTEGER, H5T_FLOAT,
        H5T_TIME, H5T_STRING, H5T_BITFIELD, H5T_OPAQUE, H5T_COMPOUND, H5T_REFERENCE, H5T_ENUM,
        H5T_VLEN, H5T_ARRAY, H5T_COMPLEX, H5T_ORDER_ERROR, H5T_ORDER_LE, H5T_ORDER_BE,
        H5T_ORDER_VAX, H5T_ORDER_MIXED, H5T_ORDER_NONE, H5T_SGN_ERROR, H5T_SGN_NONE, H5T_SGN_2,
        H5T_NORM_ERROR, H5T_NORM_IMPLIED, H5T_NORM_MSBSET, H5T_NORM_NONE, H5T_CSET_ERROR,
        H5T_CSET_ASCII, H5T_CSET_UTF8, H5T_STR_ERROR, H5T_STR_NULLTERM, H5T_STR_NULLPAD,
        H5T_STR_SPACEPAD, H5T_PAD_ERROR, H5T_PAD_ZERO, H5T_PAD_ONE, H5T_PAD_BACKGROUND,
        H5T_DIR_DEFAULT, H5T_DIR_ASCEND, H5T_DIR_DESCEND, H5T_VARIABLE, H5T_OPAQUE_TAG_MAX,
        H5S_UNLIMITED, H5S_MAX_RANK, H5S_NO_CLASS, H5S_SCALAR, H5S_SIMPLE, H5S_NULL,
        H5S_SEL_ERROR, H5S_SEL_NONE, H5S_SEL_POINTS, H5S_SEL_HYPERSLABS, H5S_SEL_ALL,
        H5S_SELECT_NOOP, H5S_SELECT_SET, H5S_SELECT_OR, H5S_SELECT_AND, H5S_SELECT_XOR,
        H5S_SELECT_NOTB, H5S_SELECT_NOTA, H5S_SELECT_APPEND, H5S_SELECT_PREPEND,
        H5S_SEL_ITER_GET_SEQ_LIST_SORTED, H5S_SEL_ITER_SHARE_WITH_DATASPACE, H5D_LAYOUT_ERROR,
        H5F_FSPACE_STRATEGY_FSM_AGGR, H5F_FSPACE_STRATEGY_PAGE, H5D_COMPACT, H5D_CONTIGUOUS, H5D_CHUNKED, H5D_VIRTUAL, H5D_VDS_FIRST_MISSING,
        H5D_VDS_LAST_AVAILABLE, H5D_CHUNK_IDX_BTREE,
        H5D_CHUNK_IDX_SINGLE, H5D_CHUNK_IDX_NONE, H5D_CHUNK_IDX_FARRAY, H5D_CHUNK_IDX_EARRAY,
        H5D_CHUNK_IDX_BT2, H5D_ALLOC_TIME_ERROR, H5D_ALLOC_TIME_DEFAULT, H5D_ALLOC_TIME_EARLY,
        H5D_ALLOC_TIME_LATE, H5D_ALLOC_TIME_INCR, H5D_FILL_TIME_ERROR, H5D_FILL_TIME_ALLOC,
        H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS,
        H5D_FILL_TIME_NEVER, H5D_FILL_TIME_IFSET, H5D_FILL_VALUE_ERROR, H5D_FILL_VALUE_UNDEFINED,
        H5D_FILL_VALUE_DEFAULT, H5D_FILL_VALUE_USER_DEFINED, H5D_SPACE_STATUS_ERROR,
        H5D_SPACE_STATUS_NOT_ALLOCATED, H5D_SPACE_STATUS_PART_ALLOCATED,
        H5D_SPACE_STATUS_ALLOCATED, H5D_CHUNK_CACHE_NSLOTS_DEFAULT,
        H5D_CHUNK_CACHE_NBYTES_DEFAULT, H5Z_FILTER_NONE, H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE,
        H5Z_FILTER_FLETCHER32, H5Z_FILTER_SZIP, H5Z_FILTER_NBIT, H5Z_FILTER_SCALEOFFSET,
        H5Z_FLAG_MANDATORY, H5Z_FLAG_OPTIONAL, H5Z_FLAG_REVERSE, H5Z_CLASS_T_VERS,
        H5Z_SO_FLOAT_DSCALE, H5Z_SO_FLOAT_ESCALE,
        H5Z_SO_INT, H5R_BADTYPE, H5R_OBJECT1, H5R_DATASET_REGION1, H5R_OBJECT2,
        H5R_DATASET_REGION2, H5R_ATTR, H5R_OBJ_REF_BUF_SIZE, H5R_DSET_REG_REF_BUF_SIZE,
        H5PL_TYPE_ERROR, H5PL_TYPE_FILTER, H5PL_TYPE_VOL, H5PL_TYPE_VFD, H5E_MAJOR, H5E_MINOR,
        H5E_WALK_UPWARD, H5E_WALK_DOWNWARD, H5_VOL_NATIVE, H5_VOL_RESERVED, H5_VOL_MAX,
    }
}

fn connector_constants(layout: &mut Layout) {
    constants! { layout:
        H5O_MAX_TOKEN_SIZE, H5VL_OBJECT_BY_SELF, H5VL_OBJECT_BY_NAME, H5VL_OBJECT_BY_IDX,
        H5VL_OBJECT_BY_TOKEN, H5R_REF_BUF_SIZE, H5VL_VERSION, H5VL_CONTAINER_INFO_VERSION,
        H5VL_FILE_GET_CONT_INFO, H5VL_FILE_GET_FAPL, H5VL_FILE_GET_FCPL, H5VL_FILE_GET_FILENO,
        H5VL_FILE_GET_INTENT, H5VL_FILE_GET_NAME, H5VL_FILE_GET_OBJ_COUNT, H5VL_FILE_GET_OBJ_IDS,
        H5VL_FILE_FLUSH, H5VL_FILE_REOPEN, H5VL_FILE_IS_ACCESSIBLE, H5VL_FILE_DELETE,
        H5VL_FILE_IS_EQUAL, H5VL_GROUP_GET_GCPL, H5VL_GROUP_GET_INFO, H5VL_GROUP_MOUNT,
        H5VL_GROUP_UNMOUNT, H5VL_GROUP_FLUSH, H5VL_GROUP_REFRESH, H5VL_DATASET_GET_DAPL,
        H5VL_DATASET_GET_DCPL, H5VL_DATASET_GET_SPACE, H5VL_DATASET_GET_SPACE_STATUS,
        H5VL_DATASET_GET_STORAGE_SIZE, H5VL_DATASET_GET_TYPE, H5VL_DATASET_SET_EXTENT,
        H5VL_DATASET_FLUSH, H5VL_DATASET_REFRESH, H5VL_DATATYPE_GET_BINARY_SIZE,
        H5VL_DATATYPE_GET_BINARY, H5VL_DATATYPE_GET_TCPL, H5VL_DATATYPE_FLUSH,
        H5VL_DATATYPE_REFRESH, H5VL_ATTR_GET_ACPL, H5VL_ATTR_GET_INFO, H5VL_ATTR_GET_NAME,
        H5VL_ATTR_GET_SPACE, H5VL_ATTR_GET_STORAGE_SIZE, H5VL_ATTR_GET_TYPE, H5VL_ATTR_DELETE,
        H5VL_ATTR_DELETE_BY_IDX, H5VL_ATTR_EXISTS, H5VL_ATTR_ITER, H5VL_ATTR_RENAME,
        H5VL_LINK_CREATE_HARD, H5VL_LINK_CREATE_SOFT, H5VL_LINK_CREATE_UD, H5VL_LINK_GET_INFO,
        H5VL_LINK_GET_NAME, H5VL_LINK_GET_VAL, H5VL_LINK_DELETE, H5VL_LINK_EXISTS, H5VL_LINK_ITER,
        H5VL_OBJECT_GET_FILE, H5VL_OBJECT_GET_NAME, H5VL_OBJECT_GET_TYPE, H5VL_OBJECT_GET_INFO,
        H5VL_OBJECT_CHANGE_REF_COUNT, H5VL_OBJECT_EXISTS, H5VL_OBJECT_LOOKUP, H5VL_OBJECT_VISIT,
        H5VL_OBJECT_FLUSH, H5VL_OBJECT_REFRESH, H5VL_GET_CONN_LVL_CURR, H5VL_GET_CONN_LVL_TERM,
        H5VL_SUBCLS_NONE, H5VL_SUBCLS_INFO, H5VL_SUBCLS_WRAP, H5VL_SUBCLS_ATTR,
        H5VL_SUBCLS_DATASET, H5VL_SUBCLS_DATATYPE, H5VL_SUBCLS_FILE, H5VL_SUBCLS_GROUP,
        H5VL_SUBCLS_LINK, H5VL_SUBCLS_OBJECT, H5VL_SUBCLS_REQUEST, H5VL_SUBCLS_BLOB,
        H5VL_SUBCLS_TOKEN, H5VL_OPT_QUERY_SUPPORTED, H5VL_OPT_QUERY_READ_DATA,
        H5VL_OPT_QUERY_WRITE_DATA, H5VL_OPT_QUERY_QUERY_METADATA, H5VL_OPT_QUERY_MODIFY_METADATA,
        H5VL_OPT_QUERY_COLLECTIVE, H5VL_OPT_QUERY_NO_ASYNC, H5VL_OPT_QUERY_MULTI_OBJ,
        H5VL_CAP_FLAG_NONE, H5VL_CAP_FLAG_THREADSAFE, H5VL_CAP_FLAG_ASYNC,
        H5VL_CAP_FLAG_NATIVE_FILES, H5VL_CAP_FLAG_ATTR_BASIC, H5VL_CAP_FLAG_ATTR_MORE,
        H5VL_CAP_FLAG_DATASET_BASIC, H5VL_CAP_FLAG_DATASET_MORE, H5VL_CAP_FLAG_FILE_BASIC,
        H5VL_CAP_FLAG_FILE_MORE, H5VL_CAP_FLAG_GROUP_BASIC, H5VL_CAP_FLAG_GROUP_MORE,
        H5VL_CAP_FLAG_LINK_BASIC, H5VL_CAP_FLAG_LINK_MORE, H5VL_CAP_FLAG_MAP_BASIC,
        H5VL_CAP_FLAG_MAP_MORE, H5VL_CAP_FLAG_OBJECT_BASIC, H5VL_CAP_FLAG_OBJECT_MORE,
        H5VL_CAP_FLAG_REF_BASIC, H5VL_CAP_FLAG_REF_MORE, H5VL_CAP_FLAG_OBJ_REF,
        H5VL_CAP_FLAG_REG_REF, H5VL_CAP_FLAG_ATTR_REF, H5VL_CAP_FLAG_STORED_DATATYPES,
        H5VL_CAP_FLAG_CREATION_ORDER, H5VL_CAP_FLAG_ITERATE, H5VL_CAP_FLAG_STORAGE_SIZE,
        H5VL_CAP_FLAG_BY_IDX, H5VL_CAP_FLAG_GET_PLIST, H5VL_CAP_FLAG_FLUSH_REFRESH,
        H5VL_CAP_FLAG_EXTERNAL_LINKS, H5VL_CAP_FLAG_HARD_LINKS, H5VL_CAP_FLAG_SOFT_LINKS,
        H5VL_CAP_FLAG_UD_LINKS, H5VL_CAP_FLAG_TRACK_TIMES, H5VL_CAP_FLAG_MOUNT,
        H5VL_CAP_FLAG_FILTERS, H5VL_CAP_FLAG_FILL_VALUES, H5VL_REQUEST_STATUS_IN_PROGRESS,
        H5VL_REQUEST_STATUS_SUCCEED, H5VL_REQUEST_STATUS_FAIL, H5VL_REQUEST_STATUS_CANT_CANCEL,
        H5VL_REQUEST_STATUS_CANCELED, H5ES_WAIT_NONE, H5ES_WAIT_FOREVER,
        H5VL_REQUEST_GET_ERR_STACK, H5VL_REQUEST_GET_EXEC_TIME, H5VL_MAX_BLOB_ID_SIZE,
        H5VL_BLOB_DELETE, H5VL_BLOB_ISNULL, H5VL_BLOB_SETNULL, H5VL_RESERVED_NATIVE_OPTIONAL,
        H5VL_NATIVE_ATTR_ITERATE_OLD, H5VL_NATIVE_DATASET_FORMAT_CONVERT,
        H5VL_NATIVE_DATASET_GET_CHUNK_INDEX_TYPE, H5VL_NATIVE_DATASET_GET_CHUNK_STORAGE_SIZE,
        H5VL_NATIVE_DATASET_GET_NUM_CHUNKS, H5VL_NATIVE_DATASET_GET_CHUNK_INFO_BY_IDX,
        H5VL_NATIVE_DATASET_GET_CHUNK_INFO_BY_COORD, H5VL_NATIVE_DATASET_CHUNK_READ,
        H5VL_NATIVE_DATASET_CHUNK_WRITE, H5VL_NATIVE_DATASET_GET_VLEN_BUF_SIZE,
        H5VL_NATIVE_DATASET_GET_OFFSET, H5VL_NATIVE_DATASET_CHUNK_ITER,
        H5VL_NATIVE_FILE_CLEAR_ELINK_CACHE, H5VL_NATIVE_FILE_GET_FILE_IMAGE,
        H5VL_NATIVE_FILE_GET_FREE_SECTIONS, H5VL_NATIVE_FILE_GET_FREE_SPACE,
        H5VL_NATIVE_FILE_GET_INFO, H5VL_NATIVE_FILE_GET_MDC_CONF, H5VL_NATIVE_FILE_GET_MDC_HR,
        H5VL_NATIVE_FILE_GET_MDC_SIZE, H5VL_NATIVE_FILE_GET_SIZE, H5VL_NATIVE_FILE_GET_VFD_HANDLE,
        H5VL_NATIVE_FILE_RESET_MDC_HIT_RATE, H5VL_NATIVE_FILE_SET_MDC_CONFIG,
        H5VL_NATIVE_FILE_GET_METADATA_READ_RETRY_INFO, H5VL_NATIVE_FILE_START_SWMR_WRITE,
        H5VL_NATIVE_FILE_START_MDC_LOGGING, H5VL_NATIVE_FILE_STOP_MDC_LOGGING,
        H5VL_NATIVE_FILE_GET_MDC_LOGGING_STATUS, H5VL_NATIVE_FILE_FORMAT_CONVERT,
        H5VL_NATIVE_FILE_RESET_PAGE_BUFFERING_STATS, H5VL_NATIVE_FILE_GET_PAGE_BUFFERING_STATS,
        H5VL_NATIVE_FILE_GET_MDC_IMAGE_INFO, H5VL_NATIVE_FILE_GET_EOA,
        H5VL_NATIVE_FILE_INCR_FILESIZE, H5VL_NATIVE_FILE_SET_LIBVER_BOUNDS,
        H5VL_NATIVE_FILE_GET_MIN_DSET_OHDR_FLAG, H5VL_NATIVE_FILE_SET_MIN_DSET_OHDR_FLAG,
        H5VL_NATIVE_FILE_GET_MPI_ATOMICITY, H5VL_NATIVE_FILE_SET_MPI_ATOMICITY,
        H5VL_NATIVE_FILE_POST_OPEN, H5VL_NATIVE_GROUP_ITERATE_OLD, H5VL_NATIVE_GROUP_GET_OBJINFO,
        H5VL_NATIVE_OBJECT_GET_COMMENT, H5VL_NATIVE_OBJECT_SET_COMMENT,
        H5VL_NATIVE_OBJECT_DISABLE_MDC_FLUSHES, H5VL_NATIVE_OBJECT_ENABLE_MDC_FLUSHES,
        H5VL_NATIVE_OBJECT_ARE_MDC_FLUSHES_DISABLED, H5VL_NATIVE_OBJECT_GET_NATIVE_INFO,
    }
}
