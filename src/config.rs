//! Settings.

/// Settings of one open or create call.
#[derive(Debug, Clone)]
pub struct Config {}

impl Config {
    /// Resolves all settings; never fails: problems are told by the first use.
    pub fn from_info(_info: Option<&str>) -> Config {
        Config {}
    }
    /// The configured endpoint.
    pub fn endpoint(&self) -> crate::connector::Result<String> {
        Err(crate::connector::Error::unsupported("in progress"))
    }
    /// Whether an endpoint is configured.
    pub fn has_endpoint(&self) -> bool {
        false
    }
}
