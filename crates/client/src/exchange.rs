//! Hands an answer over from the network threads to the thread that asked, piece by piece.
//!
//! Made of the standard mutex and condition variable, which work without thread-local storage.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::request::Head;
use crate::transport::TransportError;

/// Bytes that may wait for the asking thread; it only copies them, so few suffice.
const WAITING_LIMIT: usize = 4 << 20;

/// What the network side tells, in this order: head, pieces, end - or a failure at any point.
#[derive(Debug)]
pub(crate) enum Event {
    Head(Head),
    Piece(Bytes),
    End,
    Failed(TransportError),
}

#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<Event>,
    waiting: usize,
    abandoned: bool,
}

/// One answer on its way.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    queue: Mutex<Queue>,
    arrived: Condvar,
    taken: Notify,
}

impl Exchange {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Network side: hands over an event, waiting while too much is not taken yet. `false` if
    /// nobody wants it any more.
    pub(crate) async fn put(&self, event: Event) -> bool {
        loop {
            let room = self.taken.notified();
            {
                let queue = self.lock();
                if queue.abandoned {
                    return false;
                }
                if queue.waiting < WAITING_LIMIT {
                    break;
                }
            }
            room.await;
        }
        let mut queue = self.lock();
        if let Event::Piece(piece) = &event {
            queue.waiting += piece.len();
        }
        queue.events.push_back(event);
        self.arrived.notify_one();
        true
    }

    /// Asking side: waits for the next event.
    pub(crate) fn next(&self) -> Event {
        let mut queue = self.lock();
        loop {
            if let Some(event) = queue.events.pop_front() {
                if let Event::Piece(piece) = &event {
                    queue.waiting -= piece.len();
                    self.taken.notify_one();
                }
                return event;
            }
            let waited = self.arrived.wait(queue);
            queue = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Asking side: wants no more.
    pub(crate) fn abandon(&self) {
        self.lock().abandoned = true;
        self.taken.notify_one();
    }
}
