//! Whether two files have the same objects, links, properties, attributes and elements.

use std::collections::HashMap;
use std::ffi::{CStr, CString};

use h5rest_hdf5::elements::{Elements, Objects};
use h5rest_hdf5::{Failure, Hid, Id, h5, lists, members, ok};
use sha2::{Digest, Sha256};

use crate::Progress;
use crate::attributes::{self, Attribute};
use crate::blocks::Block;
use crate::data::{Checksum, Dataset};
use crate::error::{Attempted, Error, Result};
use crate::inventory::{Inventory, Kind, Link, Object, Target, shown};
use crate::opened::Opened;

/// So many differences are told.
const TOLD: usize = 20;

/// Fails with what is different, if anything is. `digests` are the checksums of elements of the
/// source that are known; those of other datasets are read again.
pub(crate) fn compare(
    source: &Opened,
    made: &Opened,
    inventory: &Inventory,
    digests: &HashMap<usize, Checksum>,
    progress: &dyn Progress,
) -> Result<()> {
    let other = Inventory::of(made)?;
    let mut comparison = Comparison {
        files: (source, made),
        inventories: (inventory, &other),
        like: vec![None; inventory.objects.len()],
        differences: Vec::new(),
    };
    comparison.links();
    for number in 0..inventory.objects.len() {
        comparison.object(number, digests)?;
        progress.advance(inventory.objects[number].bytes, 1);
        if comparison.differences.len() >= TOLD {
            break;
        }
    }
    match comparison.differences {
        none if none.is_empty() => Ok(()),
        some => Err(Error::Different(some)),
    }
}

struct Comparison<'a> {
    files: (&'a Opened, &'a Opened),
    inventories: (&'a Inventory, &'a Inventory),
    /// The numbers of objects in the new file.
    like: Vec<Option<usize>>,
    differences: Vec<String>,
}

/// The objects of the new file, under the names that their likes have in the source: an object with
/// several names may be met under another one first.
struct Likes<'a> {
    inventories: (&'a Inventory, &'a Inventory),
    like: &'a [Option<usize>],
}

impl Objects for Likes<'_> {
    fn path(&self, token: &[u8; 16]) -> Option<&CStr> {
        let found = self.inventories.1.number(token)?;
        let number = self.like.iter().position(|like| *like == Some(found))?;
        Some(&self.inventories.0.objects[number].path)
    }
}

