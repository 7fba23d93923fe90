//! One request, as handlers see it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use h5rest_protocol::values::text;
use h5rest_protocol::{ObjectClass, ObjectId};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::Uncompressed;
use super::operations::Operation;
use super::query::Query;
use super::reply::error_response;
use super::upload::{self, Upload};
use crate::app::{App, HOME, Settings};
use crate::auth::User;
use crate::auth::acl::{self, Action};
use crate::error::{ApiError, Result};
use crate::model::records::DomainRecord;
use crate::model::{domains, objects};
use crate::store::{Reader, Store};

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
    /// The body's document, if it came as part of another.
    document: Mutex<Option<Value>>,
    method: Method,
    params: HashMap<String, String>,
    path: String,
    headers: HeaderMap,
}

/// A domain that a request may use.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its path.
    pub path: String,
    /// Its record.
    pub record: DomainRecord,
    /// Its root group.
    pub root: ObjectId,
}

/// Reads the request, finds out who sends it, and answers it on a thread that may block.
pub async fn answer(app: Arc<App>, request: Request, operation: &'static Operation) -> Response {
    let started = Instant::now();
    app.metrics.running.inc();
    let _running = Running(app.clone());
    let (mut parts, body) = request.into_parts();
    let params = Path::<HashMap<String, String>>::from_request_parts(&mut parts, &app).await;
    let params = params.map(|Path(params)| params).unwrap_or_default();
    if let Some(error) = too_long(&parts, app.settings.max_header_size) {
        app.metrics
            .answered(operation.id, error.status.as_u16(), started.elapsed());
        return error_response(&error);
    }
    let mut outcome = respond(&app, &parts, params, body, operation).await;
    let (user, response) = (&outcome.0, &mut outcome.1);
    let status = response.status().as_u16();
    debug_assert!(
        operation.documents(status) || status >= 500,
        "{} does not document {status}",
        operation.id
    );
    // Elements are compressed only for clients that know the fast way to do it: all the others
    // list gzip without a thought, and would wait many times as long.
    if response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(OCTETS))
        && !accepts(&parts.headers, header::ACCEPT_ENCODING, "zstd")
    {
        response.extensions_mut().insert(Uncompressed);
    }
    if status == 401 {
        for challenge in app.authenticator.challenges() {
            let challenge = HeaderValue::from_static(challenge);
            response
                .headers_mut()
                .append(header::WWW_AUTHENTICATE, challenge);
        }
    }
    let took = started.elapsed();
    app.metrics.answered(operation.id, status, took);
    tracing::info!(
        method = %parts.method,
        path = parts.uri.path(),
        query = parts.uri.query().unwrap_or_default(),
        user,
        status,
        milliseconds = took.as_secs_f64() * 1e3,
        "request"
    );
    outcome.1
}

/// Takes the body in, and has the request answered on a thread that may block.
async fn respond(
    app: &Arc<App>,
    parts: &Parts,
    params: HashMap<String, String>,
    body: axum::body::Body,
    operation: &'static Operation,
) -> (String, Response) {
    let (for_work, for_parts) = (app.clone(), parts.clone());
    let start = move |body: Bytes, upload: Option<Upload>| {
        for_work.metrics.received.inc_by(body.len() as u64);
        let work = move || handle(for_work, for_parts, params, (body, upload), operation);
        tokio::task::spawn_blocking(work)
    };
    let running = match streamed_length(operation, parts, &app.settings) {
        Some(length) => {
            app.metrics.received.inc_by(length.unwrap_or(0));
            let (sender, upload) = Upload::new(length);
            let running = start(Bytes::new(), Some(upload));
            upload::forward(body, sender, &app.settings).await;
            running
        }
        None => match collect(body, &parts.headers, &app.settings).await {
            Ok(body) => start(body, None),
            Err(error) => return (String::new(), error_response(&error)),
        },
    };
    running.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request handler broke down");
        let reason = "the server broke down over this request";
        (String::new(), error_response(&ApiError::internal(reason)))
    })
}

/// The length of a body that is stored while it comes: one of plain elements that is large, or of
/// unknown length.
fn streamed_length(
    operation: &Operation,
    parts: &Parts,
    settings: &Settings,
) -> Option<Option<u64>> {
    let query = parts.uri.query().unwrap_or_default();
    let whole = [
        "fields=",
        "query=",
        "append=",
        "element_count=",
        "regionref=",
    ];
    let plain = kind(&parts.headers).eq_ignore_ascii_case(OCTETS)
        && !whole.iter().any(|name| query.contains(name));
    if operation.id != "putValue" || !plain {
        return None;
    }
    let Some(length) = parts.headers.get(header::CONTENT_LENGTH) else {
        return Some(None);
    };
    let length: u64 = length.to_str().ok()?.parse().ok()?;
    let large = (settings.stream_from..=settings.max_request_size).contains(&length);
    large.then_some(Some(length))
}

