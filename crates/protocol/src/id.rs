//! Object ids: 64 bits that name the domain, 64 bits that name the object in it, a class letter.
//!
//! HSDS derives a domain's root group from the same 64 bits as every other object of it, so the
//! root (and membership in a domain) can be computed from any id.

use rand::TryRngCore;
use rand::rngs::OsRng;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{ProtocolError, Result};

/// HSDS makes the object half of a root group by flipping the top bit of every hex digit of the
/// domain half.
const ROOT_MASK: u64 = 0x8888_8888_8888_8888;

/// Characters of an id, and where dashes are among them.
const LENGTH: usize = 38;
const DASHES: [usize; 5] = [1, 10, 19, 24, 31];

/// The three kinds of object that have an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectClass {
    /// `g-...`, collection `groups`
    Group,
    /// `d-...`, collection `datasets`
    Dataset,
    /// `t-...`, collection `datatypes`
    Datatype,
}

impl ObjectClass {
    /// All classes, in the order in which an object of unknown class is looked for.
    pub const ALL: [ObjectClass; 3] = [Self::Group, Self::Dataset, Self::Datatype];

    /// The letter that starts an id of this class.
    pub fn letter(self) -> char {
        match self {
            Self::Group => 'g',
            Self::Dataset => 'd',
            Self::Datatype => 't',
        }
    }

    /// The path segment under which objects of this class live: `groups`, `datasets`, `datatypes`.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Group => "groups",
            Self::Dataset => "datasets",
            Self::Datatype => "datatypes",
        }
    }

    /// The name used in `class` members and messages: `group`, `dataset`, `datatype`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Dataset => "dataset",
            Self::Datatype => "datatype",
        }
    }

    fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'g' => Some(Self::Group),
            b'd' => Some(Self::Dataset),
            b't' => Some(Self::Datatype),
            _ => None,
        }
    }
}

/// Identity of a group, dataset or committed datatype; unique over all domains of a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// What kind of object this is.
    pub class: ObjectClass,
    /// The half shared by all objects of a domain.
    pub domain: u64,
    /// The half that tells the domain's objects apart; HDF5 object tokens carry it.
    pub object: u64,
}

/// A random number of the system's. A generator of the thread's own is gone when changes that are
/// still queued are sent at a program's end.
fn random() -> u64 {
    OsRng.try_next_u64().unwrap_or_else(|_| rand::random())
}

impl ObjectId {
    /// The root group of the domain with this half.
    pub fn root(domain: u64) -> Self {
        Self {
            class: ObjectClass::Group,
            domain,
            object: domain ^ ROOT_MASK,
        }
    }

    /// The root group of a new domain.
    pub fn new_root() -> Self {
        Self::root(random())
    }

    /// A new id for an object of the same domain as `self`.
    pub fn new_in_domain(self, class: ObjectClass) -> Self {
        let object = random();
        Self {
            class,
            object,
            ..self
        }
        .next(class)
    }

    /// The id behind this one, of an object of this class.
    pub fn next(self, class: ObjectClass) -> Self {
        let mut object = self.object;
        loop {
            object = object.wrapping_add(1);
            // Neither "undefined" as an HDF5 address (all ones), nor null (zero), nor the root.
            if object != 0 && object != u64::MAX && object != self.domain ^ ROOT_MASK {
                return Self {
                    class,
                    domain: self.domain,
                    object,
                };
            }
        }
    }

    /// The 38 characters: letter, hex digits of both halves, dashes.
    fn text(self) -> [u8; LENGTH] {
        let digits = u128::from(self.domain) << 64 | u128::from(self.object);
        let (mut text, mut left) = ([b'-'; LENGTH], 128);
        text[0] = self.class.letter() as u8;
        for (at, character) in text.iter_mut().enumerate().skip(1) {
            if !DASHES.contains(&at) {
                left -= 4;
                *character = b"0123456789abcdef"[(digits >> left) as usize & 0xf];
            }
        }
        text
    }

    /// The root group of this object's domain.
    pub fn root_of(self) -> Self {
        Self::root(self.domain)
    }

    /// Whether this is the root group of its domain.
    pub fn is_root(self) -> bool {
        self == self.root_of()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = ProtocolError;

    fn from_str(text: &str) -> Result<Self> {
        parse(text.as_bytes()).ok_or_else(|| ProtocolError::InvalidId(text.to_owned()))
    }
}

/// Reads the 38 characters; `None` if one of them is out of place.
fn parse(text: &[u8]) -> Option<ObjectId> {
    if text.len() != LENGTH {
        return None;
    }
    let class = ObjectClass::from_letter(text[0])?;
    let (mut digits, mut count) = (0u128, 0);
    for (at, &byte) in text.iter().enumerate().skip(1) {
        if DASHES.contains(&at) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        digits = digits << 4 | u128::from(digit);
        count += 1;
    }
    (count == 32).then_some(ObjectId {
        class,
        domain: (digits >> 64) as u64,
        object: digits as u64,
    })
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trip() {
        let text = "d-11111111-22222222-3333-444444-555555";
        let id: ObjectId = text.parse().unwrap();
        assert_eq!(id.class, ObjectClass::Dataset);
        assert_eq!(id.domain, 0x1111_1111_2222_2222);
        assert_eq!(id.object, 0x3333_4444_4455_5555);
        assert_eq!(id.to_string(), text);
    }

    #[test]
    fn root_follows_from_any_object() {
        let root = ObjectId::new_root();
        let member = root.new_in_domain(ObjectClass::Dataset);
        assert!(root.is_root() && !member.is_root());
        assert_eq!(member.root_of(), root);
        let known: ObjectId = "g-0123abcd-00000000-89ab-234588-888888".parse().unwrap();
        assert!(known.is_root());
    }

    #[test]
    fn refuses_what_is_not_an_id() {
        for text in [
            "",
            "x-11111111-22222222-3333-444444-555555",
            "g-11111111-22222222-3333-444444-55555",
            "g-11111111-22222222-3333-444444-55555G",
            "G-11111111-22222222-3333-444444-555555",
            "g-1111111-122222222-3333-444444-555555",
        ] {
            assert!(text.parse::<ObjectId>().is_err(), "{text}");
        }
    }
}
