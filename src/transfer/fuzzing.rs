//! Ways in for fuzz targets (`fuzz/`) to what nothing else outside needs. Part of builds for fuzzing only.

use std::collections::HashSet;
use std::sync::Arc;

use h5rest_protocol::Datatype;
use h5rest_protocol::datatype::StringLength;

use super::elements;
use super::references::Translator;
use super::types::{memory_size, packed};
use super::user_buffer::{Elements, Heap};
use crate::connector::File;
use crate::host::slot;
use crate::vol::OurFiles;

/// Makes elements in memory of `count` on the wire, if they are whole, and elements on the wire of
/// those: the same, as far as strings have no NUL inside.
pub fn there_and_back(file: &Arc<File>, stored: &Datatype, wire: &[u8], count: usize) {
    let Some(host) = slot::of_program().ok().and_then(slot::host) else {
        return;
    };
    // References lead to HDF5 and to the server.
    if stored.any(&|part| matches!(part, Datatype::Reference(_))) {
        return;
    }
    let staged_type = packed(stored);
    let types = (&staged_type, &staged_type);
    let references = Translator::new(host, file, &OurFiles);
    let mut heap = Heap::malloc();
    let Ok(staged) = elements::decode(types, wire, count, &mut heap, &references) else {
        return;
    };
    let size = memory_size(&staged_type).unwrap_or(0);
    assert_eq!(staged.len(), size * count, "{stored:?}");
    let there = Elements::of_conversion(&staged);
    let known = heap.addresses();
    let found = elements::addresses(&staged_type, there).unwrap_or_default();
    assert!(found.is_subset(&known), "{stored:?}");
    let root = file.root();
    let Ok(back) = elements::encode(types, there, &root, &references) else {
        return;
    };
    let has_strings = stored.any(
        &|part| matches!(part, Datatype::String(string) if string.length != StringLength::Fixed(1)),
    );
    assert!(back == wire || has_strings, "{stored:?}");
    let mut other = Heap::malloc();
    if let Ok(moved) = elements::move_to(&staged_type, there, &mut other) {
        let again = elements::encode(types, Elements::of_conversion(&moved), &root, &references);
        assert!(again.is_ok_and(|again| again == back), "{stored:?}");
    }
    other.keep_only(&HashSet::new());
}
