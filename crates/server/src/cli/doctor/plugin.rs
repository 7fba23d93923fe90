//! The plugin: where HDF5 looks for it, and what it finds there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::elf;
use super::finding::Finding;
use crate::cli::env::{PLUGIN, beside_this_program};

const SUBJECT: &str = "plugin";
/// Where HDF5 looks if `HDF5_PLUGIN_PATH` is not set, unless it was built otherwise.
const DEFAULT_FOLDER: &str = "/usr/local/hdf5/lib/plugin";
/// Every build of the plugin has this text, followed by its version.
const MARK: &str = "hdf5-vol-rest/";

/// Checks the variables, the folders and the file.
pub(super) fn check() -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Ok(preload) = env::var("HDF5_PLUGIN_PRELOAD")
        && preload.trim() == "::"
    {
        findings.push(Finding::problem(
            SUBJECT,
            "HDF5_PLUGIN_PRELOAD is '::', which makes HDF5 load no plugin at all",
            "unset HDF5_PLUGIN_PRELOAD",
        ));
    }
    let set = env::var_os("HDF5_PLUGIN_PATH").filter(|value| !value.is_empty());
    let folders: Vec<PathBuf> = match &set {
        Some(value) => env::split_paths(value).collect(),
        None => vec![DEFAULT_FOLDER.into()],
    };
    for folder in folders
        .iter()
        .filter(|folder| !folder.is_dir() && set.is_some())
    {
        findings.push(Finding::note(
            SUBJECT,
            format!(
                "HDF5_PLUGIN_PATH names {}, which is no folder",
                folder.display()
            ),
            "correct it, or take it out",
        ));
    }
    match folders.iter().find(|folder| folder.join(PLUGIN).exists()) {
        Some(folder) => findings.extend(check_folder(folder)),
        None => findings.push(missing(set.is_some(), &folders)),
    }
    findings
}

fn missing(set: bool, folders: &[PathBuf]) -> Finding {
    let searched: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
    let searched = searched.join(", ");
    let found = match set {
        true => format!("HDF5_PLUGIN_PATH is set, but there is no {PLUGIN} in {searched}"),
        false => format!("HDF5_PLUGIN_PATH is not set, and there is no {PLUGIN} in {searched}"),
    };
    let todo = match beside_this_program() {
        Ok(folder) => format!("export HDF5_PLUGIN_PATH={}", folder.display()),
        Err(_) => format!("export HDF5_PLUGIN_PATH=<the folder that has {PLUGIN}>"),
    };
    Finding::problem(SUBJECT, found, todo)
}

fn check_folder(folder: &Path) -> Vec<Finding> {
    let mut findings = vec![check_file(&folder.join(PLUGIN))];
    let others: Vec<String> = other_libraries(folder);
    if !others.is_empty() {
        findings.push(Finding::note(
            "plugin folder",
            format!("{} also holds {}", folder.display(), others.join(", ")),
            "HDF5 opens every library of this folder: leave only HDF5 plugins in it",
        ));
    }
    findings
}

/// What HDF5 would take for plugins: files whose names start with `lib` and contain `.so`.
fn other_libraries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_other = |name: &String| {
        // Plugins of filters are usual neighbours.
        name.starts_with("lib") && name.contains(".so") && name != PLUGIN && !name.contains("h5")
    };
    let mut others: Vec<String> = names.filter(is_other).collect();
    others.sort();
    others.truncate(5);
    others
}

fn check_file(file: &Path) -> Finding {
    let name = file.display();
    let own = elf::own_architecture();
    match elf::architecture(file) {
        None => Finding::problem(
            SUBJECT,
            format!("{name} cannot be read, or is no library"),
            "install it again, and check that you may read it",
        ),
        found if own.is_some() && found != own => Finding::problem(
            SUBJECT,
            format!(
                "{name} is for another machine ({}); this one is {}",
                found.map_or_else(String::new, elf::name),
                own.map_or_else(String::new, elf::name)
            ),
            "install the plugin that was built for this machine",
        ),
        Some(_) => match elf::texts_behind(file, MARK)
            .into_iter()
            .find(|text| is_version(text))
        {
            Some(version) if version == env!("CARGO_PKG_VERSION") => {
                Finding::ok(SUBJECT, format!("{name}, version {version}"))
            }
            Some(version) => Finding::note(
                SUBJECT,
                format!(
                    "{name} is version {version}, this h5rest {}",
                    env!("CARGO_PKG_VERSION")
                ),
                "install both from one build",
            ),
            None => Finding::problem(
                SUBJECT,
                format!("{name} is another connector of the same name (the C REST VOL?)"),
                "put the folder of this one first in HDF5_PLUGIN_PATH",
            ),
        },
    }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && text.contains('.')
}
