//! Changes of a domain as requests: sent one by one, or many in one batch.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use h5rest_protocol::ObjectId;
use h5rest_protocol::selection::{self, Selection};
use serde_json::{Map, Value, json};

use crate::attributes::separator_beside;
use crate::client::{Result, member, sending_json};
use crate::objects::FirstLink;
use crate::request::{Format, Method, Request, segment};

/// One change of a domain, whose name is not in it yet.
#[derive(Debug, Clone)]
pub struct Operation(pub(crate) Request);

impl Operation {
    /// Makes an object under an id that the caller chose, with its first link if it has one. A member
    /// `link` of `body` is what is to be kept with that link.
    pub fn create_object(
        id: ObjectId,
        mut body: Map<String, Value>,
        link: Option<FirstLink<'_>>,
    ) -> Result<Self> {
        body.insert("id".into(), json!(id));
        if let Some(link) = link {
            let document = body.entry("link").or_insert_with(|| json!({}));
            document["id"] = json!(link.group);
            document["name"] = json!(link.name);
        }
        let request = Request::new(Method::Post, format!("/{}", id.class.collection()));
        sending_json(request, &Value::Object(body)).map(Self)
    }

    /// Deletes an object; links to it stay, and so do the objects it links to.
    pub fn delete_object(id: ObjectId) -> Self {
        Self(member(Method::Delete, id, ""))
    }

    /// Changes annotations of an object, which only `h5rest` has: members of `changes` replace those
    /// of the same name, null takes one away.
    pub fn put_annotations(id: ObjectId, changes: &Map<String, Value>) -> Result<Self> {
        let request = member(Method::Put, id, "/annotations");
        sending_json(request, &Value::Object(changes.clone())).map(Self)
    }

    /// Makes a link. The list form of the request is used even for one: HSDS keeps members that it
    /// does not know only there.
    pub fn put_link(group: ObjectId, name: &str, link: Value) -> Result<Self> {
        let request = member(Method::Put, group, "/links");
        sending_json(request, &json!({"links": {name: link}})).map(Self)
    }

    /// Deletes a hard link if it leads to `target`: another link, or none, is a refusal. Only for servers
    /// that announce [`CONDITIONAL`](crate::CONDITIONAL); others would delete whatever is there.
    pub fn delete_link_to(group: ObjectId, name: &str, target: ObjectId) -> Self {
        let Self(request) = Self::delete_link(group, name);
        Self(request.with("leads_to", target.to_string()))
    }

    /// Deletes a link that is known to exist (HSDS also says 200 to unknown ones).
    pub fn delete_link(group: ObjectId, name: &str) -> Self {
        if name == "." || name == ".." {
            // As the end of a path they would be taken for directories on the way.
            let request = member(Method::Delete, group, "/links");
            return Self(
                request
                    .with("titles", name)
                    .with("separator", separator_beside(name)),
            );
        }
        let rest = format!("/links/{}", segment(name));
        Self(member(Method::Delete, group, &rest))
    }

    /// Makes an attribute, or replaces one of that name if wanted.
    pub fn put_attribute(
        id: ObjectId,
        name: &str,
        document: &Value,
        replace: bool,
    ) -> Result<Self> {
        let request = Self::on_attribute(Method::Put, id, name, "").flag("replace", replace);
        sending_json(request, document).map(Self)
    }

    /// Writes the value of an existing attribute as bytes (types of fixed size).
    pub fn put_attribute_bytes(id: ObjectId, name: &str, bytes: Bytes) -> Self {
        let request = Self::on_attribute(Method::Put, id, name, "/value");
        Self(request.sending(Format::Binary, bytes))
    }

    /// Gives an attribute another name (h5rest only: HSDS has no such request).
    pub fn rename_attribute(id: ObjectId, old: &str, new: &str) -> Result<Self> {
        let request = Self::on_attribute(Method::Post, id, old, "");
        sending_json(request, &json!({"rename": new})).map(Self)
    }

    /// Deletes an attribute that is known to exist (HSDS also says 200 to unknown ones).
    pub fn delete_attribute(id: ObjectId, name: &str) -> Self {
        if name.contains('/') || name == "." || name == ".." {
            // In a path, HSDS takes the first for a list of names; the others are directories.
            let request = member(Method::Delete, id, "/attributes");
            return Self(
                request
                    .with("attr_names", name)
                    .with("separator", separator_beside(name)),
            );
        }
        Self(Self::on_attribute(Method::Delete, id, name, ""))
    }

    /// Changes a dataset's extent, which must have as many dimensions as before.
    pub fn put_extent(id: ObjectId, dims: &[u64]) -> Result<Self> {
        let request = member(Method::Put, id, "/shape");
        sending_json(request, &json!({"shape": dims})).map(Self)
    }

    /// Makes a dataset at least so large (on h5rest; others make it so large).
    pub fn grow(id: ObjectId, dims: &[u64]) -> Result<Self> {
        let request = member(Method::Put, id, "/shape");
        sending_json(request, &json!({"shape": dims, "grow": true})).map(Self)
    }

    /// Writes elements in a form that a batch can carry; `sel` is empty for a scalar dataset.
    pub fn put_values(id: ObjectId, sel: &Selection, bytes: &[u8]) -> Result<Self> {
        let mut body = json!({"value_base64": BASE64.encode(bytes)});
        if !sel.is_empty() {
            body["select"] = json!(selection::format(sel));
        }
        sending_json(member(Method::Put, id, "/value"), &body).map(Self)
    }

    pub(crate) fn on_attribute(method: Method, id: ObjectId, name: &str, rest: &str) -> Request {
        let rest = format!("/attributes/{}{rest}", segment(name));
        member(method, id, &rest)
    }
}
