//! What the connector's own HTTP makes of the bytes that a server sends: none may be taken for an
//! answer that it is not.
#![no_main]

use h5rest_client::fuzzing::{exchange, head_length};
use libfuzzer_sys::fuzz_target;

/// Bytes that the caller has room for.
const ROOM: usize = 100;

fuzz_target!(|bytes: &[u8]| {
    if let Some(length) = head_length(bytes) {
        assert!(length <= bytes.len());
    }
    let collected = exchange(bytes, None);
    // A packed body becomes longer.
    let may_be_packed = bytes
        .windows(4)
        .any(|name| name.eq_ignore_ascii_case(b"zstd"));
    if let Some(body) = &collected {
        assert!(may_be_packed || body.len() <= bytes.len());
    }
    let mut memory = [0; ROOM];
    let poured = exchange(bytes, Some(&mut memory));
    // Where both succeed with a body for the caller, it is the same.
    if let (Some(collected), Some(rest)) = (collected, poured)
        && rest.is_empty()
        && collected.len() == ROOM
    {
        assert_eq!(collected, memory);
    }
});
