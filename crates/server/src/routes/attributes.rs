//! `/<collection>/<id>/attributes`: one attribute, or many at once.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use h5rest_protocol::values::text;
use h5rest_protocol::{ObjectId, Shape};
use serde_json::{Map, Value, json};

use super::access::Access;
use super::attribute_documents::{
    self as documents, Detail, Room, read_attribute, read_attributes,
};
use super::call::Call;
use super::edit::{Edit, check_shared};
use super::links::{distinct, strings, will_show};
use super::open::Open;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::model::attributes::{self, NamedAttribute, Outcome};
use crate::model::{objects, records, walk};
use crate::store::Reader;

/// GET of an object's attributes; with `follow_links`, of all objects that hard links lead to.
pub fn list(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, object) = call.open_object(&*reader, Action::Read)?;
    objects::header(&*reader, call.store(), object)?;
    let detail = Detail::asked(call, false)?;
    let found = if call.query.flag("follow_links") {
        let mut found = Map::new();
        let access = Access::new(call, &*reader, &domain)?;
        let shows = |id| access.shows(id);
        walk::reachable(&*reader, object, &shows, &mut |reached| {
            if reached.exists {
                let list = without_references(call, &*reader, reached.id, detail)?;
                found.insert(reached.id.to_string(), list);
            }
            Ok(())
        })?;
        Value::Object(found)
    } else {
        listed(call, &*reader, object, detail)?
    };
    let own = format!("/{}/{object}", object.class.collection());
    let hrefs = call.hrefs(&[
        ("self", format!("{own}/attributes")),
        ("home", "/".into()),
        ("owner", own),
    ]);
    finish(call, json!({"attributes": found, "hrefs": hrefs}))
}

fn listed(call: &Call, reader: &dyn Reader, object: ObjectId, detail: Detail) -> Result<Value> {
    let page = documents::page(call, reader, object)?;
    page.iter()
        .map(|attribute| documents::listed(call, object, attribute, detail))
        .collect()
}

/// Attributes as answers about several objects show them.
fn without_references(
    call: &Call,
    reader: &dyn Reader,
    object: ObjectId,
    detail: Detail,
) -> Result<Value> {
    let page = documents::page(call, reader, object)?;
    page.iter()
        .map(|attribute| documents::named(attribute, detail).map(Value::Object))
        .collect()
}

/// The reply, numbers that are not finite as `null` if the request wants that.
fn finish(call: &Call, mut document: Value) -> Result<Reply> {
    if call.query.flag("ignore_nan") {
        text::clear_tokens(&mut document);
    }
    Ok(Reply::ok(document))
}

/// Values in the document of an attribute, about, but for its own.
const VALUES: usize = 12;

/// POST: looks up attributes by name, on this object or on others.
pub fn lookup(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, object) = call.open_object(&*reader, Action::Read)?;
    let body = call.json_object()?;
    let detail = Detail::asked(call, false)?;
    let access = Access::new(call, &*reader, &domain)?;
    let member = |id: Option<&str>| {
        let id = member(&domain, id)?;
        access.check(id, Action::Read)?;
        Ok::<_, ApiError>(id)
    };
    let some = |id: ObjectId, names: Option<&[String]>| -> Result<Value> {
        objects::header(&*reader, call.store(), id)?;
        let Some(names) = names else {
            return without_references(call, &*reader, id, detail);
        };
        let find = |name: &String| {
            let record = attributes::get(&*reader, call.store(), id, name)?;
            let name = name.clone();
            documents::named(&NamedAttribute { name, record }, detail).map(Value::Object)
        };
        names.iter().map(find).collect()
    };
    let read = |names: &Value| match names {
        Value::Null => Ok(None),
        sent => strings(sent, "attr_names").map(Some),
    };
    let names = body.get("attr_names").unwrap_or(&Value::Null);
    let found = match body.get("obj_ids").filter(|o| !o.is_null()) {
        None if names.is_null() => return Err(ApiError::bad_request("no attr_names given")),
        None => some(object, read(names)?.as_deref())?,
        Some(Value::Array(ids)) => {
            let (ids, names) = (distinct(ids, member)?, read(names)?);
            let names = names.as_deref();
            let each = names.map_or(0, <[String]>::len);
            will_show(call, ids.len().saturating_mul(each), VALUES, "attributes")?;
            let mut found = Map::new();
            for id in ids {
                found.insert(id.to_string(), some(id, names)?);
            }
            // HSDS collapses the answer about a single object.
            match (found.len(), found.values_mut().next()) {
                (1, Some(list)) => list.take(),
                _ => Value::Object(found),
            }
        }
        Some(Value::Object(items)) => {
            let mut found = Map::new();
            for (id, names) in items {
                let id = member(Some(id))?;
                found.insert(id.to_string(), some(id, read(names)?.as_deref())?);
            }
            Value::Object(found)
        }
        Some(_) => return Err(ApiError::bad_request("obj_ids is a list or an object")),
    };
    finish(call, json!({"attributes": found}))
}

