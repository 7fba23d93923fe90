//! File callbacks: create, open, properties, flush, close, and questions about names.

use std::ffi::{CStr, c_char, c_uint, c_ulong, c_void};
use std::sync::Arc;

use super::delivery;
use super::entry;
use super::handle::{self, FileHandle, Handle, Holder, borrow};
use super::info;
use super::location::{copy_text, text};
use super::open_ids;
use super::request;
use super::shared_file::{self, Flushed, Format};
use super::wrap;
use crate::config::Config;
use crate::connector::{Error, ErrorKind, File, Result};
use crate::ffi::*;
use crate::host::{Host, blobs};
use crate::logging;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_file_class_t {
    H5VL_file_class_t {
        create: Some(create::<S>),
        open: Some(open::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: Some(super::optional::file::<S>),
        close: Some(close::<S>),
    }
}

unsafe extern "C" fn create<const S: usize>(
    name: *const c_char,
    flags: c_uint,
    fcpl: hid_t,
    fapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Fcreate", |host| {
        // SAFETY: HDF5 passes a C string.
        let name = unsafe { text(name) }?;
        let config = info::config(host, fapl)?;
        delivery::complete_file(host, &config, &name);
        let exclusive = flags & H5F_ACC_TRUNC == 0;
        let properties = || {
            host.check_driver(fapl)?;
            host.check_userblock(fcpl, fapl)?;
            let mut properties = host.file_properties(fcpl)?;
            host.note_group_format(fapl, &mut properties);
            Ok(properties)
        };
        let file = properties()
            .and_then(|properties| File::create(&config, &name, exclusive, properties))
            .and_then(|file| joined(host, file, fapl))
            .map_err(|error| error.context(format_args!("cannot create '{name}'")))?;
        pose(host, &file);
        Ok(file_handle(host, file, fapl))
    })
}

unsafe extern "C" fn open<const S: usize>(
    name: *const c_char,
    flags: c_uint,
    fapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Fopen", |host| {
        // SAFETY: HDF5 passes a C string.
        let name = unsafe { text(name) }?;
        let config = info::config(host, fapl)?;
        let open = |write: bool| File::open(&config, &name, write);
        let file = open(flags & H5F_ACC_RDWR != 0)
            // As in HDF5, a file that the process can write already can be written by every identifier.
            .and_then(|file| match shared_file::is_writable(file.session()) {
                true if !file.writable() => open(true),
                _ => Ok(file),
            })
            .and_then(|file| joined(host, file, fapl))
            .map_err(|error| error.context(format_args!("cannot open '{name}'")))?;
        if flags & H5F_ACC_SWMR_READ != 0 {
            file.follow_writer();
        }
        if flags & H5F_ACC_SWMR_WRITE != 0 {
            file.open_beside_readers();
        }
        pose(host, &file);
        Ok(file_handle(host, file, fapl))
    })
}

fn joined(host: &'static Host, file: Arc<File>, fapl: hid_t) -> Result<Arc<File>> {
    let format = Format {
        oldest: host.oldest_format(fapl),
        allows_unused_bits: host.allows_unused_bits(fapl),
    };
    file.note_chunk_cache(Some(host.chunk_cache_of_file(fapl)));
    file.note_locking(host.file_locking(fapl));
    let (function, data) = host.flush_callback(fapl);
    let flushed = Flushed(function, data);
    shared_file::join(&file, host.close_degree(fapl), format, flushed)?;
    Ok(file)
}

fn pose(host: &'static Host, file: &Arc<File>) {
    if let Err(error) = wrap::pose(host, file) {
        // Without it only calls of old programs fail, with HDF5's own words.
        log::warn!("'{}' cannot pose as a native file: {error}", file.name());
    }
}

fn file_handle(host: &'static Host, file: Arc<File>, fapl: hid_t) -> *mut c_void {
    let fapl = (fapl > 0).then(|| host.opened_fapl(fapl).ok()).flatten();
    let holder = Holder::Program;
    handle::into_raw(Handle::File(FileHandle { file, fapl, holder }))
}

unsafe extern "C" fn get<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_file_get_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Fget", |host| {
        // SAFETY: HDF5 passes an object and arguments whose member `op_type` names.
        unsafe { get_property(host, borrow(object)?, &mut *args) }
    })
}

