//! What a record of the database says: a value, or where one lies in a segment, and its checksum.

use bytes::Bytes;
use crc32fast::Hasher;

use super::checksum::Checksum;
use super::segments::{Location, Segments};
use crate::store::backend::{Part, copy_parts};
use crate::store::{StoreError, StoreResult};

/// The CRC-32 of key and value follows, then the value.
const HERE: u8 = 0x36;
/// The location follows, then the value's checksum of blocks. Several bits differ from the others.
const IN_BLOCKS: u8 = 0x6d;
/// The same with the CRC-32 of the value, in stores of version 2.
const IN_SEGMENT: u8 = 0x5a;

/// Length of what stands in front of a value.
const HEAD: u64 = 5;
/// Length of a record that points into a segment.
pub(super) const POINTER: u64 = 1 + 24 + 4;

/// What a record says.
enum Found<'a> {
    Here {
        checksum: u32,
        value: &'a [u8],
    },
    InSegment {
        location: Location,
        checksum: Checksum,
    },
}

/// A record that holds its value.
pub(super) fn here(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HEAD as usize + value.len());
    record.push(HERE);
    record.extend_from_slice(&checksum_with_key(key, value).to_le_bytes());
    record.extend_from_slice(value);
    record
}

/// A record that points to its value, which has this checksum.
pub(super) fn in_segment(location: Location, checksum: Checksum) -> Vec<u8> {
    let mut record = vec![match checksum {
        Checksum::Blocks(_) => IN_BLOCKS,
        Checksum::Whole(_) => IN_SEGMENT,
    }];
    record.extend_from_slice(&location.encode());
    record.extend_from_slice(&checksum.number().to_le_bytes());
    record
}

fn checksum_with_key(key: &[u8], value: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(key);
    hasher.update(value);
    hasher.finalize()
}

fn parse(record: &[u8]) -> Option<Found<'_>> {
    match record.split_first()? {
        (&HERE, rest) => {
            let (checksum, value) = rest.split_first_chunk()?;
            let checksum = u32::from_le_bytes(*checksum);
            Some(Found::Here { checksum, value })
        }
        (&kind @ (IN_BLOCKS | IN_SEGMENT), rest) => {
            let (place, checksum) = rest.split_last_chunk()?;
            let sum = u32::from_le_bytes(*checksum);
            Some(Found::InSegment {
                location: Location::decode(place)?,
                checksum: match kind {
                    IN_BLOCKS => Checksum::Blocks(sum),
                    _ => Checksum::Whole(sum),
                },
            })
        }
        _ => None,
    }
}

fn unknown() -> StoreError {
    StoreError::Damaged("a record of unknown form".into())
}

/// The value of a key, given its record.
pub(super) fn value(key: &[u8], record: Bytes, segments: &Segments) -> StoreResult<Bytes> {
    match parse(&record).ok_or_else(unknown)? {
        Found::Here { value, checksum } => {
            if checksum != checksum_with_key(key, value) {
                return Err(StoreError::Damaged(
                    "a record is not what was written: the checksum differs".into(),
                ));
            }
            Ok(record.slice_ref(value))
        }
        Found::InSegment { location, checksum } => segments.read(location, checksum),
    }
}

/// Copies parts of the value of a key, given its record.
pub(super) fn parts(
    key: &[u8],
    record: Bytes,
    segments: &Segments,
    parts: &[Part],
    into: &mut [u8],
) -> StoreResult<()> {
    if let Some(Found::InSegment { location, checksum }) = parse(&record) {
        if is_whole(parts, location.length) {
            return segments.read_parts(location, checksum, parts, into);
        }
        if segments.read_blocks(location, checksum, parts, into)? {
            return Ok(());
        }
    }
    copy_parts(Some(value(key, record, segments)?), parts, into).map(drop)
}

/// Whether parts are a value from its first to its last byte.
fn is_whole(parts: &[Part], length: u64) -> bool {
    let mut end = 0;
    let joined = parts.iter().all(|(from, to)| {
        let follows = *from == end;
        end = from + to.len();
        follows
    });
    joined && end as u64 == length
}

