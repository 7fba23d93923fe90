//! Attributes as documents, and as requests describe them.

use std::cell::Cell;

use h5rest_protocol::values::binary;
use h5rest_protocol::{ObjectId, Shape};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::link_documents::created;
use super::pattern::Pattern;
use crate::error::{ApiError, Result};
use crate::model::attributes::{self, MOST_BYTES, NamedAttribute, NewAttribute};
use crate::model::types::TypeDocument;
use crate::store::{Reader, Store};

/// How much of an attribute a document shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detail {
    /// Its value.
    pub value: bool,
    /// The value as base64 of its elements, where they have a fixed size.
    pub base64: bool,
    /// No value that is larger than this.
    pub most: Option<u64>,
}

impl Detail {
    /// What the request asks for; `value` unless it says otherwise.
    pub fn asked(call: &Call, value: bool) -> Result<Self> {
        let encoding = call.query.get("encoding");
        if encoding.is_some_and(|e| e != "base64") {
            return Err(ApiError::bad_request(
                "the only encoding of values is base64",
            ));
        }
        Ok(Self {
            value: call.query.flag_or("IncludeData", value),
            base64: encoding.is_some(),
            most: call.query.number("max_data_size")?.filter(|&most| most > 0),
        })
    }
}

/// All attributes of an object by name, as `include_attrs` shows them.
pub fn by_name(reader: &dyn Reader, object: ObjectId) -> Result<Value> {
    let mut found = Map::new();
    for attribute in attributes::all(reader, object)? {
        let header = &attribute.record.header;
        let mut document = Map::new();
        document.insert("type".into(), header.datatype.clone());
        document.insert("shape".into(), header.shape.clone());
        attribute.record.insert_value(&mut document, false)?;
        document.insert("created".into(), json!(header.created));
        document.insert("creationOrder".into(), json!(header.number));
        found.insert(attribute.name, Value::Object(document));
    }
    Ok(Value::Object(found))
}

/// Whether a value of this length is not larger than what is shown.
pub fn is_at_most(length: usize, most: Option<u64>) -> bool {
    most.is_none_or(|most| length as u64 <= most)
}

/// One attribute.
pub fn named(attribute: &NamedAttribute, detail: Detail) -> Result<Map<String, Value>> {
    let (record, mut document) = (&attribute.record, Map::new());
    document.insert("name".into(), json!(attribute.name));
    document.insert("type".into(), record.header.datatype.clone());
    document.insert("shape".into(), record.header.shape.clone());
    if detail.value && is_at_most(record.value.len(), detail.most) {
        record.insert_value(&mut document, detail.base64)?;
    }
    document.insert("created".into(), json!(record.header.created));
    document.insert("creationOrder".into(), json!(record.header.number));
    Ok(document)
}

/// An attribute as listings of one object show it, with a reference.
pub fn listed(
    call: &Call,
    object: ObjectId,
    attribute: &NamedAttribute,
    detail: Detail,
) -> Result<Value> {
    let mut document = named(attribute, detail)?;
    let own = format!(
        "/{}/{object}/attributes/{}",
        object.class.collection(),
        attribute.name
    );
    document.insert("href".into(), json!(call.href(&own)));
    Ok(Value::Object(document))
}

/// The attributes of an object that the request asks for: order, marker, limit, pattern.
pub fn page(call: &Call, reader: &dyn Reader, object: ObjectId) -> Result<Vec<NamedAttribute>> {
    let marker = call.query.get("Marker");
    let limit = call.query.limit()?.unwrap_or(u64::MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if let Some(marker) = marker
        && attributes::find(reader, object, marker)?.is_none()
    {
        let reason = format!("no attribute '{marker}' to start behind");
        return Err(ApiError::not_found(reason));
    }
    let mut found = if call.query.flag("CreateOrder") {
        let mut found = attributes::all(reader, object)?;
        attributes::sort_by_creation(&mut found);
        if let Some(at) = marker.and_then(|m| found.iter().position(|a| a.name == m)) {
            found.drain(..=at);
        }
        found.truncate(limit);
        found
    } else {
        attributes::some(reader, object, marker, limit)?
    };
    // HSDS limits first and matches then.
    if let Some(wanted) = call.query.get("pattern") {
        let wanted = Pattern::new(wanted)?;
        found.retain(|attribute| wanted.matches(&attribute.name));
    }
    Ok(found)
}

/// Bytes of values that one request may still have made of JSON: all of them are in memory until they are stored.
#[derive(Debug)]
pub struct Room(Cell<u64>);

impl Room {
    /// For all values of a request.
    pub fn new() -> Self {
        Self(Cell::new(MOST_BYTES as u64))
    }

    /// Bytes that the next value may have.
    pub fn left(&self) -> u64 {
        self.0.get()
    }

    /// Takes note of a value.
    pub fn take(&self, value: &[u8]) {
        self.0.set(self.left().saturating_sub(value.len() as u64));
    }
}

/// Attributes as a request describes them, in its order.
pub fn read_attributes(
    reader: &dyn Reader,
    store: &Store,
    root: ObjectId,
    sent: &Value,
    room: &Room,
) -> Result<Vec<NewAttribute>> {
    let sent = sent.as_object();
    let sent = sent.ok_or_else(|| ApiError::bad_request("attributes is an object by name"))?;
    let read =
        |(name, item): (&String, &Value)| read_attribute(reader, store, root, name, item, room);
    sent.iter().map(read).collect()
}

/// One attribute as a request describes it.
pub fn read_attribute(
    reader: &dyn Reader,
    store: &Store,
    root: ObjectId,
    name: &str,
    sent: &Value,
    room: &Room,
) -> Result<NewAttribute> {
    let read = || -> Result<NewAttribute> {
        if name.is_empty() {
            return Err(ApiError::bad_request("an attribute needs a name"));
        }
        let datatype = sent
            .get("type")
            .ok_or_else(|| ApiError::bad_request("no type"))?;
        let datatype = TypeDocument::read(reader, store, root, datatype)?;
        let shape = match sent.get("shape") {
            None | Some(Value::Null) => Shape::Scalar,
            // An attribute never grows.
            Some(sent) => match Shape::from_json(sent)? {
                Shape::Simple { dims, .. } => Shape::fixed(dims),
                other => other,
            },
        };
        check_size(&datatype, &shape)?;
        let value = match sent.get("value").filter(|v| !v.is_null()) {
            None => None,
            Some(value) => {
                let (encoding, most) = (sent.get("encoding"), room.left());
                let made =
                    attributes::read_value(&datatype.datatype, &shape, value, encoding, most)?;
                room.take(&made);
                Some(made)
            }
        };
        Ok(NewAttribute {
            name: name.to_owned(),
            datatype,
            shape,
            value,
            created: created(store, sent),
        })
    };
    read().map_err(|e| e.about(format_args!("attribute '{name}'")))
}

/// Attributes without a value read as zeros: their number must fit memory, and a record of the store.
fn check_size(datatype: &TypeDocument, shape: &Shape) -> Result<()> {
    let element = binary::least_size(&datatype.datatype).max(1) as u64;
    match shape.count().and_then(|n| n.checked_mul(element)) {
        Some(bytes) if bytes <= MOST_BYTES as u64 => Ok(()),
        _ => Err(ApiError::bad_request("larger than 512 MiB")),
    }
}
