//! What HDF5 and servers demand of a new dataset's layout. It is checked before the dataset is taken
//! for made: the server may hear of it when the call has long returned.

use h5rest_protocol::creation::Layout;
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, Extent, Shape};
use serde_json::{Map, Value};

use super::error::{Error, Result};

/// Most bytes of a compact dataset.
const LARGEST_COMPACT: u64 = 65_536;
/// What an element of variable size is taken for.
const VARIABLE_ELEMENT: u64 = 512;

/// Bytes of an element where sizes are estimated: one of variable size is taken for what it is if it was
/// never written, but not for little.
pub(super) fn usual_size(datatype: &Datatype) -> u64 {
    let least = binary::least_size(datatype) as u64;
    match datatype.wire_size() {
        Some(_) => least.max(1),
        None => least.max(VARIABLE_ELEMENT),
    }
}

/// Checks the creation properties that the server will be told, of elements that it knows by this type.
pub(super) fn check(properties: &Map<String, Value>, shape: &Shape, told: &Datatype) -> Result<()> {
    let size = usual_size(told);
    if matches!(shape, Shape::Simple { .. }) && shape.count().is_none() {
        return Err(Error::invalid("its extents are impossibly large"));
    }
    let Some(layout) = properties.get("layout") else {
        return Ok(());
    };
    let filters = properties.get("filters").and_then(Value::as_array);
    let filtered = filters.is_some_and(|filters| !filters.is_empty());
    match Layout::from_json(layout) {
        None => Ok(()),
        Some(Layout::Contiguous) if shape.maxdims().is_some() => {
            Err(Error::invalid("a contiguous dataset cannot be extendible"))
        }
        Some(Layout::Compact) if bytes_of(shape, size) > LARGEST_COMPACT => Err(Error::invalid(
            "a compact dataset has at most 64 KiB of elements",
        )),
        Some(Layout::Contiguous | Layout::Compact) if filtered => {
            Err(Error::invalid("filters need a chunked layout"))
        }
        Some(Layout::Contiguous | Layout::Compact) => Ok(()),
        Some(Layout::Chunked(chunk)) => check_chunk(&chunk, shape, size),
    }
}

fn bytes_of(shape: &Shape, size: u64) -> u64 {
    let bytes = shape.count().and_then(|count| count.checked_mul(size));
    bytes.unwrap_or(u64::MAX)
}

fn check_chunk(chunk: &[u64], shape: &Shape, size: u64) -> Result<()> {
    let dims = shape.dims();
    if dims.is_empty() || chunk.len() != dims.len() {
        return Err(Error::invalid(format!(
            "its chunks have {} dimensions, and its space {}",
            chunk.len(),
            dims.len()
        )));
    }
    for (at, &extent) in chunk.iter().enumerate() {
        let bound = match shape.maxdims() {
            Some(bounds) => bounds[at],
            None => Extent::Fixed(dims[at]),
        };
        // A bound of 0 means none to servers, and HDF5 takes any chunk for a dataset without elements.
        let within = bound == Extent::Fixed(0) || bound.allows(extent);
        if extent == 0 || !within {
            return Err(Error::invalid(
                "the extents of its chunks must be at least 1, and not beyond its own largest",
            ));
        }
    }
    let bytes = chunk
        .iter()
        .try_fold(size, |n, &extent| n.checked_mul(extent));
    match bytes {
        Some(bytes) if bytes <= u64::from(u32::MAX) => Ok(()),
        _ => Err(Error::invalid("a chunk has less than 4 GiB")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_would_refuse() {
        let growing = Shape::Simple {
            dims: vec![4, 4],
            maxdims: Some(vec![Extent::Unlimited, Extent::Fixed(4)]),
        };
        let fixed = Shape::fixed([4, 4]);
        let chunked = |dims: &[u64]| json!({"layout": {"class": "H5D_CHUNKED", "dims": dims}});
        let of = |class: &str| json!({"layout": {"class": class}});
        let filtered = json!({"layout": {"class": "H5D_CONTIGUOUS"}, "filters": [{"id": 1}]});
        for (properties, shape, sound) in [
            (json!({}), &growing, true),
            (of("H5D_CONTIGUOUS"), &fixed, true),
            (of("H5D_CONTIGUOUS"), &growing, false),
            (of("H5D_COMPACT"), &fixed, true),
            (of("H5D_COMPACT"), &Shape::fixed([70_000]), false),
            (filtered, &fixed, false),
            (chunked(&[100, 4]), &growing, true),
            (chunked(&[5, 4]), &fixed, false),
            (chunked(&[5]), &Shape::fixed([0]), true),
            (chunked(&[4]), &fixed, false),
            (chunked(&[0, 4]), &fixed, false),
            (chunked(&[1 << 30, 4]), &growing, false),
            (chunked(&[1]), &Shape::Scalar, false),
        ] {
            let checked = check(
                properties.as_object().unwrap(),
                shape,
                &Datatype::integer(8, true),
            );
            assert_eq!(checked.is_ok(), sound, "{properties} {shape:?}");
        }
    }
}
