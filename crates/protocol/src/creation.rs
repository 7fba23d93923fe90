//! Creation properties of datasets: storage layout, filters, fill value.
//!
//! The server acts on them; the connector turns dataset creation property lists into them and
//! back. What only HDF5 programs care about travels in `extra`, which servers keep as it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::datatype::Datatype;
use crate::error::{ProtocolError, Result};
use crate::values;

/// How a dataset's elements are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// With the metadata; at most 64 KiB.
    Compact,
    /// In one piece.
    Contiguous,
    /// In chunks of these extents, slowest first.
    Chunked(Vec<u64>),
}

impl Layout {
    /// The `layout` document.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Compact => json!({"class": "H5D_COMPACT"}),
            Self::Contiguous => json!({"class": "H5D_CONTIGUOUS"}),
            Self::Chunked(dims) => json!({"class": "H5D_CHUNKED", "dims": dims}),
        }
    }

    /// Reads a `layout` document. Layouts that point into HDF5 files (`..._REF`) show as the
    /// layout of these files; `None` for documents that are no layout.
    pub fn from_json(document: &Value) -> Option<Self> {
        let dims = || -> Option<Vec<u64>> {
            let dims = document.get("dims")?.as_array()?;
            dims.iter().map(Value::as_u64).collect()
        };
        match document.get("class")?.as_str()? {
            "H5D_COMPACT" => Some(Self::Compact),
            "H5D_CONTIGUOUS" | "H5D_CONTIGUOUS_REF" => Some(Self::Contiguous),
            "H5D_CHUNKED" | "H5D_CHUNKED_REF" | "H5D_CHUNKED_REF_INDIRECT" => {
                dims().map(Self::Chunked)
            }
            _ => None,
        }
    }
}

/// One step of a dataset's filter pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Number in HDF5's filter registry: 1 deflate, 2 shuffle, 3 fletcher32, 4 szip, 5 n-bit,
    /// 6 scale-offset, above 255 third parties.
    pub id: u32,
    /// HDF5's flags: 1 if a chunk may be stored without this step.
    pub flags: u32,
    /// Its name, if the program gave one.
    pub name: String,
    /// The numbers that the filter is called with.
    pub parameters: Vec<u32>,
}

/// Numbers in HDF5's filter registry.
pub mod filter_ids {
    /// Zlib.
    pub const DEFLATE: u32 = 1;
    /// Bytes sorted by significance.
    pub const SHUFFLE: u32 = 2;
    /// A checksum.
    pub const FLETCHER32: u32 = 3;
    /// Of integers and floats, by CCSDS 121.0-B.
    pub const SZIP: u32 = 4;
    /// The bits that a type uses.
    pub const NBIT: u32 = 5;
    /// Numbers as small integers.
    pub const SCALEOFFSET: u32 = 6;
    /// h5py's own.
    pub const LZF: u32 = 32000;
    /// One of several compressors.
    pub const BLOSC: u32 = 32001;
    /// Snappy.
    pub const SNAPPY: u32 = 32003;
    /// LZ4.
    pub const LZ4: u32 = 32004;
    /// LZ4 that takes its time.
    pub const LZ4HC: u32 = 32005;
    /// Bits sorted by significance, then LZ4.
    pub const BITSHUFFLE: u32 = 32008;
    /// Zstandard.
    pub const ZSTD: u32 = 32015;
}
use filter_ids as ids;

/// Names of filters: registry number, `class` member, `name` member. HSDS knows all, and refuses
/// szip, LZF and Snappy.
const KNOWN_FILTERS: [(u32, &str, &str); 13] = [
    (ids::DEFLATE, "H5Z_FILTER_DEFLATE", "deflate"),
    (ids::SHUFFLE, "H5Z_FILTER_SHUFFLE", "shuffle"),
    (ids::FLETCHER32, "H5Z_FILTER_FLETCHER32", "fletcher32"),
    (ids::SZIP, "H5Z_FILTER_SZIP", "szip"),
    (ids::NBIT, "H5Z_FILTER_NBIT", "nbit"),
    (ids::SCALEOFFSET, "H5Z_FILTER_SCALEOFFSET", "scaleoffset"),
    (ids::LZF, "H5Z_FILTER_LZF", "lzf"),
    (ids::BLOSC, "H5Z_FILTER_BLOSC", "blosclz"),
    (ids::SNAPPY, "H5Z_FILTER_SNAPPY", "snappy"),
    (ids::LZ4, "H5Z_FILTER_LZ4", "lz4"),
    (ids::LZ4HC, "H5Z_FILTER_LZ4HC", "lz4hc"),
    (ids::BITSHUFFLE, "H5Z_FILTER_BITSHUFFLE", "bitshuffle"),
    (ids::ZSTD, "H5Z_FILTER_ZSTD", "zstd"),
];

