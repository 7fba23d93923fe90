//! Datasets whose elements HDF5 keeps in files beside its own (`H5Pset_external`).
//!
//! A server has no such files, and those of this machine are not what other clients see. So only
//! what needs no file works: a dataset without elements, and the list of files as a creation
//! property. Elements are refused.

use serde_json::{Map, Value, json};

use super::cache::DatasetInfo;
use super::error::{Error, Result};

/// Member of the creation properties that holds the list of files.
const FILES: &str = "hdf5External";

/// Part of a file that holds elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalFile {
    /// Its name, as the program gave it.
    pub name: String,
    /// Where the elements begin in it, in bytes.
    pub offset: i64,
    /// How many bytes it holds; `H5F_UNLIMITED` (all ones) for the last of an extent without bound.
    pub size: u64,
}

/// Puts the list of files into a dataset's creation properties.
pub fn keep_external_files(files: &[ExternalFile], properties: &mut Map<String, Value>) {
    let told = files.iter().map(|file| {
        let ExternalFile { name, offset, size } = file;
        json!({"name": name, "offset": offset, "size": size})
    });
    properties.insert(FILES.into(), told.collect());
}

/// The list of files in a dataset's creation properties, empty for other datasets.
pub fn external_files(properties: &Map<String, Value>) -> Vec<ExternalFile> {
    let read = |document: &Value| {
        Some(ExternalFile {
            name: document["name"].as_str()?.to_owned(),
            offset: document["offset"].as_i64()?,
            size: document["size"].as_u64()?,
        })
    };
    let list = properties.get(FILES).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(read).collect()
}

impl DatasetInfo {
    /// Fails if its elements are in external files.
    pub fn check_not_external(&self) -> Result<()> {
        match external_files(&self.creation.extra).first() {
            None => Ok(()),
            Some(file) => Err(refused(&file.name)),
        }
    }
}

pub(super) fn refused(name: &str) -> Error {
    Error::unsupported(&format!(
        "elements in external files ('{name}', H5Pset_external), which no server has: keep them in \
         the dataset"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_comes_back() {
        let files = [
            ExternalFile {
                name: "a.raw".into(),
                offset: 8,
                size: 100,
            },
            ExternalFile {
                name: "b.raw".into(),
                offset: 0,
                size: u64::MAX,
            },
        ];
        let mut properties = Map::new();
        assert!(external_files(&properties).is_empty());
        keep_external_files(&files, &mut properties);
        assert_eq!(external_files(&properties), files);
    }
}
