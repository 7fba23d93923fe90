//! Who uses committed datatypes: the datasets and attributes that have them as type. HDF5 counts them like
//! links, the server does not tell them. Called by the cache.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use h5rest_protocol::ObjectId;

use super::by_object::ByObject;
use super::records::{AttributeRecord, Attributes, Content, Head};

/// The users of committed datatypes as far as they were ever seen. What the cache gives up stays counted
/// until it is known again: answers tell an object's own type and its attributes' each for itself.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// Objects that use none have no entry.
    of: ByObject<Used>,
    counts: HashMap<ObjectId, usize, RandomState>,
}

/// What one object uses.
#[derive(Debug, Default)]
struct Used {
    own: Option<ObjectId>,
    /// The types of its attributes, with the number of attributes that have them.
    attributes: BTreeMap<ObjectId, usize>,
}

impl Users {
    /// An object's own data is known.
    pub(super) fn set_own(&mut self, object: u64, head: &Head) {
        let own = match &head.content {
            Content::Dataset(dataset) => dataset.ty.committed,
            _ => None,
        };
        let Some(used) = self.entry(object, own.is_some()) else {
            return;
        };
        let before = std::mem::replace(&mut used.own, own);
        if let Some(datatype) = own {
            self.count_more(datatype, 1);
        }
        if let Some(datatype) = before {
            self.count_fewer(datatype, 1);
        }
        self.tidy(object);
    }

    /// All attributes of an object are known.
    pub(super) fn set_attributes(&mut self, object: u64, attributes: &Attributes) {
        let mut now = BTreeMap::new();
        for datatype in attributes.iter().filter_map(|(_, record)| type_of(record)) {
            *now.entry(datatype).or_insert(0) += 1;
        }
        let Some(used) = self.entry(object, !now.is_empty()) else {
            return;
        };
        let before = std::mem::replace(&mut used.attributes, now.clone());
        for (datatype, number) in now {
            self.count_more(datatype, number);
        }
        for (datatype, number) in before {
            self.count_fewer(datatype, number);
        }
        self.tidy(object);
    }

    /// An object has another attribute.
    pub(super) fn attribute_added(&mut self, object: u64, record: &AttributeRecord) {
        let Some(datatype) = type_of(record) else {
            return;
        };
        let used = self.of.entry(object).or_default();
        *used.attributes.entry(datatype).or_insert(0) += 1;
        self.count_more(datatype, 1);
    }

    /// An object has this attribute no more.
    pub(super) fn attribute_removed(&mut self, object: u64, record: &AttributeRecord) {
        let Some(datatype) = type_of(record) else {
            return;
        };
        let used = self.of.get_mut(&object);
        let Some(used) = used.filter(|used| used.attributes.contains_key(&datatype)) else {
            return;
        };
        take(&mut used.attributes, datatype);
        self.count_fewer(datatype, 1);
        self.tidy(object);
    }

    /// An object is no more.
    pub(super) fn deleted(&mut self, object: u64) {
        let Some(used) = self.of.remove(&object) else {
            return;
        };
        if let Some(datatype) = used.own {
            self.count_fewer(datatype, 1);
        }
        for (datatype, number) in used.attributes {
            self.count_fewer(datatype, number);
        }
    }

    /// The committed datatypes that an object has, or that its attributes have.
    pub(super) fn used_by(&self, object: u64) -> impl Iterator<Item = ObjectId> + '_ {
        let used = self.of.get(&object).into_iter();
        used.flat_map(|used| used.own.into_iter().chain(used.attributes.keys().copied()))
    }

    /// How often this datatype is used.
    pub(super) fn count(&self, datatype: ObjectId) -> usize {
        self.counts.get(&datatype).copied().unwrap_or(0)
    }

    /// What is noted of an object: if nothing is, only one that uses something gets an entry.
    fn entry(&mut self, object: u64, uses: bool) -> Option<&mut Used> {
        match uses {
            true => Some(self.of.entry(object).or_default()),
            false => self.of.get_mut(&object),
        }
    }

    fn count_more(&mut self, datatype: ObjectId, by: usize) {
        *self.counts.entry(datatype).or_insert(0) += by;
    }

    fn count_fewer(&mut self, datatype: ObjectId, by: usize) {
        if let Some(count) = self.counts.get_mut(&datatype) {
            *count = count.saturating_sub(by);
            if *count == 0 {
                self.counts.remove(&datatype);
            }
        }
    }

    /// Drops the entry of an object that uses nothing any more.
    fn tidy(&mut self, object: u64) {
        let used = self.of.get(&object);
        if used.is_some_and(|used| used.own.is_none() && used.attributes.is_empty()) {
            self.of.remove(&object);
        }
    }
}

