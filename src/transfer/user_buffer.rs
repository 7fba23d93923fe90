//! Memory that belongs to the program: its buffers, and the variable-length data in them.
//!
//! The one place in `transfer` that follows raw pointers. `read` and `write` move elements through
//! a [`UserBuffer`]; `elements` reads sequences through [`Elements`] and makes them on a [`Heap`].
#![allow(unsafe_code, reason = "buffers of C programs are raw pointers")]

use std::collections::HashSet;
use std::ffi::{CStr, c_char, c_void};
use std::marker::PhantomData;
use std::{ptr, slice};

use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::hvl_t;
use crate::host::plist::VlenMemory;

/// The buffer of an H5Dread or H5Dwrite call.
#[derive(Clone, Copy)]
pub struct UserBuffer<'a> {
    start: *mut u8,
    call: PhantomData<&'a mut [u8]>,
}

/// Part of a buffer: offset and length in bytes.
pub type ByteRun = (u64, usize);

impl UserBuffer<'_> {
    /// Wraps the buffer that a program passed.
    ///
    /// # Safety
    /// Every byte of the runs that are later asked for must belong to the program's buffer: HDF5
    /// makes that the program's duty, by the memory type and memory dataspace it passes. The
    /// buffer must not be used by anyone else during `'a`.
    pub unsafe fn new(start: *mut c_void) -> Self {
        Self {
            start: start.cast(),
            call: PhantomData,
        }
    }

    /// Whether the program passed no buffer at all.
    pub fn is_null(&self) -> bool {
        self.start.is_null()
    }

    fn at(&self, run: ByteRun) -> *mut u8 {
        self.start.wrapping_add(run.0 as usize)
    }

    /// Copies the bytes of a run out of the buffer, to the end of `into`.
    pub fn gather(&self, run: ByteRun, into: &mut Vec<u8>) {
        // SAFETY: the run lies within the program's buffer (`new`); `into` is other memory.
        into.extend_from_slice(unsafe { slice::from_raw_parts(self.at(run), run.1) });
    }

    /// Copies `from` to the run, which is as long.
    pub fn scatter(&mut self, run: ByteRun, from: &[u8]) {
        assert_eq!(run.1, from.len(), "a run and its bytes differ in length");
        // SAFETY: the run lies within the program's buffer (`new`); `from` is other memory.
        unsafe { ptr::copy_nonoverlapping(from.as_ptr(), self.at(run), run.1) };
    }

    /// The bytes of a run, to be read directly.
    pub fn as_slice(&self, run: ByteRun) -> &[u8] {
        // SAFETY: the run lies within the program's buffer (`new`), which nobody writes to while
        // the call lasts; the result borrows `self`, so it does not outlive the call.
        unsafe { slice::from_raw_parts(self.at(run), run.1) }
    }

    /// The bytes of a run, to be written directly.
    pub fn as_mut_slice(&mut self, run: ByteRun) -> &mut [u8] {
        // SAFETY: the run lies within the program's buffer (`new`), nobody else uses it, and the
        // result borrows `self`, so that there is one such slice at a time. Bytes that the program
        // left uninitialised are only ever overwritten.
        unsafe { slice::from_raw_parts_mut(self.at(run), run.1) }
    }
}

/// Elements in memory whose variable parts are valid pointers.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    bytes: &'a [u8],
}

impl<'a> Elements<'a> {
    /// Takes `bytes` for what they are said to be. Only `convert` calls this, with bytes that come
    /// from the program's buffer (where HDF5 makes their validity the program's duty), from HDF5's
    /// conversion, or from `decode`: whole elements of the type by which they are read afterwards,
    /// every `hvl_t` and `char *` in them null or pointing to the data it claims.
    pub(super) fn of_conversion(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The elements' bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Part of them.
    pub fn part(&self, start: usize, length: usize) -> Self {
        Self {
            bytes: &self.bytes[start..start + length],
        }
    }

    /// The characters of the variable string that is the first thing here, without its NUL.
    pub fn string(&self) -> &'a [u8] {
        let address = self.address(0);
        if address.is_null() {
            return &[];
        }
        // SAFETY: a C string, which `of_conversion`'s caller vouches for.
        unsafe { CStr::from_ptr(address.cast::<c_char>()) }.to_bytes()
    }

    /// The elements of the sequence that is the first thing here, and their number; each takes
    /// `size` bytes.
    pub fn sequence(&self, size: usize) -> Result<(Elements<'a>, usize)> {
        let header: [u8; size_of::<usize>()] = self.bytes[..size_of::<usize>()]
            .try_into()
            .map_err(|_| Error::new(ErrorKind::Invalid, "half a sequence"))?;
        let (count, data) = (
            usize::from_ne_bytes(header),
            self.address(size_of::<usize>()),
        );
        if count == 0 || data.is_null() {
            return Ok((Elements { bytes: &[] }, 0));
        }
        let length = count
            .checked_mul(size)
            .filter(|&n| isize::try_from(n).is_ok());
        let length = length
            .ok_or_else(|| Error::new(ErrorKind::Invalid, "a sequence longer than memory"))?;
        // SAFETY: `count` elements of `size` bytes, which `of_conversion`'s caller vouches for.
        let bytes = unsafe { slice::from_raw_parts(data.cast_const(), length) };
        Ok((Elements { bytes }, count))
    }

