//! Links of groups.

use std::ops::ControlFlow;

use h5rest_protocol::{Link, ObjectClass, ObjectId};
use serde_json::{Map, Value, json};

use super::objects;
use super::records::{self, LinkRecord};
use crate::error::{ApiError, Result};
use crate::store::keys::{self, Part};
use crate::store::{Overlay, Reader, Store};

/// A link with its title.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedLink {
    /// Its name in the group.
    pub title: String,
    /// What is stored about it.
    pub record: LinkRecord,
}

/// A link as a request describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLink {
    /// Its name in the group.
    pub title: String,
    /// The link document.
    pub item: Map<String, Value>,
    /// The time of creation the client asked for, or now.
    pub created: f64,
}

/// What happened to a link that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Created,
    /// The very same link was there before.
    Unchanged,
}

impl LinkRecord {
    /// Where the link leads.
    pub fn link(&self) -> Result<Link> {
        Ok(Link::from_json(&Value::Object(self.item.clone()))?)
    }

    /// The object a hard link leads to.
    pub fn hard_target(&self) -> Option<ObjectId> {
        self.item.get("id")?.as_str()?.parse().ok()
    }

    /// The link document as replies show it.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut item = self.item.clone();
        item.insert("created".into(), json!(self.created));
        item.insert("creationOrder".into(), json!(self.number));
        item
    }
}

/// Reads a link document from a request: the target's members in their usual spelling, `class`
/// added, unknown members kept.
pub fn read_item(root: ObjectId, title: &str, sent: &Value) -> Result<Map<String, Value>> {
    check_title(title)?;
    let link = Link::from_json(sent)?;
    match &link {
        Link::Hard(id) if id.root_of() != root => {
            let reason = format!("link '{title}': {id} is not an object of this domain");
            return Err(ApiError::bad_request(reason));
        }
        Link::Soft(path) | Link::External { path, .. } if path.is_empty() => {
            return Err(ApiError::bad_request(format!(
                "link '{title}': empty h5path"
            )));
        }
        _ => {}
    }
    let mut item = link.to_json().as_object().cloned().unwrap_or_default();
    for (key, value) in sent.as_object().into_iter().flatten() {
        let ours = matches!(
            key.as_str(),
            "class" | "created" | "creationOrder" | "h5domain" | "title" | "href"
        );
        if !ours && !item.contains_key(key) {
            item.insert(key.clone(), value.clone());
        }
    }
    Ok(item)
}

/// Titles are any text without a slash.
pub fn check_title(title: &str) -> Result<()> {
    if title.is_empty() {
        return Err(ApiError::bad_request("a link needs a title"));
    }
    if title.contains('/') {
        return Err(ApiError::bad_request(format!(
            "link title '{title}' contains '/'"
        )));
    }
    Ok(())
}

/// The link of this title, if there is one.
pub fn find(reader: &dyn Reader, group: ObjectId, title: &str) -> Result<Option<LinkRecord>> {
    records::get(reader, &keys::named(group, Part::Link, title))
}

/// The link of this title; 410 if it was deleted lately, 404 if there is none.
pub fn get(reader: &dyn Reader, store: &Store, group: ObjectId, title: &str) -> Result<LinkRecord> {
    match find(reader, group, title)? {
        Some(record) => Ok(record),
        None if store.was_deleted(&keys::named(group, Part::Link, title)) => Err(ApiError::gone(
            format!("link '{title}' of {group} was deleted"),
        )),
        None => Err(ApiError::not_found(format!(
            "{group} has no link '{title}'"
        ))),
    }
}

/// All links of a group, by title.
pub fn all(reader: &dyn Reader, group: ObjectId) -> Result<Vec<NamedLink>> {
    some(reader, group, None, usize::MAX)
}

