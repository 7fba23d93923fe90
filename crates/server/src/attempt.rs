//! One attempt to have a change made: what the client calls it, so that it is made once however often it
//! is sent, and whether anybody still waits for it.
//!
//! A client that gives up an attempt sends the request again, or goes on. An attempt that is still at
//! work then must not undo what comes later. Made by [`crate::routes`], asked by whatever makes changes,
//! inside of the transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use serde_json::Value;

use crate::error::{ApiError, Result};
use crate::repetition::{Key, Repetitions};
use crate::store::{Overlay, Reader};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// When it was sent.
    time: f64,
    repetitions: Arc<Repetitions>,
    key: Option<Key>,
    abandoned: Arc<AtomicBool>,
    /// Whether other parts of the same request follow.
    continues: bool,
}

impl Attempt {
    /// One that is called so, if it has a name; `abandoned` becomes true when nobody waits for it any
    /// more.
    pub fn new(
        time: f64,
        repetitions: Arc<Repetitions>,
        key: Option<Key>,
        abandoned: Arc<AtomicBool>,
    ) -> Self {
        Self {
            time,
            repetitions,
            key,
            abandoned,
            continues: false,
        }
    }

    /// The same for a change that is not the last one of its request.
    pub fn continued(&self) -> Self {
        Self {
            continues: true,
            ..self.clone()
        }
    }

    /// What was answered when it was made before, if it was. To be asked before a change is prepared: what
    /// it needs may be gone since, and a new answer would be another one.
    pub fn answered(&self, reader: &dyn Reader) -> Result<Option<Value>> {
        match &self.key {
            Some(key) => self.repetitions.answer(reader, key),
            None => Ok(None),
        }
    }

    /// Whether a repetition of it is recognised.
    pub fn has_name(&self) -> bool {
        self.key.is_some()
    }

    /// Makes a change, unless it was made before; the answer is what was answered then.
    ///
    /// # Errors
    /// Those of `make`, and 408 if nobody waits for it any more.
    pub fn make(
        &self,
        change: &mut Overlay<'_>,
        make: impl FnOnce(&mut Overlay<'_>) -> Result<Value>,
    ) -> Result<Value> {
        if self.abandoned.load(Ordering::Acquire) {
            let reason = "the client has gone away before its change was made";
            return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, reason));
        }
        let Some(key) = &self.key else {
            return make(change);
        };
        match self.continues {
            true => self.repetitions.unless_made(change, key, make),
            false => self.repetitions.once(change, self.time, key, make),
        }
    }
}

/// Tells an attempt that nobody waits for it any more, unless it was answered before.
#[derive(Debug, Default)]
pub struct Waiting {
    abandoned: Arc<AtomicBool>,
    answered: bool,
}

impl Waiting {
    /// For [`Attempt::new`].
    pub fn abandoned(&self) -> Arc<AtomicBool> {
        self.abandoned.clone()
    }

    /// The answer is there.
    pub fn answered(&mut self) {
        self.answered = true;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.answered {
            self.abandoned.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::repetition::Kind;
    use crate::store::Store;

    #[test]
    fn what_nobody_waits_for_is_not_made() {
        let store = Store::in_memory();
        let make = |waiting: &Waiting| {
            let by = Attempt::new(0.0, Arc::default(), None, waiting.abandoned());
            move |change: &mut Overlay<'_>| {
                by.make(change, |change| {
                    change.put(b"k".to_vec(), b"v".to_vec());
                    Ok(json!(1))
                })
            }
        };
        let gone = Waiting::default();
        let late = make(&gone);
        drop(gone);
        assert_eq!(store.write(late).unwrap_err().status.as_u16(), 408);
        assert_eq!(store.read().unwrap().get(b"k").unwrap(), None);
        let mut answered = Waiting::default();
        answered.answered();
        let made = make(&answered);
        drop(answered);
        assert_eq!(store.write(made).unwrap(), json!(1));
    }

    #[test]
    fn an_attempt_that_is_late_does_not_undo_what_came_after_its_repetition() {
        let store = Store::in_memory();
        let known = Arc::<Repetitions>::default();
        let put = |name: Option<&str>, value: &'static [u8], continues: bool| {
            let key = name.map(|id| Key {
                kind: Kind::Request,
                user: "u".into(),
                domain: "/d".into(),
                id: id.into(),
            });
            let mut by = Attempt::new(0.0, known.clone(), key, Arc::default());
            by.continues = continues;
            move |change: &mut Overlay<'_>| {
                by.make(change, |change| {
                    change.put(b"k".to_vec(), value.to_vec());
                    Ok(Value::Null)
                })
            }
        };
        let value = || store.read().unwrap().get(b"k").unwrap().unwrap();
        // Parts of a request are made as long as it is not through.
        store.write(put(Some("a"), b"part", true)).unwrap();
        store.write(put(Some("a"), b"all", false)).unwrap();
        assert_eq!(value(), "all");
        store.write(put(None, b"later", false)).unwrap();
        store.write(put(Some("a"), b"part", true)).unwrap();
        store.write(put(Some("a"), b"all", false)).unwrap();
        assert_eq!(value(), "later");
    }
}
