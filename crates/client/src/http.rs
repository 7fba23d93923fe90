//! Requests over HTTP: TCP, TLS, or a Unix socket.
//!
//! Unencrypted connections without a proxy are used by the thread that asks (see `plain`). For
//! everything else that thread waits while the network threads (see `runtime`) do the work. The
//! time limit is one of *progress*: an answer may take as long as it wants as long as something
//! moves.
//!
//! Encrypted servers may choose HTTP/2 for documents, which then share one connection. Elements have
//! connections of their own with HTTP/1.1: several streams of one connection are held up by the windows
//! that its ends allow (nginx takes 64 KiB ahead of each upload), and by each lost packet together.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client as HttpClient, ClientBuilder, Response as HttpResponse};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::exchange::{Event, Exchange};
use crate::pace::Pace;
use crate::plain::Plain;
use crate::request::{Format, Head, Method, Receiver, Request, Response, Sink, pause_of};
use crate::transport::{Transport, TransportError, TransportFailure};
use crate::unpack::Packing;
use crate::upload::{Progress, Upload};
use crate::{runtime, tls};

/// HSDS counts idle connections as load and refuses work above 100 of them.
const MAX_CONNECTIONS: usize = 8;
/// Bodies up to this size go out in one piece.
const SMALL_BODY: usize = 64 << 10;

/// Connections to one endpoint for one user.
#[derive(Debug)]
pub struct HttpTransport {
    endpoint: Endpoint,
    headers: HeaderMap,
    patience: Duration,
    plain: Option<Plain>,
    pace: Pace,
    live: Mutex<Option<Live>>,
}

/// What a forked child must not use: the connections belong to its parent.
#[derive(Debug)]
struct Live {
    process: u32,
    pool: Pool,
}

#[derive(Debug, Clone)]
struct Pool {
    documents: HttpClient,
    elements: HttpClient,
    permits: Arc<Semaphore>,
}

impl HttpTransport {
    /// Connections to `endpoint` that are made when needed. A request fails after `patience`
    /// without progress.
    pub fn new(
        endpoint: Endpoint,
        credentials: &Credentials,
        patience: Duration,
    ) -> Result<Self, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in credentials.headers() {
            // The value is secret: the message must not repeat it.
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| format!("the {name} value has characters that HTTP cannot send"))?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        let direct = !endpoint.is_encrypted() && (endpoint.is_local() || !is_proxy_set());
        let plain = direct.then(|| Plain::new(&endpoint, credentials, patience, MAX_CONNECTIONS));
        Ok(Self {
            endpoint,
            headers,
            patience,
            plain,
            pace: Pace::default(),
            live: Mutex::new(None),
        })
    }

    fn pool(&self) -> Result<Pool, TransportError> {
        let process = std::process::id();
        let mut live = self.live.lock();
        if let Some(own) = live.as_ref().filter(|live| live.process == process) {
            return Ok(own.pool.clone());
        }
        let pool = Pool {
            documents: self.build(true)?,
            elements: self.build(false)?,
            permits: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        };
        let inherited = live.replace(Live {
            process,
            pool: pool.clone(),
        });
        // Dropping it would say goodbye on sockets that the parent process still uses.
        std::mem::forget(inherited);
        Ok(pool)
    }

    fn build(&self, may_share: bool) -> Result<HttpClient, TransportError> {
        let hopeless = |words: String| TransportError::new(TransportFailure::Hopeless, words);
        let protocols: &[&[u8]] = match may_share {
            true => &[b"h2", b"http/1.1"],
            false => &[b"http/1.1"],
        };
        // A shared connection that is dead would take each repetition with it: it must be given up
        // before a request is.
        let ping = (self.patience / 4).max(Duration::from_secs(1));
        let mut builder = ClientBuilder::new()
            .http2_keep_alive_interval(ping)
            .http2_keep_alive_timeout(ping)
            .http2_keep_alive_while_idle(true)
            .default_headers(self.headers.clone())
            .user_agent(concat!("hdf5-vol-rest/", env!("CARGO_PKG_VERSION")))
            // A redirection would send the credentials elsewhere; it is reported instead.
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .connect_timeout(self.patience.min(Duration::from_secs(15)))
            .pool_max_idle_per_host(MAX_CONNECTIONS)
            // Shorter than the 75 s after which HSDS closes idle connections.
            .pool_idle_timeout(Duration::from_secs(30))
            .tls_backend_preconfigured(
                tls::config(self.endpoint.is_encrypted(), protocols).map_err(hopeless)?,
            );
        if !(may_share && self.endpoint.is_encrypted()) {
            builder = builder.http1_only();
        }
        if self.endpoint.is_local() {
            builder = builder.no_proxy();
        }
        if let Some(socket) = self.endpoint.socket() {
            builder = builder.unix_socket(socket.to_owned());
        }
        builder
            .build()
            .map_err(|error| hopeless(error_text(&error)))
    }

    fn prepare(
        &self,
        pool: &Pool,
        request: &Request,
        packed: bool,
        progress: &Arc<Progress>,
    ) -> reqwest::RequestBuilder {
        let sent = request
            .body
            .as_ref()
            .map(|(format, body)| (*format, body.len()));
        let http = match (request.accept, sent) {
            (Format::Binary, _) | (_, Some((Format::Binary, _))) => &pool.elements,
            // Changes may be as long as elements.
            (Format::Json, Some((_, length))) if length > SMALL_BODY => &pool.elements,
            (Format::Json, _) => &pool.documents,
        };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Put => reqwest::Method::PUT,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let url = format!("{}{}", self.endpoint.base(), request.target());
        let mut builder = http
            .request(method, url)
            .header(reqwest::header::ACCEPT, request.accept.media_type());
        if let Some(name) = &request.name {
            builder = builder.header("idempotency-key", name);
        }
        let builder = match packed {
            true => builder.header(reqwest::header::ACCEPT_ENCODING, "zstd"),
            false => builder,
        };
        let Some((format, body)) = &request.body else {
            return builder;
        };
        let body = if body.len() <= SMALL_BODY {
            reqwest::Body::from(body.clone())
        } else {
            reqwest::Body::wrap(Upload::new(body.clone(), progress.clone()))
        };
        builder
            .header(reqwest::header::CONTENT_TYPE, format.media_type())
            .body(body)
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError> {
        self.watched(sink, |packed, sink| match &self.plain {
            Some(plain) => {
                let body = request.body.as_ref();
                let body = body.map(|(format, body)| (*format, &body[..]));
                plain.send(request, body, packed, sink)
            }
            None => self.send_by_threads(request, packed, sink),
        })
    }

    fn send_with(
        &self,
        request: &Request,
        body: &[u8],
        sink: Sink<'_>,
    ) -> Result<Response, TransportError> {
        self.watched(sink, |packed, sink| match &self.plain {
            Some(plain) => plain.send(request, Some((Format::Binary, body)), packed, sink),
            None => self.send_by_threads(&request.clone().sending_copy(body), packed, sink),
        })
    }
}

