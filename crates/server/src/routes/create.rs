//! POST of objects: one, or a list of them, all or none.

use std::sync::Arc;

use h5rest_protocol::values::json as json_values;
use h5rest_protocol::{ObjectClass, ObjectId, Shape};
use serde_json::{Map, Value, json};

use super::access::{Access, Rights};
use super::attribute_documents::{Room, read_attributes};
use super::call::Call;
use super::edit::{Edit, answered, once};
use super::link_documents::read_links;
use super::object_documents::{self as documents, Include};
use super::open::Open;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::model::attributes::{self, NewAttribute};
use crate::model::creation;
use crate::model::links::{self, NewLink};
use crate::model::objects;
use crate::model::records::Header;
use crate::model::types::TypeDocument;
use crate::store::{Overlay, Payload, Reader, Store};
use crate::values::{Dataset, Target, filters, write};

/// An object as a request describes it.
struct NewObject {
    id: ObjectId,
    header: Header,
    /// A dataset's shape.
    shape: Option<Shape>,
    /// A dataset's elements, if the request has them.
    elements: Option<Vec<u8>>,
    attributes: Vec<NewAttribute>,
    links: Vec<NewLink>,
    parent: Parent,
}

/// Where the first link to a new object shall be.
enum Parent {
    /// Nowhere.
    None,
    /// In this group, under this title. What else the client says of the link is kept with it.
    Link(ObjectId, String, Map<String, Value>),
    /// At this path from this group; missing groups on the way are made if `implicit`.
    Path {
        from: ObjectId,
        names: Vec<String>,
        implicit: bool,
    },
}

/// What a request describes.
struct Described {
    objects: Vec<NewObject>,
    is_list: bool,
    /// What its user may do.
    rights: Rights,
}

/// Makes links to new objects, where the user may.
struct Linker {
    store: Arc<Store>,
    rights: Rights,
}

/// POST of a collection.
pub fn post(call: &Call) -> Result<Reply> {
    let by = call.attempt()?;
    let reader = call.store().read()?;
    if let Some(reply) = answered(&by, &*reader)? {
        return Ok(reply);
    }
    let Described {
        mut objects,
        is_list,
        rights,
    } = described(call, &*reader)?;
    let chunks = chunks(call.store(), &*reader, &mut objects)?;
    drop(reader);
    let ids: Vec<ObjectId> = objects.iter().map(|object| object.id).collect();
    let store = call.store().clone();
    let make = move |change: &mut Overlay<'_>| {
        // The domain may have been deleted since it was opened, and rights taken away.
        let rights = rights.now(change, &store)?;
        let linker = Linker {
            store: store.clone(),
            rights,
        };
        create_all(change, &linker, objects)?;
        for (key, payload) in chunks {
            change.put(key, payload);
        }
        let documents = ids.iter().map(|id| document(change, &store, *id));
        let mut documents = documents.collect::<Result<Vec<Value>>>()?;
        Ok(Reply::created(match is_list {
            true => json!({"objects": documents}),
            false => documents.pop().unwrap_or_default(),
        }))
    };
    call.store().write(move |change| once(&by, change, make))
}

/// A new object as the answer shows it.
fn document(reader: &dyn Reader, store: &Store, id: ObjectId) -> Result<Value> {
    let mut document = documents::object(reader, store, id, Include::default())?;
    if id.class == ObjectClass::Group {
        document.shift_remove("creationProperties");
    }
    Ok(Value::Object(document))
}

/// POST of a collection in a batch: without elements.
pub fn post_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let Described {
        objects, rights, ..
    } = described(call, reader)?;
    if objects.iter().any(|object| object.elements.is_some()) {
        return Err(ApiError::bad_request(
            "a batch cannot store elements of datasets: that is a request of its own",
        ));
    }
    let store = call.store().clone();
    // These rights were read just before the change.
    let linker = Linker { store, rights };
    Ok(Box::new(move |change| {
        create_all(change, &linker, objects)?;
        Ok(Reply::created(json!({})))
    }))
}

