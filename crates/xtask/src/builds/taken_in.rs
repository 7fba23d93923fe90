//! HDF5's own build with the connector's source taken in from a local path, as HDF5 documents it for any
//! connector, and HDF5's API tests as that build runs them.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use h5rest_testkit::H5rest;
use h5rest_testkit::build::{self, repository};

use crate::run::{self, Work};
use crate::setup::hdf5_1_14;

const OPTIONS: [&str; 14] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=ON",
    "-DBUILD_STATIC_LIBS=OFF",
    "-DHDF5_BUILD_HL_LIB=OFF",
    "-DHDF5_BUILD_FORTRAN=OFF",
    "-DHDF5_BUILD_TOOLS=OFF",
    "-DHDF5_BUILD_EXAMPLES=OFF",
    "-DHDF5_ENABLE_Z_LIB_SUPPORT=ON",
    "-DHDF5_ENABLE_SZIP_SUPPORT=OFF",
    "-DBUILD_TESTING=ON",
    "-DHDF5_TEST_API=ON",
    "-DHDF5_TEST_SERIAL=ON",
    "-DHDF5_TEST_TOOLS=OFF",
    "-DHDF5_VOL_ALLOW_EXTERNAL=LOCAL_DIR",
];

/// Builds HDF5 with the connector and returns how many of HDF5's API test programs passed on it.
pub fn run() -> Result<usize> {
    let folder = build::target_folder()?.join("hdf5-with-connector");
    fs::create_dir_all(&folder)?;
    let work = Work::begin(
        "Building HDF5 1.14.5 with the connector taken in (about 3 minutes on 2 cores)",
        &folder.join("build.log"),
    )?;
    let source = folder.join("source");
    if !source.is_dir() {
        hdf5_1_14::unpack(&work, &folder)?;
    }
    let binary = folder.join("build");
    let connector = named_link(&folder)?;
    let before = own_build_files()?;
    let configured = configure(&work, &connector, &source, &binary);
    // HDF5's build looks for calls to take out of a connector's build files, and writes these again.
    ensure!(
        own_build_files()? == before,
        "HDF5's build has changed CMakeLists.txt of this repository"
    );
    configured?;
    work.run(Command::new("cmake").arg("--build").arg(&binary).args([
        "--target",
        "h5_api_test",
        "hdf5_vol_rest_cargo",
    ]))?;
    work.end();
    let server = H5rest::in_memory()?;
    let endpoint = server.endpoint();
    let home = format!("/home/{}", endpoint.username);
    // The old testhdf5 passes with no connector but the native one: docs/COMPATIBILITY.md.
    let printed = run::output(
        Command::new("ctest")
            .args(["--no-tests=error", "--output-on-failure"])
            .args(["-R", "^HDF5_VOL_", "-E", "testhdf5$"])
            .current_dir(&binary)
            .env("HSDS_ENDPOINT", &endpoint.url)
            .env("HSDS_USERNAME", &endpoint.username)
            .env("HSDS_PASSWORD", &endpoint.password)
            .env("HDF5_REST_HOME", home),
    )?;
    print!("{printed}");
    passed(&printed).context("ctest printed no count")
}

/// HDF5 derives the names of its settings and targets from the name of the folder, so the folder is
/// given under one name, whatever the clone is called.
fn configure(work: &Work, connector: &Path, source: &Path, binary: &Path) -> Result<()> {
    work.run(
        Command::new("cmake")
            .args(["-G", "Ninja"])
            .args(OPTIONS)
            .arg(format!("-DHDF5_VOL_PATH01={}", connector.display()))
            .arg("-DHDF5_VOL_HDF5-VOL-REST_NAME=REST")
            .arg("-DHDF5_VOL_HDF5-VOL-REST_CMAKE_PACKAGE_NAME=hdf5_vol_rest")
            .arg(format!(
                "-DHDF5_VOL_REST_CARGO_TARGET_DIR={}",
                build::target_folder()?.display()
            ))
            .arg("-S")
            .arg(source)
            .arg("-B")
            .arg(binary),
    )
}

/// A link to this repository, called as the project is.
fn named_link(folder: &Path) -> Result<PathBuf> {
    let link = folder.join("hdf5-vol-rest");
    match fs::remove_file(&link) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", link.display()));
        }
        _ => (),
    }
    symlink(repository(), &link).with_context(|| format!("cannot make {}", link.display()))?;
    Ok(link)
}

fn own_build_files() -> Result<String> {
    let file = repository().join("CMakeLists.txt");
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// `100% tests passed, 0 tests failed out of 9`
fn passed(printed: &str) -> Result<usize> {
    let line = printed
        .lines()
        .find(|line| line.contains("% tests passed, "));
    let line = line.context("no summary")?;
    if !line.starts_with("100% ") {
        bail!("{line}");
    }
    let count = line.rsplit(' ').next().unwrap_or_default();
    Ok(count.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_read() {
        let all = "x\n100% tests passed, 0 tests failed out of 9\n";
        assert_eq!(passed(all).unwrap(), 9);
        assert!(passed("89% tests passed, 1 tests failed out of 9").is_err());
        assert!(passed("").is_err());
    }
}
