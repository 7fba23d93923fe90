//! Attribute callbacks.

use std::ffi::{c_char, c_void};

use super::datatype::{shown_type, stored_type};
use super::delivery::{self, Delivery};
use super::entry;
use super::handle::{self, Handle, borrow};
use super::iterate;
use super::location::{How, copy_text, decode, index_by, order, text};
use super::old_format;
use super::old_references::OurFiles;
use super::request;
use crate::connector::requests::{Follows, Kind, Use, Work};
use crate::connector::{Attribute, AttributeInfo, Error, Result};
use crate::ffi::*;
use crate::host::Host;
use crate::transfer::attribute as values;
use crate::transfer::later::{Deliver, Later};
use crate::transfer::user_buffer::UserBuffer;
use h5rest_protocol::datatype::CharSet;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_attr_class_t {
    H5VL_attr_class_t {
        create: Some(create::<S>),
        open: Some(open::<S>),
        read: Some(read::<S>),
        write: Some(write::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: Some(super::optional::attribute::<S>),
        close: Some(close::<S>),
    }
}

unsafe extern "C" fn create<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    type_id: hid_t,
    space_id: hid_t,
    acpl: hid_t,
    aapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Acreate", |host| {
        host.check_plist(aapl, "attribute access")?;
        // SAFETY: arguments of the callback that is running.
        let (location, name) = unsafe { (decode(host, object, params)?, text(name)?) };
        let holder = location.object()?;
        holder.settle(Use::Changes);
        let ty = stored_type(host, type_id, &holder)?;
        old_format::check_unused_bits(holder.file(), &ty, || holder.tracks_attribute_order())?;
        let shape = host.describe_space(space_id)?;
        old_format::check_attribute(host, &holder, &name, type_id, &shape)?;
        let charset = host.name_charset(acpl)?;
        let attribute = holder.create_attribute(&name, ty, shape, charset)?;
        Ok(handle::into_raw(Handle::Attribute(attribute)))
    })
}

unsafe extern "C" fn open<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    aapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Aopen", |host| {
        host.check_plist(aapl, "attribute access")?;
        // SAFETY: arguments of the callback that is running; without a name the location is an
        // index into the attributes of the object that it names.
        let location = unsafe { decode(host, object, params) }?;
        let attribute = match &location.how {
            How::Index {
                group,
                by,
                order,
                n,
            } if name.is_null() => {
                let holder = location.base.open(group)?;
                holder.open_attribute_at(*by, *order, *n)?
            }
            // SAFETY: as above.
            _ => location.object()?.open_attribute(&unsafe { text(name) }?)?,
        };
        Ok(handle::into_raw(Handle::Attribute(attribute)))
    })
}

unsafe extern "C" fn read<const S: usize>(
    attribute: *mut c_void,
    memory_type: hid_t,
    buffer: *mut c_void,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Aread", |host| {
        // SAFETY: HDF5 passes an attribute, and the program's buffer for the time of the call.
        let (attribute, now) =
            unsafe { (borrow(attribute)?.as_attribute()?, UserBuffer::new(buffer)) };
        let (object, name) = (attribute.object(), attribute.name());
        let session = object.file().session();
        // What is at hand is delivered at once.
        let must_wait = !session.is_settled(object.id(), Use::Reads) || !attribute.is_at_hand();
        if must_wait && request::is_wanted(host, req) {
            // SAFETY: the program leaves the buffer to us until it has waited for the request.
            let buffer = unsafe { UserBuffer::new(buffer) };
            let later = values::read_later(host, &OurFiles, attribute, memory_type, buffer);
            match later.map_err(|error| named(error, &name))? {
                Later::Queued((work, deliver)) => {
                    let follows = Follows::object(object.id(), Use::Reads);
                    let job = session.submit(Kind::Values, follows, in_words(&name, work));
                    let deliver: Deliver =
                        Box::new(move || deliver().map_err(|error| named(error, &name)));
                    let delivery = Delivery::new(session, vec![object.id()], &job, deliver);
                    // SAFETY: the argument of this callback, not null.
                    unsafe { request::give(req, "H5Aread", job, Some(delivery)) };
                    return Ok(());
                }
                Later::Nothing => return Ok(()),
                Later::Now => {}
            }
        }
        object.settle(Use::Reads);
        values::read(host, &OurFiles, attribute, memory_type, now)
            .map_err(|error| named(error, &name))
    })
}

