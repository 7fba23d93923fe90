//! A server in this process on a free port, and what tests send to it.

use std::sync::Arc;
use std::thread;

use h5rest_server::app::{App, Settings};
use h5rest_server::auth::{Authenticator, PasswordFile};
use h5rest_server::routes;
use h5rest_server::store::Store;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The domain that most tests use.
pub const DOMAIN: &str = "/home/u/f.h5";

/// A running server with the users `admin`, `u` and `v`, whose passwords are `p`; and who asks.
pub struct Client {
    url: String,
    user: Option<(&'static str, &'static str)>,
    domain: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The document in the body.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|e| panic!("{e}: {self:?}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

impl Client {
    /// A server in memory; this client is user `u`.
    pub fn start() -> Self {
        let passwords = PasswordFile::parse("admin:p\nu:p\nv:p\n").unwrap();
        Self::start_with(Store::in_memory(), Authenticator::with_passwords(passwords))
    }

    /// Like [`Client::start`], with the domain [`DOMAIN`] made.
    pub fn with_domain() -> (Self, String) {
        let client = Self::start();
        let root = client.put("/", json!({})).expect(201).json()["root"]
            .as_str()
            .unwrap()
            .to_owned();
        (client, root)
    }

    pub fn start_with(store: Store, authenticator: Authenticator) -> Self {
        Self::start_as(store, authenticator, Settings::default())
    }

    pub fn start_as(store: Store, authenticator: Authenticator, settings: Settings) -> Self {
        Self::start_app(store, authenticator, settings).0
    }

    /// Like [`Client::with_domain`], and the server itself.
    pub fn with_app() -> (Self, String, Arc<App>) {
        let passwords = PasswordFile::parse("admin:p\nu:p\nv:p\n").unwrap();
        let known = Authenticator::with_passwords(passwords);
        let (client, app) = Self::start_app(Store::in_memory(), known, Settings::default());
        let root = client.put("/", json!({})).expect(201).json()["root"].clone();
        (client, root.as_str().unwrap().to_owned(), app)
    }

    fn start_app(
        store: Store,
        authenticator: Authenticator,
        settings: Settings,
    ) -> (Self, Arc<App>) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            endpoint: url.clone(),
            ..settings
        };
        let app = Arc::new(App::new(store, authenticator, settings).unwrap());
        let router = routes::router(app.clone());
        // Ends with the process of the tests.
        thread::spawn(move || runtime.block_on(async { axum::serve(listener, router).await }));
        let client = Self {
            url,
            user: Some(("u", "p")),
            domain: DOMAIN.into(),
        };
        (client, app)
    }

    /// The same server, asked by another user; `None` is nobody.
    pub fn with_user(&self, user: Option<(&'static str, &'static str)>) -> Self {
        Self {
            url: self.url.clone(),
            user,
            domain: self.domain.clone(),
        }
    }

    /// The same server and user, about another domain.
    pub fn about(&self, domain: &str) -> Self {
        Self {
            url: self.url.clone(),
            user: self.user,
            domain: domain.into(),
        }
    }

    /// Sends a request about the domain.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mark = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}{path}{mark}domain={}", self.url, self.domain);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        if let Some((name, password)) = self.user {
            use base64::Engine as _;
            let pair =
                base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
            request = request.header("Authorization", format!("Basic {pair}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .build()
            .into();
        let mut response = agent.run(request.body(body.to_vec()).unwrap()).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes: response
                .body_mut()
                .with_config()
                .limit(1 << 30)
                .read_to_vec()
                .unwrap(),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    pub fn get_bytes(&self, path: &str) -> Answer {
        self.send("GET", path, &[("Accept", "application/octet-stream")], &[])
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], &[])
    }

    pub fn put(&self, path: &str, body: Value) -> Answer {
        self.send(
            "PUT",
            path,
            &[("Content-Type", "application/json")],
            body.to_string().as_bytes(),
        )
    }

    pub fn put_bytes(&self, path: &str, body: &[u8]) -> Answer {
        self.send(
            "PUT",
            path,
            &[("Content-Type", "application/octet-stream")],
            body,
        )
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.send(
            "POST",
            path,
            &[("Content-Type", "application/json")],
            body.to_string().as_bytes(),
        )
    }

    /// Makes an object and returns its id.
    #[track_caller]
    pub fn create(&self, collection: &str, body: Value) -> String {
        let answer = self.post(&format!("/{collection}"), body).expect(201);
        answer.json()["id"].as_str().unwrap().to_owned()
    }
}
