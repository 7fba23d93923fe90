//! Link callbacks.

use std::ffi::{CStr, c_void};
use std::slice;

use h5rest_protocol::Link;

use super::attribute::c_charset;
use super::entry;
use super::iterate;
use super::location::{How, Location, copy_text, decode, text, token};
use crate::connector::{Error, ErrorKind, LinkEntry, Object, Result};
use crate::ffi::*;
use crate::host::{Host, names};

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_link_class_t {
    H5VL_link_class_t {
        create: Some(create::<S>),
        copy: Some(copy::<S>),
        move_: Some(move_::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: Some(super::optional::link::<S>),
    }
}

unsafe extern "C" fn create<const S: usize>(
    args: *mut H5VL_link_create_args_t,
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    lcpl: hid_t,
    lapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Lcreate", |host| {
        host.check_plist(lapl, "link access")?;
        let options = host.link_options(lcpl)?;
        // SAFETY: HDF5 passes arguments whose member `op_type` names.
        unsafe {
            match (*args).op_type {
                H5VL_LINK_CREATE_HARD => {
                    let hard = &(*args).args.hard;
                    let (place, target) = hard_link_ends(host, object, params, hard)?;
                    let (base, path) = place.link_path()?;
                    base.create_hard_link(path, &target, &options)
                }
                H5VL_LINK_CREATE_SOFT => {
                    let place = decode(host, object, params)?;
                    let (base, path) = place.link_path()?;
                    let target = text((*args).args.soft.target)?;
                    base.create_link(path, Link::Soft(target), &options)
                }
                H5VL_LINK_CREATE_UD => {
                    let place = decode(host, object, params)?;
                    let (base, path) = place.link_path()?;
                    let ud = (*args).args.ud;
                    if (host.h5.H5Lis_registered)(ud.type_) <= 0 {
                        let words =
                            format!("no program has registered links of class {}", ud.type_);
                        return Err(Error::new(ErrorKind::Invalid, words));
                    }
                    let data = match ud.buf.is_null() {
                        true => &[],
                        false => slice::from_raw_parts(ud.buf.cast::<u8>(), ud.buf_size),
                    };
                    base.create_link(path, user_defined(ud.type_, data)?, &options)
                }
                other => Err(Error::unsupported(&format!("links of kind {other}"))),
            }
        }
    })
}

/// Where a hard link is made, and the object it leads to. H5L_SAME_LOC leaves one of the two
/// objects away, which means the other.
///
/// # Safety
/// All pointers must come from HDF5.
unsafe fn hard_link_ends(
    host: &'static Host,
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    hard: &H5VL_link_create_hard_args_t,
) -> Result<(Location, Object)> {
    let place = if object.is_null() {
        hard.curr_obj
    } else {
        object
    };
    let current = if hard.curr_obj.is_null() {
        object
    } else {
        hard.curr_obj
    };
    // SAFETY: by the contract of this function.
    unsafe {
        let target = decode(host, current, &hard.curr_loc_params)?.object()?;
        Ok((decode(host, place, params)?, target))
    }
}

/// External links come as user-defined ones of class 64: a byte of flags, then file and path, each
/// ending in NUL. HDF5 keeps what is not of this form, too, and fails when it is followed.
fn user_defined(class: H5L_type_t, data: &[u8]) -> Result<Link> {
    let class = u8::try_from(class)
        .map_err(|_| Error::new(ErrorKind::Invalid, format!("unknown link class {class}")))?;
    let external = (H5L_type_t::from(class) == H5L_TYPE_EXTERNAL).then(|| external(data));
    Ok(external.flatten().unwrap_or_else(|| Link::UserDefined {
        class,
        data: data.to_vec(),
    }))
}

fn external(data: &[u8]) -> Option<Link> {
    let names = data.get(1..)?;
    let file = CStr::from_bytes_until_nul(names).ok()?;
    let path = names.get(file.count_bytes() + 1..)?;
    let path = CStr::from_bytes_until_nul(path).ok()?;
    Some(Link::External {
        file: names::from_bytes(file.to_bytes()),
        path: names::from_bytes(path.to_bytes()),
    })
}

unsafe extern "C" fn copy<const S: usize>(
    from: *mut c_void,
    from_params: *const H5VL_loc_params_t,
    to: *mut c_void,
    to_params: *const H5VL_loc_params_t,
    lcpl: hid_t,
    lapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Lcopy", |host| {
        host.check_plist(lapl, "link access")?;
        // SAFETY: arguments of the callback that is running.
        let (from, to) = unsafe { both_ends(host, from, from_params, to, to_params) }?;
        let ((from, path), (to, new_path)) = (from.link_path()?, to.link_path()?);
        from.copy_link(path, to, new_path, &host.link_options(lcpl)?)
    })
}

