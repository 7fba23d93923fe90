//! Attributes of one object.

use std::ffi::CString;

use h5rest_hdf5::elements::{ElementType, Elements};
use h5rest_hdf5::{AttributeInfo, Failure, Hid, Id, h5, members, ok};

use crate::inventory::{Inventory, Kind, attributes_are_ordered};
use crate::marker::Marker;

/// An attribute's type and number of elements.
pub(crate) struct Attribute {
    pub id: Id,
    pub stored: Id,
    pub space: Id,
    pub ty: ElementType,
    pub count: usize,
}

impl Attribute {
    /// Opens an object's attribute.
    pub fn open(object: Hid, name: &CString) -> Result<Self, Failure> {
        let id = Id::new(h5().H5Aopen(object, name.into(), 0))?;
        let stored = Id::new(h5().H5Aget_type(id.get()))?;
        let space = Id::new(h5().H5Aget_space(id.get()))?;
        let count = h5().H5Sget_simple_extent_npoints(space.get()).max(0) as usize;
        Ok(Self {
            ty: ElementType::of(stored.get())?,
            id,
            stored,
            space,
            count,
        })
    }
}

/// An object's attributes but for the note of a copy, in the order in which they were made if the
/// object keeps it.
pub(crate) fn list(object: Hid, kind: Kind) -> Result<Vec<(CString, AttributeInfo)>, Failure> {
    let plist = creation_properties(object, kind)?;
    let mut found = members::attributes(object, attributes_are_ordered(plist.get())?)?;
    found.retain(|(name, _)| !Marker::is(name));
    Ok(found)
}

/// The creation property list of an object.
pub(crate) fn creation_properties(object: Hid, kind: Kind) -> Result<Id, Failure> {
    Id::new(match kind {
        Kind::Group => h5().H5Gget_create_plist(object),
        Kind::Dataset => h5().H5Dget_create_plist(object),
        Kind::Datatype => h5().H5Tget_create_plist(object),
    })
}

/// Creates the like of an attribute and writes its elements, unless they hold references: `false`
/// then. With `look`, one that is there already is only written.
pub(crate) fn copy(
    from: &Attribute,
    to: Hid,
    name: &CString,
    ty: Hid,
    look: bool,
) -> Result<bool, Failure> {
    let exists = look && ok(h5().H5Aexists(to, name.into()))? > 0;
    let made = match exists {
        true => Id::new(h5().H5Aopen(to, name.into(), 0))?,
        false => {
            let plist = Id::new(h5().H5Aget_create_plist(from.id.get()))?;
            let space = from.space.get();
            Id::new(h5().H5Acreate2(to, name.into(), ty, space, plist.get(), 0))?
        }
    };
    if from.ty.has_references() {
        return Ok(false);
    }
    if from.count > 0 {
        Elements::read_attribute(&from.ty, from.id.get(), from.count)?
            .write_attribute(made.get())?;
    }
    made.close()?;
    Ok(true)
}

/// Writes an attribute's references, made anew for the other file; returns how many led nowhere.
pub(crate) fn copy_references(
    objects: (Hid, Hid),
    files: (Hid, Hid),
    name: &CString,
    inventory: &Inventory,
) -> Result<usize, Failure> {
    let from = Attribute::open(objects.0, name)?;
    if from.count == 0 {
        return Ok(0);
    }
    let made = Id::new(h5().H5Aopen(objects.1, name.into(), 0))?;
    let mut elements = Elements::read_attribute(&from.ty, from.id.get(), from.count)?;
    let lost = elements.move_references(files.0, files.1, inventory)?;
    elements.write_attribute(made.get())?;
    made.close()?;
    Ok(lost)
}
