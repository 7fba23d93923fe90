//! `/datasets/<id>/value`: reading and writing elements.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::http::{Method, StatusCode};
use bytes::Bytes;
use h5rest_protocol::selection::{self, DimSelection, Selection};
use h5rest_protocol::values::{binary, json as json_values, text};
use h5rest_protocol::{ObjectId, Shape};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::edit::Edit;
use super::json_elements;
use super::points;
use super::queries;
use super::region_references::{self, Referred};
use super::reply::Reply;
use super::upload::Upload;
use super::value_bodies::Parameters;
use crate::attempt::Attempt;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::memory;
use crate::store::Reader;
use crate::values::bands::upload_parts;
use crate::values::fields::Fields;
use crate::values::regions::Chosen;
use crate::values::{Arrival, Bands, Dataset, Form, Target, read, write};

/// GET of elements.
pub fn get(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, id) = call.open_object(&*reader, Action::Read)?;
    let dataset = Dataset::open(&*reader, call.store(), id)?;
    dataset.check_not_null()?;
    let parameters = Parameters { call, body: None };
    let fields = parameters.fields(&dataset)?;
    let query = call.query.get("query");
    let selection = match region_references::follow(call, &*reader, &domain, &dataset)? {
        Referred::NotAsked => parameters.selection(&dataset)?,
        Referred::Null => return Ok(Reply::Empty(StatusCode::NO_CONTENT)),
        Referred::To(_) if query.is_some() => {
            return Err(ApiError::bad_request(
                "regionref and query exclude each other",
            ));
        }
        Referred::To(Chosen::Selection(selection)) => selection,
        Referred::To(Chosen::Elements(target)) => {
            let dims = &target.dims;
            return reply(call, &*reader, &dataset, &target, fields.as_ref(), dims);
        }
    };
    if let Some(query) = query {
        return queries::read(call, &*reader, &dataset, &selection, fields.as_ref(), query);
    }
    if call.wants_bytes() {
        return stream(call, reader, dataset, selection, fields);
    }
    let dims = match call.query.flag("reduce_dim") {
        true => reduced(&selection),
        false => selection::dims_of(&selection),
    };
    json_elements::show(call, reader, dataset, selection, fields, &dims)
}

/// Elements up to this many bytes are read at once, by the thread that answers the request.
const FEW_BYTES: u64 = 1 << 20;

/// Sends elements in wire form as they are read; nothing limits how many.
fn stream(
    call: &Call,
    reader: Arc<dyn Reader>,
    dataset: Dataset,
    whole: Selection,
    fields: Option<Fields>,
) -> Result<Reply> {
    let size = dataset.usual_size();
    let bytes = selection::count(&whole).and_then(|count| count.checked_mul(size));
    if bytes.is_some_and(|bytes| bytes <= FEW_BYTES) {
        let target = Target::selection(&whole, &dataset.chunk)?;
        let dims = &target.dims;
        return reply(call, &*reader, &dataset, &target, fields.as_ref(), dims);
    }
    // Only those who know of null strings are told of them.
    let form = Form {
        fields,
        null_strings: call.query.flag("null_strings"),
    };
    Bands::new(reader, dataset, whole, form).map(|bands| Reply::Bands(Box::new(bands)))
}

/// Extents without those of one element.
fn reduced(selection: &Selection) -> Vec<u64> {
    selection::dims_of(selection)
        .into_iter()
        .filter(|&extent| extent != 1)
        .collect()
}

