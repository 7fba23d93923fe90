//! Virtual datasets: whose elements are those of other datasets.
//!
//! No server knows them. Their mappings travel with the creation properties, where servers keep
//! members that they do not know; other clients see a dataset without values. `transfer` resolves
//! the mappings.

use std::env;

use h5rest_protocol::{ObjectClass, Shape};
use serde_json::{Map, Value, json};

use super::error::{ErrorKind, Result};
use super::object::Object;
use super::records::DatasetInfo;

/// Member of the creation properties that holds the mappings.
const MAPPINGS: &str = "hdf5Virtual";

/// "Without end", in a hyperslab's count or block; HDF5's `H5S_UNLIMITED`.
pub const ENDLESS: u64 = u64::MAX;

/// Which elements of a virtual dataset are which of another dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// File of the source; "." is the virtual dataset's own. `%b` stands for a block's number.
    pub file: String,
    /// Path of the source; `%b` stands for a block's number.
    pub dataset: String,
    /// Elements of the virtual dataset.
    pub space: MappedSpace,
    /// As many elements of the source.
    pub source_space: MappedSpace,
}

/// An extent and what is selected of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedSpace {
    /// The extent.
    pub shape: Shape,
    /// The selected elements; `None` if all are.
    pub slabs: Option<Vec<Slab>>,
}

/// Blocks at even distances; all lists have one entry for each dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slab {
    /// First element of the first block.
    pub start: Vec<u64>,
    /// Distance between starts of blocks.
    pub stride: Vec<u64>,
    /// Number of blocks, or [`ENDLESS`].
    pub count: Vec<u64>,
    /// Elements of each block, or [`ENDLESS`].
    pub block: Vec<u64>,
}

impl Slab {
    /// One block.
    pub fn block(start: Vec<u64>, size: Vec<u64>) -> Self {
        let rank = start.len();
        Self {
            start,
            stride: vec![1; rank],
            count: vec![1; rank],
            block: size,
        }
    }
}

impl Mapping {
    fn to_json(&self) -> Value {
        json!({"file": self.file, "dataset": self.dataset,
            "space": self.space.to_json(), "sourceSpace": self.source_space.to_json()})
    }

    fn from_json(document: &Value) -> Option<Self> {
        let text = |key: &str| document[key].as_str();
        Some(Self {
            file: text("file")?.to_owned(),
            dataset: text("dataset")?.to_owned(),
            space: MappedSpace::from_json(&document["space"])?,
            source_space: MappedSpace::from_json(&document["sourceSpace"])?,
        })
    }
}

impl MappedSpace {
    fn to_json(&self) -> Value {
        let mut document = json!({"shape": self.shape.to_json()});
        if let Some(slabs) = &self.slabs {
            document["hyperslabs"] = slabs.iter().map(Slab::to_json).collect();
        }
        document
    }

    fn from_json(document: &Value) -> Option<Self> {
        let shape = Shape::from_json(&document["shape"]).ok()?;
        let slabs = match document.get("hyperslabs") {
            Some(list) => {
                let rank = shape.dims().len();
                let read = |slab: &Value| Slab::from_json(slab, rank);
                Some(list.as_array()?.iter().map(read).collect::<Option<_>>()?)
            }
            None => None,
        };
        Some(Self { shape, slabs })
    }
}

impl Slab {
    /// The same selection as HDF5 keeps it in files: blocks that touch each other are one, unless
    /// they have no end.
    pub fn merged(mut self) -> Self {
        for at in 0..self.start.len() {
            if self.count[at] == ENDLESS || self.block[at] == ENDLESS {
                continue;
            }
            if self.stride[at] == self.block[at] {
                self.block[at] = self.block[at].saturating_mul(self.count[at]);
                (self.count[at], self.stride[at]) = (1, 1);
            } else if self.count[at] == 1 {
                self.stride[at] = 1;
            }
        }
        self
    }

