//! Which record lies under which key.
//!
//! All that belongs to an object has its key as prefix, all objects of a domain that of the
//! domain, and folders' entries that of the folder: deleting, listing and paging are ranges.

use std::borrow::Cow;

use h5rest_protocol::{ObjectClass, ObjectId};

const DOMAIN: u8 = b'd';
const OBJECT: u8 = b'o';
const ANSWER: u8 = b'a';

/// Parts of an object, in the order in which they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// What never changes: type, creation properties, time of creation.
    Header = 0,
    /// Numbers of links and attributes, time of change.
    Counters = 1,
    /// A dataset's shape.
    Extent = 2,
    /// An attribute; its name follows.
    Attribute = 3,
    /// A link; its title follows.
    Link = 4,
    /// A chunk of a dataset; its indices follow.
    Chunk = 5,
    /// What clients keep with the object beside its attributes.
    Annotations = 6,
    /// Who may do what with the object; of a root group, that some object of the domain has these.
    Acls = 7,
}

/// The record of a domain or folder: parent, NUL, name.
pub fn domain(path: &str) -> Vec<u8> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut key = folder(parent);
    key.extend_from_slice(name.as_bytes());
    key
}

/// What the records of all entries of a folder start with; `""` is the top.
pub fn folder(path: &str) -> Vec<u8> {
    let mut key = vec![DOMAIN];
    key.extend_from_slice(path.as_bytes());
    key.push(0);
    key
}

/// The path in the key of a domain's or folder's record.
pub fn domain_path(key: &[u8]) -> Option<String> {
    let (parent, name) = std::str::from_utf8(key.strip_prefix(&[DOMAIN])?)
        .ok()?
        .split_once('\0')?;
    Some(format!("{parent}/{name}"))
}

/// What the records of all domains and folders start with.
pub fn all_domains() -> Vec<u8> {
    vec![DOMAIN]
}

/// What the records of all objects start with.
pub fn all_objects() -> Vec<u8> {
    vec![OBJECT]
}

/// What the records of all answers start with that are remembered, see [`crate::repetition`].
pub fn answers() -> Vec<u8> {
    // Room for the rest of a key.
    let mut key = Vec::with_capacity(40);
    key.push(ANSWER);
    key
}

/// What all records of a domain's objects start with.
pub fn objects(domain: u64) -> Vec<u8> {
    // Room for the rest of a key without a long name.
    let mut key = Vec::with_capacity(64);
    key.push(OBJECT);
    key.extend_from_slice(&domain.to_be_bytes());
    key
}

/// What all records of a domain's objects of one class start with.
pub fn objects_of(domain: u64, class: ObjectClass) -> Vec<u8> {
    let mut key = objects(domain);
    key.push(class.letter() as u8);
    key
}

/// What all records of an object start with.
pub fn object(id: ObjectId) -> Vec<u8> {
    let mut key = objects_of(id.domain, id.class);
    key.extend_from_slice(&id.object.to_be_bytes());
    key
}

/// What all records of one part of an object start with.
pub fn part(id: ObjectId, part: Part) -> Vec<u8> {
    let mut key = object(id);
    key.push(part as u8);
    key
}

/// An attribute's or link's record.
pub fn named(id: ObjectId, kind: Part, name: &str) -> Vec<u8> {
    let mut key = part(id, kind);
    key.extend_from_slice(name.as_bytes());
    key
}

/// A chunk's record.
pub fn chunk(id: ObjectId, indices: &[u64]) -> Vec<u8> {
    let mut key = part(id, Part::Chunk);
    for index in indices {
        key.extend_from_slice(&index.to_be_bytes());
    }
    key
}

/// The indices in a chunk's key.
pub fn chunk_indices(key: &[u8]) -> Vec<u64> {
    let text = key.get(OBJECT_LENGTH + 1..).unwrap_or_default();
    text.as_chunks::<8>()
        .0
        .iter()
        .map(|b| u64::from_be_bytes(*b))
        .collect()
}

const OBJECT_LENGTH: usize = 1 + 8 + 1 + 8;

/// The name in an attribute's or link's key.
pub fn name(key: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(key.get(OBJECT_LENGTH + 1..).unwrap_or_default())
}

/// The object, and the part of it, that a key belongs to.
pub fn object_of(key: &[u8]) -> Option<(ObjectId, u8)> {
    let (domain, rest) = key.strip_prefix(&[OBJECT])?.split_first_chunk::<8>()?;
    let (letter, rest) = rest.split_first()?;
    let (object, rest) = rest.split_first_chunk::<8>()?;
    let class = ObjectClass::ALL
        .into_iter()
        .find(|c| c.letter() as u8 == *letter)?;
    let id = ObjectId {
        class,
        domain: u64::from_be_bytes(*domain),
        object: u64::from_be_bytes(*object),
    };
    Some((id, *rest.first()?))
}

/// The first key behind all that start with `prefix`.
pub fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.last_mut() {
        if *last < u8::MAX {
            *last += 1;
            return end;
        }
        end.pop();
    }
    // Keys start with a letter, so there always was a byte to count up.
    vec![u8::MAX; 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_should() {
        let id = ObjectId::new_root();
        let prefix = object(id);
        for key in [
            chunk(id, &[0, u64::MAX]),
            named(id, Part::Link, "\u{10ffff}"),
        ] {
            assert!(key.starts_with(&prefix) && key < end_of(&prefix));
            assert_eq!(object_of(&key).unwrap().0, id);
        }
        assert_eq!(chunk_indices(&chunk(id, &[3, 70_000])), [3, 70_000]);
        assert_eq!(name(&named(id, Part::Attribute, "é/x")), "é/x");
        assert!(domain("/home/u/f").starts_with(&folder("/home/u")));
        assert!(!domain("/home/u/f").starts_with(&folder("/home")));
        assert_eq!(domain_path(&domain("/home/u/f")).unwrap(), "/home/u/f");
        assert_eq!(domain_path(&domain("/home")).unwrap(), "/home");
        assert_eq!(end_of(&[b'o', 255, 255]), [b'p']);
    }
}
