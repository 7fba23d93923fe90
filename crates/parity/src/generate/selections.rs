//! Random selections and places in memory.

use super::Generator;
use crate::program::{MemorySpace, Selected, Selection, Slab, Space};

impl Generator {
    /// A selection in a space.
    pub fn selection(&mut self, space: &Space) -> Selection {
        let Space::Simple { dims, .. } = space else {
            let selected = match self.random.u8(..6) {
                0 => Selected::None,
                1 => Selected::All,
                2 => Selected::Points(vec![(0, vec![vec![0]])]),
                _ => Selected::Whole,
            };
            return Selection {
                selected,
                offset: Vec::new(),
            };
        };
        let selected = match self.random.u8(..12) {
            0 | 1 => Selected::Whole,
            2 => Selected::All,
            3 if self.one_in(2) => Selected::None,
            4..8 => Selected::Slabs(vec![(0, self.slab(dims))]),
            8 | 9 => Selected::Slabs(self.slabs(dims)),
            _ => self.points(dims),
        };
        let offset = if self.one_in(8) {
            dims.iter().map(|_| self.random.i64(-2..=2)).collect()
        } else {
            Vec::new()
        };
        Selection { selected, offset }
    }

    /// A hyperslab that lies in the extent, as a rule.
    fn slab(&mut self, dims: &[u64]) -> Slab {
        let mut slab = Slab {
            start: vec![],
            stride: vec![],
            count: vec![],
            block: vec![],
        };
        for length in dims {
            let length = (*length).max(1);
            let start = self.random.u64(..length);
            let rest = length - start;
            let block = if self.random.bool() {
                1
            } else {
                self.random.u64(1..=rest)
            };
            let stride = self.random.u64(block..=block + 3);
            let most = (rest - block) / stride + 1;
            let mut count = self.random.u64(1..=most);
            if self.one_in(60) {
                count += 1;
            }
            if self.one_in(80) {
                count = 0;
            }
            slab.start.push(start);
            slab.stride.push(stride);
            slab.count.push(count);
            slab.block.push(block);
        }
        slab
    }

    /// A combination of hyperslabs by OR, AND, XOR, NOTB, NOTA.
    fn slabs(&mut self, dims: &[u64]) -> Vec<(u8, Slab)> {
        let mut slabs = vec![(0, self.slab(dims))];
        for _ in 0..self.random.usize(1..4) {
            let op = *self.random.choice(&[1, 1, 1, 2, 3, 4, 5]).unwrap_or(&1);
            slabs.push((op, self.slab(dims)));
        }
        slabs
    }

    /// Points in any order, some of them twice now and then.
    fn points(&mut self, dims: &[u64]) -> Selected {
        let mut sets = Vec::new();
        for number in 0..self.random.usize(1..3) {
            let count = self.random.usize(1..12);
            let mut points = Vec::new();
            for _ in 0..count {
                points.push(
                    dims.iter()
                        .map(|length| self.random.u64(..(*length).max(1)))
                        .collect(),
                );
            }
            // H5S_SELECT_SET, then APPEND or PREPEND.
            let op = if number == 0 { 0 } else { self.random.u8(6..8) };
            sets.push((op, points));
        }
        Selected::Points(sets)
    }

    /// Where a transfer's elements are in memory.
    pub fn memory_space(&mut self, file: &Selection, space: &Space) -> MemorySpace {
        match self.random.u8(..10) {
            0..3 => MemorySpace::Whole,
            3 => MemorySpace::Block,
            4 | 5 => MemorySpace::Row {
                before: self.random.u64(..3),
                step: self.random.u64(1..4),
                after: self.random.u64(..3),
            },
            6 | 7 => MemorySpace::Grid {
                columns: self.random.u64(1..6),
            },
            8 => MemorySpace::Scattered {
                seed: self.random.u64(..1000),
                extra: self.random.u64(..5),
            },
            _ => MemorySpace::Given {
                space: space.clone(),
                selection: file.clone(),
            },
        }
    }
}
