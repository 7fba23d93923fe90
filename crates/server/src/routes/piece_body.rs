//! A reply's body that is read from the store while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::{ApiError, Result};

/// One piece is being read while the one before is being sent; a client that does not take it
/// occupies memory for two pieces, and no thread.
pub(super) struct PieceBody<P> {
    reading: Option<JoinHandle<(P, Option<Result<Bytes>>)>>,
    /// Bytes that are still to be sent, if that was known before.
    left: Option<u64>,
}

impl<P: Iterator<Item = Result<Bytes>> + Send + 'static> PieceBody<P> {
    /// Starts to read at once; `length` is that of all pieces, if it is known.
    pub fn new(pieces: P, length: Option<u64>) -> Self {
        Self {
            left: length,
            reading: Some(read_next(pieces)),
        }
    }
}

fn read_next<P: Iterator<Item = Result<Bytes>> + Send + 'static>(
    mut pieces: P,
) -> JoinHandle<(P, Option<Result<Bytes>>)> {
    spawn_blocking(move || {
        let piece = pieces.next();
        (pieces, piece)
    })
}

impl<P: Iterator<Item = Result<Bytes>> + Send + Unpin + 'static> Body for PieceBody<P> {
    type Data = Bytes;
    /// Ends the connection: the client sees that something is missing.
    type Error = ApiError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        let Some(reading) = self.reading.as_mut() else {
            return Poll::Ready(None);
        };
        let outcome = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        let (pieces, piece) = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Poll::Ready(Some(Err(ApiError::internal(error.to_string())))),
        };
        let piece = match piece {
            Some(Ok(piece)) => piece,
            Some(Err(error)) => {
                tracing::error!(%error, "a reply broke off");
                return Poll::Ready(Some(Err(error)));
            }
            None => return Poll::Ready(None),
        };
        self.left = self
            .left
            .map(|left| left.saturating_sub(piece.len() as u64));
        if self.left != Some(0) {
            self.reading = Some(read_next(pieces));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
