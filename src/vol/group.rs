//! Group callbacks.

use std::ffi::{c_char, c_void};

use super::entry;
use super::handle::{self, borrow};
use super::link_access::following;
use super::location::{decode, optional_text, text};
use super::shared_file;
use crate::connector::{Error, ErrorKind, Object, Result};
use crate::ffi::*;
use crate::host::Host;
use h5rest_protocol::ObjectClass;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_group_class_t {
    H5VL_group_class_t {
        create: Some(create::<S>),
        open: Some(open::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: Some(super::optional::group::<S>),
        close: Some(close::<S>),
    }
}

unsafe extern "C" fn create<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    lcpl: hid_t,
    gcpl: hid_t,
    gapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Gcreate", |host| {
        host.check_plist(gapl, "group access")?;
        // SAFETY: arguments of the callback that is running.
        let (location, name) = unsafe { (decode(host, object, params)?, optional_text(name)?) };
        let base = following(host, location.object()?, gapl)?;
        let properties = host.group_properties(gcpl);
        let group = base.create_group(name.as_deref(), &host.link_options(lcpl)?, properties)?;
        Ok(handle::of_object(group))
    })
}

unsafe extern "C" fn open<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    gapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Gopen", |host| {
        host.check_plist(gapl, "group access")?;
        // SAFETY: arguments of the callback that is running.
        let (location, name) = unsafe { (decode(host, object, params)?, text(name)?) };
        let group = following(host, location.object()?, gapl)?.open(&name)?;
        expect(&group, ObjectClass::Group, &name)?;
        Ok(handle::of_object(group))
    })
}

/// Fails if `object`, opened as `name`, is of another class.
pub fn expect(object: &Object, class: ObjectClass, name: &str) -> Result<()> {
    if object.class() == class {
        return Ok(());
    }
    let (is, wanted) = (object.class().name(), class.name());
    Err(Error::new(
        ErrorKind::Invalid,
        format!("'{name}' is a {is}, not a {wanted}"),
    ))
}

unsafe extern "C" fn get<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_group_get_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Gget", |host| {
        // SAFETY: HDF5 passes an object and arguments whose member `op_type` names.
        unsafe { get_property(host, object, &mut *args) }
    })
}

/// # Safety
/// `object` and `args` must come from HDF5.
unsafe fn get_property(
    host: &'static Host,
    object: *mut c_void,
    args: &mut H5VL_group_get_args_t,
) -> Result<()> {
    // SAFETY: the member that `op_type` names is the valid one, and its pointers are valid.
    unsafe {
        match args.op_type {
            H5VL_GROUP_GET_GCPL => {
                let group = borrow(object)?.as_location();
                let plist = host.group_plist(&group.group_info()?.properties)?;
                args.args.get_gcpl.gcpl_id = plist.into_raw();
                Ok(())
            }
            H5VL_GROUP_GET_INFO => {
                let question = args.args.get_info;
                let group = decode(host, object, &question.loc_params)?.object()?;
                expect(
                    &group,
                    ObjectClass::Group,
                    group.path().unwrap_or("the location"),
                )?;
                let info = group.group_info()?;
                let tracked = group.tracks_link_order()?;
                *question.ginfo = H5G_info_t {
                    storage_type: Host::group_storage(
                        &info,
                        tracked,
                        &group.file().root_properties()?,
                    ),
                    nlinks: info.links,
                    max_corder: if tracked { info.max_creation_order } else { 0 },
                    mounted: group.is_mount_point(),
                };
                Ok(())
            }
            other => Err(Error::unsupported(&format!("group query {other}"))),
        }
    }
}

unsafe extern "C" fn specific<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_group_specific_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5G", |_| {
        // SAFETY: HDF5 passes an object and arguments whose member `op_type` names, with valid
        // pointers; the file to mount is of this connector, which HDF5 has checked.
        unsafe {
            let (group, args) = (borrow(object)?.as_location(), &*args);
            match args.op_type {
                H5VL_GROUP_FLUSH => {
                    group.flush()?;
                    shared_file::object_flushed(group.file(), args.args.flush.grp_id)
                }
                H5VL_GROUP_REFRESH => group.refresh(),
                H5VL_GROUP_MOUNT => {
                    let mount = args.args.mount;
                    let child = borrow(mount.child_file)?.file();
                    let point = group.open(&text(mount.name)?)?;
                    shared_file::check_same_degree(point.file(), &child)?;
                    point.mount(&child)
                }
                H5VL_GROUP_UNMOUNT => group.open(&text(args.args.unmount.name)?)?.unmount(),
                other => Err(Error::unsupported(&format!("group operation {other}"))),
            }
        }
    })
}

unsafe extern "C" fn close<const S: usize>(
    object: *mut c_void,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Gclose", |host| {
        // SAFETY: HDF5 gives the object back and does not use it again.
        unsafe { handle::close(host, object) }
    })
}
