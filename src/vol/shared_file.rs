//! What several opens of one file in one process must agree on.
//!
//! HDF5 shares a file between all identifiers that a process has of it, as long as any object of it
//! is open: who opened it first decides whether it can be written to and what closing means.
//! Called by `file`, and by `group` for mounting.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::connector::{Error, ErrorKind, File, Result, Session};
use crate::ffi::*;

struct Shared {
    session: Weak<Session>,
    writable: bool,
    degree: H5F_close_degree_t,
    format: Format,
    flushed: Flushed,
}

/// A program's function to call when an object of the file was flushed, and its argument.
#[derive(Clone, Copy, Debug)]
pub struct Flushed(pub H5F_flush_cb_t, pub *mut c_void);

// SAFETY: only called by the callbacks that flush, on the program's thread.
unsafe impl Send for Flushed {}

/// What a program wants of the format of a file. A server has no such formats, but they decide what
/// HDF5 refuses, see `old_format`.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The oldest one that the file may be written in (`H5Pset_libver_bounds`).
    pub oldest: H5F_libver_t,
    /// Numbers may have mostly unused bits (`H5Pset_relax_file_integrity_checks`).
    pub allows_unused_bits: bool,
}

/// By the address of the session, which a file that is gone may have left to another.
static SHARED: Mutex<Option<HashMap<usize, Shared>>> = Mutex::new(None);

/// What the program wants of the format of a file; `None` for one that was reached through a link.
pub fn format(file: &File) -> Option<Format> {
    let all = SHARED.lock();
    let shared = all.as_ref()?.get(&Arc::as_ptr(file.session()).addr())?;
    Some(shared.format)
}

/// Whether the process has the file of this session open for writing.
pub fn is_writable(session: &Arc<Session>) -> bool {
    let all = SHARED.lock();
    let shared = all
        .as_ref()
        .and_then(|all| all.get(&Arc::as_ptr(session).addr()));
    // The address of a session that is gone may serve a new one.
    shared.is_some_and(|shared| shared.writable && shared.session.as_ptr() == Arc::as_ptr(session))
}

/// Checks a file that was just opened or created, with this close degree and format, against what
/// the process has open of it.
pub fn join(
    file: &Arc<File>,
    degree: H5F_close_degree_t,
    format: Format,
    flushed: Flushed,
) -> Result<()> {
    // What H5F_CLOSE_DEFAULT means for ordinary local files.
    let degree = if degree == H5F_CLOSE_DEFAULT {
        H5F_CLOSE_WEAK
    } else {
        degree
    };
    let session = file.session();
    let mut all = SHARED.lock();
    let all = all.get_or_insert_with(HashMap::new);
    all.retain(|_, shared| shared.session.strong_count() > 0);
    let shared = all
        .entry(Arc::as_ptr(session).addr())
        .or_insert_with(|| Shared {
            session: Arc::downgrade(session),
            writable: file.writable(),
            degree,
            format,
            flushed,
        });
    if file.writable() && !shared.writable {
        return Err(Error::new(
            ErrorKind::Invalid,
            "this process has the file open for reading only: close it, and every object of it, \
             before opening it for writing",
        ));
    }
    if degree != shared.degree {
        return Err(Error::new(
            ErrorKind::Invalid,
            "this process has the file open with another close degree (H5Pset_fclose_degree)",
        ));
    }
    Ok(())
}

/// Tells the program that an object of a file was flushed, if it wants to know (H5Pset_object_flush_cb).
pub fn object_flushed(file: &File, id: hid_t) -> Result<()> {
    let flushed = {
        let all = SHARED.lock();
        let shared = all
            .as_ref()
            .and_then(|all| all.get(&Arc::as_ptr(file.session()).addr()));
        shared.map(|shared| shared.flushed)
    };
    let Some(Flushed(Some(function), data)) = flushed else {
        return Ok(());
    };
    // SAFETY: the program's function, called as H5Pset_object_flush_cb documents.
    match unsafe { function(id, data) } {
        ..0 => Err(Error::invalid(
            "the program's function for flushed objects (H5Pset_object_flush_cb) failed",
        )),
        _ => Ok(()),
    }
}

/// Checks that two files to be mounted in one another mean the same by closing.
pub fn check_same_degree(parent: &Arc<File>, child: &Arc<File>) -> Result<()> {
    let shared = SHARED.lock();
    let degree = |file: &Arc<File>| {
        let shared = shared.as_ref()?.get(&Arc::as_ptr(file.session()).addr())?;
        // The address of a session that is gone may serve a new one.
        let same = shared.session.as_ptr() == Arc::as_ptr(file.session());
        same.then_some(shared.degree)
    };
    // Files that only links lead to have been opened with the default.
    let degree = |file| degree(file).unwrap_or(H5F_CLOSE_WEAK);
    if degree(parent) == degree(child) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Invalid,
        format!(
            "cannot mount '{}' in '{}': they have been opened with different close degrees \
             (H5Pset_fclose_degree)",
            child.name(),
            parent.name()
        ),
    ))
}
