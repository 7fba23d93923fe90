//! A connection that shows one state of the database, and small records that were read from it. As
//! long as the state is the same, so are they.

use std::cell::RefCell;

use bytes::Bytes;
use rusqlite::Connection;

use super::known::Known;
use super::reading::Reading;

/// Most records that are kept.
const MOST: usize = 256;

/// See the module.
pub(super) struct Snapshot {
    /// In a transaction.
    pub connection: Reading,
    known: RefCell<Known>,
}

impl Snapshot {
    /// Of a connection whose transaction has begun.
    pub fn of(connection: Reading) -> Self {
        Self {
            connection,
            known: RefCell::new(Known::at_most(MOST)),
        }
    }

    /// What was read under this key, if it was; `read` reads it.
    pub fn get<E>(
        &self,
        key: &[u8],
        read: impl FnOnce(&Connection) -> Result<Option<Bytes>, E>,
    ) -> Result<Option<Bytes>, E> {
        if let Some(value) = self.known.borrow().get(key) {
            return Ok(value);
        }
        let value = read(&self.connection)?;
        self.known.borrow_mut().set(key, value.clone());
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::known::MOST_BYTES;
    use super::*;

    #[test]
    fn small_records_are_read_once() {
        let snapshot = Snapshot::of(Connection::open_in_memory().unwrap().into());
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
        assert!(get(b"a", Some("1".into())));
    }
}
