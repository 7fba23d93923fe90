//! A connection whose thread looks for the next request for a moment after a small answer, before it
//! sleeps: see [`crate::lookout`]. Put below everything else of a connection by [`crate::listen`].

use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::lookout::{Lookout, look_until};

/// Larger answers are on their way for longer than it pays to wait for what comes behind them.
const SMALL: u64 = 16 << 10;
/// Bytes that are taken at once when a request is there; the rest comes as always.
const ROOM: usize = 16 << 10;
/// How long requests may be found one after the other without a look at other connections, which is what
/// a thread does before it sleeps.
const MOST: Duration = Duration::from_millis(1);

/// Whether the answer to the last request is a small one that is ready to be sent; shared by a connection
/// and what answers its requests.
#[derive(Debug, Clone, Default)]
pub struct Answer(Arc<AtomicBool>);

impl Answer {
    /// A request has come.
    pub fn begin(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Its answer is ready, and has a body of this length, if that is known.
    pub fn ready(&self, length: Option<u64>) {
        let small = length.is_some_and(|length| length <= SMALL);
        self.0.store(small, Ordering::Relaxed);
    }

    fn is_small(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// See the module.
pub struct Attentive<S> {
    stream: S,
    answer: Answer,
    lookout: Arc<Lookout>,
    number: u64,
    /// When something was sent, if nothing has come since.
    sent: Option<Instant>,
    /// When the last request came in the ordinary way.
    woken: Instant,
}

impl<S> Attentive<S> {
    /// A connection whose answers are told to `answer`.
    pub fn new(stream: S, answer: Answer, lookout: Arc<Lookout>) -> Self {
        Self {
            stream,
            answer,
            number: lookout.number(),
            lookout,
            sent: None,
            woken: Instant::now(),
        }
    }

    /// Until when to look for the next request, if at all.
    fn end(&self) -> Option<Instant> {
        let sent = self.sent.filter(|_| self.answer.is_small())?;
        let end = sent + self.lookout.time()?;
        (self.woken.elapsed() < MOST).then_some(end)
    }

    /// Takes note of how an attempt to read went.
    fn came(&mut self, bytes: usize) {
        if bytes > 0 && self.sent.take().is_some() {
            self.lookout.asked(self.number);
        }
    }

    fn wrote(&mut self, sent: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(1..)) = sent {
            self.sent = Some(Instant::now());
        }
    }
}

impl<S: AsFd> Attentive<S> {
    /// Reads what comes until then. The runtime knows nothing of it; it still wakes the task for what
    /// comes later.
    fn look(&self, end: Instant, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let room = buffer.remaining().min(ROOM);
        let into = buffer.initialize_unfilled_to(room);
        let read = look_until(end, || {
            match recv(&self.stream, &mut *into, RecvFlags::DONTWAIT) {
                Err(Errno::AGAIN | Errno::INTR) => None,
                read => Some(read.map(|(bytes, _)| bytes)),
            }
        });
        match read {
            None => Poll::Pending,
            Some(Ok(bytes)) => {
                buffer.advance(bytes);
                Poll::Ready(Ok(()))
            }
            Some(Err(error)) => Poll::Ready(Err(error.into())),
        }
    }
}

impl<S: AsyncRead + AsFd + Unpin> AsyncRead for Attentive<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let mut read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.woken = Instant::now();
        } else if buffer.remaining() > 0
            && let Some(end) = self.end()
        {
            read = self.look(end, buffer);
        }
        self.came(buffer.filled().len() - before);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Attentive<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(&sent);
        sent
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(&sent);
        sent
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
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use tokio::io::AsyncWriteExt;

    /// What the server finds when it asks once for the next request, behind an answer of this length. The
    /// runtime has had no time to see what came.
    async fn found(spin: Duration, length: Option<u64>) -> Poll<Vec<u8>> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let stream = tokio::net::TcpStream::from_std(stream).unwrap();
        let answer = Answer::default();
        let lookout = Arc::new(Lookout::always(spin));
        let mut server = Attentive::new(stream, answer.clone(), lookout);
        answer.begin();
        answer.ready(length);
        server.write_all(b"answer").await.unwrap();
        client.read_exact(&mut [0; 6]).unwrap();
        client.write_all(b"request").unwrap();
        let mut bytes = [0; 100];
        let mut buffer = ReadBuf::new(&mut bytes);
        let mut context = Context::from_waker(std::task::Waker::noop());
        server.woken = Instant::now();
        let read = Pin::new(&mut server).poll_read(&mut context, &mut buffer);
        read.map(|read| {
            read.unwrap();
            buffer.filled().to_vec()
        })
    }

    #[tokio::test]
    async fn requests_are_found_before_the_thread_sleeps() {
        let long = Duration::from_secs(10);
        assert_eq!(found(long, Some(6)).await, Poll::Ready(b"request".to_vec()));
    }

    #[tokio::test]
    async fn large_answers_and_those_of_unknown_length_are_not_waited_for() {
        let long = Duration::from_secs(10);
        assert_eq!(found(long, Some(SMALL + 1)).await, Poll::Pending);
        assert_eq!(found(long, None).await, Poll::Pending);
        assert_eq!(found(Duration::ZERO, Some(6)).await, Poll::Pending);
    }
}
