//! Type and shape documents: what clients send, completed for those who read them later.

use h5rest_protocol::{Datatype, ObjectClass, ObjectId, Shape};
use serde_json::{Map, Value, json};

use super::objects;
use crate::error::{ApiError, Result};
use crate::store::{Reader, Store};

/// A type document ready to be stored, with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDocument {
    /// As sent, predefined names and committed types expanded, enums in both forms.
    pub document: Value,
    /// What it means.
    pub datatype: Datatype,
}

impl TypeDocument {
    /// Reads the `type` member of a request for a dataset or attribute of the domain of `root`.
    /// A string may name a committed datatype of this domain.
    pub fn read(reader: &dyn Reader, store: &Store, root: ObjectId, sent: &Value) -> Result<Self> {
        if let Some(name) = sent.as_str()
            && let Ok(id) = name.parse::<ObjectId>()
        {
            return Self::committed(reader, store, root, id);
        }
        Self::literal(sent)
    }

    /// Reads a document that names no committed datatype by id alone.
    pub fn literal(sent: &Value) -> Result<Self> {
        let datatype = Datatype::from_json(sent)?;
        let mut document = match sent {
            Value::String(_) => datatype.to_json(),
            other => other.clone(),
        };
        complete_enums(&mut document);
        Ok(Self { document, datatype })
    }

    /// The full document of a committed datatype plus its id, which is how readers see that the
    /// type is a committed one.
    fn committed(reader: &dyn Reader, store: &Store, root: ObjectId, id: ObjectId) -> Result<Self> {
        if id.class != ObjectClass::Datatype {
            return Err(ApiError::bad_request(format!(
                "{id} is not a committed datatype"
            )));
        }
        if id.root_of() != root {
            return Err(ApiError::bad_request(format!(
                "datatype {id} is not of this domain"
            )));
        }
        let header = objects::header(reader, store, id)?;
        let mut found = Self::literal(&header.datatype.unwrap_or_default())?;
        found.document["id"] = json!(id);
        Ok(found)
    }
}

/// Gives each enum in the document both `members` and `mapping`: clients differ in which they
/// look for.
fn complete_enums(document: &mut Value) {
    match document {
        Value::Array(items) => items.iter_mut().for_each(complete_enums),
        Value::Object(members) => {
            if members.get("class").and_then(Value::as_str) == Some("H5T_ENUM") {
                complete_enum(members);
            }
            members.values_mut().for_each(complete_enums);
        }
        _ => {}
    }
}

fn complete_enum(document: &mut Map<String, Value>) {
    match (document.get("members"), document.get("mapping")) {
        (Some(Value::Array(items)), None) => {
            let entry = |item: &Value| {
                let name = item.get("name")?.as_str()?.to_owned();
                Some((name, item.get("value")?.clone()))
            };
            let mapping: Map<String, Value> = items.iter().filter_map(entry).collect();
            document.insert("mapping".into(), Value::Object(mapping));
        }
        (None, Some(Value::Object(mapping))) => {
            let entry = |(name, value)| json!({"name": name, "value": value});
            let members: Vec<Value> = mapping.iter().map(entry).collect();
            document.insert("members".into(), Value::Array(members));
        }
        _ => {}
    }
}

/// The shape that a stored document means.
pub fn stored_shape(document: &Value) -> Result<Shape> {
    Ok(Shape::from_json(document)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_expanded() {
        let read = TypeDocument::literal(&json!("H5T_STD_I32LE")).unwrap();
        let expected = json!({"class": "H5T_INTEGER", "base": "H5T_STD_I32LE"});
        assert_eq!(read.document, expected);
    }

    #[test]
    fn enums_get_both_forms_at_any_depth() {
        let base = json!({"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"});
        let sent = json!({"class": "H5T_COMPOUND", "hint": 1, "fields": [
            {"name": "a", "type": {"class": "H5T_ENUM", "base": base, "mapping": {"x": 3}}},
            {"name": "b", "type": {"class": "H5T_ENUM", "base": base,
                "members": [{"name": "y", "value": 4}]}}]});
        let read = TypeDocument::literal(&sent).unwrap().document;
        assert_eq!(
            read["fields"][0]["type"]["members"],
            json!([{"name": "x", "value": 3}])
        );
        assert_eq!(read["fields"][1]["type"]["mapping"], json!({"y": 4}));
        assert_eq!(read["hint"], json!(1));
    }
}
