//! How a change is called, and where its answer lies.

use sha2::{Digest, Sha256};

use crate::store::keys;

/// Letters of the digests, which tell users, and changes, apart.
const USER: usize = 8;
const DIGEST: usize = 20;

/// What a client gives names to. There are many more of the second kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Batches, which clients send again even after hours.
    Batch = 0,
    /// Single requests.
    Request = 1,
}

/// What a client calls a request by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What it is a name of.
    pub kind: Kind,
    /// Who sent it.
    pub user: String,
    /// The domain that it is about.
    pub domain: String,
    /// The name that the client gave it.
    pub id: String,
}

/// The same in few bytes. Users choose names of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub kind: Kind,
    pub user: [u8; USER],
    digest: [u8; DIGEST],
}

impl Key {
    pub(super) fn name(&self) -> Name {
        Name {
            kind: self.kind,
            user: digest(&[&self.user]),
            digest: digest(&[&self.user, &self.domain, &self.id]),
        }
    }
}

fn digest<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let mut first = [0; N];
    first.copy_from_slice(&digest.finalize()[..N]);
    first
}

/// A change that was made, and its place among all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// When it was made, in microseconds since 1970; no two have the same number.
    pub(super) number: u64,
    pub(super) name: Name,
}

impl Place {
    /// The key of its answer: time first, so that answers of one time are neighbours.
    pub(super) fn key(&self) -> Vec<u8> {
        let mut key = keys::answers();
        key.extend_from_slice(&self.number.to_be_bytes());
        key.push(self.name.kind as u8);
        key.extend_from_slice(&self.name.user);
        key.extend_from_slice(&self.name.digest);
        key
    }

    /// What an answer's key says; `None` if it is none.
    pub fn of(key: &[u8]) -> Option<Self> {
        let rest = key.strip_prefix(&*keys::answers())?;
        let (number, rest) = rest.split_first_chunk()?;
        let (kind, rest) = rest.split_first()?;
        let (user, rest) = rest.split_first_chunk()?;
        Some(Self {
            number: u64::from_be_bytes(*number),
            name: Name {
                kind: [Kind::Batch, Kind::Request]
                    .into_iter()
                    .find(|own| *own as u8 == *kind)?,
                user: *user,
                digest: rest.try_into().ok()?,
            },
        })
    }

    /// When the change was made, in seconds since 1970.
    pub fn time(&self) -> f64 {
        self.number as f64 / 1e6
    }

    /// What tells the change from all others.
    pub fn change(&self) -> impl Eq + std::hash::Hash + use<> {
        self.name
    }
}

/// Seconds as they are counted here.
pub(super) fn micros(seconds: f64) -> u64 {
    (seconds * 1e6) as u64
}
