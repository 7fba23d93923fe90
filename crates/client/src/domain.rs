//! Domains: `/` with `domain=`.

use h5rest_protocol::ObjectId;
use serde_json::{Map, Value, json};

use crate::client::{Client, Result, sending_json};
use crate::error::{ClientError, ClientErrorKind};
use crate::operation::Operation;
use crate::request::{Method, Request, segment};

/// A domain on a server; every typed call on its content starts here.
#[derive(Debug, Clone)]
pub struct Domain {
    pub(crate) client: Client,
    name: String,
    bucket: Option<String>,
    /// What its changes are called, if that is not left to the client.
    change: Option<String>,
}

/// What a user may do with a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions {
    /// See its content.
    pub read: bool,
    /// Create objects, links and attributes.
    pub create: bool,
    /// Write values and extents.
    pub update: bool,
    /// Delete objects, links and attributes.
    pub delete: bool,
}

impl Domain {
    /// The domain of this name (an absolute path), in a bucket if the server has several.
    pub fn new(client: Client, name: impl Into<String>, bucket: Option<String>) -> Self {
        Self {
            client,
            name: name.into(),
            bucket,
            change: None,
        }
    }

    /// The same for one change, which is called so: if it has to be sent again, by whomever and however
    /// late, an h5rest that has made it does not make it twice. Different requests may share the name.
    #[must_use]
    pub fn for_change(&self, name: &str) -> Self {
        Self {
            change: Some(name.to_owned()),
            ..self.clone()
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server it is on.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Says which domain a request is about. The query form is the only one that carries names
    /// outside ASCII.
    pub(crate) fn scope(&self, request: Request) -> Request {
        let mut request = request.with("domain", &self.name);
        if request.method != Method::Get {
            request.name.clone_from(&self.change);
        }
        match &self.bucket {
            Some(bucket) => request.with("bucket", bucket),
            None => request,
        }
    }

    /// Makes one change.
    pub(crate) fn change(&self, Operation(request): Operation) -> Result<()> {
        self.client.done(&self.scope(request))
    }

    /// The domain's document; a folder's has no `root`. With `objects`, also `domain_objs`: every
    /// object with its links and attributes (only worth asking a server whose answer is fresh).
    pub fn get(&self, objects: bool) -> Result<Value> {
        let request = Request::new(Method::Get, "/").flag("getobjs", objects);
        self.client.json(&self.scope(request))
    }

    /// Bytes that the server stores for the domain, if it says so; HSDS counts them now and then.
    pub fn stored_size(&self) -> Result<Option<u64>> {
        let request = Request::new(Method::Get, "/").flag("verbose", true);
        Ok(self.client.json(&self.scope(request))?["total_size"].as_u64())
    }

    /// Creates the domain with this root group, whose creation properties can be given only now.
    pub fn create(&self, root: ObjectId, root_properties: &Map<String, Value>) -> Result<Value> {
        let mut body = json!({"root_id": root});
        if !root_properties.is_empty() {
            body["group"] = json!({"creationProperties": root_properties});
        }
        let request = sending_json(self.scope(Request::new(Method::Put, "/")), &body)?;
        match self.client.json(&request) {
            // The answer to our own first attempt may have been lost: then it exists with our root.
            Err(error) if error.attempts > 1 && error.kind == ClientErrorKind::Conflict => {
                match self.get(false) {
                    Ok(document) if document["root"] == json!(root) => Ok(document),
                    Ok(_) => Err(error),
                    // Nobody knows then whose it is.
                    Err(unknown) => Err(unknown),
                }
            }
            answer => answer,
        }
    }

    /// Deletes the domain with all its objects.
    pub fn delete(&self) -> Result<()> {
        let request = self.scope(Request::new(Method::Delete, "/"));
        gone(self.client.done(&request))
    }

    /// Returns when everything that was acknowledged is on disk.
    pub fn flush(&self) -> Result<()> {
        let request = self
            .scope(Request::new(Method::Put, "/"))
            .flag("flush", true);
        self.client.done(&sending_json(request, &json!({}))?)
    }

    /// What the user may do; `None` if nothing is said of this user.
    pub fn permissions(&self, user: &str) -> Result<Option<Permissions>> {
        let path = format!("/acls/{}", segment(user));
        let document = match self
            .client
            .json(&self.scope(Request::new(Method::Get, path)))
        {
            Err(error) if error.kind == ClientErrorKind::NotFound => return Ok(None),
            answer => answer?,
        };
        let may = |action: &str| document["acl"][action] == json!(true);
        Ok(Some(Permissions {
            read: may("read"),
            create: may("create"),
            update: may("update"),
            delete: may("delete"),
        }))
    }
}

/// A repeated DELETE whose first answer was lost finds nothing: that is what was wanted.
pub(crate) fn gone(answer: Result<()>) -> Result<()> {
    match answer {
        Err(ClientError {
            kind: ClientErrorKind::NotFound,
            attempts: 2..,
            ..
        }) => Ok(()),
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::retry::RetryPolicy;
    use crate::scripted::ScriptedTransport;
    use crate::transport::TransportFailure;

    fn scripted() -> (Arc<ScriptedTransport>, Domain) {
        let script = Arc::new(ScriptedTransport::new());
        let retry = RetryPolicy {
            first_pause: std::time::Duration::ZERO,
            ..RetryPolicy::default()
        };
        let client = Client::new(script.clone()).with_retry(retry);
        (script, Domain::new(client, "/home/u/f.h5", None))
    }

    #[test]
    fn a_lost_answer_to_a_create_is_no_failure() {
        let (script, domain) = scripted();
        let root = ObjectId::new_root();
        script.fail(TransportFailure::Broken);
        script.reply(409, "409: Conflict");
        script.reply(200, json!({"root": root}).to_string());
        assert_eq!(
            domain.create(root, &Map::new()).unwrap()["root"],
            json!(root)
        );
        assert_eq!(script.left(), 0);
    }

    #[test]
    fn another_ones_domain_is_a_conflict() {
        let (script, domain) = scripted();
        script.fail(TransportFailure::Broken);
        script.reply(409, "409: Conflict");
        script.reply(200, json!({"root": ObjectId::new_root()}).to_string());
        let error = domain
            .create(ObjectId::new_root(), &Map::new())
            .unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Conflict);
        let (script, domain) = scripted();
        script.fail(TransportFailure::Broken);
        script.reply(409, "409: Conflict");
        script.fail(TransportFailure::Timeout);
        let error = domain.create(ObjectId::new_root(), &Map::new());
        assert_eq!(error.unwrap_err().kind(), ClientErrorKind::Timeout);
        let (script, domain) = scripted();
        script.reply(409, "409: Conflict");
        assert!(domain.create(ObjectId::new_root(), &Map::new()).is_err());
        assert_eq!(script.requests().len(), 1);
    }

    #[test]
    fn repetitions_have_the_name_of_the_first_attempt() {
        let (script, domain) = scripted();
        let root = ObjectId::new_root();
        let twice = || {
            script.fail(TransportFailure::Broken);
            script.reply(200, json!({"root": root}).to_string());
        };
        twice();
        domain.delete().unwrap();
        twice();
        domain.create(root, &Map::new()).unwrap();
        twice();
        domain.create_object(root, Map::new(), None).unwrap();
        let names = script.names();
        assert!(names.iter().all(Option::is_some), "{names:?}");
        assert!(names.chunks(2).all(|pair| pair[0] == pair[1]), "{names:?}");
        assert!(names[1] != names[2] && names[3] != names[4], "{names:?}");
        // Or that which the caller gives it.
        let change = domain.for_change("mine");
        script.reply(200, "{}");
        change.get(false).unwrap();
        twice();
        change.delete().unwrap();
        let mine = Some(String::from("mine"));
        assert_eq!(script.names()[6..], [None, mine.clone(), mine]);
    }

    #[test]
    fn errors_say_what_was_asked_and_what_the_server_said() {
        let (script, domain) = scripted();
        script.reply(403, "403: Forbidden by ACL");
        assert_eq!(
            domain.get(false).unwrap_err().to_string(),
            "GET /?domain=/home/u/f.h5 failed with status 403: Forbidden by ACL"
        );
    }

    #[test]
    fn a_repeated_delete_may_find_nothing() {
        let (script, domain) = scripted();
        script.reply(503, "");
        script.reply(404, "404: Not Found");
        domain.delete().unwrap();
        script.reply(404, "404: Not Found");
        assert!(domain.delete().is_err());
    }
}
