//! A connector that is part of this program, not a plugin that HDF5 loads.

use std::ffi::{c_char, c_int};

use super::{Hid, Id, c};

/// A function of C that has a file access property list use a connector, with settings as text.
pub type SetConnector = unsafe extern "C" fn(Hid, *const c_char) -> c_int;

/// Whether `set` took the list and these settings.
pub fn use_connector(access: &Id, set: SetConnector, settings: &str) -> bool {
    let settings = c(settings);
    // SAFETY: a property list, and a C string that lives during the call: what the type asks for.
    let done = unsafe { set(access.get(), settings.as_ptr()) };
    done >= 0
}
