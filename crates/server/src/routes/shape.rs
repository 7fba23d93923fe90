//! `/datasets/<id>/shape`: reading and changing a dataset's extent.

use h5rest_protocol::Shape;
use h5rest_protocol::selection::{self, DimSelection};
use serde_json::{Value, json};

use super::call::Call;
use super::edit::Edit;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::model::objects;
use crate::store::Reader;
use crate::values::resize::{self, resize};

/// GET of a dataset's shape.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, id) = call.open_object(&*reader, Action::Read)?;
    let header = objects::header(&*reader, call.store(), id)?;
    let counters = objects::counters(&*reader, id)?;
    let hrefs = call.hrefs(&[
        ("self", format!("/datasets/{id}/shape")),
        ("owner", format!("/datasets/{id}")),
        ("root", format!("/groups/{}", domain.root)),
    ]);
    Ok(Reply::ok(json!({
        "shape": objects::extent(&*reader, id)?.to_json(),
        "created": header.created,
        "lastModified": counters.modified,
        "hrefs": hrefs,
    })))
}

/// PUT of a dataset's shape: `{shape}`, with `grow` if it is the least that is wanted, or
/// `{extend, extend_dim}`.
pub fn put(call: &Call) -> Result<Reply> {
    let by = call.attempt()?;
    let reader = call.store().read()?;
    if let Some((before, after)) = resize::done_before(&by, &*reader)? {
        return Ok(resized(&before, &after));
    }
    let (_, id) = call.open_object(&*reader, Action::Update)?;
    drop(reader);
    let body = call.json_object()?;
    let (before, after) = resize(call.store(), &call.app.locks, &by, id, |shape| {
        new_dims(shape, &body)
    })?;
    Ok(resized(&before, &after))
}

/// Tells which elements are new.
fn resized(before: &[u64], after: &[u64]) -> Reply {
    let grown: Vec<usize> = (0..after.len())
        .filter(|&at| after[at] > before[at])
        .collect();
    let mut reply = json!({});
    // What is new can be named as one selection only if one dimension grew.
    if let [only] = grown[..] {
        let mut new = selection::all(after);
        new[only] = DimSelection::Range {
            start: before[only],
            stop: after[only],
            step: 1,
        };
        let spell = |dim: &DimSelection, extent: u64| match dim {
            DimSelection::Range { start: 0, stop, .. } if *stop == extent => String::from(":"),
            other => selection::format(&vec![other.clone()])
                .trim_matches(['[', ']'])
                .to_owned(),
        };
        let parts: Vec<String> = new.iter().zip(before).map(|(d, &n)| spell(d, n)).collect();
        reply["selection"] = json!(format!("[{}]", parts.join(",")));
    }
    Reply::created(reply)
}

/// PUT of a shape that is smaller in no dimension, in a batch, which holds the dataset alone when the
/// change is made.
pub fn grow_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (_, id) = call.open_object(reader, Action::Update)?;
    objects::header(reader, call.store(), id)?;
    let before = objects::extent(reader, id)?;
    let dims = new_dims(&before, &call.json_object()?)?;
    let after = resize::check(&before, &dims)?;
    if dims.iter().zip(before.dims()).any(|(new, old)| new < old) {
        return Err(ApiError::bad_request(
            "a batch cannot make a dataset smaller: that is a request of its own",
        ));
    }
    Ok(Box::new(move |change| {
        objects::set_extent(change, id, &after)?;
        Ok(Reply::created(json!({})))
    }))
}

fn new_dims(shape: &Shape, body: &Value) -> Result<Vec<u64>> {
    let number = |value: &Value| {
        let number = value.as_u64();
        number.ok_or_else(|| ApiError::bad_request(format!("{value} is no extent")))
    };
    match (body.get("shape"), body.get("extend")) {
        (Some(Value::Array(items)), _) => {
            let dims: Vec<u64> = items.iter().map(number).collect::<Result<_>>()?;
            let grows = body.get("grow").and_then(Value::as_bool).unwrap_or(false);
            // Who wants it larger than it was last heard of does not want what others added to be cut off.
            Ok(match grows && dims.len() == shape.dims().len() {
                true => dims
                    .iter()
                    .zip(shape.dims())
                    .map(|(&new, &old)| new.max(old))
                    .collect(),
                false => dims,
            })
        }
        (Some(single), _) => Ok(vec![number(single)?]),
        (None, Some(by)) => {
            let mut dims = shape.dims().to_vec();
            let at = body.get("extend_dim").map_or(Ok(0), number)? as usize;
            let extent = dims.get_mut(at);
            let extent = extent
                .ok_or_else(|| ApiError::bad_request(format!("there is no dimension {at}")))?;
            let grown = extent.checked_add(number(by)?);
            *extent = grown.ok_or_else(|| ApiError::bad_request("an extent of impossible size"))?;
            Ok(dims)
        }
        (None, None) => Err(ApiError::bad_request("neither shape nor extend given")),
    }
}
