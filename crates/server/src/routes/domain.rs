//! `/`: the domain itself, and objects by path.

use std::collections::HashMap;
use std::rc::Rc;

use h5rest_protocol::selection;
use h5rest_protocol::values::json as json_values;
use h5rest_protocol::{Datatype, ObjectClass, ObjectId};
use serde_json::{Map, Value, json};

use super::about;
use super::access::Access;
use super::call::Call;
use super::domains;
use super::many_objects;
use super::object_documents::{self as documents, Include};
use super::objects::resolve;
use super::open::{Open, is_home, normal_path};
use super::reply::Reply;
use crate::auth::User;
use crate::auth::acl::{self, Action};
use crate::error::{ApiError, Result};
use crate::memory::MOST_VALUES;
use crate::model::domains::{self as model, NewDomain};
use crate::model::objects;
use crate::model::paths::Place;
use crate::model::records::DomainRecord;
use crate::store::{Overlay, Reader};
use crate::values::{Dataset, Target, read};
use axum::http::StatusCode;

/// `getobjs` shows the elements of datasets up to this size.
const MOST_SHOWN: usize = 4096;

/// GET: the domain or folder; with `h5path`, the object there; without a domain, the top folders.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    if call.domain_path()?.is_none() {
        return domains::top(call, &*reader);
    }
    if let Some(wanted) = call.query.get("h5path") {
        let domain = call.open_unchecked(&*reader)?;
        let mut document = object_at(call, &*reader, &domain, wanted)?;
        let hrefs = hrefs(call, &domain.path, &domain.record, true);
        document.insert("hrefs".into(), hrefs);
        return Ok(Reply::ok(Value::Object(document)));
    }
    let (path, record) = call.record(&*reader, Action::Read)?;
    let mut document = shown(&record);
    if let Some(root) = record.root {
        about::insert_limits(call, &mut document);
        if call.query.flag("verbose") {
            insert_totals(&*reader, root, &mut document)?;
        }
        if call.query.flag("getobjs") {
            let domain = call.open(&*reader, Action::Read)?;
            // Left out if it would be too large, as HSDS does while it has none: h5pyd asks for it with each
            // opening, and then for the objects that it wants.
            if let Some((objects, size)) = all_objects(call, &*reader, &domain)? {
                call.will_show(size)?;
                document.insert("domain_objs".into(), Value::Object(objects));
            }
        }
    }
    if call.query.flag("getdnids") {
        document.insert("dn_ids".into(), json!([about::NODE_ID]));
    }
    document.insert("hrefs".into(), hrefs(call, &path, &record, false));
    match record.root {
        Some(root) if call.query.get("max_objects").is_some() => {
            let domain = Open { path, record, root };
            many_objects::insert_nearest(call, &*reader, &domain, document)
        }
        _ => Ok(Reply::ok(Value::Object(document))),
    }
}

/// A domain or folder as replies show it.
pub fn shown(record: &DomainRecord) -> Map<String, Value> {
    let mut document = Map::new();
    if let Some(root) = record.root {
        document.insert("root".into(), json!(root));
    }
    let class = if record.root.is_some() {
        "domain"
    } else {
        "folder"
    };
    document.insert("class".into(), json!(class));
    document.insert("owner".into(), json!(record.owner));
    document.insert("created".into(), json!(record.created));
    document.insert("lastModified".into(), json!(record.modified));
    document
}

fn hrefs(call: &Call, path: &str, record: &DomainRecord, of_object: bool) -> Value {
    let mut links = vec![("self", String::from("/"))];
    if let Some(root) = record.root {
        links.extend([
            ("database", "/datasets".into()),
            ("groupbase", "/groups".into()),
            ("typebase", "/datatypes".into()),
            ("root", format!("/groups/{root}")),
        ]);
    }
    if of_object {
        links.push(("home", "/".into()));
    }
    links.push(("acls", "/acls".into()));
    let mut hrefs = call.hrefs(&links);
    if let (None, Value::Array(list)) = (record.root, &mut hrefs) {
        let entries = call.href_domain("/domains", &format!("{path}/"));
        list.push(json!({"rel": "domains", "href": entries}));
    }
    if let (Some(parent), Value::Array(list)) = (model::parent(path), &mut hrefs) {
        list.push(json!({"rel": "parent", "href": call.href_domain("/", parent)}));
    }
    hrefs
}

