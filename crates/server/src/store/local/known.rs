//! Small records that were read or written lately: who asks for an object asks for its domain and its
//! rights, too, again and again. Kept by readers as long as their state is the same
//! ([`super::snapshot`]), and by the writer from one commit to the next ([`super::change`]).

use std::collections::HashMap;

use bytes::Bytes;

/// The most bytes of a key and its value that are kept.
pub(super) const MOST_BYTES: usize = 1 << 10;

/// Values by key; `None` where there is no record.
pub(super) struct Known {
    most: usize,
    values: HashMap<Box<[u8]>, Option<Bytes>>,
}

impl Known {
    /// Keeps so many.
    pub fn at_most(most: usize) -> Self {
        Self {
            most,
            values: HashMap::new(),
        }
    }

    /// What is known of a key, if anything is.
    pub fn get(&self, key: &[u8]) -> Option<Option<Bytes>> {
        self.values.get(key).cloned()
    }

    /// Whether anything is known of a key.
    pub fn has(&self, key: &[u8]) -> bool {
        self.values.contains_key(key)
    }

    /// This is its value now.
    pub fn set(&mut self, key: &[u8], value: Option<Bytes>) {
        if key.len() + value.as_ref().map_or(0, Bytes::len) > MOST_BYTES {
            return self.forget(key);
        }
        if self.values.len() >= self.most {
            self.values.clear();
        }
        self.values.insert(key.into(), value);
    }

    /// Nothing is known of it any more.
    pub fn forget(&mut self, key: &[u8]) {
        self.values.remove(key);
    }

    /// Nothing is known of any key any more.
    pub fn clear(&mut self) {
        self.values.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_small_values_are_kept() {
        let mut known = Known::at_most(3);
        assert_eq!(known.get(b"a"), None);
        known.set(b"a", Some("1".into()));
        known.set(b"none", None);
        assert_eq!(known.get(b"a"), Some(Some("1".into())));
        assert_eq!(known.get(b"none"), Some(None));
        assert!(known.has(b"none") && !known.has(b"b"));
        // What is too large takes the place of what was known all the same.
        known.set(b"a", Some(vec![1; MOST_BYTES].into()));
        assert_eq!(known.get(b"a"), None);
        known.forget(b"none");
        assert_eq!(known.get(b"none"), None);
        for n in 0..10 {
            known.set(&[n], None);
            assert!(known.values.len() <= 3 && known.has(&[n]));
        }
        known.clear();
        assert!(!known.has(&[9]));
    }
}
