//! The wire form: how long elements are, where each of them lies in a stream, what zero is.
//!
//! Nothing here trusts a length that came over the wire.

use std::borrow::Cow;
use std::ops::Range;

use crate::datatype::{Datatype, OBJECT_REFERENCE_SIZE, ReferenceType, StringLength, product};
use crate::error::{ProtocolError, Result};

/// Bytes of the count in front of strings, sequences and blobs.
pub const LENGTH_SIZE: usize = 4;

/// In place of the count: a string of variable length that is not there at all, which HDF5 tells
/// from an empty one. HSDS does not know it, see [`without_nulls`].
pub const NULL_STRING: [u8; LENGTH_SIZE] = [0xff; LENGTH_SIZE];

/// Number of bytes of the first element in `bytes`.
pub fn element_len(datatype: &Datatype, bytes: &[u8]) -> Result<usize> {
    if let Some(size) = datatype.wire_size() {
        return within(size, bytes);
    }
    match datatype {
        Datatype::Compound(compound) => {
            let mut end = 0;
            for member in &compound.members {
                end += element_len(&member.datatype, &bytes[end..])?;
            }
            Ok(end)
        }
        Datatype::Array { base, dims } => {
            let items = crate::datatype::product(dims).unwrap_or(u64::MAX);
            let mut end = 0;
            // Every item takes at least its count of bytes, so `bytes` bounds the loop.
            for _ in 0..items {
                end += element_len(base, &bytes[end..])?;
            }
            Ok(end)
        }
        Datatype::String(_) => {
            string(bytes).map(|characters| LENGTH_SIZE + characters.unwrap_or_default().len())
        }
        Datatype::Vlen(_) | Datatype::Reference(_) => {
            blob(bytes).map(|blob| LENGTH_SIZE + blob.len())
        }
        // A fixed type whose size does not fit memory.
        _ => Err(short(usize::MAX, bytes.len())),
    }
}

/// The content of the string, sequence or blob that `bytes` starts with.
pub fn blob(bytes: &[u8]) -> Result<&[u8]> {
    let (count, rest) = bytes
        .split_first_chunk::<LENGTH_SIZE>()
        .ok_or_else(|| short(LENGTH_SIZE, bytes.len()))?;
    let length = u32::from_le_bytes(*count) as usize;
    rest.get(..length).ok_or_else(|| short(length, rest.len()))
}

/// The characters of the string of variable length that `bytes` starts with; `None` if it is null.
pub fn string(bytes: &[u8]) -> Result<Option<&[u8]>> {
    match bytes.starts_with(&NULL_STRING) {
        true => Ok(None),
        false => blob(bytes).map(Some),
    }
}

/// The same elements with empty strings in place of null ones, for those who do not know
/// [`NULL_STRING`].
pub fn without_nulls<'a>(datatype: &Datatype, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>> {
    let has_strings = datatype.is_variable()
        && datatype.any(&|part| matches!(part, Datatype::String(_)) && part.is_variable());
    let holds_mark = || bytes.windows(LENGTH_SIZE).any(|four| four == NULL_STRING);
    if !has_strings || !holds_mark() {
        return Ok(Cow::Borrowed(bytes));
    }
    let (mut out, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while !rest.is_empty() {
        rest = copy_without_nulls(datatype, rest, &mut out)?;
    }
    Ok(Cow::Owned(out))
}

/// Copies the first element; what follows it is returned.
fn copy_without_nulls<'a>(
    datatype: &Datatype,
    bytes: &'a [u8],
    out: &mut Vec<u8>,
) -> Result<&'a [u8]> {
    let (element, rest) = bytes.split_at(element_len(datatype, bytes)?);
    match datatype {
        Datatype::String(_) if element == NULL_STRING => out.extend([0; LENGTH_SIZE]),
        Datatype::Vlen(base) if base.is_variable() => {
            write_blob(&without_nulls(base, blob(element)?)?, out)?;
        }
        Datatype::Array { base, .. } => out.extend_from_slice(&without_nulls(base, element)?),
        Datatype::Compound(compound) => {
            let mut members = element;
            for member in &compound.members {
                members = copy_without_nulls(&member.datatype, members, out)?;
            }
        }
        _ => out.extend_from_slice(element),
    }
    if element.is_empty() {
        return Err(ProtocolError::InvalidValue("elements of no size".into()));
    }
    Ok(rest)
}

/// Puts the count of its bytes in front of a string, sequence or blob.
pub fn write_blob(content: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let length = u32::try_from(content.len())
        .ok()
        .filter(|&length| length != u32::MAX)
        .ok_or_else(|| {
            ProtocolError::InvalidValue(format!("{} bytes in one element", content.len()))
        })?;
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(content);
    Ok(())
}

/// Elements without a byte (strings of length 0) at most, which HDF5 cannot make: no bytes bound their number,
/// and as JSON each takes some.
const MOST_EMPTY: usize = 1 << 20;
/// As many parts of one element.
const MOST_EMPTY_PARTS: usize = 16;

