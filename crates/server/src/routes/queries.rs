//! `query=` on `/datasets/<id>/value`, and `/datasets/<id>/query`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
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
use crate::store::{Reader, StoreError};
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
    places(call, id, dataset.dims().len(), &found.coordinates, "query")
}

/// PUT of values: the elements for which the query holds become what the body says, a value, or
/// values by name for some members of a compound. The answer tells which were changed.
pub fn update(call: &Call, id: ObjectId, parameters: Parameters<'_>, query: &str) -> Result<Reply> {
    let Some(body) = parameters.body else {
        return Err(ApiError::bad_request(
            "an update by query takes its value as JSON",
        ));
    };
    let (bounds, by) = (bounds(call)?, call.attempt()?);
    let answer = write::update(call.store(), &call.app.locks, &by, id, |dataset| {
        let selection = parameters.selection(dataset)?;
        let (fields, element) = new_element(dataset, body)?;
        let query = Columns::new(query, &dataset.datatype)?;
        let found = find(&*call.store().read()?, dataset, &selection, &query, bounds)?;
        let update = match found.count {
            0 => None,
            count => Some(repeated(dataset, &found, fields, &element, count)?),
        };
        let bytes: Vec<u8> = bytes_of(&found.coordinates).collect();
        // As numbers of a document they would take several times as much.
        let answer = json!({"rank": dataset.dims().len(), "places": BASE64.encode(bytes)});
        Ok((answer, update))
    })?;
    updated(call, id, &answer)
}

/// What an update is answered, also when it was made before.
pub fn updated(call: &Call, id: ObjectId, answer: &Value) -> Result<Reply> {
    let damaged = || StoreError::Damaged("the answer to an update cannot be read".into());
    let sent = answer["places"].as_str().ok_or_else(damaged)?;
    let bytes = BASE64.decode(sent).map_err(|_| damaged())?;
    let (numbers, _) = bytes.as_chunks::<8>();
    let coordinates: Vec<u64> = numbers.iter().map(|b| u64::from_le_bytes(*b)).collect();
    let rank = answer["rank"].as_u64().ok_or_else(damaged)?;
    places(call, id, rank as usize, &coordinates, "value")
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
    let limit = call.query.limit()?;
    let count = limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let bytes = call.app.settings.max_request_size;
    let time = call.app.settings.query_timeout;
    Ok(Bounds { count, bytes, time })
}

/// Coordinates: in bytes, 64-bit numbers, little-endian.
fn places(
    call: &Call,
    id: ObjectId,
    rank: usize,
    coordinates: &[u64],
    part: &str,
) -> Result<Reply> {
    if call.wants_bytes() {
        return Ok(Reply::Bytes(bytes_of(coordinates).collect()));
    }
    let points = coordinates.chunks_exact(rank.max(1));
    call.will_show(coordinates.len() + points.len())?;
    let points: Vec<Value> = points.map(|point| json!(point)).collect();
    let hrefs = hrefs(call, id, part);
    Ok(Reply::ok(json!({"indices": points, "hrefs": hrefs})))
}

fn bytes_of(coordinates: &[u64]) -> impl Iterator<Item = u8> {
    coordinates.iter().flat_map(|at| at.to_le_bytes())
}
