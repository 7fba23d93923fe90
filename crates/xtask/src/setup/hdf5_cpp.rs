//! HDF5's C++ library, from the source of HDF5 1.14.5 and for the installation made of it. It is a layer
//! over the public C functions, so it needs nothing of that build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use h5rest_testkit::hdf5::{self, Version};

use super::{Part, hdf5_1_14};
use crate::run::Work;

/// Builds it unless it is there. The C library must have been built.
pub fn build(cache: &Path) -> Result<()> {
    let recipe = format!("1 {} -O1", hdf5_1_14::RELEASE);
    let part = Part::new(cache, hdf5::CPP, recipe);
    if part.is_complete() {
        return Ok(());
    }
    let work = Work::begin(
        "Building the C++ library of HDF5 1.14.5 (about 1 minute)",
        &part.log(),
    )?;
    let folder = part.work_folder()?;
    let source = hdf5_1_14::unpack(&work, &folder)?.join("c++/src");
    let (mut sources, headers) = (ending(&source, "cpp")?, ending(&source, "h")?);
    sources.sort();
    let stage = folder.join("stage");
    let (include, lib) = (stage.join("include"), stage.join("lib"));
    fs::create_dir_all(&include)?;
    fs::create_dir_all(&lib)?;
    for header in headers {
        let name = header.file_name().context("a header has a name")?;
        fs::copy(&header, include.join(name))?;
    }
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    work.run(
        Command::new("g++")
            .args([
                "-shared",
                "-fPIC",
                "-O1",
                "-w",
                "-Wl,-soname,libhdf5_cpp.so",
            ])
            .args(sources)
            .arg("-I")
            .arg(hdf5.include_dir())
            .arg("-o")
            .arg(lib.join("libhdf5_cpp.so"))
            .arg("-L")
            .arg(hdf5.lib_dir())
            .arg("-lhdf5"),
    )?;
    part.complete(&stage)?;
    work.end();
    Ok(())
}

fn ending(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder);
    let entries = entries.with_context(|| format!("the source has no {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    let paths: Vec<PathBuf> = paths.collect::<Result<_>>()?;
    let has_it = |path: &PathBuf| path.extension().is_some_and(|end| end == extension);
    Ok(paths.into_iter().filter(has_it).collect())
}