/// Parts of an element without a byte. Items of sequences are elements of their own.
fn empty_parts(datatype: &Datatype) -> usize {
    match datatype {
        Datatype::Array { base, dims } => {
            let count = product(dims).and_then(|count| usize::try_from(count).ok());
            count
                .unwrap_or(usize::MAX)
                .saturating_mul(empty_parts(base))
        }
        Datatype::Compound(compound) if !compound.members.is_empty() => {
            let parts = compound
                .members
                .iter()
                .map(|member| empty_parts(&member.datatype));
            parts.fold(0, usize::saturating_add)
        }
        other => usize::from(other.wire_size() == Some(0)),
    }
}

/// Where each of `count` elements lies in `bytes`, which must hold these and nothing else.
pub fn split(datatype: &Datatype, bytes: &[u8], count: usize) -> Result<Vec<Range<usize>>> {
    let empty = empty_parts(datatype);
    if empty > MOST_EMPTY_PARTS {
        return Err(ProtocolError::InvalidValue(format!(
            "elements with {empty} parts of no size"
        )));
    }
    if let Some(size) = datatype.wire_size() {
        let expected = size.checked_mul(count);
        if expected != Some(bytes.len()) {
            return Err(ProtocolError::InvalidValue(format!(
                "{} bytes for {count} elements of {size} bytes",
                bytes.len()
            )));
        }
        if size == 0 && count.saturating_mul(empty) > MOST_EMPTY {
            return Err(ProtocolError::InvalidValue(format!(
                "{count} elements of no size"
            )));
        }
        return Ok((0..count).map(|at| at * size..(at + 1) * size).collect());
    }
    // A hostile count must not reserve memory that the bytes cannot fill.
    let mut ranges = Vec::with_capacity(count.min(bytes.len()));
    let mut start = 0;
    for _ in 0..count {
        let end = start + element_len(datatype, &bytes[start..])?;
        ranges.push(start..end);
        start = end;
    }
    if start == bytes.len() {
        return Ok(ranges);
    }
    Err(ProtocolError::InvalidValue(format!(
        "{} bytes after the last of {count} elements",
        bytes.len() - start
    )))
}

/// The items of one sequence of `base`, given the content of its blob.
pub fn sequence_items(base: &Datatype, content: &[u8]) -> Result<Vec<Range<usize>>> {
    match base.wire_size() {
        Some(0) => Err(ProtocolError::InvalidValue(
            "a sequence of empty items".into(),
        )),
        Some(size) => split(base, content, content.len() / size),
        None => {
            let (mut ranges, mut start) = (Vec::new(), 0);
            while start < content.len() {
                let end = start + element_len(base, &content[start..])?;
                ranges.push(start..end);
                start = end;
            }
            Ok(ranges)
        }
    }
}

/// So many elements as unwritten places read as; an error if that takes more than `most` bytes.
pub fn zeros(datatype: &Datatype, count: usize, most: usize) -> Result<Vec<u8>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    match count.checked_mul(least_size(datatype)) {
        Some(bytes) if bytes <= most => Ok(zero_element(datatype).repeat(count)),
        _ => Err(ProtocolError::InvalidValue(format!(
            "{count} elements that were never written have more than {most} bytes"
        ))),
    }
}

/// The element that unwritten places read as when there is no fill value: zero bytes, null strings,
/// empty sequences. Empty if the type has no possible element.
pub fn zero_element(datatype: &Datatype) -> Vec<u8> {
    if let Some(size) = datatype.wire_size() {
        return vec![0; size];
    }
    match datatype {
        Datatype::Compound(compound) => {
            let members = compound.members.iter();
            members.flat_map(|m| zero_element(&m.datatype)).collect()
        }
        Datatype::Array { base, dims } => {
            let items = crate::datatype::product(dims).and_then(|n| usize::try_from(n).ok());
            zero_element(base).repeat(items.unwrap_or(0))
        }
        Datatype::String(_) => NULL_STRING.to_vec(),
        _ => vec![0; LENGTH_SIZE],
    }
}

/// Fewest bytes an element of this type can take.
pub fn least_size(datatype: &Datatype) -> usize {
    match datatype {
        Datatype::Compound(compound) => {
            let members = compound.members.iter();
            let sizes = members.map(|m| least_size(&m.datatype));
            sizes.fold(0, usize::saturating_add)
        }
        Datatype::Array { base, dims } => {
            let items = crate::datatype::product(dims).and_then(|n| usize::try_from(n).ok());
            least_size(base).saturating_mul(items.unwrap_or(usize::MAX))
        }
        Datatype::String(s) => match s.length {
            StringLength::Fixed(n) => n as usize,
            StringLength::Variable => LENGTH_SIZE,
        },
        Datatype::Reference(ReferenceType::Object) => OBJECT_REFERENCE_SIZE,
        Datatype::Reference(_) | Datatype::Vlen(_) => LENGTH_SIZE,
        fixed => fixed.wire_size().unwrap_or(usize::MAX),
    }
}