    /// Address of the data of the string (`at` 0) or sequence (`at` 8) here.
    fn address(&self, at: usize) -> *mut u8 {
        let mut address = [0u8; size_of::<usize>()];
        address.copy_from_slice(&self.bytes[at..at + size_of::<usize>()]);
        ptr::with_exposed_provenance_mut(usize::from_ne_bytes(address))
    }

    /// Address of the string's characters.
    pub fn string_address(&self) -> usize {
        self.address(0).expose_provenance()
    }

    /// Address of the sequence's elements.
    pub fn sequence_address(&self) -> usize {
        self.address(size_of::<usize>()).expose_provenance()
    }
}

/// Variable-length data in one kind of memory: `malloc`'s, which H5Treclaim and programs `free`, or
/// that of the allocator that a program set in its transfer property list.
pub struct Heap {
    memory: VlenMemory,
    made: Vec<*mut c_void>,
}

impl Heap {
    /// A heap that allocates as the transfer property list says.
    pub fn new(memory: VlenMemory) -> Self {
        Self {
            memory,
            made: Vec::new(),
        }
    }

    /// A heap of `malloc`'s.
    pub fn malloc() -> Self {
        Self::new(VlenMemory::malloc())
    }

    /// Stores a string with its NUL, and returns the bytes of its element: a `char *`.
    pub fn string(&mut self, characters: &[u8]) -> Result<[u8; size_of::<usize>()]> {
        let address = self.allocate(characters.len() + 1)?;
        // SAFETY: fresh memory of this size.
        unsafe {
            ptr::copy_nonoverlapping(characters.as_ptr(), address.cast(), characters.len());
            address.cast::<u8>().add(characters.len()).write(0);
        }
        Ok(address.expose_provenance().to_ne_bytes())
    }

    /// Stores the elements of a sequence, and returns the bytes of its element: an `hvl_t`.
    pub fn sequence(&mut self, count: usize, elements: &[u8]) -> Result<[u8; size_of::<hvl_t>()]> {
        let mut header = [0u8; size_of::<hvl_t>()];
        if count == 0 {
            return Ok(header);
        }
        let address = self.allocate(elements.len().max(1))?;
        // SAFETY: fresh memory of this size.
        unsafe { ptr::copy_nonoverlapping(elements.as_ptr(), address.cast(), elements.len()) };
        let (len, data) = header.split_at_mut(size_of::<usize>());
        len.copy_from_slice(&count.to_ne_bytes());
        data.copy_from_slice(&address.expose_provenance().to_ne_bytes());
        Ok(header)
    }

    fn allocate(&mut self, size: usize) -> Result<*mut c_void> {
        // SAFETY: the program's allocator is called as HDF5 would call it.
        let address = unsafe {
            match self.memory.allocate {
                Some(allocate) => allocate(size, self.memory.allocate_info),
                None => libc::malloc(size),
            }
        };
        if address.is_null() {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("no memory for {size} bytes of variable-length data"),
            ));
        }
        self.made.push(address);
        Ok(address)
    }

    /// Frees what is not at one of these addresses.
    pub fn forget_unused(&mut self, used: &HashSet<usize>) {
        let is_used = |address: &*mut c_void| used.contains(&address.expose_provenance());
        let (kept, unused) = std::mem::take(&mut self.made)
            .into_iter()
            .partition(is_used);
        self.made = unused;
        self.free_all();
        self.made = kept;
    }

    /// Addresses of all data of this heap.
    pub fn addresses(&self) -> HashSet<usize> {
        let address = |made: &*mut c_void| made.expose_provenance();
        self.made.iter().map(address).collect()
    }

    /// Leaves everything to the program.
    pub fn keep_all(mut self) {
        self.made.clear();
    }

    /// Leaves the data at these addresses to the program, and frees the rest.
    pub fn keep_only(mut self, kept: &HashSet<usize>) {
        self.made
            .retain(|address| !kept.contains(&address.expose_provenance()));
    }
}

impl Heap {
    fn free_all(&mut self) {
        for address in self.made.drain(..) {
            // SAFETY: made by `allocate`, given to nobody.
            unsafe { free(&self.memory, address) };
        }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.free_all();
    }
}

/// Frees data that HDF5's conversion allocated for the connector. Only `convert` calls this, with
/// addresses that a conversion without a program's allocator made and nobody else knows.
pub(super) fn free_converted(addresses: impl Iterator<Item = usize>) {
    for address in addresses {
        // SAFETY: made by `malloc` for us, and named once (see above).
        unsafe { libc::free(ptr::with_exposed_provenance_mut(address)) };
    }
}

unsafe fn free(memory: &VlenMemory, address: *mut c_void) {
    // SAFETY: the caller vouches that the address came from the allocator that belongs to this. A
    // program may set an allocator without a way to free: then the memory is its own affair.
    unsafe {
        match (memory.allocate, memory.free) {
            (_, Some(free)) => free(address, memory.free_info),
            (None, None) => libc::free(address),
            (Some(_), None) => {}
        }
    }
}