unsafe extern "C" fn move_<const S: usize>(
    from: *mut c_void,
    from_params: *const H5VL_loc_params_t,
    to: *mut c_void,
    to_params: *const H5VL_loc_params_t,
    lcpl: hid_t,
    lapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Lmove", |host| {
        host.check_plist(lapl, "link access")?;
        // SAFETY: arguments of the callback that is running.
        let (from, to) = unsafe { both_ends(host, from, from_params, to, to_params) }?;
        let ((from, path), (to, new_path)) = (from.link_path()?, to.link_path()?);
        from.move_link(path, to, new_path, &host.link_options(lcpl)?)
    })
}

/// Where a link is, and where it goes.
///
/// # Safety
/// All pointers must come from HDF5; one of the objects may be null (H5L_SAME_LOC).
unsafe fn both_ends(
    host: &'static Host,
    from: *mut c_void,
    from_params: *const H5VL_loc_params_t,
    to: *mut c_void,
    to_params: *const H5VL_loc_params_t,
) -> Result<(Location, Location)> {
    let source = if from.is_null() { to } else { from };
    let destination = if to.is_null() { from } else { to };
    // SAFETY: by the contract of this function.
    unsafe {
        Ok((
            decode(host, source, from_params)?,
            decode(host, destination, to_params)?,
        ))
    }
}

unsafe extern "C" fn get<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: *mut H5VL_link_get_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Lget", |host| {
        // SAFETY: HDF5 passes arguments whose member `op_type` names, with valid pointers.
        unsafe {
            let (group, entry) = decode(host, object, params)?.link()?;
            match (*args).op_type {
                H5VL_LINK_GET_INFO => {
                    // A program may only want to know whether there is such a link.
                    if let Some(room) = (*args).args.get_info.linfo.as_mut() {
                        *room = c_info(&entry, group.tracks_link_order()?);
                    }
                }
                H5VL_LINK_GET_NAME => {
                    let name = (*args).args.get_name;
                    copy_text(&entry.name, name.name, name.name_size, name.name_len);
                }
                H5VL_LINK_GET_VAL => {
                    let room = (*args).args.get_val;
                    let mut value = link_value(&entry.link)?;
                    let fits = value.len().min(room.buf_size);
                    if matches!(entry.link, Link::Soft(_)) && fits > 0 {
                        // A target that does not fit still ends in NUL.
                        value[fits - 1] = 0;
                    }
                    if !room.buf.is_null() {
                        std::ptr::copy_nonoverlapping(value.as_ptr(), room.buf.cast(), fits);
                    }
                }
                other => return Err(Error::unsupported(&format!("link query {other}"))),
            }
        }
        Ok(())
    })
}

/// What H5Lget_val returns: the target of a soft link with its NUL, the packed names of an
/// external one, the data of a user-defined one.
pub fn link_value(link: &Link) -> Result<Vec<u8>> {
    match link {
        Link::Hard(_) => Err(Error::new(ErrorKind::Invalid, "a hard link has no value")),
        Link::Soft(path) => Ok([&names::to_bytes(path), &b"\0"[..]].concat()),
        Link::External { file, path } => {
            let (file, path) = (names::to_bytes(file), names::to_bytes(path));
            Ok([b"\0", &*file, b"\0", &path, b"\0"].concat())
        }
        Link::UserDefined { data, .. } => Ok(data.clone()),
    }
}

/// A link's description as HDF5 wants it.
pub fn c_info(entry: &LinkEntry, tracked: bool) -> H5L_info2_t {
    let class = match &entry.link {
        Link::Hard(_) => H5L_TYPE_HARD,
        Link::Soft(_) => H5L_TYPE_SOFT,
        Link::External { .. } => H5L_TYPE_EXTERNAL,
        Link::UserDefined { class, .. } => H5L_type_t::from(*class),
    };
    let u = match &entry.link {
        Link::Hard(id) => H5L_info2_u {
            token: token(id.object),
        },
        other => H5L_info2_u {
            val_size: link_value(other).map_or(0, |value| value.len()),
        },
    };
    H5L_info2_t {
        type_: class,
        corder_valid: tracked,
        corder: if tracked { entry.creation_order } else { 0 },
        cset: c_charset(entry.charset),
        u,
    }
}

unsafe extern "C" fn specific<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    args: *mut H5VL_link_specific_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::status::<S>("H5L", |host| {
        // SAFETY: HDF5 passes arguments whose member `op_type` names, with valid pointers.
        unsafe {
            let location = decode(host, object, params)?;
            match (*args).op_type {
                H5VL_LINK_DELETE => {
                    delete(&location)?;
                }
                H5VL_LINK_EXISTS => {
                    let (base, path) = location.link_path()?;
                    *(*args).args.exists.exists = base.link_exists(path)?;
                }
                H5VL_LINK_ITER => {
                    return iterate::links(host, &location.object()?, &(*args).args.iterate);
                }
                other => return Err(Error::unsupported(&format!("link operation {other}"))),
            }
        }
        Ok(0)
    })
}

fn delete(location: &Location) -> Result<()> {
    match &location.how {
        How::Index {
            group,
            by,
            order,
            n,
        } => location.base.delete_link_at(group, *by, *order, *n),
        _ => {
            let (base, path) = location.link_path()?;
            base.delete_link(path)
        }
    }
}
