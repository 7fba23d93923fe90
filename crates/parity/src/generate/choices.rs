//! Where the choices of a generator come from: a seed, or the bytes of a fuzzer, which can then change
//! one choice and leave the others. Named as in `fastrand`.

use std::collections::VecDeque;
use std::ops::{Bound, RangeBounds};

use fastrand::Rng;

/// A source of choices.
pub struct Choices(Source);

enum Source {
    Seed(Rng),
    Bytes(VecDeque<u8>),
}

/// A function that picks a number of a range, for one type.
macro_rules! number {
    ($($name:ident)*) => {$(
        /// A number of the range.
        pub fn $name(&mut self, range: impl RangeBounds<$name>) -> $name {
            match &mut self.0 {
                Source::Seed(random) => random.$name(range),
                Source::Bytes(bytes) => {
                    let first = match range.start_bound() {
                        Bound::Included(&first) => first,
                        Bound::Excluded(&before) => before + 1,
                        Bound::Unbounded => <$name>::MIN.max(0),
                    };
                    let last = match range.end_bound() {
                        Bound::Included(&last) => last,
                        Bound::Excluded(&behind) => behind - 1,
                        Bound::Unbounded => <$name>::MAX,
                    };
                    let wide = |number: $name| number as i128;
                    let count = wide(last) - wide(first) + 1;
                    let place = taken(bytes, count as u128) as i128;
                    (wide(first) + place) as $name
                }
            }
        }
    )*};
}

impl Choices {
    /// Choices that follow from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seed(Rng::with_seed(seed)))
    }

    /// Choices that bytes stand for.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Source::Bytes(bytes.iter().copied().collect()))
    }

    number! { u8 u32 u64 usize i64 }

    /// Yes or no.
    pub fn bool(&mut self) -> bool {
        match &mut self.0 {
            Source::Seed(random) => random.bool(),
            Source::Bytes(bytes) => taken(bytes, 2) == 1,
        }
    }

    /// One of a list, if it has any.
    pub fn choice<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        match &mut self.0 {
            Source::Seed(random) => random.choice(from),
            Source::Bytes(_) if from.is_empty() => None,
            Source::Bytes(_) => from.get(self.usize(..from.len())),
        }
    }

    /// Another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        match &mut self.0 {
            Source::Seed(random) => random.shuffle(list),
            Source::Bytes(_) => {
                for place in 1..list.len() {
                    let with = self.usize(..=place);
                    list.swap(place, with);
                }
            }
        }
    }
}

/// A number below `count`, of as many bytes as that takes; 0 when there are none left.
fn taken(bytes: &mut VecDeque<u8>, count: u128) -> u128 {
    let (mut number, mut reach) = (0, 1);
    while reach < count {
        number = number << 8 | u128::from(bytes.pop_front().unwrap_or(0));
        reach <<= 8;
    }
    number % count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_choices() {
        let mut choices = Choices::of_bytes(&[7, 1, 2, 1, 0]);
        assert_eq!(choices.u8(..5), 2);
        assert!(choices.bool());
        assert_eq!(choices.i64(-2..=2), 0);
        assert_eq!(choices.choice(&["a", "b"]), Some(&"b"));
        assert_eq!(choices.u64(3..1000), 3);
        assert!(!choices.bool());
        let none: &[u8] = &[];
        assert_eq!(choices.choice(none), None);
    }

    #[test]
    fn seeds_choose_as_they_always_did() {
        let (mut choices, mut random) = (Choices::seeded(5), Rng::with_seed(5));
        assert_eq!(choices.u64(..1000), random.u64(..1000));
        assert_eq!(choices.bool(), random.bool());
        assert_eq!(choices.usize(3..=9), random.usize(3..=9));
    }
}
