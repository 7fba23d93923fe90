//! The one error of this crate: something on the wire does not mean what the grammar allows.

/// A document, name or value that does not follow the HDF REST API's grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// An object id that is not `g|d|t-` and 32 hexadecimal digits in groups of 8-8-4-6-6.
    #[error("'{0}' is not an object id")]
    InvalidId(String),
    /// A datatype document that is malformed or contradicts itself.
    #[error("invalid datatype: {0}")]
    InvalidType(String),
    /// A dataspace document that is malformed.
    #[error("invalid shape: {0}")]
    InvalidShape(String),
    /// A selection that is malformed or outside the dataset's extent.
    #[error("invalid selection: {0}")]
    InvalidSelection(String),
    /// An element or array that does not fit its datatype or shape.
    #[error("invalid value: {0}")]
    InvalidValue(String),
    /// A link document that is malformed.
    #[error("invalid link: {0}")]
    InvalidLink(String),
}

/// Result of everything here that reads from the wire.
pub type Result<T> = std::result::Result<T, ProtocolError>;
