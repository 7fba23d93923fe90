//! A new dataset: from what a request asks for to what is stored about it.

use h5rest_protocol::creation::{DatasetCreation, Filter, Layout, filter_ids};
use h5rest_protocol::shape::{Extent, bounds_from_json};
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, Shape};
use serde_json::{Map, Value, json};

use crate::error::{ApiError, Result};

/// HSDS's bounds for chunks it chooses itself.
const MIN_CHUNK_BYTES: u64 = 1 << 20;
/// See [`MIN_CHUNK_BYTES`].
const MAX_CHUNK_BYTES: u64 = 4 << 20;
/// Most bytes of a dataset with compact layout.
const MAX_COMPACT_BYTES: u64 = 65_536;
/// What an element of variable size is taken for when sizes are estimated, unless it must be larger.
pub const VARIABLE_BYTES: u64 = 512;
/// What an unlimited dimension is taken for.
const UNLIMITED_GUESS: u64 = 1024;

/// How a new dataset will be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Current and maximum extents.
    pub shape: Shape,
    /// The `creationProperties` document, layout and filters completed.
    pub creation: Value,
    /// Extents of the stored chunks.
    pub chunk: Vec<u64>,
}

/// Reads `shape` and `maxdims` of a request for a dataset.
pub fn read_shape(body: &Value) -> Result<Shape> {
    let shape = match body.get("shape") {
        None | Some(Value::Null) => return scalar_with(body, Shape::Scalar),
        Some(Value::Object(_)) => {
            return Err(ApiError::bad_request(
                "the shape of a dataset is a list of extents",
            ));
        }
        Some(sent) => Shape::from_json(sent)?,
    };
    let Shape::Simple { dims, .. } = shape else {
        return scalar_with(body, shape);
    };
    let maxdims = match body.get("maxdims") {
        None | Some(Value::Null) => None,
        Some(sent) => Some(bounds_from_json(sent, dims.len())?),
    };
    if let Some(bounds) = &maxdims
        && !dims.iter().zip(bounds).all(|(&n, bound)| bound.allows(n))
    {
        return Err(ApiError::bad_request("maxdims smaller than the shape"));
    }
    let shape = Shape::Simple { dims, maxdims };
    shape
        .count()
        .ok_or_else(|| ApiError::bad_request("a shape of impossible size"))?;
    Ok(shape)
}

fn scalar_with(body: &Value, shape: Shape) -> Result<Shape> {
    match body.get("maxdims") {
        None | Some(Value::Null) => Ok(shape),
        Some(_) => Err(ApiError::bad_request(
            "maxdims needs a shape with dimensions",
        )),
    }
}

/// Completes the creation properties of a new dataset and decides how it is stored.
pub fn plan(datatype: &Datatype, shape: Shape, sent: Option<&Value>) -> Result<Plan> {
    let mut creation = match sent {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(members)) => members.clone(),
        Some(_) => return Err(ApiError::bad_request("creationProperties is an object")),
    };
    check_fill(datatype, &creation)?;
    let filtered = complete_filters(&mut creation)?;
    let least = binary::least_size(datatype) as u64;
    let size = match datatype.wire_size() {
        Some(_) => least.max(1),
        None => least.max(VARIABLE_BYTES),
    };
    let layout = match creation.get("layout").filter(|l| !l.is_null()) {
        Some(sent) => Some(read_layout(sent, &shape, size)?),
        None => default_layout(&shape, size, filtered),
    };
    let chunked = matches!(layout, Some(Layout::Chunked(_)));
    if filtered && !chunked {
        return Err(ApiError::bad_request("filters need a chunked layout"));
    }
    let chunk = match &layout {
        Some(Layout::Chunked(dims)) => dims.clone(),
        _ => rows(shape.dims(), size),
    };
    match (creation.get("layout"), &layout) {
        (Some(Value::Object(_)), _) => {}
        (_, Some(chosen)) => {
            creation.insert("layout".into(), chosen.to_json());
        }
        (_, None) => {
            creation.insert("layout".into(), json!({}));
        }
    }
    Ok(Plan {
        shape,
        creation: Value::Object(creation),
        chunk,
    })
}

/// Refuses a fill value that is not one element.
fn check_fill(datatype: &Datatype, creation: &Map<String, Value>) -> Result<()> {
    if creation.get("fillValue").is_some_and(Value::is_null) {
        return Err(ApiError::bad_request("fillValue is null"));
    }
    let read = DatasetCreation::from_json(&Value::Object(creation.clone()), datatype)?;
    if let Some(fill) = read.fill_value
        && binary::element_len(datatype, &fill)? != fill.len()
    {
        return Err(ApiError::bad_request("fillValue is longer than an element"));
    }
    Ok(())
}

