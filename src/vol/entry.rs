//! What every callback does first and last: find its host, catch panics, report failures.
//!
//! Each callback runs its body in one of these. A failure ends up on the caller's error stack; a
//! panic (none is expected) becomes a failure and never crosses into C.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::herr_t;
use crate::host::{Host, slot};

/// Runs the body of a callback that returns a status. What it returns itself is the status: 0, or
/// what a program's own operator returned.
pub fn status<const S: usize>(
    callback: &'static str,
    body: impl FnOnce(&'static Host) -> Result<herr_t>,
) -> herr_t {
    run::<S, _>(callback, body).unwrap_or(-1)
}

/// Runs the body of a callback that returns nothing but success.
pub fn done<const S: usize>(
    callback: &'static str,
    body: impl FnOnce(&'static Host) -> Result<()>,
) -> herr_t {
    status::<S>(callback, |host| body(host).map(|()| 0))
}

/// Runs the body of a callback that returns a new object.
pub fn object<const S: usize>(
    callback: &'static str,
    body: impl FnOnce(&'static Host) -> Result<*mut c_void>,
) -> *mut c_void {
    run::<S, _>(callback, body).unwrap_or(ptr::null_mut())
}

fn run<const S: usize, R>(
    callback: &'static str,
    body: impl FnOnce(&'static Host) -> Result<R>,
) -> Option<R> {
    let host = slot::host(S)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| body(host))).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::new(
            ErrorKind::Protocol,
            format!(
                "the connector met a state it does not expect ({}): please report this",
                words.unwrap_or("no details")
            ),
        ))
    });
    match outcome {
        Ok(result) => Some(result),
        Err(error) => {
            if !host.is_terminating() {
                host.push_error(callback, &error);
            }
            None
        }
    }
}

/// Tells of a failure while the library (or the process) ends: there is no error stack any more.
pub fn lament(error: &Error) {
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("hdf5-vol-rest: {error}\n"),
    );
}
