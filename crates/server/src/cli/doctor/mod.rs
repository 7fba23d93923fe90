//! `h5rest doctor`: what is wrong with a set-up, and what to do about it.
//!
//! One file per group of checks. They look at what HDF5 programs started from this shell would see;
//! nothing is changed. docs/TROUBLESHOOTING.md lists the mistakes they are made for.

mod connector;
mod domain;
mod elf;
mod finding;
mod hosts;
mod plugin;
mod server;
mod settings;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use h5rest_client::Credentials;
use h5rest_config::{Config, Location, is_link_file};

use super::connection::Connection;
use finding::{Finding, Level};

pub(super) use hosts::{Library, libraries};

/// How long the server may stay silent: whoever asks the doctor is waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks the plugin, the HDF5 libraries of this machine, the settings, the server and, if one is
/// named, a file on it. Each line says what was checked and what was found; below problems stands
/// what to do. Exit status 1 means that something will not work.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// A file on the server, as HDF5 programs would name it.
    domain: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Doctor {
    /// Prints what the checks find.
    pub fn run(self) -> Result<()> {
        let config = self.connection.config();
        let patience = config.timeout.min(PATIENCE);
        let mut problems = 0;
        let mut tell = |findings: Vec<Finding>| {
            for finding in findings {
                problems += usize::from(finding.level == Level::Problem);
                println!("{finding}");
            }
        };
        tell(plugin::check());
        tell(hosts::check());
        tell(connector::check());
        tell(settings::check(&config));
        match place(&config, self.domain.as_deref()) {
            Err(finding) => tell(vec![finding]),
            Ok(location) => {
                tell(self.link_file(&config, &location));
                let (findings, client) = server::check(&location, patience);
                tell(findings);
                if let Some(client) = client {
                    tell(domain::check(client, &location, self.domain.is_some()));
                }
            }
        }
        match problems {
            0 => Ok(()),
            1 => bail!("1 problem"),
            more => bail!("{more} problems"),
        }
    }
}

impl Doctor {
    /// Tells what a link file stands for, and that another server gets no credentials.
    fn link_file(&self, config: &Config, location: &Location) -> Vec<Finding> {
        let name = self
            .domain
            .as_deref()
            .filter(|name| is_link_file(Path::new(name)));
        let Some(name) = name else { return Vec::new() };
        let found = format!(
            "{name} stands for {} on {}",
            location.domain, location.endpoint
        );
        let mut findings = vec![Finding::ok("link file", found)];
        let has_credentials = *config.credentials() != Credentials::default();
        if has_credentials && location.credentials == Credentials::default() {
            findings.push(Finding::note(
                "credentials",
                "the link file names another server than the settings: no credentials are sent there",
                format!("export HSDS_ENDPOINT={}, if you trust it", location.endpoint),
            ));
        }
        findings
    }
}

/// The domain that was named, or the home folder.
fn place(config: &Config, domain: Option<&str>) -> Result<Location, Finding> {
    let located = match domain {
        Some(name) => config.locate(name),
        None => config.locate_folder(None).or_else(|_| {
            // Without a user there is no home folder, and the server can be checked anyway.
            config.locate_folder(Some("/"))
        }),
    };
    located.map_err(|error| {
        let todo = match config.has_endpoint() {
            true => "correct the setting or the name that it tells",
            false => "export HSDS_ENDPOINT=http://127.0.0.1:5101, or where your server is",
        };
        Finding::problem("server", error.to_string(), todo)
    })
}