/// PUT: makes attributes of this object, or of several.
pub fn put_many(call: &Call) -> Result<Reply> {
    call.change(put_many_edit)
}

/// See [`put_many`].
pub fn put_many_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (domain, object) = call.open_object(reader, Action::Create)?;
    let body = call.json_object()?;
    let access = Access::new(call, reader, &domain)?;
    let member = |id: Option<&str>| {
        let id = member(&domain, id)?;
        access.check(id, Action::Create)?;
        Ok::<_, ApiError>(id)
    };
    let room = Room::new();
    let read = |sent: &Value| {
        let read = read_attributes(reader, call.store(), domain.root, sent, &room)?;
        let mut types = read.iter().map(|new| &new.datatype.document);
        types.try_for_each(|document| access.check_type(document))?;
        Ok::<_, ApiError>(read)
    };
    let none = || ApiError::bad_request("no attributes given");
    let shared = body.get("attributes").filter(|a| !a.is_null());
    let wanted = match body.get("obj_ids").filter(|o| !o.is_null()) {
        None => vec![(object, Arc::new(read(shared.ok_or_else(none)?)?))],
        Some(Value::Array(ids)) => {
            let sent = shared.ok_or_else(none)?;
            let ids = distinct(ids, member)?;
            let sent = read(sent)?;
            check_shared(ids.len(), &sent, "attributes", |new| {
                let value = new.value.as_ref().map_or(0, Vec::len);
                let datatype = records::encode(&new.datatype.document)?;
                Ok(new.name.len() + datatype.len() + value)
            })?;
            let sent = Arc::new(sent);
            ids.into_iter().map(|id| (id, sent.clone())).collect()
        }
        Some(Value::Object(items)) => {
            let one = |(id, item): (&String, &Value)| {
                let sent = item.get("attributes").ok_or_else(none)?;
                Ok((member(Some(id))?, Arc::new(read(sent)?)))
            };
            items.iter().map(one).collect::<Result<Vec<_>>>()?
        }
        Some(_) => return Err(ApiError::bad_request("obj_ids is a list or an object")),
    };
    let replace = call.query.flag("replace");
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        let mut new = false;
        for (object, sent) in wanted {
            // What several objects get is there once, but for the object whose turn it is.
            let sent = Arc::unwrap_or_clone(sent);
            let outcome = attributes::create(change, &store, object, sent, replace)?;
            new |= outcome == Outcome::Created;
        }
        Ok(Reply::created_if(new))
    }))
}

fn member(domain: &Open, id: Option<&str>) -> Result<ObjectId> {
    let id = id.ok_or_else(|| ApiError::bad_request("object ids are strings"))?;
    let id: ObjectId = id.parse()?;
    domain.check_member(id)?;
    Ok(id)
}

/// The attribute that the URL names.
fn find(call: &Call, reader: &dyn Reader) -> Result<(ObjectId, NamedAttribute)> {
    let (_, object) = call.open_object(reader, Action::Read)?;
    objects::header(reader, call.store(), object)?;
    let name = call.param("name").to_owned();
    let record = attributes::get(reader, call.store(), object, &name)?;
    Ok((object, NamedAttribute { name, record }))
}

fn hrefs(call: &Call, object: ObjectId, name: &str) -> Value {
    let own = format!("/{}/{object}", object.class.collection());
    call.hrefs(&[
        ("self", format!("{own}/attributes/{name}")),
        ("home", "/".into()),
        ("owner", own),
    ])
}

/// GET of one attribute.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (object, attribute) = find(call, &*reader)?;
    let mut document = documents::named(&attribute, Detail::asked(call, true)?)?;
    document.insert(
        "lastModified".into(),
        json!(attribute.record.header.created),
    );
    document.insert("hrefs".into(), hrefs(call, object, &attribute.name));
    finish(call, Value::Object(document))
}

/// PUT of one attribute.
pub fn put(call: &Call) -> Result<Reply> {
    call.change(put_edit)
}

/// See [`put`].
pub fn put_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (domain, object) = call.open_object(reader, Action::Create)?;
    let body = call.json_object()?;
    let name = call.param("name");
    let new = read_attribute(reader, call.store(), domain.root, name, &body, &Room::new())?;
    Access::new(call, reader, &domain)?.check_type(&new.datatype.document)?;
    let replace = call.query.flag("replace");
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        let outcome = attributes::create(change, &store, object, vec![new], replace)?;
        Ok(Reply::created_if(outcome == Outcome::Created))
    }))
}

