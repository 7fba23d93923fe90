//! Links: `/groups/<id>/links`.

use h5rest_protocol::ObjectId;
use serde_json::{Value, json};

use crate::client::{Result, member, sending_json};
use crate::domain::{Domain, gone};
use crate::error::{ClientError, ClientErrorKind};
use crate::operation::Operation;
use crate::request::{Method, segment};

impl Domain {
    /// Creates a link. The list form of the request is used even for one: HSDS keeps members that
    /// it does not know only there.
    pub fn put_link(&self, group: ObjectId, name: &str, link: Value) -> Result<()> {
        self.change(Operation::put_link(group, name, link)?)
    }

    /// Deletes a link that is known to exist (HSDS also says 200 to unknown ones).
    pub fn delete_link(&self, group: ObjectId, name: &str) -> Result<()> {
        gone(self.change(Operation::delete_link(group, name)))
    }

    /// Deletes a hard link if it leads to `target`, see [`Operation::delete_link_to`].
    pub fn delete_link_to(&self, group: ObjectId, name: &str, target: ObjectId) -> Result<()> {
        // The server knows a repetition by its name: a link that is missing was not deleted by us.
        self.change(Operation::delete_link_to(group, name, target))
    }

    /// Fails unless a hard link is there and leads to `target`. For servers that do not check that
    /// when they delete it.
    pub fn check_link_to(&self, group: ObjectId, name: &str, target: ObjectId) -> Result<()> {
        // As the end of a path they would be taken for directories on the way.
        let listed = name == "." || name == "..";
        let request = match listed {
            true => {
                let request = member(Method::Post, group, "/links");
                sending_json(request, &json!({"titles": [name]}))?
            }
            false => member(Method::Get, group, &format!("/links/{}", segment(name))),
        };
        let document = self.client.json(&self.scope(request.clone()))?;
        let link = match listed {
            true => &document["links"][0],
            false => &document["link"],
        };
        if link["id"] == json!(target) {
            return Ok(());
        }
        Err(ClientError {
            kind: ClientErrorKind::Conflict,
            request: request.to_string(),
            status: None,
            reason: format!("the link does not lead to {target} any more"),
            attempts: 1,
        })
    }

    /// The links of all groups that can be reached by hard links from `group`: an object of lists,
    /// by group id. No more than `limit` links in all.
    pub fn all_links(&self, group: ObjectId, limit: u64) -> Result<Value> {
        let request = member(Method::Get, group, "/links")
            .flag("follow_links", true)
            .with("Limit", limit.to_string());
        let document = self.client.json(&self.scope(request))?;
        Ok(document["links"].clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::client::Client;
    use crate::scripted::ScriptedTransport;

    #[test]
    fn a_link_is_looked_at_before_it_is_deleted() {
        let script = Arc::new(ScriptedTransport::new());
        let domain = Domain::new(Client::new(script.clone()), "/d/f", None);
        let root = ObjectId::new_root();
        let other = ObjectId::new_root();
        let link = json!({"class": "H5L_TYPE_HARD", "id": root});
        script.reply(200, json!({"link": link}).to_string());
        domain.check_link_to(root, "a b", root).unwrap();
        script.reply(200, json!({"links": [link]}).to_string());
        let error = domain.check_link_to(root, "..", other).unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Conflict);
        script.reply(410, "410: Gone");
        let error = domain.check_link_to(root, "a", root).unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::NotFound);
        let requests = script.requests();
        let of = |method, rest| format!("{method} /groups/{root}/links{rest}?domain=/d/f");
        assert_eq!(requests[0], of("GET", "/a%20b"));
        assert_eq!(requests[1], of("POST", ""));
    }
}
