//! A dataset's filters, applied to its chunks in the store.
//!
//! Applied are shuffling, one compressor, and a checksum; in this order, whatever the order of the
//! filters, because nobody sees the stored form. Filters that are not applied stay properties of
//! the dataset: its elements are what was written, so lossy ones lose nothing.
//!
//! A chunk record of a dataset with such filters starts with a byte that tells what was done to it:
//! what does not get smaller is stored as it is. A checksum of all before it is at the end.

mod codec;
mod fletcher32;
mod shuffle;

use bytes::Bytes;
use h5rest_protocol::creation::{Filter, filter_ids as ids};

use self::codec::Codec;
use crate::error::{ApiError, Result};
use crate::store::StoreError;

/// Datasets are stored this way now. Those of early stores, of way 0, know deflate and shuffle only.
pub const CURRENT: u8 = 1;

/// In a record's first byte: the rest is compressed.
const COMPRESSED: u8 = 1;
/// In a record's first byte: a checksum is at the end.
const CHECKED: u8 = 2;
/// Bytes of the checksum.
const CHECKSUM: usize = 4;

/// What is done to a dataset's chunks on their way into the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pipeline {
    /// Size of the elements whose bytes are sorted by significance.
    shuffle: Option<usize>,
    codec: Option<Codec>,
    checksum: bool,
}

impl Pipeline {
    /// The part of these filters that is applied to elements of `size` bytes (`None`: variable), of
    /// a dataset that is stored in this way.
    pub fn new(filters: &[Filter], size: Option<usize>, way: u8) -> Self {
        let applied =
            |filter: &&Filter| way == CURRENT || [ids::DEFLATE, ids::SHUFFLE].contains(&filter.id);
        let filters: Vec<&Filter> = filters.iter().filter(applied).collect();
        let codec = filters.iter().find_map(|filter| Codec::of(filter));
        let sorts = |filter: &&&Filter| match filter.id {
            ids::SHUFFLE | ids::BITSHUFFLE => true,
            // Blosc has it inside: not at all, by bytes, by bits.
            ids::BLOSC => filter.parameters.get(5).is_some_and(|&how| how > 0),
            _ => false,
        };
        // Shuffling alone saves nothing.
        let shuffle = filters.iter().find(sorts).and(codec).and(size);
        Self {
            shuffle: shuffle.filter(|&size| size > 1),
            codec,
            checksum: filters.iter().any(|filter| filter.id == ids::FLETCHER32),
        }
    }

    /// What is done, as clients know it.
    pub fn names(&self) -> Vec<&'static str> {
        let shuffle = self.shuffle.map(|_| "shuffle");
        let codec = self.codec.map(Codec::name);
        let checksum = self.checksum.then_some("fletcher32");
        shuffle.into_iter().chain(codec).chain(checksum).collect()
    }

    /// Whether records are the chunks' elements.
    pub fn is_empty(&self) -> bool {
        self.codec.is_none() && !self.checksum
    }

    /// The record of a chunk.
    pub fn encode(&self, chunk: Bytes) -> Result<Bytes> {
        if self.is_empty() {
            return Ok(chunk);
        }
        let mut record = self.compressed(&chunk)?.unwrap_or_else(|| {
            let mut plain = Vec::with_capacity(chunk.len() + 1 + CHECKSUM);
            plain.push(0);
            plain.extend_from_slice(&chunk);
            plain
        });
        if self.checksum {
            record[0] |= CHECKED;
            let sum = fletcher32::checksum(&record);
            record.extend(sum.to_le_bytes());
        }
        Ok(record.into())
    }

    /// The record without its checksum; `None` if there is no use in compressing.
    fn compressed(&self, chunk: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(codec) = self.codec else {
            return Ok(None);
        };
        let shuffled = self.shuffle.map(|size| shuffle::shuffle(chunk, size));
        let mut record = vec![COMPRESSED];
        let possible = codec
            .compress(shuffled.as_deref().unwrap_or(chunk), &mut record)
            .map_err(|e| ApiError::internal(format!("compression failed: {e}")))?;
        Ok((possible && record.len() <= chunk.len()).then_some(record))
    }

    /// The chunk of a record; `expected` is the size of a chunk, if that is known.
    pub fn decode(&self, record: Bytes, expected: Option<usize>) -> Result<Bytes> {
        if self.is_empty() {
            return Ok(record);
        }
        let damaged = |why: &str| ApiError::from(StoreError::Damaged(format!("chunk: {why}")));
        let record = match self.checksum {
            true => without_checksum(record).ok_or_else(|| damaged("wrong checksum"))?,
            false => record,
        };
        let form = record.first().map(|form| form & !CHECKED);
        match (form, self.codec) {
            (Some(0), _) => Ok(record.slice(1..)),
            (Some(COMPRESSED), Some(codec)) => {
                let chunk = codec.decompress(&record[1..], expected);
                let chunk = chunk.map_err(|e| damaged(&e.to_string()))?;
                Ok(match self.shuffle {
                    Some(size) => shuffle::unshuffle(&chunk, size).into(),
                    None => chunk.into(),
                })
            }
            _ => Err(damaged("unknown form")),
        }
    }
}

