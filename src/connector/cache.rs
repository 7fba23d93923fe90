//! What is known of a domain's objects, so that asking again costs no request.
//!
//! `session` fills it from the server's documents and every change of this process goes through
//! it. Three things are known or not, each for itself: an object's own data, its attributes, and
//! a group's links. The hard links seen so far are counted, because HDF5 deletes objects with
//! their last link and the server does not.

use std::sync::Arc;

use h5rest_protocol::{Link, ObjectClass, ObjectId};

use super::ahead::{Found, Pattern, Questions, Residents, of_attribute, of_link};
use super::attribute_name::ForgottenNames;
use super::by_object::{ByObject, Objects};
use super::outbox::Fate;
use super::records::{AttributeRecord, AttributeValue, Attributes, Head, LinkRecord, Links};
use super::users::Users;

/// Everything known of a domain. Keys are the object halves of ids.
#[derive(Debug, Default)]
pub(super) struct Cache {
    heads: ByObject<Head>,
    links: ByObject<Links>,
    attributes: ByObject<Attributes>,
    classes: ByObject<ObjectClass>,
    /// Hard links in the groups whose links are known, by target.
    hard_links: ByObject<u32>,
    /// Objects made by this session: all links to them are known, but those in `uncounted` groups.
    ours: Objects,
    /// Whether the links of every group are known.
    complete: bool,
    /// Handles that are open, by object.
    open: ByObject<usize>,
    /// Datasets that this session has written to.
    written: Objects,
    /// Objects without a link that go when their last handle is closed, if the change that has left them
    /// without was made.
    doomed: ByObject<Fate>,
    /// A group with a hard link to an object, and the link's name, as far as seen.
    places: ByObject<(u64, Arc<str>)>,
    /// Groups whose links are counted, though they may not be known any more.
    counted: Objects,
    /// Groups whose links were counted and are not any more, until they are known again.
    uncounted: Objects,
    /// Who uses committed datatypes, also of what is not known any more.
    users: Users,
    forgotten_names: ForgottenNames,
    residents: Residents,
    /// Requests for objects that are under way.
    pub(super) questions: Questions,
    /// How the program goes through the domain.
    pub(super) pattern: Pattern,
}

impl Cache {
    // ---- objects ----------------------------------------------------------------------------

    pub(super) fn head(&self, id: ObjectId) -> Option<&Head> {
        self.heads.get(&id.object)
    }

    /// The type of a dataset's elements is not to be changed: its users are counted.
    pub(super) fn head_mut(&mut self, id: ObjectId) -> Option<&mut Head> {
        self.heads.get_mut(&id.object)
    }

    pub(super) fn class_of(&self, token: u64) -> Option<ObjectClass> {
        self.classes.get(&token).copied()
    }

    /// Whether everything about an object is known.
    pub(super) fn knows(&self, id: ObjectId) -> bool {
        let is_group = id.class == ObjectClass::Group;
        self.heads.contains_key(&id.object)
            && self.attributes.contains_key(&id.object)
            && (!is_group || self.links.contains_key(&id.object))
    }

    /// Adds what the answer to a question says of an object, as far as it is not known: what is
    /// known may be newer than the answer.
    pub(super) fn learn(&mut self, question: u64, found: Found) {
        let id = found.id;
        if !self.questions.believes(question, id.object) {
            return;
        }
        self.classes.insert(id.object, id.class);
        let head = self.heads.entry(id.object).or_insert(found.head);
        self.users.set_own(id.object, head);
        if let Some(attributes) = found.attributes {
            let attributes = self.attributes.entry(id.object).or_insert(attributes);
            self.forgotten_names.return_to(id.object, attributes);
            self.users.set_attributes(id.object, attributes);
        }
        if let Some(links) = found.links {
            self.add_links(id, links);
        }
        // Also for links that are known from another answer, which does not tell this.
        if let Some(links) = self.links.get_mut(&id.object) {
            links.given_before(found.next_link);
        }
        if let Some(attributes) = self.attributes.get_mut(&id.object) {
            attributes.given_before(found.next_attribute);
        }
        self.weigh(id.object);
    }

