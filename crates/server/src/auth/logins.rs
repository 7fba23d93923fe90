//! Whose turn it is to have a password checked. A check takes a processor and 19 MiB of memory on purpose: a few
//! are made at once, some more wait for their turn, and the rest is told to come back, so that nobody needs a
//! password to take all of the server. Asked by [`crate::routes`]; tokens and passwords that were found right
//! before need no turn.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::error::{ApiError, Result};

/// Requests that wait for a check, at most: some seconds' work.
const MOST_WAITING: usize = 128;

/// Seconds after which those who were sent away may ask again.
const PAUSE: u32 = 2;

/// See the module.
#[derive(Debug)]
pub struct Logins {
    places: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for Logins {
    /// As many checks at once as there are processors, 8 at most.
    fn default() -> Self {
        let processors = std::thread::available_parallelism();
        Self::with(processors.map_or(2, |n| n.get().clamp(2, 8)))
    }
}

impl Logins {
    fn with(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: Semaphore::new(MOST_WAITING),
        }
    }

    /// Checks something when it is its turn. The place is the thread's that checks: a check goes on when its
    /// client has hung up.
    ///
    /// # Errors
    /// 503 if too many wait already; 500 if the check breaks down.
    pub async fn check<T: Send + 'static>(
        &self,
        check: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let place = self.turn().await?;
        let checked = spawn_blocking(move || {
            let _place = place;
            check()
        });
        let broken = |_| ApiError::internal("a check broke down");
        checked.await.map_err(broken)
    }

    /// Waits for a place, which is free again when it is dropped.
    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(place);
        }
        let too_many = || {
            let reason = "too many passwords are being checked: try again, or use a token";
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, reason).after(PAUSE)
        };
        let _waits = self.waiting.try_acquire().map_err(|_| too_many())?;
        let closed = || ApiError::internal("no passwords are checked any more");
        let place = self.places.clone().acquire_owned().await;
        place.map_err(|_| closed())
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn some_wait_and_the_rest_is_sent_away() {
        let logins = Logins::with(2);
        let mut context = Context::from_waker(Waker::noop());
        let mut turn = || {
            let mut turn = Box::pin(logins.turn());
            match turn.as_mut().poll(&mut context) {
                Poll::Ready(turn) => Ok(turn),
                Poll::Pending => Err(turn),
            }
        };
        let checked = [turn(), turn()];
        assert!(checked.iter().all(|turn| matches!(turn, Ok(Ok(_)))));
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| turn()).collect();
        assert!(waiting.iter().all(|turn| turn.is_err()));
        let Ok(Err(refused)) = turn() else {
            panic!("one more waits");
        };
        assert_eq!((refused.status.as_u16(), refused.pause), (503, Some(PAUSE)));
        // Whoever waits is next; whoever has gone away leaves room for another one.
        drop(checked);
        let mut first = waiting.into_iter().next().unwrap().unwrap_err();
        let poll = first.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(poll, Poll::Ready(Ok(_))));
        assert_eq!(logins.waiting.available_permits(), MOST_WAITING);
    }

    #[tokio::test]
    async fn a_check_keeps_its_place_when_its_client_hangs_up() {
        let logins = Logins::with(1);
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let check = logins.check(move || {
            begun.send(()).unwrap();
            ends.recv().unwrap_err();
        });
        tokio::select! {
            _ = check => panic!("it has ended"),
            begins = begins => begins.unwrap(),
        }
        assert_eq!(logins.places.available_permits(), 0);
        drop(end);
        logins.check(|| ()).await.unwrap();
    }
}
