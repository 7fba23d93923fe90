//! HSDS's requests for several objects at once.
//!
//! A failure of one may leave a part of the work done: HSDS does not say which.

use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::{Map, Value, json};

use crate::client::{Result, member, sending_json};
use crate::domain::Domain;
use crate::request::{Method, Request};

impl Domain {
    /// Makes objects of one class, whose bodies have their ids and no links to them. Returns the
    /// server's time of the first.
    pub fn create_objects(&self, class: ObjectClass, bodies: Vec<Value>) -> Result<Option<f64>> {
        let request = Request::new(Method::Post, format!("/{}", class.collection()));
        let request = sending_json(self.scope(request), &Value::Array(bodies))?;
        let answer = self.client.json(&request)?;
        // A list of one is answered as a single object.
        let first = answer.get("objects").map_or(&answer, |objects| &objects[0]);
        Ok(first["created"].as_f64())
    }

    /// Makes links in several groups: `{group: {links: {name: link}}}`.
    pub fn put_links_of_groups(&self, groups: Map<String, Value>) -> Result<()> {
        let Some(path) = first_member(&groups, "/links") else {
            return Ok(());
        };
        let request = sending_json(self.scope(path), &json!({"grp_ids": groups}))?;
        self.client.done(&request)
    }

    /// Makes attributes of several objects, or replaces them: `{object: {attributes: {name:
    /// attribute}}}`.
    pub fn put_attributes_of_objects(
        &self,
        objects: Map<String, Value>,
        replace: bool,
    ) -> Result<()> {
        let Some(path) = first_member(&objects, "/attributes") else {
            return Ok(());
        };
        let request = self.scope(path).flag("replace", replace);
        let request = sending_json(request, &json!({"obj_ids": objects}))?;
        self.client.done(&request)
    }
}

/// A request on the first of the objects: the path must name one, the body names them all.
fn first_member(objects: &Map<String, Value>, rest: &str) -> Option<Request> {
    let first = objects.keys().next();
    let id = first.and_then(|id| id.parse::<ObjectId>().ok());
    id.map(|id| member(Method::Put, id, rest))
}
