//! HDF5 1.14.5 with tools, high-level library, Fortran and the API tests, from the source package
//! of the Debian release that has it (Debian 12's own HDF5 is older than any connector needs).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use h5rest_testkit::hdf5::Version;

use super::{Part, debian_source};
use crate::run::Work;

/// The Debian release whose HDF5 is 1.14.5.
pub(super) const RELEASE: &str = "trixie";
/// Names the source's tarball for machines that are not Debian.
const SOURCE_VARIABLE: &str = "HDF5_1_14_5_SOURCE";

const OPTIONS: [&str; 15] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=ON",
    "-DBUILD_STATIC_LIBS=OFF",
    "-DHDF5_BUILD_HL_LIB=ON",
    "-DHDF5_BUILD_FORTRAN=ON",
    "-DHDF5_BUILD_TOOLS=ON",
    "-DHDF5_BUILD_EXAMPLES=OFF",
    "-DHDF5_ENABLE_Z_LIB_SUPPORT=ON",
    "-DHDF5_ENABLE_SZIP_SUPPORT=OFF",
    "-DBUILD_TESTING=ON",
    "-DHDF5_TEST_API=ON",
    "-DHDF5_TEST_API_INSTALL=ON",
    "-DHDF5_TEST_API_ENABLE_ASYNC=ON",
    "-DHDF5_TEST_SERIAL=OFF",
    "-DHDF5_TEST_TOOLS=OFF",
];

/// Everything that is installed; `all` would also build HDF5's several hundred test programs.
const TARGETS: [&str; 9] = [
    "src/all",
    "hl/src/all",
    "hl/tools/all",
    "hl/fortran/src/all",
    "fortran/src/all",
    "tools/src/all",
    "utils/all",
    "h5_api_test",
    "testhdf5",
];

/// Parts of the source that tests use, kept beside the installation.
const KEPT_SOURCE: [&str; 3] = ["HDF5Examples", "tools/test", "test/testfiles"];

/// Builds it unless it is there.
pub fn build(cache: &Path) -> Result<()> {
    let recipe = format!("1 {RELEASE} {} {}", OPTIONS.join(" "), TARGETS.join(" "));
    let part = Part::new(cache, &Version::V1_14_5.cache_name(), recipe);
    if part.is_complete() {
        return Ok(());
    }
    let work = Work::begin(
        "Building HDF5 1.14.5 (about 3 minutes on 2 cores)",
        &part.log(),
    )?;
    let folder = part.work_folder()?;
    let source = unpack(&work, &folder)?;
    let build = folder.join("build");
    work.run(
        Command::new("cmake")
            .args(["-G", "Ninja"])
            .args(OPTIONS)
            .arg(format!("-DCMAKE_INSTALL_PREFIX={}", part.path().display()))
            .arg("-S")
            .arg(&source)
            .arg("-B")
            .arg(&build),
    )?;
    work.run(Command::new("ninja").args(TARGETS).current_dir(&build))?;
    let stage = folder.join("stage");
    work.run(
        Command::new("cmake")
            .arg("--install")
            .arg(&build)
            .env("DESTDIR", &stage),
    )?;
    let installed = stage.join(part.path().strip_prefix("/").unwrap_or(&part.path()));
    for name in KEPT_SOURCE {
        let kept = installed.join("source").join(name);
        if let Some(parent) = kept.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(source.join(name), &kept)
            .with_context(|| format!("the source of HDF5 has no {name}"))?;
    }
    part.complete(&installed)?;
    work.end();
    Ok(())
}

/// Fetches and unpacks the source and returns its root.
pub(crate) fn unpack(work: &Work, folder: &Path) -> Result<PathBuf> {
    let tarball = match env::var_os(SOURCE_VARIABLE) {
        Some(path) => PathBuf::from(path),
        None => {
            debian_source::download(work, "hdf5", RELEASE, folder).with_context(|| {
                format!(
                    "cannot fetch Debian's source of HDF5 1.14.5; \
                     on another system set {SOURCE_VARIABLE} to its .tar.gz"
                )
            })?;
            folder.join("hdf5_1.14.5+repack.orig.tar.gz")
        }
    };
    let source = folder.join("source");
    fs::create_dir_all(&source)?;
    work.run(
        Command::new("tar")
            .arg("--strip-components=1")
            .arg("-xf")
            .arg(&tarball)
            .arg("-C")
            .arg(&source),
    )?;
    Ok(source)
}
