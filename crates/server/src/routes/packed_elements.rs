//! Who gets elements packed: as many answers at once as there are processors. Packing takes a processor
//! longer than sending does, and clients ask for it where answers come slowly; without a bound a busy
//! server would be slowed down by what slow clients ask it to do. The others get their elements as they
//! are.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Uncompressed;

/// Places for answers that are packed at once.
pub fn places() -> Arc<Semaphore> {
    let processors = std::thread::available_parallelism();
    Arc::new(Semaphore::new(processors.map_or(1, Into::into)))
}

/// Lets an answer with elements be packed if its client `wants` that and there is a place.
pub fn bounded(response: Response, wants: bool, places: &Arc<Semaphore>) -> Response {
    let place = wants.then(|| places.clone().try_acquire_owned().ok());
    match place.flatten() {
        Some(place) => response.map(|body| {
            Body::new(Placed {
                body,
                _place: place,
            })
        }),
        None => {
            let mut response = response;
            response.extensions_mut().insert(Uncompressed);
            response
        }
    }
}

/// A body that has a place until it is sent, or nobody wants it any more.
struct Placed {
    body: Body,
    _place: OwnedSemaphorePermit,
}

impl HttpBody for Placed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_with_the_end_of_an_answer() {
        let places = Arc::new(Semaphore::new(1));
        let is_packed = |response: &Response| response.extensions().get::<Uncompressed>().is_none();
        let answer = |wants| bounded(Response::new(Body::from("elements")), wants, &places);
        assert!(!is_packed(&answer(false)));
        let first = answer(true);
        assert!(is_packed(&first));
        assert_eq!(first.body().size_hint().exact(), Some(8));
        assert!(!is_packed(&answer(true)));
        drop(first);
        assert!(is_packed(&answer(true)));
    }
}
