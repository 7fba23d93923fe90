//! Object tokens: comparison, and their text (which h5ls prints).

use std::ffi::{c_char, c_void};
use std::ptr;

use super::entry;
use super::location::{text, token, token_value};
use crate::connector::{Error, ErrorKind};
use crate::ffi::*;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_token_class_t {
    H5VL_token_class_t {
        // HDF5 compares the bytes, which is right.
        cmp: None,
        to_str: Some(to_str::<S>),
        from_str: Some(from_str::<S>),
    }
}

/// The caller frees the text with H5free_memory, so it must come from the library.
unsafe extern "C" fn to_str<const S: usize>(
    _object: *mut c_void,
    _kind: H5I_type_t,
    token: *const H5O_token_t,
    out: *mut *mut c_char,
) -> herr_t {
    entry::done::<S>("H5Otoken_to_str", |host| {
        // SAFETY: HDF5 passes a token and room for a pointer; the memory is the library's and has
        // room for the text and a NUL.
        unsafe {
            let text = format!("{:016x}", token_value(&*token)?);
            let copy = (host.h5.H5allocate_memory)(text.len() + 1, true).cast::<u8>();
            if copy.is_null() {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    "no memory for a token's text",
                ));
            }
            ptr::copy_nonoverlapping(text.as_ptr(), copy, text.len());
            copy.add(text.len()).write(0);
            *out = copy.cast();
        }
        Ok(())
    })
}

unsafe extern "C" fn from_str<const S: usize>(
    _object: *mut c_void,
    _kind: H5I_type_t,
    token_text: *const c_char,
    out: *mut H5O_token_t,
) -> herr_t {
    entry::done::<S>("H5Otoken_from_str", |_| {
        // SAFETY: HDF5 passes a C string and room for a token.
        unsafe {
            let text = text(token_text)?;
            let value = u64::from_str_radix(&text, 16).map_err(|_| {
                Error::new(ErrorKind::Invalid, format!("'{text}' is no object token"))
            })?;
            *out = token(value);
        }
        Ok(())
    })
}
