//! Which dataset is meant by an address that a program was given in place of its token.
//!
//! A reference of HDF5 1.8 is the address of an object, and on a local file it stays good for as long
//! as the file is there: programs keep references while they close and open files. The addresses of
//! aliases (`host::alias`) end with a hidden file, so what they mean is kept here, for the life of
//! the process: one small entry for each dataset that H5Rcreate was asked for, and no identifier of
//! HDF5. As with local files an address means something only in its own file. Called by
//! `old_references`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use parking_lot::Mutex;

/// The half of their ids that the objects of a domain share, and an address or a token.
type Place = (u64, u64);

#[derive(Default)]
struct Given {
    /// By address: the token.
    tokens: HashMap<Place, u64>,
    /// By token: the address that was given last.
    addresses: HashMap<Place, u64>,
}

static GIVEN: Mutex<Option<Given>> = Mutex::new(None);

/// Lets an address mean the dataset with this token of a domain, for ever. `false` if it means
/// another one there.
pub fn claim(domain: u64, address: u64, token: u64) -> bool {
    let mut given = GIVEN.lock();
    let given = given.get_or_insert_default();
    match given.tokens.entry((domain, address)) {
        Entry::Occupied(known) if *known.get() != token => return false,
        entry => entry.or_insert(token),
    };
    given.addresses.insert((domain, token), address);
    true
}

/// The token of the dataset that an address means in a domain.
pub fn token(domain: u64, address: u64) -> Option<u64> {
    let given = GIVEN.lock();
    given.as_ref()?.tokens.get(&(domain, address)).copied()
}

/// The address that was given last in place of a token.
pub fn address(domain: u64, token: u64) -> Option<u64> {
    let given = GIVEN.lock();
    given.as_ref()?.addresses.get(&(domain, token)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_means_one_dataset_of_a_domain_for_ever() {
        let (domain, other) = (0x1d0, 0x1d1);
        assert!(claim(domain, 800, 1));
        assert!(!claim(domain, 800, 2));
        assert!(claim(domain, 800, 1));
        // One dataset may have several, as hidden files come and go.
        assert!(claim(domain, 900, 1));
        assert_eq!((token(domain, 800), token(domain, 900)), (Some(1), Some(1)));
        assert_eq!(address(domain, 1), Some(900));
        // In another file the same number is another matter.
        assert_eq!((token(other, 800), address(other, 1)), (None, None));
        assert!(claim(other, 800, 7));
        assert_eq!(token(domain, 800), Some(1));
    }
}