impl Comparison<'_> {
    fn likes(&self) -> Likes<'_> {
        Likes {
            inventories: self.inventories,
            like: &self.like,
        }
    }

    fn differs(&mut self, path: &CString, what: &str) {
        self.differences.push(format!("{}: {what}", shown(path)));
    }

    fn expect(&mut self, path: &CString, what: &str, same: bool) {
        if !same {
            self.differs(path, what);
        }
    }

    /// Compares all links, and finds which objects are the likes of each other.
    fn links(&mut self) {
        let (one, other) = self.inventories;
        self.like[0] = Some(0);
        for (number, object) in one.objects.iter().enumerate() {
            let Some(like) = self.like[number] else {
                continue;
            };
            let like = &other.objects[like];
            let by_name: HashMap<_, _> = like.links.iter().map(|link| (&link.name, link)).collect();
            self.expect(
                &object.path,
                "has other links",
                by_name.len() == object.links.len(),
            );
            for link in &object.links {
                let found = by_name.get(&link.name).copied();
                let same = found.is_some_and(|found| self.is_like(link, found));
                let name = shown(&link.name);
                self.expect(&object.path, &format!("link '{name}' is another one"), same);
            }
        }
    }

    fn is_like(&mut self, link: &Link, found: &Link) -> bool {
        match (&link.target, &found.target) {
            (Target::Object(number), Target::Object(like)) => {
                *self.like[*number].get_or_insert(*like) == *like
            }
            (target, other) => target == other,
        }
    }

    fn object(&mut self, number: usize, digests: &HashMap<usize, Checksum>) -> Result<()> {
        let (one, other) = self.inventories;
        let object = &one.objects[number];
        let Some(like) = self.like[number] else {
            self.differs(&object.path, "is missing");
            return Ok(());
        };
        let like = &other.objects[like];
        if object.kind != like.kind {
            self.differs(&object.path, "is another kind of object");
            return Ok(());
        }
        self.description(object, like)
            .attempted(|| format!("cannot compare {}", shown(&object.path)))?;
        if object.kind == Kind::Dataset {
            self.dataset(object, like, digests.get(&number))
                .attempted(|| format!("cannot compare {}", shown(&object.path)))?;
        }
        Ok(())
    }

    /// Comments and attributes.
    fn description(&mut self, object: &Object, like: &Object) -> std::result::Result<(), Failure> {
        let ids = (open(self.files.0, object)?, open(self.files.1, like)?);
        let (one, other) = (ids.0.get(), ids.1.get());
        let path = &object.path;
        let same = members::comment(one)? == members::comment(other)?;
        self.expect(path, "has another comment", same);
        let names = |list: Vec<(CString, _)>| -> Vec<CString> {
            list.into_iter().map(|(name, _)| name).collect()
        };
        let lists = (
            names(attributes::list(one, object.kind)?),
            names(attributes::list(other, object.kind)?),
        );
        self.expect(
            path,
            "has other attributes, or in another order",
            lists.0 == lists.1,
        );
        for name in lists.0.iter().filter(|name| lists.1.contains(name)) {
            let same = self.attribute(one, other, name)?;
            self.expect(path, &format!("attribute '{}' differs", shown(name)), same);
        }
        Ok(())
    }

    fn attribute(
        &self,
        one: Hid,
        other: Hid,
        name: &CString,
    ) -> std::result::Result<bool, Failure> {
        let (one, other) = (Attribute::open(one, name)?, Attribute::open(other, name)?);
        let values = |attribute: &Attribute, file: &Opened, inventory: &dyn Objects| {
            let mut bytes = Vec::new();
            if attribute.count > 0 {
                Elements::read_attribute(&attribute.ty, attribute.id.get(), attribute.count)?
                    .comparable(file.get(), inventory, &mut |part| {
                        bytes.extend_from_slice(part)
                    });
            }
            Ok::<_, Failure>(bytes)
        };
        let committed = |ty: &Id| h5().H5Tcommitted(ty.get()) > 0;
        Ok(one.ty.equals(&other.ty)
            && committed(&one.stored) == committed(&other.stored)
            && extents_are_equal(one.space.get(), other.space.get())?
            && values(&one, self.files.0, self.inventories.0)?
                == values(&other, self.files.1, &self.likes())?)
    }

    fn dataset(
        &mut self,
        object: &Object,
        like: &Object,
        known: Option<&Checksum>,
    ) -> std::result::Result<(), Failure> {
        let one = Dataset::open(self.files.0, object)?;
        let other = Dataset::open(self.files.1, like)?;
        let path = &object.path;
        self.expect(path, "has another type", one.ty().equals(other.ty()));
        // The extent of a virtual dataset may follow its sources, which may be elsewhere.
        let elsewhere = one.elsewhere()?.is_some();
        let same = extents_are_equal(one.space(), other.space())?;
        self.expect(path, "has another extent", same || elsewhere);
        for (what, same) in properties(&one, &other)? {
            self.expect(path, what, same);
        }
        if elsewhere || !one.ty().equals(other.ty()) || !same {
            return Ok(());
        }
        let blocks = one.blocks(self.files.0.is_local())?;
        let expected = match known {
            Some(known) => *known,
            None => checksum(self.files.0, self.inventories.0, &one, &blocks)?,
        };
        let found = checksum(self.files.1, &self.likes(), &other, &blocks)?;
        self.expect(path, "has other elements", expected == found);
        Ok(())
    }
}

fn open(file: &Opened, object: &Object) -> std::result::Result<Id, Failure> {
    Id::new(h5().H5Oopen(file.get(), (&object.path).into(), 0))
}

/// Whether two spaces have the same class, extents and bounds. (H5Sextent_equal tells a bound that
/// was never given from one that is the extent.)
fn extents_are_equal(one: Hid, other: Hid) -> std::result::Result<bool, Failure> {
    let class = |space| ok(h5().H5Sget_simple_extent_type(space));
    Ok(class(one)? == class(other)? && lists::extent(one)? == lists::extent(other)?)
}

/// Compares creation properties, by what is to be said if they differ.
fn properties(
    one: &Dataset,
    other: &Dataset,
) -> std::result::Result<Vec<(&'static str, bool)>, Failure> {
    let (one, other) = (one.plist(), other.plist());
    let layout = |plist: Hid| {
        let layout = ok(h5().H5Pget_layout(plist))?;
        // 2 is H5D_CHUNKED.
        let chunk = if layout == 2 {
            lists::chunk(plist)?
        } else {
            Vec::new()
        };
        Ok::<_, Failure>((layout, chunk))
    };
    let filters = |plist: Hid| {
        let count = ok(h5().H5Pget_nfilters(plist))? as u32;
        let filters = (0..count).map(|number| lists::filter(plist, number));
        filters.collect::<std::result::Result<Vec<_>, _>>()
    };
    let fill = |plist: Hid| {
        let mut defined = 0;
        ok(h5().H5Pfill_value_defined(plist, &mut defined))?;
        Ok::<_, Failure>(defined)
    };
    Ok(vec![
        ("has another layout", layout(one)? == layout(other)?),
        ("has other filters", filters(one)? == filters(other)?),
        ("has another kind of fill value", fill(one)? == fill(other)?),
    ])
}

/// The checksum of the elements in the blocks.
fn checksum(
    file: &Opened,
    objects: &dyn Objects,
    dataset: &Dataset,
    blocks: &[Block],
) -> std::result::Result<Checksum, Failure> {
    let mut digest = Sha256::new();
    for block in blocks {
        dataset
            .read(block)?
            .comparable(file.get(), objects, &mut |part| digest.update(part));
    }
    Ok(digest.finalize().into())
}