/// Refuses heads of requests that are longer than this.
fn too_long(parts: &Parts, most: usize) -> Option<ApiError> {
    let headers = parts.headers.iter();
    let headers: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    let url = parts
        .uri
        .path_and_query()
        .map_or(0, |url| url.as_str().len());
    (headers + url > most).then(|| {
        let reason = format!("URL and headers are longer than {most} bytes");
        ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, reason)
    })
}

/// Counts a request as running until it is dropped: clients may go away at any time.
struct Running(Arc<App>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.metrics.running.dec();
    }
}

/// Who asked, and the answer.
fn handle(
    app: Arc<App>,
    parts: Parts,
    params: HashMap<String, String>,
    (body, upload): (Bytes, Option<Upload>),
    operation: &Operation,
) -> (String, Response) {
    let user = match app.authenticator.identify(&parts.headers) {
        Ok(user) => user,
        Err(error) => {
            app.metrics.refused_logins.inc();
            return (String::new(), error_response(&error));
        }
    };
    let call = Call {
        method: parts.method,
        user,
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        params,
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body,
        upload: Mutex::new(upload),
        document: Mutex::new(None),
        app,
    };
    let outcome = call.admit().and_then(|()| (operation.answer)(&call));
    let response = match outcome {
        Ok(reply) => reply.into_response(&call.method, &call.headers),
        Err(error) => error_response(&error),
    };
    (call.user.name, response)
}

/// Memory set aside at once for a body of announced length.
const MOST_RESERVED: usize = 1 << 30;

async fn collect(
    body: axum::body::Body,
    headers: &HeaderMap,
    settings: &Settings,
) -> Result<Bytes> {
    let limit = match kind(headers).eq_ignore_ascii_case(OCTETS) {
        true => settings.max_request_size,
        false => settings.max_request_size.min(settings.max_json_size),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let too_large = || ApiError::too_large(format!("the body is larger than {limit} bytes"));
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok());
    let announced: Option<usize> = announced.and_then(|v| v.parse().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // Room that is never written to costs nothing, so announcing much is no attack.
    let room = announced.unwrap_or(0).min(MOST_RESERVED);
    let (mut collected, mut body) = (Vec::with_capacity(room), Limited::new(body, limit));
    loop {
        let next = tokio::time::timeout(settings.body_timeout, body.frame()).await;
        let late = |_| ApiError::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time");
        let Some(frame) = next.map_err(late)? else {
            return Ok(collected.into());
        };
        match frame {
            Ok(frame) => collected.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
            Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
            Err(error) => {
                return Err(ApiError::bad_request(format!(
                    "the body broke off: {error}"
                )));
            }
        }
    }
}

/// The media type of a body, without parameters; empty if nothing is said.
fn kind(headers: &HeaderMap) -> &str {
    let sent = headers.get(header::CONTENT_TYPE);
    let sent = sent.and_then(|sent| sent.to_str().ok()).unwrap_or_default();
    sent.split(';').next().unwrap_or_default().trim()
}

/// Whether one of the headers of this name lists `wanted`.
fn accepts(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    let sent = headers.get_all(name).iter();
    sent.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let one = one.split(';').next().unwrap_or_default();
            one.trim().eq_ignore_ascii_case(wanted)
        })
}

impl Call {
    /// Lets in whoever may ask at all: changes need a name.
    fn admit(&self) -> Result<()> {
        let reads = matches!(self.method, Method::GET | Method::HEAD | Method::POST);
        if self.app.authenticator.is_trusting() || !self.user.anonymous {
            return self.app.ensure_home(&self.user.name);
        }
        if self.user.anonymous && !(reads && self.is_lookup()) {
            return Err(ApiError::unauthorized(
                "this request needs a user name and password",
            ));
        }
        Ok(())
    }

    /// POST makes objects in collections, changes in batches, and looks things up everywhere else.
    fn is_lookup(&self) -> bool {
        let collection = self.path.trim_matches('/');
        self.method != Method::POST
            || !(collection == "batch"
                || ObjectClass::ALL
                    .iter()
                    .any(|c| c.collection() == collection))
    }

    /// A request of the same user that came as part of this one.
    pub fn part(
        &self,
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
            document: Mutex::new(Some(document)),
            method,
            params,
            path,
            headers: HeaderMap::new(),
        }
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

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.method
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

    /// The path of the domain that the request is about; `None` if it names none.
    pub fn domain_path(&self) -> Result<Option<String>> {
        let sent = match self.query.get("domain") {
            Some(sent) => Some(sent.to_owned()),
            None => match self.headers.get("x-hdf-domain").map(|v| v.to_str()) {
                Some(Ok(sent)) => Some(sent.to_owned()),
                Some(Err(_)) => return Err(ApiError::bad_request("Invalid domain name")),
                None => None,
            },
        };
        sent.filter(|s| !s.is_empty() && s != "/")
            .map(|s| normal_path(&s))
            .transpose()
    }

