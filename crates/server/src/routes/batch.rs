//! `POST /batch`: many changes of one domain, of metadata or of a few elements, in one request and one
//! commit.
//!
//! Each is what a request of its own would be, in the words of the other routes, and is checked and
//! made by the same functions, in order. One that is refused changes nothing and does not keep the
//! others from being made, but for those that say they need it. HSDS has no such request.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use axum::http::{Method, StatusCode};
use h5rest_protocol::{ObjectClass, ObjectId};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::access::Access;
use super::call::{Call, LONGEST_NAME, Shared};
use super::edit::ReadEdit;
use super::open::Open;
use super::operations;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::repetition::Kind;
use crate::store::{Overlay, Reader};

/// Most changes of one batch.
const MOST: usize = 10_000;
/// Bytes of records that one batch writes at most: they are held until its commit.
const MOST_WRITTEN: u64 = 256 << 20;
/// Letters of what is said of a change that was refused.
const LONGEST_REASON: usize = 500;
/// Bytes of what is said of all of them: it is kept with the batch's name.
const MOST_REASONS: usize = 512 << 10;

/// One change of a batch.
struct Part {
    /// The number of an earlier change, without which this one is not made.
    needs: Option<usize>,
    /// Or why it cannot be made.
    wanted: Result<Wanted>,
}

/// What a change would be as a request of its own.
struct Wanted {
    call: Call,
    read: ReadEdit,
}

/// POST of a batch.
pub fn post(call: &Call) -> Result<Reply> {
    let domain = call.required_path()?;
    let mut body = call.json_object()?;
    let Some(Value::Array(sent)) = body.get_mut("operations").map(Value::take) else {
        return Err(ApiError::bad_request("'operations' is a list of changes"));
    };
    if sent.len() > MOST {
        return Err(ApiError::too_large(format!(
            "a batch has at most {MOST} changes"
        )));
    }
    let by = match body.get("id") {
        None | Some(Value::Null) => call.attempt()?,
        Some(Value::String(id)) if id.len() <= LONGEST_NAME => {
            call.attempt_called(Kind::Batch, id.clone())?
        }
        Some(_) => {
            return Err(ApiError::bad_request("'id' is a text of up to 100 letters"));
        }
    };
    if sent.is_empty() {
        // Nothing to be made twice.
        return Ok(Reply::ok(json!({"results": []})));
    }
    if let Some(made) = by.answered(&*call.store().read()?)? {
        return Ok(Reply::ok(made));
    }
    let shared = Arc::default();
    let mut parts: Vec<Part> = sent
        .into_iter()
        .enumerate()
        .map(|(at, item)| part(call, &domain, &shared, at, item))
        .collect();
    let _alone = hold_alone(call, &mut parts)?;
    let make_all = |change: &mut Overlay<'_>| {
        let mut room = MOST_REASONS;
        let mut verdicts = Vec::with_capacity(parts.len());
        for part in parts {
            let wanted = check_needed(part.needs, &verdicts).and(part.wanted);
            verdicts.push(make(change, wanted, &mut room)?);
        }
        Ok(json!({"results": verdicts}))
    };
    let done = call
        .store()
        .write(move |change| by.make(change, make_all))?;
    Ok(Reply::ok(done))
}

/// Datasets that the changes need alone, always in the same order. A change that the user may not make
/// is refused here: nobody waits for it.
fn hold_alone(call: &Call, parts: &mut [Part]) -> Result<Vec<crate::values::Guard>> {
    let of_elements = |call: &Call| {
        let path = call.path();
        path.starts_with("/datasets/")
            && (call.is_deletion_of_object()
                || path.ends_with("/shape")
                || path.ends_with("/value"))
    };
    let mut ids = BTreeSet::new();
    let mut rights = None;
    for part in parts {
        let wanted = part.wanted.as_ref().ok();
        let Some(change) = wanted.filter(|wanted| of_elements(&wanted.call)) else {
            continue;
        };
        // What is wrong with an id is found when the change is made.
        let Ok(id) = change.call.param("id").parse::<ObjectId>() else {
            continue;
        };
        let action = match change.call.is_deletion_of_object() {
            true => Action::Delete,
            false => Action::Update,
        };
        let rights = match &rights {
            Some(rights) => rights,
            None => rights.insert(Rights::of(call)?),
        };
        match rights.check(call, id, action) {
            Ok(true) => drop(ids.insert(id)),
            Ok(false) => {}
            Err(error) => part.wanted = Err(error),
        }
    }
    Ok(ids.into_iter().map(|id| call.app.locks.whole(id)).collect())
}

/// What the user may do before the batch is made.
struct Rights {
    reader: Arc<dyn Reader>,
    /// Or why it cannot be used.
    domain: Result<Open>,
}

impl Rights {
    fn of(call: &Call) -> Result<Self> {
        let reader = call.store().read()?;
        let domain = call.open_unchecked(&*reader);
        Ok(Self { reader, domain })
    }

    /// Fails if the user may not do that; `false` if it is no dataset of the domain.
    fn check(&self, call: &Call, id: ObjectId, action: Action) -> Result<bool> {
        let domain = self.domain.as_ref().map_err(ApiError::clone)?;
        if id.class != ObjectClass::Dataset || id.root_of() != domain.root {
            return Ok(false);
        }
        Access::new(call, &*self.reader, domain)?.check(id, action)?;
        Ok(true)
    }
}

