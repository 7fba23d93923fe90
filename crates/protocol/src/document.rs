//! JSON documents read in place, for answers that tell of very many objects.
//!
//! A [`Value`] makes a string of every name and a hash table of every object. A [`Document`] is one
//! list of parts, and its texts are those of its source, so that reading it costs little more than
//! going through the text. What is rarely looked at becomes a [`Value`] when it is
//! ([`Node::to_value`]). The connector reads objects from these, the server its own records.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

use crate::error::Result;
use crate::values::text;

/// A JSON document. Its texts belong to the source that it was read from, but for those with
/// escapes.
#[derive(Debug, Clone)]
pub struct Document<'a>(Vec<Part<'a>>);

/// A value with all that is in it, as a document lists it: what an array or an object contains
/// follows it. In an object each value stands behind its name.
#[derive(Debug, Clone)]
enum Part<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    /// How many parts follow that belong to it.
    Array(usize),
    /// The same.
    Object(usize),
}

/// Numbers are the same if they are written the same: there are two zeros.
impl PartialEq for Part<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => match (a.is_f64(), b.is_f64()) {
                (true, true) => a.as_f64().map(f64::to_bits) == b.as_f64().map(f64::to_bits),
                _ => a == b,
            },
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Array(a), Self::Array(b)) | (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

/// Stands where a document has nothing.
static NULL: [Part<'static>; 1] = [Part::Null];

/// A value in a document. Two are equal if they say the same in the same order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node<'d>(&'d [Part<'d>]);

impl<'a> Document<'a> {
    /// Reads JSON in which numbers may be bare `NaN`, `Infinity` or `-Infinity`; these become
    /// strings, as in [`text::parse_lenient`].
    pub fn parse(source: &'a [u8]) -> Result<Self> {
        // Once it is known to be text as a whole, no string needs to be looked at again.
        match str::from_utf8(source).ok().and_then(Self::strict) {
            Some(document) => Ok(document),
            None => Ok(Document::of(&text::parse_lenient(source)?).into_owned()),
        }
    }

    fn strict(source: &'a str) -> Option<Self> {
        // Parts have about so many characters; more room than this is made as it is needed.
        let mut parts = Vec::with_capacity((source.len() / 8).min(1 << 16));
        let mut parser = serde_json::Deserializer::from_str(source);
        Reader(&mut parts).deserialize(&mut parser).ok()?;
        parser.end().ok()?;
        Some(Self(parts))
    }

    /// The same as a value.
    pub fn of(value: &'a Value) -> Self {
        let mut parts = Vec::new();
        add(value, &mut parts);
        Self(parts)
    }

    /// The document's value.
    pub fn root(&self) -> Node<'_> {
        Node(if self.0.is_empty() { &NULL } else { &self.0 })
    }

    fn into_owned(self) -> Document<'static> {
        let owned = |part| match part {
            Part::Null => Part::Null,
            Part::Bool(flag) => Part::Bool(flag),
            Part::Number(number) => Part::Number(number),
            Part::Text(text) => Part::Text(Cow::Owned(text.into_owned())),
            Part::Array(count) => Part::Array(count),
            Part::Object(count) => Part::Object(count),
        };
        Document(self.0.into_iter().map(owned).collect())
    }
}

fn add<'a>(value: &'a Value, parts: &mut Vec<Part<'a>>) {
    let at = parts.len();
    match value {
        Value::Null => parts.push(Part::Null),
        Value::Bool(flag) => parts.push(Part::Bool(*flag)),
        Value::Number(number) => parts.push(Part::Number(number.clone())),
        Value::String(text) => parts.push(Part::Text(Cow::Borrowed(text))),
        Value::Array(items) => {
            parts.push(Part::Array(0));
            items.iter().for_each(|item| add(item, parts));
            parts[at] = Part::Array(parts.len() - at - 1);
        }
        Value::Object(members) => {
            parts.push(Part::Object(0));
            for (name, value) in members {
                parts.push(Part::Text(Cow::Borrowed(name)));
                add(value, parts);
            }
            parts[at] = Part::Object(parts.len() - at - 1);
        }
    }
}

