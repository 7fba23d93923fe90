//! How fast the body of a request must come, so that nobody occupies a place for long by sending a byte now
//! and then. The other direction is [`crate::send_limit`].

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::http::StatusCode;
use bytes::Buf;
use http_body::{Body, Frame};
use tokio::time::{Instant, timeout};

use crate::error::{ApiError, Result};
use crate::memory::Pressure;

/// So many bytes have to come within the time, or what is left of the body.
const PART: usize = 256 << 10;
/// How often to look whether others wait, and whether the frame came while the server stood still.
const LOOK: Duration = Duration::from_millis(500);

/// The time that a client has taken.
pub(super) struct Pace {
    limit: Duration,
    /// How long the client has let the server wait, for the part that is coming.
    waited: Duration,
    /// Bytes of that part that came.
    came: usize,
    /// What else the client has to hurry for,
    pressure: Option<Pressure>,
    /// and how long the server has waited while nobody else could get memory.
    in_turn: Duration,
}

impl Pace {
    /// Every [`PART`] bytes must come within `limit`, time in which nobody asks for them aside.
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            waited: Duration::ZERO,
            came: 0,
            pressure: None,
            in_turn: Duration::ZERO,
        }
    }

    /// The same; quicker while others wait for the memory that the body takes.
    pub fn under(self, pressure: Pressure) -> Self {
        Self {
            pressure: Some(pressure),
            ..self
        }
    }

    /// The next frame of a body, or why the connection failed; nothing at its end.
    ///
    /// # Errors
    /// 408 when it does not come in time, 503 when it does not come in the time that others can wait for.
    pub async fn next<B>(
        &mut self,
        body: &mut B,
    ) -> Result<Option<std::result::Result<Frame<B::Data>, B::Error>>>
    where
        B: Body + Unpin,
    {
        let frame = loop {
            let left = self.limit.saturating_sub(self.waited);
            let look = left.min(LOOK);
            // A frame that is there was not waited for.
            let mut began = None;
            let next = poll_fn(|context| {
                let frame = Pin::new(&mut *body).poll_frame(context);
                if frame.is_pending() {
                    began.get_or_insert_with(Instant::now);
                }
                frame
            });
            let frame = timeout(look, next).await;
            // A server that stands still itself looks too late.
            let waited = began.map_or(Duration::ZERO, |began| began.elapsed());
            self.waits(waited.min(look))?;
            match frame {
                Ok(frame) => break frame,
                Err(_) if look < left => {}
                Err(_) => {
                    let reason = "the body comes too slowly";
                    return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, reason));
                }
            }
        };
        let bytes = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Buf::remaining),
            _ => 0,
        };
        self.came += bytes;
        if self.came >= PART {
            (self.waited, self.came) = (Duration::ZERO, 0);
        }
        Ok(frame)
    }

    /// Takes note that the server has waited so long.
    fn waits(&mut self, time: Duration) -> Result<()> {
        self.waited += time;
        let Some(pressure) = &self.pressure else {
            return Ok(());
        };
        match pressure.has_turn() {
            true => self.in_turn += time,
            false => self.in_turn = Duration::ZERO,
        }
        pressure.check(self.waited, self.in_turn)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::pin;
    use std::task::{Context, Poll, ready};

    use bytes::Bytes;
    use tokio::time::{Sleep, advance, sleep};

    use super::*;

    /// A body whose pieces come after a pause each.
    struct Slow {
        pause: Duration,
        piece: usize,
        next: Pin<Box<Sleep>>,
    }

    impl Slow {
        fn new(pause: Duration, piece: usize) -> Self {
            let next = Box::pin(sleep(pause));
            Self { pause, piece, next }
        }
    }

    impl Body for Slow {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
            ready!(self.next.as_mut().poll(context));
            self.next = Box::pin(sleep(self.pause));
            Poll::Ready(Some(Ok(Frame::data(vec![0; self.piece].into()))))
        }
    }

    async fn pieces(pause: Duration, piece: usize) -> usize {
        let (mut body, mut pace) = (Slow::new(pause, piece), Pace::new(Duration::from_secs(10)));
        let mut count = 0;
        while count < 100 && pace.next(&mut body).await.is_ok() {
            count += 1;
        }
        count
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_is_not_enough() {
        let often = Duration::from_secs(3);
        assert_eq!(pieces(often, 1).await, 3);
        assert_eq!(pieces(often, PART / 3).await, 3);
        assert_eq!(pieces(often, PART / 2).await, 100);
        assert_eq!(pieces(Duration::from_secs(11), PART).await, 0);
    }

    /// A body whose next byte is always there, on a server that stands still while it looks.
    struct Stalled;

    impl Body for Stalled {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
            let _ = pin!(advance(STALL)).poll(context);
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0])))))
        }
    }

    /// Longer than the limit.
    const STALL: Duration = Duration::from_secs(11);

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stands_still_does_not_blame_the_client() {
        let mut pace = Pace::new(Duration::from_secs(10));
        for _ in 0..10 {
            let began = Instant::now();
            pace.next(&mut Stalled).await.unwrap();
            assert_eq!(began.elapsed(), STALL);
        }
        assert_eq!(pace.waited, Duration::ZERO);
        // Between two looks at a body that comes soon.
        let mut body = Slow::new(Duration::from_secs(1), 1);
        for looks in 1..=10 {
            let (next, ()) = tokio::join!(pace.next(&mut body), advance(STALL));
            next.unwrap();
            assert_eq!(pace.waited, LOOK * looks);
        }
    }
}