/// The objects that a request describes.
fn described(call: &Call, reader: &dyn Reader) -> Result<Described> {
    let domain = call.open_unchecked(reader)?;
    let (body, class) = (call.json()?, call.class());
    let access = Access::new(call, reader, &domain)?;
    let room = Room::new();
    let describe = |item: &Value| -> Result<NewObject> {
        let parent = read_parent(call, &domain, item)?;
        check_parent(&access, reader, domain.root, &parent)?;
        let object = describe(call, reader, &domain, class, item, &room)?;
        let attributes = object.attributes.iter().map(|new| &new.datatype.document);
        let mut types = attributes.chain(&object.header.datatype);
        types.try_for_each(|document| access.check_type(document))?;
        Ok(object)
    };
    let (objects, is_list) = match &body {
        Value::Object(_) => (vec![describe(&body)?], false),
        Value::Array(items) if !items.is_empty() => {
            let list = items.iter().enumerate().map(|(at, item)| {
                describe(item).map_err(|e| e.about(format_args!("item {at} of the list")))
            });
            (list.collect::<Result<Vec<_>>>()?, items.len() > 1)
        }
        _ => {
            return Err(ApiError::bad_request(
                "the body is not an object or a list of objects",
            ));
        }
    };
    Ok(Described {
        objects,
        is_list,
        rights: access.kept(),
    })
}

/// Refuses to make an object where this user may not: with a link in a group, the group's rights
/// count, else the domain's. This only saves the work on what will be refused: where a path leads in the
/// end, [`Linker`] finds, and asks again.
fn check_parent(
    access: &Access<'_>,
    reader: &dyn Reader,
    root: ObjectId,
    parent: &Parent,
) -> Result<()> {
    let group = match parent {
        Parent::None => root,
        Parent::Link(group, ..) => *group,
        Parent::Path { from, names, .. } => {
            let mut group = *from;
            for name in names.iter().take(names.len().saturating_sub(1)) {
                let link = links::find(reader, group, name)?;
                match link.and_then(|link| link.hard_target()) {
                    Some(target) if target.class == ObjectClass::Group => {
                        access.check(group, Action::Read)?;
                        group = target;
                    }
                    // The groups from here on are to be made, or the path is refused later.
                    _ => break,
                }
            }
            group
        }
    };
    access.check(group, Action::Create)
}

/// The chunks with the elements of new datasets, on the disk already where they are large: nothing else is
/// in them, and nobody else knows of them before the datasets are made.
fn chunks(
    store: &Store,
    reader: &dyn Reader,
    objects: &mut [NewObject],
) -> Result<Vec<(Vec<u8>, Payload)>> {
    let mut prepared = Vec::new();
    for object in objects {
        let (Some(elements), Some(shape)) = (object.elements.take(), &object.shape) else {
            continue;
        };
        let dataset = Dataset::of(object.id, &object.header, shape.clone())?;
        let all = h5rest_protocol::selection::all(dataset.dims());
        let target = Target::selection(&all, &dataset.chunk)?;
        let chunks = write::merge(reader, &dataset, &target, None, elements.into())?;
        prepared.extend(store.prepare(chunks)?);
    }
    Ok(prepared)
}

/// Makes all objects.
fn create_all(change: &mut Overlay<'_>, linker: &Linker, objects: Vec<NewObject>) -> Result<()> {
    let store = &linker.store;
    let mut parents = Vec::new();
    let mut own_links = Vec::new();
    for object in objects {
        // The domain may have been deleted since it was opened.
        let root = object.id.root_of();
        if !objects::exists(change, root)? {
            return Err(objects::missing(store, root));
        }
        create_one(change, store, &object)?;
        own_links.push((object.id, object.links));
        parents.push((object.id, object.parent));
    }
    // Objects of a list may link to each other in any order.
    for (id, sent) in own_links.into_iter().filter(|(_, sent)| !sent.is_empty()) {
        links::create(change, store, id, sent)?;
    }
    for (id, parent) in parents {
        linker.link(change, id, parent)?;
    }
    Ok(())
}

fn create_one(change: &mut Overlay<'_>, store: &Store, object: &NewObject) -> Result<()> {
    objects::create(change, object.id, &object.header)?;
    if let Some(shape) = &object.shape {
        objects::set_extent(change, object.id, shape)?;
    }
    if !object.attributes.is_empty() {
        attributes::create(change, store, object.id, object.attributes.clone(), false)?;
    }
    Ok(())
}

