//! Many changes of a domain in one request, which only `h5rest` takes: `POST /batch`.

use serde_json::Value;

use crate::client::Result;
use crate::domain::Domain;
use crate::error::{ClientError, ClientErrorKind};
use crate::operation::Operation;
use crate::request::{Format, Method, Request};

/// The feature by which a server announces that it takes batches.
pub const BATCH: &str = "batch";

/// The feature by which a server announces that a change of a batch may need another one, and the deletion
/// of a link say where it leads ([`Operation::delete_link_to`]).
pub const CONDITIONAL: &str = "conditional_changes";

/// One change of a batch.
#[derive(Debug, Clone)]
pub struct BatchPart {
    /// What it does.
    pub operation: Operation,
    /// The number of an earlier change of the batch: if that is refused, this one is not made, and answered
    /// with 424. Only for servers that announce [`CONDITIONAL`].
    pub if_done: Option<usize>,
}

/// How one change of a batch went: the status and the server's words, had it been a request of its
/// own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its status.
    pub status: u16,
    /// Why it was refused.
    pub reason: String,
}

impl Domain {
    /// Has changes made in their order, each for itself: one that is refused does not keep the
    /// others from being made, but for those that need it. `id` names the batch, so that a repetition is
    /// recognised.
    pub fn batch(
        &self,
        id: &str,
        parts: impl Iterator<Item = Result<BatchPart>>,
    ) -> Result<Vec<Verdict>> {
        let request = self.scope(Request::new(Method::Post, "/batch"));
        let (body, count) = body(id, parts)?;
        let request = request.sending(Format::Json, body);
        let answer = self.client.json(&request)?;
        let read = |verdict: &Value| {
            let status = verdict["status"].as_u64()?;
            Some(Verdict {
                status: u16::try_from(status).ok()?,
                reason: verdict["error"].as_str().unwrap_or_default().to_owned(),
            })
        };
        let verdicts = answer["results"].as_array();
        let verdicts = verdicts.and_then(|all| all.iter().map(read).collect::<Option<Vec<_>>>());
        match verdicts {
            Some(verdicts) if verdicts.len() == count => Ok(verdicts),
            _ => Err(ClientError {
                kind: ClientErrorKind::Protocol,
                request: request.to_string(),
                status: Some(200),
                reason: "the answer does not tell of every change".into(),
                attempts: 1,
            }),
        }
    }
}

/// Put together from the operations' own bodies, which are text already; with their number.
fn body(id: &str, parts: impl Iterator<Item = Result<BatchPart>>) -> Result<(Vec<u8>, usize)> {
    let text = |text: &str| Value::from(text).to_string();
    let mut body = format!("{{\"id\":{},\"operations\":[", text(id)).into_bytes();
    let mut count = 0;
    for part in parts {
        let BatchPart {
            operation: Operation(request),
            if_done,
        } = part?;
        if count > 0 {
            body.push(b',');
        }
        count += 1;
        let method = request.method.name();
        let path = text(&request.path);
        body.extend_from_slice(b"{\"method\":\"");
        body.extend_from_slice(method.as_bytes());
        body.extend_from_slice(b"\",\"path\":");
        body.extend_from_slice(path.as_bytes());
        if !request.query.is_empty() {
            let query = request.query.iter();
            let query: serde_json::Map<String, Value> = query
                .map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str())))
                .collect();
            body.extend_from_slice(format!(",\"query\":{}", Value::Object(query)).as_bytes());
        }
        if let Some((Format::Json, document)) = &request.body {
            body.extend_from_slice(b",\"body\":");
            body.extend_from_slice(document);
        }
        if let Some(number) = if_done {
            body.extend_from_slice(format!(",\"if_done\":{number}").as_bytes());
        }
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    Ok((body, count))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use h5rest_protocol::ObjectId;
    use serde_json::json;

    use super::*;
    use crate::client::Client;
    use crate::scripted::ScriptedTransport;

    #[test]
    fn every_change_has_its_verdict() {
        let script = Arc::new(ScriptedTransport::new());
        let domain = Domain::new(Client::new(script.clone()), "/d/f", None);
        let root = ObjectId::new_root();
        let document = json!({"type": "H5T_STD_I8LE", "value": 1});
        let operations = || {
            let part = |operation, if_done| BatchPart { operation, if_done };
            let attribute = Operation::put_attribute(root, "a/b", &document, true);
            let deletion = Operation::delete_link_to(root, "x", root);
            let attribute = attribute.map(|attribute| part(attribute, None));
            [attribute, Ok(part(deletion, Some(0)))].into_iter()
        };
        let answer = json!({"results": [{"status": 201}, {"status": 403, "error": "no"}]});
        script.reply(200, answer.to_string());
        let verdicts = domain.batch("b1", operations()).unwrap();
        assert_eq!(verdicts[0].status, 201);
        assert_eq!((verdicts[1].status, &*verdicts[1].reason), (403, "no"));
        assert_eq!(script.requests(), ["POST /batch?domain=/d/f"]);
        let sent: Value = serde_json::from_str(&script.body(0)).unwrap();
        let expected = json!({"id": "b1", "operations": [
            {"method": "PUT", "path": format!("/groups/{root}/attributes/a%2Fb"),
             "query": {"replace": "1"}, "body": document},
            {"method": "DELETE", "path": format!("/groups/{root}/links/x"),
             "query": {"leads_to": root}, "if_done": 0}]});
        assert_eq!(sent, expected);
        script.reply(200, json!({"results": [{"status": 201}]}).to_string());
        let error = domain.batch("b2", operations()).unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Protocol);
    }
}