/// Gives each filter its class, id and name; tells whether there are any.
fn complete_filters(creation: &mut Map<String, Value>) -> Result<bool> {
    let Some(sent) = creation.get_mut("filters").filter(|f| !f.is_null()) else {
        return Ok(false);
    };
    let list = sent.as_array_mut();
    let list = list.ok_or_else(|| ApiError::bad_request("filters is a list"))?;
    for sent in &mut *list {
        let filter = Filter::from_json(sent)
            .ok_or_else(|| ApiError::bad_request(format!("unknown filter {sent}")))?;
        if filter.id == filter_ids::DEFLATE
            && filter.parameters.first().is_some_and(|&level| level > 9)
        {
            return Err(ApiError::bad_request("deflate levels are 0 to 9"));
        }
        let known = filter.to_json();
        match (&mut *sent, known) {
            (Value::Object(members), known) => {
                // As HSDS, which knows classes better than users do.
                if let (Some(class), Some(known)) = (members.get_mut("class"), &known)
                    && *class == "H5Z_FILTER_USER"
                {
                    *class = known["class"].clone();
                }
                members.entry("id").or_insert(json!(filter.id));
                if filter.id == filter_ids::DEFLATE {
                    members.entry("name").or_insert(json!("gzip"));
                }
                for key in ["class", "name"] {
                    if let Some(value) = known.as_ref().and_then(|known| known.get(key)) {
                        members.entry(key).or_insert(value.clone());
                    }
                }
            }
            (other, Some(known)) => *other = known,
            _ => {}
        }
    }
    Ok(!list.is_empty())
}

fn read_layout(sent: &Value, shape: &Shape, size: u64) -> Result<Layout> {
    let class = sent
        .get("class")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let refused = |why: &str| Err(ApiError::bad_request(format!("layout {class}: {why}")));
    let bytes = shape
        .count()
        .and_then(|n| n.checked_mul(size))
        .unwrap_or(u64::MAX);
    match class {
        "H5D_CHUNKED" => {}
        "H5D_CONTIGUOUS" if shape.maxdims().is_some() => {
            return refused("cannot be used with maxdims");
        }
        "H5D_CONTIGUOUS" => return Ok(Layout::Contiguous),
        "H5D_COMPACT" if bytes > MAX_COMPACT_BYTES => return refused("more than 64 KiB"),
        "H5D_COMPACT" => return Ok(Layout::Compact),
        _ => return refused("not supported by this server"),
    }
    let Some(Layout::Chunked(chunk)) = Layout::from_json(sent) else {
        return refused("needs dims, a list of extents");
    };
    let dims = shape.dims();
    if dims.is_empty() {
        return refused("needs a shape with dimensions");
    }
    if chunk.len() != dims.len() {
        return refused("rank differs from the shape's");
    }
    for (at, &extent) in chunk.iter().enumerate() {
        let bound = match shape.maxdims() {
            Some(bounds) => bounds[at],
            None => Extent::Fixed(dims[at]),
        };
        if extent == 0 || !bound.allows(extent) {
            return refused("extents must be at least 1 and not beyond the dataset's");
        }
    }
    let elements = chunk.iter().try_fold(size, |n, &d| n.checked_mul(d));
    if elements.is_none_or(|bytes| bytes > u64::from(u32::MAX)) {
        return refused("a chunk is at most 4 GiB");
    }
    Ok(Layout::Chunked(chunk))
}

/// HSDS's choice: in one piece when small, fixed and unfiltered; chunks of 1 to 4 MiB otherwise;
/// nothing for null shapes.
fn default_layout(shape: &Shape, size: u64, filtered: bool) -> Option<Layout> {
    let dims = match shape {
        Shape::Null => return None,
        Shape::Scalar => return Some(Layout::Contiguous),
        Shape::Simple { dims, .. } => dims,
    };
    let bytes = shape
        .count()
        .and_then(|n| n.checked_mul(size))
        .unwrap_or(u64::MAX);
    let fixed = shape.maxdims().is_none();
    if fixed && !filtered && bytes < MIN_CHUNK_BYTES {
        return Some(Layout::Contiguous);
    }
    let mut chunk: Vec<u64> = match shape.maxdims() {
        None => dims.iter().map(|&n| n.max(1)).collect(),
        Some(bounds) => bounds.iter().map(|&bound| first_extent(bound)).collect(),
    };
    let bytes = |chunk: &[u64]| chunk.iter().fold(size, |n, &d| n.saturating_mul(d));
    let mut at = 0;
    while bytes(&chunk) > MAX_CHUNK_BYTES && chunk.iter().any(|&n| n > 1) {
        let turn = at % chunk.len();
        chunk[turn] = chunk[turn].div_ceil(2);
        at += 1;
    }
    grow(&mut chunk, shape, size);
    Some(Layout::Chunked(chunk))
}

fn first_extent(bound: Extent) -> u64 {
    match bound {
        Extent::Unlimited => UNLIMITED_GUESS,
        Extent::Fixed(n) => n.max(1),
    }
}

