//! The file that was named, or the home folder: whether it is there, and what may be done with it.

use h5rest_client::{Client, ClientError, ClientErrorKind, Domain, Permissions};
use h5rest_config::Location;
use serde_json::Value;

use super::finding::Finding;

const SUBJECT: &str = "file";

/// Checks the location: a file if `named`, else the home folder.
pub(super) fn check(client: Client, location: &Location, named: bool) -> Vec<Finding> {
    if location.domain == "/" {
        return Vec::new();
    }
    let subject = if named { SUBJECT } else { "home folder" };
    let domain = Domain::new(client, &location.domain, location.bucket.clone());
    let user = location.credentials.username.as_deref();
    match domain.get(false) {
        Err(error) => vec![failed(subject, &domain, &error, location, named)],
        Ok(document) if named && document["root"].is_null() => vec![Finding::problem(
            subject,
            format!("{} is a folder", domain.name()),
            format!("name a file in it: h5rest ls {} shows them", domain.name()),
        )],
        Ok(document) => exists(subject, &domain, &document, user),
    }
}

fn exists(
    subject: &'static str,
    domain: &Domain,
    document: &Value,
    user: Option<&str>,
) -> Vec<Finding> {
    let owner = document["owner"].as_str().unwrap_or("?");
    let found = format!("{}, owned by {owner}", domain.name());
    let mut findings = vec![Finding::ok(subject, found)];
    findings.push(match permissions(domain, user, owner) {
        Ok(may) => {
            let all = [
                (may.read, "read"),
                (may.create, "create"),
                (may.update, "update"),
                (may.delete, "delete"),
            ];
            let list = |which: bool| {
                let words: Vec<&str> = all.iter().filter(|a| a.0 == which).map(|a| a.1).collect();
                words.join(", ")
            };
            match (may.read, may.create && may.update) {
                (true, true) => Finding::ok("access", list(true)),
                (true, false) => Finding::note(
                    "access",
                    format!("you may {}, not {}", list(true), list(false)),
                    format!("ask {owner} for more, if you are to write"),
                ),
                (false, _) => Finding::problem(
                    "access",
                    "you may not read it",
                    format!("ask {owner} to let you, or set HSDS_USERNAME to a user who may"),
                ),
            }
        }
        Err(error) => Finding::note("access", error.to_string(), "ask the owner what you may do"),
    });
    findings
}

/// What this user may do: as the list of access rights says, which names owner and others.
fn permissions(
    domain: &Domain,
    user: Option<&str>,
    owner: &str,
) -> Result<Permissions, ClientError> {
    let everything = Permissions {
        read: true,
        create: true,
        update: true,
        delete: true,
    };
    if user == Some(owner) {
        return Ok(everything);
    }
    for name in [user, Some("default")].into_iter().flatten() {
        if let Some(found) = domain.permissions(name)? {
            return Ok(found);
        }
    }
    // It was read a moment ago.
    Ok(Permissions {
        create: false,
        update: false,
        delete: false,
        ..everything
    })
}

fn failed(
    subject: &'static str,
    domain: &Domain,
    error: &ClientError,
    location: &Location,
    named: bool,
) -> Finding {
    let name = domain.name();
    match error.kind() {
        ClientErrorKind::NotFound if named => {
            let parent = nearest(domain, location);
            Finding::problem(
                subject,
                format!("{name} is not on the server"),
                format!(
                    "create it (mode 'w', 'a'), or correct the name: h5rest ls {parent} shows what \
                     is there; names that do not start with / are in the home folder"
                ),
            )
        }
        ClientErrorKind::NotFound => Finding::problem(
            subject,
            format!("{name} is not on the server, so files with relative names cannot be created"),
            "have it created by the server's administrator, correct HSDS_USERNAME, or set \
             HDF5_REST_HOME to a folder of yours",
        ),
        ClientErrorKind::Denied => Finding::problem(
            subject,
            format!("{name}: {}", error.reason()),
            "set HSDS_USERNAME to a user who may read it, or ask its owner",
        ),
        _ => Finding::problem(subject, error.to_string(), "look at the server's log"),
    }
}

/// The nearest folder above that exists.
fn nearest(domain: &Domain, location: &Location) -> String {
    let mut path = domain.name();
    while let Some(at) = path.rfind('/').filter(|at| *at > 0) {
        path = &path[..at];
        let folder = Domain::new(domain.client().clone(), path, location.bucket.clone());
        if folder.get(false).is_ok() {
            return path.to_owned();
        }
    }
    "/".into()
}
