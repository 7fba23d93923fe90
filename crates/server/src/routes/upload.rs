//! A request's body that is stored while it comes, so that memory holds a part of it at a time.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use h5rest_protocol::Datatype;
use h5rest_protocol::values::binary;
use tokio::sync::mpsc;

use super::pace::Pace;
use crate::error::{ApiError, Result};
use crate::memory::Held;
use crate::metrics::Metrics;
use crate::values::Incoming;

/// Pieces of a body that may wait for the one who stores them.
const WAITING: usize = 4;

/// The end of a body at which its bytes come out; for a thread that may block.
pub struct Upload {
    pieces: mpsc::Receiver<Result<Bytes>>,
    /// Bytes that came with those that were taken.
    rest: Bytes,
    /// Bytes of the whole body, if they were announced.
    pub length: Option<u64>,
    /// What came and is not stored yet.
    held: Held,
}

impl Upload {
    /// The two ends of a body, which takes memory from `held`.
    pub fn new(length: Option<u64>, held: Held) -> (mpsc::Sender<Result<Bytes>>, Self) {
        let (sender, pieces) = mpsc::channel(WAITING);
        let rest = Bytes::new();
        (
            sender,
            Self {
                pieces,
                rest,
                length,
                held,
            },
        )
    }

    /// All that was taken is stored.
    pub fn stored(&mut self) {
        self.held.shrink_to(self.rest.len());
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
            let mut piece = self.piece()?.ok_or_else(too_short)?;
            let missing = length - taken.len();
            taken.extend_from_slice(&piece.split_to(missing.min(piece.len())));
            self.rest = piece;
        }
        Ok(taken.freeze())
    }

    /// The next elements of variable size, exactly so many.
    ///
    /// # Errors
    /// As for [`Upload::take`].
    pub fn take_elements(&mut self, datatype: &Datatype, count: usize) -> Result<Bytes> {
        let mut taken = BytesMut::from(std::mem::take(&mut self.rest));
        let mut end = 0;
        for _ in 0..count {
            loop {
                if let Ok(length) = binary::element_len(datatype, &taken[end..]) {
                    end += length;
                    break;
                }
                // Not all of it is there. A long one is not looked at after each piece, which
                // would take the square of its length.
                let (before, begun) = (taken.len(), taken.len() - end);
                while taken.len() <= before + begun / 2
                    && let Some(piece) = self.piece()?
                {
                    taken.extend_from_slice(&piece);
                }
                if taken.len() == before {
                    return Err(too_short());
                }
            }
        }
        let mut taken = taken.freeze();
        self.rest = taken.split_off(end);
        Ok(taken)
    }

    /// Refuses a body that has more bytes than were wanted.
    pub fn finish(&mut self) -> Result<()> {
        while self.rest.is_empty() {
            match self.piece()? {
                Some(piece) => self.rest = piece,
                None => return Ok(()),
            }
        }
        Err(ApiError::bad_request(
            "the body is longer than the selection",
        ))
    }

    fn piece(&mut self) -> Result<Option<Bytes>> {
        let piece = self.pieces.blocking_recv().transpose()?;
        let length = piece.as_ref().map_or(0, Bytes::len);
        self.held.grow_blocking(length)?;
        Ok(piece)
    }
}

impl Incoming for Upload {
    fn take(&mut self, length: usize) -> Result<Bytes> {
        Self::take(self, length)
    }

    fn let_go(&mut self, bytes: usize) -> Held {
        self.held.split(bytes as u64)
    }
}

fn too_short() -> ApiError {
    ApiError::bad_request("the body is shorter than the selection")
}

/// Passes a body on until it ends. What nobody wants any more is read all the same: a client that
/// is still sending would not see the answer.
pub async fn forward(
    mut body: Body,
    sender: mpsc::Sender<Result<Bytes>>,
    mut pace: Pace,
    most: u64,
    metrics: &Metrics,
) {
    let mut left = most;
    loop {
        let piece = match pace.next(&mut body).await {
            Ok(None) => return,
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) if data.len() as u64 > left => {
                    let reason = format!("the body is larger than {most} bytes");
                    Err(ApiError::too_large(reason))
                }
                Ok(data) => {
                    left -= data.len() as u64;
                    metrics.received.inc_by(data.len() as u64);
                    Ok(data)
                }
                Err(_) => continue,
            },
            Ok(Some(Err(error))) => Err(ApiError::bad_request(format!(
                "the body broke off: {error}"
            ))),
            Err(late) => Err(late),
        };
        let is_last = piece.is_err();
        // The one who stores it may have refused it.
        let _ = sender.send(piece).await;
        if is_last {
            return;
        }
    }
}
