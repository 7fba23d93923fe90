//! The thread that sends what was collected once it has waited long enough.
//!
//! It exists while there is something to send, and ends with the open domain: a program that ends
//! must not find it asleep. It talks to the server only, never to HDF5.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use h5rest_client::leave_to_program;
use parking_lot::{Condvar, Mutex};

use super::{Chunks, OnServer};
use crate::connector::session::Session;

/// How long a write waits for others.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the thread looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// Tells the thread that nothing is left to send, ever.
#[derive(Debug, Default)]
pub(super) struct Ending {
    ended: Mutex<bool>,
    bell: Condvar,
}

impl Ending {
    fn announce(&self) {
        *self.ended.lock() = true;
        self.bell.notify_all();
    }

    /// Waits for it, but not longer than until the next look. Says whether it has come.
    fn wait(&self) -> bool {
        let mut ended = self.ended.lock();
        if !*ended {
            self.bell.wait_for(&mut ended, INTERVAL);
        }
        *ended
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        self.ending.announce();
    }
}

impl Chunks {
    /// Sees to it that what was collected is sent some time.
    pub(super) fn start_sender(self: &Arc<Self>, session: &Arc<Session>) {
        if self.has_sender.swap(true, Ordering::AcqRel) {
            return;
        }
        let (chunks, session) = (Arc::downgrade(self), Arc::downgrade(session));
        let ending = self.ending.clone();
        let name = "hdf5-rest-behind".to_owned();
        let thread = std::thread::Builder::new().name(name);
        if let Err(error) = thread.spawn(move || work(&chunks, &session, &ending)) {
            self.has_sender.store(false, Ordering::Release);
            log::warn!("the system has no thread to send what is written: {error}");
        }
    }

    /// Sends what is old. Says whether anything is left.
    fn send_old(&self, session: &Weak<Session>) -> bool {
        let mut left = false;
        for (object, dataset) in self.all() {
            // The domain must not stay open because of this: it is held only as long as others
            // would wait for this dataset anyway.
            left |= dataset.send_old(PATIENCE, || {
                let session = session.upgrade()?;
                Some(OnServer::new(session, object))
            });
        }
        left
    }
}

fn work(chunks: &Weak<Chunks>, session: &Weak<Session>, ending: &Ending) {
    leave_to_program();
    while !ending.wait() {
        let Some(chunks) = chunks.upgrade() else {
            return;
        };
        if chunks.send_old(session) {
            continue;
        }
        chunks.has_sender.store(false, Ordering::Release);
        // A write may have come between the look and the note.
        if !chunks.has_unsent() || chunks.has_sender.swap(true, Ordering::AcqRel) {
            return;
        }
    }
}
