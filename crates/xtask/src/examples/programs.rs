//! HDF5's example programs: which there are, and compiling them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use h5rest_testkit::build;
use h5rest_testkit::hdf5::{Installation, Version};

use crate::run;

/// Folders of serial programs that need nothing but HDF5. Not here: `H5PAR` needs MPI, `H5FLT`
/// filter plugins.
const FOLDERS: [&str; 15] = [
    "C/H5D",
    "C/H5D/16",
    "C/H5G",
    "C/H5G/16",
    "C/H5T",
    "C/H5T/16",
    "C/H5VDS",
    "C/Perf",
    "C/TUTR",
    "CXX/H5D",
    "CXX/TUTR",
    "FORTRAN/H5D",
    "FORTRAN/H5G",
    "FORTRAN/H5T",
    "FORTRAN/TUTR",
];

/// Programs that read what another one of their folder wrote.
const NEEDS: [(&str, &[&str]); 9] = [
    ("h5_rdwt", &["h5_crtdat"]),
    ("h5_crtatt", &["h5_crtdat"]),
    ("h5_crtgrpd", &["h5_crtgrpar"]),
    ("h5slabread", &["h5slabwrite"]),
    ("readdata", &["create"]),
    ("chunks", &["extend_ds"]),
    ("h5tutr_rdwt", &["h5tutr_crtdat"]),
    ("h5tutr_crtatt", &["h5tutr_crtdat"]),
    ("h5tutr_crtgrpd", &["h5tutr_crtgrpar"]),
];

/// One program.
#[derive(Clone, Debug)]
pub struct Example {
    /// `C/H5D`
    folder: &'static str,
    /// `h5ex_d_alloc`
    stem: String,
    source: PathBuf,
}

impl Example {
    /// `C/H5D/h5ex_d_alloc`
    pub fn name(&self) -> String {
        format!("{}/{}", self.folder, self.stem)
    }

    /// The programs that must run before this one.
    pub fn needs(&self) -> &'static [&'static str] {
        let found = NEEDS.iter().find(|(name, _)| *name == self.stem);
        found.map_or(&[], |(_, needs)| needs)
    }

    /// Another program of the same folder.
    pub fn sibling(&self, stem: &str) -> Self {
        let extension = self.source.extension().unwrap_or_default();
        Self {
            folder: self.folder,
            stem: stem.to_owned(),
            source: self.source.with_file_name(stem).with_extension(extension),
        }
    }

    /// The file that comes with the program for it to read. Those of old programs are with the
    /// new ones.
    pub fn sample_file(&self) -> Option<PathBuf> {
        let beside = self.source.with_extension("h5");
        let name = beside.file_name()?;
        let above = beside.parent()?.parent()?.join(name);
        [beside.clone(), above]
            .into_iter()
            .find(|file| file.is_file())
    }

    /// Of 2.2.0 there is the C library alone.
    pub fn can_be_built_with(&self, version: Version) -> bool {
        version == Version::V1_14_5 || matches!(self.language(), Language::C)
    }

    fn language(&self) -> Language {
        match self.folder.split('/').next() {
            Some("FORTRAN") => Language::Fortran,
            Some("CXX") => Language::Cpp,
            _ => Language::C,
        }
    }
}

enum Language {
    C,
    Cpp,
    Fortran,
}

/// Every program, in order of the names; the sources are in an installation of 1.14.5.
pub fn all(source: &Installation) -> Result<Vec<Example>> {
    let mut examples = Vec::new();
    for folder in FOLDERS {
        let path = source.samples().join(folder);
        let entries =
            fs::read_dir(&path).with_context(|| format!("cannot list {}", path.display()))?;
        for entry in entries {
            let source = entry?.path();
            let extension = source.extension().and_then(|text| text.to_str());
            if let (Some("c" | "cpp" | "f90" | "F90"), Some(stem)) = (extension, source.file_stem())
            {
                examples.push(Example {
                    folder,
                    stem: stem.to_string_lossy().into_owned(),
                    source,
                });
            }
        }
    }
    examples.sort_by_key(Example::name);
    Ok(examples)
}

/// Where the compiled program is.
pub fn binary(hdf5: &Installation, example: &Example) -> Result<PathBuf> {
    let folder = build::target_folder()?.join("hdf5-examples");
    let folder = folder.join(hdf5.version.number()).join(example.folder);
    Ok(folder.join(&example.stem))
}

/// Compiles a program, unless it has been compiled from this source.
pub fn compile(hdf5: &Installation, example: &Example) -> Result<()> {
    let binary = binary(hdf5, example)?;
    let when = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    if let (Ok(made), Ok(written)) = (when(&binary), when(&example.source))
        && made > written
    {
        return Ok(());
    }
    let folder = binary.parent().context("a program is in a folder")?;
    fs::create_dir_all(folder)?;
    let mut command = match example.language() {
        Language::C => c(hdf5, example, &binary)?,
        Language::Cpp => cpp(hdf5, example, &binary)?,
        Language::Fortran => fortran(hdf5, example, &binary, folder)?,
    };
    run::output(&mut command)?;
    Ok(())
}

fn c(hdf5: &Installation, example: &Example, binary: &Path) -> Result<Command> {
    let source = if example.folder == "C/Perf" {
        smaller(example, binary)?
    } else {
        example.source.clone()
    };
    let mut command = Command::new("cc");
    // What old programs do with return values is not our business.
    command.arg("-w").args(hdf5.compile_c(&source, binary));
    if example.folder.ends_with("/16") {
        command.arg("-DH5_USE_16_API");
    }
    Ok(command)
}

fn cpp(hdf5: &Installation, example: &Example, binary: &Path) -> Result<Command> {
    let mut command = Command::new("g++");
    command
        .arg("-w")
        .args(hdf5.compile_cpp(&example.source, binary)?);
    Ok(command)
}

/// The programs of `C/Perf` move 8 GiB; their header has a second, small set of sizes, which is
/// chosen in a copy.
fn smaller(example: &Example, binary: &Path) -> Result<PathBuf> {
    let source = binary.with_extension("src").join("Perf");
    fs::create_dir_all(&source)?;
    let header = fs::read_to_string(example.source.with_file_name("h5slab.h"))?;
    fs::write(
        source.join("h5slab.h"),
        header.replacen("#if 1", "#if 0", 1),
    )?;
    let copy = source.join(&example.stem).with_extension("c");
    fs::copy(&example.source, &copy)?;
    Ok(copy)
}

fn fortran(
    hdf5: &Installation,
    example: &Example,
    binary: &Path,
    folder: &Path,
) -> Result<Command> {
    // What HDF5's build makes of h5_version.h.in.
    let template = hdf5.samples().join("FORTRAN/H5D/h5_version.h.in");
    let mut numbers = hdf5.version.number().split('.');
    let mut text = fs::read_to_string(&template)
        .with_context(|| format!("cannot read {}", template.display()))?;
    for part in ["MAJOR", "MINOR", "RELEASE"] {
        text = text.replace(&format!("@H5_VERS_{part}@"), numbers.next().unwrap_or("0"));
    }
    fs::write(folder.join("h5_version.h"), text)?;
    let mut command = Command::new("gfortran");
    command
        .args(["-cpp", "-w", "-I"])
        .arg(folder)
        .args(hdf5.compile_fortran(&example.source, binary, folder));
    Ok(command)
}
