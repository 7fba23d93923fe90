//! Connections that read. A bounded number of them have caches of full size, so that all caches together
//! are bounded however many clients read at once. Made by [`super::database`].

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;

/// A connection that reads.
pub(super) struct Reading {
    pub connection: Connection,
    /// If its cache has full size.
    pub place: Option<Place>,
}

/// One of those that may have a cache of full size, until it is dropped.
pub(super) struct Place(Arc<AtomicUsize>);

impl Place {
    /// Takes one of `most`, if one is left.
    pub fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let next = |taken| (taken < most).then_some(taken + 1);
        let took = taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        took.ok().map(|_| Self(taken.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Deref for Reading {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

/// One that nobody counts.
#[cfg(test)]
impl From<Connection> for Reading {
    fn from(connection: Connection) -> Self {
        Self {
            connection,
            place: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let taken = Arc::default();
        let first = Place::take(&taken, 2).unwrap();
        let _second = Place::take(&taken, 2).unwrap();
        assert!(Place::take(&taken, 2).is_none());
        drop(first);
        assert!(Place::take(&taken, 2).is_some());
    }
}