/// What is before the checksum, if that is right.
fn without_checksum(record: Bytes) -> Option<Bytes> {
    let (content, sum) = record.split_last_chunk::<CHECKSUM>()?;
    let right = content.first().is_some_and(|form| form & CHECKED != 0)
        && fletcher32::checksum(content) == u32::from_le_bytes(*sum);
    right.then(|| record.slice(..content.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pipeline(filters: Value, size: Option<usize>) -> Pipeline {
        let filters = filters.as_array().unwrap().iter();
        let filters: Vec<Filter> = filters.map(|f| Filter::from_json(f).unwrap()).collect();
        Pipeline::new(&filters, size, CURRENT)
    }

    fn smooth() -> Vec<u8> {
        (0..4000u32).flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn what_is_applied() {
        let filter = |class: &str| json!({"class": format!("H5Z_FILTER_{class}")});
        let user = |name: &str| json!({"class": "H5Z_FILTER_USER", "name": name, "level": 4});
        let blosc = |name: &str| json!({"class": "H5Z_FILTER_BLOSC", "id": 32001, "name": name});
        for (filters, names) in [
            (json!([]), vec![]),
            (json!([filter("SHUFFLE")]), vec![]),
            (
                json!([filter("FLETCHER32"), filter("SHUFFLE"), filter("DEFLATE")]),
                vec!["shuffle", "gzip", "fletcher32"],
            ),
            (
                json!([
                    filter("SCALEOFFSET"),
                    filter("NBIT"),
                    filter("SZIP"),
                    filter("LZF")
                ]),
                vec![],
            ),
            (json!([filter("ZSTD")]), vec!["zstd"]),
            (json!([user("lz4")]), vec!["lz4"]),
            (json!([user("zstd"), user("gzip")]), vec!["zstd"]),
            (json!([filter("LZ4HC")]), vec!["lz4"]),
            (json!([filter("BITSHUFFLE")]), vec!["shuffle", "lz4"]),
            (json!([blosc("blosclz")]), vec!["lz4"]),
            (json!([blosc("zstd")]), vec!["zstd"]),
            (
                json!([{"class": "H5Z_FILTER_USER", "id": 32001, "parameters": [2, 2, 4, 0, 5, 1, 4]}]),
                vec!["shuffle", "gzip"],
            ),
        ] {
            assert_eq!(
                pipeline(filters.clone(), Some(4)).names(),
                names,
                "{filters}"
            );
        }
    }

    #[test]
    fn chunks_come_back() {
        let noise: Vec<u8> = (0..999u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let shuffle = json!({"class": "H5Z_FILTER_SHUFFLE"});
        let sum = json!({"class": "H5Z_FILTER_FLETCHER32"});
        let codecs =
            ["gzip", "lz4", "zstd"].map(|name| json!({"class": "H5Z_FILTER_USER", "name": name}));
        let mut lists = vec![json!([]), json!([shuffle]), json!([sum])];
        for codec in &codecs {
            lists.extend([
                json!([codec]),
                json!([shuffle, codec]),
                json!([shuffle, codec, sum]),
            ]);
        }
        for filters in lists {
            for chunk in [smooth(), noise.clone(), Vec::new(), vec![1, 2, 3]] {
                let pipeline = pipeline(filters.clone(), Some(4));
                let record = pipeline.encode(chunk.clone().into()).unwrap();
                assert!(record.len() <= chunk.len() + 1 + CHECKSUM);
                assert_eq!(pipeline.decode(record.clone(), None).unwrap(), chunk);
                assert_eq!(pipeline.decode(record, Some(chunk.len())).unwrap(), chunk);
            }
        }
        for codec in &codecs {
            let packed = |filters: Value| {
                let pipeline = pipeline(filters, Some(4));
                pipeline.encode(smooth().into()).unwrap().len()
            };
            assert!(
                packed(json!([shuffle, codec])) < packed(json!([codec])),
                "{codec}"
            );
        }
    }

    #[test]
    fn damage_is_found() {
        let with_sum = pipeline(json!([{"class": "H5Z_FILTER_FLETCHER32"}]), None);
        let record = with_sum.encode(smooth().into()).unwrap();
        for at in [0, 1, 7000, record.len() - 1] {
            let mut damaged = record.to_vec();
            damaged[at] ^= 4;
            assert!(with_sum.decode(damaged.into(), None).is_err(), "byte {at}");
        }
        for length in [0, 3, 5, record.len() - 1] {
            assert!(with_sum.decode(record.slice(..length), None).is_err());
        }
        for name in ["gzip", "zstd", "lz4"] {
            let packed = pipeline(json!([{"class": "H5Z_FILTER_USER", "name": name}]), None);
            for record in [
                &[1, 2, 3][..],
                &[COMPRESSED],
                &[],
                &[COMPRESSED, 255, 255, 255, 255, 1],
            ] {
                let record = Bytes::copy_from_slice(record);
                assert!(packed.decode(record, None).is_err(), "{name}");
            }
        }
    }

    #[test]
    fn datasets_of_early_stores_stay_readable() {
        let filters = [
            json!({"class": "H5Z_FILTER_FLETCHER32"}),
            json!({"class": "H5Z_FILTER_ZSTD"}),
        ];
        let filters = filters.map(|f| Filter::from_json(&f).unwrap());
        let chunk = Bytes::from(smooth());
        assert_eq!(
            Pipeline::new(&filters, Some(4), 0)
                .decode(chunk.clone(), None)
                .unwrap(),
            chunk
        );
    }
}
