//! Settings of one open or create call, and which file a name means.
//!
//! The connector's `vol/file` resolves them from the connector information string of the file
//! access property list, the environment and the configuration files; so do `h5rest ls` and
//! `h5rest doctor`. Nothing here fails before a file is used, because HDF5 crashes or falls silent
//! when a connector cannot be set up.
#![forbid(unsafe_code)]

mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod hscfg;
mod location;
mod sources;

use std::time::Duration;

use h5rest_client::{Credentials, Endpoint, Secret};

pub use error::{ConfigError, Result};
pub use hscfg::{SettingsFile, settings_files};
pub use location::{Location, is_link_file};

use sources::{Own, Source};

/// Seconds a request may stay without progress, unless set.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// Seconds a request is repeated, unless set.
const DEFAULT_RETRY_TIME: Duration = Duration::from_secs(120);
/// Bytes of metadata and chunks kept, unless set.
const DEFAULT_CACHE: u64 = 256 << 20;
/// Requests at once for one transfer, unless set.
const DEFAULT_PARALLEL: usize = 4;

/// Whether HDF5 is told that objects are native, which old calls need (`HDF5_REST_FACADE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Facade {
    /// Where the host program needs it.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Settings of one open or create call.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    endpoint: Option<Endpoint>,
    credentials: Credentials,
    bucket: Option<String>,
    home: Option<String>,
    /// Longest time without progress.
    pub timeout: Duration,
    /// How long a request is repeated that a busy or broken server does not answer.
    pub retry_time: Duration,
    /// Bytes of metadata and chunks to keep.
    pub cache_bytes: u64,
    /// Requests at once for one transfer.
    pub parallel: usize,
    /// Whether metadata changes may be sent later, together.
    pub write_behind: bool,
    /// Whether closing a file waits until the server has everything on disk.
    pub durable_close: bool,
    /// Whether objects pose as native ones.
    pub facade: Facade,
    problems: Vec<String>,
    origins: Vec<(&'static str, &'static str)>,
}

impl Config {
    /// Resolves all settings from the information string (what follows the connector's name), the
    /// environment, `./.hscfg` and `~/.hscfg`, in this order of precedence. Never fails: problems
    /// are returned by [`Config::endpoint`] and [`Config::locate`].
    pub fn from_info(info: Option<&str>) -> Config {
        let mut problems = Vec::new();
        let info = sources::from_info(info.unwrap_or_default(), &mut problems);
        let mut all = vec![info];
        all.extend(sources::from_environment(|name| std::env::var(name).ok()));
        all.extend(sources::from_files());
        Self::resolve(
            &all,
            &Own::from_environment(|name| std::env::var(name).ok()),
            problems,
        )
    }

    /// An information string without its passwords, tokens and keys.
    pub fn without_secrets(info: &str) -> String {
        let is_public = |item: &&str| {
            let key = item.split('=').next().unwrap_or_default().trim();
            !sources::SECRET_KEYS
                .iter()
                .any(|secret| secret.eq_ignore_ascii_case(key))
                && item.contains('=')
        };
        info.split(';')
            .filter(is_public)
            .collect::<Vec<_>>()
            .join(";")
    }

