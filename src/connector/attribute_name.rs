//! How open handles find their attribute: by its name, which renames change, until it is deleted.
//!
//! HDF5 lets handles go on with an attribute that was deleted: they read what it was. What they write must
//! reach nobody: a new attribute that gets the name must not be taken for the old one. (HDF5 itself copies
//! the old one's bytes over it, whatever type it has.) Called by `attributes` and by the cache.

use std::sync::Arc;

use h5rest_protocol::{Shape, StoredType};
use parking_lot::Mutex;

use super::attributes::AttributeInfo;
use super::by_object::ByObject;
use super::records::Attributes;

/// Shared by the cache's entry and all handles that were opened by it.
#[derive(Debug)]
pub(super) struct AttributeName(Mutex<State>);

#[derive(Debug)]
struct State {
    name: String,
    deleted: Option<Remains>,
    lost: Option<Lost>,
}

/// How another program took an attribute from its handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// The object was found without it: it was deleted or renamed.
    Gone,
    /// Another one, of another type or extent, has its name.
    Replaced,
}

/// An attribute's type and extent.
type Declared = (Arc<StoredType>, Arc<Shape>);

/// Whether handles of an attribute can go on with one that is declared so: it is the same, as far as that can
/// be told.
pub(super) fn are_alike(one: &Declared, other: &Declared) -> bool {
    let same_type = Arc::ptr_eq(&one.0, &other.0) || one.0.datatype == other.0.datatype;
    // Scalar and null spaces have no dimensions.
    same_type && one.1.dims() == other.1.dims() && one.1.count() == other.1.count()
}

/// What handles see of an attribute that was deleted.
#[derive(Debug, Clone)]
pub(super) struct Remains {
    pub(super) info: AttributeInfo,
    /// Its elements in wire form, if it was ever written.
    pub(super) value: Option<Arc<[u8]>>,
}

impl AttributeName {
    pub(super) fn new(name: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            name: name.to_owned(),
            deleted: None,
            lost: None,
        })))
    }

    /// The name that it has now, or had when it was deleted.
    pub(super) fn get(&self) -> String {
        self.0.lock().name.clone()
    }

    pub(super) fn rename(&self, new: &str) {
        self.0.lock().name = new.to_owned();
    }

    /// Cuts the handles off: the attribute is deleted.
    pub(super) fn delete(&self, remains: Remains) {
        self.0.lock().deleted = Some(remains);
    }

    /// What is left of it, if it was deleted.
    pub(super) fn remains(&self) -> Option<Remains> {
        self.0.lock().deleted.clone()
    }

    /// Replaces the value if the attribute was deleted; tells whether it was.
    pub(super) fn write_remains(&self, bytes: &[u8]) -> bool {
        match &mut self.0.lock().deleted {
            Some(remains) => {
                remains.value = Some(bytes.into());
                true
            }
            None => false,
        }
    }

    /// Whether it was lost to another program. Another attribute that has its name, or gets it, is none of
    /// the handles' business.
    pub(super) fn lost(&self) -> Option<Lost> {
        self.0.lock().lost
    }
}

/// Names that handles have, of attributes of objects that the cache has forgotten, until it knows them again,
/// and how the attributes were declared.
#[derive(Debug, Default)]
pub(super) struct ForgottenNames(ByObject<Vec<(Arc<AttributeName>, Declared)>>);

impl ForgottenNames {
    /// What is known of an object's attributes will not be any more.
    pub(super) fn keep(&mut self, object: u64, attributes: &Attributes) {
        let held = attributes.iter().filter_map(|(_, record)| {
            let name = record.name.clone()?;
            // The cache has one, and this is another.
            let is_held = Arc::strong_count(&name) > 2;
            let declared = record.declared.clone().ok()?;
            is_held.then_some((name, declared))
        });
        let held: Vec<_> = held.collect();
        if !held.is_empty() {
            self.0.insert(object, held);
        }
    }

    /// An object's attributes are known again.
    pub(super) fn return_to(&mut self, object: u64, attributes: &mut Attributes) {
        for (name, declared) in self.0.remove(&object).unwrap_or_default() {
            let lost = match attributes.get_mut(&name.get()) {
                None => Lost::Gone,
                Some(record) => match &record.declared {
                    Ok(now) if are_alike(now, &declared) => {
                        record.name = Some(name);
                        continue;
                    }
                    _ => Lost::Replaced,
                },
            };
            name.0.lock().lost = Some(lost);
        }
    }

    /// An object is no more.
    pub(super) fn remove(&mut self, object: u64) {
        self.0.remove(&object);
    }
}