/// The class of filters that are told by `name` or `id` alone.
const USER_FILTER: &str = "H5Z_FILTER_USER";

impl Filter {
    /// The entry of a `filters` list, or `None` if HSDS has no name for this filter.
    pub fn to_json(&self) -> Option<Value> {
        let (_, class, name) = KNOWN_FILTERS.iter().find(|known| known.0 == self.id)?;
        let mut document = json!({"class": class, "id": self.id, "name": name});
        let parameter = |at: usize| self.parameters.get(at).copied();
        match self.id {
            ids::DEFLATE => document["level"] = json!(parameter(0).unwrap_or(6)),
            ids::SCALEOFFSET => {
                let kinds = ["H5Z_SO_FLOAT_DSCALE", "H5Z_SO_FLOAT_ESCALE", "H5Z_SO_INT"];
                let kind = kinds.get(parameter(0).unwrap_or(2) as usize);
                document["scaleType"] = json!(kind.copied().unwrap_or(kinds[2]));
                document["scaleOffset"] = json!(parameter(1).unwrap_or(0));
            }
            _ => {}
        }
        Some(document)
    }

    /// Reads an entry of a `filters` list; `None` if it names no filter that can be told.
    pub fn from_json(document: &Value) -> Option<Self> {
        let number = |key: &str| document.get(key)?.as_u64()?.try_into().ok();
        let text = |key: &str| document.get(key).and_then(Value::as_str);
        let class = text("class").or_else(|| document.as_str());
        let name = match class {
            Some(USER_FILTER) => text("name"),
            class => class,
        };
        let name = match name {
            Some("gzip" | "zlib") => Some("deflate"),
            name => name,
        };
        let by_name = |known: &&(u32, &str, &str)| Some(known.1) == name || Some(known.2) == name;
        let id =
            number("id").or_else(|| KNOWN_FILTERS.iter().find(by_name).map(|known| known.0))?;
        let listed = || {
            let list = document.get("parameters")?.as_array()?.iter();
            list.map(|number| number.as_u64()?.try_into().ok())
                .collect()
        };
        let parameters = match id {
            ids::DEFLATE => vec![number("level").unwrap_or(6)],
            ids::SCALEOFFSET => vec![
                match text("scaleType") {
                    Some("H5Z_SO_FLOAT_DSCALE") => 0,
                    Some("H5Z_SO_FLOAT_ESCALE") => 1,
                    _ => 2,
                },
                number("scaleOffset").unwrap_or(0),
            ],
            _ => match (listed(), number("level")) {
                (Some(listed), _) => listed,
                (None, Some(level)) => vec![level],
                (None, None) => Vec::new(),
            },
        };
        Some(Self {
            id,
            flags: u32::from(id != ids::FLETCHER32),
            name: text("name").unwrap_or_default().to_owned(),
            parameters,
        })
    }
}

/// A dataset's creation properties.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DatasetCreation {
    /// Storage; `None` lets the server choose.
    pub layout: Option<Layout>,
    /// Pipeline in the order in which a writer applies it.
    pub filters: Vec<Filter>,
    /// One element in wire form that unwritten elements read as; `None` means zero.
    pub fill_value: Option<Vec<u8>>,
    /// Every other member of the document.
    pub extra: Map<String, Value>,
}

impl DatasetCreation {
    /// The `creationProperties` document for a dataset of this type.
    pub fn to_json(&self, datatype: &Datatype) -> Value {
        let mut document = self.extra.clone();
        if let Some(layout) = &self.layout {
            document.insert("layout".into(), layout.to_json());
        }
        let filters: Vec<Value> = self.filters.iter().filter_map(Filter::to_json).collect();
        if !filters.is_empty() {
            document.insert("filters".into(), Value::Array(filters));
        }
        if let Some(fill) = &self.fill_value {
            let (value, encoding) = fill_to_json(fill, datatype);
            document.insert("fillValue".into(), value);
            if let Some(encoding) = encoding {
                document.insert("fillValue_encoding".into(), json!(encoding));
            }
        }
        Value::Object(document)
    }

