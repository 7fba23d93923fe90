//! A server in this process, asked without a network.

use std::sync::{Arc, LazyLock};
use std::thread;

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

thread_local! {
    static ALIVE: Alive = const { Alive };
}

/// A thread that ends has no such thing any more.
struct Alive;

impl Drop for Alive {
    fn drop(&mut self) {}
}

/// A server in memory. To make one takes as long as several requests, so targets use the same ones again,
/// which go back to the state that they had in the beginning.
pub struct Server {
    site: &'static Site,
}

struct Site {
    app: Arc<App>,
    router: Router,
    go_back: Box<dyn Fn() + Send + Sync>,
}

/// Status and body.
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

impl Server {
    /// A server with users and nothing else.
    pub fn empty() -> Self {
        static SITE: LazyLock<Site> = LazyLock::new(|| Site::new(&[]));
        Self::of(&SITE)
    }

    /// A server with a domain that has one of everything.
    pub fn with_domain() -> Self {
        static SITE: LazyLock<Site> = LazyLock::new(|| Site::new(&contents()));
        Self::of(&SITE)
    }

    fn of(site: &'static Site) -> Self {
        (site.go_back)();
        site.app.repetitions.clear();
        Self { site }
    }

    /// What it keeps.
    pub fn store(&self) -> &Store {
        &self.site.app.store
    }

    /// Checks that all records of the store make sense together.
    pub fn check(&self) {
        let problems = self.problems();
        assert!(problems.is_empty(), "{problems:?}");
    }

    /// What `h5rest fsck` would tell of its store.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut tell = |finding| {
            if let Finding::Problem(text) = finding {
                problems.push(text);
            }
        };
        check(self.store(), false, &mut tell).expect("the store is readable");
        problems
    }

    /// Sends a request and takes the whole answer.
    pub fn send(&self, request: Request<Body>) -> Answer {
        // When the program ends, HDF5 closes what is open, on a thread that tokio has no place in any more.
        match ALIVE.try_with(|_| ()) {
            Ok(()) => self.site.send(request),
            Err(_) => thread::scope(|scope| {
                let answer = scope.spawn(|| self.site.send(request));
                answer.join().expect("an answer")
            }),
        }
    }
}

impl Site {
    fn new(contents: &[(&str, String, Value)]) -> Self {
        let (store, mark) = Store::with_marks();
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
        let mut site = Self {
            router: routes::router(app.clone()),
            app,
            go_back: mark(),
        };
        for (method, path, body) in contents {
            let answer = site.send(json_request(method, path, body));
            let words = String::from_utf8_lossy(&answer.body);
            let status = answer.status;
            assert!(status < 300, "{method} {path}: {status} {words}");
        }
        site.go_back = mark();
        site
    }

    fn send(&self, request: Request<Body>) -> Answer {
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

/// A request of user `u` with a document.
fn json_request(method: &str, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(format!("{path}?domain={DOMAIN}"))
        .header("authorization", "Basic dTpw")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request")
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
