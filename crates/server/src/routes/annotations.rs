//! `/<collection>/<id>/annotations`: what clients keep with an object beside its attributes.
//!
//! Not part of HSDS's API. HDF5 programs give objects comments, and count references to them that
//! no link stands for; neither shows among the attributes.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::edit::Edit;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::model::objects;
use crate::store::Reader;

/// More than this is no annotation but data. Bytes of all members as JSON.
const MOST_BYTES: usize = 65_536;

/// GET of an object's annotations.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (_, id) = call.open_object(&*reader, Action::Read)?;
    objects::header(&*reader, call.store(), id)?;
    let annotations = objects::annotations(&*reader, id)?;
    Ok(Reply::ok(json!({"annotations": annotations})))
}

/// PUT of annotations: members of the body replace those of the same name, null takes one away,
/// and others stay.
pub fn put(call: &Call) -> Result<Reply> {
    call.change(put_edit)
}

/// See [`put`].
pub fn put_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (_, id) = call.open_object(reader, Action::Update)?;
    let changes = call.json_object()?;
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        if !objects::exists(change, id)? {
            return Err(objects::missing(&store, id));
        }
        let mut annotations = objects::annotations(change, id)?;
        merge(&mut annotations, &changes);
        if json!(annotations).to_string().len() > MOST_BYTES {
            let reason = format!("the annotations of an object are limited to {MOST_BYTES} bytes");
            return Err(ApiError::bad_request(reason));
        }
        objects::set_annotations(change, id, &annotations)?;
        let mut counters = objects::counters(change, id)?;
        counters.modified = store.clock.now();
        objects::set_counters(change, id, &counters)?;
        Ok(Reply::done())
    }))
}

fn merge(annotations: &mut Map<String, Value>, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            annotations.shift_remove(name);
        } else {
            annotations.insert(name.clone(), value.clone());
        }
    }
}
