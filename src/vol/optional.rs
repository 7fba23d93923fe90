//! Optional operations: calls that HDF5 made for its own file format.
//!
//! Those that h5py, old programs and HDF5's tools depend on are answered; the others get a clear
//! refusal, named by the call that a program made.

use std::ffi::{c_int, c_ulong, c_void};
use std::{ptr, slice};

use h5rest_protocol::{Link, ObjectClass};

use super::direct_chunk;
use super::entry;
use super::handle::{ObjectHandle, borrow};
use super::iterate;
use super::link::link_value;
use super::location::{How, Location, copy_text, decode, optional_text};
use crate::connector::{Error, Object, Result};
use crate::ffi::*;

/// An optional operation that a program asks for.
#[derive(Clone, Copy)]
struct Call {
    object: *mut c_void,
    /// Where from there; null for the object itself.
    params: *const H5VL_loc_params_t,
    /// Of the structure that belongs to the operation.
    args: *mut c_void,
}

impl Call {
    fn at(self, params: *const H5VL_loc_params_t) -> Self {
        Self { params, ..self }
    }

    /// # Safety
    /// `T` must be the structure of the operation.
    unsafe fn question<'a, T>(self) -> &'a T {
        // SAFETY: HDF5 passes such a structure, which lives during the call.
        unsafe { &*self.args.cast() }
    }
}

/// The callback of a class for optional operations: who answers which, the others are refused.
macro_rules! operations {
    ($(#[$doc:meta])* $name:ident($($params:ident)?) of $of:literal: $($operation:ident => $answer:ident),*) => {
        $(#[$doc])*
        pub unsafe extern "C" fn $name<const S: usize>(
            object: *mut c_void,
            $($params: *const H5VL_loc_params_t,)?
            args: *mut H5VL_optional_args_t,
            _dxpl: hid_t,
            _req: *mut *mut c_void,
        ) -> herr_t {
            // SAFETY: HDF5 passes arguments that say which operation is meant, and are of the
            // structure that belongs to it, which `$answer` takes.
            unsafe {
                // Not used where everything is refused.
                let _call = Call { object, params: ptr::null(), args: (*args).args }$(.at($params))?;
                match (*args).op_type {
                    $($operation => $answer::<S>(_call),)*
                    operation => refuse::<S>($of, operation),
                }
            }
        }
    };
}

operations! {
    /// Optional operations of datasets.
    dataset() of "datasets":
    H5VL_NATIVE_DATASET_GET_CHUNK_STORAGE_SIZE => chunk_size,
    H5VL_NATIVE_DATASET_CHUNK_READ => read_chunk,
    H5VL_NATIVE_DATASET_CHUNK_WRITE => write_chunk
}
operations! {
    /// Optional operations of committed datatypes.
    datatype() of "committed datatypes":
}
operations! {
    /// Optional operations of the connector.
    connector() of "connectors":
}
operations! {
    /// Optional operations of links.
    link(params) of "links":
}
operations! {
    /// Optional operations of attributes; HDF5 passes the object whose attributes are meant.
    attribute() of "attributes": H5VL_NATIVE_ATTR_ITERATE_OLD => iterate_attributes
}
operations! {
    /// Optional operations of files.
    file() of "files":
    H5VL_NATIVE_FILE_GET_SIZE => file_size, H5VL_NATIVE_FILE_START_SWMR_WRITE => start_swmr_write
}
operations! {
    /// Optional operations of groups.
    group() of "groups":
    H5VL_NATIVE_GROUP_GET_OBJINFO => object_info, H5VL_NATIVE_GROUP_ITERATE_OLD => iterate_links
}
operations! {
    /// Optional operations of objects.
    object(params) of "objects":
    H5VL_NATIVE_OBJECT_GET_NATIVE_INFO => native_info,
    H5VL_NATIVE_OBJECT_GET_COMMENT => comment,
    H5VL_NATIVE_OBJECT_SET_COMMENT => set_comment
}

fn refuse<const S: usize>(of: &str, operation: c_int) -> herr_t {
    entry::done::<S>("optional operation", |_| {
        Err(Error::unsupported(&format!(
            "operation {operation} of {of}, which HDF5 defines for local files only"
        )))
    })
}

/// # Safety
/// `call` must be of the operation that the name says, here and below.
unsafe fn chunk_size<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Dget_chunk_storage_size", |host| {
        // SAFETY: by the contract of this function.
        unsafe {
            let dataset = borrow(call.object)?.as_object("a dataset")?;
            let question: &H5VL_native_dataset_get_chunk_storage_size_t = call.question();
            let start = coordinates(dataset, question.offset)?;
            *question.size = direct_chunk::size(host, dataset, start)? as hsize_t;
        }
        Ok(())
    })
}

unsafe fn read_chunk<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Dread_chunk", |host| {
        // SAFETY: by the contract of this function. The last member is there in 2.0 and newer only; without
        // it the program has memory for as many bytes as it was told.
        unsafe {
            let dataset = borrow(call.object)?.as_object("a dataset")?;
            let args: *mut H5VL_native_dataset_chunk_read_t = call.args.cast();
            let start = coordinates(dataset, (*args).offset)?;
            let room = match host.is_2_or_newer() {
                true => (*args).buf_size.as_mut(),
                false => None,
            };
            let (left_out, bytes) = direct_chunk::read(host, dataset, start, room.is_some())?;
            (*args).filters = left_out;
            let fits = room.as_ref().is_none_or(|room| **room >= bytes.len());
            if let Some(room) = room {
                *room = bytes.len();
            }
            if fits && !(*args).buf.is_null() {
                ptr::copy_nonoverlapping(bytes.as_ptr(), (*args).buf.cast(), bytes.len());
            }
        }
        Ok(())
    })
}

