//! Which identifiers of a file's objects a program has open (H5Fget_obj_count, H5Fget_obj_ids).
//!
//! A connector does not learn the identifiers that HDF5 makes for its objects. But it can look at
//! all of the library's identifiers and ask for the object behind each. Called by `file`.

use std::ffi::c_void;
use std::sync::Arc;

use super::handle::borrow;
use crate::connector::{File, Result};
use crate::ffi::*;
use crate::host::Host;

struct Search<'a> {
    host: &'static Host,
    file: &'a Arc<File>,
    kind: H5I_type_t,
    /// Only identifiers that came by this very file handle.
    local: bool,
    found: Vec<hid_t>,
}

/// The identifiers of the given kinds (a set of `H5F_OBJ_*`) that belong to the file.
pub fn of_file(host: &'static Host, file: &Arc<File>, kinds: u32) -> Result<Vec<hid_t>> {
    let mut search = Search {
        host,
        file,
        kind: H5I_FILE,
        local: kinds & H5F_OBJ_LOCAL != 0,
        found: Vec::new(),
    };
    for (bit, kind) in [
        (H5F_OBJ_FILE, H5I_FILE),
        (H5F_OBJ_DATASET, H5I_DATASET),
        (H5F_OBJ_GROUP, H5I_GROUP),
        (H5F_OBJ_DATATYPE, H5I_DATATYPE),
        (H5F_OBJ_ATTR, H5I_ATTR),
    ] {
        if kinds & bit != 0 {
            search.kind = kind;
            // SAFETY: `visit` gets the pointer to `search`, which outlives the walk.
            let status =
                unsafe { (host.h5.H5Iiterate)(kind, Some(visit), (&raw mut search).cast()) };
            host.check(status, "look through the open objects")?;
        }
    }
    Ok(search.found)
}

unsafe extern "C" fn visit(id: hid_t, search: *mut c_void) -> herr_t {
    // SAFETY: the pointer that `of_file` passed.
    let search = unsafe { &mut *search.cast::<Search<'_>>() };
    if belongs(search, id) {
        search.found.push(id);
    }
    0
}

fn belongs(search: &Search<'_>, id: hid_t) -> bool {
    let host = search.host;
    // SAFETY: queries about an id that the library just named. Transient types have no object
    // behind them, and asking would fail with a message.
    let object = unsafe {
        if search.kind == H5I_DATATYPE && (host.h5.H5Tcommitted)(id) <= 0 {
            return false;
        }
        host.object_behind(id)
    };
    // SAFETY: the object behind an open id: ours, or another connector's, whose objects are
    // larger than the mark that `borrow` looks for.
    let Ok(handle) = (unsafe { borrow(object) }) else {
        return false;
    };
    let file = handle.file();
    if search.local {
        Arc::ptr_eq(&file, search.file)
    } else {
        file.same_domain(search.file)
    }
}
