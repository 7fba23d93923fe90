//! A request's body that is stored while it comes, so that memory holds a part of it at a time.

use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use crate::app::Settings;
use crate::error::{ApiError, Result};

/// Pieces of a body that may wait for the one who stores them.
const WAITING: usize = 4;

/// The end of a body at which its bytes come out; for a thread that may block.
pub struct Upload {
    pieces: mpsc::Receiver<Result<Bytes>>,
    /// Bytes that came with those that were taken.
    rest: Bytes,
    /// Bytes of the whole body, as announced.
    pub length: u64,
}

impl Upload {
    /// The two ends of a body of announced length.
    pub fn new(length: u64) -> (mpsc::Sender<Result<Bytes>>, Self) {
        let (sender, pieces) = mpsc::channel(WAITING);
        let rest = Bytes::new();
        (
            sender,
            Self {
                pieces,
                rest,
                length,
            },
        )
    }

    /// The next bytes, exactly so many.
    ///
    /// # Errors
    /// 400 when the body ends before, or what kept it from coming.
    pub fn take(&mut self, length: usize) -> Result<Bytes> {
        if self.rest.len() >= length {
            return Ok(self.rest.split_to(length));
        }
        let mut taken = BytesMut::with_capacity(length);
        taken.extend_from_slice(&std::mem::take(&mut self.rest));
        while taken.len() < length {
            let Some(piece) = self.pieces.blocking_recv() else {
                return Err(ApiError::bad_request("the body is shorter than announced"));
            };
            let mut piece = piece?;
            let missing = length - taken.len();
            taken.extend_from_slice(&piece.split_to(missing.min(piece.len())));
            self.rest = piece;
        }
        Ok(taken.freeze())
    }
}

/// Passes a body on until it ends. What nobody wants any more is read all the same: a client that
/// is still sending would not see the answer.
pub async fn forward(mut body: Body, sender: mpsc::Sender<Result<Bytes>>, settings: &Settings) {
    loop {
        let piece = match tokio::time::timeout(settings.body_timeout, body.frame()).await {
            Ok(None) => return,
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => Ok(data),
                Err(_) => continue,
            },
            Ok(Some(Err(error))) => Err(ApiError::bad_request(format!(
                "the body broke off: {error}"
            ))),
            Err(_) => Err(ApiError::new(
                StatusCode::REQUEST_TIMEOUT,
                "the body did not come in time",
            )),
        };
        let is_last = piece.is_err();
        // The one who stores it may have refused it.
        let _ = sender.send(piece).await;
        if is_last {
            return;
        }
    }
}
