//! Packages of the system: compilers, CMake, Python. Installed with apt when we may.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::run;

/// What is needed: how to see that it is there, and the Debian package that brings it.
const NEEDED: [(Check, &str); 10] = [
    (Check::Program("cc"), "gcc"),
    (Check::Program("c++"), "g++"),
    (Check::Program("gfortran"), "gfortran"),
    (Check::Program("cmake"), "cmake"),
    (Check::Program("ninja"), "ninja-build"),
    (Check::Program("pkg-config"), "pkg-config"),
    (Check::Program("curl"), "curl"),
    (Check::Program("readelf"), "binutils"),
    (Check::File("/usr/include/zlib.h"), "zlib1g-dev"),
    (Check::PythonWithVenv, "python3-venv"),
];

/// What the parallel build of HDF5 needs besides (`cargo xtask builds`).
const FOR_MPI: [(Check, &str); 2] = [
    (Check::Program("mpicc"), "libopenmpi-dev"),
    (Check::Program("mpiexec"), "openmpi-bin"),
];

enum Check {
    Program(&'static str),
    File(&'static str),
    PythonWithVenv,
}

impl Check {
    fn passes(&self) -> bool {
        match self {
            Self::Program(name) => succeeds(Command::new(name).arg("--version")),
            Self::File(path) => Path::new(path).is_file(),
            // Debian's python3 has `venv` but without python3-venv no `ensurepip`.
            Self::PythonWithVenv => succeeds(Command::new("python3").args([
                "-c",
                "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))",
            ])),
        }
    }
}

/// Installs what is missing, or says exactly what to install.
pub fn install_missing() -> Result<()> {
    install(&NEEDED)
}

/// The same for MPI.
pub fn install_mpi() -> Result<()> {
    install(&FOR_MPI)
}

fn install(needed: &[(Check, &'static str)]) -> Result<()> {
    let missing: Vec<&str> = needed
        .iter()
        .filter(|(check, _)| !check.passes())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let command = format!(
        "apt-get install -y --no-install-recommends {}",
        missing.join(" ")
    );
    if !succeeds(Command::new("apt-get").arg("--version")) {
        bail!(
            "this machine has no apt-get; please install what these Debian packages hold: {}",
            missing.join(" ")
        );
    }
    if run::output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!("packages are missing; please run: sudo {command}");
    }
    run::heading(&format!(
        "Installing Debian packages: {}",
        missing.join(" ")
    ));
    let mut update = Command::new("apt-get");
    run::output(update.args(["update", "-q"]))?;
    let mut install = Command::new("sh");
    install
        .args(["-c", &command])
        .env("DEBIAN_FRONTEND", "noninteractive");
    run::output(&mut install)?;
    let still: Vec<&str> = needed
        .iter()
        .filter(|(check, _)| !check.passes())
        .map(|(_, package)| *package)
        .collect();
    if !still.is_empty() {
        bail!(
            "installed, but not found on PATH or too old: {}",
            still.join(" ")
        );
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
