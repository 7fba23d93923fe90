//! The server: whether it answers, what it is, and whether it takes the credentials.

use std::time::Duration;

use h5rest_client::{Client, ClientError, ClientErrorKind, ServerInfo};
use h5rest_config::Location;
use serde_json::Value;

use super::finding::Finding;
use super::settings;
use crate::cli::connection::impatient;

const SUBJECT: &str = "server";

/// Checks the way to the server and what is there. Returns a client if it answers as an HDF REST
/// server to this user.
pub(super) fn check(location: &Location, patience: Duration) -> (Vec<Finding>, Option<Client>) {
    let mut findings = Vec::new();
    let proxy = settings::proxy(&location.endpoint);
    if let Some(proxy) = &proxy {
        findings.push(Finding::note(
            "proxy",
            format!(
                "requests to {} go through the proxy {proxy}",
                location.endpoint
            ),
            format!(
                "if the server is on your own network: export no_proxy={}",
                settings::host(&location.endpoint)
            ),
        ));
    }
    let client = match impatient(location, patience) {
        Ok(client) => client,
        Err(error) => {
            let todo = "correct the credentials";
            findings.push(Finding::problem(SUBJECT, error.to_string(), todo));
            return (findings, None);
        }
    };
    match client.about() {
        Ok(about) => {
            let is_known = is_hdf_rest(&about);
            findings.extend(answered(location, &about));
            (findings, is_known.then_some(client))
        }
        Err(error) => {
            findings.push(failed(location, &error, proxy.as_deref()));
            (findings, None)
        }
    }
}

fn is_hdf_rest(about: &Value) -> bool {
    ServerInfo::of(about).is_h5rest() || about.get("hsds_version").is_some()
}

fn answered(location: &Location, about: &Value) -> Vec<Finding> {
    let endpoint = &location.endpoint;
    if !is_hdf_rest(about) {
        return vec![not_hdf_rest(location)];
    }
    let version = about["hsds_version"].as_str().unwrap_or("?");
    let what = match about["h5rest"]["version"].as_str() {
        Some(own) => format!("h5rest {own}"),
        None => format!("HSDS {version}"),
    };
    let mut findings = vec![Finding::ok(SUBJECT, format!("{what} at {endpoint}"))];
    let state = about["state"].as_str().unwrap_or("READY");
    if state != "READY" {
        findings.push(Finding::note(
            SUBJECT,
            format!("its state is {state}"),
            "wait until it is READY; it may refuse requests until then",
        ));
    }
    findings.push(match about["username"].as_str() {
        None | Some("anonymous" | "") => Finding::note(
            "credentials",
            "the server takes you for nobody in particular",
            "set HSDS_USERNAME and HSDS_PASSWORD, if you are to see more than what is public",
        ),
        Some(user) => Finding::ok("credentials", format!("the server knows you as {user}")),
    });
    findings
}

fn not_hdf_rest(location: &Location) -> Finding {
    Finding::problem(
        SUBJECT,
        format!(
            "what answers at {} is no server of the HDF REST API",
            location.endpoint
        ),
        "check host, port and path of the endpoint: GET <endpoint>/about must answer with JSON",
    )
}

/// What is wrong with the way to the server.
fn failed(location: &Location, error: &ClientError, proxy: Option<&str>) -> Finding {
    let endpoint = &location.endpoint;
    let reason = error.reason();
    let encrypted = endpoint.is_encrypted();
    let through = proxy.map_or_else(String::new, |proxy| format!(" (through the proxy {proxy})"));
    let found = format!("{endpoint}{through}: {reason}");
    let todo: String = match error.kind() {
        ClientErrorKind::Denied if error.status() == Some(401) => {
            return denied(location, reason);
        }
        ClientErrorKind::NotFound | ClientErrorKind::Protocol | ClientErrorKind::Invalid
            if proxy.is_none() && !reason.contains("HTTPS") =>
        {
            return not_hdf_rest(location);
        }
        _ if encrypted && reason.contains("certificate") => format!(
            "the machine does not trust the server's certificate: add its authority to the \
             machine's certificates (update-ca-certificates) or name it in SSL_CERT_FILE; the name \
             in the certificate must be {}",
            settings::host(endpoint)
        ),
        _ if encrypted
            && (reason.contains("corrupt message") || reason.contains("InvalidContentType")) =>
        {
            format!(
                "the server speaks http, not https: use {}",
                endpoint.base().replacen("https", "http", 1)
            )
        }
        _ if proxy.is_some() => format!(
            "if the proxy cannot reach the server: export no_proxy={}",
            settings::host(endpoint)
        ),
        ClientErrorKind::Refused => "nobody listens there: start the server (h5rest serve), or \
                                     correct the port of HSDS_ENDPOINT"
            .into(),
        ClientErrorKind::Timeout => {
            "the server, or a firewall on the way, stays silent: check host \
                                     and port, and whether the server is well"
                .into()
        }
        _ if is_unknown_host(reason) => {
            "there is no such host: correct the name in HSDS_ENDPOINT".into()
        }
        _ if !encrypted => format!(
            "if the server speaks https, use {}; otherwise look at the server's log",
            endpoint.base().replacen("http", "https", 1)
        ),
        _ => "look at the server's log".into(),
    };
    Finding::problem(SUBJECT, found, todo)
}

fn is_unknown_host(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["lookup", "resolve", "name or service", "dns"]
        .iter()
        .any(|word| reason.contains(word))
}

fn denied(location: &Location, reason: &str) -> Finding {
    let credentials = &location.credentials;
    let (who, todo) = match (&credentials.username, &credentials.password) {
        _ if credentials.bearer_token.is_some() => (
            "the bearer token".to_owned(),
            "get a new token and export HDF5_REST_BEARER_TOKEN",
        ),
        (Some(user), None) => (
            format!("user {user} without a password"),
            "export HSDS_PASSWORD (or hs_password in ~/.hscfg)",
        ),
        (Some(user), Some(_)) => (
            format!("user {user} with the password that is set"),
            "correct HSDS_USERNAME and HSDS_PASSWORD",
        ),
        (None, _) => (
            "requests without a user".to_owned(),
            "export HSDS_USERNAME and HSDS_PASSWORD",
        ),
    };
    let found = format!("{} does not accept {who}: {reason}", location.endpoint);
    Finding::problem("credentials", found, todo)
}
