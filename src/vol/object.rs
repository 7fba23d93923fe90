//! Object callbacks: what works on groups, datasets and committed datatypes alike.

use std::ffi::{c_char, c_ulong, c_void};

use h5rest_protocol::ObjectClass;

use super::datatype;
use super::entry;
use super::handle::{self, borrow};
use super::iterate;
use super::location::{How, Location, copy_text, decode, text, token};
use super::old_references;
use super::request;
use super::shared_file;
use crate::connector::requests::Use;
use crate::connector::{Error, ErrorKind, Object, ObjectInfo, Result};
use crate::ffi::*;
use crate::host::Host;
use crate::transfer::virtual_dataset;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_object_class_t {
    H5VL_object_class_t {
        open: Some(open::<S>),
        copy: Some(copy::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: Some(super::optional::object::<S>),
    }
}

unsafe extern "C" fn open<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    opened: *mut H5I_type_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Oopen", |host| {
        // SAFETY: arguments of the callback that is running; `opened` is writable.
        unsafe {
            let found = decode(host, object, params)?.object()?;
            *opened = handle::id_type(found.class());
            match found.class() {
                ObjectClass::Datatype => datatype::opened(host, found),
                ObjectClass::Dataset => Ok(handle::of_dataset(host, found, None)),
                ObjectClass::Group => Ok(handle::of_object(found)),
            }
        }
    })
}

unsafe extern "C" fn copy<const S: usize>(
    from: *mut c_void,
    from_params: *const H5VL_loc_params_t,
    from_name: *const c_char,
    to: *mut c_void,
    to_params: *const H5VL_loc_params_t,
    to_name: *const c_char,
    ocpypl: hid_t,
    lcpl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Ocopy", |host| {
        // SAFETY: arguments of the callback that is running.
        let (source, destination, to_name) = unsafe {
            let source = decode(host, from, from_params)?.object()?;
            let destination = decode(host, to, to_params)?.object()?;
            (source.open(&text(from_name)?)?, destination, text(to_name)?)
        };
        // What is copied may contain anything.
        source.file().session().settle_all();
        let options = host.copy_options(ocpypl)?;
        source.copy(&destination, &to_name, &options, &host.link_options(lcpl)?)
    })
}

unsafe extern "C" fn get<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: *mut H5VL_object_get_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Oget", |host| {
        // SAFETY: HDF5 passes arguments whose member `op_type` names, with valid pointers.
        unsafe {
            let location = decode(host, object, params)?;
            match (*args).op_type {
                H5VL_OBJECT_GET_FILE => {
                    old_references::native_was_asked(false);
                    *(*args).args.get_file.file = handle::of_file(S, &borrow(object)?.file());
                }
                H5VL_OBJECT_GET_NAME => {
                    let name = (*args).args.get_name;
                    let path = object_name(&location)?;
                    copy_text(&path, name.buf, name.buf_size, name.name_len);
                }
                H5VL_OBJECT_GET_TYPE => {
                    *(*args).args.get_type.obj_type = object_type(location.object()?.class());
                }
                H5VL_OBJECT_GET_INFO => {
                    let question = (*args).args.get_info;
                    let found = location.object()?;
                    found.settle(Use::Reads);
                    let info = c_info(&found, &found.info()?, question.fields);
                    if let Some(room) = question.oinfo.as_mut() {
                        *room = info;
                    }
                }
                other => return Err(Error::unsupported(&format!("object query {other}"))),
            }
        }
        Ok(())
    })
}

/// A path of the object; empty if it has none. That an object which a reference is to is gone is no
/// failure here, as in HDF5.
fn object_name(location: &Location) -> Result<String> {
    let found = match (location.object(), &location.how) {
        (Err(error), How::Token(_)) if error.kind() == ErrorKind::NotFound => {
            return Ok(String::new());
        }
        (found, _) => found?,
    };
    Ok(found.find_path()?.unwrap_or_default())
}

