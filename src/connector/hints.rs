//! What HDF5 knows and the server's own documents have no place for, kept in members that servers
//! preserve without understanding them.
//!
//! Where HSDS keeps unknown members: creation properties of groups and datasets, type documents,
//! link items of `PUT .../links`. Readers that do not know these members see ordinary documents.

use h5rest_protocol::creation::{DatasetCreation, Filter};
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Extent, Link, Shape, StoredType};
use serde_json::{Map, Value, json};

use super::document::guessed_charset;
use super::error::Result;

/// Member of a link item or an attribute's type: the declared encoding of the name.
pub(super) const CHARSET: &str = "nameCharSet";
/// Member of a link item: the link as it is.
pub(super) const TRUE_LINK: &str = "hdf5Link";
/// Member of a committed datatype's type document: its creation properties, which HSDS drops.
const DATATYPE_PROPERTIES: &str = "creationProperties";
/// Member of a dataset's creation properties: those that the server was told differently, as they
/// were set.
const ORIGINAL: &str = "hdf5Original";

/// The declared encoding of a name, by what is told of it.
pub(super) fn charset(name: &str, told: Option<&str>) -> CharSet {
    match told {
        Some("H5T_CSET_ASCII") => CharSet::Ascii,
        Some("H5T_CSET_UTF8") => CharSet::Utf8,
        _ => guessed_charset(name),
    }
}

/// Adds the declared encoding of a name where the name does not tell it.
pub(super) fn add_charset(name: &str, charset: CharSet, document: &mut Value) {
    if charset != guessed_charset(name) {
        document[CHARSET] = json!(match charset {
            CharSet::Ascii => "H5T_CSET_ASCII",
            CharSet::Utf8 => "H5T_CSET_UTF8",
        });
    }
}

/// A link of a class that HSDS does not have, as a soft link that leads nowhere, with the true
/// link beside.
pub(super) fn as_soft_link(link: &Link) -> Value {
    let mut document = Link::Soft("user-defined link".into()).to_json();
    document[TRUE_LINK] = link.to_json();
    document
}

/// Reads a link document, looking for the true link beside.
pub(super) fn true_link(document: &Value) -> Result<Link> {
    Ok(Link::from_json(
        document.get(TRUE_LINK).unwrap_or(document),
    )?)
}

/// Puts a committed datatype's creation properties into its type document.
pub(super) fn add_datatype_properties(ty: &mut StoredType, properties: &Map<String, Value>) {
    if !properties.is_empty() {
        let properties = Value::Object(properties.clone());
        ty.extra.insert(DATATYPE_PROPERTIES.into(), properties);
    }
}

/// Takes a committed datatype's creation properties out of its type document.
pub(super) fn take_datatype_properties(ty: &mut StoredType) -> Map<String, Value> {
    match ty.extra.shift_remove(DATATYPE_PROPERTIES) {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    }
}

/// Member of an attribute's type and of a dataset's creation properties: the largest extents.
/// Attributes have none on servers, and a bound of 0 means no bound to them.
pub(super) const BOUNDS: &str = "hdf5MaxDims";

/// The largest extents of a shape that has any.
pub(super) fn bounds(shape: &Shape) -> Option<Value> {
    let bound = |bound: &Extent| match bound {
        Extent::Fixed(bound) => json!(bound),
        Extent::Unlimited => json!("H5S_UNLIMITED"),
    };
    Some(shape.maxdims()?.iter().map(bound).collect())
}

/// A shape with the largest extents that were kept beside it.
pub(super) fn with_bounds(shape: Shape, kept: Option<&Value>) -> Shape {
    let bound = |bound: &Value| match bound.as_u64() {
        Some(bound) => Extent::Fixed(bound),
        None => Extent::Unlimited,
    };
    match (shape, kept.and_then(Value::as_array)) {
        (Shape::Simple { dims, .. }, Some(kept)) if kept.len() == dims.len() => Shape::Simple {
            dims,
            maxdims: Some(kept.iter().map(bound).collect()),
        },
        (shape, _) => shape,
    }
}

/// Member of a dataset's creation properties: its filters with every number.
const FILTERS: &str = "hdf5Filters";