    fn to_json(&self) -> Value {
        let list = |numbers: &[u64]| -> Value {
            let number = |&n: &u64| match n {
                ENDLESS => json!("H5S_UNLIMITED"),
                n => json!(n),
            };
            numbers.iter().map(number).collect()
        };
        json!({"start": list(&self.start), "stride": list(&self.stride),
            "count": list(&self.count), "block": list(&self.block)})
    }

    fn from_json(document: &Value, rank: usize) -> Option<Self> {
        let list = |key: &str| -> Option<Vec<u64>> {
            let number = |value: &Value| match value.as_str() {
                Some("H5S_UNLIMITED") => Some(ENDLESS),
                _ => value.as_u64(),
            };
            let list: Vec<u64> = document[key]
                .as_array()?
                .iter()
                .map(number)
                .collect::<Option<_>>()?;
            (list.len() == rank).then_some(list)
        };
        Some(Self {
            start: list("start")?,
            stride: list("stride")?,
            count: list("count")?,
            block: list("block")?,
        })
    }
}

/// Puts the mappings of a virtual dataset into its creation properties.
pub fn keep_mappings(mappings: &[Mapping], properties: &mut Map<String, Value>) {
    let list = mappings.iter().map(Mapping::to_json).collect();
    properties.insert(MAPPINGS.into(), list);
}

/// The mappings in a dataset's creation properties; `None` if it is no virtual dataset.
pub fn mappings(properties: &Map<String, Value>) -> Option<Vec<Mapping>> {
    let list = properties.get(MAPPINGS)?.as_array()?;
    list.iter().map(Mapping::from_json).collect()
}

impl DatasetInfo {
    /// Whether its elements are those of other datasets.
    pub fn is_virtual(&self) -> bool {
        self.creation.extra.contains_key(MAPPINGS)
    }
}

impl Object {
    /// Opens the source that a mapping of this virtual dataset names, with this file's intent;
    /// `None` if there is no such file, or no dataset of that name in it. The file is looked for with
    /// `HDF5_VDS_PREFIX`, with `prefix`, and then as that of an external link.
    pub fn open_source(&self, prefix: &str, file: &str, dataset: &str) -> Result<Option<Object>> {
        let source = self.open_source_name(prefix, file, dataset)?;
        Ok(source.filter(|source| source.class() == ObjectClass::Dataset))
    }

    fn open_source_name(&self, prefix: &str, file: &str, dataset: &str) -> Result<Option<Object>> {
        if file == "." {
            return found(self.file().root().open(dataset));
        }
        let variable = env::var("HDF5_VDS_PREFIX").unwrap_or_default();
        let prefixes = variable.split(':').chain([prefix]);
        let folder = &self.session().location().domain;
        let origin = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = file.rsplit('/').next().filter(|_| file.starts_with('/'));
        for prefix in prefixes.filter(|prefix| !prefix.is_empty()) {
            let prefix = prefix.replace("${ORIGIN}", origin);
            let candidate = format!("{}/{}", prefix.trim_end_matches('/'), name.unwrap_or(file));
            if let Some(file) = found(self.open_external(&candidate))? {
                return found(file.root().open(dataset));
            }
        }
        match found(self.open_external(file))? {
            Some(file) => found(file.root().open(dataset)),
            None => Ok(None),
        }
    }
}

fn found<T>(opened: Result<T>) -> Result<Option<T>> {
    match opened {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_survive() {
        let mapping = Mapping {
            file: "f-%b.h5".into(),
            dataset: "/d".into(),
            space: MappedSpace {
                shape: Shape::fixed([4]),
                slabs: Some(vec![Slab {
                    start: vec![1],
                    stride: vec![3],
                    count: vec![ENDLESS],
                    block: vec![2],
                }]),
            },
            source_space: MappedSpace {
                shape: Shape::fixed([2, 2]),
                slabs: None,
            },
        };
        let mut properties = Map::new();
        assert_eq!(mappings(&properties), None);
        keep_mappings(std::slice::from_ref(&mapping), &mut properties);
        assert_eq!(mappings(&properties), Some(vec![mapping]));
    }
}
