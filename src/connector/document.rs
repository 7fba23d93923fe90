//! Reads the server's documents of objects, links and attributes.

use std::collections::HashSet;
use std::sync::Arc;

use h5rest_protocol::creation::DatasetCreation;
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{ObjectClass, ObjectId, Shape, StoredType};
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::annotations::Annotations;
use super::disguise::{self, Disguise};
use super::error::{Error, Result};
use super::hints;
use super::index::Indexed;
use super::records::{
    AttributeRecord, AttributeValue, Attributes, Content, DatasetInfo, Head, LinkRecord, Links,
};

/// An object's own data.
pub(super) fn head(id: ObjectId, document: &Value) -> Result<Head> {
    if !document.is_object() {
        return Err(Error::protocol("the server's answer describes no object"));
    }
    let content = match id.class {
        ObjectClass::Group => Content::Group(Arc::new(properties(document))),
        ObjectClass::Dataset => Content::Dataset(Arc::new(dataset(document)?)),
        ObjectClass::Datatype => {
            let (mut ty, _) = disguise::reveal(member(document, "type")?)?;
            // The type of a committed datatype is that datatype, also where the server omits it.
            ty.committed = Some(id);
            let properties = hints::take_datatype_properties(&mut ty);
            Content::Datatype(Arc::new((ty, properties)))
        }
    };
    let time = |key: &str| document[key].as_f64();
    let created = time("created").unwrap_or(0.0);
    Ok(Head {
        created,
        modified: time("lastModified").unwrap_or(created),
        annotations: Annotations::from_json(&document["annotations"]),
        content,
    })
}

fn member<'a>(document: &'a Value, key: &str) -> Result<&'a Value> {
    document
        .get(key)
        .ok_or_else(|| Error::protocol(format!("the server's answer has no '{key}'")))
}

