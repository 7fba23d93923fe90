//! HDF5's API tests for 2.2.0. The package that brings that release has no tests, so those of 1.14.5
//! are built with its headers and library; `tests/conformance/hdf5-2/` says what that takes.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};

use super::{Part, hdf5_1_14, hdf5_2};
use crate::run::Work;

/// How the tests are built; what changes there builds them again.
const RECIPE: [&str; 2] = [
    include_str!("../../../../tests/conformance/hdf5-2/CMakeLists.txt"),
    include_str!("../../../../tests/conformance/hdf5-2/names_of_1_14.h"),
];

/// Builds them unless they are there.
pub fn build(cache: &Path) -> Result<()> {
    let recipe = format!(
        "1 {} {} {}\n{}",
        hdf5_1_14::RELEASE,
        hdf5_2::CRATE,
        hdf5_2::CRATE_VERSION,
        RECIPE.join("\n")
    );
    let part = Part::new(cache, &Version::V2_2_0.api_tests_name(), recipe);
    if part.is_complete() {
        return Ok(());
    }
    let work = Work::begin(
        "Building the API tests for HDF5 2.2.0 (about 1 minute on 2 cores)",
        &part.log(),
    )?;
    let folder = part.work_folder()?;
    let tests = hdf5_1_14::unpack(&work, &folder)?;
    let source = hdf5_2::fetch(&folder)?;
    let hdf5 = hdf5::installation(Version::V2_2_0)?;
    let build = folder.join("build");
    let stage = folder.join("stage");
    work.run(
        Command::new("cmake")
            .args(["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-S"])
            .arg(
                repository()
                    .join("tests")
                    .join("conformance")
                    .join("hdf5-2"),
            )
            .arg("-B")
            .arg(&build)
            .arg(format!("-DTEST_SOURCE={}", tests.join("test").display()))
            .arg(format!("-DHDF5_SOURCE={}", source.join("src").display()))
            .arg(format!("-DHDF5_PREFIX={}", hdf5.prefix.display()))
            .arg(format!("-DCMAKE_INSTALL_PREFIX={}", stage.display())),
    )?;
    work.run(Command::new("ninja").arg("install").current_dir(&build))?;
    part.complete(&stage)?;
    work.end();
    Ok(())
}
