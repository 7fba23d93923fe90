//! `/groups/<id>/links`: one link, or many at once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::{Map, Value, json};

use super::access::Access;
use super::call::Call;
use super::edit::{Edit, check_shared};
use super::link_documents::{self as documents, created, read_links};
use super::open::Open;
use super::pattern::Pattern;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::memory::MOST_VALUES;
use crate::model::links::{self, NamedLink, NewLink, Outcome};
use crate::model::{objects, records, walk};
use crate::store::Reader;

/// GET of a group's links; with `follow_links`, of all groups that hard links lead to.
pub fn list(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, group) = call.open_object(&*reader, Action::Read)?;
    objects::header(&*reader, call.store(), group)?;
    let found = if call.query.flag("follow_links") {
        by_group(call, &*reader, &domain, group)?
    } else {
        let page = documents::page(call, &*reader, group)?;
        page.iter()
            .map(|link| documents::listed(call, group, link))
            .collect()
    };
    let own = format!("/groups/{group}");
    let hrefs = call.hrefs(&[
        ("self", format!("{own}/links")),
        ("home", "/".into()),
        ("owner", own),
    ]);
    Ok(Reply::ok(json!({"links": found, "hrefs": hrefs})))
}

/// The links of every group that can be reached and seen; `Limit` counts over all of them.
fn by_group(call: &Call, reader: &dyn Reader, domain: &Open, start: ObjectId) -> Result<Value> {
    let mut found = Map::new();
    let access = Access::new(call, reader, domain)?;
    let limit = call.query.limit()?;
    let mut left = limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let wanted = call.query.get("pattern").map(Pattern::new).transpose()?;
    let shows = |id| access.shows(id);
    walk::reachable(reader, start, &shows, &mut |mut reached| {
        if reached.id.class != ObjectClass::Group || !reached.exists || left == 0 {
            return Ok(());
        }
        if call.query.flag("CreateOrder") {
            links::sort_by_creation(&mut reached.links);
        }
        if let Some(wanted) = &wanted {
            reached.links.retain(|link| wanted.matches(&link.title));
        }
        reached.links.truncate(left);
        left -= reached.links.len();
        let list: Vec<Value> = reached
            .links
            .iter()
            .map(|l| documents::titled(l).into())
            .collect();
        found.insert(reached.id.to_string(), Value::Array(list));
        Ok(())
    })?;
    Ok(Value::Object(found))
}

/// POST: looks up links by title, in this group or in others.
pub fn lookup(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, group) = call.open_object(&*reader, Action::Read)?;
    let body = call.json_object()?;
    let access = Access::new(call, &*reader, &domain)?;
    let member = |id: Option<&str>| {
        let id = member(&domain, id)?;
        access.check(id, Action::Read)?;
        Ok::<_, ApiError>(id)
    };
    let titles = match body.get("titles").filter(|t| !t.is_null()) {
        Some(sent) => Some(strings(sent, "titles")?),
        None => None,
    };
    let wanted: Vec<(ObjectId, Option<Cow<'_, [String]>>)> = match body.get("grp_ids") {
        Some(Value::Array(ids)) => {
            let titles = titles.as_deref();
            let ids = distinct(ids, member)?.into_iter();
            ids.map(|id| (id, titles.map(Cow::Borrowed))).collect()
        }
        Some(Value::Object(groups)) => {
            let read = |(id, titles): (&String, &Value)| {
                let titles = match titles {
                    Value::Null => None,
                    sent => Some(Cow::Owned(strings(sent, "titles")?)),
                };
                Ok((member(Some(id))?, titles))
            };
            groups.iter().map(read).collect::<Result<_>>()?
        }
        Some(_) => return Err(ApiError::bad_request("grp_ids is a list or an object")),
        None if call.query.flag("follow_links") => {
            let found = by_group(call, &*reader, &domain, group)?;
            return Ok(Reply::ok(json!({"links": found})));
        }
        None => {
            let titles = titles.ok_or_else(|| ApiError::bad_request("no titles given"))?;
            will_show(call, titles.len(), VALUES, "links")?;
            let find = |title: &String| {
                let record = links::get(&*reader, call.store(), group, title)?;
                let title = title.clone();
                Ok(Value::Object(documents::titled(&NamedLink {
                    title,
                    record,
                })))
            };
            let found = titles.iter().map(find).collect::<Result<Vec<Value>>>()?;
            return Ok(Reply::ok(json!({"links": found})));
        }
    };
    let limit = call.query.limit()?.unwrap_or(u64::MAX);
    let mut most = 0usize;
    for (id, titles) in &wanted {
        let links = match titles {
            Some(titles) => titles.len(),
            None => {
                let all = objects::counters(&*reader, *id)?.links;
                usize::try_from(all.min(limit)).unwrap_or(usize::MAX)
            }
        };
        most = most.saturating_add(links);
    }
    will_show(call, most, VALUES, "links")?;
    let mut found = Map::new();
    for (id, titles) in wanted {
        if let Some(list) = some_links(call, &*reader, id, titles.as_deref())? {
            found.insert(id.to_string(), Value::Array(list));
        }
    }
    // HSDS collapses the answer about a single group.
    let single = found.len() == 1 && body["grp_ids"].as_array().is_some_and(|ids| ids.len() == 1);
    let found = match (single, found.values_mut().next()) {
        (true, Some(list)) => list.take(),
        _ => Value::Object(found),
    };
    Ok(Reply::ok(json!({"links": found})))
}

