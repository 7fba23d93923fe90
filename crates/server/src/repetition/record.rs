//! What lies in the store as the answer to a change.

use serde_json::Value;

use crate::error::{ApiError, Result};
use crate::model::records;
use crate::store::StoreError;

/// Text follows,
const PLAIN: u8 = 0;
/// or packed text,
const PACKED: u8 = 1;
/// or nothing: all that is known is that the change was made.
const TOO_LONG: u8 = 2;

/// Longer answers are compressed: of ten thousand changes most went alike.
const LONG: usize = 1 << 10;
const LEVEL: i32 = 1;
/// What an answer has at most, as it is,
const MOST_TEXT: usize = 64 << 20;
/// and as it is kept. A batch that is refused as a whole has less.
const MOST_KEPT: usize = 1 << 20;

/// An answer as it is kept. Of one that is too long only that it was given, so that its change is not
/// made twice.
pub(super) fn encode(answer: &Value) -> Result<Vec<u8>> {
    let text = records::encode(answer)?;
    if text.len() <= LONG {
        return Ok([&[PLAIN], &text[..]].concat());
    }
    if text.len() > MOST_TEXT {
        return Ok(vec![TOO_LONG]);
    }
    let packed = zstd::bulk::compress(&text, LEVEL);
    let packed = packed.map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(match packed.len() > MOST_KEPT {
        true => vec![TOO_LONG],
        false => [&[PACKED], &packed[..]].concat(),
    })
}

/// The answer in a record.
///
/// # Errors
/// 409 if it was too long to be kept, and damage.
pub fn decode(record: &[u8]) -> Result<Value> {
    match record.split_first() {
        Some((&PLAIN, text)) => records::decode(text),
        Some((&PACKED, packed)) => {
            let text = zstd::bulk::decompress(packed, MOST_TEXT);
            records::decode(&text.map_err(|error| StoreError::Damaged(error.to_string()))?)
        }
        Some((&TOO_LONG, [])) => Err(ApiError::conflict(
            "this change was made before; its answer was too long to be kept for a repetition",
        )),
        _ => Err(StoreError::Damaged("an answer of unknown form".into()).into()),
    }
}

/// So many letters that cannot be packed well.
#[cfg(test)]
pub(super) fn noise(letters: usize) -> String {
    use sha2::{Digest, Sha256};
    let mut text = String::new();
    for n in 0.. {
        if text.len() >= letters {
            break;
        }
        let digest = Sha256::digest(u64::to_le_bytes(n));
        text.extend(digest.iter().map(|byte| char::from(b'0' + byte % 64)));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_of_any_length() {
        let all_alike = json!(vec![json!({"status": 200}); 100_000]);
        for (answer, least, most) in [
            (Value::Null, 5, 5),
            (json!([200, {}]), 9, 9),
            (all_alike, 20, 2000),
        ] {
            let record = encode(&answer).unwrap();
            assert!((least..=most).contains(&record.len()), "{}", record.len());
            assert_eq!(decode(&record).unwrap(), answer);
        }
        let record = encode(&json!(noise(2 << 20))).unwrap();
        assert_eq!(record, [TOO_LONG]);
        assert_eq!(decode(&record).unwrap_err().status.as_u16(), 409);
        let record = encode(&json!("x".repeat(MOST_TEXT))).unwrap();
        assert_eq!(record, [TOO_LONG]);
        for damaged in [&[][..], &[9], &[PLAIN], &[PACKED, 1, 2], &[TOO_LONG, 0]] {
            assert_eq!(decode(damaged).unwrap_err().status.as_u16(), 500);
        }
    }
}
