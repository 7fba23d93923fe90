//! Selections without end in one dimension: how much of them lies in an extent, and how large an
//! extent has a given part of them.
//!
//! Pure arithmetic by HDF5's rules for virtual datasets; `sources` asks.

use crate::connector::{ENDLESS, Slab};

/// The dimension in which a hyperslab has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endless {
    /// Which dimension it is.
    pub dimension: usize,
    start: u64,
    stride: u64,
    /// Elements of each block; `None` if there is one block without end.
    block: Option<u64>,
}

impl Endless {
    /// The endless dimension of a selection of one hyperslab, if it has one.
    pub fn of(slabs: Option<&[Slab]>) -> Option<Self> {
        let [slab] = slabs? else { return None };
        let endless = |&at: &usize| slab.count[at] == ENDLESS || slab.block[at] == ENDLESS;
        let dimension = (0..slab.start.len()).find(endless)?;
        let (stride, block) = (slab.stride[dimension].max(1), slab.block[dimension]);
        Some(Self {
            dimension,
            start: slab.start[dimension],
            stride,
            // Blocks that touch each other are one.
            block: (block != ENDLESS && block != stride).then_some(block),
        })
    }

    /// How many elements of this dimension are selected in an extent.
    pub fn slices(&self, extent: u64) -> u64 {
        let Some(room) = extent.checked_sub(self.start) else {
            return 0;
        };
        match self.block {
            None => room,
            Some(block) => room / self.stride * block + (room % self.stride).min(block),
        }
    }

    /// The extent in which `slices` elements are selected: with the gap behind the last block, or
    /// without.
    pub fn extent_of(&self, slices: u64, with_gap: bool) -> u64 {
        if slices == 0 {
            return if with_gap { self.start } else { 0 };
        }
        let Some(block) = self.block.filter(|&block| block > 0) else {
            return self.start + slices;
        };
        let (blocks, rest) = (slices / block, slices % block);
        match (rest, with_gap) {
            (0, true) => self.start + blocks * self.stride,
            (0, false) => self.start + (blocks - 1) * self.stride + block,
            (rest, _) => self.start + blocks * self.stride + rest,
        }
    }

    /// The first `slices` elements of a hyperslab: its whole blocks, and what is left of one more.
    pub fn first(&self, slab: &Slab, slices: u64) -> Vec<Slab> {
        let at = self.dimension;
        let part = |start: u64, count: u64, block: u64| {
            let mut part = slab.clone();
            part.start[at] = start;
            part.stride[at] = self.stride.max(block);
            part.count[at] = count;
            part.block[at] = block;
            part
        };
        let Some(block) = self.block.filter(|&block| block > 0) else {
            return (slices > 0)
                .then(|| part(self.start, 1, slices))
                .into_iter()
                .collect();
        };
        let (blocks, rest) = (slices / block, slices % block);
        let whole = (blocks > 0).then(|| part(self.start, blocks, block));
        let last = (rest > 0).then(|| part(self.start + blocks * self.stride, 1, rest));
        whole.into_iter().chain(last).collect()
    }

    /// One block of a hyperslab of endlessly many.
    pub fn nth_block(&self, slab: &Slab, n: u64) -> Option<Slab> {
        let block = slab.block[self.dimension];
        let mut one = slab.clone();
        one.start[self.dimension] = self.stride.checked_mul(n)?.checked_add(self.start)?;
        one.count[self.dimension] = 1;
        (block != ENDLESS).then_some(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slab(start: u64, stride: u64, count: u64, block: u64) -> Slab {
        Slab {
            start: vec![start, 0],
            stride: vec![stride, 1],
            count: vec![count, 1],
            block: vec![block, 7],
        }
    }

    #[test]
    fn slices_of_blocks() {
        let slab = slab(1, 5, ENDLESS, 2);
        let endless = Endless::of(Some(std::slice::from_ref(&slab))).unwrap();
        let slices: Vec<u64> = (0..9).map(|extent| endless.slices(extent)).collect();
        assert_eq!(slices, [0, 0, 1, 2, 2, 2, 2, 3, 4]);
        assert_eq!(endless.extent_of(4, false), 8);
        assert_eq!(endless.extent_of(4, true), 11);
        assert_eq!(endless.extent_of(3, true), 7);
        assert_eq!(
            (endless.extent_of(0, true), endless.extent_of(0, false)),
            (1, 0)
        );
        let first = endless.first(&slab, 3);
        let told = |slab: &Slab| (slab.start[0], slab.count[0], slab.block[0]);
        assert_eq!(
            first.iter().map(told).collect::<Vec<_>>(),
            [(1, 1, 2), (6, 1, 1)]
        );
        assert_eq!(endless.nth_block(&slab, 3).unwrap().start, [16, 0]);
    }

    #[test]
    fn one_endless_block() {
        for slab in [slab(2, 1, 1, ENDLESS), slab(2, 3, ENDLESS, 3)] {
            let endless = Endless::of(Some(std::slice::from_ref(&slab))).unwrap();
            assert_eq!((endless.slices(1), endless.slices(9)), (0, 7));
            assert_eq!(endless.extent_of(7, true), 9);
            let first = endless.first(&slab, 7);
            assert_eq!((first[0].count[0], first[0].block[0]), (1, 7));
        }
        assert!(Endless::of(Some(&[slab(0, 2, 3, 1)])).is_none());
        assert!(Endless::of(None).is_none());
    }
}
