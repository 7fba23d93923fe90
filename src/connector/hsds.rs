//! What HSDS 1.0.2 cannot represent: refused with the reason, or told differently and kept beside.
//!
//! `h5rest` represents everything, so none of this is asked for it.

use h5rest_protocol::creation::{DatasetCreation, Layout};
use h5rest_protocol::datatype::{BitLayout, ReferenceType, StringLength};
use h5rest_protocol::{Datatype, Shape, StoredType};
use serde_json::{Map, Value, json};

use super::error::{Error, Result};
use super::hints;

/// A dataset in one piece is one chunk to HSDS, which bounds it.
const LARGEST_CONTIGUOUS: u64 = 128 << 20;
const LARGEST_COMPACT: u64 = 65_536;
/// Chunks that HSDS likes.
const GOOD_CHUNK: u64 = 4 << 20;

/// Filters of which one must follow a shuffle: HSDS un-shuffles when reading what it never
/// shuffled when writing without one (deflate, blosc, lz4, zstd).
const COMPRESSORS: [u32; 4] = [1, 32001, 32004, 32015];
/// Filters that HSDS can be told of at all.
const KNOWN: [u32; 8] = [1, 2, 3, 5, 6, 32001, 32004, 32015];

fn refused(what: &str) -> Error {
    Error::unsupported(&format!(
        "{what} on HSDS, which cannot store them; h5rest can"
    ))
}

/// Fails for types that HSDS refuses, or accepts and then cannot read or write.
pub(super) fn check_type(datatype: &Datatype) -> Result<()> {
    match datatype {
        Datatype::Integer(integer) => check_bits(&integer.bits, &[1, 2, 4, 8], "integers"),
        Datatype::Float(float) if float.is_ieee() && float.bits.size <= 8 => Ok(()),
        Datatype::Float(_) => Err(refused("floats other than IEEE ones of 16, 32 and 64 bits")),
        Datatype::Time(_) => Err(refused("times")),
        Datatype::Bitfield(_) => Err(refused("bitfields")),
        Datatype::Complex(_) => Err(refused("complex numbers")),
        Datatype::String(_) | Datatype::Opaque { .. } => Ok(()),
        Datatype::Reference(ReferenceType::Object) => Ok(()),
        Datatype::Reference(_) => Err(refused("region and attribute references")),
        Datatype::Enum(e) => check_bits(&e.base.bits, &[1, 2, 4, 8], "enumerations"),
        Datatype::Compound(compound) => {
            if !compound.members.iter().all(|member| member.name.is_ascii()) {
                return Err(refused("compounds with names outside ASCII"));
            }
            if compound.members.len() == 1 && datatype.is_variable() {
                return Err(refused("compounds of one variable member"));
            }
            compound
                .members
                .iter()
                .try_for_each(|member| check_type(&member.datatype))
        }
        Datatype::Vlen(base) if base.is_variable() => {
            Err(refused("sequences of variable elements"))
        }
        Datatype::Vlen(base) => check_type(base),
        Datatype::Array { base, .. } => match **base {
            Datatype::Enum(_) | Datatype::Opaque { .. } | Datatype::Reference(_) => {
                Err(refused("arrays of enumerations, opaque data or references"))
            }
            _ if base.is_variable() => Err(refused("arrays of variable elements")),
            _ => check_type(base),
        },
    }
}

fn check_bits(bits: &BitLayout, sizes: &[u32], what: &str) -> Result<()> {
    if bits.is_whole() && sizes.contains(&bits.size) {
        return Ok(());
    }
    Err(refused(&format!(
        "{what} of other than 8, 16, 32 or 64 bits"
    )))
}

/// Changes creation properties to what HSDS accepts, keeping the original beside; fails if that
/// would change what programs read.
pub(super) fn adapt_properties(
    properties: &mut Map<String, Value>,
    creation: &DatasetCreation,
    ty: &StoredType,
    shape: &Shape,
) -> Result<()> {
    adapt_filters(properties, creation);
    adapt_layout(properties, creation, &ty.datatype, shape);
    adapt_fill(properties, creation, &ty.datatype)
}

/// Filters are how data are stored, not what they are: those that HSDS refuses or gets wrong are
/// left away. The exact ones are kept by `hints::add_filters`, or here.
fn adapt_filters(properties: &mut Map<String, Value>, creation: &DatasetCreation) {
    let compressed = creation
        .filters
        .iter()
        .any(|filter| COMPRESSORS.contains(&filter.id));
    let chunked = matches!(creation.layout, Some(Layout::Chunked(_)) | None);
    let usable = |id: u32| chunked && KNOWN.contains(&id) && (id != 2 || compressed) && id != 5;
    if creation.filters.iter().all(|filter| usable(filter.id)) {
        return;
    }
    let told = creation.filters.iter().filter(|filter| usable(filter.id));
    let told: Vec<Value> = told.filter_map(|filter| filter.to_json()).collect();
    let told = (!told.is_empty()).then_some(Value::Array(told));
    hints::keep_dataset_property(properties, "filters", told);
}