/// POST: elements of a selection in the body, or single points.
pub fn post(call: &Call) -> Result<Reply> {
    if call.query.get("regionref").is_some() {
        return Err(ApiError::bad_request("regionref is for GET and PUT"));
    }
    let reader = call.store().read()?;
    let (_, id) = call.open_object(&*reader, Action::Read)?;
    let dataset = Dataset::open(&*reader, call.store(), id)?;
    dataset.check_not_null()?;
    let rank = dataset.dims().len();
    if call.sends_bytes()? {
        let parameters = Parameters { call, body: None };
        let fields = parameters.fields(&dataset)?;
        return points::post(call, reader, dataset, fields);
    }
    let body = call.json_object()?;
    let parameters = Parameters {
        call,
        body: Some(&body),
    };
    let fields = parameters.fields(&dataset)?;
    let target = match parameters.points(rank)? {
        Some(coordinates) => Target::points(&coordinates, dataset.dims(), &dataset.chunk)?,
        None if !parameters.selects() => {
            return Err(ApiError::bad_request("neither points nor select given"));
        }
        None => {
            let selection = parameters.selection(&dataset)?;
            if let Some(query) = call.query.get("query") {
                let fields = fields.as_ref();
                return queries::read(call, &*reader, &dataset, &selection, fields, query);
            }
            if call.wants_bytes() {
                return stream(call, reader, dataset, selection, fields);
            }
            let dims = selection::dims_of(&selection);
            return json_elements::show(call, reader, dataset, selection, fields, &dims);
        }
    };
    reply(
        call,
        &*reader,
        &dataset,
        &target,
        fields.as_ref(),
        &target.dims,
    )
}

/// Reads the elements and shows them as the request wants.
pub(super) fn reply(
    call: &Call,
    reader: &dyn Reader,
    dataset: &Dataset,
    target: &Target,
    fields: Option<&Fields>,
    dims: &[u64],
) -> Result<Reply> {
    check_size(call, dataset, target)?;
    if !call.wants_bytes() {
        let datatype = fields.map_or(&*dataset.datatype, |fields| &fields.datatype);
        memory::check(memory::values_in(datatype, target.count, 0))?;
    }
    let elements = read::read(reader, dataset, target)?;
    show(call, dataset, fields, elements, target.count, dims)
}

/// Shows elements in wire form as the request wants them.
pub(super) fn show(
    call: &Call,
    dataset: &Dataset,
    fields: Option<&Fields>,
    mut elements: Bytes,
    count: usize,
    dims: &[u64],
) -> Result<Reply> {
    let mut datatype = &*dataset.datatype;
    if let Some(fields) = fields {
        elements = fields.take(&elements, count)?.into();
        datatype = &fields.datatype;
    }
    if call.wants_bytes() {
        // Only those who know of null strings are told of them.
        if !call.query.flag("null_strings")
            && let Cow::Owned(plain) = binary::without_nulls(datatype, &elements)?
        {
            elements = plain.into();
        }
        return Ok(Reply::Bytes(elements));
    }
    call.will_show(memory::values_in(datatype, count, elements.len()))?;
    let mut value = json_values::array_to_reply(datatype, dims, &elements).map_err(|e| {
        ApiError::bad_request(format!("{e}; ask for application/octet-stream instead"))
    })?;
    // One sequence is shown as such here, unlike in attributes.
    if dims.is_empty()
        && let (h5rest_protocol::Datatype::Vlen(_), Value::Array(items)) = (datatype, &mut value)
        && let Some(only) = items.pop()
    {
        value = only;
    }
    if call.query.flag("ignore_nan") {
        text::clear_tokens(&mut value);
    }
    let mut document = Map::new();
    if *call.method() == Method::GET {
        document.insert("status".into(), json!(200));
    }
    document.insert("value".into(), value);
    document.insert("hrefs".into(), hrefs(call, dataset.id, "value"));
    Ok(Reply::ok(Value::Object(document)))
}

/// References from a part of a dataset.
pub(super) fn hrefs(call: &Call, id: ObjectId, part: &str) -> Value {
    let own = format!("/datasets/{id}");
    call.hrefs(&[
        ("self", format!("{own}/{part}")),
        ("root", format!("/groups/{}", id.root_of())),
        ("home", "/".into()),
        ("owner", own),
    ])
}