/// # Safety
/// `args` must have been filled by HDF5 for its operation.
unsafe fn get_property(
    host: &'static Host,
    object: &Handle,
    args: &mut H5VL_file_get_args_t,
) -> Result<()> {
    // SAFETY: the member that `op_type` names is the valid one, and its pointers are writable.
    unsafe {
        match args.op_type {
            H5VL_FILE_GET_CONT_INFO => {
                let info = &mut *args.args.get_cont_info.info;
                info.version = H5VL_CONTAINER_INFO_VERSION;
                info.feature_flags = 0;
                info.token_size = 8;
                info.blob_id_size = blobs::ID_SIZE;
            }
            H5VL_FILE_GET_FAPL => args.args.get_fapl.fapl_id = access_plist(host, object)?,
            H5VL_FILE_GET_FCPL => {
                let plist = host.file_plist(&object.file().root_properties()?)?;
                args.args.get_fcpl.fcpl_id = plist.into_raw();
            }
            H5VL_FILE_GET_FILENO => {
                if let Some(room) = args.args.get_fileno.fileno.as_mut() {
                    *room = object.file().fileno() as c_ulong;
                }
            }
            H5VL_FILE_GET_INTENT => *args.args.get_intent.flags = intent(&object.file()),
            H5VL_FILE_GET_NAME => {
                let name = args.args.get_name;
                copy_text(
                    object.file().name(),
                    name.buf,
                    name.buf_size,
                    name.file_name_len,
                );
            }
            H5VL_FILE_GET_OBJ_COUNT => {
                let count = args.args.get_obj_count;
                *count.count = open_ids::of_file(host, &object.file(), count.types)?.len();
            }
            H5VL_FILE_GET_OBJ_IDS => {
                let list = args.args.get_obj_ids;
                let ids = open_ids::of_file(host, &object.file(), list.types)?;
                let count = ids.len().min(list.max_objs);
                std::ptr::copy_nonoverlapping(ids.as_ptr(), list.oid_list, count);
                *list.count = count;
            }
            other => return Err(Error::unsupported(&format!("file query {other}"))),
        }
    }
    Ok(())
}

/// The flags that the file was opened with, as H5Fget_intent reports them.
fn intent(file: &File) -> u32 {
    let flag = |is_set, flag| if is_set { flag } else { 0 };
    flag(file.writable(), H5F_ACC_RDWR)
        | flag(file.lets_others_read(), H5F_ACC_SWMR_WRITE)
        | flag(file.follows_writer(), H5F_ACC_SWMR_READ)
}

fn access_plist(host: &'static Host, object: &Handle) -> Result<hid_t> {
    let kept = match object {
        Handle::File(FileHandle {
            fapl: Some(fapl), ..
        }) => host.copy_plist(fapl.get())?,
        _ => host.linked_fapl(object.file().locking())?,
    };
    Ok(kept.into_raw())
}

unsafe extern "C" fn specific<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_file_specific_args_t,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    // The search for a connector after a native open failed must leave no trace on the error
    // stack, not even by clearing it, so it is answered before anything else happens.
    // SAFETY: HDF5 passes arguments whose member `op_type` names.
    unsafe {
        if (*args).op_type == H5VL_FILE_IS_ACCESSIBLE
            && let Some(host) = crate::host::slot::host(S)
            && host.error_count() > 0
        {
            let question = (*args).args.is_accessible;
            *question.accessible = is_ours_by_discovery(host, question.filename);
            return 0;
        }
    }
    entry::done::<S>("H5F", |host| {
        // SAFETY: as above.
        unsafe { act(host, object, &mut *args, req) }
    })
}

/// # Safety
/// `object` and `args` must come from HDF5.
unsafe fn act(
    host: &'static Host,
    object: *mut c_void,
    args: &mut H5VL_file_specific_args_t,
    req: *mut *mut c_void,
) -> Result<()> {
    // SAFETY: the member that `op_type` names is the valid one, and its pointers are valid.
    unsafe {
        match args.op_type {
            H5VL_FILE_FLUSH => {
                let file = borrow(object)?.file();
                let files = match args.args.flush.scope {
                    H5F_SCOPE_LOCAL => vec![file],
                    _ => file.mounted_together(),
                };
                match &files[..] {
                    [only] => request::flush(host, only, req),
                    files => files.iter().try_for_each(|file| file.flush()),
                }
            }
            H5VL_FILE_REOPEN => {
                let Handle::File(file) = borrow(object)? else {
                    return Err(Error::new(ErrorKind::Invalid, "not a file"));
                };
                let fapl = file.fapl.as_ref().map_or(H5P_DEFAULT, |fapl| fapl.get());
                let again = file.file.reopen();
                wrap::pose_again(host, &again);
                let again = file_handle(host, again, fapl);
                *args.args.reopen.file = again;
                Ok(())
            }
            H5VL_FILE_IS_ACCESSIBLE => {
                let question = args.args.is_accessible;
                let config = info::config(host, question.fapl_id)?;
                let name = text(question.filename)?;
                *question.accessible = File::probe(&config, &name)?;
                if *question.accessible {
                    return Ok(());
                }
                if std::path::Path::new(&name).is_file() {
                    // A local file that is not ours: "no" is the answer, as for any other file
                    // that HDF5 cannot read.
                    return Ok(());
                }
                // HDF5 fails if there is no file at all.
                Err(Error::new(
                    ErrorKind::NotFound,
                    format!("there is no file '{name}'"),
                ))
            }
            H5VL_FILE_DELETE => {
                let del = args.args.del;
                let name = text(del.filename)?;
                let config = info::config(host, del.fapl_id)?;
                delivery::complete_file(host, &config, &name);
                File::delete(&config, &name)
                    .map_err(|error| error.context(format_args!("cannot delete '{name}'")))
            }
            H5VL_FILE_IS_EQUAL => {
                let question = args.args.is_equal;
                let this = borrow(object)?.file();
                // The other object may be another connector's; then it is not the same file.
                // Or it is the native file that stands in for one of ours.
                let other = match wrap::file_behind(question.obj2) {
                    Some(other) => Some(other),
                    None => borrow(question.obj2).ok().map(Handle::file),
                };
                *question.same_file = other.is_some_and(|other| this.same_domain(&other));
                Ok(())
            }
            other => Err(Error::unsupported(&format!("file operation {other}"))),
        }
    }
}

