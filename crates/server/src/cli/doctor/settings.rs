//! Settings: `.hscfg` files, variables that contradict each other, proxies.

use std::env;

use h5rest_client::Endpoint;
use h5rest_config::{Config, settings_files};

use super::finding::Finding;

const SUBJECT: &str = "settings";

/// Checks where settings come from.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in settings_files() {
        let name = file.path.display();
        for problem in &file.problems {
            findings.push(Finding::note(
                "settings file",
                format!("{name}: {problem}"),
                "write lines such as hs_endpoint = http://127.0.0.1:5101, and chmod 600 the file",
            ));
        }
        let found = format!("{name} has {}", list(&file.keys));
        findings.push(Finding::ok("settings file", found));
    }
    findings.extend(two_names());
    for problem in config.problems() {
        findings.push(Finding::problem(
            SUBJECT,
            problem.clone(),
            "correct this setting",
        ));
    }
    let origins = config.origins().iter();
    let told: Vec<String> = origins
        .map(|(key, source)| format!("{key} from {source}"))
        .collect();
    if !told.is_empty() {
        findings.push(Finding::ok(SUBJECT, told.join(", ")));
    }
    findings.extend(left_out(config));
    findings
}

fn list(keys: &[&str]) -> String {
    match keys.is_empty() {
        true => "no setting of the connector".into(),
        false => keys.join(", "),
    }
}

/// The two families of variables, set to different values.
fn two_names() -> Vec<Finding> {
    let differs = |name: &&str| {
        let values = ["HSDS", "HS"].map(|family| env::var(format!("{family}_{name}")).ok());
        matches!(values, [Some(first), Some(second)] if first != second)
    };
    let names = ["ENDPOINT", "USERNAME", "PASSWORD"]
        .into_iter()
        .filter(differs);
    let found = |name| {
        Finding::note(
            SUBJECT,
            format!("HSDS_{name} and HS_{name} are both set, to different values"),
            format!("HSDS_{name} counts here, HS_{name} for h5pyd: set one of them"),
        )
    };
    names.map(found).collect()
}

/// Credentials that are there but belong to another endpoint.
fn left_out(config: &Config) -> Option<Finding> {
    let credentials = config.credentials();
    let is_known = credentials.username.is_some() || credentials.bearer_token.is_some();
    let in_files = settings_files()
        .iter()
        .any(|file| file.keys.contains(&"endpoint") && file.keys.contains(&"username"));
    (config.has_endpoint() && !is_known && in_files).then(|| {
        Finding::note(
            "credentials",
            "those in the settings file are for another endpoint and are not sent to this one",
            "set HSDS_USERNAME and HSDS_PASSWORD for this endpoint",
        )
    })
}

/// The proxy that requests to this endpoint take, from the usual variables; never with its password.
pub(super) fn proxy(endpoint: &Endpoint) -> Option<String> {
    if endpoint.is_local() {
        return None;
    }
    let value = |name: &str| {
        let names = [name.to_owned(), name.to_uppercase()];
        names
            .iter()
            .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    };
    let name = if endpoint.is_encrypted() {
        "https_proxy"
    } else {
        "http_proxy"
    };
    let proxy = value(name).or_else(|| value("all_proxy"))?;
    let host = host(endpoint);
    let excepted = value("no_proxy").unwrap_or_default();
    let is_excepted = excepted
        .split(',')
        .map(|item| item.trim().trim_start_matches('.'))
        .any(|item| {
            item == "*"
                || (!item.is_empty() && (host == item || host.ends_with(&format!(".{item}"))))
        });
    let without_password = proxy.rsplit('@').next().unwrap_or_default();
    (!is_excepted).then(|| without_password.to_owned())
}

/// The endpoint's host without its port.
pub(super) fn host(endpoint: &Endpoint) -> String {
    let rest = endpoint.base().split("://").nth(1).unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    let end = authority
        .rfind(':')
        .filter(|at| !authority[*at..].contains(']'));
    authority[..end.unwrap_or(authority.len())].to_owned()
}
