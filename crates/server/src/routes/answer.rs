//! From an HTTP request to its response: who asks, the answer, what is counted and logged about it.
//! Called by the router for each operation.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio::task::{JoinError, spawn_blocking};

use super::call::{Call, Content};
use super::edit::{ReadEdit, once};
use super::media::{OCTETS, accepts};
use super::operations::Operation;
use super::pace::Pace;
use super::packed_elements;
use super::reply::error_response;
use super::request_size::{collect, discard, streamed_length, too_long, unknown_packing};
use super::upload::{self, Upload};
use crate::app::App;
use crate::attempt::Waiting;
use crate::auth::User;
use crate::error::{ApiError, Result};

/// Reads the request, finds out who sends it, and answers it on a thread that may block.
pub async fn answer(app: Arc<App>, request: Request, operation: &'static Operation) -> Response {
    let started = Instant::now();
    app.metrics.running.inc();
    let _running = Running(app.clone());
    let (mut parts, body) = request.into_parts();
    let params = params_of(&mut parts, &app).await;
    let mut waiting = Waiting::default();
    let parts = Arc::new(parts);
    let received = params.map(|params| Received {
        app: app.clone(),
        parts: parts.clone(),
        params,
        operation,
        abandoned: waiting.abandoned(),
    });
    let mut outcome = match received {
        Ok(received) => received.respond(body).await,
        Err(error) => (String::new(), error_response(&error)),
    };
    waiting.answered();
    app.repetitions.tidy(&app.store);
    let (user, response) = (&outcome.0, &mut outcome.1);
    let status = response.status().as_u16();
    debug_assert!(
        operation.documents(status) || status >= 500,
        "{} does not document {status}",
        operation.id
    );
    // Elements are compressed only for clients that know the fast way to do it: all the others
    // list gzip without a thought, and would wait many times as long.
    if response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(OCTETS)) {
        let wants = accepts(&parts.headers, header::ACCEPT_ENCODING, "zstd");
        let elements = std::mem::take(response);
        *response = packed_elements::bounded(elements, wants, &app.packings);
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

/// Changes with a body of up to so many bytes are read by the thread that commits.
const SMALL_CHANGE: usize = 64 << 10;

/// The parts of the path that have names. Refuses heads that are too long, and names that are no text.
async fn params_of(parts: &mut Parts, app: &Arc<App>) -> Result<HashMap<String, String>> {
    if let Some(error) = too_long(parts, app.settings.max_header_size) {
        return Err(error);
    }
    match Path::<HashMap<String, String>>::from_request_parts(parts, app).await {
        Ok(Path(params)) => Ok(params),
        Err(PathRejection::FailedToDeserializePathParams(error)) => {
            Err(ApiError::bad_request(error.body_text()))
        }
        Err(_) => Ok(HashMap::new()),
    }
}

/// A request of which the head is there.
struct Received {
    app: Arc<App>,
    parts: Arc<Parts>,
    params: HashMap<String, String>,
    operation: &'static Operation,
    /// Becomes true when nobody waits for the answer any more.
    abandoned: Arc<AtomicBool>,
}

impl Received {
    /// Finds out who sends the request, takes the body in, and has the request answered where it keeps
    /// nobody from working: at once, by the thread that commits, or by one that may block.
    async fn respond(self, body: Body) -> (String, Response) {
        let user = match self.identified().await {
            Ok(user) => user,
            Err(error) => {
                discard(body, &self.app.settings).await;
                return (String::new(), error_response(&error));
            }
        };
        if let Some(error) = unknown_packing(&self.parts.headers) {
            discard(body, &self.app.settings).await;
            return (user.name, error_response(&error));
        }
        let app = self.app.clone();
        if self.operation.is_quick(&self.parts) {
            let work = move || self.handle(user, Content::default());
            return catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| broken_down());
        }
        if let Some(length) = streamed_length(self.operation, &self.parts, &app.settings) {
            // One that is slow occupies its thread until it has ended.
            let place = match app.uploads.place(&user.name).await {
                Ok(place) => place,
                Err(error) => {
                    discard(body, &app.settings).await;
                    return (user.name, error_response(&error));
                }
            };
            let held = app.memory.body();
            let pace = Pace::new(app.settings.body_timeout).under(held.pressure());
            let (sender, upload) = Upload::new(length, held);
            let running = spawn_blocking(move || {
                let _place = place;
                self.handle(user, Content::of_upload(upload))
            });
            upload::forward(
                body,
                sender,
                pace,
                app.settings.max_request_size,
                &app.metrics,
            )
            .await;
            return ended(running.await);
        }
        let headers = &self.parts.headers;
        let content = match collect(body, headers, &app, &user, self.operation).await {
            Ok(content) => content,
            Err(error) => return (user.name, error_response(&error)),
        };
        app.metrics.received.inc_by(content.bytes.len() as u64);
        match self.operation.edit {
            Some(read) if content.bytes.len() <= SMALL_CHANGE => {
                self.change(user, content, read).await
            }
            _ => ended(spawn_blocking(move || self.handle(user, content)).await),
        }
    }

    /// Who sends the request, if that one may ask at all: changes need a name.
    async fn identified(&self) -> Result<User> {
        let (app, headers) = (&self.app, &self.parts.headers);
        let user = match app.authenticator.is_quick(headers) {
            true => app.authenticator.identify(headers),
            false => {
                let (own, parts) = (app.clone(), self.parts.clone());
                let check = move || own.authenticator.identify(&parts.headers);
                app.logins.check(check).await?
            }
        };
        let mut user = user.inspect_err(|_| {
            app.metrics.refused_logins.inc();
        })?;
        user.otherwise = app.settings.default_acl;
        if user.anonymous && !app.authenticator.is_trusting() {
            return match self.operation.lookup {
                true => Ok(user),
                false => Err(ApiError::unauthorized(
                    "this request needs a user name and password",
                )),
            };
        }
        if !app.is_at_home(&user.name) {
            let (app, name) = (app.clone(), user.name.clone());
            let made = spawn_blocking(move || app.ensure_home(&name));
            let made = made.await.unwrap_or_else(|_| Err(failed()));
            // A disk without room keeps nobody from reading.
            match made {
                Err(error) if !self.operation.lookup => return Err(error),
                _ => {}
            }
        }
        Ok(user)
    }

    fn call(self, user: User, content: Content) -> Call {
        let Self {
            app,
            parts,
            params,
            abandoned,
            ..
        } = self;
        Call::new(app, user, parts, params, content, abandoned)
    }

    /// Who asked, and the answer.
    fn handle(self, user: User, content: Content) -> (String, Response) {
        let answer = self.operation.answer;
        let call = self.call(user, content);
        let response = match answer(&call) {
            Ok(reply) => reply.into_response(call.method(), call.headers()),
            Err(error) => error_response(&error),
        };
        (call.user.name, response)
    }

    /// Has a change read and made by the thread that commits, with whatever else waits there.
    async fn change(self, user: User, content: Content, read: ReadEdit) -> (String, Response) {
        let (app, parts, name) = (self.app.clone(), self.parts.clone(), user.name.clone());
        let call = self.call(user, content);
        let by = match call.attempt() {
            Ok(by) => by,
            Err(error) => return (name, error_response(&error)),
        };
        call.read_ahead();
        let made = app.store.submit(move |change| {
            let reply = once(&by, change, |change| read(&call, change)?(change))?;
            // To let go of the request is not for the thread that commits.
            Ok((reply, call))
        });
        let response = match made.await {
            Ok((reply, _request)) => reply.into_response(&parts.method, &parts.headers),
            Err(error) => error_response(&error),
        };
        (name, response)
    }
}

/// What a request handler on a thread of its own has answered.
fn ended(outcome: std::result::Result<(String, Response), JoinError>) -> (String, Response) {
    outcome.unwrap_or_else(|error| {
        tracing::error!(%error, "a request handler broke down");
        broken_down()
    })
}

fn failed() -> ApiError {
    ApiError::internal("the server broke down over this request")
}

fn broken_down() -> (String, Response) {
    (String::new(), error_response(&failed()))
}

/// Counts a request as running until it is dropped: clients may go away at any time.
struct Running(Arc<App>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.metrics.running.dec();
    }
}
