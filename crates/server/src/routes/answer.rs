//! From an HTTP request to its response: who asks, the answer, what is counted and logged about it.
//! Called by the router for each operation.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use tokio::task::JoinError;

use super::Uncompressed;
use super::call::Call;
use super::edit::ReadEdit;
use super::media::{OCTETS, accepts};
use super::operations::Operation;
use super::reply::error_response;
use super::request_size::{collect, streamed_length, too_long};
use super::upload::{self, Upload};
use crate::app::App;
use crate::error::{ApiError, Result};

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
    let parts = Arc::new(parts);
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

/// Changes with a body of up to so many bytes are read by the thread that commits.
const SMALL_CHANGE: usize = 64 << 10;

/// Takes the body in, and has the request answered where it keeps nobody from working: at once, by
/// the thread that commits, or by one that may block.
async fn respond(
    app: &Arc<App>,
    parts: &Arc<Parts>,
    params: HashMap<String, String>,
    body: axum::body::Body,
    operation: &'static Operation,
) -> (String, Response) {
    let is_known = app.authenticator.is_quick(&parts.headers);
    if is_known && operation.is_quick(parts) {
        let (app, parts) = (app.clone(), parts.clone());
        let work = move || handle(app, parts, params, (Bytes::new(), None), operation);
        return catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| broken_down());
    }
    let (for_work, for_parts) = (app.clone(), parts.clone());
    let start = move |body: Bytes, upload: Option<Upload>, params: HashMap<String, String>| {
        let work = move || handle(for_work, for_parts, params, (body, upload), operation);
        tokio::task::spawn_blocking(work)
    };
    let running = match streamed_length(operation, parts, &app.settings) {
        Some(length) => {
            app.metrics.received.inc_by(length.unwrap_or(0));
            // One that is slow occupies its thread until it has ended.
            let _place = app.uploads.acquire().await;
            let (sender, upload) = Upload::new(length);
            let running = start(Bytes::new(), Some(upload), params);
            upload::forward(body, sender, &app.settings).await;
            return ended(running.await);
        }
        None => match collect(body, &parts.headers, &app.settings).await {
            Ok(body) => {
                app.metrics.received.inc_by(body.len() as u64);
                match operation.edit {
                    Some(read) if is_known && body.len() <= SMALL_CHANGE => {
                        return change(app, parts, params, body, read).await;
                    }
                    _ => start(body, None, params),
                }
            }
            Err(error) => return (String::new(), error_response(&error)),
        },
    };
    ended(running.await)
}

/// What a request handler on a thread of its own has answered.
fn ended(outcome: std::result::Result<(String, Response), JoinError>) -> (String, Response) {
    outcome.unwrap_or_else(|error| {
        tracing::error!(%error, "a request handler broke down");
        broken_down()
    })
}

/// Has a change read and made by the thread that commits, with whatever else waits there.
async fn change(
    app: &Arc<App>,
    parts: &Arc<Parts>,
    params: HashMap<String, String>,
    body: Bytes,
    read: ReadEdit,
) -> (String, Response) {
    let call = match identified(app, parts.clone(), params, (body, None)) {
        Ok(call) => call,
        Err(error) => return (String::new(), error_response(&error)),
    };
    let user = call.user.name.clone();
    if let Err(error) = call.admit() {
        return (user, error_response(&error));
    }
    let made = app.store.submit(move |change| {
        let edit = read(&call, change)?;
        edit(change)
    });
    let response = match made.await {
        Ok(reply) => reply.into_response(&parts.method, &parts.headers),
        Err(error) => error_response(&error),
    };
    (user, response)
}

fn broken_down() -> (String, Response) {
    let reason = "the server broke down over this request";
    (String::new(), error_response(&ApiError::internal(reason)))
}

/// Counts a request as running until it is dropped: clients may go away at any time.
struct Running(Arc<App>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.metrics.running.dec();
    }
}

/// The request, now that it is known who sends it.
fn identified(
    app: &Arc<App>,
    parts: Arc<Parts>,
    params: HashMap<String, String>,
    body: (Bytes, Option<Upload>),
) -> Result<Call> {
    let user = app.authenticator.identify(&parts.headers);
    let mut user = user.inspect_err(|_| {
        app.metrics.refused_logins.inc();
    })?;
    user.otherwise = app.settings.default_acl;
    Ok(Call::new(app.clone(), user, parts, params, body))
}

/// Who asked, and the answer.
fn handle(
    app: Arc<App>,
    parts: Arc<Parts>,
    params: HashMap<String, String>,
    body: (Bytes, Option<Upload>),
    operation: &Operation,
) -> (String, Response) {
    let call = match identified(&app, parts, params, body) {
        Ok(call) => call,
        Err(error) => return (String::new(), error_response(&error)),
    };
    let outcome = call.admit().and_then(|()| (operation.answer)(&call));
    let response = match outcome {
        Ok(reply) => reply.into_response(call.method(), call.headers()),
        Err(error) => error_response(&error),
    };
    (call.user.name, response)
}