    /// Takes each setting from the first source that has it, but never combines an endpoint with
    /// credentials that were configured for another one.
    fn resolve(all: &[Source], own: &Own, mut problems: Vec<String>) -> Config {
        let mut origins = Vec::new();
        let everywhere: Vec<&Source> = all.iter().collect();
        let mut pick = |key: &'static str, sources: &[&Source]| -> Option<String> {
            sources.iter().find_map(|source| {
                let value = source.get(key)?;
                origins.push((key, source.name));
                Some(value.to_owned())
            })
        };
        let endpoint_text = pick("endpoint", &everywhere);
        let is_for = |source: &&Source| source.is_for(endpoint_text.as_deref());
        let trusted: Vec<&Source> = all.iter().filter(is_for).collect();
        let mut own_source = |key| pick(key, &trusted);
        let credentials = Credentials {
            username: own_source("username"),
            password: own_source("password").map(Secret::new),
            bearer_token: own_source("bearer_token").map(Secret::new),
            api_key: own_source("api_key").map(Secret::new),
        };
        let bucket = own_source("bucket");
        let home = pick("home", &everywhere);
        let timeout = pick("timeout", &everywhere);
        let endpoint = endpoint_text.and_then(|text| match Endpoint::parse(&text) {
            Ok(endpoint) => Some(endpoint),
            Err(problem) => {
                problems.push(problem);
                None
            }
        });
        Config {
            endpoint,
            credentials,
            bucket,
            home,
            timeout: own.seconds(
                "HDF5_REST_TIMEOUT (or timeout=)",
                timeout.as_deref(),
                DEFAULT_TIMEOUT,
                &mut problems,
            ),
            retry_time: own.seconds(
                "HDF5_REST_RETRY_TIME",
                own.get("RETRY_TIME"),
                DEFAULT_RETRY_TIME,
                &mut problems,
            ),
            cache_bytes: own.number("CACHE", DEFAULT_CACHE, &mut problems),
            parallel: own
                .number("PARALLEL", DEFAULT_PARALLEL as u64, &mut problems)
                .clamp(1, 8) as usize,
            write_behind: own.switch("WRITE_BEHIND", true, &mut problems),
            durable_close: own.switch("DURABLE_CLOSE", false, &mut problems),
            facade: match own.get("FACADE").map(str::to_ascii_lowercase).as_deref() {
                None | Some("auto") => Facade::Auto,
                Some("on" | "1" | "yes" | "true") => Facade::On,
                Some("off" | "0" | "no" | "false") => Facade::Off,
                Some(other) => {
                    problems.push(format!(
                        "HDF5_REST_FACADE is '{other}', not auto, on or off"
                    ));
                    Facade::Auto
                }
            },
            problems,
            origins,
        }
    }

    /// The configured endpoint, or what is wrong with the settings.
    pub fn endpoint(&self) -> Result<&Endpoint> {
        self.check()?;
        self.endpoint.as_ref().ok_or_else(|| {
            ConfigError::Settings(
                "no endpoint is configured: set HSDS_ENDPOINT (for example \
                 http://127.0.0.1:5101), or hs_endpoint in ~/.hscfg, or \
                 HDF5_VOL_CONNECTOR=\"REST endpoint=...\""
                    .into(),
            )
        })
    }

    /// Whether an endpoint is configured; costs nothing, for HDF5's search for a connector that
    /// knows a file.
    pub fn has_endpoint(&self) -> bool {
        self.endpoint.is_some()
    }

    /// The user name, if one is configured.
    pub fn username(&self) -> Option<&str> {
        self.credentials.username.as_deref()
    }

    /// Which source each setting came from, for `doctor` and messages: never the values.
    pub fn origins(&self) -> &[(&'static str, &'static str)] {
        &self.origins
    }

    /// Everything that is wrong with the settings themselves.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Who asks, where it is the configured endpoint that is asked.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The first problem that was found, if any.
    fn check(&self) -> Result<()> {
        match self.problems.first() {
            Some(problem) => Err(ConfigError::Settings(problem.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(info: &str, environment: &[(&str, &str)], files: &[&str]) -> Config {
        let lookup = |name: &str| {
            let found = environment.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let mut problems = Vec::new();
        let mut all = vec![sources::from_info(info, &mut problems)];
        all.extend(sources::from_environment(lookup));
        all.extend(files.iter().map(|text| sources::from_text("a file", text)));
        Config::resolve(&all, &Own::from_environment(lookup), problems)
    }

    #[test]
    fn precedence() {
        let file = "# comment\nhs_endpoint = http://file:1\nhs_username = f\nhs_password = a=b\n";
        let config = resolved("", &[], &[file]);
        assert_eq!(config.endpoint().unwrap().to_string(), "http://file:1");
        assert_eq!(config.credentials.password, Some(Secret::new("a=b")));
        let environment = [
            ("HS_ENDPOINT", "http://hs:1/"),
            ("HS_USERNAME", "hs"),
            ("HSDS_ENDPOINT", "http://hsds:1/"),
            ("HSDS_USERNAME", "NONE"),
        ];
        let config = resolved("", &environment, &[file]);
        assert_eq!(config.endpoint().unwrap().to_string(), "http://hsds:1");
        let config = resolved("endpoint=http://info:1;username=i", &environment, &[file]);
        assert_eq!(config.endpoint().unwrap().to_string(), "http://info:1");
        assert_eq!(config.username(), Some("i"));
        // The environment goes before the files here, too.
        let file = "hs_home = /home/file/\nhs_timeout = 7\n";
        let environment = [("HDF5_REST_HOME", "/home/own/"), ("HDF5_REST_TIMEOUT", "3")];
        let config = resolved("", &environment, &[file]);
        assert_eq!(config.timeout, Duration::from_secs(3));
        assert_eq!(config.home, Some("/home/own/".to_owned()));
        assert_eq!(resolved("", &[], &[file]).timeout, Duration::from_secs(7));
        assert_eq!(
            resolved("timeout=2", &environment, &[file]).timeout,
            Duration::from_secs(2)
        );
    }

    #[test]
    fn credentials_stay_with_their_endpoint() {
        let file = "hs_endpoint = http://file:1\nhs_username = f\nhs_password = secret\n";
        let config = resolved("endpoint=http://elsewhere:1", &[], &[file]);
        assert_eq!(config.credentials, Credentials::default());
        let config = resolved("endpoint=http://FILE:1/", &[], &[file]);
        assert_eq!(config.username(), Some("f"));
        // Without an endpoint of its own, a source's credentials are for whichever is used.
        let config = resolved("", &[("HSDS_PASSWORD", "p")], &[file]);
        assert_eq!(config.credentials.password, Some(Secret::new("p")));
    }

    #[test]
    fn problems_are_told_by_the_first_use() {
        for (info, environment, words) in [
            ("", vec![], "no endpoint"),
            ("endpoint=localhost:5101", vec![], "http://"),
            ("endpoint=http://h;colour=red", vec![], "colour"),
            (
                "endpoint=http://h",
                vec![("HDF5_REST_TIMEOUT", "soon")],
                "HDF5_REST_TIMEOUT",
            ),
        ] {
            let error = resolved(info, &environment, &[]).endpoint().unwrap_err();
            assert!(matches!(error, ConfigError::Settings(_)));
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn own_settings() {
        let environment = [
            ("HDF5_REST_TIMEOUT", "2.5"),
            ("HDF5_REST_RETRY_TIME", "0.5"),
            ("HDF5_REST_CACHE", "1000"),
            ("HDF5_REST_PARALLEL", "100"),
            ("HDF5_REST_WRITE_BEHIND", "off"),
            ("HDF5_REST_FACADE", "Off"),
            ("HDF5_REST_BEARER_TOKEN", "t"),
        ];
        let config = resolved("endpoint=http://h", &environment, &[]);
        config.endpoint().unwrap();
        assert_eq!(config.timeout, Duration::from_millis(2500));
        assert_eq!(config.retry_time, Duration::from_millis(500));
        assert_eq!((config.cache_bytes, config.parallel), (1000, 8));
        assert!(!config.write_behind && !config.durable_close);
        assert_eq!(config.facade, Facade::Off);
        assert_eq!(config.credentials.bearer_token, Some(Secret::new("t")));
        let config = resolved("endpoint=http://h;timeout=9", &environment, &[]);
        assert_eq!(config.timeout.as_secs(), 9);
    }

    #[test]
    fn nothing_secret_shows() {
        let info = "endpoint=http://h;username=u; Password = hidden;api_key=hidden;hidden;home=/h";
        assert_eq!(
            Config::without_secrets(info),
            "endpoint=http://h;username=u;home=/h"
        );
        let config = resolved("endpoint=http://h;password=hidden;api_key=hidden", &[], &[]);
        assert!(!format!("{config:?}").contains("hidden"));
    }
}
