//! The HDF5 installations that tests run against, made by `cargo xtask setup`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cache;

/// Name of the folder with the C++ library of HDF5 1.14.5 and its headers.
pub const CPP: &str = "hdf5-1.14.5-cpp";

/// Name of the folder with HDF5 1.14.5 built for MPI.
pub const MPI: &str = "hdf5-1.14.5-mpi";

/// An HDF5 release the tests run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.14.5 with tools, high-level library, Fortran and the API tests.
    V1_14_5,
    /// 2.2.0, the C library and its headers.
    V2_2_0,
}

impl Version {
    /// Every release the tests run against.
    pub const ALL: [Self; 2] = [Self::V1_14_5, Self::V2_2_0];

    /// The release as HDF5 writes it.
    pub fn number(self) -> &'static str {
        match self {
            Self::V1_14_5 => "1.14.5",
            Self::V2_2_0 => "2.2.0",
        }
    }

    /// The release with this number.
    ///
    /// # Errors
    /// When there is none; the text names those there are.
    pub fn numbered(number: &str) -> std::result::Result<Self, String> {
        let found = Self::ALL.into_iter().find(|one| one.number() == number);
        found.ok_or_else(|| format!("there are {}", Self::ALL.map(Self::number).join(", ")))
    }

    /// Name of the folder with API tests that are not part of the installation.
    pub fn api_tests_name(self) -> String {
        format!("{}-api-tests", self.cache_name())
    }

    /// Name of the installation in the cache folder.
    pub fn cache_name(self) -> String {
        format!("hdf5-{}", self.number())
    }
}

/// Where one HDF5 release is installed.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Which release it is.
    pub version: Version,
    /// The installation's root.
    pub prefix: PathBuf,
}

impl Installation {
    /// The headers.
    pub fn include_dir(&self) -> PathBuf {
        self.prefix.join("include")
    }

    /// The shared libraries.
    pub fn lib_dir(&self) -> PathBuf {
        self.prefix.join("lib")
    }

    /// The command-line tools (`h5dump`, `h5ls`, ...); 1.14.5 only.
    pub fn bin_dir(&self) -> PathBuf {
        self.prefix.join("bin")
    }

    /// One of HDF5's API tests, `h5_api_test` or `h5_api_test_testhdf5`. Those of 2.2.0 are built from
    /// the sources of 1.14.5 and stand beside the installation.
    ///
    /// # Errors
    /// When they have not been built; the text names the command that builds them.
    pub fn api_test(&self, name: &str) -> Result<PathBuf> {
        match self.version {
            Version::V1_14_5 => Ok(self.program(name)),
            Version::V2_2_0 => {
                let tests = cache::completed(&self.version.api_tests_name())?;
                Ok(tests.join("bin").join(name))
            }
        }
    }

    /// One program of [`Self::bin_dir`].
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin_dir().join(name)
    }

    /// HDF5's own sample programs (`C`, `CXX`, `FORTRAN`); 1.14.5 only.
    pub fn samples(&self) -> PathBuf {
        self.prefix.join("source").join("HDF5Examples")
    }

    /// HDF5's own sample files, as in its source tree (`tools/test/...`); 1.14.5 only.
    pub fn source(&self) -> PathBuf {
        self.prefix.join("source")
    }

    /// Arguments for a C compiler that build `source` into the program `output`.
    pub fn compile_c(&self, source: &Path, output: &Path) -> Vec<OsString> {
        let mut arguments = vec![
            source.into(),
            "-o".into(),
            output.into(),
            "-O1".into(),
            "-Wall".into(),
        ];
        arguments.push(joined("-I", &self.include_dir()));
        arguments.extend(self.link_arguments(&["-lhdf5", "-lm"]));
        arguments
    }

    /// Arguments for a C++ compiler that build `source` into the program `output`; 1.14.5 only.
    ///
    /// # Errors
    /// When the C++ library has not been built; the text names the command that builds it.
    pub fn compile_cpp(&self, source: &Path, output: &Path) -> Result<Vec<OsString>> {
        let cpp = cache::completed(CPP)?;
        let mut arguments = vec![source.into(), "-o".into(), output.into(), "-O1".into()];
        arguments.push(joined("-I", &cpp.join("include")));
        arguments.push(joined("-I", &self.include_dir()));
        arguments.push(joined("-L", &cpp.join("lib")));
        arguments.push(joined("-Wl,-rpath,", &cpp.join("lib")));
        arguments.extend(self.link_arguments(&["-lhdf5_cpp", "-lhdf5"]));
        Ok(arguments)
    }

    /// Arguments for `gfortran` that build `source` into the program `output`; 1.14.5 only.
    pub fn compile_fortran(&self, source: &Path, output: &Path, modules: &Path) -> Vec<OsString> {
        let mut arguments = vec![source.into(), "-o".into(), output.into(), "-O1".into()];
        // Where gfortran leaves the source's own modules: never in the current folder.
        arguments.push(joined("-J", modules));
        arguments.push(joined("-I", &self.prefix.join("mod").join("shared")));
        arguments.push(joined("-I", &self.include_dir()));
        arguments.extend(self.link_arguments(&["-lhdf5_fortran", "-lhdf5_f90cstub", "-lhdf5"]));
        arguments
    }

    fn link_arguments(&self, libraries: &[&str]) -> Vec<OsString> {
        let lib_dir = self.lib_dir();
        let mut arguments = vec![joined("-L", &lib_dir), joined("-Wl,-rpath,", &lib_dir)];
        // A connector that was built with a sanitizer finds the runtime in the process.
        arguments.push("-Wl,--allow-shlib-undefined".into());
        arguments.extend(libraries.iter().map(OsString::from));
        arguments
    }
}

fn joined(flag: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(flag);
    argument.push(path);
    argument
}

/// The installation of `version` in the cache folder.
///
/// # Errors
/// When it has not been built; the text names the command that builds it.
pub fn installation(version: Version) -> Result<Installation> {
    let prefix = cache::completed(&version.cache_name())?;
    Ok(Installation { version, prefix })
}
