//! Links: `/groups/<id>/links`.

use h5rest_protocol::ObjectId;
use serde_json::Value;

use crate::client::{Result, member};
use crate::domain::{Domain, gone};
use crate::operation::Operation;
use crate::request::Method;

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