    /// The path of the domain that the request must name.
    pub fn required_path(&self) -> Result<String> {
        let path = self.domain_path()?;
        path.ok_or_else(|| ApiError::bad_request("no domain given (query domain=/path)"))
    }

    /// The record of the domain or folder, if this user may do `action` there.
    pub fn record(&self, reader: &dyn Reader, action: Action) -> Result<(String, DomainRecord)> {
        let path = self.required_path()?;
        let record = domains::get(reader, self.store(), &path)?;
        acl::check(&record, &path, &self.user, action)?;
        Ok((path, record))
    }

    /// The domain, if this user may do `action` in it.
    pub fn open(&self, reader: &dyn Reader, action: Action) -> Result<Open> {
        let (path, record) = self.record(reader, action)?;
        open_record(path, record)
    }

    /// The domain; what this user may do there is not asked, but with single objects.
    pub fn open_unchecked(&self, reader: &dyn Reader) -> Result<Open> {
        self.open_unchecked_path(reader, &self.required_path()?)
    }

    /// The same for another domain, by path.
    pub fn open_unchecked_path(&self, reader: &dyn Reader, path: &str) -> Result<Open> {
        open_record(path.to_owned(), domains::get(reader, self.store(), path)?)
    }

    /// Another domain by path, if this user may do `action` in it.
    pub fn open_path(&self, reader: &dyn Reader, path: &str, action: Action) -> Result<Open> {
        let record = domains::get(reader, self.store(), path)?;
        acl::check(&record, path, &self.user, action)?;
        open_record(path.to_owned(), record)
    }

    /// The bucket that the request names; this server has one, under any name.
    pub fn bucket(&self) -> &str {
        let header = self
            .headers
            .get("x-hdf-bucket")
            .and_then(|v| v.to_str().ok());
        self.query.get("bucket").or(header).unwrap_or("h5rest")
    }

    /// The body's document; an empty object if there is no body. To be asked for once.
    pub fn json(&self) -> Result<Value> {
        let document = match self.document.lock().take() {
            Some(document) => document,
            None if self.body.is_empty() => return Ok(json!({})),
            None => text::parse_lenient(&self.body)?,
        };
        // h5pyd sends `null` where it has nothing to say.
        Ok(match document {
            Value::Null => json!({}),
            document => document,
        })
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
        accepts(&self.headers, header::ACCEPT, OCTETS)
    }

    /// Whether the body is elements in wire form; JSON if nothing is said.
    pub fn sends_bytes(&self) -> Result<bool> {
        match kind(&self.headers) {
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

const OCTETS: &str = "application/octet-stream";

fn open_record(path: String, record: DomainRecord) -> Result<Open> {
    match record.root {
        Some(root) => Ok(Open { path, root, record }),
        None => Err(ApiError::bad_request(format!(
            "{path} is a folder, not a domain"
        ))),
    }
}

impl Open {
    /// Refuses objects of other domains.
    pub fn check_member(&self, id: ObjectId) -> Result<()> {
        if id.root_of() == self.root {
            return Ok(());
        }
        let reason = format!("{id} is not a member of the domain {}", self.path);
        Err(ApiError::bad_request(reason))
    }
}

/// The absolute path that a domain name means: `/home/u/f`, `bucket/home/u/f`,
/// `hdf5://home/u/f`.
pub fn normal_path(sent: &str) -> Result<String> {
    let bad = || {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            format!("Invalid domain name: '{sent}'"),
        )
    };
    let path = sent.strip_prefix("hdf5:/").unwrap_or(sent);
    let path = match path.find('/') {
        Some(0) => path,
        Some(at) => &path[at..],
        None => return Err(bad()),
    };
    let odd = |name: &str| name.is_empty() || name == "." || name == "..";
    let sound = path.len() >= 2 && !path.contains('\0') && !path[1..].split('/').any(odd);
    if sound {
        Ok(path.to_owned())
    } else {
        Err(bad())
    }
}

/// Whether a path is a user's own folder.
pub fn is_home(path: &str) -> Option<&str> {
    let user = path.strip_prefix(HOME)?.strip_prefix('/')?;
    (!user.contains('/')).then_some(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_names() {
        for (sent, path) in [
            ("/home/u/f.h5", "/home/u/f.h5"),
            ("bucket/home/u", "/home/u"),
            ("hdf5://home/u f", "/home/u f"),
        ] {
            assert_eq!(normal_path(sent).unwrap(), path);
        }
        for sent in [
            "f.h5",
            "/",
            "/home/",
            "/home/../x",
            "//x",
            "/a/./b",
            "/a\0b",
        ] {
            assert!(normal_path(sent).is_err(), "{sent}");
        }
        assert_eq!(is_home("/home/u"), Some("u"));
        assert_eq!(is_home("/home/u/f"), None);
    }
}
