//! All objects of a file, and the links between them.
//!
//! Objects are numbered in the order in which a walk by levels meets them: the group that holds an
//! object's first name comes before it. Links keep the order of their creation where the group has
//! it, so that a copy made in this order has the same.

use std::collections::HashMap;
use std::ffi::{CStr, CString};

use h5rest_hdf5::elements::{ElementType, Objects};
use h5rest_hdf5::{Failure, Hid, Id, LinkInfo, ObjectInfo, c, h5, ok};
use h5rest_hdf5::{link_classes, members};

use crate::error::{Attempted, Result};
use crate::opened::Opened;

/// `H5P_CRT_ORDER_TRACKED`
const TRACKED: u32 = 1;

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Group,
    Dataset,
    Datatype,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// To the object of this number.
    Object(usize),
    Soft(CString),
    External(CString, CString),
    /// A class that a program registered, and its own data.
    UserDefined(i32, Vec<u8>),
}

/// A link of a group.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub name: CString,
    /// How the name is encoded (`H5T_cset_t`).
    pub cset: i32,
    pub target: Target,
}

/// An object.
#[derive(Debug)]
pub(crate) struct Object {
    pub kind: Kind,
    /// Its first name.
    pub path: CString,
    /// A group's links.
    pub links: Vec<Link>,
    /// Bytes of a dataset's elements in memory, without what they point to.
    pub bytes: u64,
}

/// All objects of a file; the root group is the first.
#[derive(Debug)]
pub(crate) struct Inventory {
    pub objects: Vec<Object>,
    numbers: HashMap<[u8; 16], usize>,
}

impl Objects for Inventory {
    fn path(&self, token: &[u8; 16]) -> Option<&CStr> {
        self.number(token)
            .map(|number| self.objects[number].path.as_c_str())
    }
}

impl Inventory {
    /// Walks through a file.
    pub fn of(file: &Opened) -> Result<Self> {
        let root = c("/");
        let mut inventory = Self {
            objects: Vec::new(),
            numbers: HashMap::new(),
        };
        inventory
            .meet(file.get(), &root, &root)
            .attempted(|| format!("cannot read {}", file.place()))?;
        let mut next = 0;
        while next < inventory.objects.len() {
            if inventory.objects[next].kind == Kind::Group {
                let path = inventory.objects[next].path.clone();
                inventory.objects[next].links = inventory
                    .links(file.get(), &path)
                    .attempted(|| format!("cannot list {} of {}", shown(&path), file.place()))?;
            }
            next += 1;
        }
        Ok(inventory)
    }

    /// The number of the object with this token.
    pub fn number(&self, token: &[u8; 16]) -> Option<usize> {
        self.numbers.get(token).copied()
    }

    /// Bytes of all elements.
    pub fn bytes(&self) -> u64 {
        self.objects.iter().map(|object| object.bytes).sum()
    }

    /// How many datasets there are.
    pub fn datasets(&self) -> usize {
        let is_one = |object: &&Object| object.kind == Kind::Dataset;
        self.objects.iter().filter(is_one).count()
    }

    fn links(&mut self, file: Hid, path: &CString) -> std::result::Result<Vec<Link>, Failure> {
        let group = Id::new(h5().H5Oopen(file, path.into(), 0))?;
        let found = members::links(group.get(), links_are_ordered(group.get())?)?;
        let mut links = Vec::with_capacity(found.len());
        for (name, info) in found {
            let target = self.target(group.get(), path, &name, &info)?;
            links.push(Link {
                name,
                cset: info.cset,
                target,
            });
        }
        Ok(links)
    }

    fn target(
        &mut self,
        group: Hid,
        path: &CStr,
        name: &CString,
        info: &LinkInfo,
    ) -> std::result::Result<Target, Failure> {
        let value = || members::link_value(group, name, info.value[0] as usize);
        Ok(match info.kind {
            0 => Target::Object(self.meet(group, name, &below(path, name))?),
            1 => Target::Soft(
                CStr::from_bytes_until_nul(&value()?).map_or_else(|_| c(""), CStr::to_owned),
            ),
            64 => {
                let (file, path) = members::external_target(&value()?)?;
                Target::External(file, path)
            }
            class => {
                // Before HDF5 knows the class it hides the link's data.
                link_classes::register(class)?;
                let mut info = LinkInfo::default();
                ok(h5().H5Lget_info2(group, name.into(), &mut info, 0))?;
                let size = info.value[0] as usize;
                Target::UserDefined(class, members::link_value(group, name, size)?)
            }
        })
    }

    /// The number of the object that a hard link leads to; it is new if no link led to it before.
    fn meet(
        &mut self,
        group: Hid,
        name: &CString,
        path: &CStr,
    ) -> std::result::Result<usize, Failure> {
        let mut info = ObjectInfo::default();
        // 1 is H5O_INFO_BASIC.
        ok(h5().H5Oget_info_by_name3(group, name.into(), &mut info, 1, 0))?;
        if let Some(number) = self.number(&info.token) {
            return Ok(number);
        }
        let (kind, bytes) = match info.kind {
            0 => (Kind::Group, 0),
            1 => (Kind::Dataset, size_of_elements(group, name)?),
            _ => (Kind::Datatype, 0),
        };
        let number = self.objects.len();
        self.numbers.insert(info.token, number);
        self.objects.push(Object {
            kind,
            path: path.to_owned(),
            links: Vec::new(),
            bytes,
        });
        Ok(number)
    }
}

fn size_of_elements(group: Hid, name: &CString) -> std::result::Result<u64, Failure> {
    let dataset = Id::new(h5().H5Oopen(group, name.into(), 0))?;
    let space = Id::new(h5().H5Dget_space(dataset.get()))?;
    let stored = Id::new(h5().H5Dget_type(dataset.get()))?;
    let count = h5().H5Sget_simple_extent_npoints(space.get()).max(0) as u64;
    Ok(count.saturating_mul(ElementType::of(stored.get())?.size() as u64))
}

/// Whether a group keeps the order in which its links were made.
pub(crate) fn links_are_ordered(group: Hid) -> std::result::Result<bool, Failure> {
    let plist = Id::new(h5().H5Gget_create_plist(group))?;
    let mut flags = 0;
    ok(h5().H5Pget_link_creation_order(plist.get(), &mut flags))?;
    Ok(flags & TRACKED != 0)
}

/// Whether an object with this creation property list keeps the order of its attributes.
pub(crate) fn attributes_are_ordered(plist: Hid) -> std::result::Result<bool, Failure> {
    let mut flags = 0;
    ok(h5().H5Pget_attr_creation_order(plist, &mut flags))?;
    Ok(flags & TRACKED != 0)
}

fn below(path: &CStr, name: &CStr) -> CString {
    let mut bytes = path.to_bytes().to_vec();
    if bytes.last() != Some(&b'/') {
        bytes.push(b'/');
    }
    bytes.extend_from_slice(name.to_bytes());
    // Neither part has a NUL in it.
    CString::new(bytes).unwrap_or_default()
}

/// A name in messages.
pub(crate) fn shown(name: &CStr) -> String {
    name.to_string_lossy().into_owned()
}
