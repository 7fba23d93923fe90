//! The HDF5 library that loaded the plugin, wrapped safely.
//!
//! Nothing is linked: `locate` finds the library of the caller, `symbols` resolves its functions,
//! `slot` keeps one [`Host`] per library. The other modules wrap what the connector needs of it.
//! All functions here must run on the thread that HDF5 called on (its locks are held there, and
//! the library is not thread-safe otherwise); worker threads never come here.
#![allow(unsafe_code, reason = "this is where HDF5's functions are called")]

#[macro_use]
pub mod symbols;

pub mod alias;
pub mod blobs;
mod caller;
pub mod dataspace;
pub mod datatype;
pub mod drivers;
pub mod error_stack;
pub mod facade;
pub mod fork;
pub mod id;
mod length_filter;
pub mod locate;
pub mod names;
pub mod native_chunk;
pub mod old_region;
pub mod plist;
pub mod reference;
mod selection;
pub mod slot;
mod variables;

use std::ffi::CStr;
use std::sync::OnceLock;

use self::id::OwnedId;
use self::locate::Library;
use self::symbols::{OptionalSymbols, Symbols};
use self::variables::Variables;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::hid_t;

/// One HDF5 library with everything the connector calls of it.
pub struct Host {
    pub(crate) library: Library,
    /// Its functions.
    pub(crate) h5: Symbols,
    pub(crate) optional: OptionalSymbols,
    /// Major, minor, release; asked for at first use, because asking clears the error stack, which
    /// must not happen while the library looks for a plugin.
    version: OnceLock<(u32, u32, u32)>,
    /// HDF5 2.0 or newer, as far as its symbols tell.
    is_2_or_newer: bool,
    /// See `native_chunk`.
    filters_places: OnceLock<bool>,
    slot: usize,
    variables: Variables,
    /// Address of the variable that holds the default transfer property list's identifier.
    default_transfer: usize,
}

impl Host {
    /// Resolves everything; the error is the name of what the library lacks.
    fn bind(slot: usize, library: Library) -> std::result::Result<Self, &'static str> {
        let h5 = Symbols::resolve(&library)?;
        Ok(Self {
            library,
            h5,
            optional: OptionalSymbols::resolve(&library),
            version: OnceLock::new(),
            is_2_or_newer: !library.symbol(c"H5Dread_chunk2").is_null(),
            filters_places: OnceLock::new(),
            slot,
            variables: Variables::default(),
            default_transfer: library
                .symbol(c"H5P_LST_DATASET_XFER_ID_g")
                .expose_provenance(),
        })
    }

    /// Number of this host's slot.
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// Major, minor and release number of the library.
    pub fn version(&self) -> (u32, u32, u32) {
        *self.version.get_or_init(|| library_version(&self.h5))
    }

    /// Whether this is HDF5 2.0 or newer; may be asked at any time.
    pub fn is_2_or_newer(&self) -> bool {
        self.is_2_or_newer
    }

    /// Whether the library is shutting down: no function of it may be called any more, and ids
    /// that the connector holds may be closed already.
    pub fn is_terminating(&self) -> bool {
        let mut terminating = false;
        // SAFETY: writes one bool; allowed at any time, it is made for connectors.
        unsafe { (self.h5.H5is_library_terminating)(&mut terminating) };
        terminating
    }

    /// Current value of one of the library's identifier variables such as `H5T_STD_I32LE_g`, if it
    /// has one of this name.
    pub fn id_variable(&self, name: &'static CStr) -> Option<hid_t> {
        self.variables.value(&self.library, name)
    }

    /// One of the library's predefined ids, by the name of its variable.
    pub fn predefined(&self, variable: &'static CStr) -> Result<hid_t> {
        let id = self.id_variable(variable).filter(|&id| id > 0);
        id.ok_or_else(|| {
            let name = variable.to_string_lossy();
            Error::new(
                ErrorKind::Unsupported,
                format!(
                    "this version of HDF5 has no {}",
                    name.trim_end_matches("_g")
                ),
            )
        })
    }

    /// Takes over an id that a function of the library returned; `what` says what was attempted.
    pub(crate) fn own(&'static self, id: hid_t, what: &str) -> Result<OwnedId> {
        OwnedId::new(self, id).ok_or_else(|| self.failure(what))
    }

    /// Turns a failed call into an error.
    pub(crate) fn check(&self, status: impl Into<i64>, what: &str) -> Result<()> {
        if status.into() < 0 {
            Err(self.failure(what))
        } else {
            Ok(())
        }
    }

    /// The error for a call that failed, with the library's own words.
    pub(crate) fn failure(&self, what: &str) -> Error {
        let reason = self.innermost_message();
        Error::new(
            ErrorKind::Invalid,
            match reason {
                Some(reason) => format!("HDF5 could not {what}: {reason}"),
                None => format!("HDF5 could not {what}"),
            },
        )
    }
}

fn library_version(h5: &Symbols) -> (u32, u32, u32) {
    let (mut major, mut minor, mut release) = (0, 0, 0);
    // SAFETY: writes three unsigned integers.
    unsafe { (h5.H5get_libversion)(&mut major, &mut minor, &mut release) };
    (major, minor, release)
}
