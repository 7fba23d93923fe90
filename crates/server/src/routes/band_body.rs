//! A reply's body that is read from the store while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::{ApiError, Result};
use crate::values::Bands;

/// One band is being read while the one before is being sent; a client that does not take it
/// occupies memory for two bands, and no thread.
pub(super) struct BandBody {
    reading: Option<JoinHandle<(Bands, Option<Result<Bytes>>)>>,
    /// Bytes that are still to be sent.
    left: u64,
}

impl BandBody {
    /// Starts to read at once.
    pub fn new(bands: Bands) -> Self {
        Self {
            left: bands.length,
            reading: Some(read_next(bands)),
        }
    }
}

fn read_next(mut bands: Bands) -> JoinHandle<(Bands, Option<Result<Bytes>>)> {
    spawn_blocking(move || {
        let band = bands.next();
        (bands, band)
    })
}

impl Body for BandBody {
    type Data = Bytes;
    /// Ends the connection: the length was announced, so the client sees that something is
    /// missing.
    type Error = ApiError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let Some(reading) = self.reading.as_mut() else {
            return Poll::Ready(None);
        };
        let outcome = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        let (bands, band) = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Poll::Ready(Some(Err(ApiError::internal(error.to_string())))),
        };
        let band = match band {
            Some(Ok(band)) => band,
            Some(Err(error)) => {
                tracing::error!(%error, "a reply broke off");
                return Poll::Ready(Some(Err(error)));
            }
            None => return Poll::Ready(None),
        };
        self.left = self.left.saturating_sub(band.len() as u64);
        if self.left > 0 {
            self.reading = Some(read_next(bands));
        }
        Poll::Ready(Some(Ok(Frame::data(band))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