/// Refuses what would not fit memory.
fn check_size(call: &Call, dataset: &Dataset, target: &Target) -> Result<()> {
    let most = call.app.settings.max_request_size;
    let bytes = (target.count as u64).checked_mul(dataset.element.unwrap_or(16) as u64);
    match bytes {
        Some(bytes) if bytes <= most => Ok(()),
        _ => Err(ApiError::too_large(format!(
            "{} elements are more than the {most} bytes of one reply: select fewer",
            target.count
        ))),
    }
}

/// PUT: stores elements.
pub fn put(call: &Call) -> Result<Reply> {
    let by = call.attempt()?;
    let reader = call.store().read()?;
    match by.answered(&*reader)? {
        Some(Value::Null) => return Ok(Reply::done()),
        Some(answer) => return queries::updated(call, call.param("id").parse()?, &answer),
        None => {}
    }
    let (domain, id) = call.open_object(&*reader, Action::Update)?;
    let dataset = Dataset::open(&*reader, call.store(), id)?;
    dataset.check_not_null()?;
    let referred = region_references::follow(call, &*reader, &domain, &dataset)?;
    drop(reader);
    let body = if call.sends_bytes()? {
        None
    } else {
        Some(call.json_object()?)
    };
    let parameters = Parameters {
        call,
        body: body.as_ref(),
    };
    if let Some(chosen) = writable(referred, parameters)? {
        return store_region(call, &dataset, parameters, chosen);
    }
    if let Some(query) = call.query.get("query") {
        return queries::update(call, dataset.id, parameters, query);
    }
    if let Some((by, at)) = parameters.append()? {
        append(call, dataset.id, parameters, by, at)?;
        return Ok(Reply::done());
    }
    if let Some(upload) = call.take_upload() {
        return store_parts(call, &dataset, parameters, upload);
    }
    let fields = parameters.fields(&dataset)?;
    let target = match parameters.points(dataset.dims().len())? {
        Some(points) => Target::points(&points, dataset.dims(), &dataset.chunk)?,
        None => Target::selection(&parameters.selection(&dataset)?, &dataset.chunk)?,
    };
    store(call, &dataset, parameters, &target, fields.as_ref())
}

/// Bytes of a chunk that a batch may write to: other writers wait until it is done. Filters take
/// time of their own.
const LARGEST_IN_BATCH: usize = 256 << 10;
const LARGEST_FILTERED_IN_BATCH: usize = 64 << 10;
const LARGEST_RECORD_IN_BATCH: usize = 16 << 20;

/// Bytes of chunks that all writes of a batch may change together: chunks are held in memory and
/// changed one after the other.
const MOST_TOUCHED: u64 = 256 << 20;
/// How much longer chunks with filters take.
const FILTERING: u64 = 4;
/// What an element of variable size counts as there: each is found and put into its place anew.
const VARIABLE_TOUCHED: usize = 32;

