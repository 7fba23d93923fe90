//! A connection that shows one state of the database, and small records that were read from it: who
//! asks for an object asks for its domain and its rights, too, again and again. As long as the state is
//! the same, so are they.

use std::cell::RefCell;
use std::collections::HashMap;

use bytes::Bytes;
use rusqlite::Connection;

/// Most records that are kept,
const MOST: usize = 256;
/// and the most bytes of each.
const MOST_BYTES: usize = 1 << 10;

/// See the module.
pub(super) struct Snapshot {
    /// In a transaction.
    pub connection: Connection,
    /// Values by key; `None` where there is no record.
    known: RefCell<HashMap<Box<[u8]>, Option<Bytes>>>,
}

impl Snapshot {
    /// Of a connection whose transaction has begun.
    pub fn of(connection: Connection) -> Self {
        Self {
            connection,
            known: RefCell::default(),
        }
    }

    /// What was read under this key, if it was; `read` reads it.
    pub fn get<E>(
        &self,
        key: &[u8],
        read: impl FnOnce(&Connection) -> Result<Option<Bytes>, E>,
    ) -> Result<Option<Bytes>, E> {
        if let Some(value) = self.known.borrow().get(key) {
            return Ok(value.clone());
        }
        let value = read(&self.connection)?;
        if key.len() + value.as_ref().map_or(0, Bytes::len) <= MOST_BYTES {
            let mut known = self.known.borrow_mut();
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(key.into(), value.clone());
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_records_are_read_once() {
        let snapshot = Snapshot::of(Connection::open_in_memory().unwrap());
        let get = |key: &[u8], value: Option<Bytes>| {
            let mut asked = false;
            let got = snapshot.get(key, |_| {
                asked = true;
                Ok::<_, ()>(value.clone())
            });
            assert_eq!(got.unwrap(), value);
            asked
        };
        let large = Some(Bytes::from(vec![1; MOST_BYTES]));
        assert!(get(b"a", Some("1".into())) && !get(b"a", Some("1".into())));
        assert!(get(b"none", None) && !get(b"none", None));
        assert!(get(b"large", large.clone()) && get(b"large", large));
        assert!(snapshot.get(b"b", |_| Err(())).is_err());
        for n in 0..MOST {
            get(&n.to_le_bytes(), None);
        }
        assert!(snapshot.known.borrow().len() <= MOST);
        assert!(get(b"a", Some("1".into())));
    }
}
