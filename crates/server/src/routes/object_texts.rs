//! Links and attributes as JSON text, straight from their records: what `link_documents` and
//! `attribute_documents` show of all those of an object, for `many_objects`, whose answers have very
//! many of them.

use std::ops::ControlFlow;

use h5rest_protocol::document::Document;
use h5rest_protocol::values::text;
use h5rest_protocol::{Datatype, ObjectId, Shape};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::attribute_documents::is_at_most;
use crate::error::{ApiError, Result};
use crate::model::attributes::Shown;
use crate::model::records::{self, AttributeRecord};
use crate::store::Reader;
use crate::store::keys::{self, Part};

/// Writes links and attributes. What it wrote of the last attributes' types it writes again of others
/// that have the same.
#[derive(Debug, Default)]
pub struct Texts {
    known: Vec<Declaration>,
}

/// So many are remembered.
const MOST_KNOWN: usize = 16;

impl Texts {
    /// Adds a document.
    pub fn append<T: Serialize>(&self, document: &T, text: &mut Vec<u8>) -> Result<()> {
        append(document, text)
    }

    /// Adds the links of a group, by title. Returns what the hard ones lead to.
    pub fn links(
        &self,
        reader: &dyn Reader,
        group: ObjectId,
        text: &mut Vec<u8>,
    ) -> Result<Vec<ObjectId>> {
        let mut targets = Vec::new();
        by_name(reader, group, Part::Link, text, |value, text| {
            let link: LinkText<'_> = records::decode(value)?;
            let target = link.item.root().member("id").as_str();
            targets.extend(target.and_then(|id| id.parse::<ObjectId>().ok()));
            append(&link, text)
        })?;
        Ok(targets)
    }

    /// Adds the attributes of an object, by name; without values of more than `most` bytes.
    pub fn attributes(
        &mut self,
        reader: &dyn Reader,
        object: ObjectId,
        most: Option<u64>,
        text: &mut Vec<u8>,
    ) -> Result<()> {
        by_name(reader, object, Part::Attribute, text, |record, text| {
            let (header, value) = AttributeRecord::parts(record)?;
            self.attribute(header, value, most, text)
        })
    }

    fn attribute(
        &mut self,
        header: &[u8],
        value: &[u8],
        most: Option<u64>,
        text: &mut Vec<u8>,
    ) -> Result<()> {
        let (created, number, declaration) = self.declaration(header)?;
        text.push(b'{');
        text.extend_from_slice(&declaration.text);
        if is_at_most(value.len(), most) {
            declaration.add_value(value, text)?;
        }
        text.extend_from_slice(b",\"created\":");
        append(&created, text)?;
        text.extend_from_slice(b",\"creationOrder\":");
        append(&number, text)?;
        text.push(b'}');
        Ok(())
    }

    /// When an attribute was made, its number, and what else its header says.
    fn declaration(&mut self, header: &[u8]) -> Result<(f64, u64, &mut Declaration)> {
        let split = split_header(header);
        if let Some((created, number, rest)) = split
            && let Some(at) = self
                .known
                .iter()
                .position(|known| known.stored.as_deref() == Some(rest))
        {
            return Ok((created, number, &mut self.known[at]));
        }
        let header: records::AttributeHeader = records::decode(header)?;
        if self.known.len() == MOST_KNOWN {
            self.known.remove(0);
        }
        let stored = split.map(|(_, _, rest)| rest.to_vec());
        let (created, number) = (header.created, header.number);
        self.known.push(Declaration::new(stored, header)?);
        let at = self.known.len() - 1;
        Ok((created, number, &mut self.known[at]))
    }
}

/// What the headers of many attributes say.
#[derive(Debug)]
struct Declaration {
    /// How it lies in the store, if that is the usual form.
    stored: Option<Vec<u8>>,
    header: records::AttributeHeader,
    /// What it means, once that was asked for.
    meaning: Option<(Datatype, Shape)>,
    /// The members that show it.
    text: Vec<u8>,
}

impl Declaration {
    fn new(stored: Option<Vec<u8>>, header: records::AttributeHeader) -> Result<Self> {
        let mut text = b"\"type\":".to_vec();
        append(&header.datatype, &mut text)?;
        text.extend_from_slice(b",\"shape\":");
        append(&header.shape, &mut text)?;
        Ok(Self {
            stored,
            header,
            meaning: None,
            text,
        })
    }

    /// Adds the members that show a value.
    fn add_value(&mut self, value: &[u8], text: &mut Vec<u8>) -> Result<()> {
        text.extend_from_slice(b",\"value\":");
        if !self.header.written {
            text.extend_from_slice(b"null");
            return Ok(());
        }
        let (datatype, shape) = match self.meaning.take() {
            Some(meaning) => self.meaning.insert(meaning),
            None => {
                let meaning = (self.header.datatype()?, self.header.shape()?);
                self.meaning.insert(meaning)
            }
        };
        match Shown::of(datatype, shape, value) {
            Shown::Json(value) => append(&value, text),
            Shown::Base64(value) => {
                append(&value, text)?;
                text.extend_from_slice(b",\"encoding\":\"base64\"");
                Ok(())
            }
        }
    }
}

