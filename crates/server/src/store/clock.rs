//! Times of creation and change.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Gives times that never repeat and never go back, so that sorting by time is sorting by order
/// of creation.
#[derive(Debug, Default)]
pub struct Clock {
    last: AtomicU64,
}

impl Clock {
    /// Seconds since 1970, in steps of a microsecond: finer ones are lost in the API's doubles.
    pub fn now(&self) -> f64 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        let wall = elapsed.map_or(0, |d| d.as_micros() as u64);
        let next = |last: u64| Some(wall.max(last + 1));
        let last = self
            .last
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        let micros = last.map_or(wall, |last| wall.max(last + 1));
        micros as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn always_later() {
        let clock = Clock::default();
        let times: Vec<f64> = (0..10_000).map(|_| clock.now()).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