    /// Notes what an object takes.
    fn weigh(&mut self, object: u64) {
        let (links, attributes) = (self.links.get(&object), self.attributes.get(&object));
        self.residents.set(object, links, attributes);
    }

    /// Whether everything about an object is known that is asked for now.
    pub(super) fn used(&mut self, id: ObjectId) -> bool {
        let known = self.knows(id);
        if known {
            self.pattern.used(id.object);
            self.residents.used(id.object);
        }
        known
    }

    /// Bytes of what is known of objects, about.
    pub(super) fn bytes(&self) -> u64 {
        self.residents.bytes()
    }

    /// Whether much was made since room was made last.
    pub(super) fn is_crowded(&mut self, most: u64) -> bool {
        self.residents.are_crowded(most)
    }

    /// Gives up what is known of objects that are not open and that the server can be asked for
    /// again, until the rest takes at most `most` bytes. `keep` names objects of this `domain` that must
    /// stay.
    pub(super) fn evict(&mut self, most: u64, domain: u64, keep: impl Fn(ObjectId) -> bool) {
        if self.residents.bytes() <= most {
            return;
        }
        let mut residents = std::mem::take(&mut self.residents);
        let going = residents.surplus(most, |object| {
            let id = self.classes.get(&object).map(|&class| ObjectId {
                class,
                domain,
                object,
            });
            !self.is_needed(object) && id.is_none_or(|id| !keep(id))
        });
        for object in going {
            residents.left(object);
            self.release(object);
        }
        self.residents = residents;
    }

    /// Whether more than the server's answer to a question depends on an object's being known.
    fn is_needed(&self, object: u64) -> bool {
        let without_link = || self.hard_links.get(&object).is_none_or(|&count| count == 0);
        let head = self.heads.get(&object);
        self.open.contains_key(&object)
            || head.is_some_and(|head| head.annotations.references != 0)
            || (self.ours.contains(&object) && without_link())
            // Users of our datatypes are counted.
            || self.users.used_by(object).any(|datatype| self.ours.contains(&datatype.object))
    }

    /// Gives up what is known of an object. Its links stay counted, and so do the datatypes it uses.
    fn release(&mut self, object: u64) {
        self.questions.forget(object);
        self.heads.remove(&object);
        self.attributes.remove(&object);
        if let Some(links) = self.links.remove(&object) {
            self.counted.insert(object);
            for target in hard_targets(&links) {
                if self
                    .places
                    .get(&target.object)
                    .is_some_and(|place| place.0 == object)
                {
                    self.places.remove(&target.object);
                }
            }
        }
    }

    /// Adds an object that this session has just made: it has nothing yet.
    pub(super) fn made(&mut self, id: ObjectId, head: Head) {
        self.ours.insert(id.object);
        self.classes.insert(id.object, id.class);
        self.users.set_own(id.object, &head);
        self.heads.insert(id.object, head);
        self.attributes.insert(id.object, Attributes::default());
        if id.class == ObjectClass::Group {
            self.links.insert(id.object, Links::default());
        }
        self.weigh(id.object);
    }

    /// Forgets what the server is to be asked again. Numbers of links and handles stay.
    pub(super) fn forget(&mut self, id: ObjectId) {
        self.questions.forget(id.object);
        self.heads.remove(&id.object);
        if let Some(attributes) = self.attributes.remove(&id.object) {
            self.forgotten_names.keep(id.object, &attributes);
        }
        if let Some(links) = self.links.remove(&id.object) {
            for target in hard_targets(&links) {
                self.uncount(target);
            }
            self.uncounted.insert(id.object);
            self.complete = false;
        }
        // Of links that are not known any more, nobody can tell whether they have changed.
        self.complete &= !self.counted.contains(&id.object);
        self.residents.left(id.object);
    }

    /// Forgets an object that is no more.
    pub(super) fn deleted(&mut self, id: ObjectId) {
        let complete = self.complete;
        self.forget(id);
        self.complete = complete;
        self.uncounted.remove(&id.object);
        self.users.deleted(id.object);
        self.forgotten_names.remove(id.object);
        self.questions.bury(id.object);
        self.places.remove(&id.object);
        self.classes.remove(&id.object);
        self.doomed.remove(&id.object);
        self.written.remove(&id.object);
    }

