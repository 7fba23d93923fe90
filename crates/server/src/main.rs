//! The `h5rest` program; everything is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    h5rest_server::cli::main()
}
