//! Who uses committed datatypes: the datasets and attributes that have them as type. HDF5 counts them like
//! links, the server does not tell them. Called by the cache.

use std::collections::HashMap;

use h5rest_protocol::ObjectId;

use super::records::{AttributeRecord, Attributes, Content, Head};

/// Users that the cache has forgotten, until it knows them again: the datatypes of each object, and of its
/// attributes.
#[derive(Debug, Default)]
pub(super) struct ForgottenUsers(HashMap<u64, Vec<ObjectId>>);

impl ForgottenUsers {
    /// What is known of an object will not be any more.
    pub(super) fn forget(
        &mut self,
        object: u64,
        head: Option<&Head>,
        attributes: Option<&Attributes>,
    ) {
        let used: Vec<ObjectId> = used(head, attributes).collect();
        if !used.is_empty() {
            self.0.insert(object, used);
        }
    }

    /// An object is known again, or is no more.
    pub(super) fn remove(&mut self, object: u64) {
        self.0.remove(&object);
    }

    /// How often this datatype is used.
    pub(super) fn count(&self, datatype: ObjectId) -> usize {
        let used = self.0.values().flatten();
        used.filter(|one| **one == datatype).count()
    }
}

/// The committed datatypes that an object has, and that its attributes have.
pub(super) fn used<'a>(
    head: Option<&'a Head>,
    attributes: Option<&'a Attributes>,
) -> impl Iterator<Item = ObjectId> + 'a {
    let own = head.and_then(|head| match &head.content {
        Content::Dataset(dataset) => dataset.ty.committed,
        _ => None,
    });
    let attributes = attributes.into_iter().flat_map(Attributes::iter);
    own.into_iter()
        .chain(attributes.filter_map(|(_, record)| of_attribute(record)))
}

fn of_attribute(record: &AttributeRecord) -> Option<ObjectId> {
    let (ty, _) = record.declared.as_ref().ok()?;
    ty.committed
}