/// HDF5's number of an object class.
pub fn object_type(class: ObjectClass) -> H5O_type_t {
    match class {
        ObjectClass::Group => H5O_TYPE_GROUP,
        ObjectClass::Dataset => H5O_TYPE_DATASET,
        ObjectClass::Datatype => H5O_TYPE_NAMED_DATATYPE,
    }
}

/// An object's description as HDF5 wants it; what `fields` does not name stays zero, or unknown.
pub fn c_info(object: &Object, info: &ObjectInfo, fields: u32) -> H5O_info2_t {
    let basic = fields & H5O_INFO_BASIC != 0;
    let times = fields & H5O_INFO_TIME != 0;
    let time = |seconds: f64| if times { seconds as time_t } else { 0 };
    H5O_info2_t {
        fileno: if basic {
            object.file().fileno() as c_ulong
        } else {
            0
        },
        token: if basic {
            token(object.token())
        } else {
            H5O_TOKEN_UNDEF
        },
        type_: if basic {
            object_type(object.class())
        } else {
            H5O_TYPE_UNKNOWN
        },
        rc: if basic { info.rc } else { 0 },
        // Servers keep creation and modification; HDF5 itself fills all four with one time.
        atime: time(info.modified),
        mtime: time(info.modified),
        ctime: time(info.modified),
        btime: time(info.created),
        num_attrs: if fields & H5O_INFO_NUM_ATTRS != 0 {
            info.attributes
        } else {
            0
        },
    }
}

unsafe extern "C" fn specific<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: *mut H5VL_object_specific_args_t,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    entry::status::<S>("H5O", |host| {
        // SAFETY: HDF5 passes arguments whose member `op_type` names.
        unsafe { act(host, object, params, &mut *args, req) }
    })
}

/// # Safety
/// All pointers must come from HDF5.
unsafe fn act(
    host: &'static Host,
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: &mut H5VL_object_specific_args_t,
    req: *mut *mut c_void,
) -> Result<herr_t> {
    // SAFETY: the member that `op_type` names is the valid one, and its pointers are valid.
    unsafe {
        let location = decode(host, object, params)?;
        match args.op_type {
            H5VL_OBJECT_CHANGE_REF_COUNT => {
                location
                    .object()?
                    .adjust_link_count(args.args.change_rc.delta)?;
            }
            H5VL_OBJECT_EXISTS => {
                *args.args.exists.exists = match &location.how {
                    How::Name(path) => object_exists(host, &location.base, path)?,
                    _ => location.object().map(|_| true)?,
                };
            }
            H5VL_OBJECT_LOOKUP => {
                let found = location.object()?;
                check_same_file(&location.base, &found)?;
                *args.args.lookup.token_ptr = token(old_references::token_for(&found));
            }
            H5VL_OBJECT_VISIT => {
                return iterate::objects(host, &location.object()?, &args.args.visit);
            }
            H5VL_OBJECT_FLUSH => {
                let flushed = location.object()?;
                request::flush(host, flushed.file(), req)?;
                let told = shared_file::object_flushed(flushed.file(), args.args.flush.obj_id);
                told.inspect_err(|_| request::take_back(req))?;
            }
            H5VL_OBJECT_REFRESH => virtual_dataset::refresh(host, &location.object()?)?,
            other => return Err(Error::unsupported(&format!("object operation {other}"))),
        }
    }
    Ok(0)
}

/// HDF5 looks tokens up for references, and takes the file of the location for the object's. With a
/// token of a mounted file, or of one that a link leads to, it would make a reference to anything.
fn check_same_file(location: &Object, found: &Object) -> Result<()> {
    if location.file().same_domain(found.file()) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{found} is in the file '{}', not in '{}': references to it must be made with an identifier \
         of an object in that file",
        found.file().name(),
        location.file().name()
    )))
}

/// A missing link is an error to HDF5 1.14, and an object that does not exist to 2.0 and newer.
fn object_exists(host: &Host, base: &Object, path: &str) -> Result<bool> {
    let found = base.object_exists(path);
    if found.is_err() && host.is_2_or_newer() && matches!(base.link_exists(path), Ok(false)) {
        return Ok(false);
    }
    found
}