/// PUT of a few elements, in a batch, which holds the dataset alone when the change is made.
pub fn put_edit(call: &Call, reader: &dyn Reader) -> Result<Edit> {
    let (_, id) = call.open_object(reader, Action::Update)?;
    let dataset = Dataset::open(reader, call.store(), id)?;
    dataset.check_not_null()?;
    let body = call.json_object()?;
    let parameters = Parameters {
        call,
        body: Some(&body),
    };
    let others = ["regionref", "query", "append"];
    if let Some(name) = others.into_iter().find(|name| parameters.has(name)) {
        return Err(ApiError::bad_request(format!(
            "a batch has no {name}: that is a request of its own"
        )));
    }
    let most = match dataset.applied_filters().is_empty() {
        true => LARGEST_IN_BATCH,
        false => LARGEST_FILTERED_IN_BATCH,
    };
    let chunk = dataset
        .chunk_len()
        .saturating_mul(dataset.element.unwrap_or(1));
    if chunk > most {
        return Err(ApiError::too_large(format!(
            "the chunks of {id} are too large for a batch: that is a request of its own"
        )));
    }
    let fields = parameters.fields(&dataset)?;
    let target = match parameters.points(dataset.dims().len())? {
        Some(points) => Target::points(&points, dataset.dims(), &dataset.chunk)?,
        None => Target::selection(&parameters.selection(&dataset)?, &dataset.chunk)?,
    };
    if target.count == 0 {
        return Err(ApiError::bad_request("Selection is empty"));
    }
    let datatype = fields.as_ref().map_or(&*dataset.datatype, |f| &f.datatype);
    // One element may stand for as many as fill the memory: chunks are counted before there are so many.
    let touched = touch(call, &dataset, &target)?;
    let elements = parameters
        .elements(datatype, &target)
        .inspect_err(|_| untouch(call, touched))?;
    let chunks = write::merge(reader, &dataset, &target, fields.as_ref(), elements)?;
    // Those of elements of variable size are as large as they are.
    if chunks
        .iter()
        .any(|(_, record)| record.len() > LARGEST_RECORD_IN_BATCH)
    {
        return Err(ApiError::too_large(format!(
            "the elements of {id} are too large for a batch: that is a request of its own"
        )));
    }
    Ok(Box::new(move |change| {
        for (key, record) in chunks {
            change.put(key, record);
        }
        Ok(Reply::done())
    }))
}

/// Counts the chunks that a write of a batch changes; refuses it if the batch changes too many. A few
/// elements can be in as many chunks.
fn touch(call: &Call, dataset: &Dataset, target: &Target) -> Result<u64> {
    let Some(batch) = call.batch() else {
        return Ok(0);
    };
    let chunk = dataset.chunk_len() * dataset.element.unwrap_or(VARIABLE_TOUCHED);
    let time = match dataset.applied_filters().is_empty() {
        true => 1,
        false => FILTERING,
    };
    let own = target.chunk_count().saturating_mul(chunk as u64 * time);
    let room = |touched: u64| Some(touched.saturating_add(own)).filter(|sum| *sum <= MOST_TOUCHED);
    match batch.touched.fetch_update(Relaxed, Relaxed, room) {
        Ok(_) => Ok(own),
        Err(_) => Err(ApiError::too_large(
            "the batch changes too many chunks: send the rest in another",
        )),
    }
}

/// A write that was counted changes nothing: it has no elements that fit.
fn untouch(call: &Call, touched: u64) {
    if let Some(batch) = call.batch() {
        batch.touched.fetch_sub(touched, Relaxed);
    }
}

/// The region that a write is about, if it names one.
fn writable(referred: Referred, parameters: Parameters<'_>) -> Result<Option<Chosen>> {
    let chosen = match referred {
        Referred::NotAsked => return Ok(None),
        Referred::Null => return Err(ApiError::bad_request("the region reference is null")),
        Referred::To(chosen) => chosen,
    };
    match ["query", "append", "points"]
        .into_iter()
        .find(|name| parameters.has(name))
    {
        None => Ok(Some(chosen)),
        Some(name) => Err(ApiError::bad_request(format!(
            "regionref and {name} exclude each other"
        ))),
    }
}

fn store_region(
    call: &Call,
    dataset: &Dataset,
    parameters: Parameters<'_>,
    chosen: Chosen,
) -> Result<Reply> {
    let fields = parameters.fields(dataset)?;
    let target = chosen.target(&dataset.chunk)?;
    store(call, dataset, parameters, &target, fields.as_ref())
}

/// Stores the elements of the body.
fn store(
    call: &Call,
    dataset: &Dataset,
    parameters: Parameters<'_>,
    target: &Target,
    fields: Option<&Fields>,
) -> Result<Reply> {
    if target.count == 0 {
        return Err(ApiError::bad_request("Selection is empty"));
    }
    let datatype = fields.map_or(&*dataset.datatype, |f| &f.datatype);
    let elements = parameters.elements(datatype, target)?;
    let locks = &call.app.locks;
    let by = call.attempt()?;
    write::write(call.store(), locks, &by, dataset, target, fields, elements)?;
    Ok(Reply::done())
}

