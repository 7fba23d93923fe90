//! The C library of HDF5 2.2.0, from the source inside a Rust crate that carries it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use h5rest_testkit::hdf5::Version;
use h5rest_testkit::python;

use super::Part;
use crate::run::{self, Work};

/// The crate that carries the source of HDF5 2.2.0.
pub(super) const CRATE: &str = "hdf5-metno-src";
pub(super) const CRATE_VERSION: &str = "0.10.4";

const OPTIONS: [&str; 8] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DHDF5_EXTERNALLY_CONFIGURED=1",
    "-DBUILD_SHARED_LIBS=ON",
    "-DBUILD_STATIC_LIBS=OFF",
    "-DBUILD_TESTING=OFF",
    "-DHDF5_BUILD_TOOLS=OFF",
    "-DHDF5_BUILD_EXAMPLES=OFF",
    "-DHDF5_ENABLE_ZLIB_SUPPORT=ON",
];

/// Builds it unless it is there.
pub fn build(cache: &Path) -> Result<()> {
    let recipe = format!("1 {CRATE} {CRATE_VERSION} {}", OPTIONS.join(" "));
    let part = Part::new(cache, &Version::V2_2_0.cache_name(), recipe);
    if part.is_complete() {
        return Ok(());
    }
    let work = Work::begin(
        "Building HDF5 2.2.0 (about 1 minute on 2 cores)",
        &part.log(),
    )?;
    let folder = part.work_folder()?;
    let source = fetch(&folder)?;
    let build = folder.join("build");
    // HDF5 2.2 asks for CMake 3.26, newer than Debian 12's.
    let cmake = python::program(python::TOOLS, "cmake")?;
    work.run(
        Command::new(&cmake)
            .args(["-G", "Ninja"])
            .args(OPTIONS)
            .arg(format!("-DCMAKE_INSTALL_PREFIX={}", part.path().display()))
            .arg("-S")
            .arg(&source)
            .arg("-B")
            .arg(&build),
    )?;
    work.run(Command::new("ninja").current_dir(&build))?;
    let stage = folder.join("stage");
    work.run(
        Command::new(&cmake)
            .arg("--install")
            .arg(&build)
            .env("DESTDIR", &stage),
    )?;
    let installed = stage.join(part.path().strip_prefix("/").unwrap_or(&part.path()));
    let version = fs::read_to_string(installed.join("include").join("H5pubconf.h"))
        .context("the build installed no H5pubconf.h")?;
    if !version.contains("H5_VERSION \"2.2.0\"") {
        bail!("the crate {CRATE} {CRATE_VERSION} is expected to carry HDF5 2.2.0 and does not");
    }
    part.complete(&installed)?;
    work.end();
    Ok(())
}

/// Lets cargo download the crate, as a dependency of an empty project, and returns the source's
/// root in cargo's own store.
pub(super) fn fetch(folder: &Path) -> Result<PathBuf> {
    let project = folder.join("project");
    fs::create_dir_all(project.join("src"))?;
    fs::write(project.join("src").join("lib.rs"), "")?;
    fs::write(
        project.join("Cargo.toml"),
        format!(
            "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
             [workspace]\n[dependencies]\n{CRATE} = \"={CRATE_VERSION}\"\n"
        ),
    )?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let text = run::output(
        Command::new(cargo)
            .args(["metadata", "--format-version=1"])
            .current_dir(&project),
    )?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == CRATE)
        .and_then(|package| package["manifest_path"].as_str())
        .and_then(|manifest| Path::new(manifest).parent())
        .map(|root| root.join("ext").join("hdf5"))
        .with_context(|| format!("cargo downloaded no {CRATE}"))
}