/// Values in the document of a link, about.
const VALUES: usize = 6;

/// Takes note that the answer may have so many links or attributes of so many values each: few words can
/// ask for very many.
pub fn will_show(call: &Call, entries: usize, values: usize, what: &str) -> Result<()> {
    let noted = call.will_show(entries.saturating_mul(values));
    noted.map_err(|error| {
        let reason = format!(
            "up to {entries} {what} would be in the answer, each name counted for each object, and it has \
             room for {}: ask for fewer names or objects at a time",
            MOST_VALUES / values
        );
        ApiError::new(error.status, reason)
    })
}

/// The ids of a list, in its order: one that is repeated counts once, as answers have it once.
pub fn distinct(
    sent: &[Value],
    member: impl Fn(Option<&str>) -> Result<ObjectId>,
) -> Result<Vec<ObjectId>> {
    let (mut seen, mut ids) = (HashSet::new(), Vec::new());
    for id in sent {
        let id = member(id.as_str())?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The links of these titles, or all; `None` if there is no such group.
fn some_links(
    call: &Call,
    reader: &dyn Reader,
    group: ObjectId,
    titles: Option<&[String]>,
) -> Result<Option<Vec<Value>>> {
    if !objects::exists(reader, group)? {
        return Ok(None);
    }
    let found = match titles {
        None => documents::page(call, reader, group)?,
        Some(titles) => {
            let mut found = Vec::new();
            for title in titles {
                if let Some(record) = links::find(reader, group, title)? {
                    let title = title.clone();
                    found.push(NamedLink { title, record });
                }
            }
            found
        }
    };
    Ok(Some(
        found
            .iter()
            .map(|link| documents::titled(link).into())
            .collect(),
    ))
}

/// PUT: makes links in this group, or in several.
pub fn put_many(call: &Call) -> Result<Reply> {
    call.change(put_many_edit)
}

/// See [`put_many`].
pub fn put_many_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (domain, group) = call.open_object(reader, Action::Create)?;
    let body = call.json_object()?;
    let access = Access::new(call, reader, &domain)?;
    let replace = call.query.flag("replace");
    let check = |id: ObjectId| {
        access.check(id, Action::Create)?;
        match replace {
            true => access.check(id, Action::Delete),
            false => Ok(()),
        }
    };
    let member = |id: Option<&str>| {
        let id = member(&domain, id)?;
        check(id)?;
        Ok::<_, ApiError>(id)
    };
    let read = |sent: &Value| read_links(call.store(), domain.root, sent);
    let shared = body.get("links").filter(|l| !l.is_null());
    let wanted = match body.get("grp_ids").filter(|g| !g.is_null()) {
        None => {
            check(group)?;
            let sent = shared.ok_or_else(|| ApiError::bad_request("no links given"))?;
            vec![(group, Arc::new(read(sent)?))]
        }
        Some(Value::Array(ids)) => {
            let sent = shared.ok_or_else(|| ApiError::bad_request("no links given"))?;
            let ids = distinct(ids, member)?;
            let sent = read(sent)?;
            check_shared(ids.len(), &sent, "links", |link| {
                Ok(link.title.len() + records::encode(&link.item)?.len())
            })?;
            let sent = Arc::new(sent);
            ids.into_iter().map(|id| (id, sent.clone())).collect()
        }
        Some(Value::Object(groups)) => {
            let one = |(id, item): (&String, &Value)| {
                let sent = item.get("links");
                let sent =
                    sent.ok_or_else(|| ApiError::bad_request(format!("no links for {id}")))?;
                Ok((member(Some(id))?, Arc::new(read(sent)?)))
            };
            groups.iter().map(one).collect::<Result<Vec<_>>>()?
        }
        Some(_) => return Err(ApiError::bad_request("grp_ids is a list or an object")),
    };
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        let mut new = false;
        for (group, sent) in wanted {
            if replace {
                let titles: Vec<String> = sent.iter().map(|link| link.title.clone()).collect();
                links::delete(change, &store, group, &titles)?;
            }
            // What several groups get is there once, but for the group whose turn it is.
            let sent = Arc::unwrap_or_clone(sent);
            new |= links::create(change, &store, group, sent)? == Outcome::Created;
        }
        Ok(Reply::created_if(new))
    }))
}

