//! HDF5 1.14.5 built for MPI: the C library alone.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use h5rest_testkit::hdf5;

use super::{Part, hdf5_1_14};
use crate::run::Work;

const OPTIONS: [&str; 11] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DCMAKE_C_COMPILER=mpicc",
    "-DHDF5_ENABLE_PARALLEL=ON",
    "-DBUILD_SHARED_LIBS=ON",
    "-DBUILD_STATIC_LIBS=OFF",
    "-DHDF5_BUILD_HL_LIB=OFF",
    "-DHDF5_BUILD_TOOLS=OFF",
    "-DHDF5_BUILD_EXAMPLES=OFF",
    "-DHDF5_ENABLE_Z_LIB_SUPPORT=ON",
    "-DHDF5_ENABLE_SZIP_SUPPORT=OFF",
    "-DBUILD_TESTING=OFF",
];

/// Builds it unless it is there.
pub fn build(cache: &Path) -> Result<()> {
    let recipe = format!("1 {} {}", hdf5_1_14::RELEASE, OPTIONS.join(" "));
    let part = Part::new(cache, hdf5::MPI, recipe);
    if part.is_complete() {
        return Ok(());
    }
    let work = Work::begin(
        "Building HDF5 1.14.5 for MPI (about 2 minutes on 2 cores)",
        &part.log(),
    )?;
    let folder = part.work_folder()?;
    let source = hdf5_1_14::unpack(&work, &folder)?;
    let (build, stage) = (folder.join("build"), folder.join("stage"));
    work.run(
        Command::new("cmake")
            .args(["-G", "Ninja"])
            .args(OPTIONS)
            .arg(format!("-DCMAKE_INSTALL_PREFIX={}", stage.display()))
            .arg("-S")
            .arg(&source)
            .arg("-B")
            .arg(&build),
    )?;
    work.run(Command::new("ninja").arg("install").current_dir(&build))?;
    part.complete(&stage)?;
    work.end();
    Ok(())
}
