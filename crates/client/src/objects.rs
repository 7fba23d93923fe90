//! What groups, datasets and committed datatypes have in common: get, create, delete.

use h5rest_protocol::ObjectId;
use serde_json::{Map, Value, json};

use crate::client::{Result, member};
use crate::domain::{Domain, gone};
use crate::error::{ClientError, ClientErrorKind};
use crate::operation::Operation;
use crate::request::Method;

/// A link by which a new object gets its first name.
#[derive(Debug, Clone, Copy)]
pub struct FirstLink<'a> {
    /// The group that holds it.
    pub group: ObjectId,
    /// Its name.
    pub name: &'a str,
}

impl Domain {
    /// An object's document, with attributes (and their values), and for groups links, if wanted.
    pub fn get_object(&self, id: ObjectId, links: bool, attributes: bool) -> Result<Value> {
        let request = member(Method::Get, id, "")
            .flag("include_links", links)
            .flag("include_attrs", attributes);
        self.client.json(&self.scope(request))
    }

    /// Creates an object under an id that the caller chose, so that a repetition is recognised.
    /// Links and attributes of its own may be in `body`.
    pub fn create_object(
        &self,
        id: ObjectId,
        body: Map<String, Value>,
        link: Option<FirstLink<'_>>,
    ) -> Result<Value> {
        let mut document = body.get("link").cloned().unwrap_or_else(|| json!({}));
        document["id"] = json!(id);
        let Operation(request) = Operation::create_object(id, body, link)?;
        match self.client.json(&self.scope(request)) {
            Err(error) if may_be_our_own(&error) => {
                let link = link.map(|link| (link, document));
                self.find_own(id, link, error)
            }
            answer => answer,
        }
    }

    /// After a create that failed on a repetition: the first attempt may have succeeded, wholly
    /// or (HSDS links after it creates) up to the link.
    fn find_own(
        &self,
        id: ObjectId,
        link: Option<(FirstLink<'_>, Value)>,
        error: ClientError,
    ) -> Result<Value> {
        let document = match self.get_object(id, false, false) {
            Ok(document) => document,
            Err(missing) if missing.kind == ClientErrorKind::NotFound => return Err(error),
            // Nobody knows then whether it was made.
            Err(unknown) => return Err(unknown),
        };
        if let Some((link, document)) = link {
            self.put_link(link.group, link.name, document)?;
        }
        Ok(document)
    }

    /// Changes annotations of an object, which only `h5rest` has: members of `changes` replace those
    /// of the same name, null takes one away.
    pub fn put_annotations(&self, id: ObjectId, changes: &Map<String, Value>) -> Result<()> {
        self.change(Operation::put_annotations(id, changes)?)
    }

    /// Deletes an object; links to it stay, and so do the objects it links to.
    pub fn delete_object(&self, id: ObjectId) -> Result<()> {
        gone(self.change(Operation::delete_object(id)))
    }
}

/// Whether a failed create may have met the object of its own first attempt.
fn may_be_our_own(error: &ClientError) -> bool {
    let met_something = matches!(
        error.kind,
        ClientErrorKind::Invalid | ClientErrorKind::Conflict | ClientErrorKind::Unavailable
    );
    error.attempts > 1 && met_something && error.status.is_some_and(|status| status != 503)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use h5rest_protocol::ObjectClass;

    use super::*;
    use crate::client::Client;
    use crate::scripted::ScriptedTransport;
    use crate::transport::TransportFailure;

    #[test]
    fn a_repeated_create_finds_its_own_object() {
        let script = Arc::new(ScriptedTransport::new());
        let domain = Domain::new(Client::new(script.clone()), "/d/f", None);
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Group);
        script.fail(TransportFailure::Broken);
        script.reply(400, "400: Bad Request");
        script.reply(200, json!({"id": id}).to_string());
        script.reply(200, "{}");
        let link = FirstLink {
            group: root,
            name: "a",
        };
        let made = domain.create_object(id, Map::new(), Some(link)).unwrap();
        assert_eq!(made["id"], json!(id));
        let requests = script.requests();
        assert_eq!(requests[2], format!("GET /groups/{id}?domain=/d/f"));
        assert_eq!(requests[3], format!("PUT /groups/{root}/links?domain=/d/f"));
        assert_eq!(
            script.body(3),
            json!({"links": {"a": {"id": id}}}).to_string()
        );
    }

    #[test]
    fn whether_a_repeated_create_was_done_may_stay_unknown() {
        let script = Arc::new(ScriptedTransport::new());
        let domain = Domain::new(Client::new(script.clone()), "/d/f", None);
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Group);
        for (asked, kind) in [
            (Some(404), ClientErrorKind::Invalid),
            (None, ClientErrorKind::Timeout),
        ] {
            script.fail(TransportFailure::Broken);
            script.reply(400, "400: Bad Request");
            match asked {
                Some(status) => script.reply(status, ""),
                None => script.fail(TransportFailure::Timeout),
            }
            let error = domain.create_object(id, Map::new(), None).unwrap_err();
            assert_eq!(error.kind(), kind);
        }
    }

    #[test]
    fn a_refused_create_is_not_asked_about() {
        let script = Arc::new(ScriptedTransport::new());
        let domain = Domain::new(Client::new(script.clone()), "/d/f", None);
        script.reply(400, "400: invalid type");
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
        let error = domain.create_object(id, Map::new(), None).unwrap_err();
        assert_eq!(error.reason(), "invalid type");
        assert_eq!(script.requests().len(), 1);
    }
}
