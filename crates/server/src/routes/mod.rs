//! The HDF REST API over HTTP: one file per resource, each handler from [`call::Call`] to
//! [`reply::Reply`].

mod about;
mod acls;
mod attribute_documents;
mod attributes;
mod backup;
mod call;
mod create;
mod datasets;
mod domain;
mod domains;
mod link_documents;
mod links;
mod object_documents;
mod objects;
mod pattern;
mod piece_body;
mod queries;
mod query;
mod reply;
mod shape;
mod value_bodies;
mod values;

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{any, get};
use h5rest_protocol::ObjectClass;
use tower_http::decompression::RequestDecompressionLayer;

use self::call::Call;
use self::reply::Reply;
use crate::app::App;
use crate::error::{ApiError, Result};

/// The whole API.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route(
            "/",
            get(on(domain::get))
                .put(on(domain::put))
                .post(on(domain::post))
                .delete(on(domain::delete)),
        )
        .route("/about", get(on(about::about)))
        .route("/info", get(on(about::info)))
        .route("/backup", get(on(backup::get)))
        .route("/domains", get(on(domains::list)))
        .route("/domains/", get(on(domains::list)))
        .route("/acls", get(on(acls::list)))
        .route("/acls/{user}", get(on(acls::get)).put(on(acls::put)))
        .route(
            "/groups/{id}/links",
            get(on(links::list))
                .post(on(links::lookup))
                .put(on(links::put_many))
                .delete(on(links::delete_many)),
        )
        .route(
            "/groups/{id}/links/{title}",
            get(on(links::get))
                .put(on(links::put))
                .delete(on(links::delete)),
        )
        .route("/datasets/{id}/type", get(on(datasets::get_type)))
        .route(
            "/datasets/{id}/shape",
            get(on(shape::get)).put(on(shape::put)),
        )
        .route(
            "/datasets/{id}/value",
            get(on(values::get))
                .post(on(values::post))
                .put(on(values::put)),
        )
        .route("/datasets/{id}/query", get(on(queries::indices)));
    for class in ObjectClass::ALL {
        let collection = class.collection();
        let list = || get(on(objects::list)).post(on(create::post));
        let attributes = format!("/{collection}/{{id}}/attributes");
        router = router
            .route(&format!("/{collection}"), list())
            .route(&format!("/{collection}/"), list())
            .route(
                &format!("/{collection}/{{id}}"),
                get(on(objects::get)).delete(on(objects::delete)),
            )
            .route(
                &attributes,
                get(on(attributes::list))
                    .post(on(attributes::lookup))
                    .put(on(attributes::put_many))
                    .delete(on(attributes::delete_many)),
            )
            .route(
                &format!("{attributes}/{{name}}"),
                get(on(attributes::get))
                    .put(on(attributes::put))
                    .delete(on(attributes::delete)),
            )
            .route(
                &format!("{attributes}/{{name}}/value"),
                get(on(attributes::get_value)).put(on(attributes::put_value)),
            );
    }
    router
        .fallback(any(no_route))
        .method_not_allowed_fallback(no_method)
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .with_state(app)
}

/// A handler from a function that may block.
fn on(answer: fn(&Call) -> Result<Reply>) -> On {
    On(answer)
}

/// See [`on`].
#[derive(Clone, Copy)]
struct On(fn(&Call) -> Result<Reply>);

impl Handler<(), Arc<App>> for On {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, app: Arc<App>) -> Self::Future {
        Box::pin(call::answer(app, request, self.0))
    }
}

async fn no_route(uri: Uri) -> Response {
    let error = ApiError::not_found(format!("this API has no {}", uri.path()));
    reply::error_response(&error)
}

async fn no_method(method: Method, uri: Uri) -> Response {
    let reason = format!("{method} is not for {}", uri.path());
    reply::error_response(&ApiError::new(StatusCode::METHOD_NOT_ALLOWED, reason))
}
