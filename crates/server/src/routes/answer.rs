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

use super::Uncompressed;
use super::call::Call;
use super::media::{OCTETS, accepts};
use super::operations::Operation;
use super::reply::error_response;
use super::request_size::{collect, streamed_length, too_long};
use super::upload::{self, Upload};
use crate::app::App;
use crate::error::ApiError;

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
    if operation.is_quick(parts) && app.authenticator.is_quick(&parts.headers) {
        let (app, parts) = (app.clone(), parts.clone());
        let work = move || handle(app, parts, params, (Bytes::new(), None), operation);
        return catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| broken_down());
    }
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
        broken_down()
    })
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
    let call = Call::new(app, user, parts, params, (body, upload));
    let outcome = call.admit().and_then(|()| (operation.answer)(&call));
    let response = match outcome {
        Ok(reply) => reply.into_response(call.method(), call.headers()),
        Err(error) => error_response(&error),
    };
    (call.user.name, response)
}