/// POST to one attribute: gives it the name in the member `rename`. HSDS has no such request.
pub fn rename(call: &Call) -> Result<Reply> {
    call.change(rename_edit)
}

/// See [`rename`].
pub fn rename_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (_, object) = call.open_object(reader, Action::Update)?;
    let body = call.json_object()?;
    let new = body.get("rename").and_then(Value::as_str);
    let new = new.filter(|new| !new.is_empty());
    let new = new.ok_or_else(|| ApiError::bad_request("no new name given in 'rename'"))?;
    let (old, new) = (call.param("name").to_owned(), new.to_owned());
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        attributes::rename(change, &store, object, &old, &new)?;
        Ok(Reply::done())
    }))
}

/// DELETE of one attribute.
pub fn delete(call: &Call) -> Result<Reply> {
    call.change(delete_edit)
}

/// See [`delete`].
pub fn delete_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let names = vec![call.param("name").to_owned()];
    remove(call, reader, names, Reply::done())
}

/// DELETE of the attributes named by `attr_names`, which `separator` separates.
pub fn delete_many(call: &Call) -> Result<Reply> {
    call.change(delete_many_edit)
}

/// See [`delete_many`].
pub fn delete_many_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let sent = call.query.get("attr_names");
    let sent = sent.ok_or_else(|| ApiError::bad_request("no attr_names given"))?;
    let names = match call.query.get("encoding") {
        None => sent.to_owned(),
        Some("base64") => {
            let decoded = BASE64
                .decode(sent)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.ok_or_else(|| ApiError::bad_request("attr_names is not base64 of text"))?
        }
        Some(_) => {
            return Err(ApiError::bad_request(
                "the only encoding of names is base64",
            ));
        }
    };
    let separator = call.query.get("separator").unwrap_or("/");
    let names = names.split(separator).map(str::to_owned).collect();
    remove(call, reader, names, Reply::ok(json!({"hrefs": []})))
}

fn remove(call: &Call, reader: &dyn Reader, names: Vec<String>, reply: Reply) -> Result<Edit> {
    let (_, object) = call.open_object(reader, Action::Delete)?;
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        attributes::delete(change, &store, object, &names)?;
        Ok(reply)
    }))
}

/// GET of an attribute's value, as a document or as elements in wire form.
pub fn get_value(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (object, attribute) = find(call, &*reader)?;
    if attribute.record.shape()? == Shape::Null {
        return Err(ApiError::bad_request(
            "an attribute of null shape has no value",
        ));
    }
    // As HSDS, which tells elements of variable size in JSON only. Who knows of null strings knows their bytes.
    let as_bytes = !attribute.record.datatype()?.is_variable() || call.query.flag("null_strings");
    if call.wants_bytes() && as_bytes {
        return Ok(Reply::Bytes(attribute.record.elements()?));
    }
    let mut document = Map::new();
    attribute
        .record
        .insert_value(&mut document, call.query.get("encoding") == Some("base64"))?;
    document.insert("hrefs".into(), hrefs(call, object, &attribute.name));
    finish(call, Value::Object(document))
}

/// PUT of an attribute's value; type and shape stay.
pub fn put_value(call: &Call) -> Result<Reply> {
    call.change(put_value_edit)
}

/// See [`put_value`].
pub fn put_value_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (_, object) = call.open_object(reader, Action::Update)?;
    let name = call.param("name").to_owned();
    let attribute = attributes::get(reader, call.store(), object, &name)?;
    let (datatype, shape) = (attribute.datatype()?, attribute.shape()?);
    if shape == Shape::Null {
        return Err(ApiError::bad_request(
            "an attribute of null shape has no value",
        ));
    }
    let value = if call.sends_bytes()? {
        attributes::check_elements(&datatype, &shape, &call.body)?;
        call.body.clone()
    } else {
        let body = call.json_object()?;
        let value = body
            .get("value")
            .ok_or_else(|| ApiError::bad_request("no value given"))?;
        match value {
            Value::Null => attribute_zeros(&attribute)?,
            value => {
                let (encoding, most) = (body.get("encoding"), attributes::MOST_BYTES as u64);
                attributes::read_value(&datatype, &shape, value, encoding, most)?.into()
            }
        }
    };
    let header = attribute.header;
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        let now = attributes::get(change, &store, object, &name)?;
        if (now.header.datatype, now.header.shape) != (header.datatype, header.shape) {
            return Err(ApiError::conflict(format!(
                "attribute '{name}' was replaced meanwhile"
            )));
        }
        attributes::set_value(change, &store, object, &name, value)?;
        Ok(Reply::done())
    }))
}

fn attribute_zeros(attribute: &crate::model::records::AttributeRecord) -> Result<bytes::Bytes> {
    let mut zeroed = attribute.clone();
    zeroed.header.written = false;
    zeroed.elements()
}
