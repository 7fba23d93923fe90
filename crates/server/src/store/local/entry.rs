//! What stands in front of each value in a segment: the key of its record, and checksums.
//!
//! A mark, the length of the key (u32), that of the value (u64), the checksum of the value (u32), the
//! CRC-32 of everything in the head before it and of the key; then the key. Numbers are little-endian.
//! The mark says which kind of checksum it is. Behind the value stands its table, if it has one.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crc32fast::Hasher;

use super::checksum::Checksum;
use super::segments::Location;

/// A value whose checksum is of blocks.
const MARK: &[u8; 4] = b"h5sb";
/// A value of a store of version 2, whose checksum is of all bytes.
const OLD_MARK: &[u8; 4] = b"h5sg";
const HEAD: usize = 24;
/// No key is longer: names and paths are limited by the length of a request's head or body.
const MOST_KEY: usize = 64 << 20;

/// A value in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The record that it was written for.
    pub key: Vec<u8>,
    /// Where it lies.
    pub location: Location,
    /// What it must have.
    pub checksum: Checksum,
}

/// What stands in front of a value.
pub(super) fn head(key: &[u8], length: u64, checksum: Checksum) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEAD + key.len());
    head.extend_from_slice(match checksum {
        Checksum::Blocks(_) => MARK,
        Checksum::Whole(_) => OLD_MARK,
    });
    head.extend_from_slice(&(key.len() as u32).to_le_bytes());
    head.extend_from_slice(&length.to_le_bytes());
    head.extend_from_slice(&checksum.number().to_le_bytes());
    let own = own_checksum(&head, key);
    head.extend_from_slice(&own.to_le_bytes());
    head.extend_from_slice(key);
    head
}

/// What a value takes of a segment at most, with what stands in front of it and behind it.
pub(super) fn most_bytes(key: &[u8], length: u64) -> u64 {
    let table = Checksum::Blocks(0).table_length(length);
    (HEAD + key.len()) as u64 + length + table
}

fn own_checksum(head: &[u8], key: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(head);
    hasher.update(key);
    hasher.finalize()
}

/// All entries of a segment.
///
/// # Errors
/// `UnexpectedEof` when it ends inside an entry, `InvalidData` when a head is damaged.
pub(super) fn read_all(file: &File, segment: u64) -> io::Result<Vec<Entry>> {
    let end = file.metadata()?.len();
    let (mut entries, mut at) = (Vec::new(), 0);
    while at < end {
        let mut fixed = [0; HEAD];
        file.read_exact_at(&mut fixed, at)?;
        let (start, own) = fixed.split_at(HEAD - 4);
        let number = |range: std::ops::Range<usize>| {
            let bytes = fixed[range].iter().rev();
            bytes.fold(0u64, |n, byte| n << 8 | u64::from(*byte))
        };
        let key_length = number(4..8) as usize;
        let sum = number(16..20) as u32;
        let checksum = match start {
            _ if start.starts_with(MARK) => Checksum::Blocks(sum),
            _ if start.starts_with(OLD_MARK) => Checksum::Whole(sum),
            _ => return Err(damaged(at)),
        };
        if key_length > MOST_KEY || at + (HEAD + key_length) as u64 > end {
            return Err(damaged(at));
        }
        let mut key = vec![0; key_length];
        file.read_exact_at(&mut key, at + HEAD as u64)?;
        if own != own_checksum(start, &key).to_le_bytes() {
            return Err(damaged(at));
        }
        let location = Location {
            segment,
            offset: at + (HEAD + key.len()) as u64,
            length: number(8..16),
        };
        let table = checksum.table_length(location.length);
        at = location.end().saturating_add(table);
        if at > end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        entries.push(Entry {
            key,
            location,
            checksum,
        });
    }
    Ok(entries)
}

fn damaged(at: u64) -> io::Error {
    let text = format!("the head at {at} is not what was written");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::checksum::Sums;
    use super::super::segments::Segments;
    use super::*;

    fn file(bytes: &[u8]) -> File {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(bytes, 0).unwrap();
        file
    }

    /// Old ones and new ones in turn.
    fn checksum(n: usize, value: &[u8]) -> Checksum {
        match n % 2 {
            0 => Checksum::Whole(crc32fast::hash(value)),
            _ => Checksum::of_table(&Sums::of(value).table()),
        }
    }

    #[test]
    fn tables_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let segments = Segments::open(folder.path()).unwrap();
        let values = [40_000, 70_000, 300_000].map(|length| Bytes::from(vec![5u8; length]));
        let records = values.iter().map(|value| (b"key".to_vec(), value.clone()));
        let written = segments.write(records.collect()).unwrap();
        let places: Vec<_> = written.iter().map(|(_, it)| it.place().unwrap()).collect();
        let found = segments.entries(places[0].0.segment).unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.location, it.checksum)).collect();
        assert_eq!(found, places);
    }

    #[test]
    fn entries_are_found() {
        let values: [&[u8]; 3] = [b"first", b"", b"third"];
        let mut bytes = Vec::new();
        for (n, value) in values.iter().enumerate() {
            bytes.extend(head(&[n as u8; 7], value.len() as u64, checksum(n, value)));
            bytes.extend(*value);
        }
        let entries = read_all(&file(&bytes), 3).unwrap();
        assert_eq!(entries.len(), 3);
        for ((n, value), entry) in values.iter().enumerate().zip(&entries) {
            let place = entry.location.offset as usize..entry.location.end() as usize;
            assert_eq!((&entry.key[..], &bytes[place]), (&[n as u8; 7][..], *value));
            assert_eq!(entry.checksum, checksum(n, value));
        }
        for cut in 1..bytes.len() {
            let whole = entries
                .iter()
                .any(|entry| entry.location.end() == cut as u64);
            assert_eq!(read_all(&file(&bytes[..cut]), 3).is_ok(), whole, "{cut}");
        }
        bytes[40] ^= 1;
        assert!(read_all(&file(&bytes), 3).is_err());
    }
}
