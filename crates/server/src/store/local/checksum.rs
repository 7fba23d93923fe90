//! Checksums of large values, by which a part of one can be checked without the rest.
//!
//! A value is made of blocks of 64 KiB. The CRC-32 of each of them stands in a table, and the CRC-32 of
//! the table is the value's checksum, which its record has. The table of a value of several blocks
//! stands behind it in the segment: whoever needs a part of the value reads the table and the blocks
//! that the part touches. Values of stores of version 2 have no table and one CRC-32 for all bytes.

use crc32fast::Hasher;

/// Bytes that have a CRC-32 of their own.
pub(super) const BLOCK: usize = 64 << 10;

/// What a value must have for it to be what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// This CRC-32.
    Whole(u32),
    /// A table of CRC-32s that has this one.
    Blocks(u32),
}

/// The CRC-32s of a value's blocks, from its first byte on.
#[derive(Default)]
pub(super) struct Sums {
    table: Vec<u8>,
    /// Of the block that is not complete.
    hasher: Hasher,
    bytes: usize,
}

impl Sums {
    /// Of a whole value.
    pub fn of(value: &[u8]) -> Self {
        let mut sums = Self::default();
        sums.add(value);
        sums
    }

    /// Takes the next bytes of the value.
    pub fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.bytes));
            self.hasher.update(now);
            self.bytes += now.len();
            if self.bytes == BLOCK {
                self.end_block();
            }
            bytes = later;
        }
    }

    fn end_block(&mut self) {
        let sum = std::mem::take(&mut self.hasher).finalize();
        self.table.extend_from_slice(&sum.to_le_bytes());
        self.bytes = 0;
    }

    /// The table.
    pub fn table(mut self) -> Vec<u8> {
        if self.bytes > 0 {
            self.end_block();
        }
        self.table
    }
}

impl Checksum {
    /// That of a value with this table.
    pub fn of_table(table: &[u8]) -> Self {
        Self::Blocks(crc32fast::hash(table))
    }

    /// Whether a value is what was written.
    pub fn is_of(self, value: &[u8]) -> bool {
        match self {
            Self::Whole(sum) => crc32fast::hash(value) == sum,
            Self::Blocks(_) => Self::of_table(&Sums::of(value).table()) == self,
        }
    }

    /// Its number, for a place that says by itself which kind it is.
    pub fn number(self) -> u32 {
        match self {
            Self::Whole(sum) | Self::Blocks(sum) => sum,
        }
    }

    /// Bytes of the table that stands behind a value of this length.
    pub fn table_length(self, value: u64) -> u64 {
        match self {
            Self::Blocks(_) if value > BLOCK as u64 => value.div_ceil(BLOCK as u64) * 4,
            _ => 0,
        }
    }
}

/// Whether a block of a value is what was written, given the value's table.
pub(super) fn is_block(table: &[u8], number: usize, block: &[u8]) -> bool {
    let sum = table.get(number * 4..number * 4 + 4);
    sum.is_some_and(|sum| sum == crc32fast::hash(block).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_told_apart() {
        let value: Vec<u8> = (0..3 * BLOCK + 5).map(|n| (n * 7 / 3) as u8).collect();
        let table = Sums::of(&value).table();
        let checksum = Checksum::of_table(&table);
        assert_eq!(checksum.table_length(value.len() as u64), 16);
        assert_eq!(table.len(), 16);
        for (number, block) in value.chunks(BLOCK).enumerate() {
            assert!(is_block(&table, number, block));
            assert!(!is_block(&table, number, &block[1..]));
            assert!(!is_block(&table, (number + 1) % 4, block));
        }
        assert!(!is_block(&table, 4, &[]));
        let mut parts = Sums::default();
        value.chunks(1000).for_each(|part| parts.add(part));
        assert_eq!(parts.table(), table);
        assert!(checksum.is_of(&value));
        assert!(!checksum.is_of(&value[1..]));
        assert!(!Checksum::Whole(checksum.number()).is_of(&value));
        assert!(Checksum::Whole(crc32fast::hash(&value)).is_of(&value));
    }

    #[test]
    fn short_values_need_no_table() {
        let checksum = Checksum::of_table(&Sums::of(b"short").table());
        assert!(checksum.is_of(b"short"));
        assert_eq!(checksum.table_length(5), 0);
        assert_eq!(checksum.table_length(BLOCK as u64), 0);
        assert_eq!(checksum.table_length(BLOCK as u64 + 1), 8);
        assert_eq!(Checksum::Whole(1).table_length(1 << 30), 0);
    }
}