fn object_at(
    call: &Call,
    reader: &dyn Reader,
    domain: &Open,
    path: &str,
) -> Result<Map<String, Value>> {
    let place = resolve(call, reader, domain, path)?;
    document_of(call, reader, &place.domain, place.id)
}

fn document_of(
    call: &Call,
    reader: &dyn Reader,
    domain: &str,
    id: ObjectId,
) -> Result<Map<String, Value>> {
    let mut document = documents::located(call, reader, domain, id, Include::asked(call))?;
    document.insert("class".into(), json!(id.class.name()));
    Ok(document)
}

/// Numbers of objects and bytes, counted now.
fn insert_totals(reader: &dyn Reader, root: ObjectId, into: &mut Map<String, Value>) -> Result<()> {
    let mut counts = [0u64; 3];
    for id in objects::all(reader, root.domain)? {
        let class = ObjectClass::ALL.iter().position(|c| *c == id.class);
        counts[class.unwrap_or(0)] += 1;
    }
    let (chunks, allocated, metadata) = domains::sizes(reader, root.domain)?;
    let [groups, datasets, datatypes] = counts;
    for (name, number) in [
        ("num_groups", groups),
        ("num_datasets", datasets),
        ("num_datatypes", datatypes),
        ("num_objects", groups + datasets + datatypes + chunks),
        ("num_chunks", chunks),
        ("num_linked_chunks", 0),
        ("total_size", allocated + metadata),
        ("allocated_bytes", allocated),
        ("metadata_bytes", metadata),
        ("linked_bytes", 0),
    ] {
        into.insert(name.into(), json!(number));
    }
    Ok(())
}

/// Every object of the domain that this user may see, linked or not, with links, attributes and
/// small values, as it is now, and what they take; `None` if no answer may have so much.
fn all_objects(
    call: &Call,
    reader: &dyn Reader,
    domain: &Open,
) -> Result<Option<(Map<String, Value>, usize)>> {
    let access = Access::new(call, reader, domain)?;
    let include = Include {
        links: true,
        attributes: true,
    };
    let (mut found, mut size) = (Map::new(), 0usize);
    let all = objects::all(reader, domain.root.domain)?;
    for id in all.into_iter().filter(|id| access.shows(*id)) {
        let mut document = documents::object(reader, call.store(), id, include)?;
        for known in ["id", "root", "attributeCount", "linkCount"] {
            document.shift_remove(known);
        }
        if id.class == ObjectClass::Dataset
            && let Some(value) = small_value(call, reader, id)?
        {
            document.insert("value".into(), value);
        }
        let document = Value::Object(document);
        size = size.saturating_add(values_of(&document));
        if size > MOST_VALUES {
            return Ok(None);
        }
        found.insert(id.to_string(), document);
    }
    Ok(Some((found, size)))
}

/// The elements of a dataset in one small chunk, if JSON can tell them.
fn small_value(call: &Call, reader: &dyn Reader, id: ObjectId) -> Result<Option<Value>> {
    let dataset = Dataset::open(reader, call.store(), id)?;
    // h5pyd 1.0.0 takes arrays of compounds in wire form, but breaks down over their JSON.
    if let Datatype::Array { base, .. } = &*dataset.datatype
        && base.any(&|part| matches!(part, Datatype::Compound(_)))
    {
        return Ok(None);
    }
    let bytes = dataset.shape.count().zip(dataset.element);
    let bytes = bytes.and_then(|(n, size)| usize::try_from(n).ok()?.checked_mul(size));
    let single = dataset
        .dims()
        .iter()
        .zip(&dataset.chunk)
        .all(|(extent, chunk)| extent <= chunk);
    if !single || bytes.is_none_or(|bytes| bytes == 0 || bytes > MOST_SHOWN) {
        return Ok(None);
    }
    let target = Target::selection(&selection::all(dataset.dims()), &dataset.chunk)?;
    let elements = read::read(reader, &dataset, &target)?;
    Ok(json_values::array_to_reply(&dataset.datatype, dataset.dims(), &elements).ok())
}

