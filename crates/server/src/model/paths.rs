//! From a path to an object: through hard links, and soft and external ones if asked for.

use h5rest_protocol::{Link, ObjectClass, ObjectId};

use super::{domains, links, objects};
use crate::error::{ApiError, Result};
use crate::store::{Reader, Store};

/// Soft and external links followed at most before a path counts as a cycle.
const MOST_LINKS: usize = 64;

/// Names followed at most, those of links' targets included: a link to itself with a long path behind it brings
/// that path again each time.
const MOST_NAMES: usize = 10_000;

/// Letters of a long path that an answer repeats.
const SHOWN: usize = 200;

/// Which links other than hard ones may be followed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Follow {
    /// Soft links.
    pub soft: bool,
    /// External links, into other domains.
    pub external: bool,
}

/// Where a path led.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The object.
    pub id: ObjectId,
    /// The domain it is in.
    pub domain: String,
}

/// Finds the root of each further domain that a path enters.
pub type Enter<'a> = &'a dyn Fn(&str) -> Result<ObjectId>;
/// Refuses places that the one who asks may not see.
pub type Look<'a> = &'a dyn Fn(&Place) -> Result<()>;

/// Follows `path` from `start` (absolute paths: from its root).
pub fn resolve(
    reader: &dyn Reader,
    store: &Store,
    start: &Place,
    path: &str,
    follow: Follow,
    enter: Enter<'_>,
    look: Look<'_>,
) -> Result<Place> {
    let mut place = start.clone();
    if path.starts_with('/') {
        place.id = place.id.root_of();
    }
    // Names still to follow, the next one last.
    let mut names = Vec::new();
    let mut names_left = MOST_NAMES;
    let mut add = |names: &mut Vec<String>, target: &str| {
        let added = split(target, names_left).ok_or_else(|| too_long(path))?;
        names_left -= added.len();
        names.extend(added);
        Ok::<_, ApiError>(())
    };
    add(&mut names, path)?;
    let mut links_left = MOST_LINKS;
    while let Some(name) = names.pop() {
        if place.id.class != ObjectClass::Group {
            let reason = format!("'{path}': {} is not a group", place.id);
            return Err(ApiError::not_found(reason));
        }
        look(&place)?;
        if !objects::exists(reader, place.id)? {
            return Err(objects::missing(store, place.id));
        }
        let record = links::get(reader, store, place.id, &name)
            .map_err(|e| ApiError::new(e.status, format!("'{path}': {}", e.reason)))?;
        let link = record.link()?;
        if !matches!(link, Link::Hard(_)) {
            links_left -= 1;
            if links_left == 0 {
                return Err(ApiError::bad_request(format!(
                    "'{path}': links lead in a circle"
                )));
            }
        }
        match link {
            Link::Hard(id) => place.id = id,
            Link::Soft(target) if follow.soft => {
                if target.starts_with('/') {
                    place.id = place.id.root_of();
                }
                add(&mut names, &target)?;
            }
            Link::External { file, path: target } if follow.external => {
                let domain = sibling(&place.domain, &file);
                place.id = enter(&domain)?;
                place.domain = domain;
                add(&mut names, &target)?;
            }
            other => {
                let reason = format!("'{path}': '{name}' is a link of class {}", other.class());
                return Err(ApiError::bad_request(reason));
            }
        }
    }
    look(&place)?;
    if !objects::exists(reader, place.id)? {
        return Err(objects::missing(store, place.id));
    }
    Ok(place)
}

/// The names of a path, last first; `None` if there are more than `most`. Double and closing slashes and single
/// dots mean nothing.
fn split(path: &str, most: usize) -> Option<Vec<String>> {
    let names = path
        .split('/')
        .filter(|name| !name.is_empty() && *name != ".");
    let mut names: Vec<&str> = names.take(most.saturating_add(1)).collect();
    names.reverse();
    (names.len() <= most).then(|| names.into_iter().map(str::to_owned).collect())
}

fn too_long(path: &str) -> ApiError {
    let shown: String = path.chars().take(SHOWN).collect();
    let dots = if shown.len() < path.len() { "..." } else { "" };
    ApiError::bad_request(format!(
        "'{shown}{dots}': more than {MOST_NAMES} names to follow, those of the links on the way included; links may \
         lead in a circle, else ask from an object nearer to the end"
    ))
}

/// The path of the domain that an external link in `domain` means by `file`: relative names lie
/// in the same folder.
fn sibling(domain: &str, file: &str) -> String {
    let file = file.strip_prefix("hdf5:/").unwrap_or(file);
    match (file.starts_with('/'), domains::parent(domain)) {
        (true, _) => file.to_owned(),
        (false, parent) => format!("{}/{file}", parent.unwrap_or("")),
    }
}
