//! A request that failed for good: which one, why, and after how many attempts.

use std::fmt;

/// What a failed request means to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientErrorKind {
    /// 404, or 410 (deleted by this server process).
    NotFound,
    /// 409
    Conflict,
    /// 401, 403
    Denied,
    /// 400, 405, 413 and their like: the request is at fault.
    Invalid,
    /// 501
    Unsupported,
    /// Nobody listens at the endpoint.
    Refused,
    /// The server, or the way to it, failed.
    Unavailable,
    /// No progress for too long.
    Timeout,
    /// The answer is not what the HDF REST API promises.
    Protocol,
}

/// A failed request. Never contains credentials.
#[derive(Debug, Clone)]
pub struct ClientError {
    pub(crate) kind: ClientErrorKind,
    pub(crate) request: String,
    pub(crate) status: Option<u16>,
    pub(crate) reason: String,
    pub(crate) attempts: u32,
}

impl ClientError {
    /// What it means.
    pub fn kind(&self) -> ClientErrorKind {
        self.kind
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The server's words, or what broke.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// How many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.request)?;
        if let Some(status) = self.status {
            write!(f, " with status {status}")?;
        }
        write!(f, ": {}", self.reason)?;
        if self.attempts > 1 {
            write!(f, " (after {} attempts)", self.attempts)?;
        }
        Ok(())
    }
}

impl std::error::Error for ClientError {}
