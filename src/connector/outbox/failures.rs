//! Changes that the server refused after their calls had succeeded.
//!
//! Each is reported once by the next flush or close, and to whoever uses what it was about until
//! that is refreshed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use h5rest_protocol::ObjectId;
use parking_lot::Mutex;

use super::change::Subject;
use crate::connector::{Error, Result};

/// How many refused changes one report names.
const MOST_NAMED: usize = 10;

/// What was refused.
#[derive(Debug, Default)]
pub(in crate::connector) struct Failures {
    any: AtomicBool,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    about: HashMap<Subject, Error>,
    unreported: Vec<Error>,
}

impl Failures {
    /// Notes a refused change.
    pub(super) fn add(&self, about: Vec<Subject>, error: Error) {
        let mut known = self.known.lock();
        for subject in about {
            // What failed first is the cause of the rest.
            known.about.entry(subject).or_insert_with(|| error.clone());
        }
        known.unreported.push(error);
        self.any.store(true, Ordering::Release);
    }

    /// Fails if a change of this was refused.
    pub(in crate::connector) fn check(&self, subject: impl FnOnce() -> Subject) -> Result<()> {
        if !self.any.load(Ordering::Acquire) {
            return Ok(());
        }
        match self.known.lock().about.get(&subject()) {
            Some(error) => {
                let words = "the server has refused it after the call";
                Err(error.clone().context(words))
            }
            None => Ok(()),
        }
    }

    /// Fails with all that was not reported before.
    pub(in crate::connector) fn report(&self, domain: &str) -> Result<()> {
        if !self.any.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut errors = std::mem::take(&mut self.known.lock().unreported);
        let count = errors.len();
        if count <= 1 {
            return errors.pop().map_or(Ok(()), Err);
        }
        let named: Vec<&str> = errors.iter().take(MOST_NAMED).map(Error::message).collect();
        let mut words = format!(
            "the server has refused {count} changes of '{domain}': {}",
            named.join("; ")
        );
        if count > MOST_NAMED {
            words.push_str(&format!("; and {} more", count - MOST_NAMED));
        }
        Err(Error::new(errors[0].kind(), words))
    }

    /// Forgets what was refused of an object, which is asked for again.
    pub(in crate::connector) fn forgive(&self, id: ObjectId) {
        if self.any.load(Ordering::Acquire) {
            self.known.lock().about.retain(|subject, _| {
                let (Subject::Object(own) | Subject::Attribute(own, _) | Subject::Link(own, _)) =
                    subject;
                *own != id
            });
        }
    }
}
