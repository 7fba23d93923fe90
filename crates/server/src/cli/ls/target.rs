//! What a name means: a folder, a domain, or an object in a domain.

use anyhow::{Result, bail};
use h5rest_client::{Client, ClientErrorKind, Domain};
use h5rest_config::Location;
use h5rest_protocol::{Link, ObjectId};
use serde_json::Value;

/// What is to be listed.
pub(super) enum Target {
    /// The entries of a folder.
    Folder(Folder),
    /// An object: the root group if nothing but a domain was named.
    Object {
        /// Its domain.
        domain: Domain,
        /// Its path, `/` for the root group.
        path: String,
        /// It.
        id: ObjectId,
    },
}

/// A folder on a server.
pub(super) struct Folder {
    /// The server.
    pub client: Client,
    /// An absolute path without trailing `/`, but for the top.
    pub path: String,
    /// The bucket it is in, if one is configured.
    pub bucket: Option<String>,
}

/// Finds what the location means: the longest part of its path that is a folder or a domain, and in
/// a domain the rest.
pub(super) fn find(client: Client, location: &Location) -> Result<Target> {
    let mut path = location.domain.as_str();
    let folder = |path: &str| Folder {
        client: client.clone(),
        path: path.to_owned(),
        bucket: location.bucket.clone(),
    };
    while path != "/" && !path.is_empty() {
        let domain = Domain::new(client.clone(), path, location.bucket.clone());
        let document = match domain.get(false) {
            Ok(document) => document,
            Err(error) if error.kind() == ClientErrorKind::NotFound => {
                path = &path[..path.rfind('/').unwrap_or(0)];
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let rest = location.domain[path.len()..].trim_start_matches('/');
        return match document["root"].as_str() {
            None if rest.is_empty() => Ok(Target::Folder(folder(path))),
            None => bail!(
                "{} is not there: the folder {path} has no '{}' (h5rest ls {path} shows what it has)",
                location.domain,
                rest.split('/').next().unwrap_or_default()
            ),
            Some(root) => {
                let (path, id) = follow(&domain, root.parse()?, rest)?;
                Ok(Target::Object { domain, path, id })
            }
        };
    }
    if location.domain == "/" {
        return Ok(Target::Folder(folder("/")));
    }
    bail!(
        "{} is not there: {} has no folder or file that it starts with (h5rest ls / shows the \
         folders at the top)",
        location.domain,
        location.endpoint
    )
}

/// Follows hard and soft links from the root group.
fn follow(domain: &Domain, root: ObjectId, rest: &str) -> Result<(String, ObjectId)> {
    /// As many as HDF5 follows.
    const SOFT_LINKS: usize = 16;
    let mut wanted: Vec<String> = names(rest);
    let (mut path, mut at, mut soft) = (String::new(), root, 0);
    while let Some(name) = wanted.pop() {
        let shown = if path.is_empty() { "/" } else { &path };
        let document = domain.get_object(at, true, false)?;
        let link = match find_link(&document, &name) {
            Some(link) => Link::from_json(link)?,
            None => bail!("{}: {shown} has no link '{name}'", domain.name()),
        };
        match link {
            Link::Hard(id) => {
                path = format!("{path}/{name}");
                at = id;
            }
            Link::Soft(target) if soft < SOFT_LINKS => {
                soft += 1;
                if target.starts_with('/') {
                    (path, at) = (String::new(), root);
                }
                wanted.extend(names(&target));
            }
            Link::Soft(_) => bail!("{}: '{name}' leads in a circle", domain.name()),
            Link::External { file, path } => bail!(
                "{}: '{name}' is an external link; list what it leads to with its own name, \
                 {file} and in it {path}",
                domain.name()
            ),
            Link::UserDefined { class, .. } => bail!(
                "{}: '{name}' is a link of class {class}, which only programs follow that know it",
                domain.name()
            ),
        }
    }
    Ok((if path.is_empty() { "/".into() } else { path }, at))
}

/// The names of a path, the last one first.
fn names(path: &str) -> Vec<String> {
    let names = path
        .split('/')
        .filter(|name| !name.is_empty() && *name != ".");
    names.rev().map(str::to_owned).collect()
}

/// A group's link of this name. Links come as an object by title, or as a list with titles.
fn find_link<'a>(group: &'a Value, name: &str) -> Option<&'a Value> {
    match &group["links"] {
        Value::Object(links) => links.get(name),
        Value::Array(links) => links.iter().find(|link| link["title"] == name),
        _ => None,
    }
}
