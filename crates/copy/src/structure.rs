//! Everything but elements of datasets: objects, links, types, attributes, comments.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::CString;

use h5rest_hdf5::{Failure, Hid, Id, ObjectInfo, c, h5, members, ok};

use crate::Progress;
use crate::attributes::{self, Attribute};
use crate::error::{Attempted, Result};
use crate::inventory::{Inventory, Kind, Link, Object, Target, shown};
use crate::opened::Opened;

type Hdf5<T> = std::result::Result<T, Failure>;

/// Attributes that hold references: the number of their object, and their name.
pub(crate) type Later = Vec<(usize, CString)>;

/// What the objects of the new file are made from.
pub(crate) struct Structure<'a> {
    source: &'a Opened,
    made: &'a Opened,
    inventory: &'a Inventory,
    /// Whether parts may be there already.
    look: bool,
    /// Committed datatypes of the new file, by the tokens of their likes in the source.
    types: RefCell<HashMap<[u8; 16], Id>>,
}

impl<'a> Structure<'a> {
    /// With `look`, what is there already is left as it is.
    pub fn new(source: &'a Opened, made: &'a Opened, inventory: &'a Inventory, look: bool) -> Self {
        Self {
            source,
            made,
            inventory,
            look,
            types: RefCell::default(),
        }
    }

    /// Makes all objects, links and attributes. Returns the attributes whose values must wait until
    /// all objects are there.
    pub fn create(&self, progress: &dyn Progress) -> Result<Later> {
        let mut later = Later::new();
        self.describe(0, &mut later, progress)?;
        // As an object gets its first name when the first link to it is met, the object of a link
        // is new if no link before led there.
        let mut named = vec![false; self.inventory.objects.len()];
        named[0] = true;
        for object in &self.inventory.objects {
            for link in &object.links {
                self.link(&object.path, link, &mut named).attempted(|| {
                    format!(
                        "cannot create '{}' in {}",
                        shown(&link.name),
                        shown(&object.path)
                    )
                })?;
                if let Target::Object(number) = link.target
                    && !std::mem::replace(&mut named[number], true)
                {
                    self.describe(number, &mut later, progress)?;
                }
            }
        }
        Ok(later)
    }

    /// Writes the values that had to wait.
    pub fn write_references(&self, later: &Later, progress: &dyn Progress) -> Result<()> {
        for (number, name) in later {
            let path = &self.inventory.objects[*number].path;
            let write = || {
                let objects = (self.open(self.source, path)?, self.open(self.made, path)?);
                let files = (self.source.get(), self.made.get());
                let objects = (objects.0.get(), objects.1.get());
                attributes::copy_references(objects, files, name, self.inventory)
            };
            let attribute = || format!("attribute '{}' of {}", shown(name), shown(path));
            let lost = write().attempted(|| format!("cannot copy {}", attribute()))?;
            tell_lost(progress, lost, &attribute());
        }
        Ok(())
    }

    fn open(&self, file: &Opened, path: &CString) -> Hdf5<Id> {
        Id::new(h5().H5Oopen(file.get(), path.into(), 0))
    }

    /// Makes one link, and the object if this is its first name.
    fn link(&self, group: &CString, link: &Link, named: &mut [bool]) -> Hdf5<()> {
        let to = self.open(self.made, group)?;
        let (to, name) = (to.get(), &link.name);
        if self.look && ok(h5().H5Lexists(to, name.into(), 0))? > 0 {
            return Ok(());
        }
        let class = h5().predefined("H5P_CLS_LINK_CREATE_ID_g");
        let lcpl = Id::new(h5().H5Pcreate(class))?;
        ok(h5().H5Pset_char_encoding(lcpl.get(), link.cset))?;
        let lcpl = lcpl.get();
        match &link.target {
            Target::Object(number) if named[*number] => {
                let object = &self.inventory.objects[*number].path;
                let file = self.made.get();
                ok(h5().H5Lcreate_hard(file, object.into(), to, name.into(), lcpl, 0)).map(|_| ())
            }
            Target::Object(number) => self.object(&self.inventory.objects[*number], to, name, lcpl),
            Target::Soft(path) => {
                ok(h5().H5Lcreate_soft(path.into(), to, name.into(), lcpl, 0)).map(|_| ())
            }
            Target::External(file, path) => {
                let (file, path) = (file.into(), path.into());
                ok(h5().H5Lcreate_external(file, path, to, name.into(), lcpl, 0)).map(|_| ())
            }
            Target::UserDefined(class, value) => {
                members::create_user_defined(to, name, *class, value, lcpl)
            }
        }
    }

