//! Attributes of objects: their values are kept in wire form, so that every bit survives, and
//! shown as JSON where JSON can tell them.

use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use h5rest_protocol::datatype::{BitLayout, IntegerType};
use h5rest_protocol::values::{binary, json as json_values};
use h5rest_protocol::{Datatype, ObjectId, Shape};
use serde_json::{Map, Value, json};

use super::objects;
use super::records::{AttributeHeader, AttributeRecord};
use super::types::{self, TypeDocument};
use crate::error::{ApiError, Result};
use crate::store::keys::{self, Part};
use crate::store::{Overlay, Reader, Store};

/// Bytes of an attribute's value, and of all values in the description of new objects and attributes, at most.
pub const MOST_BYTES: usize = 512 << 20;
/// Bytes of a value that is shown as JSON; more would take many times the memory. HSDS has none so large.
const MOST_AS_JSON: usize = 1 << 20;

/// An attribute with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedAttribute {
    /// Its name on the object.
    pub name: String,
    /// What is stored about it.
    pub record: AttributeRecord,
}

/// An attribute as a request describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub datatype: TypeDocument,
    /// Its shape.
    pub shape: Shape,
    /// Its elements in wire form, if any were sent.
    pub value: Option<Vec<u8>>,
    /// The time of creation the client asked for, or now.
    pub created: f64,
}

/// What happened to an attribute that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new, or replaced another.
    Created,
    /// The very same attribute was there before.
    Unchanged,
}

impl AttributeHeader {
    /// What its elements are made of.
    pub fn datatype(&self) -> Result<Datatype> {
        Ok(Datatype::from_json(&self.datatype)?)
    }

    /// Its shape.
    pub fn shape(&self) -> Result<Shape> {
        types::stored_shape(&self.shape)
    }
}

impl AttributeRecord {
    /// What its elements are made of.
    pub fn datatype(&self) -> Result<Datatype> {
        self.header.datatype()
    }

    /// Its shape.
    pub fn shape(&self) -> Result<Shape> {
        self.header.shape()
    }

    /// All elements in wire form; zeros if never written.
    pub fn elements(&self) -> Result<Bytes> {
        if self.header.written {
            return Ok(self.value.clone());
        }
        let count = element_count(&self.shape()?)?;
        Ok(binary::zeros(&self.datatype()?, count, MOST_BYTES)?.into())
    }

    /// The members `value` and, when JSON cannot tell the elements or the reader asks for it,
    /// `encoding`.
    pub fn insert_value(&self, into: &mut Map<String, Value>, as_base64: bool) -> Result<()> {
        if !self.header.written {
            into.insert("value".into(), Value::Null);
            return Ok(());
        }
        let (datatype, shape) = (self.datatype()?, self.shape()?);
        let shown = match as_base64 && !datatype.is_variable() {
            true => Shown::Base64(BASE64.encode(&self.value)),
            false => Shown::of(&datatype, &shape, &self.value),
        };
        match shown {
            Shown::Json(value) => {
                into.insert("value".into(), value);
            }
            Shown::Base64(text) => {
                into.insert("value".into(), json!(text));
                into.insert("encoding".into(), json!("base64"));
            }
        }
        Ok(())
    }
}

/// How a value is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// As itself.
    Json(Value),
    /// As base64 of its elements, with `encoding` beside it.
    Base64(String),
}

impl Shown {
    /// A value as JSON where JSON can tell it.
    pub fn of(datatype: &Datatype, shape: &Shape, elements: &[u8]) -> Self {
        let exact = match elements.len() > MOST_AS_JSON {
            true => None,
            false => exact_json(datatype, shape, elements),
        };
        exact.map_or_else(|| Self::Base64(BASE64.encode(elements)), Self::Json)
    }
}

/// The value as JSON, unless that would change it: not every NaN is the one of JSON's token, and
/// bytes behind a string's end have no place there.
fn exact_json(datatype: &Datatype, shape: &Shape, elements: &[u8]) -> Option<Value> {
    let dims = shape.dims();
    if !is_plain_integer(datatype) {
        let value = json_values::array_to_json(datatype, dims, elements).ok()?;
        let back = json_values::array_from_json(datatype, dims, &value).ok()?;
        if back != elements {
            return None;
        }
    }
    json_values::array_to_reply(datatype, dims, elements).ok()
}

