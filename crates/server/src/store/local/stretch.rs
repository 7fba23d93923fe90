//! Neighbouring blocks of a large value, read and checked at once. Called by `segments` for those who
//! need parts of a value.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::checksum::{BLOCK, is_block};
use super::segments::Location;
use crate::store::backend::Part;

/// Blocks that are read at once for several parts.
const MOST: usize = 16;

/// Some blocks of a value.
#[derive(Default)]
pub(super) struct Stretch {
    blocks: Range<usize>,
    bytes: Vec<u8>,
}

/// The blocks that a part of a value touches.
fn blocks_of((from, to): &Part) -> Range<usize> {
    from / BLOCK..(from + to.len()).div_ceil(BLOCK)
}

impl Stretch {
    /// Reads the blocks that the first of these parts touches, and those of the next parts that follow
    /// them. The parts must lie within the value, which has this table. `None` if a block is not what
    /// was written.
    pub fn read(
        file: &File,
        location: Location,
        table: &[u8],
        parts: &[Part],
    ) -> io::Result<Option<Self>> {
        let mut all = parts.iter().map(blocks_of);
        let mut blocks = all.next().unwrap_or_default();
        for next in all {
            let end = blocks.end.max(next.end);
            if !(blocks.start..=blocks.end).contains(&next.start) || end - blocks.start > MOST {
                break;
            }
            blocks.end = end;
        }
        let start = blocks.start * BLOCK;
        let end = (blocks.end * BLOCK).min(location.length as usize);
        let mut bytes = vec![0; end - start];
        file.read_exact_at(&mut bytes, location.offset + start as u64)?;
        let mut each = bytes.chunks(BLOCK).zip(blocks.clone());
        let unchanged = each.all(|(block, number)| is_block(table, number, block));
        Ok(unchanged.then_some(Self { blocks, bytes }))
    }

    /// Whether it has all of a part.
    pub fn has(&self, part: &Part) -> bool {
        let blocks = blocks_of(part);
        self.blocks.start <= blocks.start && blocks.end <= self.blocks.end
    }

    /// The bytes of a part that it has.
    pub fn part(&self, (from, to): &Part) -> &[u8] {
        &self.bytes[from - self.blocks.start * BLOCK..][..to.len()]
    }
}
