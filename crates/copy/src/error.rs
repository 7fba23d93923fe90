//! Why a copy failed.

use h5rest_hdf5::Failure;

/// Result of every step of a copy.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a copy failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A call of HDF5 failed: what was attempted, and HDF5's own words.
    #[error("{0}: {1}")]
    Hdf5(String, String),
    /// It must not, or cannot, be done.
    #[error("{0}")]
    Refused(String),
    /// The copy is complete but not the same.
    #[error("the copy differs (make it again with --overwrite): {}", .0.join("; "))]
    Different(Vec<String>),
}

/// Says what was attempted.
pub(crate) trait Attempted<T> {
    /// The value, or an error that starts with these words.
    fn attempted(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Attempted<T> for std::result::Result<T, Failure> {
    fn attempted(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|Failure(text)| Error::Hdf5(what(), text))
    }
}

impl Error {
    /// The same error about this object.
    pub(crate) fn about(self, object: &str) -> Self {
        match self {
            Self::Hdf5(what, text) => Self::Hdf5(format!("{object}: {what}"), text),
            Self::Refused(text) => Self::Refused(format!("{object}: {text}")),
            Self::Different(list) => Self::Different(list),
        }
    }
}