unsafe fn write_chunk<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Dwrite_chunk", |host| {
        // SAFETY: by the contract of this function; as many bytes belong to the program's buffer as it says.
        unsafe {
            let dataset = borrow(call.object)?.as_object("a dataset")?;
            let (start, filters, bytes) = match host.is_2_or_newer() {
                true => {
                    let question: &H5VL_native_dataset_chunk_write_v2_t = call.question();
                    (
                        question.offset,
                        question.filters,
                        (question.buf, question.size),
                    )
                }
                false => {
                    let question: &H5VL_native_dataset_chunk_write_v1_14_t = call.question();
                    let size = question.size as usize;
                    (question.offset, question.filters, (question.buf, size))
                }
            };
            let bytes = slice::from_raw_parts(bytes.0.cast::<u8>(), bytes.1);
            let start = coordinates(dataset, start)?;
            direct_chunk::write(host, dataset, start, filters, bytes)
        }
    })
}

/// # Safety
/// `start` must have a coordinate for each dimension of the dataset.
unsafe fn coordinates(dataset: &ObjectHandle, start: *const hsize_t) -> Result<&[u64]> {
    let rank = dataset.object.dataset()?.shape.dims().len();
    if rank == 0 {
        return Ok(&[]);
    }
    // SAFETY: by the contract of this function.
    Ok(unsafe { slice::from_raw_parts(start, rank) })
}

unsafe fn iterate_attributes<const S: usize>(call: Call) -> herr_t {
    entry::status::<S>("H5Aiterate1", |host| {
        // SAFETY: by the contract of this function.
        unsafe {
            let holder = borrow(call.object)?.as_location();
            iterate::attributes_of_old(host, &holder, call.question())
        }
    })
}

/// What the server stores is the nearest thing to the size of a file.
unsafe fn file_size<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Fget_filesize", |_| {
        // SAFETY: by the contract of this function.
        unsafe {
            let question: &H5VL_native_file_get_size_t = call.question();
            *question.size = borrow(call.object)?.file().stored_size()?;
        }
        Ok(())
    })
}

/// A server lets others read at any time. What this program has not sent yet, it sends now, as HDF5
/// flushes the file.
unsafe fn start_swmr_write<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Fstart_swmr_write", |_| {
        // SAFETY: by the contract of this function.
        let file = unsafe { borrow(call.object) }?.file();
        let name = file.name().to_owned();
        file.let_others_read().map_err(|error| {
            error.context(format_args!(
                "cannot let others read file '{name}' while it is written"
            ))
        })
    })
}

unsafe fn object_info<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Gget_objinfo", |host| {
        // SAFETY: by the contract of this function.
        unsafe {
            let question: &H5VL_native_group_get_objinfo_t = call.question();
            let location = decode(host, call.object, &question.loc_params)?;
            let answer = object_status(&location, question.follow_link)?;
            if let Some(room) = question.statbuf.as_mut() {
                *room = answer;
            }
        }
        Ok(())
    })
}

unsafe fn iterate_links<const S: usize>(call: Call) -> herr_t {
    entry::status::<S>("H5Giterate", |host| {
        // SAFETY: by the contract of this function.
        unsafe {
            let question: &H5VL_native_group_iterate_old_t = call.question();
            let group = decode(host, call.object, &question.loc_params)?.object()?;
            iterate::links_of_old(host, &group, question)
        }
    })
}

/// There are no object headers: h5stat and H5Oget_info1 are content with zeros.
unsafe fn native_info<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Oget_native_info", |host| {
        // SAFETY: by the contract of this function.
        unsafe {
            decode(host, call.object, call.params)?.object()?;
            let question: &H5VL_native_object_get_native_info_t = call.question();
            *question.ninfo = H5O_native_info_t::default();
        }
        Ok(())
    })
}

unsafe fn comment<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Oget_comment", |host| {
        // SAFETY: by the contract of this function.
        unsafe {
            let comment = decode(host, call.object, call.params)?
                .object()?
                .comment()?;
            let comment = comment.unwrap_or_default();
            let room: &H5VL_native_object_get_comment_t = call.question();
            copy_text(&comment, room.buf.cast(), room.buf_size, room.comment_len);
        }
        Ok(())
    })
}

unsafe fn set_comment<const S: usize>(call: Call) -> herr_t {
    entry::done::<S>("H5Oset_comment", |host| {
        // SAFETY: by the contract of this function.
        unsafe {
            let commented = decode(host, call.object, call.params)?.object()?;
            let question: &H5VL_native_object_set_comment_t = call.question();
            let comment = optional_text(question.comment)?;
            // HDF5 takes an empty comment for none.
            commented.set_comment(comment.as_deref().filter(|text| !text.is_empty()))
        }
    })
}

/// What H5Gget_objinfo says about an object, or about the link itself.
fn object_status(location: &Location, follow_link: bool) -> Result<H5G_stat_t> {
    if !follow_link && matches!(location.how, How::Name(_)) {
        let (base, path) = location.link_path()?;
        // A path may also end at an object without naming a link ("/", "group/."). One that leads nowhere
        // leads to no object either.
        if let Ok(found) = base.link(path) {
            let link = found.link;
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
