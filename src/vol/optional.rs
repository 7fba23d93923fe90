//! Optional operations: calls that HDF5 made for its own file format.
//!
//! Those that h5py, old programs and HDF5's tools depend on are answered; the others get a clear
//! refusal, named by the call that a program made.

use std::ffi::{c_int, c_ulong, c_void};

use h5rest_protocol::{Link, ObjectClass};

use super::entry;
use super::handle::borrow;
use super::iterate;
use super::link::link_value;
use super::location::{How, Location, copy_text, decode, optional_text};
use crate::connector::{Error, Object, Result};
use crate::ffi::*;

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident, $of:literal;)*) => { $(
        $(#[$doc])*
        pub unsafe extern "C" fn $name<const S: usize>(
            _object: *mut c_void,
            args: *mut H5VL_optional_args_t,
            _dxpl: hid_t,
            _req: *mut *mut c_void,
        ) -> herr_t {
            // SAFETY: HDF5 passes arguments that say which operation is meant.
            refuse::<S>($of, unsafe { (*args).op_type })
        }
    )* };
}

macro_rules! refusals_at {
    ($($(#[$doc:meta])* $name:ident, $of:literal;)*) => { $(
        $(#[$doc])*
        pub unsafe extern "C" fn $name<const S: usize>(
            _object: *mut c_void,
            _params: *const H5VL_loc_params_t,
            args: *mut H5VL_optional_args_t,
            _dxpl: hid_t,
            _req: *mut *mut c_void,
        ) -> herr_t {
            // SAFETY: HDF5 passes arguments that say which operation is meant.
            refuse::<S>($of, unsafe { (*args).op_type })
        }
    )* };
}

refusals! {
    /// Optional operations of datasets.
    dataset, "datasets";
    /// Optional operations of committed datatypes.
    datatype, "committed datatypes";
    /// Optional operations of the connector.
    connector, "connectors";
}

refusals_at! {
    /// Optional operations of links.
    link, "links";
}

fn refuse<const S: usize>(of: &str, operation: c_int) -> herr_t {
    entry::done::<S>("optional operation", |_| {
        Err(Error::unsupported(&format!(
            "operation {operation} of {of}, which HDF5 defines for local files only"
        )))
    })
}

/// Optional operations of attributes; HDF5 passes the object whose attributes are meant.
pub unsafe extern "C" fn attribute<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_optional_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    // SAFETY: HDF5 passes arguments whose `args` are of the operation that `op_type` names.
    unsafe {
        match (*args).op_type {
            H5VL_NATIVE_ATTR_ITERATE_OLD => entry::status::<S>("H5Aiterate1", |host| {
                let question = &*(*args).args.cast::<H5VL_native_attr_iterate_old_t>();
                let holder = borrow(object)?.as_location();
                iterate::attributes_of_old(host, &holder, question)
            }),
            operation => refuse::<S>("attributes", operation),
        }
    }
}

/// Optional operations of files.
pub unsafe extern "C" fn file<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_optional_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    // SAFETY: HDF5 passes arguments whose `args` are of the operation that `op_type` names.
    unsafe {
        match (*args).op_type {
            // What the server stores is the nearest thing to the size of a file.
            H5VL_NATIVE_FILE_GET_SIZE => entry::done::<S>("H5Fget_filesize", |_| {
                let question = &*(*args).args.cast::<H5VL_native_file_get_size_t>();
                *question.size = borrow(object)?.file().stored_size()?;
                Ok(())
            }),
            operation => refuse::<S>("files", operation),
        }
    }
}

/// Optional operations of groups.
pub unsafe extern "C" fn group<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_optional_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    // SAFETY: HDF5 passes arguments whose `args` are of the operation that `op_type` names.
    unsafe {
        match (*args).op_type {
            H5VL_NATIVE_GROUP_GET_OBJINFO => entry::done::<S>("H5Gget_objinfo", |host| {
                let question = &*(*args).args.cast::<H5VL_native_group_get_objinfo_t>();
                let location = decode(host, object, &question.loc_params)?;
                let answer = object_status(&location, question.follow_link)?;
                if let Some(room) = question.statbuf.as_mut() {
                    *room = answer;
                }
                Ok(())
            }),
            H5VL_NATIVE_GROUP_ITERATE_OLD => entry::status::<S>("H5Giterate", |host| {
                let question = &*(*args).args.cast::<H5VL_native_group_iterate_old_t>();
                let group = decode(host, object, &question.loc_params)?.object()?;
                iterate::links_of_old(host, &group, question)
            }),
            operation => refuse::<S>("groups", operation),
        }
    }
}

/// Optional operations of objects.
pub unsafe extern "C" fn object<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: *mut H5VL_optional_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    // SAFETY: HDF5 passes arguments whose `args` are of the operation that `op_type` names.
    unsafe {
        match (*args).op_type {
            // There are no object headers: h5stat and H5Oget_info1 are content with zeros.
            H5VL_NATIVE_OBJECT_GET_NATIVE_INFO => entry::done::<S>("H5Oget_native_info", |host| {
                decode(host, object, params)?.object()?;
                let question = &*(*args).args.cast::<H5VL_native_object_get_native_info_t>();
                *question.ninfo = H5O_native_info_t::default();
                Ok(())
            }),
            H5VL_NATIVE_OBJECT_GET_COMMENT => entry::done::<S>("H5Oget_comment", |host| {
                let comment = decode(host, object, params)?.object()?.comment()?;
                let room = &*(*args).args.cast::<H5VL_native_object_get_comment_t>();
                let comment = comment.unwrap_or_default();
                copy_text(&comment, room.buf.cast(), room.buf_size, room.comment_len);
                Ok(())
            }),
            H5VL_NATIVE_OBJECT_SET_COMMENT => entry::done::<S>("H5Oset_comment", |host| {
                let commented = decode(host, object, params)?.object()?;
                let question = &*(*args).args.cast::<H5VL_native_object_set_comment_t>();
                let comment = optional_text(question.comment)?;
                // HDF5 takes an empty comment for none.
                commented.set_comment(comment.as_deref().filter(|text| !text.is_empty()))
            }),
            operation => refuse::<S>("objects", operation),
        }
    }
}

/// What H5Gget_objinfo says about an object, or about the link itself.
fn object_status(location: &Location, follow_link: bool) -> Result<H5G_stat_t> {
    if !follow_link && matches!(location.how, How::Name(_)) {
        let (base, path) = location.link_path()?;
        if !matches!(path, "." | "/") {
            let link = base.link(path)?.link;
            if !matches!(link, Link::Hard(_)) {
                return Ok(H5G_stat_t {
                    type_: match link {
                        Link::Soft(_) => H5G_LINK,
                        _ => H5G_UDLINK,
                    },
                    linklen: link_value(&link)?.len(),
                    ..H5G_stat_t::default()
                });
            }
        }
    }
    status_of(&location.object()?)
}

/// h5py takes file and object number for an object's identity.
fn status_of(object: &Object) -> Result<H5G_stat_t> {
    let info = object.info()?;
    Ok(H5G_stat_t {
        fileno: [object.file().fileno() as c_ulong, 0],
        objno: [object.token() as c_ulong, 0],
        nlink: info.rc,
        type_: match object.class() {
            ObjectClass::Group => H5G_GROUP,
            ObjectClass::Dataset => H5G_DATASET,
            ObjectClass::Datatype => H5G_TYPE,
        },
        mtime: info.modified as time_t,
        ..H5G_stat_t::default()
    })
}
