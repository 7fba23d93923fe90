//! Random dataspaces and creation properties of datasets.

use super::{Generator, Theme};
use crate::program::{Creation, Fill, Space};

impl Generator {
    /// A space; small ones with `limit` elements at most.
    pub fn space(&mut self, limit: u64) -> Space {
        match self.random.u8(..12) {
            0 => Space::Null,
            1 => Space::Scalar,
            _ => self.grid(limit),
        }
    }

    fn grid(&mut self, limit: u64) -> Space {
        let rank = *self.random.choice(&[1, 1, 2, 2, 3, 4]).unwrap_or(&1);
        let mut dims = Vec::new();
        let mut elements = 1;
        for _ in 0..rank {
            let most = (limit / elements).clamp(1, 12);
            let length = if self.one_in(30) {
                0
            } else {
                self.random.u64(1..=most)
            };
            elements *= length.max(1);
            dims.push(length);
        }
        let maximum = self.one_in(3).then(|| {
            let open = |length: &u64| match self.random.u8(..4) {
                0 => u64::MAX,
                1 => length + 5,
                2 => (*length).max(1),
                _ => length * 2 + 1,
            };
            dims.iter().map(open).collect()
        });
        Space::Simple { dims, maximum }
    }

    /// Properties for a dataset in `space`.
    pub fn creation(&mut self, space: &Space, theme: Theme) -> Creation {
        let mut creation = Creation {
            ordered: self.one_in(3),
            ..Creation::default()
        };
        if let Space::Simple { dims, maximum } = space {
            let grows = maximum.as_ref().is_some_and(|maximum| maximum != dims);
            match self.random.u8(..8) {
                0 => creation.layout = Some(0),
                1 | 2 => creation.layout = Some(1),
                3 => {}
                _ => self.chunked(dims, &mut creation),
            }
            // Only chunked datasets grow; a few may fail.
            if grows && creation.chunk.is_empty() && !self.one_in(10) {
                self.chunked(dims, &mut creation);
            }
        } else if self.one_in(3) {
            creation.layout = Some(self.random.u8(..2));
        }
        if self.one_in(3) {
            creation.fill = if self.one_in(5) {
                Fill::Undefined
            } else {
                Fill::Value(self.random.u64(..1000))
            };
        }
        if self.one_in(5) {
            creation.alloc_time = Some(self.random.u8(..4));
        }
        if self.one_in(if theme == Theme::Types { 12 } else { 6 }) {
            creation.fill_time = Some(self.random.u8(..3));
        }
        creation
    }

    fn chunked(&mut self, dims: &[u64], creation: &mut Creation) {
        creation.layout = Some(2);
        creation.chunk = dims
            .iter()
            .map(|length| self.random.u64(1..=(*length).clamp(1, 6)))
            .collect();
        if self.one_in(3) {
            creation.shuffle = self.random.bool();
            creation.deflate = self.random.bool().then(|| self.random.u8(..10));
            creation.fletcher32 = self.one_in(4);
        }
    }
}