/// At most `limit` links of a group by title, from the first behind `after` on.
pub fn some(
    reader: &dyn Reader,
    group: ObjectId,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<NamedLink>> {
    let prefix = keys::part(group, Part::Link);
    let mut start = prefix.clone();
    if let Some(after) = after {
        start.extend_from_slice(after.as_bytes());
        start.push(0);
    }
    let (mut found, mut problem) = (Vec::new(), None);
    reader.scan(&start, &keys::end_of(&prefix), &mut |key, value| {
        if found.len() >= limit {
            return ControlFlow::Break(());
        }
        match records::decode(&value) {
            Ok(record) => found.push(NamedLink {
                title: keys::name(key).into_owned(),
                record,
            }),
            Err(error) => problem = Some(error),
        }
        match problem {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    })?;
    problem.map_or(Ok(found), Err)
}

/// Sorts by time of creation, which is order of creation.
pub fn sort_by_creation(links: &mut [NamedLink]) {
    links.sort_by(|a, b| {
        let times = a.record.created.total_cmp(&b.record.created);
        times.then(a.record.number.cmp(&b.record.number))
    });
}

/// Makes links in one group: all, or none if one of the titles is taken by another link.
pub fn create(
    change: &mut Overlay<'_>,
    store: &Store,
    group: ObjectId,
    links: Vec<NewLink>,
) -> Result<Outcome> {
    if group.class != ObjectClass::Group {
        return Err(ApiError::bad_request(format!("{group} is not a group")));
    }
    if !objects::exists(change, group)? {
        return Err(objects::missing(store, group));
    }
    let mut counters = objects::counters(change, group)?;
    let mut outcome = Outcome::Unchanged;
    for NewLink {
        title,
        item,
        created,
    } in links
    {
        if let Some(old) = find(change, group, &title)? {
            // What clients note beside does not make it another link, as in HSDS: h5pyd knows none of it
            // when it sends the links of a group again.
            let link = |item: &Map<String, Value>| Link::from_json(&Value::Object(item.clone()));
            if old.item == item || link(&old.item)? == link(&item)? {
                continue;
            }
            return Err(ApiError::conflict(format!(
                "link '{title}' exists already in {group}"
            )));
        }
        let record = LinkRecord {
            created,
            number: counters.next_link,
            item,
        };
        change.put(
            keys::named(group, Part::Link, &title),
            records::encode(&record)?,
        );
        counters.next_link += 1;
        counters.links += 1;
        outcome = Outcome::Created;
    }
    if outcome == Outcome::Created {
        counters.modified = store.clock.now();
        objects::set_counters(change, group, &counters)?;
    }
    Ok(outcome)
}

/// Fails unless all these links are there and lead to this object: who deletes it next must not be
/// wrong about that.
pub fn check_target(
    reader: &dyn Reader,
    store: &Store,
    group: ObjectId,
    titles: &[String],
    target: ObjectId,
) -> Result<()> {
    if !objects::exists(reader, group)? {
        return Err(objects::missing(store, group));
    }
    for title in titles {
        if get(reader, store, group, title)?.hard_target() != Some(target) {
            return Err(ApiError::conflict(format!(
                "link '{title}' of {group} does not lead to {target}"
            )));
        }
    }
    Ok(())
}

/// Removes links; titles without a link are passed over.
pub fn delete(
    change: &mut Overlay<'_>,
    store: &Store,
    group: ObjectId,
    titles: &[String],
) -> Result<()> {
    if !objects::exists(change, group)? {
        return Err(objects::missing(store, group));
    }
    let mut counters = objects::counters(change, group)?;
    let before = counters.links;
    for title in titles {
        let key = keys::named(group, Part::Link, title);
        if change.get(&key)?.is_some() {
            change.delete(key);
            counters.links -= 1;
        }
    }
    if counters.links != before {
        if counters.links == 0 {
            counters.next_link = 0;
        }
        counters.modified = store.clock.now();
        objects::set_counters(change, group, &counters)?;
    }
    Ok(())
}
