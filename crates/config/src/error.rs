//! What is wrong with settings or a file's name.

use std::fmt;

/// Result of resolving settings and names.
pub type Result<T> = std::result::Result<T, ConfigError>;

/// What is wrong, by meaning, in words for the person who made the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// The settings are incomplete or contradict themselves.
    Settings(String),
    /// The name can mean no file.
    Name(String),
}

impl ConfigError {
    /// The same error, saying first what was attempted.
    pub(crate) fn context(self, what: &str) -> Self {
        match self {
            Self::Settings(words) => Self::Settings(format!("{what}: {words}")),
            Self::Name(words) => Self::Name(format!("{what}: {words}")),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(words) | Self::Name(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for ConfigError {}
