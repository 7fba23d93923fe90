//! The connector's one error: what failed, by meaning, in words for the person at the program.
//!
//! Every operation of `connector/` and `transfer/` returns it; `vol/` puts its text on the
//! program's own HDF5 error stack. h5py (and people) read the `errno = N` at its end.

use std::fmt;

use h5rest_client::{ClientError, ClientErrorKind};
use h5rest_config::ConfigError;
use h5rest_protocol::ProtocolError;

/// Result of every operation here.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The file, object, link or attribute does not exist.
    NotFound,
    /// It exists already.
    Exists,
    /// The server does not let this user do it, or does not know the user.
    Denied,
    /// The file was opened for reading only.
    ReadOnly,
    /// The request makes no sense: a wrong name, extent, selection, value.
    Invalid,
    /// This connector, or the server, cannot do it (yet).
    Unsupported,
    /// The server cannot be reached or cannot answer now.
    Unavailable,
    /// The server stopped answering.
    Timeout,
    /// What came back is not what the HDF REST API promises.
    Protocol,
    /// The settings are incomplete or contradict themselves.
    Config,
}

impl ErrorKind {
    /// The POSIX number with that meaning; h5py turns it into `FileNotFoundError` and its like.
    fn errno(self) -> Option<i32> {
        match self {
            Self::NotFound => Some(libc::ENOENT),
            Self::Exists => Some(libc::EEXIST),
            Self::Denied => Some(libc::EACCES),
            Self::ReadOnly => Some(libc::EROFS),
            Self::Timeout => Some(libc::ETIMEDOUT),
            Self::Unavailable => Some(libc::EIO),
            Self::Invalid | Self::Unsupported | Self::Protocol | Self::Config => None,
        }
    }
}

/// A failed operation.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    errno: Option<i32>,
}

impl Error {
    /// An error with these words.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            errno: kind.errno(),
        }
    }

    /// Something that HDF5 can do and this connector cannot (yet).
    pub fn unsupported(what: &str) -> Self {
        Self::new(ErrorKind::Unsupported, format!("not supported yet: {what}"))
    }

    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, what)
    }

    pub(crate) fn exists(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Exists, what)
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, what)
    }

    pub(crate) fn protocol(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Protocol, what)
    }

    /// What went wrong, by meaning.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The words without the `errno`.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The POSIX number with this meaning, if there is one.
    pub fn errno(&self) -> Option<i32> {
        self.errno
    }

    /// The same error, saying first what was attempted.
    #[must_use]
    pub fn context(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.errno {
            Some(number) => write!(f, ", errno = {number}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        let kind = match error.kind() {
            ClientErrorKind::NotFound => ErrorKind::NotFound,
            ClientErrorKind::Conflict => ErrorKind::Exists,
            ClientErrorKind::Denied => ErrorKind::Denied,
            ClientErrorKind::Invalid => ErrorKind::Invalid,
            ClientErrorKind::Unsupported => ErrorKind::Unsupported,
            ClientErrorKind::Refused | ClientErrorKind::Unavailable => ErrorKind::Unavailable,
            ClientErrorKind::Timeout => ErrorKind::Timeout,
            ClientErrorKind::Protocol => ErrorKind::Protocol,
        };
        let errno = match error.kind() {
            ClientErrorKind::Refused => Some(libc::ECONNREFUSED),
            _ => kind.errno(),
        };
        Self {
            kind,
            message: error.to_string(),
            errno,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Settings(words) => Self::new(ErrorKind::Config, words),
            ConfigError::Name(words) => Self::invalid(words),
        }
    }
}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Self::protocol(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_with_the_posix_number() {
        let error = Error::not_found("no link 'b' in '/a'").context("cannot open '/a/b'");
        assert_eq!(
            error.to_string(),
            "cannot open '/a/b': no link 'b' in '/a', errno = 2"
        );
        let unsupported = Error::unsupported("mounts");
        assert_eq!(unsupported.to_string(), "not supported yet: mounts");
    }
}
