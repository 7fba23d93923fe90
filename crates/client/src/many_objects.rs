//! Many objects in one answer.

use h5rest_protocol::ObjectId;
use serde_json::{Value, json};

use crate::client::{JsonText, Result, sending_json};
use crate::domain::Domain;
use crate::request::{Method, Request};

/// How much one answer may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Objects.
    pub objects: usize,
    /// Bytes of the answer, about.
    pub bytes: u64,
    /// Bytes of the largest attribute whose value is shown.
    pub value: u64,
}

impl Bounds {
    fn state(&self, request: Request) -> Request {
        request
            .with("max_objects", self.objects.to_string())
            .with("max_bytes", self.bytes.to_string())
            .with("max_data_size", self.value.to_string())
    }
}

impl Domain {
    /// The domain's document, and within bounds on `h5rest` the objects nearest to the root group:
    /// `domain_objs` by id, and in `domain_objs_complete` whether these are all. HSDS does not know
    /// the parameters.
    pub fn get_with_objects(&self, bounds: Option<Bounds>) -> Result<JsonText> {
        let request = Request::new(Method::Get, "/");
        let request = match bounds {
            Some(bounds) => bounds.state(request),
            None => request,
        };
        self.client.text(self.scope(request))
    }

    /// Objects by id (`h5rest` only): in the member `objects`, documents with links and attributes,
    /// null for those that do not exist. With `deep`, each is followed by what its hard links lead
    /// to. The first is shown whole, the others within `bounds`.
    pub fn objects(&self, ids: &[ObjectId], deep: bool, bounds: Bounds) -> Result<JsonText> {
        let request = bounds.state(Request::new(Method::Post, "/"));
        let request = self.scope(request.flag("follow_links", deep));
        self.client
            .text(sending_json(request, &json!({"ids": ids}))?)
    }

    /// Objects by path, with links and attributes: documents by path. If one of the paths leads
    /// nowhere, HSDS answers with a failure.
    pub fn objects_at(&self, paths: &[String]) -> Result<Value> {
        let request = Request::new(Method::Post, "/")
            .flag("include_links", true)
            .flag("include_attrs", true);
        let body = json!({"h5paths": paths});
        let mut answer = self
            .client
            .json(&sending_json(self.scope(request), &body)?)?;
        Ok(member(&mut answer, "h5paths"))
    }
}

/// A member of an answer, null if it has none: answers of strangers may be no objects at all.
fn member(answer: &mut Value, name: &str) -> Value {
    answer.get_mut(name).map(Value::take).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::client::Client;
    use crate::request::Head;
    use crate::retry::RetryPolicy;
    use crate::scripted::ScriptedTransport;

    #[test]
    fn answers_are_no_longer_than_documents() {
        let script = Arc::new(ScriptedTransport::new());
        let once = RetryPolicy {
            broken_attempts: 1,
            ..RetryPolicy::default()
        };
        let client = Client::new(script.clone()).with_retry(once);
        let domain = Domain::new(client, "/d/f", None);
        for (length, is_read) in [(256 << 20, true), ((256 << 20) + 1, false)] {
            let head = Head {
                status: 200,
                length: Some(length),
                ..Head::default()
            };
            script.step(head, "{}");
            let answer = domain.get_with_objects(None);
            assert_eq!(answer.is_ok(), is_read, "{length} bytes: {answer:?}");
        }
    }

    #[test]
    fn answers_may_be_anything() {
        assert_eq!(member(&mut json!({"a": 1}), "a"), 1);
        for mut answer in [json!("text"), json!([1]), json!(null), json!({})] {
            assert_eq!(member(&mut answer, "a"), Value::Null);
        }
    }
}
