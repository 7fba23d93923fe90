//! The caller's error stack: what the connector reports there, and what it must not disturb.
//!
//! Called by `vol::entry` for every failure, by `vol::request` for failures found later, and around
//! calls that may fail without harm.

use std::ffi::{CStr, CString, c_uint, c_void};
use std::ptr;

use super::Host;
use super::id::OwnedId;
use super::symbols::H5E_auto1_t;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::{H5E_auto2_t, H5E_error2_t, herr_t, hid_t};

/// The current thread's error stack.
const H5E_DEFAULT: hid_t = 0;
/// Walk from the failing function up to the API call... `H5E_WALK_UPWARD`.
const H5E_WALK_UPWARD: i32 = 0;

/// A program's settings for printing errors.
enum Printing {
    /// As set by H5Eset_auto2.
    New(H5E_auto2_t, *mut c_void),
    /// As set by H5Eset_auto1.
    Old(H5E_auto1_t, *mut c_void),
}

impl Host {
    /// Puts `error` on the caller's error stack. Must be the last thing before a callback returns
    /// failure: nearly every other function of HDF5 clears the stack on entry.
    pub fn push_error(&self, callback: &str, error: &Error) {
        self.push_onto(H5E_DEFAULT, callback, error);
    }

    /// A new error stack with `error` on it, for whoever asks about an operation of an event set.
    pub fn error_stack_of(&'static self, callback: &str, error: &Error) -> Result<OwnedId> {
        // SAFETY: makes a new id.
        let stack = unsafe { (self.h5.H5Ecreate_stack)() };
        let stack = self.own(stack, "make an error stack")?;
        self.push_onto(stack.get(), callback, error);
        Ok(stack)
    }

    fn push_onto(&self, stack: hid_t, callback: &str, error: &Error) {
        let class = self.id_variable(c"H5E_ERR_CLS_g").unwrap_or(-1);
        let major = self.id_variable(c"H5E_VOL_g").unwrap_or(-1);
        let minor = self.id_variable(minor_of(error.kind())).unwrap_or(-1);
        let text = c_text(&error.to_string());
        let callback = c_text(callback);
        // SAFETY: all strings end in NUL and live during the call, which copies them; the format
        // takes exactly one string.
        unsafe {
            (self.h5.H5Epush2)(
                stack,
                c"hdf5-vol-rest".as_ptr(),
                callback.as_ptr(),
                0 as c_uint,
                class,
                major,
                minor,
                c"%s".as_ptr(),
                text.as_ptr(),
            );
        }
    }

    /// Number of entries on the caller's error stack; the one query that does not clear it.
    pub fn error_count(&self) -> isize {
        // SAFETY: plain query.
        unsafe { (self.h5.H5Eget_num)(H5E_DEFAULT) }
    }

    /// Runs `probe`, whose failure is an expected answer, without HDF5 printing anything.
    pub fn quietly<T>(&self, probe: impl FnOnce() -> T) -> T {
        let saved = self.printing();
        // SAFETY: null means "print nothing".
        unsafe { (self.h5.H5Eset_auto2)(H5E_DEFAULT, None, ptr::null_mut()) };
        let answer = probe();
        // Setting clears the stack, which is what a probe wants.
        // SAFETY: the program's own settings, read above, in the form in which it made them.
        unsafe {
            match (saved, self.optional.H5Eset_auto1) {
                (Printing::New(print, data), _) => {
                    (self.h5.H5Eset_auto2)(H5E_DEFAULT, print, data);
                }
                (Printing::Old(print, data), Some(set)) => {
                    set(print, data);
                }
                _ => {}
            }
        }
        answer
    }

    /// How the program has errors printed: programs of HDF5 1.6 set a function of another form.
    fn printing(&self) -> Printing {
        let (mut is_new, mut data) = (1 as c_uint, ptr::null_mut());
        // SAFETY: all write into locals.
        unsafe {
            (self.h5.H5Eauto_is_v2)(H5E_DEFAULT, &mut is_new);
            if is_new == 0
                && let Some(get) = self.optional.H5Eget_auto1
            {
                let mut print: H5E_auto1_t = None;
                get(&mut print, &mut data);
                return Printing::Old(print, data);
            }
            let mut print: H5E_auto2_t = None;
            (self.h5.H5Eget_auto2)(H5E_DEFAULT, &mut print, &mut data);
            Printing::New(print, data)
        }
    }

    /// The library's own words about the innermost cause of the failure just reported.
    pub(super) fn innermost_message(&self) -> Option<String> {
        let mut message: Option<String> = None;
        // SAFETY: `first_entry` gets the pointer to `message`, which outlives the walk. H5Ewalk2
        // does not clear the stack.
        unsafe {
            (self.h5.H5Ewalk2)(
                H5E_DEFAULT,
                H5E_WALK_UPWARD,
                Some(first_entry),
                (&raw mut message).cast(),
            );
        }
        message.filter(|m| !m.is_empty())
    }
}

/// Keeps the description of the first entry that is visited.
unsafe extern "C" fn first_entry(
    _n: c_uint,
    entry: *const H5E_error2_t,
    message: *mut c_void,
) -> herr_t {
    // SAFETY: HDF5 passes a valid entry, and `message` is the pointer given to H5Ewalk2.
    let (entry, message) = unsafe { (&*entry, &mut *message.cast::<Option<String>>()) };
    if message.is_none() && !entry.desc.is_null() {
        // SAFETY: descriptions are C strings that live as long as the entry.
        let text = unsafe { CStr::from_ptr(entry.desc) };
        *message = Some(text.to_string_lossy().into_owned());
    }
    0
}

/// The minor error code that tells programs most.
fn minor_of(kind: ErrorKind) -> &'static CStr {
    match kind {
        ErrorKind::NotFound => c"H5E_NOTFOUND_g",
        ErrorKind::Exists => c"H5E_EXISTS_g",
        ErrorKind::Unsupported => c"H5E_UNSUPPORTED_g",
        ErrorKind::Invalid | ErrorKind::Config => c"H5E_BADVALUE_g",
        ErrorKind::Denied | ErrorKind::ReadOnly => c"H5E_WRITEERROR_g",
        _ => c"H5E_CANTOPERATE_g",
    }
}

fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\\0")).unwrap_or_default()
}
