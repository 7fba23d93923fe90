//! Links as documents, and as requests describe them.

use h5rest_protocol::ObjectId;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::pattern::Pattern;
use crate::error::{ApiError, Result};
use crate::model::links::{self, NamedLink, NewLink};
use crate::store::{Reader, Store};

/// A client's word on when something was made counts within this many seconds.
const BELIEVABLE: f64 = 300.0;

/// Links by title, as `include_links` shows them.
pub fn by_title(links: Vec<NamedLink>) -> Value {
    let entries = links.into_iter();
    let entries = entries.map(|link| (link.title, Value::Object(link.record.to_json())));
    Value::Object(entries.collect())
}

/// A link with its title.
pub fn titled(link: &NamedLink) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("title".into(), json!(link.title));
    document.extend(link.record.to_json());
    document
}

/// A link with its title and, for hard links, the collection it leads into.
pub fn collected(link: &NamedLink) -> Map<String, Value> {
    let mut document = titled(link);
    if let Some(target) = link.record.hard_target() {
        document.insert("collection".into(), json!(target.class.collection()));
    }
    document
}

/// A link as listings of one group show it, with references.
pub fn listed(call: &Call, group: ObjectId, link: &NamedLink) -> Value {
    let mut document = collected(link);
    if let Some(target) = link.record.hard_target() {
        let path = format!("/{}/{target}", target.class.collection());
        document.insert("target".into(), json!(call.href(&path)));
    }
    let own = format!("/groups/{group}/links/{}", link.title);
    document.insert("href".into(), json!(call.href(&own)));
    Value::Object(document)
}

/// The links of a group that the request asks for: order, pattern, marker, limit.
pub fn page(call: &Call, reader: &dyn Reader, group: ObjectId) -> Result<Vec<NamedLink>> {
    let (marker, wanted) = (call.query.get("Marker"), call.query.get("pattern"));
    let limit = call.query.limit()?.unwrap_or(u64::MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if let Some(marker) = marker
        && links::find(reader, group, marker)?.is_none()
    {
        return Err(ApiError::not_found(format!(
            "no link '{marker}' to start behind"
        )));
    }
    let by_creation = call.query.flag("CreateOrder");
    if !by_creation && wanted.is_none() {
        return links::some(reader, group, marker, limit);
    }
    let mut found = links::all(reader, group)?;
    if by_creation {
        links::sort_by_creation(&mut found);
    }
    if let Some(at) = marker.and_then(|m| found.iter().position(|link| link.title == m)) {
        found.drain(..=at);
    }
    if let Some(wanted) = wanted {
        let wanted = Pattern::new(wanted)?;
        found.retain(|link| wanted.matches(&link.title));
    }
    found.truncate(limit);
    Ok(found)
}

/// Links as a request describes them, in its order.
pub fn read_links(store: &Store, root: ObjectId, sent: &Value) -> Result<Vec<NewLink>> {
    let sent = sent.as_object();
    let sent = sent.ok_or_else(|| ApiError::bad_request("links is an object of links by title"))?;
    let read = |(title, item): (&String, &Value)| {
        Ok(NewLink {
            title: title.clone(),
            item: links::read_item(root, title, item)?,
            created: created(store, item),
        })
    };
    sent.iter().map(read).collect()
}

/// When something was made: the client's word if it can be true, else now.
pub fn created(store: &Store, sent: &Value) -> f64 {
    let now = store.clock.now();
    let word = sent.get("created").and_then(Value::as_f64);
    word.filter(|word| (word - now).abs() <= BELIEVABLE)
        .unwrap_or(now)
}
