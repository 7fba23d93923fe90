//! The library's identifier variables (`H5T_STD_I32LE_g` and its like), which many calls ask for:
//! looking one up in the library by name takes longer than most of what is done with it.

use std::ffi::CStr;
use std::ptr;

use parking_lot::Mutex;

use super::locate::Library;
use crate::ffi::hid_t;

/// Where the variables are that were asked for, by the addresses of their names in the plugin. The
/// library stays where it is while the plugin can be called.
#[derive(Default)]
pub(super) struct Variables(Mutex<Vec<(usize, usize)>>);

impl Variables {
    /// Current value of a variable; `None` if the library has none of this name. Read at each use:
    /// `H5close` and `H5open` renew them.
    pub(super) fn value(&self, library: &Library, name: &'static CStr) -> Option<hid_t> {
        let key = name.as_ptr().addr();
        let mut known = self.0.lock();
        let address = match known.iter().find(|(name, _)| *name == key) {
            Some((_, address)) => *address,
            None => {
                let address = library.symbol(name).expose_provenance();
                known.push((key, address));
                address
            }
        };
        drop(known);
        let variable = ptr::with_exposed_provenance::<hid_t>(address);
        // SAFETY: all symbols of HDF5 that end in `_g` and are asked for here are `hid_t`
        // variables, which are initialised before any connector callback runs.
        (!variable.is_null()).then(|| unsafe { variable.read_volatile() })
    }
}