/// Whether every element is a number that JSON tells exactly, and nothing else.
fn is_plain_integer(datatype: &Datatype) -> bool {
    let Datatype::Integer(integer) = datatype else {
        return false;
    };
    let BitLayout { size, order, .. } = integer.bits;
    size <= 8 && *integer == IntegerType::whole(size, integer.signed, order)
}

fn element_count(shape: &Shape) -> Result<usize> {
    let count = shape.count().and_then(|n| usize::try_from(n).ok());
    count.ok_or_else(|| ApiError::bad_request("an attribute of impossible size"))
}

/// Reads a value from a request's `value` and `encoding` into wire form, of no more bytes than `most`.
pub fn read_value(
    datatype: &Datatype,
    shape: &Shape,
    value: &Value,
    encoding: Option<&Value>,
    most: u64,
) -> Result<Vec<u8>> {
    if *shape == Shape::Null {
        return Err(ApiError::bad_request(
            "an attribute of null shape has no value",
        ));
    }
    match encoding.and_then(Value::as_str) {
        None if encoding.is_none_or(Value::is_null) => {
            let dims = shape.dims();
            Ok(json_values::array_from_json_within(
                datatype, dims, value, most,
            )?)
        }
        Some("base64") => {
            let text = value.as_str();
            let text = text.ok_or_else(|| ApiError::bad_request("base64 values are strings"))?;
            let bytes = BASE64.decode(text);
            let bytes = bytes.map_err(|e| ApiError::bad_request(format!("value: {e}")))?;
            check_elements(datatype, shape, &bytes)?;
            if bytes.len() as u64 > most {
                return Err(ApiError::bad_request(format!(
                    "a value of {} bytes, where {most} have room: send fewer attributes at once",
                    bytes.len()
                )));
            }
            Ok(bytes)
        }
        _ => Err(ApiError::bad_request(
            "the only encoding of values is base64",
        )),
    }
}

/// Refuses bytes that are not exactly the elements of an attribute.
pub fn check_elements(datatype: &Datatype, shape: &Shape, bytes: &[u8]) -> Result<()> {
    binary::split(datatype, bytes, element_count(shape)?)?;
    Ok(())
}

/// The attribute of this name, if there is one.
pub fn find(reader: &dyn Reader, object: ObjectId, name: &str) -> Result<Option<AttributeRecord>> {
    let bytes = reader.get(&keys::named(object, Part::Attribute, name))?;
    bytes.map(|b| AttributeRecord::decode(&b)).transpose()
}

/// The attribute of this name; 410 if it was deleted lately, 404 if there is none.
pub fn get(
    reader: &dyn Reader,
    store: &Store,
    object: ObjectId,
    name: &str,
) -> Result<AttributeRecord> {
    match find(reader, object, name)? {
        Some(record) => Ok(record),
        None if store.was_deleted(&keys::named(object, Part::Attribute, name)) => Err(
            ApiError::gone(format!("attribute '{name}' of {object} was deleted")),
        ),
        None => Err(ApiError::not_found(format!(
            "{object} has no attribute '{name}'"
        ))),
    }
}

/// All attributes of an object, by name.
pub fn all(reader: &dyn Reader, object: ObjectId) -> Result<Vec<NamedAttribute>> {
    some(reader, object, None, usize::MAX)
}

