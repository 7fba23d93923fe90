//! The server that commands talk to: the one that HDF5 programs of this shell would talk to.

use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Args;
use h5rest_client::{Client, RetryPolicy};
use h5rest_config::{Config, Location};

/// The connector's name, as HDF5 looks for it.
pub(super) const CONNECTOR: &str = "REST";

/// Which server, and who asks. Without options everything is as for the connector: the environment,
/// `.hscfg`, `HDF5_VOL_CONNECTOR`.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Connection {
    /// The server [default: as for HDF5 programs of this shell, see HSDS_ENDPOINT].
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Who asks.
    #[arg(long, value_name = "USER")]
    username: Option<String>,
}

impl Connection {
    /// The settings of the connector's information string: `HDF5_VOL_CONNECTOR`'s words, then the
    /// options.
    pub fn information(&self) -> String {
        let mut words: Vec<String> = connector_words().into_iter().collect();
        if let Some(endpoint) = &self.endpoint {
            words.push(format!("endpoint={endpoint}"));
        }
        if let Some(username) = &self.username {
            words.push(format!("username={username}"));
        }
        words.join(";")
    }

    /// The settings.
    pub fn config(&self) -> Config {
        Config::from_info(Some(&self.information()))
    }
}

/// What follows the connector's name in `HDF5_VOL_CONNECTOR`, if it names this connector.
fn connector_words() -> Option<String> {
    let value = std::env::var("HDF5_VOL_CONNECTOR").ok()?;
    let value = value.trim();
    let (name, words) = value.split_once(' ').unwrap_or((value, ""));
    (name == CONNECTOR && !words.trim().is_empty()).then(|| words.trim().to_owned())
}

/// A client for the server of this location.
pub(super) fn client(location: &Location, patience: Duration) -> Result<Client> {
    Client::connect(location.endpoint.clone(), &location.credentials, patience)
        .map_err(|problem| anyhow!(problem))
}

/// A client that asks once: what fails is to be shown, not to be waited for.
pub(super) fn impatient(location: &Location, patience: Duration) -> Result<Client> {
    let once = RetryPolicy {
        attempts: 1,
        broken_attempts: 1,
        ..RetryPolicy::default()
    };
    Ok(client(location, patience)?.with_retry(once))
}
