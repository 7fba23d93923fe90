//! One request, as handlers see it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, LazyLock, OnceLock};

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use h5rest_protocol::values::text;
use h5rest_protocol::{ObjectClass, ObjectId};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::media::{OCTETS, kind, prefers_octets};
use super::open::Open;
use super::query::Query;
use super::upload::Upload;
use crate::app::App;
use crate::attempt::Attempt;
use crate::auth::User;
use crate::error::{ApiError, Result};
use crate::memory::{Held, Share};
use crate::model::objects;
use crate::model::records::DomainRecord;
use crate::repetition::{Key, Kind};
use crate::store::Store;

/// Letters of what a client calls a request.
pub(super) const LONGEST_NAME: usize = 100;

/// Lists and objects in each other, in a request's document. Records and answers have parts of it some levels
/// deeper, and no more than 127 can be read.
const DEEPEST: usize = 100;

/// A request whose sender is known.
pub struct Call {
    /// The server.
    pub app: Arc<App>,
    /// Who asks.
    pub user: User,
    /// The query part of the URL.
    pub query: Query,
    /// The body; empty if it is an upload.
    pub body: Bytes,
    /// The body, if it is to be stored while it comes.
    upload: Mutex<Option<Upload>>,
    /// What the body takes of the memory,
    held: Mutex<Option<Held>>,
    /// and what documents take.
    shares: Mutex<Vec<Share>>,
    /// The body's document, if it came as part of another.
    document: Mutex<Option<Value>>,
    method: Method,
    params: HashMap<String, String>,
    path: String,
    /// The request's head; nothing if it came as part of another.
    head: Option<Arc<Parts>>,
    /// Becomes true when nobody waits for the answer any more.
    abandoned: Arc<AtomicBool>,
    /// What all parts of a batch share.
    batch: Option<Arc<Shared>>,
}

/// What is read once for all parts of a batch: none of them changes it, and nobody else does while the
/// batch is made.
#[derive(Debug, Default)]
pub struct Shared {
    /// The record of the batch's domain.
    pub record: OnceLock<DomainRecord>,
    /// Whether any object of it has rights of its own.
    pub any_acls: OnceLock<bool>,
    /// What the batch's writes of elements have taken of the time that other writers wait for it, in
    /// bytes of chunks.
    pub touched: AtomicU64,
}

/// What a request brings along behind its head.
#[derive(Default)]
pub(super) struct Content {
    /// All of its body,
    pub bytes: Bytes,
    /// and what that takes of the memory for bodies.
    pub held: Option<Held>,
    /// The body, if it is to be stored while it comes.
    pub upload: Option<Upload>,
}

impl Content {
    /// A body that is still to come.
    pub fn of_upload(upload: Upload) -> Self {
        Self {
            upload: Some(upload),
            ..Self::default()
        }
    }
}

impl Call {
    /// The request of this user; `params` are the parts of the URL's path, and the body is there or
    /// still to come.
    pub(super) fn new(
        app: Arc<App>,
        user: User,
        head: Arc<Parts>,
        params: HashMap<String, String>,
        content: Content,
        abandoned: Arc<AtomicBool>,
    ) -> Self {
        Self {
            app,
            user,
            query: Query::parse(head.uri.query().unwrap_or_default()),
            body: content.bytes,
            upload: Mutex::new(content.upload),
            held: Mutex::new(content.held),
            shares: Mutex::default(),
            document: Mutex::new(None),
            method: head.method.clone(),
            params,
            path: head.uri.path().to_owned(),
            head: Some(head),
            abandoned,
            batch: None,
        }
    }

    /// A request of the same user that came as part of this one, a batch.
    pub fn part(
        &self,
        batch: &Arc<Shared>,
        method: Method,
        path: String,
        query: Query,
        params: HashMap<String, String>,
        document: Value,
    ) -> Self {
        Self {
            app: self.app.clone(),
            user: self.user.clone(),
            query,
            body: Bytes::new(),
            upload: Mutex::new(None),
            held: Mutex::default(),
            shares: Mutex::default(),
            document: Mutex::new(Some(document)),
            method,
            params,
            path,
            head: None,
            abandoned: self.abandoned.clone(),
            batch: Some(batch.clone()),
        }
    }