fn within(size: usize, bytes: &[u8]) -> Result<usize> {
    if size <= bytes.len() {
        Ok(size)
    } else {
        Err(short(size, bytes.len()))
    }
}

fn short(needed: usize, found: usize) -> ProtocolError {
    ProtocolError::InvalidValue(format!("{found} bytes where {needed} were expected"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datatype::{CompoundType, Member};

    fn record() -> Datatype {
        let member = |name: &str, datatype| Member {
            name: name.into(),
            offset: 0,
            datatype,
        };
        Datatype::Compound(CompoundType {
            members: vec![
                member("n", Datatype::integer(2, false)),
                member("s", Datatype::variable_string()),
                member(
                    "a",
                    Datatype::Array {
                        base: Box::new(Datatype::Vlen(Box::new(Datatype::integer(4, true)))),
                        dims: vec![2],
                    },
                ),
            ],
            size: 0,
        })
    }

    #[test]
    fn elements_of_no_size_are_counted_before_they_are_listed() {
        let empty = Datatype::from_json(&serde_json::json!({"class": "H5T_STRING", "length": 0}));
        let empty = empty.unwrap();
        assert_eq!(split(&empty, b"", 3).unwrap(), [0..0, 0..0, 0..0]);
        for count in [MOST_EMPTY + 1, 1 << 40, usize::MAX] {
            assert!(split(&empty, b"", count).is_err());
        }
        let nothing = Datatype::Compound(CompoundType {
            members: Vec::new(),
            size: 0,
        });
        let array = |base: &Datatype, count: u64| Datatype::Array {
            base: Box::new(base.clone()),
            dims: vec![count],
        };
        for part in [empty, nothing] {
            let few = array(&array(&part, 4), 4);
            assert_eq!(split(&few, b"", 2).unwrap(), [0..0, 0..0]);
            assert!(split(&few, b"", MOST_EMPTY / 16 + 1).is_err());
            assert!(split(&array(&few, 2), b"", 1).is_err());
            assert!(split(&array(&part, u64::MAX), b"", 0).is_err());
        }
    }

    #[test]
    fn elements_are_found_in_a_stream() {
        let mut stream = vec![
            7, 0, 2, 0, 0, 0, b'h', b'i', 4, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0,
        ];
        let first = stream.len();
        stream.extend(zero_element(&record()));
        assert_eq!(element_len(&record(), &stream).unwrap(), first);
        let ranges = split(&record(), &stream, 2).unwrap();
        assert_eq!(ranges, [0..first, first..stream.len()]);
        assert!(split(&record(), &stream, 1).is_err());
        assert!(split(&record(), &stream, 3).is_err());
        assert_eq!(least_size(&record()), 14);
    }

    #[test]
    fn null_strings_are_told_from_empty_ones() {
        let text = Datatype::variable_string();
        let stream = [&NULL_STRING[..], &[0; 4], &[1, 0, 0, 0, 0xff]].concat();
        assert_eq!(split(&text, &stream, 3).unwrap(), [0..4, 4..8, 8..13]);
        assert_eq!(string(&stream).unwrap(), None);
        assert_eq!(string(&stream[4..]).unwrap(), Some(&[][..]));
        let plain = without_nulls(&text, &stream).unwrap();
        assert_eq!(plain, [&[0; 8][..], &[1, 0, 0, 0, 0xff]].concat());
        assert_eq!(zero_element(&record())[2..6], NULL_STRING);
        let zeros = without_nulls(&record(), &zero_element(&record()))
            .unwrap()
            .into_owned();
        assert_eq!(zeros, [0; 14]);
        let nested = Datatype::Vlen(Box::new(text));
        let one = [4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(
            *without_nulls(&nested, &one).unwrap(),
            [4, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn hostile_lengths_are_refused() {
        let text = Datatype::variable_string();
        for bytes in [&[1, 0, 0][..], &[254, 255, 255, 255, 0], &[2, 0, 0, 0, 1]] {
            assert!(element_len(&text, bytes).is_err());
        }
        let big = Datatype::Array {
            base: Box::new(text),
            dims: vec![u64::MAX, u64::MAX],
        };
        assert!(element_len(&big, &[0; 64]).is_err());
        assert!(split(&Datatype::integer(8, true), &[0; 8], usize::MAX).is_err());
    }

    #[test]
    fn sequences_are_taken_apart() {
        let items = sequence_items(&Datatype::integer(4, true), &[0; 12]).unwrap();
        assert_eq!(items, [0..4, 4..8, 8..12]);
        assert!(sequence_items(&Datatype::integer(4, true), &[0; 11]).is_err());
        let nested = [1, 0, 0, 0, b'x', 0, 0, 0, 0];
        let items = sequence_items(&Datatype::variable_string(), &nested).unwrap();
        assert_eq!(items, [0..5, 5..9]);
    }
}
