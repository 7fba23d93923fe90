//! When a request is worth repeating, and how long to wait before.
//!
//! HSDS answers 503 to whatever comes while it is busy, before doing any work; gateways in front
//! of it answer 429 with a `Retry-After`. Every request of this crate may be repeated: reads, PUT
//! and DELETE by their nature, creates because the client chooses the ids (see `objects`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::request::{Head, Method};
use crate::transport::TransportFailure;

/// Bounds of repetition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Attempts on a server that is busy.
    pub attempts: u32,
    /// Attempts when connections break or nobody listens: enough for a server that restarts its
    /// listener, few enough to tell a dead one from a slow one in a second.
    pub broken_attempts: u32,
    /// First pause; doubles with every attempt.
    pub first_pause: Duration,
    /// Longest pause.
    pub longest_pause: Duration,
    /// No new attempt starts after this time.
    pub budget: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 12,
            broken_attempts: 4,
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(10),
            budget: Duration::from_secs(120),
        }
    }
}

/// What came of an attempt that did not succeed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome<'a> {
    Answer(&'a Head),
    NoAnswer(TransportFailure),
}

/// How often a request has failed so far, by what that means: a server that was busy for long may
/// still lose a connection once.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    busy: u32,
    broken: u32,
    internal: u32,
}

impl RetryPolicy {
    /// Notes a failed attempt. Returns how long to wait before the next one; `None` gives up.
    pub(crate) fn pause(
        &self,
        method: Method,
        outcome: Outcome<'_>,
        failures: &mut Failures,
        elapsed: Duration,
    ) -> Option<Duration> {
        let (count, most) = match outcome {
            Outcome::Answer(head) => match head.status {
                408 | 429 | 503 => (&mut failures.busy, self.attempts),
                502 | 504 => (&mut failures.broken, self.broken_attempts),
                // HSDS answers 500 to many faulty requests: repeating them would only be slow.
                500 if method == Method::Get => (&mut failures.internal, 2),
                _ => return None,
            },
            Outcome::NoAnswer(failure) => match failure {
                TransportFailure::Refused | TransportFailure::Broken => {
                    (&mut failures.broken, self.broken_attempts)
                }
                // The user's own bound has passed; a second wait would be the double of it.
                TransportFailure::Timeout | TransportFailure::Hopeless => return None,
            },
        };
        *count += 1;
        if *count >= most {
            return None;
        }
        let wanted = match outcome {
            Outcome::Answer(head) => head.retry_after,
            Outcome::NoAnswer(_) => None,
        };
        let pause = wanted.unwrap_or(Duration::ZERO).max(self.backoff(*count));
        (elapsed + pause <= self.budget).then_some(pause)
    }

    /// Between half of and the whole exponential pause, so that many clients do not come back at
    /// the same moment.
    fn backoff(&self, attempt: u32) -> Duration {
        let factor = 2u32.saturating_pow(attempt.saturating_sub(1));
        let pause = self
            .first_pause
            .saturating_mul(factor)
            .min(self.longest_pause);
        // A generator of its own: the usual one is thread-local, and those are gone while a
        // program ends.
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.as_nanos() as u64);
        let seed = nanos ^ (u64::from(std::process::id()) << 32) ^ u64::from(attempt);
        pause.mul_f64(0.5 + 0.5 * fastrand::Rng::with_seed(seed).f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, retry_after: Option<u64>) -> Head {
        Head {
            status,
            retry_after: retry_after.map(Duration::from_secs),
            ..Head::default()
        }
    }

    /// The pause after so many failures of one kind.
    fn pause(method: Method, head: &Head, attempt: u32) -> Option<Duration> {
        let policy = RetryPolicy::default();
        let mut failures = Failures {
            busy: attempt - 1,
            broken: attempt - 1,
            internal: attempt - 1,
        };
        policy.pause(method, Outcome::Answer(head), &mut failures, Duration::ZERO)
    }

    #[test]
    fn busy_servers_are_asked_again_with_growing_pauses() {
        let busy = head(503, None);
        let first = pause(Method::Put, &busy, 1).unwrap();
        assert!((25..=50).contains(&first.as_millis()), "{first:?}");
        let later = pause(Method::Put, &busy, 6).unwrap();
        assert!((800..=1600).contains(&later.as_millis()), "{later:?}");
        assert_eq!(pause(Method::Put, &busy, 12), None);
    }

    #[test]
    fn faults_of_the_request_are_not_repeated() {
        for status in [400, 401, 403, 404, 409, 410, 413, 501] {
            assert_eq!(pause(Method::Get, &head(status, None), 1), None);
        }
        assert!(pause(Method::Get, &head(500, None), 1).is_some());
        assert_eq!(pause(Method::Get, &head(500, None), 2), None);
        assert_eq!(pause(Method::Put, &head(500, None), 1), None);
    }

    #[test]
    fn the_servers_wish_is_honoured_within_the_budget() {
        let wish = pause(Method::Get, &head(429, Some(20)), 1).unwrap();
        assert_eq!(wish.as_secs(), 20);
        assert_eq!(pause(Method::Get, &head(429, Some(1900)), 1), None);
    }

    #[test]
    fn silence_is_not_waited_for_twice() {
        let policy = RetryPolicy::default();
        let mut failures = Failures::default();
        let silence = Outcome::NoAnswer(TransportFailure::Timeout);
        let pause = policy.pause(Method::Get, silence, &mut failures, Duration::ZERO);
        assert_eq!(pause, None);
        let broken = Outcome::NoAnswer(TransportFailure::Broken);
        let pause = policy.pause(Method::Post, broken, &mut failures, Duration::ZERO);
        assert!(pause.is_some());
    }

    #[test]
    fn each_kind_of_failure_has_its_own_count() {
        let policy = RetryPolicy::default();
        let mut failures = Failures::default();
        let mut pause = |outcome| {
            policy
                .pause(Method::Get, outcome, &mut failures, Duration::ZERO)
                .is_some()
        };
        let (busy, internal) = (head(503, Some(0)), head(500, None));
        for _ in 0..8 {
            assert!(pause(Outcome::Answer(&busy)));
        }
        for more in [true, true, true, false] {
            assert_eq!(pause(Outcome::NoAnswer(TransportFailure::Broken)), more);
        }
        assert!(pause(Outcome::Answer(&internal)));
        assert!(!pause(Outcome::Answer(&internal)));
    }
}
