//! Groups, datasets and committed datatypes as such: making, finding, deleting, counting.

use std::ops::ControlFlow;

use h5rest_protocol::{ObjectClass, ObjectId, Shape};
use serde_json::{Map, Value};

use super::records::{self, Counters, Header};
use super::types;
use crate::error::{ApiError, Result};
use crate::store::keys::{self, Part};
use crate::store::{Overlay, Reader, Store};

/// The object's header; 410 if it was deleted lately, 404 if there is none.
pub fn header(reader: &dyn Reader, store: &Store, id: ObjectId) -> Result<Header> {
    find(reader, id)?.ok_or_else(|| missing(store, id))
}

/// The object's header, if there is such an object.
pub fn find(reader: &dyn Reader, id: ObjectId) -> Result<Option<Header>> {
    records::get(reader, &keys::part(id, Part::Header))
}

/// Why an object cannot be found.
pub fn missing(store: &Store, id: ObjectId) -> ApiError {
    if store.was_deleted(&keys::part(id, Part::Header)) {
        ApiError::gone(format!("{} {id} was deleted", id.class.name()))
    } else {
        ApiError::not_found(format!("{} {id} does not exist", id.class.name()))
    }
}

/// Whether there is such an object.
pub fn exists(reader: &dyn Reader, id: ObjectId) -> Result<bool> {
    Ok(reader.get(&keys::part(id, Part::Header))?.is_some())
}

/// The object's counters; it must exist.
pub fn counters(reader: &dyn Reader, id: ObjectId) -> Result<Counters> {
    Ok(records::get(reader, &keys::part(id, Part::Counters))?.unwrap_or_default())
}

/// Sets an object's counters.
pub fn set_counters(change: &mut Overlay<'_>, id: ObjectId, counters: &Counters) -> Result<()> {
    change.put(keys::part(id, Part::Counters), records::encode(counters)?);
    Ok(())
}

/// What clients keep with the object beside its attributes.
pub fn annotations(reader: &dyn Reader, id: ObjectId) -> Result<Map<String, Value>> {
    Ok(records::get(reader, &keys::part(id, Part::Annotations))?.unwrap_or_default())
}

/// Sets an object's annotations.
pub fn set_annotations(
    change: &mut Overlay<'_>,
    id: ObjectId,
    annotations: &Map<String, Value>,
) -> Result<()> {
    let key = keys::part(id, Part::Annotations);
    if annotations.is_empty() {
        change.delete(key);
    } else {
        change.put(key, records::encode(annotations)?);
    }
    Ok(())
}

/// A dataset's shape.
pub fn extent(reader: &dyn Reader, id: ObjectId) -> Result<Shape> {
    let document = records::get(reader, &keys::part(id, Part::Extent))?;
    types::stored_shape(&document.unwrap_or_default())
}

/// Sets a dataset's shape.
pub fn set_extent(change: &mut Overlay<'_>, id: ObjectId, shape: &Shape) -> Result<()> {
    change.put(
        keys::part(id, Part::Extent),
        records::encode(&shape.to_json())?,
    );
    Ok(())
}

/// Makes an object; an id that is in use is refused.
pub fn create(change: &mut Overlay<'_>, id: ObjectId, header: &Header) -> Result<()> {
    if exists(change, id)? {
        return Err(ApiError::bad_request(format!(
            "{} {id} exists already",
            id.class.name()
        )));
    }
    change.put(keys::part(id, Part::Header), records::encode(header)?);
    let counters = Counters {
        modified: header.created,
        ..Counters::default()
    };
    set_counters(change, id, &counters)
}

/// Deletes an object with its links, attributes and elements; links to it stay.
pub fn delete(change: &mut Overlay<'_>, id: ObjectId) {
    let prefix = keys::object(id);
    let end = keys::end_of(&prefix);
    change.delete_range(prefix, end);
    // By name too, so that the store remembers it as deleted.
    change.delete(keys::part(id, Part::Header));
}

/// All objects of a domain, linked or not, by class and id.
pub fn all(reader: &dyn Reader, domain: u64) -> Result<Vec<ObjectId>> {
    let mut found = Vec::new();
    for class in ObjectClass::ALL {
        let prefix = keys::objects_of(domain, class);
        let (mut start, end) = (prefix.clone(), keys::end_of(&prefix));
        // One record of each object is enough: the next scan starts behind the object.
        while let Some(id) = first(reader, &start, &end)? {
            start = keys::end_of(&keys::object(id));
            found.push(id);
        }
    }
    Ok(found)
}

fn first(reader: &dyn Reader, start: &[u8], end: &[u8]) -> Result<Option<ObjectId>> {
    let mut id = None;
    reader.scan_sizes(start, end, &mut |key, _| {
        id = keys::object_of(key).map(|found| found.0);
        ControlFlow::Break(())
    })?;
    Ok(id)
}