/// Fails if the earlier change that a change needs was not made.
fn check_needed(needs: Option<usize>, verdicts: &[Value]) -> Result<()> {
    let Some(needed) = needs else {
        return Ok(());
    };
    let status = verdicts
        .get(needed)
        .and_then(|verdict| verdict["status"].as_u64());
    match status {
        Some(200..300) => Ok(()),
        _ => Err(ApiError::new(
            StatusCode::FAILED_DEPENDENCY,
            format!("only to be made if change {needed} is, which was refused"),
        )),
    }
}

/// Makes one change; the verdict is what a request of its own would be answered. There is so much room for
/// reasons.
fn make(change: &mut Overlay<'_>, wanted: Result<Wanted>, room: &mut usize) -> Result<Value> {
    let made = wanted.and_then(|wanted| {
        if change.written() > MOST_WRITTEN {
            return Err(ApiError::too_large(
                "the changes before have filled this batch: send the rest in another",
            ));
        }
        change.part(|change| {
            let edit = (wanted.read)(&wanted.call, change)?;
            edit(change)
        })
    });
    match made {
        Ok(Reply::Json(status, _)) => Ok(json!({"status": status.as_u16()})),
        Ok(_) => Ok(json!({"status": StatusCode::OK.as_u16()})),
        // The store's own failures are the whole batch's.
        Err(error) if error.status.is_server_error() => Err(error),
        Err(error) => {
            // It may repeat what the client has sent.
            let mut reason: String = error.reason.chars().take(LONGEST_REASON).collect();
            match room.checked_sub(reason.len()) {
                Some(left) => *room = left,
                None => reason = "refused, as many before it".into(),
            }
            Ok(json!({"status": error.status.as_u16(), "error": reason}))
        }
    }
}

/// Reads change number `at`: `{method, path, query?, body?, if_done?}`.
fn part(call: &Call, domain: &str, shared: &Arc<Shared>, at: usize, item: Value) -> Part {
    match needed(&item, at) {
        Ok(needs) => Part {
            needs,
            wanted: wanted(call, domain, shared, item),
        },
        Err(error) => Part {
            needs: None,
            wanted: Err(error),
        },
    }
}

fn wanted(call: &Call, domain: &str, shared: &Arc<Shared>, mut item: Value) -> Result<Wanted> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    let (method, path) = (text("method"), text("path"));
    let Some((read, params)) = find(method, path) else {
        return Err(ApiError::bad_request(format!(
            "a batch has no '{method} {path}'"
        )));
    };
    let method = match method {
        "PUT" => Method::PUT,
        "POST" => Method::POST,
        _ => Method::DELETE,
    };
    // Every change is of the batch's own domain, whatever it says.
    let mut query = vec![("domain".to_owned(), domain.to_owned())];
    for (name, value) in item
        .get("query")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        query.push((name.clone(), value));
    }
    let path = path.to_owned();
    let body = item.get_mut("body").map(Value::take);
    let body = body.unwrap_or_else(|| Value::Object(Map::new()));
    Ok(Wanted {
        call: call.part(shared, method, path, query.into(), params, body),
        read,
    })
}

/// Which earlier change must have been made for change number `at` to be made.
fn needed(item: &Value, at: usize) -> Result<Option<usize>> {
    match item.get("if_done") {
        None | Some(Value::Null) => Ok(None),
        Some(sent) => {
            let number = sent.as_u64().and_then(|n| usize::try_from(n).ok());
            let number = number.filter(|&number| number < at);
            number.map(Some).ok_or_else(|| {
                ApiError::bad_request("'if_done' is the number of an earlier change, from 0 on")
            })
        }
    }
}

/// A path of which some segments stand for anything.
struct Route {
    method: &'static str,
    segments: Vec<String>,
    read: ReadEdit,
}

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let mut routes = Vec::new();
    for operation in operations::ALL {
        let Some(read) = operation.batched else {
            continue;
        };
        for path in operation.paths() {
            routes.push(Route {
                method: operation.method,
                segments: path.split('/').skip(1).map(str::to_owned).collect(),
                read,
            });
        }
    }
    routes
});

/// What reads such a change, and the parts of its path that have names.
fn find(method: &str, path: &str) -> Option<(ReadEdit, HashMap<String, String>)> {
    let sent: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    ROUTES.iter().find_map(|route| {
        if route.method != method || route.segments.len() != sent.len() {
            return None;
        }
        let mut params = HashMap::new();
        for (segment, sent) in route.segments.iter().zip(&sent) {
            match segment.strip_prefix('{') {
                Some(name) => {
                    let value = percent_decode_str(sent).decode_utf8().ok()?;
                    if value.is_empty() {
                        return None;
                    }
                    let name = name.trim_end_matches('}');
                    params.insert(name.to_owned(), value.into_owned());
                }
                None if segment == sent => {}
                None => return None,
            }
        }
        Some((route.read, params))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_changes() {
        let params = |method, path| find(method, path).map(|(_, params)| params);
        assert_eq!(params("POST", "/groups"), Some(HashMap::new()));
        let found = params("PUT", "/datatypes/t-1/attributes/a%2Fb").unwrap();
        assert_eq!((&*found["id"], &*found["name"]), ("t-1", "a/b"));
        for (method, path) in [
            ("GET", "/groups/g-1"),
            ("PUT", "/"),
            ("GET", "/datasets/d-1/value"),
            ("PUT", "/datasets/d-1/attributes/"),
            ("PUT", "groups"),
            ("POST", "/batch"),
        ] {
            assert!(params(method, path).is_none(), "{method} {path}");
        }
    }
}
