//! The build of fuzz targets: that of `cargo fuzz build`, with the pinned toolchain.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use h5rest_testkit::build;

use crate::run;

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What libFuzzer needs to see where an input leads, and AddressSanitizer. `cargo fuzz` sets the same;
/// Rust knows sanitizers in nightly toolchains only, and `RUSTC_BOOTSTRAP` makes the pinned one one.
const FLAGS: &str = "--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Built targets.
pub struct Build {
    /// Everything of the build, and what campaigns leave.
    pub folder: PathBuf,
}

impl Build {
    /// Builds these targets, into a target folder of their own.
    ///
    /// # Errors
    /// When the build fails.
    pub fn make(targets: &[String]) -> Result<Self> {
        let folder = build::target_folder()?.join("fuzz");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args([
                "build",
                "--quiet",
                "--release",
                "--locked",
                "--target",
                TARGET,
            ])
            .arg("--target-dir")
            .arg(&folder)
            .args(targets.iter().flat_map(|target| ["--bin", target]))
            .current_dir(super::folder())
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", FLAGS);
        run::shown(&mut command)?;
        Ok(Self { folder })
    }

    /// The program of a target.
    pub fn program(&self, target: &str) -> PathBuf {
        self.folder.join(TARGET).join("release").join(target)
    }
}
