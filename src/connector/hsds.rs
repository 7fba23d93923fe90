//! What HSDS 1.0.2 cannot represent: told differently and kept beside, or refused with the reason.
//!
//! `h5rest` represents everything, so none of this is asked for it.

use h5rest_protocol::creation::{DatasetCreation, Layout};
use h5rest_protocol::datatype::{BitLayout, Member, ReferenceType, StringLength};
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, Shape};
use serde_json::{Map, Value, json};

use super::disguise::Disguise;
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

/// Whether HSDS accepts a type and can then read and write its elements.
pub(super) fn represents(datatype: &Datatype) -> bool {
    match datatype {
        Datatype::Integer(integer) => is_plain(&integer.bits),
        Datatype::Enum(e) => is_plain(&e.base.bits) && !e.members.is_empty(),
        Datatype::Float(float) => float.is_ieee() && float.bits.size <= 8,
        Datatype::String(string) => string.length != StringLength::Fixed(0),
        Datatype::Opaque { .. } | Datatype::Reference(ReferenceType::Object) => true,
        Datatype::Reference(ReferenceType::Region) => true,
        Datatype::Time(_)
        | Datatype::Bitfield(_)
        | Datatype::Complex(_)
        | Datatype::Reference(_) => false,
        Datatype::Compound(compound) => {
            let members = &compound.members;
            let lone_variable = members.len() == 1 && datatype.is_variable();
            let sound = |member: &Member| {
                // Values of opaque members are binary only, which attributes are not.
                let opaque = matches!(member.datatype, Datatype::Opaque { .. });
                let region = matches!(member.datatype, Datatype::Reference(ReferenceType::Region));
                member.name.is_ascii() && !opaque && !region && represents(&member.datatype)
            };
            !lone_variable && members.iter().all(sound)
        }
        Datatype::Vlen(base) => !base.is_variable() && represents(base),
        Datatype::Array { base, .. } => match **base {
            Datatype::Enum(_) | Datatype::Opaque { .. } | Datatype::Reference(_) => false,
            // Values of arrays of arrays are refused as of a wrong size.
            Datatype::Array { .. } => false,
            _ => !base.is_variable() && represents(base),
        },
    }
}

fn is_plain(bits: &BitLayout) -> bool {
    bits.is_whole() && [1, 2, 4, 8].contains(&bits.size)
}

/// Changes creation properties to what HSDS accepts, keeping the original beside.
pub(super) fn adapt_properties(
    properties: &mut Map<String, Value>,
    creation: &DatasetCreation,
    (datatype, disguise): (&Datatype, Disguise),
    shape: &Shape,
) {
    adapt_filters(properties, creation);
    adapt_layout(properties, creation, datatype, shape);
    adapt_fill(properties, creation, datatype, disguise);
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

/// Whether HSDS fills elements of a type that it has with this value. One on an array type makes the
/// dataset unreadable; of variable size it knows only strings.
pub(super) fn fills_with(datatype: &Datatype, fill: &[u8]) -> bool {
    match datatype {
        Datatype::Array { .. } => is_zero(datatype, fill),
        variable if variable.is_variable() => {
            is_zero(datatype, fill) || text_of(datatype, fill).is_some()
        }
        _ => true,
    }
}

/// Zeros and empty sequences are what HSDS has anyway.
fn is_zero(datatype: &Datatype, fill: &[u8]) -> bool {
    if binary::least_size(datatype) > fill.len() {
        return false;
    }
    let zero = binary::zero_element(datatype);
    let plain = |bytes| binary::without_nulls(datatype, bytes).ok();
    plain(fill).is_some_and(|fill| plain(&zero).is_some_and(|zero| zero == fill))
}

/// A fill value that is a string of variable length.
fn text_of<'a>(datatype: &Datatype, fill: &'a [u8]) -> Option<&'a str> {
    match datatype {
        Datatype::String(_) if datatype.is_variable() => as_text(fill),
        _ => None,
    }
}

fn as_text(fill: &[u8]) -> Option<&str> {
    std::str::from_utf8(binary::string(fill).ok()??).ok()
}

/// Keeps a fill value beside that HSDS is told in another form, or not at all because elements in
/// disguise are filled by `disguise`.
fn adapt_fill(
    properties: &mut Map<String, Value>,
    creation: &DatasetCreation,
    datatype: &Datatype,
    disguise: Disguise,
) {
    let Some(fill) = &creation.fill_value else {
        return;
    };
    let array = matches!(datatype, Datatype::Array { .. });
    let told = match disguise {
        Disguise::None if array => None,
        Disguise::None if datatype.is_variable() => text_of(datatype, fill).map(Value::from),
        Disguise::Boxed => None,
        _ => return,
    };
    hints::keep_dataset_property(properties, "fillValue", told);
    hints::keep_dataset_property(properties, "fillValue_encoding", None);
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
        adapt_properties(&mut properties, creation, (datatype, Disguise::None), shape);
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
    fn what_hsds_has_and_lacks() {
        let vlen = |base| Datatype::Vlen(Box::new(base));
        assert!(represents(&Datatype::variable_string()));
        assert!(represents(&vlen(Datatype::Reference(
            ReferenceType::Object
        ))));
        for datatype in [
            vlen(Datatype::variable_string()),
            Datatype::integer(3, true),
            Datatype::integer(16, true),
            Datatype::Reference(ReferenceType::Any),
        ] {
            assert!(!represents(&datatype), "{datatype:?}");
        }
    }

    #[test]
    fn fill_values_that_hsds_breaks_are_not_told() {
        let array = Datatype::Array {
            base: Box::new(Datatype::integer(1, true)),
            dims: vec![2],
        };
        assert!(fills_with(&array, &[0, 0]) && !fills_with(&array, &[0, 1]));
        let text = Datatype::variable_string();
        assert!(fills_with(&text, b"\x02\0\0\0ab") && fills_with(&text, &[0xff; 4]));
        assert!(!fills_with(&text, b"\x01\0\0\0\xff"));
        let list = Datatype::Vlen(Box::new(Datatype::integer(2, true)));
        assert!(fills_with(&list, &[0; 4]) && !fills_with(&list, b"\x02\0\0\0ab"));
        let told = |datatype: &Datatype, disguise, fill: &[u8]| {
            let creation = DatasetCreation {
                fill_value: Some(fill.to_vec()),
                ..DatasetCreation::default()
            };
            let mut properties = creation.to_json(datatype).as_object().unwrap().clone();
            let shape = Shape::fixed([3]);
            adapt_properties(&mut properties, &creation, (datatype, disguise), &shape);
            assert!(!properties.contains_key("fillValue_encoding"));
            let told = properties.get("fillValue").cloned();
            hints::restore_dataset_properties(&mut properties);
            let read = DatasetCreation::from_json(&Value::Object(properties), datatype).unwrap();
            assert_eq!(read, creation);
            told
        };
        assert_eq!(told(&array, Disguise::None, &[0, 0]), None);
        assert_eq!(
            told(&text, Disguise::None, b"\x02\0\0\0ab"),
            Some(json!("ab"))
        );
        assert_eq!(told(&list, Disguise::Boxed, b"\x02\0\0\0ab"), None);
    }
}