/// Keeps a dataset's filters exactly, where the server's own list would change them.
pub(super) fn add_filters(creation: &DatasetCreation, properties: &mut Map<String, Value>) {
    let told = properties.get("filters").and_then(Value::as_array);
    let told: Vec<Filter> = told.map_or_else(Vec::new, |list| {
        list.iter().filter_map(Filter::from_json).collect()
    });
    if told != creation.filters {
        let exact = creation.filters.iter().map(|filter| {
            json!({"id": filter.id, "flags": filter.flags, "name": filter.name,
                "parameters": filter.parameters})
        });
        properties.insert(FILTERS.into(), exact.collect());
    }
}

/// Takes the exact filters out of a dataset's creation properties, if they are kept there.
pub(super) fn take_filters(creation: &mut DatasetCreation) {
    let Some(Value::Array(list)) = creation.extra.shift_remove(FILTERS) else {
        return;
    };
    let read = |document: &Value| {
        let number = |value: &Value| u32::try_from(value.as_u64()?).ok();
        let parameters = document["parameters"].as_array()?.iter().map(number);
        Some(Filter {
            id: number(&document["id"])?,
            flags: number(&document["flags"])?,
            name: document["name"].as_str()?.to_owned(),
            parameters: parameters.collect::<Option<_>>()?,
        })
    };
    if let Some(filters) = list.iter().map(read).collect() {
        creation.filters = filters;
    }
}

/// Keeps properties as they were set beside those that the server is told instead.
pub(super) fn keep_dataset_property(
    properties: &mut Map<String, Value>,
    key: &str,
    told: Option<Value>,
) {
    let Some(original) = properties.shift_remove(key) else {
        return;
    };
    let kept = properties.entry(ORIGINAL).or_insert_with(|| json!({}));
    kept[key] = original;
    if let Some(told) = told {
        properties.insert(key.into(), told);
    }
}

/// Puts the properties back as they were set.
pub(super) fn restore_dataset_properties(properties: &mut Map<String, Value>) {
    if let Some(Value::Object(original)) = properties.shift_remove(ORIGINAL) {
        properties.extend(original);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_properties_come_back_as_they_were() {
        let set = json!({"layout": {"class": "H5D_CONTIGUOUS"}, "filters": [1], "other": 2});
        let mut properties = set.as_object().unwrap().clone();
        keep_dataset_property(&mut properties, "filters", None);
        keep_dataset_property(
            &mut properties,
            "layout",
            Some(json!({"class": "H5D_CHUNKED"})),
        );
        keep_dataset_property(&mut properties, "absent", Some(json!(1)));
        assert_eq!(properties["layout"]["class"], "H5D_CHUNKED");
        assert!(!properties.contains_key("filters") && !properties.contains_key("absent"));
        restore_dataset_properties(&mut properties);
        assert_eq!(Value::Object(properties), set);
    }

    #[test]
    fn filters_keep_every_number() {
        let creation = DatasetCreation {
            filters: vec![Filter {
                id: 4,
                flags: 1,
                name: "szip".into(),
                parameters: vec![133, 16],
            }],
            ..DatasetCreation::default()
        };
        let mut properties = Map::new();
        add_filters(&creation, &mut properties);
        let mut read = DatasetCreation {
            extra: properties,
            ..DatasetCreation::default()
        };
        take_filters(&mut read);
        assert_eq!(read, creation);
    }

    #[test]
    fn links_of_any_class_come_back() {
        let link = Link::UserDefined {
            class: 70,
            data: vec![1, 0, 255],
        };
        let told = as_soft_link(&link);
        assert!(matches!(Link::from_json(&told).unwrap(), Link::Soft(_)));
        assert_eq!(true_link(&told).unwrap(), link);
        let soft = Link::Soft("a".into());
        assert_eq!(true_link(&soft.to_json()).unwrap(), soft);
    }

    #[test]
    fn encodings_are_told_only_where_the_name_does_not() {
        for (name, charset, told) in [
            ("a", CharSet::Ascii, false),
            ("a", CharSet::Utf8, true),
            ("ü", CharSet::Utf8, false),
        ] {
            let mut document = json!({});
            add_charset(name, charset, &mut document);
            assert_eq!(document != json!({}), told);
            assert_eq!(super::charset(name, document[CHARSET].as_str()), charset);
        }
    }
}