/// GET of one link.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (_, group) = call.open_object(&*reader, Action::Read)?;
    objects::header(&*reader, call.store(), group)?;
    let title = call.param("title").to_owned();
    let record = links::get(&*reader, call.store(), group, &title)?;
    let target = record.hard_target();
    let link = NamedLink { title, record };
    let mut document = documents::collected(&link);
    document.shift_remove("created");
    let own = format!("/groups/{group}");
    let mut hrefs = vec![
        ("self", format!("{own}/links/{}", link.title)),
        ("home", "/".into()),
        ("owner", own),
    ];
    hrefs.extend(target.map(|id| ("target", format!("/{}/{id}", id.class.collection()))));
    Ok(Reply::ok(json!({
        "link": document,
        "created": link.record.created,
        "lastModified": link.record.created,
        "hrefs": call.hrefs(&hrefs),
    })))
}

/// PUT of one link; the target of a hard link must exist.
pub fn put(call: &Call) -> Result<Reply> {
    call.change(put_edit)
}

/// See [`put`].
pub fn put_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (domain, group) = call.open_object(reader, Action::Create)?;
    let title = call.param("title").to_owned();
    let body = call.json_object()?;
    let item = links::read_item(domain.root, &title, &body)?;
    let created = created(call.store(), &body);
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        let target = item
            .get("id")
            .and_then(Value::as_str)
            .map(str::parse::<ObjectId>);
        if let Some(target) = target.transpose()?
            && !objects::exists(change, target)?
        {
            return Err(objects::missing(&store, target));
        }
        let link = NewLink {
            title,
            item,
            created,
        };
        let outcome = links::create(change, &store, group, vec![link])?;
        Ok(match outcome {
            Outcome::Created => Reply::created(json!({"hrefs": []})),
            Outcome::Unchanged => Reply::ok(json!({"hrefs": []})),
        })
    }))
}

/// DELETE of one link.
pub fn delete(call: &Call) -> Result<Reply> {
    call.change(delete_edit)
}

/// See [`delete`].
pub fn delete_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    remove(call, reader, vec![call.param("title").to_owned()])
}

/// DELETE of the links named by `titles`, which `separator` separates.
pub fn delete_many(call: &Call) -> Result<Reply> {
    call.change(delete_many_edit)
}

/// See [`delete_many`].
pub fn delete_many_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let titles = call.query.get("titles");
    let titles = titles.ok_or_else(|| ApiError::bad_request("no titles given"))?;
    let separator = call.query.get("separator").unwrap_or("/");
    let titles = titles.split(separator).map(str::to_owned).collect();
    remove(call, reader, titles)
}

fn remove(call: &Call, reader: &dyn Reader, titles: Vec<String>) -> Result<Edit> {
    let (_, group) = call.open_object(reader, Action::Delete)?;
    let target = call.query.get("leads_to").map(str::parse::<ObjectId>);
    let target = target.transpose()?;
    let store = call.store().clone();
    Ok(Box::new(move |change| {
        if let Some(target) = target {
            links::check_target(change, &store, group, &titles, target)?;
        }
        links::delete(change, &store, group, &titles)?;
        Ok(Reply::done())
    }))
}

/// A group of this domain.
fn member(domain: &Open, id: Option<&str>) -> Result<ObjectId> {
    let id = id.ok_or_else(|| ApiError::bad_request("group ids are strings"))?;
    let id: ObjectId = id.parse()?;
    domain.check_member(id)?;
    if id.class != ObjectClass::Group {
        return Err(ApiError::bad_request(format!("{id} is not a group")));
    }
    Ok(id)
}

/// A list of strings in a request.
pub fn strings(sent: &Value, what: &str) -> Result<Vec<String>> {
    let list = sent.as_array().and_then(|items| {
        let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<String>>>()
    });
    list.ok_or_else(|| ApiError::bad_request(format!("{what} is a list of strings")))
}
