//! Links: `/groups/<id>/links`.

use h5rest_protocol::ObjectId;
use serde_json::{Value, json};

use crate::attributes::separator_beside;
use crate::client::{Result, member, sending_json};
use crate::domain::{Domain, gone};
use crate::request::{Method, segment};

impl Domain {
    /// Creates a link. The list form of the request is used even for one: HSDS keeps members that
    /// it does not know only there.
    pub fn put_link(&self, group: ObjectId, name: &str, link: Value) -> Result<()> {
        let request = self.scope(member(Method::Put, group, "/links"));
        let body = json!({"links": {name: link}});
        self.client.done(&sending_json(request, &body)?)
    }

    /// Deletes a link that is known to exist (HSDS also says 200 to unknown ones).
    pub fn delete_link(&self, group: ObjectId, name: &str) -> Result<()> {
        let request = if name == "." || name == ".." {
            // As the end of a path they would be taken for directories on the way.
            self.scope(member(Method::Delete, group, "/links"))
                .with("titles", name)
                .with("separator", separator_beside(name))
        } else {
            let rest = format!("/links/{}", segment(name));
            self.scope(member(Method::Delete, group, &rest))
        };
        gone(self.client.done(&request))
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