impl<'d> Node<'d> {
    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.0, [Part::Null, ..])
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        matches!(self.0, [Part::Object(_), ..])
    }

    /// Its text, if it is one.
    pub fn as_str(self) -> Option<&'d str> {
        match self.0 {
            [Part::Text(text), ..] => Some(text),
            _ => None,
        }
    }

    /// Its flag, if it is `true` or `false`.
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            [Part::Bool(flag), ..] => Some(*flag),
            _ => None,
        }
    }

    /// Its number, if it is an integer of this type.
    pub fn as_i64(self) -> Option<i64> {
        self.number()?.as_i64()
    }

    /// Its number, if it is one.
    pub fn as_f64(self) -> Option<f64> {
        self.number()?.as_f64()
    }

    fn number(self) -> Option<&'d Number> {
        match self.0 {
            [Part::Number(number), ..] => Some(number),
            _ => None,
        }
    }

    /// The items of an array; none of anything else.
    pub fn items(self) -> impl Iterator<Item = Node<'d>> + use<'d> {
        let mut rest = match self.0 {
            [Part::Array(_), items @ ..] => items,
            _ => &[],
        };
        std::iter::from_fn(move || take(&mut rest))
    }

    /// The members of an object, in order; none of anything else.
    pub fn members(self) -> impl Iterator<Item = (&'d str, Node<'d>)> + use<'d> {
        let mut rest = match self.0 {
            [Part::Object(_), members @ ..] => members,
            _ => &[],
        };
        std::iter::from_fn(move || {
            let name = take(&mut rest)?.as_str()?;
            Some((name, take(&mut rest)?))
        })
    }

    /// A member of an object; the last one if several have this name, as in a [`Value`].
    pub fn get(self, name: &str) -> Option<Node<'d>> {
        let named = self.members().filter(|(member, _)| *member == name);
        named.last().map(|(_, value)| value)
    }

    /// A member of an object, `null` if it has none of that name.
    pub fn member(self, name: &str) -> Node<'d> {
        self.get(name).unwrap_or(Node(&NULL))
    }

    /// The same as a [`Value`].
    pub fn to_value(self) -> Value {
        match &self.0[0] {
            Part::Null => Value::Null,
            Part::Bool(flag) => Value::Bool(*flag),
            Part::Number(number) => Value::Number(number.clone()),
            Part::Text(text) => Value::String(text.clone().into_owned()),
            Part::Array(_) => self.items().map(Node::to_value).collect(),
            Part::Object(_) => {
                let members = self.members();
                members
                    .map(|(name, value)| (name.to_owned(), value.to_value()))
                    .collect()
            }
        }
    }
}

