//! Blobs: HDF5 hands over regions and names here while the connector has it convert references
//! (see `host::reference`). Nothing reaches the server this way.

use std::ffi::c_void;
use std::{ptr, slice};

use super::entry;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;
use crate::host::blobs;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_blob_class_t {
    H5VL_blob_class_t {
        put: Some(put::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: None,
    }
}

unsafe extern "C" fn put<const S: usize>(
    _object: *mut c_void,
    buffer: *const c_void,
    size: usize,
    id: *mut c_void,
    _context: *mut c_void,
) -> herr_t {
    entry::done::<S>("H5VLblob_put", |_| {
        // SAFETY: HDF5 passes `size` bytes and room for an id of the size that it was told.
        unsafe {
            let bytes = match size {
                0 => Vec::new(),
                _ => slice::from_raw_parts(buffer.cast::<u8>(), size).to_vec(),
            };
            write_id(id, blobs::put(bytes));
        }
        Ok(())
    })
}

unsafe extern "C" fn get<const S: usize>(
    _object: *mut c_void,
    id: *const c_void,
    buffer: *mut c_void,
    size: usize,
    _context: *mut c_void,
) -> herr_t {
    entry::done::<S>("H5VLblob_get", |_| {
        // SAFETY: HDF5 passes an id, and room for `size` bytes; no more are copied.
        let copied = blobs::with(unsafe { read_id(id) }, |bytes| {
            let fits = bytes.len() == size;
            if fits {
                // SAFETY: as above.
                unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), buffer.cast(), size) };
            }
            fits
        });
        check(copied)
    })
}

fn check(copied: Option<bool>) -> Result<()> {
    match copied {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(ErrorKind::Invalid, "a blob of another size")),
        None => Err(Error::new(ErrorKind::NotFound, "there is no such blob")),
    }
}

unsafe extern "C" fn specific<const S: usize>(
    _object: *mut c_void,
    id: *mut c_void,
    args: *mut H5VL_blob_specific_args_t,
) -> herr_t {
    entry::done::<S>("H5VLblob_specific", |_| {
        // SAFETY: HDF5 passes an id, and arguments whose member `op_type` names.
        unsafe {
            match (*args).op_type {
                H5VL_BLOB_ISNULL => *(*args).args.is_null.isnull = read_id(id) == 0,
                H5VL_BLOB_SETNULL => write_id(id, 0),
                H5VL_BLOB_DELETE => drop(blobs::take(read_id(id))),
                other => return Err(Error::unsupported(&format!("blob operation {other}"))),
            }
        }
        Ok(())
    })
}

/// # Safety
/// `id` must point to an id, at any alignment.
unsafe fn read_id(id: *const c_void) -> u64 {
    // SAFETY: by the contract of this function.
    u64::from_le_bytes(unsafe { id.cast::<[u8; blobs::ID_SIZE]>().read_unaligned() })
}

/// # Safety
/// `id` must point to room for an id, at any alignment.
unsafe fn write_id(id: *mut c_void, value: u64) {
    // SAFETY: by the contract of this function.
    unsafe {
        id.cast::<[u8; blobs::ID_SIZE]>()
            .write_unaligned(value.to_le_bytes())
    };
}
