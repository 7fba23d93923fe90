//! Every reader of JSON documents in the protocol: what it takes must come back as the same when it is
//! written and read again.
#![no_main]

use arbitrary::{Result, Unstructured};
use h5rest_fuzz::documents;
use h5rest_protocol::creation::{DatasetCreation, Filter, Layout};
use h5rest_protocol::shape::bounds_from_json;
use h5rest_protocol::values::h5json;
use h5rest_protocol::values::reference::{Reference, RegionReference};
use h5rest_protocol::values::text::{clear_tokens, mark, parse_lenient, write_lenient};
use h5rest_protocol::{Datatype, Link, Shape, StoredType, selection};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    // Text as it is, or a document that mostly means something.
    match bytes.split_first() {
        Some((0, text)) => {
            if let Ok(document) = parse_lenient(text) {
                read_all(&document);
                write_lenient(&document).expect("what was read can be written");
            }
            if let Ok(document) = serde_json::from_slice(text) {
                read_all(&document);
            }
            if let Ok(text) = std::str::from_utf8(text) {
                let _ = text.parse::<h5rest_protocol::ObjectId>();
            }
        }
        Some((_, rest)) => {
            let _ = made(&mut Unstructured::new(rest));
        }
        None => {}
    }
});

fn made(u: &mut Unstructured) -> Result<()> {
    let document = match u.int_in_range(0..=5)? {
        0 | 1 => documents::datatype(u, 5)?,
        2 => documents::shape(u)?,
        3 => documents::link(u)?,
        4 => documents::creation(u)?,
        _ => documents::any(u, 4)?,
    };
    read_all(&document);
    // A type that is needed to read the rest.
    let ty = Datatype::from_json(&documents::datatype(u, 2)?);
    if let Ok(ty) = ty {
        let creation = DatasetCreation::from_json(&document, &ty);
        if let Ok(creation) = creation {
            let again = creation.to_json(&ty);
            DatasetCreation::from_json(&again, &ty).expect("written creation properties are read");
        }
    }
    Ok(())
}

fn read_all(document: &Value) {
    if let Ok(ty) = Datatype::from_json(document) {
        let again = Datatype::from_json(&ty.to_json());
        assert_eq!(again.as_ref(), Ok(&ty), "{document}");
        let _ = (
            ty.wire_size(),
            ty.file_size(),
            ty.memory_size(),
            ty.is_variable(),
        );
    }
    if let Ok(ty) = StoredType::from_json(document) {
        let again = StoredType::from_json(&ty.to_json());
        assert_eq!(again.as_ref(), Ok(&ty), "{document}");
    }
    if let Ok(shape) = Shape::from_json(document) {
        assert_eq!(
            Shape::from_json(&shape.to_json()).as_ref(),
            Ok(&shape),
            "{document}"
        );
        assert!(shape.count().is_some(), "{document}");
        if let Ok(selection) = selection::from_json(document, shape.dims()) {
            check_selection(&selection, shape.dims());
        }
    }
    if let Ok(link) = Link::from_json(document) {
        assert_eq!(
            Link::from_json(&link.to_json()).as_ref(),
            Ok(&link),
            "{document}"
        );
    }
    if let Some(layout) = Layout::from_json(document) {
        assert_eq!(
            Layout::from_json(&layout.to_json()).as_ref(),
            Some(&layout),
            "{document}"
        );
    }
    if let Some(again) = Filter::from_json(document).and_then(|filter| filter.to_json()) {
        assert!(Filter::from_json(&again).is_some(), "{document}");
    }
    let _ = bounds_from_json(document, 3);
    if let Ok(selection) = selection::from_json(document, &[4, 5]) {
        check_selection(&selection, &[4, 5]);
    }
    if let Ok(Some(reference)) = Reference::from_json(document) {
        let again = Reference::from_json(&reference.to_json());
        assert_eq!(
            again.as_ref().ok().and_then(Option::as_ref),
            Some(&reference),
            "{document}"
        );
    }
    if let Ok(Some(region)) = RegionReference::from_json(document) {
        let again = RegionReference::from_json(&region.to_json());
        assert!(again.is_ok_and(|again| again.is_some()), "{document}");
    }
    if let Ok(selection) = h5json::Selection::from_dict(document) {
        let _ = selection.region();
        let _ = h5json::Selection::from_bytes(&selection.to_bytes());
    }
    let mut marked = document.clone();
    mark(&mut marked);
    clear_tokens(&mut marked);
}

fn check_selection(selected: &selection::Selection, dims: &[u64]) {
    for (dim, extent) in selected.iter().zip(dims) {
        let length = dim.len();
        if length > 0 {
            assert!(dim.index(length - 1) < *extent, "{selected:?} of {dims:?}");
        }
    }
    let text = selection::format(selected);
    let again = selection::parse(&text, dims);
    let again = again.map(|again| selection::dims_of(&again));
    assert_eq!(again, Ok(selection::dims_of(selected)), "{text}");
}