/// Counts one fewer.
fn take(numbers: &mut BTreeMap<ObjectId, usize>, datatype: ObjectId) {
    if let Some(number) = numbers.get_mut(&datatype) {
        *number -= 1;
        if *number == 0 {
            numbers.remove(&datatype);
        }
    }
}

fn type_of(record: &AttributeRecord) -> Option<ObjectId> {
    let (ty, _) = record.declared.as_ref().ok()?;
    ty.committed
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use h5rest_protocol::datatype::CharSet;
    use h5rest_protocol::{Datatype, ObjectClass, Shape, StoredType};

    use super::super::annotations::Annotations;
    use super::super::disguise::Disguise;
    use super::super::records::{AttributeValue, DatasetInfo};
    use super::*;

    const OBJECT: u64 = 7;

    fn types() -> [ObjectId; 2] {
        let root = ObjectId::new_root();
        [(); 2].map(|()| root.new_in_domain(ObjectClass::Datatype))
    }

    fn stored(committed: Option<ObjectId>) -> Arc<StoredType> {
        Arc::new(StoredType {
            committed,
            ..Datatype::integer(4, true).into()
        })
    }

    fn dataset(committed: Option<ObjectId>) -> Head {
        Head {
            created: 1.0,
            modified: 1.0,
            annotations: Annotations::default(),
            content: Content::Dataset(Arc::new(DatasetInfo {
                ty: stored(committed),
                shape: Shape::Scalar,
                creation: Default::default(),
                disguise: Disguise::None,
            })),
        }
    }

    fn attribute(committed: Option<ObjectId>) -> AttributeRecord {
        AttributeRecord {
            name: None,
            declared: Ok((stored(committed), Arc::new(Shape::Scalar))),
            disguise: Disguise::None,
            charset: CharSet::Ascii,
            value: AttributeValue::Unwritten,
        }
    }

    #[test]
    fn an_objects_own_type_and_its_attributes_are_counted_each_for_itself() {
        let [first, second] = types();
        let mut users = Users::default();
        let attributes = Attributes::in_order([
            ("a", attribute(Some(first))),
            ("b", attribute(Some(second))),
            ("c", attribute(Some(second))),
            ("d", attribute(None)),
        ]);
        for _ in 0..3 {
            users.set_own(OBJECT, &dataset(Some(first)));
            assert_eq!(users.count(first), 1 + usize::from(users.count(second) > 0));
            users.set_attributes(OBJECT, &attributes);
            assert_eq!((users.count(first), users.count(second)), (2, 2));
        }
        let mut used: Vec<ObjectId> = users.used_by(OBJECT).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used.len(), 2);
        users.set_attributes(OBJECT, &Attributes::default());
        assert_eq!((users.count(first), users.count(second)), (1, 0));
        users.deleted(OBJECT);
        assert_eq!(users.count(first), 0);
        assert!(users.of.is_empty() && users.counts.is_empty());
    }

    #[test]
    fn attributes_come_and_go() {
        let [first, second] = types();
        let mut users = Users::default();
        for committed in [Some(first), Some(first), Some(second), None] {
            users.attribute_added(OBJECT, &attribute(committed));
        }
        assert_eq!((users.count(first), users.count(second)), (2, 1));
        users.attribute_removed(OBJECT, &attribute(Some(first)));
        users.attribute_removed(OBJECT + 1, &attribute(Some(first)));
        assert_eq!((users.count(first), users.count(second)), (1, 1));
        for committed in [None, Some(first), Some(second), Some(second)] {
            users.attribute_removed(OBJECT, &attribute(committed));
        }
        assert!(users.of.is_empty() && users.counts.is_empty());
    }

    #[test]
    fn objects_without_committed_types_leave_nothing() {
        let mut users = Users::default();
        let attributes = Attributes::in_order([("a", attribute(None))]);
        users.set_own(OBJECT, &dataset(None));
        users.set_attributes(OBJECT, &attributes);
        users.attribute_added(OBJECT, &attribute(None));
        assert!(users.of.is_empty() && users.counts.is_empty());
    }
}