/// Whether the environment names a proxy for unencrypted requests.
fn is_proxy_set() -> bool {
    let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    names.iter().any(set)
}

impl HttpTransport {
    /// Sends a request, told whether to ask for a packed answer, and learns from how long it took.
    fn watched(
        &self,
        sink: Sink<'_>,
        send: impl FnOnce(bool, Sink<'_>) -> Result<Response, TransportError>,
    ) -> Result<Response, TransportError> {
        let began = Instant::now();
        let memory = match &sink {
            Sink::Into(memory) => memory.len(),
            _ => 0,
        };
        let response = send(self.pace.is_slow(), sink)?;
        let bytes = match response.head.is_success() {
            true => memory.max(response.body.len()),
            false => 0,
        };
        self.pace.took(began, bytes, response.moved);
        Ok(response)
    }

    fn send_by_threads(
        &self,
        request: &Request,
        packed: bool,
        sink: Sink<'_>,
    ) -> Result<Response, TransportError> {
        let pool = self.pool()?;
        let threads = runtime::handle().map_err(|error| {
            let words = format!("cannot start network threads: {error}");
            TransportError::new(TransportFailure::Hopeless, words)
        })?;
        let progress = Progress::new();
        let prepared = self.prepare(&pool, request, packed, &progress);
        let exchange = Arc::new(Exchange::default());
        threads.spawn(run(
            prepared,
            pool.permits,
            progress,
            self.patience,
            exchange.clone(),
        ));
        receive(&exchange, sink).map_err(|mut error| {
            exchange.abandon();
            // The request's own text has no address: whoever reads this must learn who was silent.
            error.message = format!("{} from {}", error.message, self.endpoint);
            error
        })
    }
}

/// Takes the answer from the network side.
fn receive(exchange: &Exchange, sink: Sink<'_>) -> Result<Response, TransportError> {
    let broken = |words: String| TransportError::new(TransportFailure::Broken, words);
    let head = match exchange.next() {
        Event::Head(head) => head,
        Event::Failed(error) => return Err(error),
        Event::Piece(_) | Event::End => return Err(broken("an answer without a status".into())),
    };
    let mut receiver = Receiver::new(&head, sink);
    loop {
        match exchange.next() {
            Event::Piece(piece) => receiver.take(&piece).map_err(broken)?,
            Event::Failed(error) => return Err(error),
            Event::End | Event::Head(_) => break,
        }
    }
    let moved = receiver.moved();
    let body = receiver.finish().map_err(broken)?;
    Ok(Response {
        head,
        body,
        moved,
        repeated: false,
    })
}

/// The network side of one request.
async fn run(
    prepared: reqwest::RequestBuilder,
    permits: Arc<Semaphore>,
    progress: Arc<Progress>,
    patience: Duration,
    exchange: Arc<Exchange>,
) {
    // Closed never; waiting for a permit is not the server's silence.
    let _permit = permits.acquire().await;
    let last = match converse(prepared, &progress, patience, &exchange).await {
        Ok(()) => Event::End,
        Err(error) => Event::Failed(error),
    };
    exchange.put(last).await;
}

async fn converse(
    prepared: reqwest::RequestBuilder,
    progress: &Progress,
    patience: Duration,
    exchange: &Exchange,
) -> Result<(), TransportError> {
    let mut answer = answer_of(prepared, progress, patience).await?;
    let head =
        head_of(&answer).map_err(|words| TransportError::new(TransportFailure::Broken, words))?;
    if !exchange.put(Event::Head(head)).await {
        return Ok(());
    }
    loop {
        let piece = match timeout(patience, answer.chunk()).await {
            Ok(piece) => piece.map_err(|error| failure_of(&error))?,
            Err(_) => return Err(silence("the answer stopped", patience)),
        };
        match piece {
            Some(piece) => {
                if !exchange.put(Event::Piece(piece)).await {
                    return Ok(());
                }
            }
            None => return Ok(()),
        }
    }
}

/// Waits for the start of the answer as long as the body goes out or the time limit allows.
async fn answer_of(
    prepared: reqwest::RequestBuilder,
    progress: &Progress,
    patience: Duration,
) -> Result<HttpResponse, TransportError> {
    // The clock starts now, not when the request was made: it may have waited for its turn.
    let started = Instant::now();
    let mut sent = std::pin::pin!(prepared.send());
    loop {
        let last = progress.last().max(started);
        let left = (last + patience).saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(silence("no answer", patience));
        }
        if let Ok(answer) = timeout(left, &mut sent).await {
            return answer.map_err(|error| failure_of(&error));
        }
    }
}