/// Stores the elements of a large body part by part while they come. Each part is whole and
/// durable by itself; when the body breaks off, or turns out to be too long, the parts before stay.
fn store_parts(
    call: &Call,
    dataset: &Dataset,
    parameters: Parameters<'_>,
    mut upload: Upload,
) -> Result<Reply> {
    let (last, others) = (call.attempt()?, call.attempt()?.continued());
    let store = |by: &Attempt, target: &Target, elements: Bytes| {
        write::write(
            call.store(),
            &call.app.locks,
            by,
            dataset,
            target,
            None,
            elements,
        )
    };
    let selection = parameters.selection(dataset)?;
    let count = selection::count(&selection).unwrap_or(u64::MAX);
    if count == 0 {
        return Err(ApiError::bad_request("Selection is empty"));
    }
    let size = match dataset.element {
        Some(size) => size as u64,
        // Where parts end is found by what the elements have on average.
        None => upload
            .length
            .unwrap_or(u64::MAX)
            .div_ceil(count)
            .min(LARGEST_GUESS),
    };
    if let (Some(_), Some(length)) = (dataset.element, upload.length)
        && count.checked_mul(size) != Some(length)
    {
        let reason = format!("{length} bytes for {count} elements of {size} bytes");
        return Err(ApiError::bad_request(reason));
    }
    let mut parts = upload_parts(selection, &dataset.chunk, size).peekable();
    while let Some(part) = parts.next() {
        let target = Target::selection(&part, &dataset.chunk)?;
        let is_last = parts.peek().is_none();
        let by = if is_last { &last } else { &others };
        if Arrival::is_worth(dataset, &target) {
            let arrival = Arrival::receive(call.store(), dataset, part, &mut upload)?;
            if is_last {
                upload.finish()?;
            }
            arrival.store(call.store(), &call.app.locks, by, dataset)?;
            upload.stored();
            continue;
        }
        let elements = match dataset.element {
            Some(size) => upload.take(target.count * size)?,
            None => upload.take_elements(&dataset.datatype, target.count)?,
        };
        if is_last {
            upload.finish()?;
        }
        store(by, &target, elements)?;
        upload.stored();
    }
    Ok(Reply::done())
}

/// What elements of variable size are taken for at most before they are seen.
const LARGEST_GUESS: u64 = 4096;

/// Extends a dimension and stores elements behind its old end.
fn append(call: &Call, id: ObjectId, parameters: Parameters<'_>, by: u64, at: usize) -> Result<()> {
    let grow = |dataset: &Dataset| {
        let fixed = || ApiError::bad_request("the dataset was made with a fixed shape");
        let Shape::Simple { dims, maxdims } = &dataset.shape else {
            return Err(fixed());
        };
        let mut dims = dims.clone();
        let old = *dims.get(at).ok_or_else(|| {
            ApiError::bad_request(format!("append_dim: there is no dimension {at}"))
        })?;
        let new = old.checked_add(by);
        dims[at] = new.ok_or_else(|| ApiError::bad_request("an extent of impossible size"))?;
        let mut selection = selection::all(&dims);
        selection[at] = DimSelection::Range {
            start: old,
            stop: dims[at],
            step: 1,
        };
        let target = Target::selection(&selection, &dataset.chunk)?;
        let maxdims = maxdims.clone();
        Ok((Shape::Simple { dims, maxdims }, target))
    };
    let elements = |dataset: &Dataset, target: &Target| {
        check_size(call, dataset, target)?;
        parameters.elements(&dataset.datatype, target)
    };
    let by = call.attempt()?;
    write::append(call.store(), &call.app.locks, &by, id, grow, elements)
}
