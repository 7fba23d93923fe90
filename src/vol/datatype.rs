//! Committed datatype callbacks, and how types of datasets and attributes are stored and shown.

use std::ffi::{c_char, c_void};

use h5rest_protocol::{Datatype, ObjectClass, StoredType};

use super::entry;
use super::group::expect;
use super::handle::{self, borrow};
use super::link_access::following;
use super::location::{decode, optional_text, text};
use super::old_format;
use super::shared_file;
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

/// A type that a program passes for something new. As in HDF5, one without the members that make it up is
/// none. A compound without members inside another type HDF5 takes, and then cannot open what has it, nor the
/// other attributes of an object of which one has it; an enumeration there is no such trouble.
fn new_type(host: &'static Host, type_id: hid_t) -> Result<StoredType> {
    let datatype = host.describe_type(type_id)?;
    if lacks_members(&datatype) {
        return Err(Error::invalid(
            "the datatype is a compound or an enumeration without members, or has such a compound inside",
        ));
    }
    Ok(datatype.into())
}

fn lacks_members(datatype: &Datatype) -> bool {
    let is_empty_compound =
        |ty: &Datatype| matches!(ty, Datatype::Compound(compound) if compound.members.is_empty());
    match datatype {
        Datatype::Enum(enumeration) => enumeration.members.is_empty(),
        other => other.any(&is_empty_compound),
    }
}

/// What to store of a type that a program passes for something new at `place`: its description,
/// and the committed datatype it is, if that is in the same domain.
pub fn stored_type(host: &'static Host, type_id: hid_t, place: &Object) -> Result<StoredType> {
    let mut stored = new_type(host, type_id)?;
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
    let pointer = handle::of_object(object);
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
        if host.is_immutable(type_id) {
            return Err(Error::invalid(
                "the datatype is HDF5's own, or locked (H5Tlock): commit a copy of it (H5Tcopy)",
            ));
        }
        let ty = new_type(host, type_id)?;
        let (link, properties) = (host.link_options(lcpl)?, host.datatype_properties(tcpl));
        old_format::check_unused_bits(base.file(), &ty, || {
            Ok(tracks_attribute_order(&properties))
        })?;
        let committed = base.commit_datatype(name.as_deref(), &link, ty, properties)?;
        Ok(handle::of_object(committed))
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
    Ok(handle::of_object(committed))
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
        let (object, args) = unsafe {
            (
                &borrow(object)?.as_object("a committed datatype")?.object,
                &*args,
            )
        };
        match args.op_type {
            H5VL_DATATYPE_FLUSH => {
                object.flush()?;
                // SAFETY: the member that `op_type` names is the valid one.
                let id = unsafe { args.args.flush.type_id };
                shared_file::object_flushed(object.file(), id)
            }
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

#[cfg(test)]
mod tests {
    use h5rest_protocol::datatype::{ByteOrder, CompoundType, EnumType, IntegerType, Member};

    use super::*;

    #[test]
    fn types_that_lack_members() {
        let member = |datatype: &Datatype| Member {
            name: "m".into(),
            datatype: datatype.clone(),
            offset: 0,
        };
        let of = |members: Vec<Member>| Datatype::Compound(CompoundType { size: 8, members });
        let (compound, sequence) = (of(vec![]), |base: &Datatype| {
            Datatype::Vlen(Box::new(base.clone()))
        });
        let enumeration = Datatype::Enum(EnumType {
            base: IntegerType::whole(4, true, ByteOrder::Little),
            members: vec![],
        });
        for lacking in [
            compound.clone(),
            enumeration.clone(),
            of(vec![member(&compound)]),
            sequence(&compound),
        ] {
            assert!(lacks_members(&lacking), "{lacking:?}");
        }
        // HDF5 keeps these.
        for whole in [sequence(&enumeration), of(vec![member(&enumeration)])] {
            assert!(!lacks_members(&whole), "{whole:?}");
        }
    }
}
