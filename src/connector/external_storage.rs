//! Datasets whose elements HDF5 keeps in files beside its own (`H5Pset_external`).
//!
//! The list of files is a creation property that servers keep without knowing it. The files are
//! those of the program's machine, as with HDF5: other clients of the server see a dataset that was
//! never written. `transfer::external` reads and writes them.

use h5rest_protocol::creation::{DatasetCreation, Layout};
use h5rest_protocol::{Datatype, Extent, Shape};
use serde_json::{Map, Value, json};

use super::error::{Error, Result};
use super::records::DatasetInfo;

/// Member of the creation properties that holds the list of files.
pub(super) const FILES: &str = "hdf5External";

/// Size of a file without bound, `H5F_UNLIMITED`.
const ENDLESS: u64 = u64::MAX;

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
    /// Whether its elements are in external files.
    pub fn is_external(&self) -> bool {
        !external_files(&self.creation.extra).is_empty()
    }

    /// Fails if elements of its type cannot be kept in external files.
    pub fn check_external_type(&self) -> Result<()> {
        check_type(&self.ty.datatype)
    }
}

/// What HDF5 demands of a new dataset whose elements are in these files.
pub(super) fn check(creation: &DatasetCreation, datatype: &Datatype, shape: &Shape) -> Result<()> {
    let files = external_files(&creation.extra);
    if files.is_empty() {
        return Ok(());
    }
    if !matches!(creation.layout, Some(Layout::Contiguous)) {
        return Err(Error::invalid(
            "only contiguous datasets can be in external files, neither chunked nor compact ones",
        ));
    }
    if !creation.filters.is_empty() {
        return Err(Error::invalid(
            "filters work on chunks, which datasets in external files do not have",
        ));
    }
    if shape.count() != Some(0) {
        check_type(datatype)?;
    }
    let room = files
        .iter()
        .fold(0u64, |n, file| n.saturating_add(file.size));
    let mut largest = datatype.memory_size().unwrap_or(0);
    for (n, &extent) in shape.dims().iter().enumerate() {
        let bound = match shape {
            Shape::Simple {
                maxdims: Some(bounds),
                ..
            } => bounds.get(n),
            _ => None,
        };
        if n > 0 && bound.is_some_and(|bound| bound.allows(extent.saturating_add(1))) {
            return Err(Error::invalid(
                "only the first dimension of a dataset in external files can grow",
            ));
        }
        largest = match bound {
            Some(Extent::Unlimited) if room == ENDLESS => return Ok(()),
            Some(Extent::Unlimited) => {
                return Err(Error::invalid(
                    "an extent without bound needs external files without bound (H5F_UNLIMITED)",
                ));
            }
            Some(Extent::Fixed(most)) => largest.saturating_mul(*most),
            None => largest.saturating_mul(extent),
        };
    }
    if largest > room {
        return Err(Error::invalid(format!(
            "the dataset may have {largest} bytes, its external files hold {room}"
        )));
    }
    Ok(())
}

/// Elements whose parts are elsewhere in the HDF5 file mean nothing in files of this machine.
fn check_type(datatype: &Datatype) -> Result<()> {
    let elsewhere = |part: &Datatype| matches!(part, Datatype::Reference(_));
    if datatype.is_variable() || datatype.any(&elsewhere) {
        return Err(Error::unsupported(
            "references and data of variable length in external files (H5Pset_external), which \
             would be places in an HDF5 file: keep them in the dataset",
        ));
    }
    Ok(())
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

    fn checked(sizes: &[u64], shape: &Shape) -> Result<()> {
        let file = |&size: &u64| ExternalFile {
            name: "a.raw".into(),
            offset: 0,
            size,
        };
        let files: Vec<_> = sizes.iter().map(file).collect();
        let mut creation = DatasetCreation {
            layout: Some(Layout::Contiguous),
            ..DatasetCreation::default()
        };
        keep_external_files(&files, &mut creation.extra);
        check(&creation, &Datatype::integer(4, true), shape)
    }

    #[test]
    fn the_largest_extent_must_fit_the_files() {
        let growing = |bounds: Vec<Extent>| Shape::Simple {
            dims: vec![1, 2],
            maxdims: Some(bounds),
        };
        let endless = growing(vec![Extent::Unlimited, Extent::Fixed(2)]);
        assert!(checked(&[16, ENDLESS], &endless).is_ok());
        assert!(checked(&[1 << 40], &endless).is_err());
        let four = growing(vec![Extent::Fixed(4), Extent::Fixed(2)]);
        assert!(checked(&[16, 16], &four).is_ok());
        assert!(checked(&[16, 15], &four).is_err());
        let wide = growing(vec![Extent::Fixed(1), Extent::Fixed(3)]);
        assert!(checked(&[ENDLESS], &wide).is_err());
    }
}
