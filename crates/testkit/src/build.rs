//! The current build: where cargo put the plugin and the server.
//!
//! Tests of whole programs must run what the source says now, so the first caller in a process
//! asks cargo to bring the release build up to date (a fraction of a second when it is).
//! `H5REST_BUILD_DIR` names a folder that is known to be current and skips that.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail};

/// File name of the plugin.
pub const PLUGIN: &str = "libhdf5_vol_rest.so";

/// File name of the server program.
pub const SERVER: &str = "h5rest";

/// The repository's root folder.
pub fn repository() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest)
}

static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();

/// Lets this process use the plugin and the server in `folder`, if it has not used others yet.
pub fn use_folder(folder: PathBuf) {
    FOLDER.get_or_init(|| Ok(folder));
}

/// The folder with the plugin and the server of the current build.
///
/// # Errors
/// When the build fails.
pub fn folder() -> Result<PathBuf> {
    FOLDER
        .get_or_init(|| find_or_build().map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(|text| anyhow!(text))
}

fn find_or_build() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("H5REST_BUILD_DIR").filter(|value| !value.is_empty()) {
        let folder = PathBuf::from(folder);
        for name in [PLUGIN, SERVER] {
            if !folder.join(name).is_file() {
                bail!(
                    "H5REST_BUILD_DIR is {}, which has no {name}",
                    folder.display()
                );
            }
        }
        return Ok(folder);
    }
    release()
}

/// Builds the plugin and the server with cargo's release profile and returns their folder.
///
/// # Errors
/// When the build fails.
pub fn release() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(&cargo)
        .args([
            "build",
            "--release",
            "--quiet",
            "--package",
            "hdf5-vol-rest",
            "--package",
        ])
        .arg("h5rest-server")
        .current_dir(repository())
        .status()
        .context("cannot start cargo to build the plugin and the server")?;
    if !status.success() {
        bail!("`cargo build --release` of the plugin and the server failed ({status})");
    }
    Ok(target_folder()?.join("release"))
}

/// Builds the plugin and the server with AddressSanitizer, into a target folder of their own, and
/// returns the folder that holds them. Rust knows sanitizers in nightly toolchains only;
/// `RUSTC_BOOTSTRAP` makes the pinned one use its own runtime.
///
/// # Errors
/// When the build fails.
pub fn with_sanitizer() -> Result<PathBuf> {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    let target_folder = target_folder()?.join("memcheck");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(&cargo)
        .args(["build", "--quiet", "--package", "hdf5-vol-rest"])
        .args(["--package", "h5rest-server", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target_folder)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zsanitizer=address")
        .current_dir(repository())
        .status()
        .context("cannot start cargo to build with AddressSanitizer")?;
    if !status.success() {
        bail!("the build with AddressSanitizer failed ({status})");
    }
    Ok(target_folder.join(TARGET).join("debug"))
}

/// Cargo's target folder, as the caller's environment and configuration set it.
///
/// # Errors
/// When cargo cannot tell.
pub fn target_folder() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(repository())
        .output()
        .context("cannot start cargo to ask for the target folder")?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
        .context("`cargo metadata` printed no JSON")?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("`cargo metadata` named no target_directory")?;
    Ok(PathBuf::from(folder))
}
