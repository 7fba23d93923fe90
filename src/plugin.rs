//! The two symbols by which HDF5 recognises a plugin.
//!
//! `H5PLget_plugin_info` has to learn which copy of HDF5 called it: the return address tells.
//! Nothing here may fail, do I/O or call HDF5 beyond looking symbols up (see `host::slot`): every
//! failing open of a local file comes by here while HDF5 looks for a connector that knows it.
#![allow(unsafe_code, reason = "called from C")]

use std::ffi::c_void;

use crate::ffi::{H5PL_TYPE_VOL, H5PL_type_t, H5VL_class_t};
use crate::host::slot;
use crate::vol;

/// The kind of plugin this is.
#[unsafe(no_mangle)]
pub extern "C" fn H5PLget_plugin_type() -> H5PL_type_t {
    H5PL_TYPE_VOL
}

/// The class table for the library that calls.
///
/// # Safety
/// Called by HDF5 only.
#[cfg(target_arch = "x86_64")]
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn H5PLget_plugin_info() -> *const c_void {
    // The return address is the first argument of what does the work; that returns to the caller.
    core::arch::naked_asm!("mov rdi, [rsp]", "jmp {}", sym plugin_info_for)
}

/// The class table for the library that calls.
///
/// # Safety
/// Called by HDF5 only.
#[cfg(target_arch = "aarch64")]
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn H5PLget_plugin_info() -> *const c_void {
    core::arch::naked_asm!("mov x0, x30", "b {}", sym plugin_info_for)
}

/// The class table for the library that calls, where the return address cannot be had.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[unsafe(no_mangle)]
pub extern "C" fn H5PLget_plugin_info() -> *const c_void {
    plugin_info_for(std::ptr::null())
}

extern "C" fn plugin_info_for(caller: *const c_void) -> *const c_void {
    let table: *const H5VL_class_t = match slot::of_caller(caller) {
        Ok(slot) => vol::class_table(slot),
        Err(_) => &vol::INCOMPATIBLE,
    };
    table.cast()
}
