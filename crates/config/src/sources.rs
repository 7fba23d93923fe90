//! Where settings come from: the information string, the environment, `.hscfg` files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use h5rest_client::Endpoint;

/// Settings that any source may have.
const KEYS: [&str; 8] = [
    "endpoint",
    "username",
    "password",
    "bearer_token",
    "api_key",
    "bucket",
    "home",
    "timeout",
];

/// Those of them that nobody may see.
pub(crate) const SECRET_KEYS: [&str; 3] = ["password", "bearer_token", "api_key"];

/// The settings that one source has, unread.
pub(crate) struct Source {
    /// What to call it in messages.
    pub(crate) name: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Source {
    fn new(name: &'static str) -> Self {
        let values = Vec::new();
        Self { name, values }
    }

    /// Empty values and h5pyd's "NONE" mean that the setting is not there.
    fn put(&mut self, key: &'static str, value: &str) {
        let value = value.trim();
        if !value.is_empty() && !value.eq_ignore_ascii_case("none") {
            self.values.push((key, value.to_owned()));
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let found = self.values.iter().rev().find(|(known, _)| *known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether its credentials may go to this endpoint: it names the same one, or none at all.
    pub(crate) fn is_for(&self, endpoint: Option<&str>) -> bool {
        match (self.get("endpoint"), endpoint) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(used)) => {
                own == used
                    || matches!((Endpoint::parse(own), Endpoint::parse(used)),
                        (Ok(own), Ok(used)) if own == used)
            }
        }
    }
}

/// Reads `key=value;key=value`. An unknown key is a problem, so that a typing error does not pass
/// in silence.
pub(crate) fn from_info(text: &str, problems: &mut Vec<String>) -> Source {
    let mut source = Source::new("the connector information string");
    for item in text
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        let pair = item.split_once('=');
        let known = pair.and_then(|(key, _)| known_key(key.trim()));
        match (pair, known) {
            (Some((_, value)), Some(key)) => source.put(key, value),
            (Some((key, _)), None) => problems.push(format!(
                "'{}' in the connector information string is no setting: known are {}",
                key.trim(),
                KEYS.join(", ")
            )),
            // What stands there may be a password: it is not repeated.
            (None, _) => problems.push(
                "the connector information string must be key=value settings separated by ;".into(),
            ),
        }
    }
    source
}

pub(crate) fn known_key(text: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|key| key.eq_ignore_ascii_case(text))
}

/// The variables of the C REST VOL, those of h5pyd, and our own where files may set the same.
pub(crate) fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Vec<Source> {
    let mut hsds = Source::new("HSDS_* variables");
    let mut hs = Source::new("HS_* variables");
    let mut own = Source::new("HDF5_REST_* variables");
    let take = |source: &mut Source, key, variable| {
        if let Some(value) = lookup(variable) {
            source.put(key, &value);
        }
    };
    take(&mut hsds, "endpoint", "HSDS_ENDPOINT");
    take(&mut hsds, "username", "HSDS_USERNAME");
    take(&mut hsds, "password", "HSDS_PASSWORD");
    take(&mut hs, "endpoint", "HS_ENDPOINT");
    take(&mut hs, "username", "HS_USERNAME");
    take(&mut hs, "password", "HS_PASSWORD");
    take(&mut hs, "api_key", "HS_API_KEY");
    take(&mut hs, "bucket", "HS_BUCKET");
    take(&mut own, "bearer_token", "HDF5_REST_BEARER_TOKEN");
    take(&mut own, "home", "HDF5_REST_HOME");
    take(&mut own, "timeout", "HDF5_REST_TIMEOUT");
    vec![own, hsds, hs]
}

/// `./.hscfg` and `~/.hscfg`, as far as they exist.
pub(crate) fn from_files() -> Vec<Source> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let here = read("./.hscfg", Path::new(".hscfg"));
    let own = home.and_then(|home| read("~/.hscfg", &home.join(".hscfg")));
    here.into_iter().chain(own).collect()
}

fn read(name: &'static str, path: &Path) -> Option<Source> {
    // A file that cannot be read is like one that is not there: other sources may do.
    let text = fs::read_to_string(path).ok()?;
    Some(from_text(name, &text))
}

/// Reads `hs_key = value` lines; `#` starts a comment. A value may contain `=`.
pub(crate) fn from_text(name: &'static str, text: &str) -> Source {
    let mut source = Source::new(name);
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        // Tools keep settings of their own in this file: unknown ones are no problem.
        let key = key.trim().to_ascii_lowercase();
        if let Some(key) = known_key(key.strip_prefix("hs_").unwrap_or(&key)) {
            source.put(key, value);
        }
    }
    source
}

/// The `HDF5_REST_*` settings that no other source has, unread.
pub(crate) struct Own {
    values: Vec<(&'static str, String)>,
}

impl Own {
    pub(crate) fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Self {
        const NAMES: [&str; 6] = [
            "RETRY_TIME",
            "WRITE_BEHIND",
            "CACHE",
            "PARALLEL",
            "FACADE",
            "DURABLE_CLOSE",
        ];
        let values = NAMES.into_iter().filter_map(|name| {
            let value = lookup(&format!("HDF5_REST_{name}"))?;
            let value = value.trim();
            (!value.is_empty()).then(|| (name, value.to_owned()))
        });
        Self {
            values: values.collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str, default: u64, problems: &mut Vec<String>) -> u64 {
        let Some(text) = self.get(name) else {
            return default;
        };
        text.parse().unwrap_or_else(|_| {
            problems.push(format!("HDF5_REST_{name} is '{text}', which is no number"));
            default
        })
    }

    /// `text` is the value wherever it came from; `name` is what to call it, and more than 0.
    pub(crate) fn seconds(
        &self,
        name: &str,
        text: Option<&str>,
        default: Duration,
        problems: &mut Vec<String>,
    ) -> Duration {
        let Some(text) = text else { return default };
        let seconds = text.parse::<f64>().ok();
        let usable = seconds.filter(|seconds| *seconds > 0.0 && *seconds <= 86400.0 * 365.0);
        usable.map_or_else(
            || {
                problems.push(format!("{name} is '{text}', which is no number of seconds"));
                default
            },
            Duration::from_secs_f64,
        )
    }

    pub(crate) fn switch(&self, name: &str, default: bool, problems: &mut Vec<String>) -> bool {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None => default,
            Some("on" | "1" | "yes" | "true") => true,
            Some("off" | "0" | "no" | "false") => false,
            Some(other) => {
                problems.push(format!("HDF5_REST_{name} is '{other}', not on or off"));
                default
            }
        }
    }
}