fn silence(what: &str, patience: Duration) -> TransportError {
    let words = format!("{what} for {} s", patience.as_secs_f64());
    TransportError::new(TransportFailure::Timeout, words)
}

fn head_of(answer: &HttpResponse) -> Result<Head, String> {
    let text = |name| answer.headers().get(name)?.to_str().ok();
    let retry_after = text(reqwest::header::RETRY_AFTER);
    let packing = text(reqwest::header::CONTENT_ENCODING).unwrap_or_default();
    Ok(Head {
        status: answer.status().as_u16(),
        retry_after: retry_after.and_then(pause_of),
        location: text(reqwest::header::LOCATION).map(str::to_owned),
        length: answer.content_length(),
        packing: Packing::of_answer(answer.status().as_u16(), packing)?,
    })
}

/// Classes an error by what it means for another attempt.
fn failure_of(error: &reqwest::Error) -> TransportError {
    let refused = source_kind(error) == Some(io::ErrorKind::ConnectionRefused)
        || source_kind(error) == Some(io::ErrorKind::NotFound);
    let failure = if error.is_builder() {
        TransportFailure::Hopeless
    } else if error.is_timeout() {
        TransportFailure::Timeout
    } else if error.is_connect() && refused {
        TransportFailure::Refused
    } else if error.is_connect() && mentions_certificate(error) {
        TransportFailure::Hopeless
    } else {
        TransportFailure::Broken
    };
    TransportError::new(failure, error_text(error))
}

/// The kind of the innermost I/O error.
fn source_kind(error: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    let own = error.downcast_ref::<io::Error>().map(io::Error::kind);
    error.source().and_then(source_kind).or(own)
}

fn mentions_certificate(error: &reqwest::Error) -> bool {
    error_text(error).contains("certificate")
}

/// The innermost cause: the outer ones repeat the URL, or say "error sending request".
fn error_text(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
