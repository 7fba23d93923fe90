//! Looking out for what comes next before a thread sleeps. A processor that sleeps takes longer to wake,
//! on a virtual machine above all, than a small request takes to be answered: one client that asks again
//! and again would wait for little else.
//!
//! Used by [`crate::attentive`] for the next request, and by the store for the next change. Both only do
//! it as long as one connection alone asks, and for moments: a server that nobody asks sleeps.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// So long after two connections have asked in turn, nobody looks out: threads have enough to do.
const CALM: Duration = Duration::from_millis(5);
/// No connection has this number.
const NOBODY: u64 = 0;

/// How long to look out, and who asks. One for each server.
#[derive(Debug)]
pub struct Lookout {
    spin: Duration,
    began: Instant,
    /// Who asked last.
    last: AtomicU64,
    /// Until when others count as asking, too, in microseconds from the beginning.
    several_until: AtomicU64,
    numbers: AtomicU64,
}

impl Lookout {
    /// Looks out for so long; not at all where there is one processor, which others need meanwhile.
    pub fn new(spin: Duration) -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self::always(if processors > 1 { spin } else { Duration::ZERO })
    }

    /// The same whatever the number of processors.
    pub(crate) fn always(spin: Duration) -> Self {
        Self {
            spin,
            began: Instant::now(),
            last: AtomicU64::new(NOBODY),
            several_until: AtomicU64::new(0),
            numbers: AtomicU64::new(NOBODY),
        }
    }

    /// A number for a new connection.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The connection of this number has asked for something.
    pub fn asked(&self, number: u64) {
        let before = self.last.swap(number, Ordering::Relaxed);
        if before != number && before != NOBODY {
            let until = self.now() + CALM.as_micros() as u64;
            self.several_until.store(until, Ordering::Relaxed);
        }
    }

    /// How long to look out now, if at all.
    pub fn time(&self) -> Option<Duration> {
        let alone =
            !self.spin.is_zero() && self.now() >= self.several_until.load(Ordering::Relaxed);
        alone.then_some(self.spin)
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }
}

/// Looks again and again until there is something or the time is over. Whoever has work to do comes first.
pub fn look_until<T>(end: Instant, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    loop {
        let found = look();
        if found.is_some() || Instant::now() >= end {
            return found;
        }
        thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_looks_out_while_several_ask() {
        let time = Duration::from_micros(50);
        let lookout = Lookout::always(time);
        let (one, other) = (lookout.number(), lookout.number());
        for _ in 0..3 {
            lookout.asked(one);
            assert_eq!(lookout.time(), Some(time));
        }
        lookout.asked(other);
        assert_eq!(lookout.time(), None);
        lookout.asked(other);
        assert_eq!(lookout.time(), None);
        lookout.several_until.store(0, Ordering::Relaxed);
        lookout.asked(other);
        assert_eq!(lookout.time(), Some(time));
        assert_eq!(Lookout::new(Duration::ZERO).time(), None);
    }

    #[test]
    fn looking_out_ends() {
        let mut looks = 0;
        let found = look_until(Instant::now() + Duration::from_secs(60), || {
            looks += 1;
            (looks == 3).then_some("it")
        });
        assert_eq!((found, looks), (Some("it"), 3));
        assert_eq!(look_until(Instant::now(), || None::<()>), None);
    }
}
