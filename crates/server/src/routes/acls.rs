//! `/acls`, of a domain or folder, and `/<collection>/<id>/acls`, of one object: who may do what.
//! The root group's are the domain's. HSDS has none of single objects.

use h5rest_protocol::ObjectId;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::edit::{answered, once};
use super::reply::Reply;
use crate::auth::acl::{self, Acl, Acls, Action};
use crate::error::{ApiError, Result};
use crate::model::records::DomainRecord;
use crate::model::{domains, object_acls, objects};
use crate::store::{Overlay, Reader};

/// What a request's rights are about.
struct Subject {
    /// The domain or folder.
    path: String,
    record: DomainRecord,
    /// The object, if it has rights of its own.
    object: Option<ObjectId>,
    acls: Acls,
    /// The part of the URL in front of `/acls`.
    own: String,
}

impl Subject {
    /// Finds it, if this user may do `action` with it.
    fn open(call: &Call, reader: &dyn Reader, action: Action) -> Result<Self> {
        if call.param("id").is_empty() {
            let (path, record) = call.record(reader, action)?;
            return Ok(Self {
                path,
                object: None,
                acls: record.acls.clone(),
                record,
                own: String::new(),
            });
        }
        let (domain, id) = call.open_object(reader, action)?;
        objects::header(reader, call.store(), id)?;
        let own = format!("/{}/{id}", id.class.collection());
        let object = (!id.is_root()).then_some(id);
        Ok(Self {
            acls: match object {
                Some(id) => object_acls::get(reader, id)?,
                None => domain.record.acls.clone(),
            },
            path: domain.path,
            record: domain.record,
            object,
            own,
        })
    }

    fn hrefs(&self, call: &Call) -> Value {
        let mut links = vec![("self", format!("{}/acls", self.own))];
        let root = self
            .record
            .root
            .map(|root| ("root", format!("/groups/{root}")));
        links.extend(root);
        let owner = match self.own.is_empty() {
            true => "/".to_owned(),
            false => self.own.clone(),
        };
        links.extend([("home", "/".to_owned()), ("owner", owner)]);
        call.hrefs(&links)
    }
}

/// GET of all entries.
pub fn list(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let subject = Subject::open(call, &*reader, Action::ReadAcl)?;
    let acls: Vec<Value> = subject.acls.iter().map(entry).collect();
    let hrefs = subject.hrefs(call);
    Ok(Reply::ok(json!({"acls": acls, "hrefs": hrefs})))
}

/// GET of one user's entry; one's own can be seen by whoever may read.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let name = call.param("user");
    let own = name == call.user.name || name == acl::DEFAULT;
    let action = if own { Action::Read } else { Action::ReadAcl };
    let subject = Subject::open(call, &*reader, action)?;
    let found = subject.acls.get_key_value(name).ok_or_else(|| {
        let of = match subject.object {
            Some(id) => id.to_string(),
            None => subject.path.clone(),
        };
        ApiError::not_found(format!("{of} has no access rights for {name}"))
    })?;
    let hrefs = subject.hrefs(call);
    Ok(Reply::ok(json!({"acl": entry(found), "hrefs": hrefs})))
}

/// PUT of one user's entry: sets the rights that the body names.
pub fn put(call: &Call) -> Result<Reply> {
    let by = call.attempt()?;
    let reader = call.store().read()?;
    if let Some(reply) = answered(&by, &*reader)? {
        return Ok(reply);
    }
    let subject = Subject::open(call, &*reader, Action::UpdateAcl)?;
    drop(reader);
    let body = call.json_object()?;
    let sent = body.as_object().cloned().unwrap_or_default();
    let name = call.param("user").to_owned();
    // Wrong rights are refused before anything is changed.
    Acl::default().merge(&sent)?;
    let store = call.store().clone();
    let Subject {
        path,
        record: seen,
        object,
        ..
    } = subject;
    let make = move |change: &mut Overlay<'_>| {
        let Some(id) = object else {
            let mut record = domains::get_same(change, &store, &path, &seen)?;
            record.acls.entry(name).or_default().merge(&sent)?;
            record.modified = store.clock.now();
            domains::put(change, &path, &record)?;
            return Ok(Reply::created(json!({})));
        };
        if !objects::exists(change, id)? {
            return Err(objects::missing(&store, id));
        }
        let mut acls = object_acls::get(change, id)?;
        acls.entry(name).or_default().merge(&sent)?;
        object_acls::put(change, id, &acls)?;
        Ok(Reply::created(json!({})))
    };
    call.store().write(move |change| once(&by, change, make))
}

fn entry((name, acl): (&String, &Acl)) -> Value {
    let mut document = Map::new();
    document.insert("userName".into(), json!(name));
    document.extend(json!(acl).as_object().cloned().unwrap_or_default());
    Value::Object(document)
}