unsafe extern "C" fn write<const S: usize>(
    attribute: *mut c_void,
    memory_type: hid_t,
    buffer: *const c_void,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Awrite", |host| {
        // SAFETY: HDF5 passes an attribute, and the program's buffer, which a write only reads.
        let (attribute, buffer) = unsafe {
            (
                borrow(attribute)?.as_attribute()?,
                UserBuffer::new(buffer.cast_mut()),
            )
        };
        let (object, name) = (attribute.object(), attribute.name());
        if request::is_wanted(host, req) {
            let later = values::write_later(host, &OurFiles, attribute, memory_type, buffer);
            match later.map_err(|error| named(error, &name))? {
                Later::Queued(work) => {
                    let follows = Follows::object(object.id(), Use::Changes);
                    let session = object.file().session();
                    let job = session.submit(Kind::Values, follows, in_words(&name, work));
                    // SAFETY: the argument of this callback, not null.
                    unsafe { request::give(req, "H5Awrite", job, None) };
                    return Ok(());
                }
                Later::Nothing => return Ok(()),
                Later::Now => {}
            }
        }
        object.settle(Use::Changes);
        values::write(host, &OurFiles, attribute, memory_type, buffer)
            .map_err(|error| named(error, &name))
    })
}

/// Work whose failure names the attribute.
fn in_words(name: &str, work: Work) -> Work {
    let name = name.to_owned();
    Box::new(move || work().map_err(|error| named(error, &name)))
}

fn named(error: Error, attribute: &str) -> Error {
    error.context(format_args!("attribute '{attribute}'"))
}

unsafe extern "C" fn get<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_attr_get_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Aget", |host| {
        // SAFETY: HDF5 passes an object and arguments whose member `op_type` names.
        unsafe { get_property(host, object, &mut *args) }
    })
}

/// # Safety
/// `object` and `args` must come from HDF5.
unsafe fn get_property(
    host: &'static Host,
    object: *mut c_void,
    args: &mut H5VL_attr_get_args_t,
) -> Result<()> {
    // SAFETY: the member that `op_type` names is the valid one, and its pointers are valid.
    unsafe {
        match args.op_type {
            H5VL_ATTR_GET_ACPL => {
                let charset = borrow(object)?.as_attribute()?.info()?.charset;
                args.args.get_acpl.acpl_id = host.attribute_plist(charset)?.into_raw();
            }
            H5VL_ATTR_GET_INFO => {
                let question = args.args.get_info;
                let attribute = find(host, object, &question.loc_params, question.attr_name)?;
                let tracked = attribute.object().tracks_attribute_order()?;
                let info = c_info(&attribute.info()?, tracked, attribute.is_new());
                if let Some(room) = question.ainfo.as_mut() {
                    *room = info;
                }
            }
            H5VL_ATTR_GET_NAME => {
                let question = args.args.get_name;
                let name = match question.loc_params.type_ {
                    H5VL_OBJECT_BY_SELF => borrow(object)?.as_attribute()?.name(),
                    _ => find(host, object, &question.loc_params, std::ptr::null())?.name(),
                };
                copy_text(
                    &name,
                    question.buf,
                    question.buf_size,
                    question.attr_name_len,
                );
            }
            H5VL_ATTR_GET_SPACE => {
                let space = host.build_space(borrow(object)?.as_attribute()?.shape())?;
                args.args.get_space.space_id = space.into_raw();
            }
            H5VL_ATTR_GET_STORAGE_SIZE => {
                let info = borrow(object)?.as_attribute()?.info()?;
                *args.args.get_storage_size.data_size = info.data_size;
            }
            H5VL_ATTR_GET_TYPE => {
                let attribute = borrow(object)?.as_attribute()?;
                args.args.get_type.type_id = shown_type(host, attribute.ty(), attribute.object())?;
            }
            other => return Err(Error::unsupported(&format!("attribute query {other}"))),
        }
    }
    Ok(())
}

