//! Answers to named changes: each can be read, and no change has two.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::{Finding, Summary, Tell};
use crate::error::Result;
use crate::repetition::{self, Place};
use crate::store::{Reader, keys};

/// Seconds that a clock may have been ahead of the present one.
const AHEAD: f64 = 3600.0;
/// Length of the keys of an earlier h5rest, which are the digest of a name.
const EARLIER: usize = 34;

/// Checks all of them; `now` is the present time. Their number is bounded, see [`repetition`].
pub(super) fn check(
    reader: &dyn Reader,
    now: f64,
    summary: &mut Summary,
    tell: Tell<'_>,
) -> Result<()> {
    let prefix = keys::answers();
    let mut found = Vec::new();
    // Their values one by one: a damaged one must not hide the others.
    reader.scan_sizes(&prefix, &keys::end_of(&prefix), &mut |key, _| {
        found.push(key.to_vec());
        ControlFlow::Continue(())
    })?;
    let (mut seen, mut earlier, mut ahead) = (HashSet::new(), 0, 0);
    for key in found {
        let Some(place) = Place::of(&key) else {
            match key.len() {
                EARLIER => earlier += 1,
                _ => tell(Finding::Problem(format!(
                    "record {key:?} answers no change"
                ))),
            }
            continue;
        };
        summary.answers += 1;
        if let Err(reason) = readable(reader, &key) {
            let text = format!("the answer to the change of {:.6}: {reason}", place.time());
            tell(Finding::Problem(text));
        }
        if !seen.insert(place.change()) {
            let text = format!("the change of {:.6} has two answers", place.time());
            tell(Finding::Problem(text));
        }
        ahead += u64::from(place.time() > now + AHEAD);
    }
    for (count, what) in [
        (earlier, "have an earlier form: the next start forgets them"),
        (
            ahead,
            "are of a time to come: the clock was wrong then, or is now",
        ),
    ] {
        if count > 0 {
            tell(Finding::Note(format!("{count} answers to changes {what}")));
        }
    }
    Ok(())
}

fn readable(reader: &dyn Reader, key: &[u8]) -> std::result::Result<(), String> {
    let record = reader.get(key).map_err(|error| error.to_string())?;
    let record = record.ok_or("it is gone")?;
    match repetition::decode(&record) {
        Err(error) if error.status.is_server_error() => Err(error.reason),
        _ => Ok(()),
    }
}
