//! References in memory: what they lead to, and references of another file to the same.
//!
//! Every function gets exactly the bytes of one reference of its kind, in memory form.

use std::ffi::{CStr, CString, c_char, c_int, c_void};

use super::elements::{Objects, ReferenceKind};
use super::{Failure, Hid, Id, ObjectInfo, checked, h5, ok, selections};

/// `H5R_OBJECT1`, `H5R_DATASET_REGION1`
const OLD_OBJECT: c_int = 0;
const OLD_REGION: c_int = 1;
/// `H5R_DATASET_REGION2`, `H5R_ATTR`
const NEW_REGION: c_int = 3;
const NEW_ATTRIBUTE: c_int = 4;

/// What a reference leads to.
struct Target {
    token: [u8; 16],
    region: Option<Id>,
    attribute: Option<CString>,
}

/// Which kind of references a type of the class H5T_REFERENCE has.
pub(crate) fn kind_of(ty: Hid) -> ReferenceKind {
    let is = |name: &str| h5().H5Tequal(ty, h5().predefined(name)) > 0;
    if is("H5T_STD_REF_OBJ_g") {
        ReferenceKind::OldObject
    } else if is("H5T_STD_REF_DSETREG_g") {
        ReferenceKind::OldRegion
    } else {
        ReferenceKind::New
    }
}

fn is_null(reference: &[u8]) -> bool {
    reference.iter().all(|byte| *byte == 0)
}

fn token_of(object: Hid) -> Result<[u8; 16], Failure> {
    let mut info = ObjectInfo::default();
    // 1 is H5O_INFO_BASIC.
    ok(h5().H5Oget_info3(object, &mut info, 1))?;
    Ok(info.token)
}

fn target(kind: ReferenceKind, reference: &[u8], file: Hid) -> Result<Target, Failure> {
    match kind {
        ReferenceKind::OldObject | ReferenceKind::OldRegion => old_target(kind, reference, file),
        ReferenceKind::New => new_target(reference),
    }
}

fn old_target(kind: ReferenceKind, reference: &[u8], file: Hid) -> Result<Target, Failure> {
    let place: *const c_void = reference.as_ptr().cast();
    let is_region = kind == ReferenceKind::OldRegion;
    let number = if is_region { OLD_REGION } else { OLD_OBJECT };
    // SAFETY: the bytes are a reference of this kind.
    let object = Id::new(unsafe { (h5().H5Rdereference2)(file, 0, number, place) })?;
    let region = match is_region {
        // SAFETY: as above.
        true => Some(Id::new(unsafe {
            (h5().H5Rget_region)(file, number, place)
        })?),
        false => None,
    };
    Ok(Target {
        token: token_of(object.get())?,
        region,
        attribute: None,
    })
}

fn new_target(reference: &[u8]) -> Result<Target, Failure> {
    // HDF5 wants it writable: it counts uses in it.
    let place: *mut c_void = reference.as_ptr().cast_mut().cast();
    // SAFETY: the bytes are a `H5R_ref_t` that HDF5 read, in a buffer of ours.
    unsafe {
        let kind = (h5().H5Rget_type)(place);
        ok(kind)?;
        let object = Id::new((h5().H5Ropen_object)(place, 0, 0))?;
        let region = match kind {
            NEW_REGION => Some(Id::new((h5().H5Ropen_region)(place, 0, 0))?),
            _ => None,
        };
        let attribute = match kind {
            NEW_ATTRIBUTE => Some(attribute_name(place)?),
            _ => None,
        };
        Ok(Target {
            token: token_of(object.get())?,
            region,
            attribute,
        })
    }
}

/// # Safety
/// `place` must be a `H5R_ref_t` to an attribute.
unsafe fn attribute_name(place: *mut c_void) -> Result<CString, Failure> {
    // SAFETY: without a buffer only the length is told.
    let length = unsafe { (h5().H5Rget_attr_name)(place, std::ptr::null_mut(), 0) };
    let mut name = vec![0_u8; checked(length as i64)? as usize + 1];
    let buffer: *mut c_char = name.as_mut_ptr().cast();
    // SAFETY: the buffer has the size that is told.
    checked(unsafe { (h5().H5Rget_attr_name)(place, buffer, name.len()) } as i64)?;
    let name = CStr::from_bytes_until_nul(&name).map(CStr::to_owned);
    name.map_err(|_| Failure("an attribute's name has no end".into()))
}

/// A reference in bytes that are the same in another file with the same objects. One that leads
/// nowhere is as a null reference: it cannot be made anew.
pub(crate) fn describe(
    kind: ReferenceKind,
    reference: &[u8],
    file: Hid,
    objects: &dyn Objects,
) -> Vec<u8> {
    const NOTHING: &[u8] = b"\0no reference";
    if is_null(reference) {
        return NOTHING.to_vec();
    }
    let Ok(target) = target(kind, reference, file) else {
        return NOTHING.to_vec();
    };
    let Some(path) = objects.path(&target.token) else {
        return NOTHING.to_vec();
    };
    let mut told = path.to_bytes_with_nul().to_vec();
    if let Some(attribute) = &target.attribute {
        told.extend_from_slice(attribute.to_bytes_with_nul());
    }
    if let Some(region) = &target.region {
        match selections::coordinates(region.get()) {
            Ok((kind, numbers)) => {
                told.extend(kind.to_le_bytes());
                told.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            }
            Err(Failure(text)) => told.extend_from_slice(text.as_bytes()),
        }
    }
    told
}

/// Replaces a reference of the file `from` by one of the file `to`; `false` if it led nowhere and is
/// null now.
///
/// # Errors
/// When HDF5 refuses to make the new one.
pub(crate) fn move_to(
    kind: ReferenceKind,
    reference: &mut [u8],
    from: Hid,
    to: Hid,
    objects: &dyn Objects,
) -> Result<bool, Failure> {
    if is_null(reference) {
        return Ok(true);
    }
    let found = target(kind, reference, from).ok();
    if kind == ReferenceKind::New {
        // SAFETY: the bytes are a `H5R_ref_t` that HDF5 read; it is not used again.
        unsafe { (h5().H5Rdestroy)(reference.as_mut_ptr().cast()) };
    }
    reference.fill(0);
    let path = found
        .as_ref()
        .and_then(|target| objects.path(&target.token));
    let (Some(target), Some(path)) = (&found, path) else {
        return Ok(false);
    };
    let place: *mut c_void = reference.as_mut_ptr().cast();
    let path = path.as_ptr();
    let region = target.region.as_ref().map(Id::get);
    // SAFETY: there is room for a reference of this kind; path and name are C strings.
    let made = unsafe {
        match (kind, region, &target.attribute) {
            (ReferenceKind::OldObject, ..) => (h5().H5Rcreate)(place, to, path, OLD_OBJECT, -1),
            (ReferenceKind::OldRegion, region, _) => {
                (h5().H5Rcreate)(place, to, path, OLD_REGION, region.unwrap_or(-1))
            }
            (ReferenceKind::New, Some(region), _) => {
                (h5().H5Rcreate_region)(to, path, region, 0, place)
            }
            (ReferenceKind::New, None, Some(name)) => {
                (h5().H5Rcreate_attr)(to, path, name.as_ptr(), 0, place)
            }
            (ReferenceKind::New, None, None) => (h5().H5Rcreate_object)(to, path, 0, place),
        }
    };
    ok(made)?;
    Ok(true)
}
