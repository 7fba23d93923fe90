//! A connection that ends when the other side does not take what it asked for. A value that is being
//! sent keeps the state of the store that it is read from, and with it the database's log and the
//! segments of that time: whoever stops reading must not keep them for ever.
//!
//! Put around each connection by [`crate::listen`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// So many bytes have to be taken within the time, or what is left of an answer.
const PART: usize = 256 << 10;

/// See the module.
pub struct SendLimit<S> {
    stream: S,
    limit: Duration,
    /// How long the other side has let this one wait, for the part that is being sent.
    waited: Duration,
    /// Bytes of that part that were taken.
    taken: usize,
    waiting: Option<Waiting>,
}

/// The other side takes nothing now.
struct Waiting {
    since: Instant,
    end: Pin<Box<Sleep>>,
}

impl<S> SendLimit<S> {
    /// Every [`PART`] bytes must be taken within `limit`, time in which nothing is to be sent aside.
    pub fn new(stream: S, limit: Duration) -> Self {
        Self {
            stream,
            limit,
            waited: Duration::ZERO,
            taken: 0,
            waiting: None,
        }
    }

    /// Looks at how an attempt to send went; what did not get on in time is an error.
    fn watch(
        &mut self,
        context: &mut Context<'_>,
        sent: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(outcome) = sent {
            if let Some(waiting) = self.waiting.take() {
                self.waited += waiting.since.elapsed();
            }
            self.taken += outcome.as_ref().map_or(0, |&bytes| bytes);
            if self.taken >= PART {
                (self.waited, self.taken) = (Duration::ZERO, 0);
            }
            return Poll::Ready(outcome);
        }
        let left = self.limit.saturating_sub(self.waited);
        let waiting = self.waiting.get_or_insert_with(|| Waiting {
            since: Instant::now(),
            end: Box::pin(sleep(left)),
        });
        match waiting.end.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                let reason = "the client takes its answer too slowly (--send-timeout)";
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for SendLimit<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SendLimit<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const LIMIT: Duration = Duration::from_secs(10);
    const ROOM: usize = 1000;

    /// With a clock that moves on by itself when everybody waits.
    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        runtime.unwrap().block_on(test);
    }

    #[test]
    fn who_takes_nothing_is_left() {
        run(async {
            let (stream, mut other) = duplex(ROOM);
            let mut sender = SendLimit::new(stream, LIMIT);
            let began = Instant::now();
            let error = sender.write_all(&[1; 5000]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert!(began.elapsed() >= LIMIT, "{:?}", began.elapsed());
            drop(sender);
            let mut got = Vec::new();
            other.read_to_end(&mut got).await.unwrap();
            assert_eq!(got.len(), ROOM);
        });
    }

    #[test]
    fn who_takes_a_little_now_and_then_is_left_too() {
        run(async {
            let (stream, mut other) = duplex(ROOM);
            let mut sender = SendLimit::new(stream, LIMIT);
            tokio::spawn(async move {
                while other.read_u8().await.is_ok() {
                    sleep(Duration::from_secs(1)).await;
                }
            });
            let error = sender.write_all(&[1; 5000]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        });
    }

    #[test]
    fn who_is_slow_but_steady_gets_all() {
        run(async {
            let (stream, mut other) = duplex(PART / 4);
            let mut sender = SendLimit::new(stream, LIMIT);
            let began = Instant::now();
            let taking = tokio::spawn(async move {
                let mut part = vec![0; PART / 2];
                let mut parts = 0;
                while other.read_exact(&mut part).await.is_ok() {
                    parts += 1;
                    sleep(LIMIT / 3).await;
                }
                parts
            });
            sender.write_all(&vec![1; 20 * PART]).await.unwrap();
            drop(sender);
            assert_eq!(taking.await.unwrap(), 40);
            assert!(began.elapsed() > 10 * LIMIT, "{:?}", began.elapsed());
        });
    }

    #[test]
    fn time_without_anything_to_send_does_not_count() {
        run(async {
            let (stream, mut other) = duplex(ROOM);
            let mut sender = SendLimit::new(stream, LIMIT);
            for _ in 0..5 {
                sender.write_all(&[1; ROOM]).await.unwrap();
                sleep(3 * LIMIT).await;
                other.read_exact(&mut [0; ROOM]).await.unwrap();
            }
        });
    }
}
