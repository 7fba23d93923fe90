//! Committed datatype callbacks, and how types of datasets and attributes are stored and shown.

use std::ffi::{c_char, c_void};

use h5rest_protocol::{ObjectClass, StoredType};

use super::entry;
use super::group::expect;
use super::handle::{self, borrow};
use super::link_access::following;
use super::location::{decode, optional_text, text};
use super::old_format;
use crate::connector::{Error, ErrorKind, Object, Result, tracks_attribute_order};
use crate::ffi::*;
use crate::host::Host;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_datatype_class_t {
    H5VL_datatype_class_t {
        commit: Some(commit::<S>),
        open: Some(open::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: Some(super::optional::datatype::<S>),
        close: Some(close::<S>),
    }
}

/// What to store of a type that a program passes for something new at `place`: its description,
/// and the committed datatype it is, if that is in the same domain.
pub fn stored_type(host: &'static Host, type_id: hid_t, place: &Object) -> Result<StoredType> {
    let mut stored = StoredType::from(host.describe_type(type_id)?);
    // SAFETY: queries about the program's type; only committed ones have an object behind them.
    let object = unsafe {
        if (host.h5.H5Tcommitted)(type_id) <= 0 {
            return Ok(stored);
        }
        host.object_behind(type_id)
    };
    // SAFETY: an object of ours, or of another connector, see `borrow`.
    if let Ok(handle) = unsafe { borrow(object) } {
        let committed = handle.as_object("a committed datatype")?;
        if committed.object.file().same_domain(place.file()) {
            stored.committed = Some(committed.object.id());
        }
    }
    Ok(stored)
}

/// A new identifier for the type of a dataset or attribute. A committed type shows as the object
/// that it is, so that H5Tcommitted says so.
pub fn shown_type(host: &'static Host, stored: &StoredType, holder: &Object) -> Result<hid_t> {
    if let Some(id) = stored.committed
        && let Ok(committed) = holder.open_token(id.object)
        && committed.class() == ObjectClass::Datatype
    {
        return register(host, committed);
    }
    host.build_type(&stored.datatype)
        .map(crate::host::id::OwnedId::into_raw)
}

/// A new identifier for an object of ours; HDF5 closes the object with it.
pub fn register(host: &'static Host, object: Object) -> Result<hid_t> {
    let kind = handle::id_type(object.class());
    let pointer = handle::of_object(object, None);
    // SAFETY: hands over a fresh object; runs inside a callback, where HDF5 has set up what
    // wrapping needs.
    let id = unsafe { (host.h5.H5VLwrap_register)(pointer, kind) };
    if id < 0 {
        let error = host.failure("make an identifier for an object");
        // SAFETY: HDF5 did not take the object.
        drop(unsafe { handle::take(pointer) });
        return Err(error);
    }
    Ok(id)
}

unsafe extern "C" fn commit<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    type_id: hid_t,
    lcpl: hid_t,
    tcpl: hid_t,
    tapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Tcommit", |host| {
        host.check_plist(tapl, "datatype access")?;
        // SAFETY: arguments of the callback that is running.
        let (location, name) = unsafe { (decode(host, object, params)?, optional_text(name)?) };
        let base = following(host, location.object()?, tapl)?;
        let ty = StoredType::from(host.describe_type(type_id)?);
        let (link, properties) = (host.link_options(lcpl)?, host.datatype_properties(tcpl));
        old_format::check_unused_bits(base.file(), &ty, || {
            Ok(tracks_attribute_order(&properties))
        })?;
        let committed = base.commit_datatype(name.as_deref(), &link, ty, properties)?;
        Ok(handle::of_object(committed, None))
    })
}

unsafe extern "C" fn open<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    tapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Topen", |host| {
        host.check_plist(tapl, "datatype access")?;
        // SAFETY: arguments of the callback that is running.
        let (location, name) = unsafe { (decode(host, object, params)?, text(name)?) };
        let committed = following(host, location.object()?, tapl)?.open(&name)?;
        expect(&committed, ObjectClass::Datatype, &name)?;
        opened(host, committed)
    })
}

/// Gives a committed datatype to HDF5, which asks for its binary form next: if it does not get that, it forgets
/// the object without closing it. So what the server has must be a type.
pub fn opened(host: &'static Host, committed: Object) -> Result<*mut c_void> {
    binary(host, &committed.datatype()?.0)?;
    Ok(handle::of_object(committed, None))
}

/// HDF5's binary form of a type.
fn binary(host: &'static Host, stored: &StoredType) -> Result<Vec<u8>> {
    let ty = host.build_type(&stored.datatype)?;
    host.encode_type(ty.get())
}

unsafe extern "C" fn get<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_datatype_get_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Tget", |host| {
        // SAFETY: HDF5 passes an object and arguments whose member `op_type` names.
        let (object, args) = unsafe {
            (
                &borrow(object)?.as_object("a committed datatype")?.object,
                &mut *args,
            )
        };
        let (stored, properties) = object.datatype()?;
        // SAFETY: the member that `op_type` names is the valid one, and its pointers are writable.
        unsafe {
            match args.op_type {
                H5VL_DATATYPE_GET_BINARY_SIZE => {
                    *args.args.get_binary_size.size = binary(host, &stored)?.len();
                }
                H5VL_DATATYPE_GET_BINARY => {
                    let (binary, room) = (binary(host, &stored)?, args.args.get_binary);
                    if room.buf_size < binary.len() {
                        return Err(Error::new(
                            ErrorKind::Invalid,
                            "the buffer is too small for the encoded datatype",
                        ));
                    }
                    std::ptr::copy_nonoverlapping(binary.as_ptr(), room.buf.cast(), binary.len());
                }
                H5VL_DATATYPE_GET_TCPL => {
                    args.args.get_tcpl.tcpl_id = host.datatype_plist(&properties)?.into_raw();
                }
                other => return Err(Error::unsupported(&format!("datatype query {other}"))),
            }
        }
        Ok(())
    })
}

unsafe extern "C" fn specific<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_datatype_specific_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5T", |_| {
        // SAFETY: HDF5 passes an object and arguments of its operation.
        let (object, operation) = unsafe {
            (
                &borrow(object)?.as_object("a committed datatype")?.object,
                (*args).op_type,
            )
        };
        match operation {
            H5VL_DATATYPE_FLUSH => object.flush(),
            H5VL_DATATYPE_REFRESH => object.refresh(),
            other => Err(Error::unsupported(&format!("datatype operation {other}"))),
        }
    })
}

unsafe extern "C" fn close<const S: usize>(
    object: *mut c_void,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Tclose", |host| {
        // SAFETY: HDF5 gives the object back and does not use it again.
        unsafe { handle::close(host, object) }
    })
}