/// At most `limit` attributes of an object by name, from the first behind `after` on.
pub fn some(
    reader: &dyn Reader,
    object: ObjectId,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<NamedAttribute>> {
    let prefix = keys::part(object, Part::Attribute);
    let mut start = prefix.clone();
    if let Some(after) = after {
        start.extend_from_slice(after.as_bytes());
        start.push(0);
    }
    let (mut found, mut problem) = (Vec::new(), None);
    reader.scan(&start, &keys::end_of(&prefix), &mut |key, value| {
        if found.len() >= limit {
            return ControlFlow::Break(());
        }
        match AttributeRecord::decode(&value) {
            Ok(record) => found.push(NamedAttribute {
                name: keys::name(key).into_owned(),
                record,
            }),
            Err(error) => problem = Some(error),
        }
        match problem {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    })?;
    problem.map_or(Ok(found), Err)
}

/// Sorts by time of creation, which is order of creation.
pub fn sort_by_creation(attributes: &mut [NamedAttribute]) {
    attributes.sort_by(|a, b| {
        let (a, b) = (&a.record.header, &b.record.header);
        a.created
            .total_cmp(&b.created)
            .then(a.number.cmp(&b.number))
    });
}

/// Makes attributes of one object: all, or none if one of the names is taken by another and
/// `replace` is not asked for. Replaced ones keep their time of creation.
pub fn create(
    change: &mut Overlay<'_>,
    store: &Store,
    object: ObjectId,
    attributes: Vec<NewAttribute>,
    replace: bool,
) -> Result<Outcome> {
    if !objects::exists(change, object)? {
        return Err(objects::missing(store, object));
    }
    let mut counters = objects::counters(change, object)?;
    let mut outcome = Outcome::Unchanged;
    for new in attributes {
        let mut record = AttributeRecord {
            header: AttributeHeader {
                created: new.created,
                number: counters.next_attribute,
                datatype: new.datatype.document,
                shape: new.shape.to_json(),
                written: new.value.is_some(),
            },
            value: new.value.unwrap_or_default().into(),
        };
        match find(change, object, &new.name)? {
            Some(old) => {
                record.header.created = old.header.created;
                record.header.number = old.header.number;
                if record == old {
                    continue;
                }
                if !replace {
                    let reason = format!("attribute '{}' exists already on {object}", new.name);
                    return Err(ApiError::conflict(reason));
                }
            }
            None => {
                counters.next_attribute += 1;
                counters.attributes += 1;
            }
        }
        change.put(
            keys::named(object, Part::Attribute, &new.name),
            record.encode()?,
        );
        outcome = Outcome::Created;
    }
    if outcome == Outcome::Created {
        counters.modified = store.clock.now();
        objects::set_counters(change, object, &counters)?;
    }
    Ok(outcome)
}

/// Sets the elements of an attribute, given in wire form.
pub fn set_value(
    change: &mut Overlay<'_>,
    store: &Store,
    object: ObjectId,
    name: &str,
    value: Bytes,
) -> Result<()> {
    let mut record = get(change, store, object, name)?;
    record.header.written = true;
    record.value = value;
    change.put(keys::named(object, Part::Attribute, name), record.encode()?);
    let mut counters = objects::counters(change, object)?;
    counters.modified = store.clock.now();
    objects::set_counters(change, object, &counters)
}

/// Removes attributes; names without an attribute are passed over.
pub fn delete(
    change: &mut Overlay<'_>,
    store: &Store,
    object: ObjectId,
    names: &[String],
) -> Result<()> {
    if !objects::exists(change, object)? {
        return Err(objects::missing(store, object));
    }
    let mut counters = objects::counters(change, object)?;
    let before = counters.attributes;
    for name in names {
        let key = keys::named(object, Part::Attribute, name);
        if change.get(&key)?.is_some() {
            change.delete(key);
            counters.attributes -= 1;
        }
    }
    if counters.attributes != before {
        if counters.attributes == 0 {
            counters.next_attribute = 0;
        }
        counters.modified = store.clock.now();
        objects::set_counters(change, object, &counters)?;
    }
    Ok(())
}

/// Gives an attribute another name; everything else about it stays. 409 if the name is taken.
pub fn rename(
    change: &mut Overlay<'_>,
    store: &Store,
    object: ObjectId,
    old: &str,
    new: &str,
) -> Result<()> {
    let record = get(change, store, object, old)?;
    if old == new {
        return Ok(());
    }
    if find(change, object, new)?.is_some() {
        let reason = format!("attribute '{new}' exists already on {object}");
        return Err(ApiError::conflict(reason));
    }
    change.delete(keys::named(object, Part::Attribute, old));
    change.put(keys::named(object, Part::Attribute, new), record.encode()?);
    let mut counters = objects::counters(change, object)?;
    counters.modified = store.clock.now();
    objects::set_counters(change, object, &counters)
}