/// POST: objects by id, all of `ids`, or by path, all of `h5paths`. With `per_path` a path that fails
/// has its status and reason in the answer; else it fails the request.
pub fn post(call: &Call) -> Result<Reply> {
    let body = call.json_object()?;
    if let Some(ids) = body.get("ids") {
        return many_objects::listed(call, ids);
    }
    let reader = call.store().read()?;
    let domain = call.open_unchecked(&*reader)?;
    let paths = body
        .get("h5paths")
        .ok_or_else(|| ApiError::bad_request("no ids and no h5paths given"))?;
    let paths = super::links::strings(paths, "h5paths")?;
    if paths.is_empty() {
        Access::new(call, &*reader, &domain)?.check(domain.root, Action::Read)?;
    }
    let found = objects_at(call, &*reader, &domain, paths)?;
    Ok(Reply::ok(json!({"h5paths": found})))
}

/// The objects at these paths, by path. Many paths may lead to the same object: its document is put
/// together once, and shown again only if all that is shown has room.
fn objects_at(
    call: &Call,
    reader: &dyn Reader,
    domain: &Open,
    paths: Vec<String>,
) -> Result<Map<String, Value>> {
    let each = call.query.flag("per_path");
    let mut documents = HashMap::new();
    let (mut found, mut size) = (Vec::new(), 0usize);
    for path in paths {
        let shared = resolve(call, reader, domain, &path)
            .and_then(|place| shared(call, reader, place, &mut documents));
        let (document, own) = match shared {
            Ok(shared) => shared,
            // HSDS lets one path that leads nowhere fail all the others.
            Err(error) if each && error.status.is_client_error() => {
                let verdict = json!({"status": error.status.as_u16(), "reason": error.reason});
                let own = values_of(&verdict);
                (Rc::new(verdict), own)
            }
            Err(error) => return Err(error),
        };
        size = size.saturating_add(own);
        if size > MOST_VALUES {
            return Err(too_many_shown(found.len()));
        }
        found.push((path, document));
    }
    call.will_show(size)?;
    drop(documents);
    let own = |(path, document)| (path, Rc::unwrap_or_clone(document));
    Ok(found.into_iter().map(own).collect())
}

fn too_many_shown(paths: usize) -> ApiError {
    ApiError::too_large(format!(
        "the objects at the first {paths} paths fill an answer of {MOST_VALUES} values: ask for fewer paths at \
         a time, or without include_links and include_attrs"
    ))
}

/// A document that several paths may share, and what it takes.
type Shared = (Rc<Value>, usize);

/// The document of the object at a place, put together unless it was before.
fn shared(
    call: &Call,
    reader: &dyn Reader,
    place: Place,
    known: &mut HashMap<(String, ObjectId), Shared>,
) -> Result<Shared> {
    let key = (place.domain, place.id);
    if let Some(shared) = known.get(&key) {
        return Ok(shared.clone());
    }
    let document = Value::Object(document_of(call, reader, &key.0, key.1)?);
    let size = values_of(&document);
    let shared = (Rc::new(document), size);
    known.insert(key, shared.clone());
    Ok(shared)
}

/// What a document takes of the memory, in values; a text counts as so many as its letters would fill.
fn values_of(document: &Value) -> usize {
    let text = |text: &str| 1 + text.len() / size_of::<Value>();
    match document {
        Value::String(own) => text(own),
        Value::Array(items) => 1 + items.iter().map(values_of).sum::<usize>(),
        Value::Object(members) => {
            let members = members.iter();
            1 + members
                .map(|(name, value)| text(name) + values_of(value))
                .sum::<usize>()
        }
        _ => 1,
    }
}

/// PUT: makes a domain or folder; with `flush` or `rescan`, sees to an existing one.
pub fn put(call: &Call) -> Result<Reply> {
    let body = call.json_object()?;
    let flag = |name: &str| {
        let in_body = body
            .get(name)
            .is_some_and(|v| v.as_bool() == Some(true) || v.as_u64() == Some(1));
        in_body || call.query.flag(name)
    };
    if flag("flush") || flag("rescan") {
        // Whatever was acknowledged is durable, and nothing is ever stale.
        call.record(&*call.store().read()?, Action::Update)?;
        return Ok(match flag("getdnids") {
            true => Reply::ok(json!({"dn_ids": [about::NODE_ID]})),
            false => Reply::Empty(StatusCode::NO_CONTENT),
        });
    }
    let by = call.attempt()?;
    if let Some(made) = by.answered(&*call.store().read()?)? {
        return Ok(made_reply(call, made, flag("getdnids")));
    }
    let path = call.required_path()?;
    if call.app.authenticator.is_trusting()
        && let Some(user) = model::parent(&path).and_then(is_home)
    {
        call.app.ensure_home(user)?;
    }
    let new = describe(call, path, &body, flag("folder"))?;
    let (store, user) = (call.store().clone(), call.user.clone());
    let make = move |change: &mut Overlay<'_>| {
        // The folder may have been made since, or its rights changed.
        check_parent(change, &new.path, &user)?;
        let record = model::create(change, &store, &new)?;
        let mut document = shown(&record);
        document.shift_remove("class");
        document.insert("acls".into(), json!(record.acls));
        Ok(Value::Object(document))
    };
    let made = call.store().write(move |change| by.make(change, make))?;
    Ok(made_reply(call, made, flag("getdnids")))
}

