//! The functions that HDF5's headers declare.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use h5rest_testkit::hdf5::Installation;

/// The names of all functions of the C library (not of the high-level libraries).
pub fn functions(hdf5: &Installation) -> Result<BTreeSet<String>> {
    let folder = hdf5.include_dir();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {folder:?}"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "h") {
            declared(&without_comments(&fs::read_to_string(&path)?), &mut names);
        }
    }
    Ok(names)
}

fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// `H5_DLL type H5Xname(...)`
fn declared(text: &str, names: &mut BTreeSet<String>) {
    for declaration in text.split("H5_DLL ").skip(1) {
        let Some((head, _)) = declaration.split_once('(') else {
            continue;
        };
        let name = head.split([' ', '*', '\n']).rfind(|word| !word.is_empty());
        if let Some(name) = name
            && name.starts_with("H5")
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            names.insert(name.to_owned());
        }
    }
}