/// Doubles extents, where the bounds allow it, until a chunk is worth a request.
fn grow(chunk: &mut [u64], shape: &Shape, size: u64) {
    let Some(bounds) = shape.maxdims() else {
        return;
    };
    loop {
        let bytes = chunk.iter().fold(size, |n, &d| n.saturating_mul(d));
        let candidate = (0..chunk.len())
            .rev()
            .find(|&at| bounds[at].allows(chunk[at] * 2));
        match candidate {
            Some(at) if bytes < MIN_CHUNK_BYTES => chunk[at] *= 2,
            _ => return,
        }
    }
}

/// Chunks in which data in one piece are stored: whole rows, a few MiB of them.
fn rows(dims: &[u64], size: u64) -> Vec<u64> {
    let mut chunk: Vec<u64> = dims.iter().map(|&n| n.max(1)).collect();
    let bytes = |chunk: &[u64]| chunk.iter().fold(size, |n, &d| n.saturating_mul(d));
    for at in 0..chunk.len() {
        let whole = bytes(&chunk);
        if whole <= MAX_CHUNK_BYTES {
            break;
        }
        let row = whole / chunk[at];
        chunk[at] = (MAX_CHUNK_BYTES / 2 / row.max(1)).clamp(1, chunk[at]);
    }
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    fn f64_le() -> Datatype {
        Datatype::from_json(&json!("H5T_IEEE_F64LE")).unwrap()
    }

    fn planned(body: Value) -> Result<Plan> {
        plan(
            &f64_le(),
            read_shape(&body)?,
            body.get("creationProperties"),
        )
    }

    #[test]
    fn layouts_are_chosen_as_hsds_does() {
        let small = planned(json!({"shape": [10, 10]})).unwrap();
        assert_eq!(small.creation["layout"], json!({"class": "H5D_CONTIGUOUS"}));
        assert_eq!(small.chunk, [10, 10]);
        let scalar = planned(json!({})).unwrap();
        assert_eq!(scalar.creation["layout"]["class"], "H5D_CONTIGUOUS");
        let null = planned(json!({"shape": "H5S_NULL"})).unwrap();
        assert_eq!(null.creation, json!({"layout": {}}));
        let big = planned(json!({"shape": [8192, 1024]})).unwrap();
        let bytes: u64 = big.chunk.iter().product::<u64>() * 8;
        assert!(
            (MIN_CHUNK_BYTES..=MAX_CHUNK_BYTES).contains(&bytes),
            "{bytes}"
        );
        let open = planned(json!({"shape": [0], "maxdims": 0})).unwrap();
        assert_eq!(open.chunk, [131_072]);
    }

    #[test]
    fn data_in_one_piece_is_stored_in_rows() {
        let layout = json!({"layout": {"class": "H5D_CONTIGUOUS"}});
        let plan =
            planned(json!({"shape": [100_000, 1024], "creationProperties": layout})).unwrap();
        assert_eq!(plan.creation, layout);
        assert_eq!(plan.chunk, [256, 1024]);
        let long = planned(json!({"shape": [2, 1 << 30], "creationProperties": layout})).unwrap();
        assert_eq!(long.chunk, [1, 1 << 18]);
    }

    #[test]
    fn wrong_requests() {
        for body in [
            json!({"shape": {"class": "H5S_SCALAR"}}),
            json!({"shape": [-1]}),
            json!({"shape": [4], "maxdims": [3]}),
            json!({"shape": [4], "maxdims": [8, 8]}),
            json!({"maxdims": [8]}),
            json!({"shape": [4], "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [5]}}}),
            json!({"shape": [4], "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [2, 2]}}}),
            json!({"shape": [4], "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [0]}}}),
            json!({"shape": [4], "creationProperties": {"layout": {"class": "H5D_VIRTUAL"}}}),
            json!({"shape": [4], "maxdims": 0, "creationProperties": {"layout": {"class": "H5D_CONTIGUOUS"}}}),
            json!({"creationProperties": {"filters": ["H5Z_FILTER_DEFLATE"]}}),
            json!({"shape": [4], "creationProperties": {"fillValue": "x"}}),
            json!({"shape": [4], "creationProperties": {"fillValue": null}}),
            json!({"shape": [4], "creationProperties": {"fillValue": "AAA=", "fillValue_encoding": "base64"}}),
        ] {
            assert!(planned(body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn filters_are_completed() {
        let sent = json!({"filters": [{"class": "H5Z_FILTER_SHUFFLE"},
            {"class": "H5Z_FILTER_DEFLATE", "level": 4}, {"class": "H5Z_FILTER_USER", "id": 300}],
            "x": [1]});
        let plan = planned(json!({"shape": [4], "creationProperties": sent})).unwrap();
        let filters = &plan.creation["filters"];
        assert_eq!(
            filters[0],
            json!({"class": "H5Z_FILTER_SHUFFLE", "id": 2, "name": "shuffle"})
        );
        assert_eq!(
            (&filters[1]["id"], &filters[1]["level"]),
            (&json!(1), &json!(4))
        );
        assert_eq!(filters[2]["id"], 300);
        assert_eq!(plan.creation["x"], json!([1]));
        assert_eq!(plan.creation["layout"]["class"], "H5D_CHUNKED");
    }
}