/// The attribute that a query is about: the object itself, one by name, or one by position.
///
/// # Safety
/// All pointers must come from HDF5; `name` may be null unless the location is by name.
unsafe fn find(
    host: &'static Host,
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
) -> Result<Attribute> {
    // SAFETY: by the contract of this function.
    unsafe {
        let location = decode(host, object, params)?;
        match &location.how {
            How::Itself => Ok(borrow(object)?.as_attribute()?.clone()),
            How::Index {
                group,
                by,
                order,
                n,
            } => {
                let holder = location.base.open(group)?;
                holder.open_attribute_at(*by, *order, *n)
            }
            How::Name(_) | How::Token(_) => location.object()?.open_attribute(&text(name)?),
        }
    }
}

/// An attribute's description as HDF5 wants it. Where creation order is not tracked, HDF5 gives
/// out the attribute's position in the object header as its number, except for an identifier that
/// just created the attribute.
pub fn c_info(info: &AttributeInfo, tracked: bool, is_new: bool) -> H5A_info_t {
    let corder = match (tracked, is_new) {
        (true, _) => u32::try_from(info.creation_order).ok(),
        (false, false) => u32::try_from(info.position).ok(),
        (false, true) => None,
    };
    H5A_info_t {
        corder_valid: corder.is_some(),
        corder: corder.unwrap_or(0),
        cset: c_charset(info.charset),
        data_size: info.data_size,
    }
}

/// HDF5's number of a character set.
pub fn c_charset(charset: CharSet) -> H5T_cset_t {
    match charset {
        CharSet::Ascii => H5T_CSET_ASCII,
        CharSet::Utf8 => H5T_CSET_UTF8,
    }
}

unsafe extern "C" fn specific<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: *mut H5VL_attr_specific_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::status::<S>("H5A", |host| {
        // SAFETY: HDF5 passes arguments whose member `op_type` names.
        unsafe { act(host, object, params, &mut *args) }
    })
}

/// # Safety
/// All pointers must come from HDF5.
unsafe fn act(
    host: &'static Host,
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: &mut H5VL_attr_specific_args_t,
) -> Result<herr_t> {
    // SAFETY: the member that `op_type` names is the valid one, and its pointers are valid.
    unsafe {
        let holder = decode(host, object, params)?.object()?;
        holder.settle(Use::Changes);
        match args.op_type {
            H5VL_ATTR_DELETE => holder.delete_attribute(&text(args.args.del.name)?)?,
            H5VL_ATTR_DELETE_BY_IDX => {
                let which = args.args.delete_by_idx;
                let (by, order) = (index_by(which.idx_type)?, order(which.order)?);
                holder.delete_attribute_at(by, order, which.n)?;
            }
            H5VL_ATTR_EXISTS => {
                let question = args.args.exists;
                *question.exists = holder.attribute_exists(&text(question.name)?)?;
            }
            H5VL_ATTR_ITER => return iterate::attributes(host, &holder, &args.args.iterate),
            H5VL_ATTR_RENAME => {
                let names = args.args.rename;
                holder.rename_attribute(&text(names.old_name)?, &text(names.new_name)?)?;
            }
            other => return Err(Error::unsupported(&format!("attribute operation {other}"))),
        }
    }
    Ok(0)
}

unsafe extern "C" fn close<const S: usize>(
    attribute: *mut c_void,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Aclose", |host| {
        if req.is_null() {
            // SAFETY: an attribute of ours.
            let object = unsafe { borrow(attribute) }?.as_attribute()?.object();
            delivery::complete_all(host, object.file().session(), Some(object.id()));
        }
        // SAFETY: HDF5 gives the attribute back and does not use it again.
        unsafe { handle::close(host, attribute) }
    })
}