/// Takes the first value of a list, with all that is in it.
fn take<'d>(rest: &mut &'d [Part<'d>]) -> Option<Node<'d>> {
    let count = match rest.first()? {
        Part::Array(count) | Part::Object(count) => 1 + count,
        _ => 1,
    };
    let (value, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    Some(Node(value))
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match &self.0[0] {
            Part::Null => serializer.serialize_unit(),
            Part::Bool(flag) => serializer.serialize_bool(*flag),
            Part::Number(number) => number.serialize(serializer),
            Part::Text(text) => serializer.serialize_str(text),
            Part::Array(_) => {
                let mut list = serializer.serialize_seq(None)?;
                for item in self.items() {
                    list.serialize_element(&item)?;
                }
                list.end()
            }
            Part::Object(_) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, value) in self.members() {
                    map.serialize_entry(name, &value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Document<'a> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> std::result::Result<Self, D::Error> {
        let mut parts = Vec::new();
        Reader(&mut parts).deserialize(source)?;
        Ok(Self(parts))
    }
}

/// Adds one value, with all that is in it, to the parts of a document.
struct Reader<'p, 'a>(&'p mut Vec<Part<'a>>);

impl<'de> DeserializeSeed<'de> for Reader<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> std::result::Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<(), E> {
        self.0.push(Part::Null);
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> std::result::Result<(), E> {
        self.0.push(Part::Bool(flag));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> std::result::Result<(), E> {
        self.0.push(Part::Number(number.into()));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> std::result::Result<(), E> {
        self.0.push(Part::Number(number.into()));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> std::result::Result<(), E> {
        let number = Number::from_f64(number);
        self.0.push(number.map_or(Part::Null, Part::Number));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<(), E> {
        self.0.push(Part::Text(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<(), E> {
        self.0.push(Part::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        let at = self.0.len();
        self.0.push(Part::Array(0));
        while list.next_element_seed(Reader(&mut *self.0))?.is_some() {}
        self.0[at] = Part::Array(self.0.len() - at - 1);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        let at = self.0.len();
        self.0.push(Part::Object(0));
        while map.next_key_seed(Reader(&mut *self.0))?.is_some() {
            map.next_value_seed(Reader(&mut *self.0))?;
        }
        self.0[at] = Part::Object(self.0.len() - at - 1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn says_what_a_value_says() {
        for source in [
            r#"{"a": [1, -2, 2.5, 1e300, true, null, "x\n\"ü", "", {}], "b": {"c": [[]]}}"#,
            "18446744073709551615",
            "-0.0",
            r#""text""#,
            r#"{"twice": 1, "other": 2, "twice": 3}"#,
            r#"[NaN, {"NaN": -Infinity}, "\u00e9"]"#,
        ] {
            let value = text::parse_lenient(source.as_bytes()).unwrap();
            let document = Document::parse(source.as_bytes()).unwrap();
            assert_eq!(document.root().to_value(), value, "{source}");
            assert_eq!(Document::of(&value).root().to_value(), value, "{source}");
            if !source.contains("twice") {
                let written = text::write_lenient(&document.root()).unwrap();
                assert_eq!(written, text::write_lenient(&value).unwrap());
            }
        }
    }

    #[test]
    fn refuses_what_a_value_refuses() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let bad = [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{1:2}",
            "tru",
            "1 2",
            "\"\\ud800\"",
            "1e999",
            "nan",
            &deep,
        ];
        for source in bad.map(str::as_bytes).into_iter().chain([&b"\"\xff\""[..]]) {
            assert!(text::parse_lenient(source).is_err(), "{source:?}");
            assert!(Document::parse(source).is_err(), "{source:?}");
        }
    }

    #[test]
    fn members_and_items() {
        let value = json!({"a": {"b": [1, "x", true]}, "n": -1.5});
        let document = Document::of(&value);
        let root = document.root();
        let items: Vec<_> = root.member("a").member("b").items().collect();
        assert_eq!(items.len(), 3);
        assert_eq!(items[0].as_i64(), Some(1));
        assert_eq!(items[1].as_str(), Some("x"));
        assert_eq!(items[2].as_bool(), Some(true));
        assert_eq!(root.member("n").as_f64(), Some(-1.5));
        assert!(root.member("absent").is_null() && root.get("absent").is_none());
        assert!(root.is_object() && items[0].members().next().is_none());
        let twice = Document::parse(br#"{"a": 1, "a": 2}"#).unwrap();
        assert_eq!(twice.root().member("a").as_i64(), Some(2));
    }

    #[test]
    fn equal_means_the_same() {
        let same = |a: &str, b: &str| {
            let (a, b) = (Document::parse(a.as_bytes()), Document::parse(b.as_bytes()));
            a.unwrap().root() == b.unwrap().root()
        };
        assert!(same(r#"{"a": [1, "x"]}"#, r#"{ "a":[1,"\u0078"] }"#));
        for (a, b) in [
            ("0.0", "-0.0"),
            ("1", "1.0"),
            ("[]", "{}"),
            ("[[1]]", "[[],1]"),
            (r#"{"a": 1}"#, r#"{"b": 1}"#),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }
}