fn adapt_layout(
    properties: &mut Map<String, Value>,
    creation: &DatasetCreation,
    datatype: &Datatype,
    shape: &Shape,
) {
    let element = datatype.wire_size().unwrap_or(64) as u64;
    let bytes = shape
        .count()
        .and_then(|count| count.checked_mul(element))
        .unwrap_or(u64::MAX);
    let dims = shape.dims();
    let whole = match creation.layout {
        Some(Layout::Contiguous) => bytes <= LARGEST_CONTIGUOUS,
        Some(Layout::Compact) => bytes <= LARGEST_COMPACT,
        Some(Layout::Chunked(_)) | None => return,
    };
    // Without dimensions, or without elements, HSDS has its own way to say so.
    if dims.is_empty() || bytes == 0 {
        hints::keep_dataset_property(properties, "layout", None);
    } else if !whole {
        let chunks = json!({"class": "H5D_CHUNKED", "dims": good_chunk(dims, element)});
        hints::keep_dataset_property(properties, "layout", Some(chunks));
    }
}

/// Chunk extents of about the size HSDS likes, whole rows where possible.
fn good_chunk(dims: &[u64], element: u64) -> Vec<u64> {
    let mut chunk: Vec<u64> = dims.iter().map(|&extent| extent.max(1)).collect();
    for dim in 0..chunk.len() {
        let size = chunk
            .iter()
            .fold(element.max(1), |n, &extent| n.saturating_mul(extent));
        if size <= GOOD_CHUNK {
            break;
        }
        chunk[dim] = (chunk[dim] * GOOD_CHUNK / size.max(1)).clamp(1, chunk[dim]);
    }
    chunk
}

/// A fill value on an array type makes a dataset unreadable on HSDS; zeros are what it has anyway.
fn adapt_fill(
    properties: &mut Map<String, Value>,
    creation: &DatasetCreation,
    datatype: &Datatype,
) -> Result<()> {
    let Some(fill) = &creation.fill_value else {
        return Ok(());
    };
    let broken = matches!(datatype, Datatype::Array { .. });
    if broken && fill.iter().any(|&byte| byte != 0) {
        return Err(refused("fill values of array types"));
    }
    let variable = datatype.any(&|inner| {
        matches!(inner, Datatype::String(s) if s.length == StringLength::Variable)
            || matches!(inner, Datatype::Vlen(_))
    });
    if broken || variable {
        hints::keep_dataset_property(properties, "fillValue", None);
        hints::keep_dataset_property(properties, "fillValue_encoding", None);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::creation::Filter;

    use super::*;

    fn filter(id: u32) -> Filter {
        Filter {
            id,
            flags: 0,
            name: String::new(),
            parameters: vec![],
        }
    }

    fn told(creation: &DatasetCreation, datatype: &Datatype, shape: &Shape) -> Map<String, Value> {
        let mut properties = match creation.to_json(datatype) {
            Value::Object(properties) => properties,
            _ => Map::new(),
        };
        hints::add_filters(creation, &mut properties);
        let ty = StoredType::from(datatype.clone());
        adapt_properties(&mut properties, creation, &ty, shape).unwrap();
        properties
    }

    #[test]
    fn shuffle_alone_is_not_told() {
        let datatype = Datatype::integer(4, true);
        let shape = Shape::fixed([10]);
        let mut creation = DatasetCreation {
            layout: Some(Layout::Chunked(vec![5])),
            filters: vec![filter(2), filter(4)],
            ..DatasetCreation::default()
        };
        let mut properties = told(&creation, &datatype, &shape);
        assert!(!properties.contains_key("filters"));
        hints::restore_dataset_properties(&mut properties);
        let mut read = DatasetCreation::from_json(&Value::Object(properties), &datatype).unwrap();
        hints::take_filters(&mut read);
        assert_eq!(read, creation);
        creation.filters = vec![filter(2), filter(1)];
        let properties = told(&creation, &datatype, &shape);
        assert_eq!(properties["filters"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn large_datasets_in_one_piece_are_chunked() {
        let datatype = Datatype::integer(8, true);
        let creation = DatasetCreation {
            layout: Some(Layout::Contiguous),
            ..DatasetCreation::default()
        };
        let properties = told(&creation, &datatype, &Shape::fixed([100, 1 << 20]));
        assert_eq!(properties["layout"]["dims"], json!([1, 524_288]));
        let properties = told(&creation, &datatype, &Shape::fixed([100]));
        assert_eq!(properties["layout"], json!({"class": "H5D_CONTIGUOUS"}));
    }

    #[test]
    fn types_that_hsds_lacks_are_refused_with_a_reason() {
        let vlen = Datatype::Vlen(Box::new(Datatype::variable_string()));
        let odd = Datatype::integer(3, true);
        for datatype in [vlen, odd, Datatype::Reference(ReferenceType::Any)] {
            let error = check_type(&datatype).unwrap_err();
            assert_eq!(error.kind(), super::super::ErrorKind::Unsupported);
            assert!(error.to_string().contains("HSDS"));
        }
        check_type(&Datatype::variable_string()).unwrap();
    }
}
