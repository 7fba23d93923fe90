//! The `h5rest` program; everything is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The system's allocator gives the memory of large values back at once, and then spends more time
/// on getting it again than on the bytes (docs/PERFORMANCE.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    h5rest_server::cli::main()
}
