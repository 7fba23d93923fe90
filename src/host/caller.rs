//! Who asks whether an object is native: HDF5 itself, or the program.
//!
//! HDF5 asks before calls that it made for native files, and hears yes where a file poses as one
//! (see `facade`). A program asks by `H5VLobject_is_native`, usually to decide whether it can rely on
//! what only local files have; it must hear the truth. Both ways end in the same callback, so the
//! functions on the stack tell them apart. Called by `vol::introspect`, and by `vol::handle` to learn
//! which function closes an object.

use std::ffi::{CStr, c_int, c_void};
use std::mem::MaybeUninit;

use super::Host;

/// Functions that are looked at: those of the plugin above its callback, those of HDF5 below it.
const DEPTH: usize = 48;

const GO_ON: c_int = 0;
const STOP: c_int = 5;

// The unwinder that Rust's standard library is linked with.
unsafe extern "C" {
    fn _Unwind_Backtrace(
        visit: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
    fn _Unwind_FindEnclosingFunction(address: *mut c_void) -> *mut c_void;
}

impl Host {
    /// Whether the program asks by `H5VLobject_is_native`, and not HDF5 on its own account.
    ///
    /// HDF5's high-level library asks it, too, to choose the kind of reference that it stores for
    /// dimension scales. It counts as HDF5: servers keep only references of the older kind in a form
    /// that other clients understand.
    pub fn is_program_asking(&self) -> bool {
        let question = self.library.symbol(c"H5VLobject_is_native");
        !question.is_null()
            && caller_of(question.addr()).is_some_and(|caller| !is_high_level_library(caller))
    }
}

impl Host {
    /// Whether the program has called this function of HDF5, on the way to the callback that runs.
    pub fn is_within(&self, function: &CStr) -> bool {
        let function = self.library.symbol(function);
        !function.is_null() && caller_of(function.addr()).is_some()
    }
}

struct Search {
    function: usize,
    found: bool,
    caller: Option<usize>,
    depth: usize,
}

/// An address in the function that called the one that begins at `function`, if that is on the
/// stack.
fn caller_of(function: usize) -> Option<usize> {
    let mut search = Search {
        function,
        found: false,
        caller: None,
        depth: 0,
    };
    // SAFETY: walks the stack of this thread; `visit` gets the pointer to `search`.
    unsafe { _Unwind_Backtrace(visit, (&raw mut search).cast()) };
    search.caller
}

/// Called for each function on the stack, the innermost first.
unsafe extern "C" fn visit(context: *mut c_void, search: *mut c_void) -> c_int {
    // SAFETY: the pointer that `caller_of` passed; nothing else uses it meanwhile.
    let search = unsafe { &mut *search.cast::<Search>() };
    // SAFETY: the unwinder's own context.
    let address = unsafe { _Unwind_GetIP(context) };
    if search.found {
        search.caller = Some(address);
        return STOP;
    }
    // SAFETY: looks the address up in the tables of loaded code; null if it is in none.
    let function = unsafe { _Unwind_FindEnclosingFunction(address as *mut c_void) };
    search.found = function.addr() == search.function;
    search.depth += 1;
    if search.depth < DEPTH { GO_ON } else { STOP }
}

fn is_high_level_library(address: usize) -> bool {
    let mut info = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: dladdr only looks the address up and fills `info` if it returns non-zero.
    let info = unsafe {
        if libc::dladdr(address as *const c_void, info.as_mut_ptr()) == 0 {
            return false;
        }
        info.assume_init()
    };
    if info.dli_fname.is_null() {
        return false;
    }
    // SAFETY: the loader's name of a loaded object, a C string that lives as long as the object.
    let name = unsafe { CStr::from_ptr(info.dli_fname) }.to_bytes();
    let file = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
    file.windows(7).any(|part| part == b"hdf5_hl")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[inline(never)]
    extern "C" fn question(target: usize) -> usize {
        black_box(caller_of(black_box(target)).unwrap_or(0))
    }

    #[inline(never)]
    extern "C" fn asks(target: usize) -> usize {
        black_box(question(black_box(target)))
    }

    #[test]
    fn the_caller_of_a_function_on_the_stack_is_found() {
        let caller = asks(question as *const () as usize);
        // SAFETY: looks an address up.
        let function = unsafe { _Unwind_FindEnclosingFunction(caller as *mut c_void) };
        assert_eq!(function.addr(), asks as *const () as usize);
        assert!(!is_high_level_library(caller));
    }

    #[test]
    fn a_function_that_is_not_on_the_stack_has_no_caller() {
        assert_eq!(question(asks as *const () as usize), 0);
    }
}
