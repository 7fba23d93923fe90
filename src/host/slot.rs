//! One slot per HDF5 library of the process.
//!
//! All copies of HDF5 in a process share one image of the plugin, so the plugin keeps a table of
//! functions per library and hands each library callbacks of its own: the callbacks are generic
//! over the slot number, which says whose call it is even where no object does.

use std::ffi::c_void;
use std::sync::OnceLock;

use parking_lot::Mutex;

use super::Host;
use super::fork::cleared_in_children;
use super::locate::{Library, any_library};
use crate::connector::keep_number_in;

/// Copies of HDF5 that one process can use with the plugin. Python with h5py, netCDF4 and PyTables
/// wheels has three; a program's own makes four.
pub const SLOTS: usize = 8;

static HOSTS: [OnceLock<Host>; SLOTS] = [const { OnceLock::new() }; SLOTS];

/// Serialises the search for a free slot; two libraries may load the plugin from two threads.
static ASSIGN: Mutex<()> = Mutex::new(());

/// Why a library cannot use the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The caller belongs to no HDF5 library that can be found.
    NoLibrary,
    /// The library lacks this function.
    Missing(&'static str),
    /// All slots are taken.
    Full,
}

/// The slot of the library that contains the code at `caller`, made at its first appearance.
/// A null `caller` means that the architecture does not tell.
pub fn of_caller(caller: *const c_void) -> Result<usize, Refusal> {
    let library = if caller.is_null() {
        any_library()
    } else {
        Library::containing(caller.addr())
    };
    of_library(library.ok_or(Refusal::NoLibrary)?)
}

/// The slot of the library that the program itself is linked with (the C API's callers).
pub fn of_program() -> Result<usize, Refusal> {
    of_library(any_library().ok_or(Refusal::NoLibrary)?)
}

fn of_library(library: Library) -> Result<usize, Refusal> {
    let _guard = ASSIGN.lock();
    for (number, slot) in HOSTS.iter().enumerate() {
        match slot.get() {
            Some(host) if host.library.identity() == library.identity() => return Ok(number),
            Some(_) => {}
            None => {
                let host = Host::bind(number, library).map_err(Refusal::Missing)?;
                if let Some(place) = cleared_in_children() {
                    keep_number_in(place);
                }
                // Under the lock nobody else fills this slot.
                let _ = slot.set(host);
                return Ok(number);
            }
        }
    }
    Err(Refusal::Full)
}

/// The host of a slot; `None` before a library took it.
pub fn host(slot: usize) -> Option<&'static Host> {
    HOSTS.get(slot)?.get()
}
