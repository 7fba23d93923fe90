//! How fast bytes get to us from a server. Where that is slow, [`crate::http`] asks for compressed
//! answers: packing and unpacking take less time than they save.
//!
//! Measured with what is transferred anyway. A server that is busy looks like a slow connection, and
//! packing makes it busier: where elements do not get here faster packed, they are not asked for so again
//! for some time.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Bytes per second below which packed answers arrive sooner. A server packs 200 MB and more in a second
/// (zstd, fastest level), and has others to serve meanwhile.
const SLOW: f64 = 32e6;
/// Shorter answers say more of the time to the server and back than of the bytes.
const LONG: usize = 256 << 10;
/// Bytes after which an opinion is formed.
const ENOUGH: usize = 1 << 20;
/// How many times as fast elements must get here packed.
const GAIN: f64 = 1.3;
/// Bytes after which packing is tried again where it was no gain; twice as many each time.
const REST: u64 = 64 << 20;

/// What is known of the way to one server.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Bytes that were moved since the last opinion, unpacked and as they came.
    long: usize,
    moved: u64,
    /// How long that took; times of transfers that overlap count once.
    busy: Duration,
    counted_until: Option<Instant>,
    /// The shortest time of a short answer: what the way there and back takes.
    least: Option<Duration>,
    /// Whether answers are to be packed, and since when.
    slow: bool,
    since: Option<Instant>,
    /// Elements per second before that, in bytes.
    before: f64,
    /// Bytes for which packing is not tried again, and how many they were last.
    rest: u64,
    last_rest: u64,
}

impl Pace {
    /// Whether answers should be packed.
    pub fn is_slow(&self) -> bool {
        self.0.lock().slow
    }

    /// An answer of `bytes`, which came as `moved` bytes, took from `began` until now.
    pub fn took(&self, began: Instant, bytes: usize, moved: u64) {
        self.took_until(began, Instant::now(), bytes, moved);
    }

    fn took_until(&self, began: Instant, ended: Instant, bytes: usize, moved: u64) {
        let mut state = self.0.lock();
        if state.since.is_some_and(|since| began < since) {
            // It was asked for in the other way.
            return;
        }
        if bytes < LONG {
            let time = ended.saturating_duration_since(began);
            state.least = Some(state.least.map_or(time, |least| least.min(time)));
            return;
        }
        let least = state.least.unwrap_or_default();
        let since = state.counted_until.map_or(began, |until| until.max(began));
        let alone = since == began;
        let time = ended.saturating_duration_since(since);
        // Beside another one, the way there and back was not waited for.
        state.busy += if alone {
            time.saturating_sub(least)
        } else {
            time
        };
        state.counted_until = Some(ended);
        state.long += bytes;
        state.moved += moved;
        if state.long < ENOUGH {
            return;
        }
        state.decide(ended);
    }
}

impl State {
    /// Forms an opinion of the bytes since the last one.
    fn decide(&mut self, now: Instant) {
        let seconds = self.busy.as_secs_f64().max(1e-9);
        let (came, moved) = (self.long as f64 / seconds, self.moved as f64 / seconds);
        let was = self.slow;
        if was && moved >= SLOW {
            self.slow = false;
        } else if was && came < GAIN * self.before {
            self.slow = false;
            self.last_rest = (2 * self.last_rest).clamp(REST, u64::MAX / 2);
            self.rest = self.last_rest;
        } else if !was {
            self.rest = self.rest.saturating_sub(self.moved);
            self.slow = moved < SLOW && self.rest == 0;
            self.before = came;
        }
        if was != self.slow {
            self.since = Some(now);
            let what = if was { "as they are" } else { "packed" };
            log::debug!("{came:.0} bytes a second: elements are asked for {what} from now on");
        }
        (self.long, self.moved, self.busy) = (0, 0, Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Answers one after the other, each of so many bytes and milliseconds.
    fn after(answers: &[(usize, u64, u32)]) -> Pace {
        let pace = Pace::default();
        let mut now = Instant::now();
        for &(bytes, moved, milliseconds) in answers {
            let ended = now + MILLISECOND * milliseconds;
            pace.took_until(now, ended, bytes, moved);
            now = ended;
        }
        pace
    }

    #[test]
    fn nothing_is_slow_until_it_was_seen() {
        assert!(!Pace::default().is_slow());
        assert!(!after(&[(1000, 1000, 500); 100]).is_slow());
    }

    #[test]
    fn bytes_that_take_long_are_slow_and_become_fast_again() {
        const M: usize = 1 << 20;
        let slow = [(M, M as u64, 100)];
        assert!(after(&slow).is_slow());
        // Packed, they take less time and are less: no reason to go back.
        let packed = [(M, M as u64 / 10, 10); 2];
        assert!(after(&[&slow[..], &packed].concat()).is_slow());
        let fast = [(M, M as u64, 10); 2];
        assert!(!after(&[&slow[..], &fast].concat()).is_slow());
    }

    #[test]
    fn what_is_no_faster_packed_is_not_packed_for_some_time() {
        const M: usize = 1 << 20;
        let slow = [(M, M as u64, 100)];
        let no_gain = [(M, M as u64 / 2, 90)];
        assert!(!after(&[&slow[..], &no_gain].concat()).is_slow());
        assert!(!after(&[&slow[..], &no_gain, &slow].concat()).is_slow());
        let later = [(M, M as u64, 100); 64];
        assert!(after(&[&slow[..], &no_gain, &later].concat()).is_slow());
    }

    #[test]
    fn a_long_way_is_not_a_slow_one() {
        let far = [(1000, 1000, 100), (2 << 20, 2 << 20, 120)];
        assert!(!after(&far).is_slow());
    }

    #[test]
    fn transfers_at_the_same_time_count_together() {
        let pace = Pace::default();
        let began = Instant::now();
        pace.took_until(began, began + MILLISECOND, 100, 100);
        for number in 0..4 {
            let ended = began + MILLISECOND * (20 + number);
            pace.took_until(began, ended, 300 << 10, 300 << 10);
        }
        // Each alone would be: 300 KiB in 20 ms.
        assert!(!pace.is_slow());
    }
}