/// Length of the value that a record of this length stands for. The record itself is needed only
/// if it has the length of one that points into a segment.
pub(super) fn length(length: u64, record: Option<&[u8]>) -> StoreResult<u64> {
    match record.map(|record| parse(record).ok_or_else(unknown)) {
        None => length.checked_sub(HEAD).ok_or_else(unknown),
        Some(found) => Ok(match found? {
            Found::Here { value, .. } => value.len() as u64,
            Found::InSegment { location, .. } => location.length,
        }),
    }
}

/// Where the value of a record lies, if it is in a segment.
pub(super) fn location(record: &[u8]) -> Option<Location> {
    place(record).map(|place| place.0)
}

/// The same, with what the value must have.
pub(super) fn place(record: &[u8]) -> Option<(Location, Checksum)> {
    match parse(record) {
        Some(Found::InSegment { location, checksum }) => Some((location, checksum)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn any_flipped_bit_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let segments = Segments::open(folder.path()).unwrap();
        let record = here(b"key", b"value");
        let read =
            |key: &[u8], record: &[u8]| value(key, Bytes::copy_from_slice(record), &segments);
        assert_eq!(read(b"key", &record).unwrap(), "value");
        assert!(read(b"kex", &record).is_err());
        let pointed = Bytes::from(vec![7; 100_000]);
        let written = segments
            .write(vec![(b"key".to_vec(), pointed.clone())])
            .unwrap();
        let (location, checksum) = written[0].1.place().unwrap();
        let pointer = in_segment(location, checksum);
        assert_eq!(pointer.len() as u64, POINTER);
        assert_eq!(read(b"key", &pointer).unwrap(), pointed);
        let mut into = vec![0; 100_000];
        let old = in_segment(location, Checksum::Whole(crc32fast::hash(&pointed)));
        assert_eq!(read(b"key", &old).unwrap(), pointed);
        let halves = [(0, 50_000..100_000), (50_000, 0..50_000)];
        for part in [&halves[..], &halves[..1], &[(99_990, 7..17)]] {
            into.fill(0);
            parts(b"key", pointer.clone().into(), &segments, part, &mut into).unwrap();
            assert!(
                part.iter()
                    .all(|(_, to)| into[to.clone()].iter().all(|byte| *byte == 7))
            );
        }
        for record in [record, pointer, old] {
            for bit in 0..record.len() * 8 {
                let mut changed = record.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(read(b"key", &changed).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_changed_byte_is_noticed_by_those_who_read_its_block() {
        let folder = tempfile::tempdir().unwrap();
        let segments = Segments::open(folder.path()).unwrap();
        let bytes: Vec<u8> = (0..300_000).map(|n| (n / 100) as u8).collect();
        let value = (b"key".to_vec(), bytes.clone().into());
        let written = segments.write(vec![value]).unwrap();
        let (location, checksum) = written[0].1.place().unwrap();
        let record = Bytes::from(in_segment(location, checksum));
        let part = |from: usize, length: usize| {
            let mut into = vec![0; length];
            let wanted = [(from, 0..length)];
            parts(b"key", record.clone(), &segments, &wanted, &mut into).map(|()| into)
        };
        let change = |at: u64| {
            let path = segments.path(location.segment);
            let file = File::options().read(true).write(true).open(path).unwrap();
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 1], at).unwrap();
        };
        for (from, length) in [(0, 10), (65_530, 20), (131_072, 65_536), (299_000, 1000)] {
            assert_eq!(part(from, length).unwrap(), bytes[from..from + length]);
        }
        assert!(part(299_999, 2).is_err());
        change(location.offset + 70_000);
        assert_eq!(part(10, 1000).unwrap(), bytes[10..1010]);
        assert!(part(65_536, 10).is_err());
        assert!(part(60_000, 10_000).is_err());
        change(location.offset + 70_000);
        // Without its table the value is read whole.
        change(location.end() + 2);
        assert_eq!(part(10, 1000).unwrap(), bytes[10..1010]);
        change(location.offset + 70_000);
        assert!(part(10, 1000).is_err());
    }

    #[test]
    fn lengths_of_values() {
        assert_eq!(length(5, None).unwrap(), 0);
        assert!(length(4, None).is_err());
        let record = here(b"k", &[1; 24]);
        assert_eq!(record.len() as u64, POINTER);
        assert_eq!(length(POINTER, Some(&record)).unwrap(), 24);
        assert_eq!(location(&record), None);
    }
}