    /// An object that was taken for deleted is there, after all: what leads to it is to be asked for.
    pub(super) fn revived(&mut self, id: ObjectId) {
        self.questions.exhume(id.object);
        self.complete = false;
        if id.class == ObjectClass::Group {
            self.uncounted.insert(id.object);
        }
    }

    // ---- links ------------------------------------------------------------------------------

    pub(super) fn links(&self, group: ObjectId) -> Option<&Links> {
        self.links.get(&group.object)
    }

    /// The links of the group with this token.
    pub(super) fn links_of(&self, group: u64) -> Option<&Links> {
        self.links.get(&group)
    }

    /// A group with a hard link to an object, and the link's name, if one is known.
    pub(super) fn place_of(&self, object: u64) -> Option<(u64, &str)> {
        let (group, name) = self.places.get(&object)?;
        let record = self.links.get(group)?.get(name)?;
        let leads_there = matches!(record.link, Link::Hard(target) if target.object == object);
        leads_there.then_some((*group, &**name))
    }

    pub(super) fn links_mut(&mut self, group: ObjectId) -> Option<&mut Links> {
        self.links.get_mut(&group.object)
    }

    /// Adds what the answer to a question says of a group's links, unless they are known. `false`
    /// if the answer may be too old, and the links are not counted either.
    pub(super) fn learn_links(&mut self, question: u64, group: ObjectId, links: Links) -> bool {
        let believed = self.questions.believes(question, group.object);
        if believed {
            self.add_links(group, links);
            self.weigh(group.object);
        }
        self.has_counted(group)
    }

    /// Whether a group's links are counted, or it is no more.
    pub(super) fn has_counted(&self, group: ObjectId) -> bool {
        // What was given up meanwhile is counted, and may be known again.
        let counted = self.counted.contains(&group.object);
        counted || self.links.contains_key(&group.object) || self.questions.is_dead(group.object)
    }

    fn add_links(&mut self, group: ObjectId, links: Links) {
        if self.links.contains_key(&group.object) {
            return;
        }
        let counted = self.counted.remove(&group.object);
        self.uncounted.remove(&group.object);
        for (name, record) in links.iter() {
            let Link::Hard(target) = record.link else {
                continue;
            };
            if !counted {
                *self.hard_links.entry(target.object).or_insert(0) += 1;
            }
            self.classes.insert(target.object, target.class);
            let place = (group.object, name.clone());
            self.places.entry(target.object).or_insert(place);
        }
        self.classes.insert(group.object, group.class);
        self.links.insert(group.object, links);
    }

    pub(super) fn insert_link(&mut self, group: ObjectId, name: &str, record: LinkRecord) {
        if let Link::Hard(target) = record.link {
            *self.hard_links.entry(target.object).or_insert(0) += 1;
            self.classes.insert(target.object, target.class);
            self.doomed.remove(&target.object);
            self.places
                .insert(target.object, (group.object, name.into()));
        }
        match self.links.get_mut(&group.object) {
            Some(links) => {
                links.insert(name, record);
                self.residents.grew(group.object, of_link(name));
            }
            None => self.questions.forget(group.object),
        }
    }

    pub(super) fn remove_link(&mut self, group: ObjectId, name: &str) -> Option<LinkRecord> {
        let links = self.links.get_mut(&group.object)?;
        let record = links.remove(name)?;
        links.restart_if_empty();
        self.residents.shrank(group.object, of_link(name));
        if let Link::Hard(target) = record.link {
            self.uncount(target);
        }
        Some(record)
    }

    /// Known datasets and attributes whose type is this committed datatype: HDF5 counts them.
    pub(super) fn known_users_of(&self, datatype: ObjectId) -> u32 {
        u32::try_from(self.users.count(datatype)).unwrap_or(u32::MAX)
    }

    /// What counted hard links of this `domain` lead to, each once.
    pub(super) fn known_targets(&self, domain: u64) -> Vec<ObjectId> {
        let linked = self.hard_links.iter().filter(|(_, count)| **count > 0);
        let id = |(&object, _): (&u64, &u32)| {
            let class = *self.classes.get(&object)?;
            Some(ObjectId {
                class,
                domain,
                object,
            })
        };
        linked.filter_map(id).collect()
    }

