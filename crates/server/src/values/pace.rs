//! How long a client may keep an answer that is read while it is sent. As long as it does, it keeps the state of
//! the store that the answer is read from, and with it the database's log and the segments of that time.
//! [`crate::send_limit`] sees to it that clients go on; this, that none goes on for ever with almost nothing.

use std::time::{Duration, Instant};

use axum::http::StatusCode;

use crate::error::{ApiError, Result};

/// Nothing is asked of an answer that has taken less.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Then it must have got so many bytes for each second, times the hours that it has taken: a lot is sent over a
/// slow line in a day, and nothing takes weeks.
const RATE: u64 = 64 << 10;

/// What a client has got of an answer, and how long it has let the server wait for that.
#[derive(Debug, Default)]
pub(super) struct Pace {
    sent: u64,
    /// Time to read elements aside: the server may be slow, too.
    pub(super) waited: Duration,
    /// Since when nothing was asked for.
    since: Option<Instant>,
}

impl Pace {
    /// The client is about to get more.
    ///
    /// # Errors
    /// 408 if it has taken too long.
    pub fn go_on(&mut self) -> Result<()> {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
        if self.sent >= least(self.waited) {
            return Ok(());
        }
        let reason = format!(
            "the client has taken {} bytes of its answer in {} minutes, which is too slow for an answer that \
             takes hours and keeps a state of the store: read less at a time",
            self.sent,
            self.waited.as_secs() / 60
        );
        Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, reason))
    }

    /// So many bytes are there for it.
    pub fn has(&mut self, bytes: u64) {
        self.sent = self.sent.saturating_add(bytes);
        self.since = Some(Instant::now());
    }
}

/// Bytes that must have been taken after so long.
fn least(waited: Duration) -> u64 {
    let hours = waited.as_secs() / HOUR.as_secs();
    RATE.saturating_mul(hours).saturating_mul(waited.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_on(hours: u32, sent: u64) -> bool {
        let mut pace = Pace {
            sent,
            waited: HOUR * hours,
            since: None,
        };
        pace.go_on().is_ok()
    }

    #[test]
    fn more_is_asked_of_answers_that_take_longer() {
        assert!(goes_on(0, 0));
        // What is just enough not to be left at once.
        let little = |hours: u64| hours * 60 * (256 << 10);
        assert!(!goes_on(1, little(1)) && !goes_on(100, little(100)));
        // A line of 10 megabits per second, for an evening and for days; one of a gigabit.
        let bytes = |hours: u64, rate: u64| hours * 3600 * rate;
        assert!(goes_on(6, bytes(6, 1_200_000)) && !goes_on(72, bytes(72, 1_200_000)));
        assert!(goes_on(72, bytes(72, 120_000_000)));
        assert!(!goes_on(u32::MAX / 3600, 1 << 62));
    }
}