/// Reads one object's description; nothing is changed yet.
fn describe(
    call: &Call,
    reader: &dyn Reader,
    domain: &Open,
    class: ObjectClass,
    sent: &Value,
    room: &Room,
) -> Result<NewObject> {
    if !sent.is_object() {
        return Err(ApiError::bad_request(
            "the description of an object is a JSON object",
        ));
    }
    let (store, root) = (call.store(), domain.root);
    let id = match sent.get("id").filter(|id| !id.is_null()) {
        None => root.new_in_domain(class),
        Some(id) => own_id(domain, class, id)?,
    };
    let part = |key: &str| sent.get(key).filter(|v| !v.is_null());
    let mut object = NewObject {
        id,
        header: Header {
            created: store.clock.now(),
            datatype: None,
            creation: None,
            chunk: None,
            filtering: 0,
        },
        shape: None,
        elements: None,
        attributes: match part("attributes") {
            Some(sent) => read_attributes(reader, store, root, sent, room)?,
            None => Vec::new(),
        },
        links: match part("links") {
            Some(sent) if class == ObjectClass::Group => read_links(store, root, sent)?,
            Some(_) => return Err(ApiError::bad_request("only groups have links")),
            None => Vec::new(),
        },
        parent: read_parent(call, domain, sent)?,
    };
    match class {
        ObjectClass::Group if part("type").is_some() => {
            return Err(ApiError::bad_request("groups have no type"));
        }
        ObjectClass::Group => {
            let sent = part("creationProperties").cloned();
            object.header.creation = Some(sent.unwrap_or_else(|| json!({})));
        }
        ObjectClass::Datatype => {
            object.header.datatype = Some(read_type(reader, store, root, sent)?.document);
            object.header.creation = part("creationProperties").cloned();
        }
        ObjectClass::Dataset => describe_dataset(&mut object, reader, store, root, sent, room)?,
    }
    Ok(object)
}

fn describe_dataset(
    object: &mut NewObject,
    reader: &dyn Reader,
    store: &Store,
    root: ObjectId,
    sent: &Value,
    room: &Room,
) -> Result<()> {
    let read = read_type(reader, store, root, sent)?;
    let shape = creation::read_shape(sent)?;
    let plan = creation::plan(&read.datatype, shape, sent.get("creationProperties"))?;
    if let Some(value) = sent.get("value").filter(|v| !v.is_null()) {
        if plan.shape == Shape::Null {
            return Err(ApiError::bad_request(
                "a dataset of null shape has no value",
            ));
        }
        let (dims, most) = (plan.shape.dims(), room.left());
        let elements = json_values::array_from_json_within(&read.datatype, dims, value, most)?;
        room.take(&elements);
        object.elements = Some(elements);
    }
    object.header.datatype = Some(read.document);
    object.header.creation = Some(plan.creation);
    object.header.chunk = Some(plan.chunk);
    object.header.filtering = filters::CURRENT;
    object.shape = Some(plan.shape);
    Ok(())
}

fn read_type(
    reader: &dyn Reader,
    store: &Store,
    root: ObjectId,
    sent: &Value,
) -> Result<TypeDocument> {
    let datatype = sent.get("type").filter(|t| !t.is_null());
    let datatype = datatype.ok_or_else(|| ApiError::bad_request("no type given"))?;
    TypeDocument::read(reader, store, root, datatype)
}

/// An id that the client chose.
fn own_id(domain: &Open, class: ObjectClass, sent: &Value) -> Result<ObjectId> {
    let text = sent
        .as_str()
        .ok_or_else(|| ApiError::bad_request("id is a string"))?;
    let id: ObjectId = text.parse()?;
    if id.class != class {
        return Err(ApiError::bad_request(format!(
            "{id} is not the id of a {}",
            class.name()
        )));
    }
    domain.check_member(id)?;
    Ok(id)
}

