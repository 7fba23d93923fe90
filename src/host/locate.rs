//! Finding the HDF5 library that a piece of code belongs to, and symbols in it.
//!
//! The plugin is not linked against HDF5: a process may hold several copies of the library under
//! any name (a distribution's, a module's, those inside Python wheels), and the plugin must talk
//! to the one that called it. Called by `slot` when a library first appears.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::MaybeUninit;

/// One HDF5 library of this process, found by an address inside it or in the global scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Library {
    /// What `dlsym` is given: the library's own handle, or `RTLD_DEFAULT`.
    handle: *mut c_void,
    /// Address of its `H5open`, which tells libraries apart.
    identity: usize,
}

// SAFETY: a handle of the dynamic loader may be used from any thread; the library it stands for is
// never unloaded while the plugin can be called, because the callers are in it.
unsafe impl Send for Library {}
// SAFETY: as above; nothing is ever written through the handle.
unsafe impl Sync for Library {}

impl Library {
    /// The library that contains the code at `address`; `None` if that is no HDF5 library.
    pub fn containing(address: usize) -> Option<Self> {
        let mut info = MaybeUninit::<libc::Dl_info>::uninit();
        // SAFETY: dladdr only looks the address up and fills `info` if it returns non-zero.
        let info = unsafe {
            if libc::dladdr(address as *const c_void, info.as_mut_ptr()) == 0 {
                return None;
            }
            info.assume_init()
        };
        if info.dli_fname.is_null() {
            return None;
        }
        // SAFETY: dli_fname is the loader's own name of an object that is loaded: NOLOAD only
        // returns another handle to it. The main program is named by a path that dlopen may not
        // find; then the global scope below serves.
        let own = unsafe { libc::dlopen(info.dli_fname, libc::RTLD_NOLOAD | libc::RTLD_LAZY) };
        let global = Self::global();
        let Some(own) = Self::with_handle(own) else {
            return global;
        };
        match global {
            // A C program that names H5T_NATIVE_INT and its like owns these variables (copy
            // relocation), and dlsym on the library's handle would find the library's dead copies.
            // Where the global scope means the same library it finds the live ones.
            Some(global) if global.identity == own.identity => Some(global),
            _ => Some(own),
        }
    }

    /// The library that the program itself was linked with, if there is one.
    pub fn global() -> Option<Self> {
        Self::with_handle(libc::RTLD_DEFAULT)
    }

    fn with_handle(handle: *mut c_void) -> Option<Self> {
        if handle.is_null() && !libc::RTLD_DEFAULT.is_null() {
            return None;
        }
        let open = find(handle, c"H5open");
        (!open.is_null()).then_some(Self {
            handle,
            identity: open as usize,
        })
    }

    /// What tells this library from any other in the process.
    pub fn identity(&self) -> usize {
        self.identity
    }

    /// Address of a function or variable of the library; null if it has none of this name.
    pub fn symbol(&self, name: &CStr) -> *mut c_void {
        find(self.handle, name)
    }
}

fn find(handle: *mut c_void, name: &CStr) -> *mut c_void {
    // SAFETY: dlsym reads the name and returns an address or null.
    unsafe { libc::dlsym(handle, name.as_ptr()) }
}

/// The HDF5 library that an unknown caller belongs to, where the architecture gives no way to
/// learn the return address: that of the program, else the first loaded object that has one.
pub fn any_library() -> Option<Library> {
    Library::global().or_else(|| {
        let mut found: Option<Library> = None;
        // SAFETY: the callback gets the pointer to `found`, which outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut found).cast()) };
        found
    })
}

/// Called by the loader for each loaded object; stops at the first that is an HDF5 library.
unsafe extern "C" fn visit(
    object: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    found: *mut c_void,
) -> c_int {
    // SAFETY: the loader passes a valid object for the time of the call.
    let name: *const c_char = unsafe { (*object).dlpi_name };
    if name.is_null() {
        return 0;
    }
    // SAFETY: NOLOAD only finds what is loaded already.
    let handle = unsafe { libc::dlopen(name, libc::RTLD_NOLOAD | libc::RTLD_LAZY) };
    let own_symbol = |library: &Library| {
        // An object sees the symbols of those it depends on; only the library itself counts.
        let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: looks up the address of a function found by dlsym.
        unsafe { libc::dladdr(library.identity as *const c_void, info.as_mut_ptr()) != 0 }
    };
    match Library::with_handle(handle).filter(own_symbol) {
        Some(library) if !handle.is_null() => {
            // SAFETY: `found` is the pointer that any_library passed.
            unsafe { *found.cast::<Option<Library>>() = Some(library) };
            1
        }
        _ => 0,
    }
}