/// What was made, and what the server says of itself.
fn made_reply(call: &Call, made: Value, nodes: bool) -> Reply {
    let mut document = match made {
        Value::Object(document) => document,
        _ => Map::new(),
    };
    about::insert_limits(call, &mut document);
    if nodes {
        document.insert("dn_ids".into(), json!([about::NODE_ID]));
    }
    Reply::created(Value::Object(document))
}

/// Refuses to make a domain or folder where this user may not. That its folder exists is not asked.
fn check_parent(reader: &dyn Reader, path: &str, user: &User) -> Result<()> {
    let Some(parent) = model::parent(path) else {
        return match user.unbound {
            true => Ok(()),
            false => Err(ApiError::forbidden(
                "only the administrator makes top folders",
            )),
        };
    };
    match model::find(reader, parent)? {
        Some(record) => acl::check(&record, parent, user, Action::Create),
        None => Ok(()),
    }
}

fn describe(call: &Call, path: String, body: &Value, folder: bool) -> Result<NewDomain> {
    let reader = call.store().read()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    check_parent(&*reader, &path, &call.user)?;
    let owner = match text("owner") {
        Some(owner) if owner != call.user.name && !call.user.unbound => {
            return Err(ApiError::forbidden(
                "only the administrator makes domains for others",
            ));
        }
        Some(owner) => owner.to_owned(),
        None => call.user.name.clone(),
    };
    let linked = text("linked_domain").map(normal_path).transpose()?;
    let root = match (&linked, text("root_id")) {
        _ if folder => None,
        (Some(source), _) => {
            let domain = call.open_path(&*reader, source, Action::Read)?;
            acl::check(&domain.record, source, &call.user, Action::Delete)?;
            Some(domain.root)
        }
        (None, Some(id)) => {
            let id: ObjectId = id.parse()?;
            if !id.is_root() {
                return Err(ApiError::bad_request(format!(
                    "{id} is not the id of a root group"
                )));
            }
            Some(id)
        }
        (None, None) => Some(ObjectId::new_root()),
    };
    let properties = body
        .get("group")
        .and_then(|group| group.get("creationProperties"));
    Ok(NewDomain {
        path,
        owner,
        root,
        linked: linked.is_some(),
        root_properties: properties.filter(|p| !p.is_null()).cloned(),
    })
}

/// DELETE of a domain with all it holds, or of an empty folder.
pub fn delete(call: &Call) -> Result<Reply> {
    let body = call.json_object()?;
    let in_body = |name: &str| {
        body.get(name)
            .is_some_and(|v| v != &json!(false) && v != &json!(0))
    };
    if in_body("meta_only") || call.query.flag("meta_only") {
        // There is no cache to drop.
        return Ok(Reply::ok(Value::Null));
    }
    let by = call.attempt()?;
    let reader = call.store().read()?;
    if by.answered(&*reader)?.is_some() {
        return Ok(Reply::ok(Value::Null));
    }
    let (path, seen) = call.record(&*reader, Action::Delete)?;
    drop(reader);
    if model::parent(&path).is_none() && !call.user.unbound {
        return Err(ApiError::forbidden(
            "only the administrator deletes top folders",
        ));
    }
    let keep_root = in_body("keep_root") || call.query.flag("keep_root");
    let (store, user) = (call.store().clone(), call.user.clone());
    let make = move |change: &mut Overlay<'_>| {
        let record = model::get_same(change, &store, &path, &seen)?;
        acl::check(&record, &path, &user, Action::Delete)?;
        model::delete(change, &path, &record, keep_root)?;
        Ok(Value::Null)
    };
    call.store().write(move |change| by.make(change, make))?;
    Ok(Reply::ok(Value::Null))
}
