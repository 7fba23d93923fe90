//! Answers to changes that must not be made twice: a client whose connection broke sends its request
//! again, and cannot know whether the first one was heard.
//!
//! An answer lies in the store beside its change, written in the same transaction: where there is one,
//! there is the other, also after a kill. Answers lie in the order of their changes, so that those of one
//! time share a page of the disk; which name has which place is in memory ([`names`]). Used by the routes
//! of changes, and by `h5rest fsck`.

mod names;
mod place;
mod record;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use serde_json::Value;

use self::names::Names;
pub use self::place::{Key, Kind, Place};
pub use self::record::decode;
use crate::error::Result;
use crate::store::{Overlay, Reader, Store, StoreError, keys};

/// How long nothing is forgotten after that has failed, in microseconds.
const PAUSE: u64 = 1_000_000;

/// The latest answers.
#[derive(Debug, Default)]
pub struct Repetitions {
    names: Mutex<Names>,
    /// Some are being forgotten now.
    tidying: AtomicBool,
    /// When that may be tried again, in microseconds since 1970.
    not_before: AtomicU64,
}

impl Repetitions {
    /// Those that a store has.
    pub fn of(store: &Store) -> Result<Self> {
        let (prefix, mut names, mut strays) = (keys::answers(), Names::default(), Vec::new());
        let add = &mut |key: &[u8], size| {
            match Place::of(key) {
                Some(place) => names.add(place, size),
                None => strays.push(key.to_vec()),
            }
            ControlFlow::Continue(())
        };
        store
            .read()?
            .scan_sizes(&prefix, &keys::end_of(&prefix), add)?;
        // Those of an h5rest before this form of keys. Nothing depends on them.
        if !strays.is_empty() {
            let forgotten = store.write(move |change| {
                forget(change, strays);
                Ok::<_, StoreError>(())
            });
            if let Err(error) = forgotten {
                tracing::warn!(%error, "answers in an earlier form are still there");
            }
        }
        Ok(Self {
            names: Mutex::new(names),
            ..Self::default()
        })
    }

    /// Forgets where they all are, for fuzz targets, which go back to an earlier store.
    #[cfg(fuzzing)]
    pub fn clear(&self) {
        *self.names.lock() = Names::default();
    }

    /// What was answered to a change of this name, if one was made.
    ///
    /// # Errors
    /// 409 if it was too long to be kept.
    pub fn answer(&self, reader: &dyn Reader, key: &Key) -> Result<Option<Value>> {
        let Some(place) = self.names.lock().place(key.name()) else {
            return Ok(None);
        };
        // It is not there if that change has come to nothing, or the reader's state is an earlier one.
        let record = reader.get(&place.key())?;
        record.as_deref().map(record::decode).transpose()
    }

    /// Makes a change, unless one of this name was made before; the answer is what was answered then.
    /// `time` is now.
    pub fn once(
        self: &Arc<Self>,
        change: &mut Overlay<'_>,
        time: f64,
        key: &Key,
        make: impl FnOnce(&mut Overlay<'_>) -> Result<Value>,
    ) -> Result<Value> {
        if let Some(answer) = self.answer(change, key)? {
            return Ok(answer);
        }
        let answer = make(change)?;
        let record = record::encode(&answer)?;
        let place = self.names.lock().begin(key.name(), time);
        let made = Made {
            repetitions: self.clone(),
            place,
            size: record.len() as u64,
            is_durable: false,
        };
        change.put(place.key(), record);
        change.after_commit(move || made.keep());
        Ok(answer)
    }

    /// Makes a part of a change of this name that has further parts, unless all was made before.
    pub fn unless_made(
        &self,
        change: &mut Overlay<'_>,
        key: &Key,
        make: impl FnOnce(&mut Overlay<'_>) -> Result<Value>,
    ) -> Result<Value> {
        match self.answer(change, key)? {
            Some(answer) => Ok(answer),
            None => make(change),
        }
    }

    /// Forgets the oldest answers if there are too many, and those that are too old. Nobody waits for that,
    /// and it counts as a deletion of its own: the changes themselves must not pass for one on a full disk.
    pub fn tidy(self: &Arc<Self>, store: &Store) {
        let now = place::micros(store.clock.now());
        if self.not_before.load(Ordering::Relaxed) > now || !self.names.lock().is_due(now) {
            return;
        }
        if self.tidying.swap(true, Ordering::AcqRel) {
            return;
        }
        let places = self.names.lock().excess(now);
        let tidying = Tidying {
            repetitions: self.clone(),
            again: now + PAUSE,
        };
        if places.is_empty() {
            return tidying.finish(&places);
        }
        drop(store.submit(move |change| {
            forget(change, places.iter().map(Place::key));
            change.after_commit(move || tidying.finish(&places));
            Ok::<_, StoreError>(())
        }));
    }
}

/// Takes answers out of the store. As ranges: nobody asks whether they were there once.
fn forget(change: &mut Overlay<'_>, keys: impl IntoIterator<Item = Vec<u8>>) {
    for key in keys {
        let end = keys::end_of(&key);
        change.delete_range(key, end);
    }
}

/// A change that was made in a transaction, and comes to nothing if that does not become durable.
struct Made {
    repetitions: Arc<Repetitions>,
    place: Place,
    size: u64,
    is_durable: bool,
}

impl Made {
    fn keep(mut self) {
        self.is_durable = true;
        self.repetitions.names.lock().keep(self.place, self.size);
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if !self.is_durable {
            self.repetitions.names.lock().undo(self.place);
        }
    }
}

/// Answers are being forgotten; if that fails they stay, and it is tried again later.
struct Tidying {
    repetitions: Arc<Repetitions>,
    /// When that is.
    again: u64,
}

impl Tidying {
    fn finish(mut self, places: &[Place]) {
        self.repetitions.names.lock().forget(places);
        self.again = 0;
    }
}

impl Drop for Tidying {
    fn drop(&mut self) {
        let own = &self.repetitions;
        own.not_before.store(self.again, Ordering::Relaxed);
        own.tidying.store(false, Ordering::Release);
    }
}
