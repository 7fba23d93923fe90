//! `/domains`: the entries of a folder.

use std::ops::ControlFlow;

use axum::http::StatusCode;
use h5rest_protocol::Shape;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::domain::shown;
use super::pattern::Pattern;
use super::reply::Reply;
use crate::auth::acl::{self, Action};
use crate::error::{ApiError, Result};
use crate::model::records::DomainRecord;
use crate::model::{attributes, domains};
use crate::query::{Condition, Scalar};
use crate::store::Reader;
use crate::store::keys::{self, Part};

/// GET of a folder's entries.
pub fn list(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let sent = call
        .query
        .get("domain")
        .unwrap_or("/")
        .trim_end_matches('/')
        .to_owned();
    let folder = match sent.is_empty() {
        true => String::new(),
        false => super::open::normal_path(&sent)?,
    };
    if !folder.is_empty() {
        let record = domains::get(&*reader, call.store(), &folder)?;
        // A domain has no entries.
        acl::check(&record, &folder, &call.user, Action::Read)?;
    }
    let entries = entries(call, &*reader, &folder)?;
    let hrefs = json!([{"rel": "self", "href": call.href("/domains")}]);
    Ok(Reply::ok(json!({"domains": entries, "hrefs": hrefs})))
}

/// GET `/` without a domain: the folders at the top.
pub fn top(call: &Call, reader: &dyn Reader) -> Result<Reply> {
    let entries = entries(call, reader, "")?;
    let hrefs = json!([{"rel": "self", "href": call.href("/")}]);
    Ok(Reply::ok(json!({"domains": entries, "hrefs": hrefs})))
}

/// The entries that the request wants and this user may see.
fn entries(call: &Call, reader: &dyn Reader, folder: &str) -> Result<Vec<Value>> {
    let limit = call.query.limit()?.unwrap_or(u64::MAX);
    let marker = call
        .query
        .get("Marker")
        .map(|path| path.trim_end_matches('/'));
    let after = match marker.map(|marker| marker.rsplit_once('/').unwrap_or(("", marker))) {
        Some((parent, name)) if parent == folder && !name.is_empty() => Some(name),
        // A marker that is not in this folder has nothing behind it.
        Some(_) => return Ok(Vec::new()),
        None => None,
    };
    let wanted = call.query.get("pattern").map(Pattern::new).transpose()?;
    let condition = call.query.get("query").map(Condition::parse).transpose()?;
    let mut found: Vec<(String, DomainRecord)> = Vec::new();
    let mut problem = None;
    domains::entries(reader, folder, after, &mut |name, record| {
        if found.len() as u64 >= limit {
            return ControlFlow::Break(());
        }
        let path = format!("{folder}/{name}");
        let visible = acl::check(&record, &path, &call.user, Action::Read).is_ok();
        let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.matches(name));
        if !visible || !is_wanted {
            return ControlFlow::Continue(());
        }
        match condition
            .as_ref()
            .map_or(Ok(true), |c| is_meant(reader, &record, c))
        {
            Ok(true) => found.push((path, record)),
            Ok(false) => {}
            Err(error) => {
                problem = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    if let Some(problem) = problem {
        return Err(problem);
    }
    let verbose = call.query.flag("verbose");
    found
        .into_iter()
        .map(|(path, record)| entry(call, reader, path, &record, verbose))
        .collect()
}

/// Whether a query holds for the scalar attributes of a domain's root group. A domain that lacks
/// one of them, or has it as something that cannot be compared so, is not meant.
fn is_meant(
    reader: &dyn Reader,
    record: &DomainRecord,
    condition: &Condition<String>,
) -> Result<bool> {
    let Some(root) = record.root else {
        return Ok(false);
    };
    let bound = condition.bind(&mut |name: &String| {
        let attribute = attributes::find(reader, root, name)?;
        let attribute = attribute.ok_or_else(|| ApiError::bad_request("no such attribute"))?;
        match attribute.shape()? {
            Shape::Scalar => Scalar::read(&attribute.datatype()?, &attribute.elements()?),
            _ => Err(ApiError::bad_request("not a scalar")),
        }
    });
    let holds = bound.and_then(|bound| bound.holds(&|scalar| Ok(scalar.clone())));
    match holds {
        Err(error) if error.status == StatusCode::BAD_REQUEST => Ok(false),
        other => other,
    }
}

fn entry(
    call: &Call,
    reader: &dyn Reader,
    path: String,
    record: &DomainRecord,
    verbose: bool,
) -> Result<Value> {
    let mut document = Map::new();
    document.insert("name".into(), json!(path));
    document.extend(shown(record));
    if let Some(root) = record.root.filter(|_| verbose) {
        let (chunks, allocated, metadata) = sizes(reader, root.domain)?;
        document.insert("num_chunks".into(), json!(chunks));
        document.insert("allocated_bytes".into(), json!(allocated));
        document.insert("metadata_bytes".into(), json!(metadata));
        document.insert("total_size".into(), json!(allocated + metadata));
    }
    let href = call.href_domain("/", &path);
    document.insert("hrefs".into(), json!([{"rel": "domain", "href": href}]));
    Ok(Value::Object(document))
}

/// Number of chunks, their bytes, and the bytes of everything else in a domain.
pub fn sizes(reader: &dyn Reader, domain: u64) -> Result<(u64, u64, u64)> {
    let prefix = keys::objects(domain);
    let (mut chunks, mut allocated, mut metadata) = (0, 0, 0);
    reader.scan_sizes(&prefix, &keys::end_of(&prefix), &mut |key, size| {
        let part = keys::object_of(key).map(|found| found.1);
        if part == Some(Part::Chunk as u8) {
            chunks += 1;
            allocated += size;
        } else {
            metadata += size;
        }
        ControlFlow::Continue(())
    })?;
    Ok((chunks, allocated, metadata))
}
