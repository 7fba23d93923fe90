//! Groups, datasets and committed datatypes as documents.

use h5rest_protocol::values::text;
use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::{Map, Value, json};

use super::attribute_documents;
use super::call::Call;
use super::link_documents;
use crate::error::Result;
use crate::model::records::{Counters, Header};
use crate::model::{links, objects};
use crate::store::{Reader, Store};

/// What a document shows besides the object itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Include {
    /// All links of a group.
    pub links: bool,
    /// All attributes with their values.
    pub attributes: bool,
}

impl Include {
    /// What the request asks for.
    pub fn asked(call: &Call) -> Self {
        Self {
            links: call.query.flag("include_links"),
            attributes: call.query.flag("include_attrs"),
        }
    }
}

/// An object; 404 or 410 if there is none.
pub fn object(
    reader: &dyn Reader,
    store: &Store,
    id: ObjectId,
    include: Include,
) -> Result<Map<String, Value>> {
    let header = objects::header(reader, store, id)?;
    let counters = objects::counters(reader, id)?;
    let mut document = own(reader, id, header, &counters)?;
    if include.links && id.class == ObjectClass::Group {
        let links = links::all(reader, id)?;
        document.insert("links".into(), link_documents::by_title(links));
    }
    if include.attributes {
        document.insert(
            "attributes".into(),
            attribute_documents::by_name(reader, id)?,
        );
    }
    Ok(document)
}

/// An object without its links and attributes.
pub fn own(
    reader: &dyn Reader,
    id: ObjectId,
    header: Header,
    counters: &Counters,
) -> Result<Map<String, Value>> {
    let mut document = Map::with_capacity(12);
    document.insert("id".into(), json!(id));
    document.insert("root".into(), json!(id.root_of()));
    document.insert("created".into(), json!(header.created));
    document.insert("lastModified".into(), json!(counters.modified));
    if id.class == ObjectClass::Dataset {
        document.insert("shape".into(), objects::extent(reader, id)?.to_json());
    }
    let is_float = header
        .datatype
        .as_ref()
        .is_some_and(|t| t["class"] == "H5T_FLOAT");
    if let Some(datatype) = header.datatype {
        document.insert("type".into(), datatype);
    }
    if let Some(mut creation) = header.creation {
        // NaN was sent bare and is shown bare.
        if is_float && let Some(fill) = creation.get_mut("fillValue") {
            text::mark(fill);
        }
        document.insert("creationProperties".into(), creation);
    }
    let annotations = objects::annotations(reader, id)?;
    if !annotations.is_empty() {
        document.insert("annotations".into(), Value::Object(annotations));
    }
    document.insert("attributeCount".into(), json!(counters.attributes));
    document.insert("nextAttributeOrder".into(), json!(counters.next_attribute));
    if id.class == ObjectClass::Group {
        document.insert("linkCount".into(), json!(counters.links));
        document.insert("nextLinkOrder".into(), json!(counters.next_link));
    }
    Ok(document)
}

/// An object with what tells where it is.
pub fn located(
    call: &Call,
    reader: &dyn Reader,
    domain: &str,
    id: ObjectId,
    include: Include,
) -> Result<Map<String, Value>> {
    let mut document = object(reader, call.store(), id, include)?;
    document.insert("domain".into(), json!(domain));
    // HSDS tells it of groups alone, and not when they were asked for by path.
    if id.class == ObjectClass::Group && !call.is_domain() {
        document.insert("bucket".into(), json!(call.bucket()));
    }
    Ok(document)
}

/// The references that go with an object.
pub fn hrefs(call: &Call, id: ObjectId, is_null: bool) -> Value {
    let own = format!("/{}/{id}", id.class.collection());
    let root = format!("/groups/{}", id.root_of());
    let mut links = vec![("self", own.clone())];
    if id.class == ObjectClass::Group {
        links.push(("links", format!("{own}/links")));
    }
    links.extend([
        ("root", root),
        ("home", "/".into()),
        ("attributes", format!("{own}/attributes")),
    ]);
    if id.class == ObjectClass::Dataset && !is_null {
        links.push(("data", format!("{own}/value")));
    }
    call.hrefs(&links)
}
