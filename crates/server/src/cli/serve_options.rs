//! Groups of options of `h5rest serve`: tokens and limits.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::app::Settings;
use crate::auth::acl::Acl;
use crate::auth::{TokenRules, Tokens};
use crate::listen::Limits;
use crate::store::StoreOptions;

/// Which bearer tokens count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Bearer tokens (JWT)")]
pub(super) struct TokenOptions {
    /// File with the key that tokens are signed with: a public key (PEM), or a secret.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks")]
    jwt_key: Option<PathBuf>,
    /// File with a set of keys (JWKS). It is read again when a token names a key that is not in it.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// What tokens must be made for (claim `aud`).
    #[arg(long, value_name = "NAME")]
    jwt_audience: Option<String>,
    /// Who must have made them (claim `iss`).
    #[arg(long, value_name = "NAME")]
    jwt_issuer: Option<String>,
    /// The claim that has the user's name.
    #[arg(long, value_name = "CLAIM", default_value = "preferred_username")]
    jwt_user_claim: String,
    /// The user who is the administrator when a token proves the name; without it no token makes
    /// an administrator.
    #[arg(long, value_name = "USER")]
    jwt_admin: Option<String>,
}

impl TokenOptions {
    /// What tokens are checked with; `None` if there shall be none.
    pub fn read(&self) -> Result<Option<Tokens>> {
        let rules = TokenRules {
            audience: self.jwt_audience.clone(),
            issuer: self.jwt_issuer.clone(),
            user_claim: self.jwt_user_claim.clone(),
            administrator: self.jwt_admin.clone(),
        };
        match (&self.jwt_key, &self.jwks) {
            (Some(file), _) => Tokens::with_key(file, rules).map(Some),
            (None, Some(file)) => Tokens::with_key_set(file, rules).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// What requests and connections may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitOptions {
    /// Largest body of a request or reply, in bytes.
    #[arg(long, default_value_t = Settings::default().max_request_size, value_name = "BYTES")]
    max_request_size: u64,
    /// Largest JSON body of a request, in bytes.
    #[arg(long, default_value_t = Settings::default().max_json_size, value_name = "BYTES")]
    max_json_size: u64,
    /// Memory for bodies of requests, all of them together, in bytes: with more, requests wait.
    #[arg(long, default_value_t = Settings::default().max_body_memory, value_name = "BYTES")]
    max_body_memory: u64,
    /// Largest head of a request (URL and headers), in bytes.
    #[arg(long, default_value_t = Settings::default().max_header_size, value_name = "BYTES")]
    max_header_size: usize,
    /// Connections at once; more wait until one ends.
    #[arg(long, default_value_t = Limits::default().connections, value_name = "NUMBER")]
    max_connections: usize,
    /// Memory for what was read from the store lately, in bytes.
    #[arg(long, default_value_t = StoreOptions::default().cache, value_name = "BYTES")]
    cache: usize,
    /// Bytes of the disk that only deletions may use: with less left, what makes the store grow is
    /// answered with 507.
    #[arg(long, default_value_t = StoreOptions::default().reserve, value_name = "BYTES")]
    disk_reserve: u64,
    /// Microseconds for which a thread looks for the next request of a client that is the only one
    /// before it sleeps; 0: it sleeps at once.
    #[arg(long, default_value_t = StoreOptions::default().spin.as_micros() as u64, value_name = "MICROSECONDS")]
    spin: u64,
    /// Seconds in which the head of a request must have come, or the next one on a connection.
    #[arg(long, default_value_t = Limits::default().head.as_secs(), value_name = "SECONDS")]
    header_timeout: u64,
    /// Seconds in which the next 256 KiB of a request's body must have come, or what is left of it.
    #[arg(long, default_value_t = Settings::default().body_timeout.as_secs(), value_name = "SECONDS")]
    body_timeout: u64,
    /// Seconds for which a query may look through the elements of a dataset.
    #[arg(long, default_value_t = Settings::default().query_timeout.as_secs(), value_name = "SECONDS")]
    query_timeout: u64,
    /// Seconds in which a client must take 256 KiB of an answer, or what is left of it.
    #[arg(long, default_value_t = Limits::default().send.as_secs(), value_name = "SECONDS")]
    send_timeout: u64,
    /// Seconds that running requests get when the server is told to stop.
    #[arg(long, default_value_t = Limits::default().stop.as_secs(), value_name = "SECONDS")]
    stop_timeout: u64,
}

/// Who may do what, as far as the command line says it.
pub(super) struct Access {
    /// Web pages from these origins may use the API.
    pub cors_origins: Vec<String>,
    /// Rights where no entry says anything.
    pub default_acl: Acl,
}

impl LimitOptions {
    /// The server's settings.
    pub fn settings(&self, endpoint: String, access: Access) -> Settings {
        Settings {
            endpoint,
            max_request_size: self.max_request_size,
            max_json_size: self.max_json_size,
            max_body_memory: self.max_body_memory,
            max_header_size: self.max_header_size,
            stream_from: Settings::default().stream_from,
            write_json_from: Settings::default().write_json_from,
            body_timeout: Duration::from_secs(self.body_timeout),
            query_timeout: Duration::from_secs(self.query_timeout),
            cors_origins: access.cors_origins,
            default_acl: access.default_acl,
        }
    }

    /// What the store may take.
    pub fn store(&self) -> StoreOptions {
        StoreOptions {
            cache: self.cache,
            reserve: self.disk_reserve,
            spin: Duration::from_micros(self.spin),
        }
    }

    /// What connections may take.
    pub fn connections(&self) -> Limits {
        Limits {
            connections: self.max_connections.max(1),
            head: Duration::from_secs(self.header_timeout),
            send: Duration::from_secs(self.send_timeout),
            stop: Duration::from_secs(self.stop_timeout),
            ..Limits::default()
        }
    }
}
