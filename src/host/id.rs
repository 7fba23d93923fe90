//! Identifiers that the connector owns.

use super::Host;
use crate::ffi::hid_t;

/// An identifier that is released when dropped.
#[derive(Debug)]
pub struct OwnedId {
    host: &'static Host,
    id: hid_t,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Host(slot {})", self.slot())
    }
}

impl OwnedId {
    /// Takes over one reference to `id`; `None` if it is no identifier.
    pub fn new(host: &'static Host, id: hid_t) -> Option<Self> {
        // Made only then: its end would put another message in place of the one that says what failed.
        (id > 0).then(|| Self { host, id })
    }

    /// The identifier, valid while `self` lives.
    pub fn get(&self) -> hid_t {
        self.id
    }

    /// The library it belongs to.
    pub fn host(&self) -> &'static Host {
        self.host
    }

    /// Gives the reference to the caller, who must release it.
    pub fn into_raw(self) -> hid_t {
        let id = self.id;
        std::mem::forget(self);
        id
    }
}

impl Drop for OwnedId {
    fn drop(&mut self) {
        // At exit the library closes identifiers itself, perhaps already did.
        if !self.host.is_terminating() {
            // SAFETY: one reference is ours, taken over in `new`.
            unsafe { (self.host.h5.H5Idec_ref)(self.id) };
        }
    }
}

impl Host {
    /// Gives up all references that a program has to an identifier, which closes its object.
    pub fn release_all(&self, id: hid_t) {
        // SAFETY: the number of references that are left, or a failure once the identifier is gone.
        while unsafe { (self.h5.H5Idec_ref)(id) } > 0 {}
    }
}
