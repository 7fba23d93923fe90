//! A reply's body that is read from the store while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::{ApiError, Result};

/// The pieces of one part are sent while the next part is read from the store. `P` gives the
/// parts, and may block; a part gives its pieces, and must not. A client that does not take them
/// occupies memory for two parts, and no thread.
pub(super) struct PieceBody<P, L> {
    reading: Option<JoinHandle<(P, Option<Result<L>>)>>,
    sending: Option<L>,
    /// Bytes that are still to be sent, if that was known before.
    left: Option<u64>,
}

impl<P, L> PieceBody<P, L>
where
    P: Iterator<Item = Result<L>> + Send + 'static,
    L: Iterator<Item = Result<Bytes>> + Send + 'static,
{
    /// Starts to read at once; `length` is that of all pieces, if it is known.
    pub fn new(parts: P, length: Option<u64>) -> Self {
        Self {
            left: length,
            sending: None,
            reading: Some(read_next(parts)),
        }
    }
}

fn read_next<P, L>(mut parts: P) -> JoinHandle<(P, Option<Result<L>>)>
where
    P: Iterator<Item = Result<L>> + Send + 'static,
    L: Send + 'static,
{
    spawn_blocking(move || {
        let part = parts.next();
        (parts, part)
    })
}

fn broken_off(error: ApiError) -> Poll<Option<Result<Frame<Bytes>>>> {
    tracing::error!(%error, "a reply broke off");
    Poll::Ready(Some(Err(error)))
}

impl<P, L> Body for PieceBody<P, L>
where
    P: Iterator<Item = Result<L>> + Send + Unpin + 'static,
    L: Iterator<Item = Result<Bytes>> + Send + Unpin + 'static,
{
    type Data = Bytes;
    /// Ends the connection: the client sees that something is missing.
    type Error = ApiError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        while self.left != Some(0) {
            match self.sending.as_mut().and_then(Iterator::next) {
                Some(Ok(piece)) => {
                    let sent = piece.len() as u64;
                    self.left = self.left.map(|left| left.saturating_sub(sent));
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
                Some(Err(error)) => return broken_off(error),
                None => self.sending = None,
            }
            let Some(reading) = self.reading.as_mut() else {
                break;
            };
            let outcome = ready!(Pin::new(reading).poll(context));
            self.reading = None;
            match outcome {
                Ok((parts, Some(Ok(part)))) => {
                    self.sending = Some(part);
                    if parts.size_hint().1 != Some(0) {
                        self.reading = Some(read_next(parts));
                    }
                }
                Ok((_, Some(Err(error)))) => return broken_off(error),
                Ok((_, None)) => {}
                Err(error) => return broken_off(ApiError::internal(error.to_string())),
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
