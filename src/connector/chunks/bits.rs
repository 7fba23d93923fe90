//! A set of elements of a tile, as one bit for each.

/// A set of numbers below a bound.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set of numbers below `bound`.
    pub(super) fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)])
    }

    /// Adds `length` numbers from `first` on; says how many were new.
    pub(super) fn insert(&mut self, first: usize, length: usize) -> usize {
        let mut new = 0;
        for_each_word(first, length, |at, mask| {
            new += (mask & !self.0[at]).count_ones() as usize;
            self.0[at] |= mask;
        });
        new
    }

    /// Whether all of `length` numbers from `first` on are there.
    pub(super) fn has_all(&self, first: usize, length: usize) -> bool {
        let mut all = true;
        for_each_word(first, length, |at, mask| all &= self.0[at] & mask == mask);
        all
    }

    /// Whether any of `length` numbers from `first` on is there.
    pub(super) fn has_any(&self, first: usize, length: usize) -> bool {
        let mut any = false;
        for_each_word(first, length, |at, mask| any |= self.0[at] & mask != 0);
        any
    }

    /// Empties the set.
    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Becomes the same set as another with the same bound.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.0.copy_from_slice(&other.0);
    }

    /// Numbers in a row, as first and length, in order.
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let first = self.next(from, true)?;
            let end = self.next(first, false).unwrap_or(self.0.len() * 64);
            from = end;
            Some((first, end - first))
        })
    }

    /// The first number from `from` on that is in the set, or is not.
    fn next(&self, from: usize, wanted: bool) -> Option<usize> {
        let (mut at, mut mask) = (from / 64, u64::MAX << (from % 64));
        while let Some(&word) = self.0.get(at) {
            let found = if wanted { word } else { !word } & mask;
            if found != 0 {
                return Some(at * 64 + found.trailing_zeros() as usize);
            }
            (at, mask) = (at + 1, u64::MAX);
        }
        None
    }
}

/// Calls `each` with the place of every word that the numbers touch, and their bits in it.
fn for_each_word(first: usize, length: usize, mut each: impl FnMut(usize, u64)) {
    let (mut at, end) = (first, first + length);
    while at < end {
        let bit = at % 64;
        let take = (64 - bit).min(end - at);
        let mask = (u64::MAX >> (64 - take)) << bit;
        each(at / 64, mask);
        at += take;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_across_words() {
        let mut bits = Bits::new(300);
        assert_eq!(bits.insert(60, 140), 140);
        assert_eq!(bits.insert(190, 20), 10);
        assert!(bits.has_all(60, 150) && !bits.has_all(59, 2) && !bits.has_any(0, 60));
        assert_eq!(bits.insert(220, 1), 1);
        assert_eq!(bits.runs().collect::<Vec<_>>(), [(60, 150), (220, 1)]);
        assert!(bits.has_any(0, 61) && !bits.has_all(219, 3));
        assert_eq!(bits.insert(256, 44), 44);
        assert_eq!(bits.runs().last(), Some((256, 44)));
        bits.clear();
        assert_eq!(bits.runs().count(), 0);
    }
}
