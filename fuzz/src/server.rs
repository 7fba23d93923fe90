//! A server in this process, asked without a network.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use h5rest_server::app::{App, Settings};
use h5rest_server::auth::{Authenticator, PasswordFile};
use h5rest_server::check::{Finding, check};
use h5rest_server::routes;
use h5rest_server::store::Store;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower_service::Service as _;

use crate::documents::IDS;

/// The domain that targets make beforehand.
pub const DOMAIN: &str = "/home/u/f.h5";

/// Largest body of a request or an answer: what is small enough to be made again and again.
const MOST: u64 = 4 << 20;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).max_blocking_threads(2);
    builder.enable_all().build().expect("a runtime")
});

/// A new server in memory.
pub struct Server {
    app: Arc<App>,
    router: Router,
}

/// Status and body.
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

impl Server {
    /// A server with users and nothing else.
    pub fn empty() -> Self {
        Self::over(Store::in_memory())
    }

    fn over(store: Store) -> Self {
        let passwords = PasswordFile::parse("admin:p\nu:p\nv:p\n").expect("a password file");
        let settings = Settings {
            endpoint: "http://h5rest".into(),
            max_request_size: MOST,
            max_json_size: MOST,
            ..Settings::default()
        };
        let authenticator = Authenticator::with_passwords(passwords);
        let app = App::new(store, authenticator, settings).expect("a server");
        let app = Arc::new(app);
        Self {
            router: routes::router(app.clone()),
            app,
        }
    }

    /// A server with a domain that has one of everything.
    pub fn with_domain() -> Self {
        static COPIES: LazyLock<Box<dyn Fn() -> Store + Send + Sync>> = LazyLock::new(|| {
            let (store, copy) = Store::with_copies();
            Server::over(store).fill();
            Box::new(copy)
        });
        Self::over((*COPIES)())
    }

    fn fill(&self) {
        for (method, path, body) in contents() {
            let answer = self.json(method, &path, &body);
            let words = String::from_utf8_lossy(&answer.body);
            assert!(
                answer.status < 300,
                "{method} {path}: {} {words}",
                answer.status
            );
        }
    }

    /// Checks that all records of the store make sense together.
    pub fn check(&self) {
        let mut problems = Vec::new();
        let mut tell = |finding| {
            if let Finding::Problem(text) = finding {
                problems.push(text);
            }
        };
        check(&self.app.store, false, &mut tell).expect("the store is readable");
        assert!(problems.is_empty(), "{problems:?}");
    }

    /// Sends a request of user `u` with a document.
    pub fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}?domain={DOMAIN}"))
            .header("authorization", "Basic dTpw")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        self.send(request)
    }

    /// Sends a request and takes the whole answer.
    pub fn send(&self, request: Request<Body>) -> Answer {
        let mut router = self.router.clone();
        RUNTIME.block_on(async move {
            let Ok(response) = router.call(request).await;
            let (head, body) = response.into_parts();
            let status = head.status.as_u16();
            // An answer may break off when its time or the store has come to an end.
            let body = body.collect().await.map(|whole| whole.to_bytes());
            Answer {
                status,
                body: body.unwrap_or_default(),
            }
        })
    }
}

/// The requests that fill the domain.
fn contents() -> Vec<(&'static str, String, Value)> {
    let [root, group, ints, records, strings, committed, ..] = IDS;
    let record = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "a", "type": "H5T_STD_I32LE"}, {"name": "b", "type": "H5T_IEEE_F64LE"}]});
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE",
        "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLTERM"});
    let reference = json!({"class": "H5T_REFERENCE", "base": "H5T_STD_REF_OBJ"});
    vec![
        ("PUT", "/".into(), json!({"root_id": root})),
        (
            "POST",
            "/groups".into(),
            json!({"id": group, "link": {"id": root, "name": "g"}}),
        ),
        (
            "POST",
            "/datasets".into(),
            json!({"id": ints, "type": "H5T_STD_I32LE", "shape": [4, 5],
                "maxdims": [0, 10], "link": {"id": group, "name": "a"},
                "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [2, 3]},
                    "filters": [{"class": "H5Z_FILTER_SHUFFLE"}, {"class": "H5Z_FILTER_DEFLATE", "level": 1}]}}),
        ),
        (
            "POST",
            "/datasets".into(),
            json!({"id": records, "type": record, "shape": [6], "link": {"id": root, "name": "d"}}),
        ),
        (
            "POST",
            "/datasets".into(),
            json!({"id": strings, "type": text, "shape": [3], "maxdims": [8],
                "link": {"id": root, "name": "b"}}),
        ),
        (
            "POST",
            "/datatypes".into(),
            json!({"id": committed, "type": record, "link": {"id": root, "name": "t"}}),
        ),
        (
            "PUT",
            format!("/groups/{root}/links/soft"),
            json!({"h5path": "/g"}),
        ),
        (
            "PUT",
            format!("/groups/{group}/links/soft"),
            json!({"h5path": "soft"}),
        ),
        (
            "PUT",
            format!("/groups/{root}/links/ext"),
            json!({"h5path": "/", "h5domain": "/home/u/f.h5"}),
        ),
        (
            "PUT",
            format!("/groups/{root}/attributes/a"),
            json!({"type": "H5T_STD_I32LE", "shape": [2], "value": [1, 2]}),
        ),
        (
            "PUT",
            format!("/datasets/{ints}/attributes/v"),
            json!({"type": {"class": "H5T_VLEN", "base": "H5T_STD_I32LE"}, "shape": [2],
                "value": [[1], [1, 2]]}),
        ),
        (
            "PUT",
            format!("/groups/{group}/attributes/b"),
            json!({"type": reference, "value": format!("datasets/{ints}")}),
        ),
        (
            "PUT",
            format!("/datasets/{ints}/value"),
            json!({"start": [0, 0], "stop": [1, 5], "value": [[1, 2, 3, 4, 5]]}),
        ),
        (
            "PUT",
            format!("/datasets/{strings}/value"),
            json!({"value": ["x", "", "ü"]}),
        ),
    ]
}
