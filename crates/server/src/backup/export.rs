//! Reading a store record by record. Called by the route `/backup`.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use crc32fast::Hasher;

use super::{END, MAGIC};
use crate::error::Result;
use crate::store::Reader;

/// A piece is handed out when it has this many bytes; a large value makes it larger.
const PIECE: usize = 1 << 20;

/// The pieces of a backup. It shows the store as it was when this was made, whatever is written
/// meanwhile, and holds one piece in memory.
pub struct Export {
    reader: Arc<dyn Reader>,
    /// Where to go on; `None` when the end has been handed out.
    next: Option<Vec<u8>>,
    records: u64,
    hasher: Hasher,
}

impl Export {
    /// Everything that this reader sees.
    pub fn new(reader: Arc<dyn Reader>) -> Self {
        Self {
            reader,
            next: Some(Vec::new()),
            records: 0,
            hasher: Hasher::new(),
        }
    }

    fn piece(&mut self, start: &[u8]) -> Result<Bytes> {
        let mut piece = BytesMut::with_capacity(PIECE + PIECE / 4);
        if start.is_empty() {
            piece.put_slice(MAGIC);
        }
        let mut last = None;
        let records = &mut self.records;
        self.reader.scan(start, &[u8::MAX], &mut |key, value| {
            piece.put_u32_le(key.len() as u32);
            piece.put_u64_le(value.len() as u64);
            piece.put_slice(key);
            piece.put_slice(&value);
            *records += 1;
            if piece.len() < PIECE {
                return ControlFlow::Continue(());
            }
            last = Some([key, &[0]].concat());
            ControlFlow::Break(())
        })?;
        self.next = last;
        if self.next.is_none() {
            piece.put_u32_le(END);
            piece.put_u64_le(self.records);
        }
        self.hasher.update(&piece);
        if self.next.is_none() {
            piece.put_u32_le(self.hasher.clone().finalize());
        }
        Ok(piece.freeze())
    }
}

impl Iterator for Export {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next.take()?;
        Some(self.piece(&start))
    }
}
