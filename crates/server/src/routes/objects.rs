//! `/groups`, `/datasets`, `/datatypes` and the objects in them: listing, reading, deleting.

use std::collections::HashMap;
use std::ops::ControlFlow;

use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::{Map, Value, json};

use super::access::Access;
use super::call::Call;
use super::edit::{Edit, answered, once};
use super::object_documents::{self as documents, Include};
use super::open::Open;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::model::paths::{self, Follow, Place};
use crate::model::{objects, walk};
use crate::store::Reader;
use crate::store::keys::{self, Part};
use crate::values::Dataset;
use crate::values::Guard;

/// GET of a collection: the ids of its objects that hard links lead to; with `h5path`, the one
/// object there.
pub fn list(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    if let Some(path) = call.query.get("h5path") {
        let domain = call.open_unchecked(&*reader)?;
        let place = resolve(call, &*reader, &domain, path)?;
        if place.id.class != call.class() {
            let reason = format!("'{path}' is a {}", place.id.class.name());
            return Err(ApiError::bad_request(reason));
        }
        let document = documents::located(
            call,
            &*reader,
            &place.domain,
            place.id,
            Include::asked(call),
        )?;
        return Ok(Reply::ok(with_hrefs(call, place.id, document)));
    }
    let domain = call.open(&*reader, Action::Read)?;
    let collection = call.class().collection();
    let access = Access::new(call, &*reader, &domain)?;
    let shows = |id| access.shows(id);
    let listings = &call.app.listings;
    let reachable = listings.reachable(&*reader, domain.root, &call.user, &shows)?;
    let marker = call.query.get("Marker").map(str::parse::<ObjectId>);
    let marker = marker.transpose()?;
    let start = marker.map_or(0, |marker| reachable.partition_point(|id| *id <= marker));
    let limit = call.query.limit()?.unwrap_or(u64::MAX);
    let ids: Vec<ObjectId> = reachable[start..]
        .iter()
        .filter(|id| id.class == call.class())
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .copied()
        .collect();
    let hrefs = call.hrefs(&[
        ("self", format!("/{collection}")),
        ("root", format!("/groups/{}", domain.root)),
        ("home", "/".into()),
    ]);
    Ok(Reply::ok(json!({collection: ids, "hrefs": hrefs})))
}

/// GET of an object.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, id) = call.open_object(&*reader, Action::Read)?;
    let mut document = documents::located(call, &*reader, &domain.path, id, Include::asked(call))?;
    if call.query.flag("getalias") && id.class == ObjectClass::Group {
        document.insert("alias".into(), aliases(call, &*reader, &domain, id)?);
    }
    if call.query.flag("verbose") && id.class == ObjectClass::Dataset {
        let (chunks, allocated) = stored(&*reader, id)?;
        document.insert("num_chunks".into(), json!(chunks));
        document.insert("allocated_size".into(), json!(allocated));
        let dataset = Dataset::open(&*reader, call.store(), id)?;
        let applied = json!(dataset.applied_filters());
        document.insert("applied_filters".into(), applied);
    }
    Ok(Reply::ok(with_hrefs(call, id, document)))
}

/// Number of a dataset's stored chunks, and their bytes.
fn stored(reader: &dyn Reader, id: ObjectId) -> Result<(u64, u64)> {
    let prefix = keys::part(id, Part::Chunk);
    let (mut chunks, mut bytes) = (0, 0);
    reader.scan_sizes(&prefix, &keys::end_of(&prefix), &mut |_, size| {
        chunks += 1;
        bytes += size;
        ControlFlow::Continue(())
    })?;
    Ok((chunks, bytes))
}

fn with_hrefs(call: &Call, id: ObjectId, mut document: Map<String, Value>) -> Value {
    let is_null = document
        .get("shape")
        .is_some_and(|s| s["class"] == "H5S_NULL");
    document.insert("hrefs".into(), documents::hrefs(call, id, is_null));
    Value::Object(document)
}

/// The shortest path from the root to a group, if there is one.
fn aliases(call: &Call, reader: &dyn Reader, domain: &Open, wanted: ObjectId) -> Result<Value> {
    if wanted == domain.root {
        return Ok(json!(["/"]));
    }
    let access = Access::new(call, reader, domain)?;
    let shows = |id| access.shows(id);
    // The group through which each object was found, and its title there: whole paths would have the
    // titles of the groups at the top again for all that lies below them.
    let mut found: HashMap<ObjectId, (ObjectId, String)> = HashMap::new();
    walk::reachable(reader, domain.root, &shows, &mut |reached| {
        for link in reached.links {
            if let Some(target) = link.record.hard_target() {
                found.entry(target).or_insert((reached.id, link.title));
            }
        }
        Ok(())
    })?;
    let (mut titles, mut at) = (Vec::new(), wanted);
    while at != domain.root {
        let Some((group, title)) = found.get(&at) else {
            return Ok(json!([]));
        };
        titles.push(&**title);
        at = *group;
    }
    titles.push("");
    titles.reverse();
    Ok(json!([titles.join("/")]))
}

/// DELETE of an object: links to it stay.
pub fn delete(call: &Call) -> Result<Reply> {
    let by = call.attempt()?;
    let reader = call.store().read()?;
    if let Some(reply) = answered(&by, &*reader)? {
        return Ok(reply);
    }
    let edit = delete_edit(call, &*reader)?;
    drop(reader);
    let _alone = alone(call);
    call.store().write(move |change| once(&by, change, edit))
}

/// Writers that are at work on the elements of the dataset that a request is about finish before
/// this returns; others wait until the guard is dropped.
fn alone(call: &Call) -> Option<Guard> {
    let id: ObjectId = call.param("id").parse().ok()?;
    (id.class == ObjectClass::Dataset).then(|| call.app.locks.whole(id))
}

/// See [`delete`]; [`alone`] must be held when the change is made.
pub fn delete_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (_, id) = call.open_object(reader, Action::Delete)?;
    if id.is_root() {
        return Err(ApiError::forbidden(
            "the root group can only be deleted with its domain",
        ));
    }
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        if !objects::exists(change, id)? {
            return Err(objects::missing(&store, id));
        }
        objects::delete(change, id);
        Ok(Reply::done())
    }))
}

/// The object at a path, from the root or from `parent_id`, through the links that the request
/// wants followed.
pub fn resolve(call: &Call, reader: &dyn Reader, domain: &Open, path: &str) -> Result<Place> {
    let start = match call.query.get("parent_id") {
        Some(parent) => parent.parse()?,
        None => domain.root,
    };
    domain.check_member(start)?;
    let start = Place {
        id: start,
        domain: domain.path.clone(),
    };
    let follow = Follow {
        soft: call.query.flag("follow_soft_links"),
        external: call.query.flag("follow_external_links"),
    };
    let enter = |path: &str| {
        call.open_unchecked_path(reader, path)
            .map(|domain| domain.root)
    };
    // Every group on the way is looked into, and the object at the end is shown.
    let own = Access::new(call, reader, domain)?;
    let look = |place: &Place| {
        if place.domain == domain.path {
            return own.check(place.id, Action::Read);
        }
        let domain = call.open_unchecked_path(reader, &place.domain)?;
        Access::new(call, reader, &domain)?.check(place.id, Action::Read)
    };
    paths::resolve(reader, call.store(), &start, path, follow, &enter, &look)
}
