//! `/acls`: who may do what in a domain or folder.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::reply::Reply;
use crate::auth::acl::{self, Acl, Action};
use crate::error::{ApiError, Result};
use crate::model::domains;
use crate::store::Reader;

/// GET of all entries.
pub fn list(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (_, record) = call.record(&*reader, Action::ReadAcl)?;
    let entry = |(name, acl): (&String, &Acl)| {
        let mut document = Map::new();
        document.insert("userName".into(), json!(name));
        document.extend(rights(acl));
        Value::Object(document)
    };
    let acls: Vec<Value> = record.acls.iter().map(entry).collect();
    Ok(Reply::ok(
        json!({"acls": acls, "hrefs": hrefs(call, &*reader)?}),
    ))
}

/// GET of one user's entry; one's own can be seen by whoever may read.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let name = call.param("user");
    let own = name == call.user.name || name == acl::DEFAULT;
    let action = if own { Action::Read } else { Action::ReadAcl };
    let (path, record) = call.record(&*reader, action)?;
    let found = record.acls.get(name);
    let found = found
        .ok_or_else(|| ApiError::not_found(format!("{path} has no access rights for {name}")))?;
    let mut document = Map::new();
    document.insert("userName".into(), json!(name));
    document.extend(rights(found));
    Ok(Reply::ok(
        json!({"acl": document, "hrefs": hrefs(call, &*reader)?}),
    ))
}

/// PUT of one user's entry: sets the rights that the body names.
pub fn put(call: &Call) -> Result<Reply> {
    let (path, _) = call.record(&*call.store().read()?, Action::UpdateAcl)?;
    let body = call.json_object()?;
    let sent = body.as_object().cloned().unwrap_or_default();
    let name = call.param("user").to_owned();
    // Wrong rights are refused before anything is changed.
    Acl::default().merge(&sent)?;
    let store = call.store().clone();
    call.store().write(move |change| {
        let mut record = domains::get(change, &store, &path)?;
        record.acls.entry(name).or_default().merge(&sent)?;
        record.modified = store.clock.now();
        domains::put(change, &path, &record)
    })?;
    Ok(Reply::created(json!({})))
}

fn rights(acl: &Acl) -> Map<String, Value> {
    json!(acl).as_object().cloned().unwrap_or_default()
}

fn hrefs(call: &Call, reader: &dyn Reader) -> Result<Value> {
    let mut links = vec![("self", String::from("/acls"))];
    let (_, record) = call.record(reader, Action::Read)?;
    links.extend(record.root.map(|root| ("root", format!("/groups/{root}"))));
    links.extend([("home", "/".into()), ("owner", "/".into())]);
    Ok(call.hrefs(&links))
}
