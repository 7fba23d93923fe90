//! Places for bodies that are stored while they come: each occupies a thread that may block for as long as its
//! sender takes. Asked by [`crate::routes`]; nobody takes all of them, and nobody waits for ever.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{ApiError, Result};

/// All of them: each occupies one of tokio's 512 threads that may block, and the other half is for everybody
/// else.
const PLACES: usize = 256;
/// Those of one user.
const PLACES_OF_ONE: usize = 192;
/// How long somebody waits for one.
const PATIENCE: Duration = Duration::from_secs(20);
/// Seconds after which those who were sent away may ask again.
const PAUSE: u32 = 2;

/// See the module.
#[derive(Debug)]
pub struct Uploads {
    all: Arc<Semaphore>,
    /// Of those who have any.
    of_users: Mutex<HashMap<String, Arc<Semaphore>>>,
    of_one: usize,
    patience: Duration,
}

/// A place, until it is dropped. It belongs to the thread that stores: that goes on when the sender has left.
#[derive(Debug)]
pub struct Place {
    _own: OwnedSemaphorePermit,
    _one: OwnedSemaphorePermit,
}

impl Default for Uploads {
    fn default() -> Self {
        Self::with(PLACES, PLACES_OF_ONE, PATIENCE)
    }
}

impl Uploads {
    fn with(all: usize, of_one: usize, patience: Duration) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            of_users: Mutex::default(),
            of_one,
            patience,
        }
    }

    /// Waits for a place for a user's body.
    ///
    /// # Errors
    /// 503 if none becomes free in time.
    pub async fn place(&self, user: &str) -> Result<Place> {
        let own = self.of(user);
        let both = async {
            let own = own.acquire_owned().await.ok()?;
            let one = self.all.clone().acquire_owned().await.ok()?;
            Some(Place {
                _own: own,
                _one: one,
            })
        };
        let place = timeout(self.patience, both).await.ok().flatten();
        place.ok_or_else(|| {
            let reason = "too many large values are being written at once: try again";
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, reason).after(PAUSE)
        })
    }

    /// The places of a user. Those of users who have none are forgotten.
    fn of(&self, user: &str) -> Arc<Semaphore> {
        let mut of_users = self.of_users.lock();
        of_users.retain(|_, places| Arc::strong_count(places) > 1);
        let places = of_users.entry(user.to_owned());
        let places = places.or_insert_with(|| Arc::new(Semaphore::new(self.of_one)));
        places.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_user_leaves_places_to_others() {
        let uploads = Uploads::with(3, 2, PATIENCE);
        let first = uploads.place("slow").await.unwrap();
        let _second = uploads.place("slow").await.unwrap();
        let refused = uploads.place("slow").await.unwrap_err();
        assert_eq!((refused.status.as_u16(), refused.pause), (503, Some(PAUSE)));
        let other = uploads.place("other").await.unwrap();
        uploads.place("third").await.unwrap_err();
        drop(other);
        uploads.place("third").await.unwrap();
        // Whoever waits gets what becomes free.
        let waits = uploads.place("slow");
        let (place, ()) = tokio::join!(waits, async move { drop(first) });
        place.unwrap();
        assert_eq!(uploads.of_users.lock().len(), 1);
    }
}
