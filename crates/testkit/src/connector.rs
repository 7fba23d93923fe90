//! The environment that makes an unmodified program use the connector.

use std::path::PathBuf;

use anyhow::Result;

use crate::build;
use crate::endpoint::Endpoint;
use crate::program::Program;

/// The folder to put into `HDF5_PLUGIN_PATH`: it holds the plugin of the current build.
///
/// # Errors
/// When the build fails.
pub fn plugin_dir() -> Result<PathBuf> {
    build::folder()
}

/// What a user would export to run a program on data behind `endpoint`.
///
/// # Errors
/// When the plugin cannot be built.
pub fn environment(endpoint: &Endpoint) -> Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("HDF5_PLUGIN_PATH", plugin_dir()?.display().to_string()),
        ("HDF5_VOL_CONNECTOR", "REST".into()),
        ("HSDS_ENDPOINT", endpoint.url.clone()),
        ("HSDS_USERNAME", endpoint.username.clone()),
        ("HSDS_PASSWORD", endpoint.password.clone()),
    ])
}

impl Program {
    /// Runs the program through the connector on `endpoint`.
    ///
    /// # Errors
    /// When the plugin cannot be built.
    pub fn through_connector(mut self, endpoint: &Endpoint) -> Result<Self> {
        for (name, value) in environment(endpoint)? {
            self = self.env(name, value);
        }
        Ok(self)
    }
}