    /// Reads a `creationProperties` document; `layout` is where HSDS reports it today, older
    /// data have it beside `creationProperties` (the caller merges that).
    pub fn from_json(document: &Value, datatype: &Datatype) -> Result<Self> {
        let Some(members) = document.as_object() else {
            return Ok(Self::default());
        };
        let filters = members.get("filters").and_then(Value::as_array);
        let mut extra = members.clone();
        for known in ["layout", "filters", "fillValue", "fillValue_encoding"] {
            extra.shift_remove(known);
        }
        Ok(Self {
            layout: members.get("layout").and_then(Layout::from_json),
            filters: filters.map_or_else(Vec::new, |list| {
                list.iter().filter_map(Filter::from_json).collect()
            }),
            fill_value: fill_from_json(members, datatype)?,
            extra,
        })
    }
}

/// Numbers go as JSON numbers, which every reader understands; everything else, and numbers that
/// JSON would change (NaN, infinities, negative zero), as base64 of the element.
fn fill_to_json(fill: &[u8], datatype: &Datatype) -> (Value, Option<&'static str>) {
    if matches!(datatype, Datatype::Integer(_) | Datatype::Float(_))
        && let Ok(value) = values::json::element_to_json(datatype, fill)
        && value.is_number()
        && values::json::element_from_json(datatype, &value).is_ok_and(|bytes| bytes == fill)
        && !value
            .as_f64()
            .is_some_and(|v| v == 0.0 && v.is_sign_negative())
    {
        return (value, None);
    }
    (json!(BASE64.encode(fill)), Some("base64"))
}

fn fill_from_json(members: &Map<String, Value>, datatype: &Datatype) -> Result<Option<Vec<u8>>> {
    let Some(value) = members.get("fillValue").filter(|v| !v.is_null()) else {
        return Ok(None);
    };
    let encoding = members.get("fillValue_encoding").and_then(Value::as_str);
    let bytes = match (encoding, value.as_str()) {
        (Some("base64"), Some(text)) => BASE64.decode(text).ok(),
        _ => None,
    };
    let fill = match bytes {
        Some(bytes) => bytes,
        None => values::json::element_from_json(datatype, value)?,
    };
    // It is repeated for as many elements as are missing.
    if datatype.wire_size().is_some_and(|size| size != fill.len()) {
        return Err(ProtocolError::InvalidValue(format!(
            "a fill value of {} bytes for elements of another size",
            fill.len()
        )));
    }
    Ok(Some(fill))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_values_keep_every_bit() {
        let f64_le = Datatype::from_json(&json!("H5T_IEEE_F64LE")).unwrap();
        for fill in [1.5f64, -0.0, f64::NAN, f64::INFINITY] {
            let creation = DatasetCreation {
                fill_value: Some(fill.to_le_bytes().to_vec()),
                ..DatasetCreation::default()
            };
            let document = creation.to_json(&f64_le);
            assert_eq!(document["fillValue"].is_number(), fill == 1.5);
            let read = DatasetCreation::from_json(&document, &f64_le).unwrap();
            assert_eq!(read, creation);
        }
    }

    #[test]
    fn fill_values_have_the_size_of_an_element() {
        let i32_le = Datatype::integer(4, true);
        for (fill, fits) in [("AAAAAA==", true), ("AAAA", false), ("AAAAAAAAAAA=", false)] {
            let document = json!({"fillValue": fill, "fillValue_encoding": "base64"});
            let read = DatasetCreation::from_json(&document, &i32_le);
            assert_eq!(read.is_ok(), fits, "{fill}");
        }
    }

    #[test]
    fn filters_and_unknown_members_survive() {
        let i32_le = Datatype::integer(4, true);
        let document = json!({
            "layout": {"class": "H5D_CHUNKED", "dims": [10, 20]},
            "filters": [
                {"class": "H5Z_FILTER_SHUFFLE", "id": 2, "name": "shuffle"},
                {"class": "H5Z_FILTER_DEFLATE", "id": 1, "name": "deflate", "level": 9}],
            "fillValue": 42, "trackTimes": "False"});
        let read = DatasetCreation::from_json(&document, &i32_le).unwrap();
        assert_eq!(read.layout, Some(Layout::Chunked(vec![10, 20])));
        assert_eq!(read.filters[1].parameters, [9]);
        assert_eq!(read.fill_value, Some(vec![42, 0, 0, 0]));
        assert_eq!(read.to_json(&i32_le), document);
    }
}
