//! What each kind of record holds, and how it lies in the store.

use std::collections::BTreeMap;

use bytes::Bytes;
use h5rest_protocol::ObjectId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::auth::acl::Acl;
use crate::error::{ApiError, Result};
use crate::store::{Reader, StoreError};

/// A domain, or a folder when it has no root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DomainRecord {
    /// The root group; `None` for folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ObjectId>,
    /// Who made it, or was given it.
    pub owner: String,
    /// What each user may do; `default` stands for everybody else.
    pub acls: BTreeMap<String, Acl>,
    /// When it was made.
    pub created: f64,
    /// When its own record changed last, not its content.
    #[serde(rename = "lastModified")]
    pub modified: f64,
}

/// What never changes about an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// When it was made.
    pub created: f64,
    /// The `type` document of a dataset or committed datatype.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub datatype: Option<Value>,
    /// The `creationProperties` document, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation: Option<Value>,
    /// Extents of the chunks in which a dataset is stored, whatever its layout says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<Vec<u64>>,
    /// In which way its filters are applied to these chunks, see `values::filters`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub filtering: u8,
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// What changes with an object's links and attributes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "StoredCounters")]
pub struct Counters {
    /// When a link or attribute changed last.
    pub modified: f64,
    /// Number of links.
    pub links: u64,
    /// Number of attributes.
    pub attributes: u64,
    /// The creation order number of the next link; 0 again when the last one is deleted.
    pub next_link: u64,
    /// The creation order number of the next attribute; 0 again when the last one is deleted.
    pub next_attribute: u64,
}

/// Counters as they lie in the store. Early ones number links and attributes of an object together.
#[derive(Deserialize)]
struct StoredCounters {
    modified: f64,
    links: u64,
    attributes: u64,
    next_link: Option<u64>,
    next_attribute: Option<u64>,
    #[serde(default)]
    made: u64,
}

impl From<StoredCounters> for Counters {
    fn from(stored: StoredCounters) -> Self {
        Self {
            modified: stored.modified,
            links: stored.links,
            attributes: stored.attributes,
            next_link: stored.next_link.unwrap_or(stored.made),
            next_attribute: stored.next_attribute.unwrap_or(stored.made),
        }
    }
}

/// A link of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkRecord {
    /// When it was made; may be the client's word.
    pub created: f64,
    /// HDF5's creation order number: never given again while the group has links.
    pub number: u64,
    /// The link document as it was sent, `class` added.
    pub item: Map<String, Value>,
}

/// An attribute without its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeHeader {
    /// When it was made; may be the client's word.
    pub created: f64,
    /// HDF5's creation order number: never given again while the object has attributes.
    pub number: u64,
    /// The `type` document.
    #[serde(rename = "type")]
    pub datatype: Value,
    /// The `shape` document.
    pub shape: Value,
    /// Whether a value was ever written.
    pub written: bool,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeRecord {
    /// All but its value.
    pub header: AttributeHeader,
    /// Its elements in wire form; empty if never written.
    pub value: Bytes,
}

/// Reads a record that is a JSON document.
pub fn get<T: DeserializeOwned>(reader: &dyn Reader, key: &[u8]) -> Result<Option<T>> {
    reader.get(key)?.map(|bytes| decode(&bytes)).transpose()
}

/// Makes sense of a record that is a JSON document.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|e| StoreError::Damaged(format!("unreadable record: {e}")).into())
}

/// The bytes of a record that is a JSON document.
pub fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(record).map_err(|e| ApiError::internal(format!("unwritable record: {e}")))
}

impl AttributeRecord {
    /// The length of the header, the header, the value.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let header = encode(&self.header)?;
        let mut bytes = Vec::with_capacity(4 + header.len() + self.value.len());
        bytes.extend_from_slice(&(header.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&self.value);
        Ok(bytes)
    }

    /// The header and the value in a record as it lies in the store.
    pub fn parts(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
        let parts = bytes.split_first_chunk::<4>().and_then(|(length, rest)| {
            let length = u32::from_le_bytes(*length) as usize;
            rest.split_at_checked(length)
        });
        let cut = || StoreError::Damaged("attribute record cut short".into());
        Ok(parts.ok_or_else(cut)?)
    }

    /// The reverse of [`AttributeRecord::encode`].
    pub fn decode(bytes: &Bytes) -> Result<Self> {
        let (header, value) = Self::parts(bytes)?;
        Ok(Self {
            header: decode(header)?,
            value: bytes.slice_ref(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_counters_number_links_and_attributes_together() {
        let early = br#"{"modified":1.5,"links":2,"attributes":1,"made":7}"#;
        let counters: Counters = decode(early).unwrap();
        assert_eq!((counters.next_link, counters.next_attribute), (7, 7));
        assert_eq!(
            decode::<Counters>(&encode(&counters).unwrap()).unwrap(),
            counters
        );
    }
}
