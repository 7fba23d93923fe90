//! Elements: bytes of a type, in wire form, as JSON, and as references and regions.
#![no_main]

use arbitrary::{Result, Unstructured};
use h5rest_fuzz::documents;
use h5rest_protocol::region::Region;
use h5rest_protocol::values::reference::{Reference, RegionReference, object_of_text};
use h5rest_protocol::values::{binary, h5json, json};
use h5rest_protocol::{Datatype, datatype};
use libfuzzer_sys::fuzz_target;

/// Targets look at sound types; enormous elements are sound, too, and only cost time here.
const LARGEST: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let _ = values(&mut Unstructured::new(bytes));
});

fn values(u: &mut Unstructured) -> Result<()> {
    let Ok(ty) = Datatype::from_json(&documents::datatype(u, 4)?) else {
        return Ok(());
    };
    let value = documents::any(u, 3)?;
    let dims = [u.int_in_range(0..=4)?, u.int_in_range(1..=4)?];
    let count = datatype::product(&dims).unwrap_or(0) as usize;
    let rest = u.take_rest_of();
    blobs(rest);
    if binary::least_size(&ty) > LARGEST {
        return Ok(());
    }
    if let Ok(length) = binary::element_len(&ty, rest) {
        assert!(length <= rest.len());
    }
    if let Ok(ranges) = binary::split(&ty, rest, count) {
        assert_eq!(ranges.len(), count);
        let mut end = 0;
        for range in &ranges {
            assert_eq!(range.start, end);
            end = range.end;
        }
        assert_eq!(end, rest.len());
    }
    // More elements than the bytes can hold.
    assert!(binary::split(&ty, rest, usize::MAX).is_err());
    let _ = binary::sequence_items(&ty, rest);
    if let Ok(without) = binary::without_nulls(&ty, rest) {
        assert_eq!(without.len(), rest.len());
    }
    let zero = binary::zero_element(&ty);
    assert_eq!(binary::element_len(&ty, &zero), Ok(zero.len()));
    documents_of(&ty, &dims, rest);
    if let Ok(made) = json::array_from_json(&ty, &dims, &value) {
        assert!(binary::split(&ty, &made, count).is_ok(), "{value}");
        documents_of(&ty, &dims, &made);
    }
    let _ = json::element_from_json(&ty, &value);
    Ok(())
}

/// What JSON says of elements is read as elements that say the same.
fn documents_of(ty: &Datatype, dims: &[u64], elements: &[u8]) {
    if let Ok(document) = json::array_to_json(ty, dims, elements)
        && let Ok(again) = json::array_from_json(ty, dims, &document)
    {
        let same = json::array_to_json(ty, dims, &again);
        assert_eq!(same, Ok(document));
    }
    let _ = json::array_to_reply(ty, dims, elements);
    let _ = json::element_to_json(ty, elements);
}

fn blobs(bytes: &[u8]) {
    let _ = (
        binary::blob(bytes),
        binary::string(bytes),
        object_of_text(bytes),
    );
    for rank in [1, 2, 33] {
        if let Ok(region) = Region::from_hdf5(bytes, rank) {
            let shape = region.least_shape();
            let again = Region::from_hdf5(&region.to_hdf5(), rank);
            assert_eq!(again.as_ref(), Ok(&region));
            let told = h5json::Selection::of(&region, &shape);
            let _ = told.region();
        }
    }
    if let Ok(Some(reference)) = Reference::from_blob(bytes) {
        let again = Reference::from_blob(&reference.to_blob());
        assert_eq!(again.ok().flatten().as_ref(), Some(&reference));
    }
    if let Ok(Some(region)) = RegionReference::from_blob(bytes) {
        let again = RegionReference::from_blob(&region.to_blob());
        assert!(again.is_ok_and(|again| again.is_some()));
    }
    if let Ok(selection) = h5json::Selection::from_bytes(bytes) {
        let _ = selection.region();
        let again = h5json::Selection::from_bytes(&selection.to_bytes());
        assert!(again.is_ok());
    }
}

trait Rest<'a> {
    fn take_rest_of(&mut self) -> &'a [u8];
}

impl<'a> Rest<'a> for Unstructured<'a> {
    fn take_rest_of(&mut self) -> &'a [u8] {
        self.bytes(self.len()).unwrap_or_default()
    }
}