    fn uncount(&mut self, target: ObjectId) {
        if let Some(count) = self.hard_links.get_mut(&target.object) {
            *count = count.saturating_sub(1);
        }
    }

    /// Hard links to an object in the groups whose links are known.
    pub(super) fn known_links_to(&self, id: ObjectId) -> u32 {
        self.hard_links.get(&id.object).copied().unwrap_or(0)
    }

    /// Known hard links to an object and the references that no link stands for.
    pub(super) fn known_references_to(&self, id: ObjectId) -> i64 {
        let counted = self.head(id).map_or(0, |head| head.annotations.references);
        i64::from(self.known_links_to(id)) + i64::from(counted)
    }

    /// Whether no hard link to this object can be unknown.
    pub(super) fn knows_all_links_to(&self, id: ObjectId) -> bool {
        self.complete || (self.ours.contains(&id.object) && self.uncounted.is_empty())
    }

    /// Whether this session made the object.
    pub(super) fn is_ours(&self, id: ObjectId) -> bool {
        self.ours.contains(&id.object)
    }

    /// Notes that the links of every reachable group have been learned.
    pub(super) fn set_complete(&mut self) {
        self.complete = true;
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    // ---- attributes -------------------------------------------------------------------------

    /// For what leaves types and number of the attributes as they are: users of types are counted.
    pub(super) fn attributes_mut(&mut self, id: ObjectId) -> Option<&mut Attributes> {
        self.attributes.get_mut(&id.object)
    }

    /// Adds an attribute to those of an object, if they are known.
    pub(super) fn insert_attribute(&mut self, id: ObjectId, name: &str, record: AttributeRecord) {
        if let Some(attributes) = self.attributes.get_mut(&id.object) {
            let bytes = of_attribute(name, &record);
            if let Some(replaced) = attributes.get(name) {
                self.users.attribute_removed(id.object, replaced);
            }
            self.users.attribute_added(id.object, &record);
            attributes.insert(name, record);
            self.residents.grew(id.object, bytes);
        }
    }

    /// Takes an attribute from those of an object, if they are known.
    pub(super) fn remove_attribute(&mut self, id: ObjectId, name: &str) {
        let Some(attributes) = self.attributes.get_mut(&id.object) else {
            return;
        };
        if let Some(record) = attributes.remove(name) {
            attributes.restart_if_empty();
            self.users.attribute_removed(id.object, &record);
            self.residents
                .shrank(id.object, of_attribute(name, &record));
        }
    }

    /// Notes the value of an attribute, if it is known.
    pub(super) fn set_attribute_value(&mut self, id: ObjectId, name: &str, value: AttributeValue) {
        let attributes = self.attributes.get_mut(&id.object);
        let Some(record) = attributes.and_then(|attributes| attributes.get_mut(name)) else {
            return;
        };
        let before = of_attribute(name, record);
        record.value = value;
        let now = of_attribute(name, record);
        self.residents.shrank(id.object, before);
        self.residents.grew(id.object, now);
    }

    // ---- values -----------------------------------------------------------------------------

    /// Notes that elements of a dataset were written.
    pub(super) fn wrote(&mut self, id: ObjectId) {
        self.written.insert(id.object);
    }

    pub(super) fn is_written(&self, id: ObjectId) -> bool {
        self.written.contains(&id.object)
    }

    // ---- open handles -----------------------------------------------------------------------

    pub(super) fn opened(&mut self, id: ObjectId) {
        *self.open.entry(id.object).or_insert(0) += 1;
    }

    /// Notes a closed handle. If it was the last one of an object that is to go with it: what becomes of
    /// the change by which it goes.
    pub(super) fn closed(&mut self, id: ObjectId) -> Option<Fate> {
        let count = self.open.get_mut(&id.object)?;
        *count -= 1;
        if *count > 0 {
            return None;
        }
        self.open.remove(&id.object);
        self.doomed.remove(&id.object)
    }

    /// Number of handles of an object.
    pub(super) fn handles(&self, id: ObjectId) -> usize {
        self.open.get(&id.object).copied().unwrap_or(0)
    }

    pub(super) fn is_open(&self, id: ObjectId) -> bool {
        self.open.contains_key(&id.object)
    }

    /// The object goes when its last handle is closed, unless something needs it then, or the change by
    /// which it goes was refused.
    pub(super) fn doom(&mut self, id: ObjectId, by: Fate) {
        self.doomed.insert(id.object, by);
    }

    /// The object stays, after all.
    pub(super) fn spare(&mut self, id: ObjectId) {
        self.doomed.remove(&id.object);
    }
}

/// Targets of the hard links, each as often as it is linked.
pub(super) fn hard_targets(links: &Links) -> impl Iterator<Item = ObjectId> + '_ {
    links.iter().filter_map(|(_, record)| match record.link {
        Link::Hard(target) => Some(target),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::datatype::CharSet;

    use super::super::annotations::Annotations;
    use super::super::records::Content;
    use super::*;

    fn hard(id: ObjectId) -> LinkRecord {
        LinkRecord {
            link: Link::Hard(id),
            charset: CharSet::Ascii,
        }
    }

    fn head(content: Content) -> Head {
        Head {
            created: 1.0,
            modified: 1.0,
            annotations: Annotations::default(),
            content,
        }
    }

    fn group() -> Head {
        head(Content::Group(Arc::default()))
    }

    fn learn(cache: &mut Cache, id: ObjectId, links: Links) {
        let question = cache.questions.ask();
        let found = Found {
            id,
            head: group(),
            links: Some(links),
            attributes: Some(Attributes::default()),
            next_link: 0,
            next_attribute: 0,
        };
        cache.learn(question, found);
        cache.questions.answered(question);
    }

    #[test]
    fn hard_links_are_counted_through_every_change() {
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Group);
        let mut cache = Cache::default();
        let links = Links::in_order([("a", hard(id)), ("b", hard(id))]);
        learn(&mut cache, root, links.clone());
        learn(&mut cache, root, links);
        assert_eq!(cache.known_links_to(id), 2);
        assert_eq!(cache.class_of(id.object), Some(ObjectClass::Group));
        cache.insert_link(root, "c", hard(id));
        cache.remove_link(root, "a");
        assert_eq!(cache.known_links_to(id), 2);
        assert_eq!(cache.place_of(id.object), Some((root.object, "c")));
        cache.remove_link(root, "c");
        assert_eq!(cache.place_of(id.object), None);
        cache.forget(root);
        assert_eq!(cache.known_links_to(id), 0);
        assert!(!cache.knows_all_links_to(id));
    }

    #[test]
    fn what_is_known_is_not_replaced_by_an_answer() {
        let root = ObjectId::new_root();
        let mut cache = Cache::default();
        learn(&mut cache, root, Links::default());
        cache.insert_link(root, "a", hard(root));
        learn(&mut cache, root, Links::default());
        assert!(cache.links(root).unwrap().contains("a"));
    }

    #[test]
    fn an_old_answer_brings_nothing_back() {
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Group);
        let mut cache = Cache::default();
        let question = cache.questions.ask();
        cache.deleted(id);
        cache.forget(root);
        let found = |id| Found {
            id,
            head: group(),
            links: Some(Links::in_order([("a", hard(root))])),
            attributes: Some(Attributes::default()),
            next_link: 0,
            next_attribute: 0,
        };
        cache.learn(question, found(id));
        cache.learn(question, found(root));
        assert!(!cache.knows(id) && !cache.knows(root));
        assert_eq!(cache.known_links_to(root), 0);
        let question = cache.questions.ask();
        cache.learn(question, found(root));
        assert!(cache.knows(root));
    }

    #[test]
    fn doomed_objects_go_with_their_last_handle() {
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
        let mut cache = Cache::default();
        cache.opened(id);
        cache.opened(id);
        cache.doom(id, Fate::done());
        assert!(cache.closed(id).is_none());
        assert!(cache.is_open(id));
        assert!(cache.closed(id).is_some());
        assert!(cache.closed(id).is_none());
    }
}