/// The numbers at the start of an attribute's header as it lies in the store, and the rest, which
/// is the same for many attributes; `None` if it begins otherwise.
fn split_header(header: &[u8]) -> Option<(f64, u64, &[u8])> {
    let (created, rest) = up_to_comma(header.strip_prefix(b"{\"created\":")?)?;
    let (number, rest) = up_to_comma(rest.strip_prefix(b"\"number\":")?)?;
    let rest = rest.strip_prefix(b"\"type\":")?;
    let created: f64 = created.parse().ok()?;
    let number = number.parse().ok()?;
    created.is_finite().then_some((created, number, rest))
}

fn up_to_comma(text: &[u8]) -> Option<(&str, &[u8])> {
    let at = text.iter().position(|&byte| byte == b',')?;
    let before = std::str::from_utf8(&text[..at]).ok()?;
    Some((before, &text[at + 1..]))
}

/// A link's record.
#[derive(Deserialize)]
struct LinkText<'a> {
    created: f64,
    number: u64,
    #[serde(borrow)]
    item: Document<'a>,
}

impl Serialize for LinkText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let item = self.item.root().members();
        for (name, value) in item.filter(|(name, _)| !["created", "creationOrder"].contains(name)) {
            map.serialize_entry(name, &value)?;
        }
        map.serialize_entry("created", &self.created)?;
        map.serialize_entry("creationOrder", &self.number)?;
        map.end()
    }
}

/// Adds all records of a part of an object by name, each as `write` writes it.
fn by_name(
    reader: &dyn Reader,
    object: ObjectId,
    part: Part,
    text: &mut Vec<u8>,
    mut write: impl FnMut(&[u8], &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    let start = keys::part(object, part);
    let (mut problem, mut is_first) = (None, true);
    text.push(b'{');
    reader.scan(&start, &keys::end_of(&start), &mut |key, record| {
        if !std::mem::take(&mut is_first) {
            text.push(b',');
        }
        let written = append(&keys::name(key), text).and_then(|()| {
            text.push(b':');
            write(&record, text)
        });
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                problem = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    text.push(b'}');
    problem.map_or(Ok(()), Err)
}

fn append<T: Serialize + ?Sized>(document: &T, text: &mut Vec<u8>) -> Result<()> {
    let added = text::append_lenient(document, text);
    added.map_err(|error| ApiError::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_split_where_the_numbers_end() {
        let header = br#"{"created":1.5,"number":7,"type":{"a":1},"shape":{},"written":true}"#;
        let (created, number, rest) = split_header(header).unwrap();
        assert_eq!((created, number), (1.5, 7));
        assert_eq!(rest, br#"{"a":1},"shape":{},"written":true}"#);
        for other in [
            &br#"{"number":7,"created":1.5,"type":"t","shape":"s","written":true}"#[..],
            br#"{"created":null,"number":7,"type":"t"}"#,
            br#"{"created":1.5,"number":-7,"type":"t"}"#,
            br#"{"created":1.5,"number":7}"#,
            b"",
        ] {
            assert!(split_header(other).is_none());
        }
    }

    #[test]
    fn the_same_declaration_is_read_once() {
        let mut texts = Texts::default();
        let mut show = |header: &str, value: &[u8], most| {
            let mut text = Vec::new();
            texts
                .attribute(header.as_bytes(), value, most, &mut text)
                .unwrap();
            String::from_utf8(text).unwrap()
        };
        let rest = r#""type":"H5T_STD_I8LE","shape":"H5S_SCALAR","written":true}"#;
        for number in 0..3u8 {
            let header = format!("{{\"created\":1.5,\"number\":{number},{rest}");
            let expected = format!(
                "{{\"type\":\"H5T_STD_I8LE\",\"shape\":\"H5S_SCALAR\",\"value\":{number},\
                 \"created\":1.5,\"creationOrder\":{number}}}"
            );
            assert_eq!(show(&header, &[number], None), expected);
        }
        let unwritten = rest.replace("true", "false");
        let header = format!("{{\"created\":1.5,\"number\":0,{unwritten}");
        assert!(show(&header, &[], None).contains("\"value\":null"));
        let header = format!("{{\"created\":1.5,\"number\":0,{rest}");
        assert!(!show(&header, &[1, 2], Some(1)).contains("value"));
        let strange = format!("{{\"number\":4,\"created\":1.5,{rest}");
        for _ in 0..2 {
            assert!(show(&strange, &[9], None).contains("\"value\":9,"));
        }
        assert!(texts.known.len() >= 3);
    }
}
