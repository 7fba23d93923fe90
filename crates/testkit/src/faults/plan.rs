//! Which request meets which fault: it follows from a seed and the request's number alone.

use std::ops::Range;

use fastrand::Rng;

use super::fault::Fault;

/// A time, counted in requests, in which faults happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Numbers of the requests.
    pub requests: Range<u64>,
    /// What may happen.
    pub kinds: Vec<Fault>,
    /// To how many of a hundred requests.
    pub percent: u8,
}

/// The faults of one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Everything else follows from it.
    pub seed: u64,
    /// How often in a row one request meets faults, at most.
    pub row: u32,
    /// When they happen.
    pub spells: Vec<Spell>,
}

impl Plan {
    /// Faults that a client must hide: each request gets through at the third attempt.
    pub fn hidden(seed: u64) -> Self {
        Self::steady(seed, &Fault::HIDDEN, 30, 2)
    }

    /// Faults of some kinds, all the time.
    pub fn steady(seed: u64, kinds: &[Fault], percent: u8, row: u32) -> Self {
        let spell = Spell {
            requests: 0..u64::MAX,
            kinds: kinds.to_vec(),
            percent,
        };
        Self {
            seed,
            row,
            spells: vec![spell],
        }
    }

    /// Storms that a client cannot wait for: one after the other, each of one or of all kinds.
    pub fn storms(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ 0x5707_2357_0723_5707);
        let mut spells = Vec::new();
        let mut next = rng.u64(0..12);
        for _ in 0..rng.usize(1..4) {
            let length = rng.u64(2..30);
            let kinds = match rng.u8(0..6) {
                0 => vec![Fault::Refuse, Fault::Reset],
                1 => vec![
                    Fault::CutBefore,
                    Fault::Lose,
                    Fault::CutHead,
                    Fault::CutBody,
                    Fault::CutEnd,
                ],
                2 => vec![Fault::Busy, Fault::EarlyBusy, Fault::Gateway],
                3 => vec![
                    Fault::Truncate,
                    Fault::AnswerLength,
                    Fault::FlipHead,
                    Fault::Garbage,
                ],
                4 => vec![Fault::Stall, Fault::StallBody, Fault::Lose],
                // A request of another length is one that the server has every reason to refuse.
                _ => Fault::ALL
                    .into_iter()
                    .filter(|fault| *fault != Fault::RequestLength)
                    .collect(),
            };
            spells.push(Spell {
                requests: next..next + length,
                kinds,
                percent: rng.u8(50..=100),
            });
            next += length + rng.u64(0..20);
        }
        Self {
            seed,
            row: u32::MAX,
            spells,
        }
    }

    /// What happens to the request with this number, which met faults `row` times in a row before;
    /// with the source of everything that the fault leaves open.
    pub(super) fn decide(&self, number: u64, method: &str, row: u32) -> Option<(Fault, Rng)> {
        let spell = self
            .spells
            .iter()
            .find(|spell| spell.requests.contains(&number))?;
        let mut rng = Rng::with_seed(self.seed.rotate_left(17) ^ number.wrapping_mul(0x9E37_79B9));
        if row >= self.row || rng.u8(0..100) >= spell.percent {
            return None;
        }
        let fault = *spell.kinds.get(rng.usize(0..spell.kinds.len().max(1)))?;
        // A question that was answered with 500 is asked once more, and no more than that.
        let too_often = fault == Fault::Internal && row > 0 && self.row < u32::MAX;
        (fault.applies_to(method) && !too_often).then_some((fault, rng))
    }

    /// Ends what has begun before the request with this number.
    pub(super) fn end_spells(&mut self, number: u64) {
        self.spells.retain(|spell| spell.requests.start > number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_follow_from_the_seed() {
        let decided = |seed| -> Vec<Option<Fault>> {
            let plan = Plan::hidden(seed);
            let decide = |number| plan.decide(number, "GET", 0).map(|(fault, _)| fault);
            (0..200).map(decide).collect()
        };
        assert_eq!(decided(7), decided(7));
        assert_ne!(decided(7), decided(8));
        let faults = decided(7).into_iter().flatten().count();
        assert!((30..90).contains(&faults), "{faults} of 200");
    }

    #[test]
    fn a_row_of_faults_ends() {
        let plan = Plan::steady(1, &[Fault::Lose], 100, 2);
        assert!(plan.decide(5, "GET", 1).is_some());
        assert!(plan.decide(5, "GET", 2).is_none());
    }

    #[test]
    fn storms_end_when_they_are_told() {
        let mut plan = Plan::steady(1, &[Fault::Lose], 100, 9);
        plan.end_spells(3);
        assert!(plan.decide(4, "GET", 0).is_none());
        let later = Spell {
            requests: 10..12,
            kinds: vec![Fault::Internal],
            percent: 100,
        };
        plan.spells.push(later);
        plan.end_spells(4);
        assert!(plan.decide(10, "GET", 0).is_some());
        assert!(plan.decide(10, "PUT", 0).is_none());
    }
}