    /// Makes the like of an object under its first name.
    fn object(&self, object: &Object, to: Hid, name: &CString, lcpl: Hid) -> Hdf5<()> {
        let from = self.open(self.source, &object.path)?;
        let name = name.into();
        match object.kind {
            Kind::Group => {
                let plist = attributes::creation_properties(from.get(), object.kind)?;
                Id::new(h5().H5Gcreate2(to, name, lcpl, plist.get(), 0))?.close()
            }
            Kind::Datatype => {
                // It may have been needed, and made without a name, before its name was met.
                let ty = self.committed(from.get())?;
                ok(h5().H5Olink(ty, to, name, lcpl, 0)).map(|_| ())
            }
            Kind::Dataset => {
                let plist = attributes::creation_properties(from.get(), object.kind)?;
                let space = Id::new(h5().H5Dget_space(from.get()))?;
                let stored = Id::new(h5().H5Dget_type(from.get()))?;
                let transient = Id::new(h5().H5Tcopy(stored.get()))?;
                let ty = self.like(stored.get(), &transient)?;
                let (space, plist) = (space.get(), plist.get());
                Id::new(h5().H5Dcreate2(to, name, ty, space, lcpl, plist, 0))?.close()
            }
        }
    }

    /// The type for an object whose like has the type `stored`: the committed one, or `transient`.
    fn like(&self, stored: Hid, transient: &Id) -> Hdf5<Hid> {
        match ok(h5().H5Tcommitted(stored))? {
            0 => Ok(transient.get()),
            _ => self.committed(stored),
        }
    }

    /// The committed datatype of the new file that is the like of a committed one of the source; it is
    /// made, without a name, if there is none yet.
    fn committed(&self, stored: Hid) -> Hdf5<Hid> {
        let mut info = ObjectInfo::default();
        ok(h5().H5Oget_info3(stored, &mut info, 1))?;
        if let Some(found) = self.types.borrow().get(&info.token) {
            return Ok(found.get());
        }
        let ty = match self.existing(&info.token) {
            Some(ty) => ty,
            None => {
                let ty = Id::new(h5().H5Tcopy(stored))?;
                let plist = Id::new(h5().H5Tget_create_plist(stored))?;
                ok(h5().H5Tcommit_anon(self.made.get(), ty.get(), plist.get(), 0))?;
                ty
            }
        };
        let id = ty.get();
        self.types.borrow_mut().insert(info.token, ty);
        Ok(id)
    }

    /// The like of a committed datatype that an earlier copy made.
    fn existing(&self, token: &[u8; 16]) -> Option<Id> {
        let path = &self.inventory.objects[self.inventory.number(token)?].path;
        self.look.then(|| self.open(self.made, path).ok())?
    }

    /// Gives an object its comment and attributes.
    fn describe(&self, number: usize, later: &mut Later, progress: &dyn Progress) -> Result<()> {
        let object = &self.inventory.objects[number];
        let path = || shown(&object.path);
        let open = || {
            Ok((
                self.open(self.source, &object.path)?,
                self.open(self.made, &object.path)?,
            ))
        };
        let (from, to) = open().attempted(|| format!("cannot open {}", path()))?;
        self.comment(from.get(), to.get())
            .attempted(|| format!("cannot copy the comment of {}", path()))?;
        let list = attributes::list(from.get(), object.kind)
            .attempted(|| format!("cannot list the attributes of {}", path()))?;
        for (name, _) in list {
            let written = self
                .attribute(from.get(), to.get(), &name)
                .attempted(|| format!("cannot copy attribute '{}' of {}", shown(&name), path()))?;
            if !written {
                later.push((number, name));
            }
        }
        progress.advance(0, 1);
        Ok(())
    }

    fn comment(&self, from: Hid, to: Hid) -> Hdf5<()> {
        let comment = members::comment(from)?;
        if comment != c("") {
            ok(h5().H5Oset_comment(to, (&comment).into()))?;
        }
        Ok(())
    }

    fn attribute(&self, from: Hid, to: Hid, name: &CString) -> Hdf5<bool> {
        let attribute = Attribute::open(from, name)?;
        let transient = Id::new(h5().H5Tcopy(attribute.stored.get()))?;
        let ty = self.like(attribute.stored.get(), &transient)?;
        attributes::copy(&attribute, to, name, ty, self.look)
    }
}

/// Says that references led nowhere.
pub(crate) fn tell_lost(progress: &dyn Progress, lost: usize, place: &str) {
    if lost > 0 {
        progress.note(&format!(
            "{place}: {lost} references lead to no object of the file and are null in the copy"
        ));
    }
}