fn read_parent(call: &Call, domain: &Open, sent: &Value) -> Result<Parent> {
    let text = |key: &str| {
        sent.get(key)
            .and_then(Value::as_str)
            .or_else(|| call.query.get(key))
    };
    let link = sent.get("link").filter(|link| !link.is_null());
    let group = |text: &str| -> Result<ObjectId> {
        let id: ObjectId = text.parse()?;
        domain.check_member(id)?;
        if id.class != ObjectClass::Group {
            return Err(ApiError::bad_request(format!("{id} is not a group")));
        }
        Ok(id)
    };
    match (link, text("h5path")) {
        (Some(_), Some(_)) => Err(ApiError::bad_request("link and h5path exclude each other")),
        (None, None) => Ok(Parent::None),
        (Some(link), None) => {
            let part = |key: &str| link.get(key).and_then(Value::as_str);
            let (Some(id), Some(name)) = (part("id"), part("name")) else {
                return Err(ApiError::bad_request("link needs id and name"));
            };
            links::check_title(name)?;
            let mut kept = link.as_object().cloned().unwrap_or_default();
            kept.retain(|key, _| !matches!(key.as_str(), "id" | "name" | "class"));
            Ok(Parent::Link(group(id)?, name.to_owned(), kept))
        }
        (None, Some(path)) => {
            let names = path
                .split('/')
                .filter(|name| !name.is_empty() && *name != ".");
            let names: Vec<String> = names.map(str::to_owned).collect();
            if names.is_empty() {
                return Err(ApiError::bad_request(format!(
                    "h5path '{path}' has no name in it"
                )));
            }
            let from = match text("parent_id").filter(|_| !path.starts_with('/')) {
                Some(parent) => group(parent)?,
                None => domain.root,
            };
            let implicit = sent.get("implicit").and_then(Value::as_bool);
            Ok(Parent::Path {
                from,
                names,
                implicit: implicit.unwrap_or_else(|| call.query.flag("implicit")),
            })
        }
    }
}

impl Linker {
    /// Makes the first link to a new object.
    fn link(&self, change: &mut Overlay<'_>, id: ObjectId, parent: Parent) -> Result<()> {
        match parent {
            Parent::None => self.rights.check(change, id.root_of(), Action::Create),
            Parent::Link(group, title, kept) => self.hard_link(change, group, title, id, kept),
            Parent::Path {
                from,
                mut names,
                implicit,
            } => {
                let Some(title) = names.pop() else {
                    return Ok(());
                };
                let mut group = from;
                for name in names {
                    group = self.step(change, group, &name, implicit)?;
                }
                self.hard_link(change, group, title, id, Map::new())
            }
        }
    }

    /// The group of this name, made if it is missing and may be made.
    fn step(
        &self,
        change: &mut Overlay<'_>,
        group: ObjectId,
        name: &str,
        implicit: bool,
    ) -> Result<ObjectId> {
        let found = links::find(change, group, name)?;
        // Who may not look at links hears nothing of this one, who may not make one not that it is missing.
        let action = match &found {
            Some(_) => Action::Read,
            None => Action::Create,
        };
        self.rights.check(change, group, action)?;
        match found {
            Some(record) => match record.hard_target() {
                Some(target) if target.class == ObjectClass::Group => Ok(target),
                _ => Err(ApiError::bad_request(format!(
                    "'{name}' in {group} is not a group"
                ))),
            },
            None if implicit => {
                let id = group.new_in_domain(ObjectClass::Group);
                let header = Header {
                    created: self.store.clock.now(),
                    datatype: None,
                    creation: None,
                    chunk: None,
                    filtering: 0,
                };
                objects::create(change, id, &header)?;
                self.hard_link(change, group, name.to_owned(), id, Map::new())?;
                Ok(id)
            }
            None => Err(ApiError::not_found(format!("{group} has no link '{name}'"))),
        }
    }

    /// Makes a link in this group, if the user may.
    fn hard_link(
        &self,
        change: &mut Overlay<'_>,
        group: ObjectId,
        title: String,
        target: ObjectId,
        mut kept: Map<String, Value>,
    ) -> Result<()> {
        self.rights.check(change, group, Action::Create)?;
        kept.insert("id".into(), json!(target));
        let item = links::read_item(target.root_of(), &title, &Value::Object(kept))?;
        if links::find(change, group, &title)?.is_some() {
            return Err(ApiError::conflict(format!(
                "link '{title}' exists already in {group}"
            )));
        }
        let link = NewLink {
            title,
            item,
            created: self.store.clock.now(),
        };
        links::create(change, &self.store, group, vec![link]).map(drop)
    }
}
