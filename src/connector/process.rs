//! Which process this is. A forked child must not use what its parent has open, so nearly every call
//! asks; asking the system each time would take as long as the rest of a small transfer.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Holds the number of this process, or 0 in one that was forked since it was stored.
static KNOWN: OnceLock<&'static AtomicU32> = OnceLock::new();

/// Keeps the number here from now on. The system must clear it in every forked child.
pub fn keep_number_in(place: &'static AtomicU32) {
    let _ = KNOWN.set(place);
}

/// Number of this process.
pub(super) fn number() -> u32 {
    let Some(known) = KNOWN.get() else {
        return std::process::id();
    };
    match known.load(Ordering::Relaxed) {
        0 => {
            let number = std::process::id();
            known.store(number, Ordering::Relaxed);
            number
        }
        number => number,
    }
}
