//! The C API, for programs that link with the connector instead of naming it in
//! `HDF5_VOL_CONNECTOR`. It has the entry points of the C REST VOL, so that programs written for
//! that one need no change, and a few to give settings per file.
//!
//! `include/hdf5_vol_rest.h` is made of this file by `cargo xtask header`: its documentation
//! comments are what C programmers read.
#![allow(
    non_snake_case,
    reason = "the names of the C REST VOL, in the manner of HDF5"
)]
#![allow(unsafe_code, reason = "functions that C calls, with C strings")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the comments are for C programmers: @param says what a pointer must be"
)]

mod registration;
mod settings;

use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::{H5E_DEFAULT, herr_t, hid_t};
use crate::host::{Host, slot};

/// Makes the connector known to the program's HDF5 library.
///
/// Calling it is optional: every other function here does it when needed. Calling it again has no
/// effect. The library needs neither `HDF5_PLUGIN_PATH` nor `HDF5_VOL_CONNECTOR` for this.
///
/// @return 0, or a negative value with the reason on the HDF5 error stack.
#[unsafe(no_mangle)]
pub extern "C" fn H5rest_init() -> herr_t {
    answer("H5rest_init", |host| {
        registration::connector(host).map(drop)
    })
}

/// Gives up what H5rest_init() made known. Files that are still open stay usable until they are
/// closed. Without effect when the connector was not initialized; a program that ends without it
/// loses nothing.
///
/// @return 0, or a negative value with the reason on the HDF5 error stack.
#[unsafe(no_mangle)]
pub extern "C" fn H5rest_term() -> herr_t {
    answer("H5rest_term", registration::release)
}

/// Makes files that are created or opened with this file access property list live behind the HDF
/// REST API. Endpoint and credentials come from the environment (`HSDS_ENDPOINT`, ...) or from
/// the file `.hscfg`.
///
/// @param fapl_id  a file access property list
/// @return 0, or a negative value with the reason on the HDF5 error stack.
#[unsafe(no_mangle)]
pub extern "C" fn H5Pset_fapl_rest_vol(fapl_id: hid_t) -> herr_t {
    answer("H5Pset_fapl_rest_vol", |host| {
        registration::set_fapl(host, fapl_id, None)
    })
}

/// As H5Pset_fapl_rest_vol(), with settings of its own.
///
/// @param fapl_id  a file access property list
/// @param info     C string with settings as they may follow the connector's name in
///                 `HDF5_VOL_CONNECTOR`, for example
///                 `"endpoint=http://localhost:5101;username=ann"`. They have precedence over the
///                 environment and are copied. NULL for none.
/// @return 0, or a negative value with the reason on the HDF5 error stack.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn H5Pset_fapl_rest_vol_info(fapl_id: hid_t, info: *const c_char) -> herr_t {
    answer("H5Pset_fapl_rest_vol_info", |host| {
        // SAFETY: the caller passes null or a C string, which lives during this call.
        let info = unsafe { c_string(info) };
        registration::set_fapl(host, fapl_id, info)
    })
}

/// As H5Pset_fapl_rest_vol(), with endpoint and credentials of its own.
///
/// @param fapl_id   a file access property list
/// @param endpoint  C string, for example `"https://hsds.example.org"`; NULL or empty to use
///                  the environment's
/// @param username  C string; NULL or empty to use the environment's
/// @param password  C string; NULL or empty to use the environment's
/// @return 0, or a negative value with the reason on the HDF5 error stack.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn H5Pset_fapl_rest_vol_connection(
    fapl_id: hid_t,
    endpoint: *const c_char,
    username: *const c_char,
    password: *const c_char,
) -> herr_t {
    answer("H5Pset_fapl_rest_vol_connection", |host| {
        // SAFETY: the caller passes null or C strings, which live during this call.
        let (endpoint, username, password) =
            unsafe { (c_string(endpoint), c_string(username), c_string(password)) };
        let info = settings::connection(endpoint, username, password)?;
        registration::set_fapl(host, fapl_id, info.as_deref())
    })
}

/// Runs `body` for the program's HDF5 library; a failure goes to that library's error stack.
fn answer(function: &str, body: impl FnOnce(&'static Host) -> Result<()>) -> herr_t {
    let Some(host) = program_host() else {
        // Without a library there is no error stack either.
        eprintln!(
            "{function}: no HDF5 library of version 1.14 or newer is linked with this program"
        );
        return -1;
    };
    // As every function of HDF5 does: what is on the stack afterwards is about this call.
    // SAFETY: clears the current stack.
    unsafe { (host.h5.H5Eclear2)(H5E_DEFAULT) };
    // A panic must not unwind into C.
    let result = catch_unwind(AssertUnwindSafe(|| body(host))).unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Invalid,
            "internal error of the connector; please report it",
        ))
    });
    match result {
        Ok(()) => 0,
        Err(error) => {
            host.push_error(function, &error);
            -1
        }
    }
}

fn program_host() -> Option<&'static Host> {
    slot::host(slot::of_program().ok()?)
}

/// # Safety
/// `text` is null, or a C string that lives as long as the result is used.
unsafe fn c_string<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: as the caller promises.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}
