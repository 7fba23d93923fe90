//! Attributes: `/<collection>/<id>/attributes`.

use bytes::Bytes;
use h5rest_protocol::ObjectId;
use serde_json::Value;

use crate::client::{Result, member};
use crate::domain::{Domain, gone};
use crate::operation::Operation;
use crate::request::{Method, Request, Sink};

impl Domain {
    /// The documents of all attributes of an object, without values unless wanted.
    pub fn attributes(&self, id: ObjectId, values: bool) -> Result<Value> {
        let request = member(Method::Get, id, "/attributes").flag("IncludeData", values);
        let document = self.client.json(&self.scope(request))?;
        Ok(document["attributes"].clone())
    }

    /// One attribute's document with its value.
    pub fn attribute(&self, id: ObjectId, name: &str) -> Result<Value> {
        self.client
            .json(&self.on_attribute(Method::Get, id, name, ""))
    }

    /// One attribute's value as bytes (types of fixed size).
    pub fn attribute_bytes(&self, id: ObjectId, name: &str) -> Result<Vec<u8>> {
        let request = self.on_attribute(Method::Get, id, name, "/value");
        let answer = self.client.call(&request.wanting_binary(), Sink::Collect)?;
        Ok(answer.body)
    }

    /// Creates an attribute, or replaces one of that name if wanted.
    pub fn put_attribute(
        &self,
        id: ObjectId,
        name: &str,
        document: &Value,
        replace: bool,
    ) -> Result<()> {
        self.change(Operation::put_attribute(id, name, document, replace)?)
    }

    /// Writes the value of an existing attribute as bytes (types of fixed size).
    pub fn put_attribute_bytes(&self, id: ObjectId, name: &str, bytes: Bytes) -> Result<()> {
        self.change(Operation::put_attribute_bytes(id, name, bytes))
    }

    /// Gives an attribute another name (h5rest only: HSDS has no such request).
    pub fn rename_attribute(&self, id: ObjectId, old: &str, new: &str) -> Result<()> {
        self.change(Operation::rename_attribute(id, old, new)?)
    }

    /// Deletes an attribute that is known to exist (HSDS also says 200 to unknown ones).
    pub fn delete_attribute(&self, id: ObjectId, name: &str) -> Result<()> {
        gone(self.change(Operation::delete_attribute(id, name)))
    }

    fn on_attribute(&self, method: Method, id: ObjectId, name: &str, rest: &str) -> Request {
        self.scope(Operation::on_attribute(method, id, name, rest))
    }
}

/// A separator for a list of one name: a text that the name does not contain.
pub(crate) fn separator_beside(name: &str) -> String {
    let mut separator = String::from("|");
    while name.contains(&separator) {
        separator.push('|');
    }
    separator
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use h5rest_protocol::ObjectId;

    use crate::client::Client;
    use crate::domain::Domain;
    use crate::scripted::ScriptedTransport;

    #[test]
    fn names_with_a_slash_are_not_taken_for_lists() {
        let script = Arc::new(ScriptedTransport::new());
        let domain = Domain::new(Client::new(script.clone()), "/d/f", None);
        let root = ObjectId::new_root();
        for name in ["a/|b", ".."] {
            script.reply(200, "{}");
            domain.delete_attribute(root, name).unwrap();
            script.reply(200, "{}");
            domain.delete_link(root, name).unwrap();
        }
        let requests = script.requests();
        let expected = format!(
            "DELETE /groups/{root}/attributes?attr_names=a/%7Cb&separator=%7C%7C&domain=/d/f"
        );
        assert_eq!(requests[0], expected);
        let expected = format!("DELETE /groups/{root}/links?titles=..&separator=%7C&domain=/d/f");
        assert_eq!(requests[3], expected);
    }
}
