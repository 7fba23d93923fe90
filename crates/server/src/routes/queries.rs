//! `query=` on `/datasets/<id>/value`, and `/datasets/<id>/query`.

use h5rest_protocol::selection::Selection;
use h5rest_protocol::values::json as json_values;
use h5rest_protocol::{Datatype, ObjectId};
use serde_json::{Value, json};

use super::call::Call;
use super::reply::Reply;
use super::value_bodies::Parameters;
use super::values::{hrefs, show};
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::query::Columns;
use crate::store::Reader;
use crate::values::fields::Fields;
use crate::values::matches::{Bounds, Matches, find};
use crate::values::write::Update;
use crate::values::{Dataset, Target, write};

/// The elements of a selection for which the query holds, as a list.
pub fn read(
    call: &Call,
    reader: &dyn Reader,
    dataset: &Dataset,
    selection: &Selection,
    fields: Option<&Fields>,
    query: &str,
) -> Result<Reply> {
    let query = Columns::new(query, &dataset.datatype)?;
    let found = find(reader, dataset, selection, &query, bounds(call)?)?;
    let dims = [found.count as u64];
    show(
        call,
        dataset,
        fields,
        found.elements.into(),
        found.count,
        &dims,
    )
}

/// GET `/query`: where the elements are for which the query holds.
pub fn indices(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (_, id) = call.open_object(&*reader, Action::Read)?;
    let dataset = Dataset::open(&*reader, call.store(), id)?;
    dataset.check_not_null()?;
    let query = call.query.get("query");
    let query = query.ok_or_else(|| ApiError::bad_request("no query given"))?;
    let selection = Parameters { call, body: None }.selection(&dataset)?;
    let query = Columns::new(query, &dataset.datatype)?;
    let found = find(&*reader, &dataset, &selection, &query, bounds(call)?)?;
    Ok(places(call, &dataset, &found, "query"))
}

/// PUT of values: the elements for which the query holds become what the body says, a value, or
/// values by name for some members of a compound. The answer tells which were changed.
pub fn update(call: &Call, id: ObjectId, parameters: Parameters<'_>, query: &str) -> Result<Reply> {
    let Some(body) = parameters.body else {
        return Err(ApiError::bad_request(
            "an update by query takes its value as JSON",
        ));
    };
    let bounds = bounds(call)?;
    let (dataset, found) = write::update(call.store(), &call.app.locks, id, |dataset| {
        let selection = parameters.selection(dataset)?;
        let (fields, element) = new_element(dataset, body)?;
        let query = Columns::new(query, &dataset.datatype)?;
        let found = find(&*call.store().read()?, dataset, &selection, &query, bounds)?;
        let update = match found.count {
            0 => None,
            count => Some(repeated(dataset, &found, fields, &element, count)?),
        };
        Ok(((dataset.clone(), found), update))
    })?;
    Ok(places(call, &dataset, &found, "value"))
}

fn repeated(
    dataset: &Dataset,
    found: &Matches,
    fields: Option<Fields>,
    element: &[u8],
    count: usize,
) -> Result<Update> {
    let target = Target::points(&found.coordinates, dataset.dims(), &dataset.chunk)?;
    Ok((target, fields, element.repeat(count).into()))
}

/// The members that a body names with their values, or the whole element.
fn new_element(dataset: &Dataset, body: &Value) -> Result<(Option<Fields>, Vec<u8>)> {
    match (&*dataset.datatype, body.as_object()) {
        (Datatype::Compound(_), Some(members)) => {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            let fields = Fields::new(&dataset.datatype, &names, dataset.id)?;
            let values: Value = members.values().cloned().collect();
            let element = json_values::element_from_json(&fields.datatype, &values)?;
            Ok((Some(fields), element))
        }
        (datatype, members) => {
            let value = members.and_then(|members| members.get("value"));
            let value = value.ok_or_else(|| ApiError::bad_request("no value given"))?;
            Ok((None, json_values::element_from_json(datatype, value)?))
        }
    }
}

/// What `Limit` and the server's settings allow.
fn bounds(call: &Call) -> Result<Bounds> {
    let limit = call.query.number("Limit")?.filter(|&limit| limit > 0);
    let count = limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let bytes = call.app.settings.max_request_size;
    let time = call.app.settings.query_timeout;
    Ok(Bounds { count, bytes, time })
}

/// Coordinates: in bytes, 64-bit numbers, little-endian.
fn places(call: &Call, dataset: &Dataset, found: &Matches, part: &str) -> Reply {
    if call.wants_bytes() {
        let bytes = found.coordinates.iter().flat_map(|at| at.to_le_bytes());
        return Reply::Bytes(bytes.collect());
    }
    let points = found.coordinates.chunks_exact(dataset.dims().len().max(1));
    let points: Vec<Value> = points.map(|point| json!(point)).collect();
    Reply::ok(json!({"indices": points, "hrefs": hrefs(call, dataset.id, part)}))
}
