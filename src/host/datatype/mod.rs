//! Datatypes of the host library: `describe` reads one into the protocol's form, `build` makes one.
//!
//! Called by `vol` (types of datasets and attributes) and `transfer` (conversions).

mod build;
mod describe;

use std::ffi::c_void;
use std::ptr;

use super::Host;
use super::id::OwnedId;
use crate::connector::Result;
use crate::ffi::hid_t;

impl Host {
    /// Whether two types are the same to HDF5.
    pub fn same_type(&self, a: hid_t, b: hid_t) -> Result<bool> {
        // SAFETY: a query about two ids.
        let answer = unsafe { (self.h5.H5Tequal)(a, b) };
        self.check(answer, "compare two datatypes")?;
        Ok(answer > 0)
    }

    /// Bytes of one element in memory.
    pub fn type_size(&self, ty: hid_t) -> Result<usize> {
        // SAFETY: a query about an id; 0 means failure.
        match unsafe { (self.h5.H5Tget_size)(ty) } {
            0 => Err(self.failure("tell the size of a datatype")),
            size => Ok(size),
        }
    }

    /// A copy of `ty` that nobody else changes or closes.
    pub fn copy_type(&'static self, ty: hid_t) -> Result<OwnedId> {
        // SAFETY: makes a new id.
        self.own(unsafe { (self.h5.H5Tcopy)(ty) }, "copy a datatype")
    }

    /// Whether a type can never change: HDF5's own ones, and those that a program locked. HDF5 does not
    /// tell, but refuses to close them.
    pub fn is_immutable(&self, ty: hid_t) -> bool {
        self.quietly(|| {
            // SAFETY: takes one more reference to an id, and gives it back in one way or the other.
            unsafe {
                if (self.h5.H5Iinc_ref)(ty) < 0 || (self.h5.H5Tclose)(ty) >= 0 {
                    return false;
                }
                (self.h5.H5Idec_ref)(ty);
            }
            true
        })
    }

    /// HDF5's own binary form of a type.
    pub fn encode_type(&self, ty: hid_t) -> Result<Vec<u8>> {
        let mut size = 0usize;
        // SAFETY: a null buffer asks for the size.
        let status = unsafe { (self.h5.H5Tencode)(ty, ptr::null_mut(), &mut size) };
        self.check(status, "encode a datatype")?;
        let mut bytes = vec![0u8; size];
        // SAFETY: the buffer has the size that was asked for.
        let status = unsafe { (self.h5.H5Tencode)(ty, bytes.as_mut_ptr().cast(), &mut size) };
        self.check(status, "encode a datatype")?;
        bytes.truncate(size);
        Ok(bytes)
    }

    /// Whether these bytes are HDF5's binary form of a type; not all types have one.
    pub fn is_encoded_as(&self, ty: hid_t, bytes: &[u8]) -> bool {
        let mut own = vec![0u8; bytes.len()];
        let mut size = own.len();
        // SAFETY: the buffer has the size that HDF5 is told; if it needs more it only tells how much.
        let status =
            self.quietly(|| unsafe { (self.h5.H5Tencode)(ty, own.as_mut_ptr().cast(), &mut size) });
        status >= 0 && size == bytes.len() && own == bytes
    }

    /// Converts `count` elements in `buffer` from type `from` to type `to`, in place; `background`
    /// holds the elements that members missing in `from` are taken from. Both must have room for
    /// `count` elements of the larger type (`background`: of type `to`).
    pub fn convert(
        &self,
        from: hid_t,
        to: hid_t,
        count: usize,
        buffer: &mut [u8],
        background: Option<&mut [u8]>,
        transfer_plist: hid_t,
    ) -> Result<()> {
        let needed = |size: usize| count.checked_mul(size);
        let (from_size, to_size) = (self.type_size(from)?, self.type_size(to)?);
        let fits = needed(from_size.max(to_size)).is_some_and(|n| n <= buffer.len());
        let background_fits = match &background {
            Some(background) => needed(to_size).is_some_and(|n| n <= background.len()),
            None => true,
        };
        assert!(fits && background_fits, "conversion buffers are too small");
        let background: *mut c_void =
            background.map_or(ptr::null_mut(), |background| background.as_mut_ptr().cast());
        self.quietly(|| {
            // SAFETY: the buffers have room for `count` elements of either type (checked above),
            // and hold valid elements of type `from`.
            let status = unsafe {
                (self.h5.H5Tconvert)(
                    from,
                    to,
                    count,
                    buffer.as_mut_ptr().cast(),
                    background,
                    transfer_plist,
                )
            };
            self.check(status, "convert between the datatypes of file and memory")
        })
    }
}
