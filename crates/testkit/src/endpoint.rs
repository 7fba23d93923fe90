//! Whom the tests talk to: an `h5rest` of their own, or the server that `TEST_ENDPOINT` names.

use std::env;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::h5rest::H5rest;

/// The ordinary user of the test servers.
pub const USERNAME: &str = "test_user1";
/// That user's password.
pub const PASSWORD: &str = "test";

/// An address with the credentials for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `http://host:port`
    pub url: String,
    /// Who asks.
    pub username: String,
    /// Their password.
    pub password: String,
}

impl Endpoint {
    /// The ordinary test user at `url`.
    pub fn of_test_user(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            username: USERNAME.into(),
            password: PASSWORD.into(),
        }
    }

    /// Value of the `Authorization` header.
    pub fn authorization(&self) -> String {
        format!(
            "Basic {}",
            BASE64.encode(format!("{}:{}", self.username, self.password))
        )
    }

    /// Sends one request and returns status and body; connection failures are errors, statuses are
    /// not.
    ///
    /// # Errors
    /// When no answer comes back.
    pub fn request(&self, method: &str, path_and_query: &str, body: &str) -> Result<(u16, String)> {
        let url = format!("{}{path_and_query}", self.url);
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(&url)
            .header("Authorization", self.authorization())
            .header("Content-Type", "application/json")
            .body(body.to_owned())
            .with_context(|| format!("cannot form the request {method} {url}"))?;
        let mut response = agent()
            .run(request)
            .with_context(|| format!("no answer to {method} {url}"))?;
        let text = response
            .body_mut()
            .read_to_string()
            .with_context(|| format!("the answer to {method} {url} broke off"))?;
        Ok((response.status().as_u16(), text))
    }

    /// Creates the folder `path` with the given owner; an existing one is fine.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn create_folder(&self, path: &str, owner: &str) -> Result<()> {
        let body = format!(r#"{{"folder": true, "owner": "{owner}"}}"#);
        match self.request("PUT", &format!("/?domain={path}"), &body)? {
            (200 | 201 | 409, _) => Ok(()),
            (status, text) => bail!("creating the folder {path} gave {status}: {text}"),
        }
    }
}

/// Talks to servers on loopback: no proxy, and no status is an error.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .allow_non_standard_methods(true)
        .build()
        .into()
}

/// The server an integration test runs against.
#[derive(Debug)]
pub enum TestServer {
    /// An `h5rest` in memory that this test started; it stops with it.
    Own(H5rest),
    /// The server named by `TEST_ENDPOINT` (with `TEST_USERNAME`, `TEST_PASSWORD`), for example a
    /// real HSDS; it is left running.
    Given(Endpoint),
}

impl TestServer {
    /// The server that `TEST_ENDPOINT` names, or a new `h5rest` when that is not set.
    ///
    /// # Errors
    /// When the own server does not start.
    pub fn start() -> Result<Self> {
        match variable("TEST_ENDPOINT") {
            Some(url) => Ok(Self::Given(Endpoint {
                url,
                username: variable("TEST_USERNAME").unwrap_or_else(|| USERNAME.into()),
                password: variable("TEST_PASSWORD").unwrap_or_else(|| PASSWORD.into()),
            })),
            None => Ok(Self::Own(H5rest::in_memory()?)),
        }
    }

    /// Where it is and who may use it.
    pub fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Own(server) => server.endpoint(),
            Self::Given(endpoint) => endpoint,
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
