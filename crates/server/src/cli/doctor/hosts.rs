//! The HDF5 libraries of this machine, which programs bring to the plugin: on the library path, in
//! the wheels of Python packages, and under HDF5's tools.
//!
//! Versions are read from the files; no library is loaded.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::elf;
use super::finding::Finding;

const SUBJECT: &str = "HDF5";
/// Every HDF5 library has this text, followed by its version.
const MARK: &str = "HDF5 library version: ";
/// Where the system's loader looks without being told.
const USUAL_FOLDERS: [&str; 6] = [
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu/hdf5/serial",
    "/usr/lib64",
    "/usr/lib",
];
/// Python packages whose wheels bring an HDF5.
const PACKAGES: [&str; 3] = ["h5py", "netCDF4", "tables"];
/// Prints where Python would find the packages.
const SCRIPT: &str = "import importlib.util\n\
    for name in ('h5py', 'netCDF4', 'tables'):\n    \
    spec = importlib.util.find_spec(name)\n    \
    print(name, spec.origin if spec else '-')\n";

/// An HDF5 library.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Library {
    /// The file.
    pub path: PathBuf,
    /// As HDF5 writes it, for example `1.14.5`.
    pub version: String,
    /// How it was found.
    pub origin: String,
}

impl Library {
    fn read(path: PathBuf, origin: String) -> Option<Self> {
        let texts = elf::texts_behind(&path, MARK);
        let starts_with_digit = |text: &String| text.starts_with(|c: char| c.is_ascii_digit());
        let version = texts.into_iter().find(starts_with_digit)?;
        Some(Self {
            path,
            version: version.trim().to_owned(),
            origin,
        })
    }

    /// Whether it can load the connector: 1.14 brought the interface that it is written for.
    pub fn is_new_enough(&self) -> bool {
        is_new_enough(&self.version)
    }
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .split(|c: char| !c.is_ascii_digit())
        .map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (1, 14),
        _ => false,
    }
}

/// The libraries, those that this shell's programs would load first, first. Each is looked for when
/// it is asked for: reading them takes time, and so does asking Python.
pub(in crate::cli) fn libraries() -> impl Iterator<Item = Library> {
    let of_folders = folders().into_iter().flat_map(|(folder, origin)| {
        let files = libraries_in(&folder, "libhdf5.so").into_iter();
        files.map(move |file| (file, origin.clone()))
    });
    let of_wheels = std::iter::once_with(wheels)
        .flatten()
        .flat_map(|(package, folder)| {
            let files = libraries_in(&folder, "libhdf5-").into_iter();
            files.map(move |file| (file, format!("Python package {package}")))
        });
    let mut known: Vec<PathBuf> = Vec::new();
    of_folders
        .chain(of_wheels)
        .filter_map(move |(file, origin)| {
            let file = file.canonicalize().ok()?;
            if known.contains(&file) {
                return None;
            }
            known.push(file.clone());
            Library::read(file, origin)
        })
}

/// Folders of libraries, and what named them.
fn folders() -> Vec<(PathBuf, String)> {
    let mut folders: Vec<(PathBuf, String)> = Vec::new();
    let paths = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let named = env::split_paths(&paths).filter(|folder| !folder.as_os_str().is_empty());
    folders.extend(named.map(|folder| (folder, "LD_LIBRARY_PATH".to_owned())));
    for variable in ["HDF5_DIR", "HDF5_ROOT", "CONDA_PREFIX"] {
        if let Some(prefix) = env::var_os(variable).filter(|value| !value.is_empty()) {
            folders.push((Path::new(&prefix).join("lib"), variable.to_owned()));
        }
    }
    // A tool on the path usually stands beside its library.
    if let Some(tool) = on_path("h5dump") {
        let tool = tool.canonicalize().unwrap_or(tool);
        let prefix = tool.parent().and_then(Path::parent);
        folders.extend(prefix.map(|prefix| (prefix.join("lib"), "h5dump's library".to_owned())));
    }
    folders.extend(USUAL_FOLDERS.map(|folder| (folder.into(), "the system".to_owned())));
    folders
}

/// The file of a name without version, or else those with one.
fn libraries_in(folder: &Path, start: &str) -> Vec<PathBuf> {
    let exact = folder.join(start);
    if exact.is_file() {
        return vec![exact];
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_one = |path: &PathBuf| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with(start) && name.contains(".so"))
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_one).collect();
    found.sort();
    found
}

/// The Python packages that are installed, and where their wheels keep libraries.
fn wheels() -> Vec<(String, PathBuf)> {
    let Some(python) = on_path("python3").or_else(|| on_path("python")) else {
        return Vec::new();
    };
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let text = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((package, origin)) = line.split_once(' ') else {
            continue;
        };
        let packages = Path::new(origin).parent().and_then(Path::parent);
        let (Some(packages), true) = (packages, PACKAGES.contains(&package)) else {
            continue;
        };
        // Wheel builders spell the folder as the package or in lower case.
        let names = [
            format!("{package}.libs"),
            format!("{}.libs", package.to_lowercase()),
        ];
        let folder = names
            .iter()
            .map(|name| packages.join(name))
            .find(|f| f.is_dir());
        found.extend(folder.map(|folder| (package.to_owned(), folder)));
    }
    found
}

/// A program of the search path.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Tells which libraries there are, and which of them are too old.
pub(super) fn check() -> Vec<Finding> {
    let libraries: Vec<Library> = libraries().collect();
    let mut findings: Vec<Finding> = libraries.iter().map(check_library).collect();
    if let Some(tool) = check_tool() {
        findings.push(tool);
    }
    if !libraries.iter().any(Library::is_new_enough) {
        findings.push(Finding::problem(
            SUBJECT,
            "no HDF5 library of version 1.14 or newer was found",
            "install HDF5 1.14 or newer, or a program that brings one (pip install h5py); or put \
             the folder of its libhdf5.so into LD_LIBRARY_PATH",
        ));
    }
    findings
}

fn check_library(library: &Library) -> Finding {
    let found = format!(
        "{} at {} (from {})",
        library.version,
        library.path.display(),
        library.origin
    );
    match library.is_new_enough() {
        true => Finding::ok(SUBJECT, found),
        false => Finding::note(
            SUBJECT,
            found,
            "too old to load the plugin: programs that use this library need HDF5 1.14 or newer",
        ),
    }
}

/// The version of the tools on the path: an old h5dump is often the first thing that is tried.
fn check_tool() -> Option<Finding> {
    let tool = on_path("h5dump")?;
    let output = Command::new(&tool)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().last()?.to_owned();
    let found = format!("{} is version {version}", tool.display());
    Some(match is_new_enough(&version) {
        true => Finding::ok("HDF5's tools", found),
        false => Finding::note(
            "HDF5's tools",
            found,
            "too old to load the plugin: put tools of HDF5 1.14 or newer first in PATH",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (version, enough) in [
            ("1.10.8", false),
            ("1.12.2", false),
            ("1.14.0", true),
            ("1.14.5-1", true),
            ("2.0.0", true),
            ("%d.%d", false),
        ] {
            assert_eq!(is_new_enough(version), enough, "{version}");
        }
    }
}
