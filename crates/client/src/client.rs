//! Sends requests until they succeed or are beyond help, and says what failed in words.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use h5rest_protocol::document::Document;
use h5rest_protocol::values::text::{parse_lenient, write_lenient};
use serde_json::Value;

use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{ClientError, ClientErrorKind};
use crate::http::HttpTransport;
use crate::request::{Format, Head, Method, Request, Response, Sink};
use crate::retry::{Failures, Outcome, RetryPolicy};
use crate::transport::{Transport, TransportError, TransportFailure};

/// Result of a request.
pub type Result<T> = std::result::Result<T, ClientError>;

/// A server, as one user.
#[derive(Debug, Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    retry: RetryPolicy,
}

/// A successful answer, and how many attempts it took.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) attempts: u32,
}

impl Client {
    /// A client over HTTP. A request fails after `patience` without progress.
    pub fn connect(
        endpoint: Endpoint,
        credentials: &Credentials,
        patience: Duration,
    ) -> std::result::Result<Self, String> {
        let transport = HttpTransport::new(endpoint, credentials, patience)?;
        Ok(Self::new(Arc::new(transport)))
    }

    /// A client over any transport.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self {
            transport,
            retry: RetryPolicy::default(),
        }
    }

    /// The same client with other bounds of repetition.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The way requests take.
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// Sends a request for JSON.
    pub(crate) fn json(&self, request: &Request) -> Result<Value> {
        let answer = self.call(request, Sink::Document)?;
        parse(request, &answer)
    }

    /// Sends a request for JSON that is read in place.
    pub(crate) fn text(&self, request: Request) -> Result<JsonText> {
        let answer = self.call(&request, Sink::Document)?;
        Ok(JsonText { request, answer })
    }

    /// Sends a request whose answer does not matter beyond its success.
    pub(crate) fn done(&self, request: &Request) -> Result<()> {
        self.call(request, Sink::Collect).map(drop)
    }

    /// Sends a request with these bytes as its body.
    pub(crate) fn done_with(&self, request: &Request, body: &[u8]) -> Result<()> {
        self.attempt(request, Some(body), Sink::Collect).map(drop)
    }

    /// Sends a request until it succeeds or is beyond help.
    pub(crate) fn call(&self, request: &Request, sink: Sink<'_>) -> Result<Answer> {
        self.attempt(request, None, sink)
    }

    fn attempt(
        &self,
        request: &Request,
        body: Option<&[u8]>,
        mut sink: Sink<'_>,
    ) -> Result<Answer> {
        let named;
        let request = match request.method {
            Method::Get => request,
            _ if request.name.is_some() => request,
            _ => {
                named = request.named();
                &named
            }
        };
        let started = Instant::now();
        let mut attempts = 1;
        let mut failures = Failures::default();
        loop {
            let tried = match body {
                None => self.transport.send(request, sink.again()),
                Some(body) => self.transport.send_with(request, body, sink.again()),
            };
            let repeated = match &tried {
                Ok(response) => response.repeated,
                Err(error) => error.repeated,
            };
            attempts += u32::from(repeated);
            note(request, body, &tried, attempts, started);
            let failed = match tried {
                Ok(response) if response.head.is_success() => {
                    return Ok(Answer {
                        status: response.head.status,
                        body: response.body,
                        attempts,
                    });
                }
                other => other,
            };
            let outcome = match &failed {
                Ok(response) => Outcome::Answer(&response.head),
                Err(error) => Outcome::NoAnswer(error.failure),
            };
            let elapsed = started.elapsed();
            let pause = match sink {
                Sink::Pour(_) => None,
                _ => self
                    .retry
                    .pause(request.method, outcome, &mut failures, elapsed),
            };
            match pause {
                Some(pause) => std::thread::sleep(pause),
                None => return Err(explain(request, failed, attempts)),
            }
            attempts += 1;
        }
    }
}

/// Reads a JSON answer; HSDS writes bare NaN and infinities.
pub(crate) fn parse(request: &Request, answer: &Answer) -> Result<Value> {
    read(request, answer, parse_lenient)
}

