//! Bytes that were changed on a disk or on their way.

use arbitrary::{Result, Unstructured};

use crate::documents;

/// Changes bytes in up to four places.
pub fn change(u: &mut Unstructured, bytes: &mut Vec<u8>) -> Result<()> {
    for _ in 0..u.int_in_range(1..=4)? {
        once(u, bytes)?;
    }
    Ok(())
}

fn once(u: &mut Unstructured, bytes: &mut Vec<u8>) -> Result<()> {
    let at = u.int_in_range(0..=bytes.len())?;
    match u.int_in_range(0..=6)? {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, u.arbitrary()?),
        2 => {
            let end = (at + u.int_in_range(0..=12)?).min(bytes.len());
            bytes.drain(at..end);
        }
        3 => {
            let number = documents::number(u)?.to_le_bytes();
            let there = bytes[at..].iter_mut().zip(number);
            there.for_each(|(byte, new)| *byte = new);
        }
        4 => {
            let length = u.int_in_range(0..=16)?.min(u.len());
            let other = u.bytes(length)?;
            bytes.splice(at..at, other.iter().copied());
        }
        _ => {
            let bits: u8 = u.arbitrary()?;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
        }
    }
    Ok(())
}
