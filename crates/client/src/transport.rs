//! The way a request takes to a server, as a trait: HTTP, a script of a test, a counter around
//! another one.

use std::fmt;

use crate::request::{Request, Response, Sink};

/// Sends one request, once; twice only where it tells so.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Returns the answer, whatever its status; fails if there was none or it broke off.
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError>;

    /// Sends a request that has no body of its own with these bytes as its body. Transports that
    /// can send memory of the caller do so; others send a copy.
    fn send_with(
        &self,
        request: &Request,
        body: &[u8],
        sink: Sink<'_>,
    ) -> Result<Response, TransportError> {
        self.send(&request.clone().sending_copy(body), sink)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportFailure {
    /// Nobody listens there.
    Refused,
    /// No progress for the time that the settings allow.
    Timeout,
    /// The connection broke; the request may or may not have been done.
    Broken,
    /// Trying again cannot help: TLS does not trust the server, the answer is malformed.
    Hopeless,
}

/// There is no answer.
#[derive(Debug, Clone)]
pub struct TransportError {
    /// Why.
    pub failure: TransportFailure,
    /// In words.
    pub message: String,
    /// Whether the transport sent the request twice.
    pub repeated: bool,
}

impl TransportError {
    /// An error with these words.
    pub fn new(failure: TransportFailure, message: impl Into<String>) -> Self {
        Self {
            failure,
            message: message.into(),
            repeated: false,
        }
    }
}
