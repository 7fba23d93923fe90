//! Reads of event sets that have not reached the program's buffer yet.
//!
//! A read that was queued is delivered when the program waits for its request - or closes the
//! dataset, attribute or file in a call of the ordinary kind, which must not return before what was
//! asked of it is done. Called by `request`, and by the close callbacks.

use std::ffi::c_void;
use std::sync::{Arc, OnceLock};

use h5rest_protocol::ObjectId;
use parking_lot::Mutex;

use super::event_set;
use crate::config::Config;
use crate::connector::requests::{Job, Outcome};
use crate::connector::{Error, File, Session};
use crate::host::Host;
use crate::transfer::later::Deliver;

/// A queued read, as its request and the objects it is about see it.
pub struct Delivery {
    session: usize,
    objects: Vec<ObjectId>,
    job: Arc<Job>,
    deliver: Mutex<Option<Deferred>>,
    failure: OnceLock<Error>,
}

/// What is left to do of a read.
struct Deferred(Deliver);

// SAFETY: made, called and dropped in callbacks only, which run on threads of the program, one at a
// time (HDF5's lock).
unsafe impl Send for Deferred {}

/// What was not delivered yet. The address is the request that HDF5 was given.
static WAITING: Mutex<Vec<(usize, Arc<Delivery>)>> = Mutex::new(Vec::new());

impl Delivery {
    /// What is left of a read of these objects, once `job` has succeeded.
    pub fn new(
        session: &Arc<Session>,
        objects: Vec<ObjectId>,
        job: &Arc<Job>,
        deliver: Deliver,
    ) -> Arc<Self> {
        Arc::new(Self {
            session: Arc::as_ptr(session).addr(),
            objects,
            job: job.clone(),
            deliver: Mutex::new(Some(Deferred(deliver))),
            failure: OnceLock::new(),
        })
    }

    /// Notes which request it belongs to.
    pub fn belongs_to(self: &Arc<Self>, request: *mut c_void) {
        WAITING.lock().push((request.addr(), self.clone()));
    }

    /// Delivers, the first time. The job must have succeeded.
    pub fn complete(self: &Arc<Self>, host: &Host) -> Result<(), Error> {
        WAITING
            .lock()
            .retain(|(_, waiting)| !Arc::ptr_eq(waiting, self));
        let deferred = self.deliver.lock().take();
        // While the library shuts down the buffer may be gone. What the read holds is only dropped.
        if let Some(Deferred(deliver)) = deferred
            && !host.is_terminating()
            && let Err(error) = deliver()
        {
            let _ = self.failure.set(error);
        }
        self.failure
            .get()
            .map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Gives it up: nobody will wait for it.
    pub fn drop_undelivered(self: &Arc<Self>) {
        WAITING
            .lock()
            .retain(|(_, waiting)| !Arc::ptr_eq(waiting, self));
        let deferred = self.deliver.lock().take();
        // What it holds may be the last handle of an object, whose end needs a request.
        drop(deferred);
    }
}

/// Delivers the reads of a file that is about to be replaced or deleted: they keep it open.
pub fn complete_file(host: &'static Host, config: &Config, name: &str) {
    if !WAITING.lock().is_empty()
        && let Some(session) = File::known(config, name)
    {
        complete_all(host, &session, None);
    }
}

/// Waits for the reads of an object (or of all objects of a domain) and delivers them, because the
/// program closes it.
pub fn complete_all(host: &'static Host, session: &Arc<Session>, object: Option<ObjectId>) {
    if host.is_terminating() {
        return;
    }
    let session = Arc::as_ptr(session).addr();
    let concerns = |delivery: &Delivery| {
        let about = |id: ObjectId| delivery.objects.iter().any(|own| own.object == id.object);
        delivery.session == session && object.is_none_or(about)
    };
    let waiting: Vec<_> = {
        let waiting = WAITING.lock();
        let concerned = waiting.iter().filter(|(_, delivery)| concerns(delivery));
        concerned.cloned().collect()
    };
    if waiting.is_empty() {
        return;
    }
    let sets = event_set::requests(host);
    for (request, delivery) in waiting {
        // HDF5 looks at the event set after the callback has returned. If it does not like it (it
        // holds a failure, or was closed), the call has failed and the buffer is the program's.
        if !sets.iter().any(|set| set.contains(&request)) {
            delivery.drop_undelivered();
        } else if let Some(Outcome::Done) = delivery.job.outcome() {
            // The request tells whether that failed.
            let _ = delivery.complete(host);
        }
    }
}
