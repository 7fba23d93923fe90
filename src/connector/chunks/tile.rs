//! Elements of one tile: which are known, and which the server does not have yet.

use std::time::Instant;

use super::bits::Bits;

/// Part of a dataset in memory, in wire form.
#[derive(Debug)]
pub(super) struct Tile {
    /// All of its elements; room that was never used takes no memory.
    bytes: Vec<u8>,
    element: usize,
    /// Elements that are as on the server, or newer.
    known: Bits,
    /// Those of them that this program wrote and the server does not have yet.
    unsent: Bits,
    known_count: usize,
    unsent_count: usize,
    /// When it was used last, in the count of its dataset.
    pub(super) used: u64,
    /// When the oldest element came that the server has as well.
    filled: Option<Instant>,
}

impl Tile {
    pub(super) fn new(volume: usize, element: usize) -> Self {
        Self {
            bytes: vec![0; volume * element],
            element,
            known: Bits::new(volume),
            unsent: Bits::new(volume),
            known_count: 0,
            unsent_count: 0,
            used: 0,
            filled: None,
        }
    }

    /// Number of elements that are known.
    pub(super) fn known(&self) -> usize {
        self.known_count
    }

    /// Number of elements that the server does not have yet.
    pub(super) fn unsent(&self) -> usize {
        self.unsent_count
    }

    /// Elements the server does not have yet, as first and length.
    pub(super) fn unsent_runs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.unsent.runs()
    }

    /// When its oldest element came that another program may have changed since.
    pub(super) fn filled(&self) -> Option<Instant> {
        self.filled
    }

    fn part(&self, at: usize, length: usize) -> &[u8] {
        &self.bytes[at * self.element..][..length * self.element]
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at * self.element..][..bytes.len()].copy_from_slice(bytes);
    }

    /// Copies elements out; `false` if not all are known.
    pub(super) fn read(&self, at: usize, into: &mut [u8]) -> bool {
        let length = into.len() / self.element;
        let known = self.known.has_all(at, length);
        if known {
            into.copy_from_slice(self.part(at, length));
        }
        known
    }

    /// Takes elements that the program writes.
    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        let length = bytes.len() / self.element;
        self.put(at, bytes);
        self.known_count += self.known.insert(at, length);
        self.unsent_count += self.unsent.insert(at, length);
    }

    /// Takes elements that the server sent, as far as they are not known.
    pub(super) fn fill(&mut self, at: usize, bytes: &[u8], now: Instant) {
        let length = bytes.len() / self.element;
        if !self.known.has_any(at, length) {
            self.put(at, bytes);
        } else {
            for (n, element) in bytes.chunks_exact(self.element).enumerate() {
                if !self.known.has_any(at + n, 1) {
                    self.put(at + n, element);
                }
            }
        }
        self.known_count += self.known.insert(at, length);
        self.filled.get_or_insert(now);
    }

    /// The server has everything now.
    pub(super) fn all_sent(&mut self, now: Instant) {
        if self.unsent_count > 0 {
            self.unsent.clear();
            self.unsent_count = 0;
            self.filled.get_or_insert(now);
        }
    }

    /// Takes elements that the program wrote some time ago, as far as it has not written them
    /// anew since.
    pub(super) fn write_older(&mut self, at: usize, bytes: &[u8]) {
        for (n, element) in bytes.chunks_exact(self.element).enumerate() {
            if !self.unsent.has_any(at + n, 1) {
                self.write(at + n, element);
            }
        }
    }

    /// Forgets everything that the server has.
    pub(super) fn forget_sent(&mut self) {
        self.known.copy_from(&self.unsent);
        self.known_count = self.unsent_count;
        self.filled = None;
    }
}
