//! The HDF REST API over HTTP: one file per resource, each handler from [`call::Call`] to
//! [`reply::Reply`].

mod about;
mod access;
mod acls;
mod annotations;
mod answer;
mod attribute_documents;
mod attributes;
mod backup;
mod batch;
mod call;
mod create;
mod datasets;
mod domain;
mod domains;
mod edit;
mod etag;
mod json_elements;
mod link_documents;
mod links;
mod many_objects;
mod media;
mod object_documents;
mod object_texts;
mod objects;
mod open;
pub mod openapi;
pub mod operations;
mod pace;
pub(crate) mod packed_elements;
pub(crate) mod pattern;
mod piece_body;
mod points;
mod queries;
mod query;
mod region_references;
mod reply;
mod request_size;
mod shape;
mod upload;
mod value_bodies;
mod values;

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{MethodFilter, any, on};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};
use tower_http::decompression::RequestDecompressionLayer;

use self::operations::Operation;
use crate::app::App;
use crate::error::ApiError;

/// The whole API.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for operation in operations::ALL {
        let method = match operation.method {
            "GET" => MethodFilter::GET,
            "PUT" => MethodFilter::PUT,
            "POST" => MethodFilter::POST,
            _ => MethodFilter::DELETE,
        };
        for path in operation.paths() {
            // HSDS has these with a slash at the end, too.
            if ["/groups", "/datasets", "/datatypes", "/domains"].contains(&path.as_str()) {
                router = router.route(&format!("{path}/"), on(method, Answer(operation)));
            }
            router = router.route(&path, on(method, Answer(operation)));
        }
    }
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(is_compressible));
    let router = router
        .fallback(any(no_route))
        .method_not_allowed_fallback(no_method)
        .layer(compression)
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true));
    let router = match cross_origin(&app.settings.cors_origins) {
        Some(layer) => router.layer(layer),
        None => router,
    };
    router.with_state(app)
}

/// A function that may block, as a handler.
#[derive(Clone, Copy)]
struct Answer(&'static Operation);

impl Handler<(), Arc<App>> for Answer {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, app: Arc<App>) -> Self::Future {
        Box::pin(answer::answer(app, request, self.0))
    }
}

/// Marks answers that are sent as they are although the client takes compressed ones.
#[derive(Clone, Copy)]
struct Uncompressed;

fn is_compressible(
    _: StatusCode,
    _: axum::http::Version,
    _: &axum::http::HeaderMap,
    extensions: &axum::http::Extensions,
) -> bool {
    extensions.get::<Uncompressed>().is_none()
}

/// Lets web pages from these origins use the API.
fn cross_origin(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let allowed = match origins.iter().any(|origin| origin == "*") {
        true => AllowOrigin::from(Any),
        false => AllowOrigin::list(origins.iter().filter_map(|o| HeaderValue::from_str(o).ok())),
    };
    let headers = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::ACCEPT,
        header::IF_NONE_MATCH,
        HeaderName::from_static("x-hdf-domain"),
        HeaderName::from_static("x-hdf-bucket"),
        HeaderName::from_static("idempotency-key"),
    ];
    Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::PUT, Method::POST, Method::DELETE])
            .allow_headers(headers)
            .expose_headers([header::ETAG, header::WWW_AUTHENTICATE]),
    )
}

async fn no_route(uri: Uri) -> Response {
    let error = ApiError::not_found(format!("this API has no {}", uri.path()));
    reply::error_response(&error)
}

async fn no_method(method: Method, uri: Uri) -> Response {
    let reason = format!("{method} is not for {}", uri.path());
    reply::error_response(&ApiError::new(StatusCode::METHOD_NOT_ALLOWED, reason))
}