    /// What it shares with the other parts of a batch, if it is one.
    pub fn batch(&self) -> Option<&Shared> {
        self.batch.as_deref()
    }

    /// This attempt at the request, for the changes that it makes. A header may say what the client
    /// calls it.
    pub fn attempt(&self) -> Result<Attempt> {
        let sent = self.headers().get("idempotency-key");
        let id = sent.map(|sent| {
            let text = sent.to_str().ok().filter(|text| text.len() <= LONGEST_NAME);
            let reason = "Idempotency-Key is a text of up to 100 letters";
            text.ok_or_else(|| ApiError::bad_request(reason))
        });
        match id.transpose()? {
            Some(id) => self.attempt_called(Kind::Request, format!("{id} {}", self.line())),
            None => Ok(self.attempt_of(None)),
        }
    }

    /// What tells this request from another one that a client calls by the same name by mistake. A proxy may
    /// write the same request in another way: it counts what is meant.
    fn line(&self) -> String {
        let length = self.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok());
        let length = length.filter(|length| *length != "0").unwrap_or_default();
        let uri = self.head.as_ref().map(|head| &head.uri);
        let path = uri.map_or("", |uri| uri.path());
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        // The domain is a part of the name already, wherever it was told.
        let query = self.query.sorted_without("domain");
        format!("{} {path} {query:?} {length}", self.method)
    }

    /// The same for one that the client calls so in another way.
    pub fn attempt_called(&self, kind: Kind, id: String) -> Result<Attempt> {
        let key = Key {
            kind,
            user: self.user.name.clone(),
            domain: self.required_path()?,
            id,
        };
        Ok(self.attempt_of(Some(key)))
    }

    fn attempt_of(&self, key: Option<Key>) -> Attempt {
        let (now, known) = (self.store().clock.now(), self.app.repetitions.clone());
        Attempt::new(now, known, key, self.abandoned.clone())
    }

    /// The URL's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it deletes the object that its path names.
    pub fn is_deletion_of_object(&self) -> bool {
        self.method == Method::DELETE && self.path.split('/').count() == 3
    }

    /// Whether the request is about the domain as such.
    pub fn is_domain(&self) -> bool {
        self.path == "/"
    }

    /// The body that is to be stored while it comes, if it is one.
    pub fn take_upload(&self) -> Option<Upload> {
        self.upload.lock().take()
    }

    /// What the body takes of the memory, for who keeps it longer than the request.
    pub fn take_held(&self) -> Option<Held> {
        self.held.lock().take()
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        static NONE: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
        self.head.as_ref().map_or(&*NONE, |head| &head.headers)
    }

    /// The store.
    pub fn store(&self) -> &Arc<Store> {
        &self.app.store
    }

    /// A part of the URL's path, decoded.
    pub fn param(&self, name: &str) -> &str {
        self.params
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// The kind of object that the URL's path is about.
    pub fn class(&self) -> ObjectClass {
        let first = self.path.split('/').nth(1).unwrap_or_default();
        let found = ObjectClass::ALL
            .into_iter()
            .find(|c| c.collection() == first);
        found.unwrap_or(ObjectClass::Group)
    }

    /// The object that the URL's path names, whether it exists or not.
    pub fn object(&self, domain: &Open) -> Result<ObjectId> {
        let id: ObjectId = self.param("id").parse()?;
        if id.class != self.class() {
            return Err(ApiError::bad_request(format!(
                "{id} is not a {}",
                self.class().name()
            )));
        }
        if id.root_of() != domain.root && !objects::exists(&*self.store().read()?, id)? {
            return Err(objects::missing(self.store(), id));
        }
        domain.check_member(id)?;
        Ok(id)
    }

    /// The bucket that the request names; this server has one, under any name.
    pub fn bucket(&self) -> &str {
        let header = self
            .headers()
            .get("x-hdf-bucket")
            .and_then(|v| v.to_str().ok());
        self.query.get("bucket").or(header).unwrap_or("h5rest")
    }

    /// The body's document; an empty object if there is no body. To be asked for once.
    pub fn json(&self) -> Result<Value> {
        let document = match self.document.lock().take() {
            Some(document) => document,
            None if self.body.is_empty() => return Ok(json!({})),
            None => {
                let share = self.app.memory.document(&self.body)?;
                self.shares.lock().push(share);
                let document = text::parse_lenient(&self.body)?;
                check_depth(&document)?;
                document
            }
        };
        // h5pyd sends `null` where it has nothing to say.
        Ok(match document {
            Value::Null => json!({}),
            document => document,
        })
    }

    /// Reads the body's document for [`Call::json`], by a thread that has more time. What is wrong with it
    /// is found then.
    pub fn read_ahead(&self) {
        if !self.body.is_empty()
            && matches!(self.sends_bytes(), Ok(false))
            && let Ok(document) = self.json()
        {
            *self.document.lock() = Some(document);
        }
    }

    /// Takes note that the answer will be a document of so many values.
    ///
    /// # Errors
    /// 413 if it would be too large.
    pub fn will_show(&self, values: usize) -> Result<()> {
        let share = self.app.memory.answer(values)?;
        self.shares.lock().push(share);
        Ok(())
    }

    /// The body's document, which must be an object.
    pub fn json_object(&self) -> Result<Value> {
        let document = self.json()?;
        if document.is_object() {
            Ok(document)
        } else {
            Err(ApiError::bad_request("the body is not a JSON object"))
        }
    }

    /// Whether the reply shall be elements in wire form.
    pub fn wants_bytes(&self) -> bool {
        prefers_octets(self.headers())
    }

    /// Whether the body is elements in wire form; JSON if nothing is said.
    pub fn sends_bytes(&self) -> Result<bool> {
        match kind(self.headers()) {
            kind if kind.eq_ignore_ascii_case(OCTETS) => Ok(true),
            kind if kind.eq_ignore_ascii_case("application/json") || kind.is_empty() => Ok(false),
            // What command line clients send when nobody told them better.
            "application/x-www-form-urlencoded" => Ok(false),
            other => Err(ApiError::bad_request(format!(
                "bodies of type {other} are not known"
            ))),
        }
    }

    /// A link to another resource of the same domain, as HSDS spells it.
    pub fn href(&self, path: &str) -> String {
        let endpoint = &self.app.settings.endpoint;
        match self.query.get("domain") {
            Some(domain) => format!("{endpoint}{path}?domain={domain}"),
            None => format!("{endpoint}{path}"),
        }
    }

    /// A link to the root of another domain.
    pub fn href_domain(&self, path: &str, domain: &str) -> String {
        format!("{}{path}?domain={domain}", self.app.settings.endpoint)
    }

    /// The `hrefs` member of a reply.
    pub fn hrefs(&self, links: &[(&str, String)]) -> Value {
        let links = links
            .iter()
            .map(|(rel, path)| json!({"rel": rel, "href": self.href(path)}));
        links.collect()
    }
}

/// Refuses documents nested deeper than [`DEEPEST`].
fn check_depth(document: &Value) -> Result<()> {
    match is_within(document, DEEPEST) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "the body nests lists and objects more than {DEEPEST} deep: what is made of it could not be read back"
        ))),
    }
}

/// Whether a document nests no more than so many lists and objects.
fn is_within(document: &Value, depth: usize) -> bool {
    match document {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_within(item, depth - 1)),
        Value::Object(members) => {
            depth > 0 && members.values().all(|item| is_within(item, depth - 1))
        }
        _ => true,
    }
}