fn properties(document: &Value) -> Map<String, Value> {
    let properties = document.get("creationProperties");
    properties
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn dataset(document: &Value) -> Result<DatasetInfo> {
    let (ty, disguise) = disguise::reveal(member(document, "type")?)?;
    let mut properties = properties(document);
    // Data written by HSDS before 1.0 have the layout beside the properties.
    if let (false, Some(layout)) = (properties.contains_key("layout"), document.get("layout")) {
        properties.insert("layout".into(), layout.clone());
    }
    hints::restore_dataset_properties(&mut properties);
    let mut creation =
        DatasetCreation::from_json(&Value::Object(properties), &disguise.told(&ty.datatype))?;
    hints::take_filters(&mut creation);
    let shape = Shape::from_json(member(document, "shape")?)?;
    let bounds = creation.extra.shift_remove(hints::BOUNDS);
    Ok(DatasetInfo {
        shape: hints::with_bounds(shape, bounds.as_ref()),
        creation,
        disguise,
        ty,
    })
}

/// What stands in a document of a link or an attribute about its place among the others.
struct Place {
    /// HDF5's creation order number, which h5rest tells.
    number: Option<i64>,
    /// Time of creation.
    created: f64,
}

impl Place {
    fn of(document: &Value) -> Self {
        Self {
            number: document["creationOrder"].as_i64(),
            created: document["created"].as_f64().unwrap_or(0.0),
        }
    }
}

/// A group's links as an object of documents by name, or as a list of documents with titles.
pub(super) fn links(document: &Value) -> Result<Links> {
    let mut found = Vec::new();
    match document {
        Value::Object(map) => {
            for (name, link) in map {
                found.push((Place::of(link), name.clone(), link_record(name, link)?));
            }
        }
        Value::Array(list) => {
            for link in list {
                let name = member(link, "title")?.as_str().unwrap_or_default();
                found.push((Place::of(link), name.to_owned(), link_record(name, link)?));
            }
        }
        _ => {}
    }
    Ok(placed(found))
}

fn link_record(name: &str, document: &Value) -> Result<LinkRecord> {
    Ok(LinkRecord {
        link: hints::true_link(document)?,
        charset: hints::charset(name, document),
    })
}

/// An object's attributes as an object of documents by name, or as a list with names. `complete`
/// says that a document without value means an attribute without value.
pub(super) fn attributes(document: &Value, complete: bool) -> Result<Attributes> {
    let mut found = Vec::new();
    match document {
        Value::Object(map) => {
            for (name, attribute) in map {
                let record = attribute_record(name, attribute, complete);
                found.push((Place::of(attribute), name.clone(), record));
            }
        }
        Value::Array(list) => {
            for attribute in list {
                let name = member(attribute, "name")?.as_str().unwrap_or_default();
                let record = attribute_record(name, attribute, complete);
                found.push((Place::of(attribute), name.to_owned(), record));
            }
        }
        _ => {}
    }
    Ok(placed(found))
}

/// Takes one attribute's document out of either form.
pub(super) fn take_attribute(document: &mut Value, name: &str) -> Option<Value> {
    match document {
        Value::Object(map) => map.shift_remove(name),
        Value::Array(list) => {
            let at = list
                .iter()
                .position(|attribute| attribute["name"] == name)?;
            Some(list.remove(at))
        }
        _ => None,
    }
}

/// One attribute. A type that nobody understands must not make its neighbours unreadable.
pub(super) fn attribute_record(name: &str, document: &Value, complete: bool) -> AttributeRecord {
    let value = match document.get("value") {
        Some(Value::Null) => AttributeValue::Unwritten,
        None if complete => AttributeValue::Unwritten,
        None => AttributeValue::OnServer,
        Some(value) => AttributeValue::Document {
            value: value.clone(),
            base64: document["encoding"] == "base64",
        },
    };
    let declared = declaration(document);
    let disguise = declared
        .as_ref()
        .map_or(Disguise::None, |(_, _, disguise)| *disguise);
    AttributeRecord {
        name: Arc::new(Mutex::new(name.to_owned())),
        declared: declared.map(|(ty, shape, _)| (ty, shape)),
        disguise,
        charset: hints::charset(name, &document["type"]),
        value,
    }
}

fn declaration(document: &Value) -> Result<(Arc<StoredType>, Arc<Shape>, Disguise)> {
    let (ty, disguise) = disguise::reveal(member(document, "type")?)?;
    let shape = Shape::from_json(member(document, "shape")?)?;
    let shape = hints::with_bounds(shape, document["type"].get(hints::BOUNDS));
    Ok((Arc::new(ty), Arc::new(shape), disguise))
}

/// By the numbers that the server tells. One that tells none: creation order is the order of
/// creation times; equal ones (old servers stamp a whole batch with one time) keep the order of the
/// document.
fn placed<T>(mut found: Vec<(Place, String, T)>) -> Indexed<T> {
    let mut seen = HashSet::new();
    let numbers = found.iter().map(|(place, ..)| place.number);
    let numbers: Option<Vec<i64>> = numbers
        .map(|number| number.filter(|&number| seen.insert(number)))
        .collect();
    if let Some(numbers) = numbers {
        let items = numbers.into_iter().zip(found);
        return Indexed::numbered(items.map(|(number, (_, name, item))| (number, name, item)));
    }
    found.sort_by(|(a, ..), (b, ..)| a.created.total_cmp(&b.created));
    Indexed::in_order(found.into_iter().map(|(_, name, item)| (name, item)))
}

/// The numbers that the next link and the next attribute of an object get, if the server tells.
pub(super) fn next_numbers(document: &Value) -> (i64, i64) {
    let number = |key: &str| document[key].as_i64().unwrap_or(0);
    (number("nextLinkOrder"), number("nextAttributeOrder"))
}

/// HSDS has no declared encodings; names outside ASCII can only be UTF-8.
pub(super) fn guessed_charset(name: &str) -> CharSet {
    if name.is_ascii() {
        CharSet::Ascii
    } else {
        CharSet::Utf8
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::index::{IndexBy, Order};
    use super::*;

    #[test]
    fn creation_order_is_that_of_the_times() {
        let id = ObjectId::new_root();
        let document = json!({
            "b": {"class": "H5L_TYPE_HARD", "id": id, "created": 3.0},
            "a": {"class": "H5L_TYPE_SOFT", "h5path": "x", "created": 2.0},
            "ü": {"class": "H5L_TYPE_EXTERNAL", "h5path": "x", "file": "f", "created": 1.0}});
        let links = links(&document).unwrap();
        let listed: Vec<String> = links
            .list(IndexBy::CreationOrder, Order::Increasing)
            .into_iter()
            .map(|(name, _, _)| name.to_string())
            .collect();
        assert_eq!(listed, ["ü", "a", "b"]);
        assert_eq!(links.get("ü").unwrap().charset, CharSet::Utf8);
    }

    #[test]
    fn old_layouts_beside_the_properties_are_seen() {
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
        let document = json!({"type": "H5T_STD_I32LE", "shape": {"class": "H5S_SIMPLE", "dims": [4]},
            "layout": {"class": "H5D_CHUNKED", "dims": [2]}, "created": 5.5, "lastModified": 6.5});
        let head = head(id, &document).unwrap();
        let Content::Dataset(dataset) = head.content else {
            panic!("no dataset");
        };
        let layout = dataset.creation.layout.clone();
        assert_eq!(
            layout,
            Some(h5rest_protocol::creation::Layout::Chunked(vec![2]))
        );
        assert_eq!((head.created, head.modified), (5.5, 6.5));
    }

    #[test]
    fn one_strange_attribute_does_not_hide_the_others() {
        let document = json!([
            {"name": "odd", "type": {"class": "H5T_WHAT"}, "shape": {"class": "H5S_SCALAR"}},
            {"name": "good", "type": "H5T_STD_I8LE", "shape": {"class": "H5S_SCALAR"}, "value": 1}]);
        let attributes = attributes(&document, false).unwrap();
        assert!(attributes.get("odd").unwrap().declared.is_err());
        assert!(attributes.get("good").unwrap().declared.is_ok());
    }
}
