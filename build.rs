//! Link settings of the plugin.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // HDF5 closes plugins while the process ends and when the library is closed and reopened; the
    // connector's threads and statics must outlive that, so the image is never unmapped.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    // Programs that use the C API link with it: without this, those that name the file by its path
    // would look for it under that path for ever.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libhdf5_vol_rest.so");
}
