//! What a request can fail with: an HTTP status and a reason for the reader.

use axum::http::StatusCode;
use h5rest_protocol::ProtocolError;

use crate::store::StoreError;

/// A refused or failed request.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {reason}", .status.as_u16())]
pub struct ApiError {
    /// The reply's status; always an error.
    pub status: StatusCode,
    /// What was wrong, in words for the one who asked.
    pub reason: String,
    /// Seconds after which it may be worth to ask again.
    pub pause: Option<u32>,
}

/// Result of everything that answers requests.
pub type Result<T> = std::result::Result<T, ApiError>;

impl ApiError {
    /// An error of any status.
    pub fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            status,
            reason: reason.into(),
            pause: None,
        }
    }

    /// 400: the request itself is wrong.
    pub fn bad_request(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    /// 401: who asks is not known.
    pub fn unauthorized(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, reason)
    }

    /// 403: who asks may not.
    pub fn forbidden(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, reason)
    }

    /// 404: it does not exist.
    pub fn not_found(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason)
    }

    /// 409: it contradicts what exists.
    pub fn conflict(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, reason)
    }

    /// 410: it does not exist any more.
    pub fn gone(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, reason)
    }

    /// 413: larger than this server takes.
    pub fn too_large(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, reason)
    }

    /// 500: this server's own fault.
    pub fn internal(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, reason)
    }

    /// Says when to ask again, in seconds.
    #[must_use]
    pub fn after(mut self, pause: u32) -> Self {
        self.pause = Some(pause);
        self
    }

    /// Says what the failure was about, in front of the reason.
    pub fn about(mut self, what: impl std::fmt::Display) -> Self {
        self.reason = format!("{what}: {}", self.reason);
        self
    }
}

impl From<ProtocolError> for ApiError {
    fn from(error: ProtocolError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            StoreError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            // It is the request's own.
            StoreError::TooLarge(reason) => return Self::too_large(reason),
            StoreError::Damaged(_) | StoreError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        tracing::error!(%error, "the store failed");
        Self::new(status, error.to_string())
    }
}