fn read<'a, T>(
    request: &Request,
    answer: &'a Answer,
    parse: impl FnOnce(&'a [u8]) -> h5rest_protocol::Result<T>,
) -> Result<T> {
    let failed = |reason: String| ClientError {
        kind: ClientErrorKind::Protocol,
        request: request.to_string(),
        status: Some(answer.status),
        reason,
        attempts: answer.attempts,
    };
    parse(&answer.body).map_err(|error| failed(format!("the answer is not JSON: {error}")))
}

/// A JSON answer as it came, of which much may be wanted.
#[derive(Debug)]
pub struct JsonText {
    request: Request,
    answer: Answer,
}

impl JsonText {
    /// What it says. HSDS writes bare NaN and infinities.
    pub fn document(&self) -> Result<Document<'_>> {
        read(&self.request, &self.answer, Document::parse)
    }
}

/// A request with a JSON body.
pub(crate) fn sending_json(request: Request, body: &Value) -> Result<Request> {
    match write_lenient(body) {
        Ok(bytes) => Ok(request.sending(Format::Json, bytes)),
        Err(error) => Err(ClientError {
            kind: ClientErrorKind::Invalid,
            request: request.to_string(),
            status: None,
            reason: error.to_string(),
            attempts: 0,
        }),
    }
}

fn note(
    request: &Request,
    body: Option<&[u8]>,
    tried: &std::result::Result<Response, TransportError>,
    attempt: u32,
    started: Instant,
) {
    let result: Cow<'_, str> = match tried {
        Ok(response) => response.head.status.to_string().into(),
        Err(error) => error.message.as_str().into(),
    };
    let own = request.body.as_ref().map_or(0, |(_, body)| body.len());
    let sent = body.map_or(own, <[u8]>::len);
    let took = started.elapsed().as_secs_f64() * 1e3;
    log::debug!("{request} ({sent} bytes, attempt {attempt}): {result} after {took:.1} ms");
}

fn explain(
    request: &Request,
    tried: std::result::Result<Response, TransportError>,
    attempts: u32,
) -> ClientError {
    let (kind, status, reason) = match tried {
        Ok(response) => {
            let head = &response.head;
            (
                kind_of(head),
                Some(head.status),
                reason_of(head, &response.body),
            )
        }
        Err(error) => {
            let kind = match error.failure {
                TransportFailure::Refused => ClientErrorKind::Refused,
                TransportFailure::Timeout => ClientErrorKind::Timeout,
                TransportFailure::Broken | TransportFailure::Hopeless => {
                    ClientErrorKind::Unavailable
                }
            };
            (kind, None, error.message)
        }
    };
    ClientError {
        kind,
        request: request.to_string(),
        status,
        reason,
        attempts,
    }
}

fn kind_of(head: &Head) -> ClientErrorKind {
    match head.status {
        // 410 is HSDS's word for what it deleted itself.
        404 | 410 => ClientErrorKind::NotFound,
        409 => ClientErrorKind::Conflict,
        401 | 403 => ClientErrorKind::Denied,
        501 => ClientErrorKind::Unsupported,
        408 | 429 | 500..=599 => ClientErrorKind::Unavailable,
        400..=499 => ClientErrorKind::Invalid,
        _ => ClientErrorKind::Protocol,
    }
}

/// The server's words: `<code>: <reason>` with the code taken off, on one line of bounded length.
fn reason_of(head: &Head, body: &[u8]) -> String {
    const LONGEST: usize = 300;
    if let (300..=399, Some(target)) = (head.status, &head.location) {
        return format!("the server redirects to {target}: use that endpoint");
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let text = text
        .strip_prefix(&head.status.to_string())
        .map_or(text, |rest| rest.trim_start_matches([':', ' ']));
    let mut words: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if words.is_empty() {
        words = match head.status {
            401 => "the server does not accept the user name and password",
            403 => "the server does not allow this",
            503 => "the server is too busy",
            _ => "the server gave no reason",
        }
        .into();
    }
    if let (429 | 503, Some(pause)) = (head.status, head.retry_after) {
        words.push_str(&format!(" (it asks to come back in {} s)", pause.as_secs()));
    }
    words
}

/// A request for one member of a collection: `/groups/<id>`, with `rest` behind it.
pub(crate) fn member(method: Method, id: h5rest_protocol::ObjectId, rest: &str) -> Request {
    Request::new(method, format!("/{}/{id}{rest}", id.class.collection()))
}