/// Whether a file that native HDF5 could not open is ours. HDF5 2.x would register the result
/// under the native connector and crash on its first use, so the answer there is always no.
///
/// # Safety
/// `name` must be a C string or null.
unsafe fn is_ours_by_discovery(host: &Host, name: *const c_char) -> bool {
    if host.is_2_or_newer() || name.is_null() {
        return false;
    }
    // SAFETY: a C string by the contract of this function.
    let Ok(name) = unsafe { CStr::from_ptr(name) }.to_str() else {
        return false;
    };
    logging::start();
    let config = Config::from_info(None);
    config.may_be_remote(name) && File::probe(&config, name).unwrap_or(false)
}

unsafe extern "C" fn close<const S: usize>(
    object: *mut c_void,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Fclose", |host| {
        // SAFETY: an object of ours that HDF5 wants to close.
        let Handle::File(file) = unsafe { borrow(object) }? else {
            return Err(Error::new(ErrorKind::Invalid, "not a file"));
        };
        if file.ends_silently(host) {
            // SAFETY: HDF5 does not use the object again.
            return unsafe { handle::close(host, object) };
        }
        if request::is_wanted(host, req) {
            close_objects(host, file)?;
            let file = file.file.clone();
            // SAFETY: HDF5 does not use the object again; `req` is the argument of this callback.
            unsafe {
                handle::close(host, object)?;
                request::give(req, "H5Fclose", file.close_later(), None);
            }
            return Ok(());
        }
        delivery::complete_all(host, file.file.session(), None);
        // HDF5 keeps the identifier of a file that could not be closed: the file must stay, too.
        // At exit it goes in any case: HDF5 would try again without end.
        if host.is_terminating() {
            let session = file.file.session();
            let closed = session.give_up_values().and_then(|()| file.file.close());
            let _ = closed.inspect_err(entry::lament);
            // SAFETY: HDF5 does not use the object again.
            return unsafe { handle::close(host, object) };
        }
        let closed = close_objects(host, file).and_then(|()| file.file.close());
        if closed.is_ok() {
            // SAFETY: HDF5 does not use the object again.
            unsafe { handle::close(host, object) }?;
        }
        closed
    })
}

/// What the file access property list wants done about objects that are still open: nothing,
/// refuse to close the file, or close them (H5Pset_fclose_degree).
fn close_objects(host: &'static Host, file: &FileHandle) -> Result<()> {
    let degree = file
        .fapl
        .as_ref()
        .map_or(H5F_CLOSE_DEFAULT, |fapl| host.close_degree(fapl.get()));
    if degree != H5F_CLOSE_SEMI && degree != H5F_CLOSE_STRONG {
        return Ok(());
    }
    if file.file.open_ids().files > 1 {
        // Not the last identifier of this file and those that are mounted together with it.
        return Ok(());
    }
    let kinds = H5F_OBJ_DATASET | H5F_OBJ_GROUP | H5F_OBJ_DATATYPE | H5F_OBJ_ATTR;
    let mut open = Vec::new();
    for file in file.file.mounted_together() {
        open.extend(open_ids::of_file(host, &file, kinds | H5F_OBJ_LOCAL)?);
    }
    if degree == H5F_CLOSE_SEMI && !open.is_empty() {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "{} objects of '{}' are still open, and its close degree is H5F_CLOSE_SEMI",
                open.len(),
                file.file.name()
            ),
        ));
    }
    open.into_iter().for_each(|id| host.release_all(id));
    Ok(())
}
