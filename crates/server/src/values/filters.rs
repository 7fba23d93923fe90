//! A dataset's filters, applied to its chunks in the store.
//!
//! Only those that make chunks smaller without changing an element are applied; the others are
//! kept as properties of the dataset. A chunk record of a dataset with filters starts with a byte
//! that tells whether they were applied: what does not get smaller is stored as it is.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use h5rest_protocol::creation::Filter;

use crate::error::{ApiError, Result};
use crate::store::StoreError;

const DEFLATE: u32 = 1;
const SHUFFLE: u32 = 2;

const PLAIN: u8 = 0;
const FILTERED: u8 = 1;

/// What is done to a dataset's chunks on their way into the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pipeline {
    /// Size of the elements whose bytes are sorted by significance.
    shuffle: Option<usize>,
    /// Level of compression.
    deflate: Option<u32>,
}

impl Pipeline {
    /// The part of these filters that is applied to elements of `size` bytes (`None`: variable).
    pub fn new(filters: &[Filter], size: Option<usize>) -> Self {
        let has = |id| filters.iter().find(|f| f.id == id);
        let deflate = has(DEFLATE).map(|f| f.parameters.first().copied().unwrap_or(6).min(9));
        // Shuffling alone saves nothing.
        let shuffle = has(SHUFFLE).and(deflate).and(size).filter(|&n| n > 1);
        Self { shuffle, deflate }
    }

    /// Whether records are the chunks' elements.
    pub fn is_empty(&self) -> bool {
        self.deflate.is_none()
    }

    /// The record of a chunk.
    pub fn encode(&self, chunk: Bytes) -> Result<Bytes> {
        let Some(level) = self.deflate else {
            return Ok(chunk);
        };
        let shuffled = self.shuffle.map(|size| shuffle(&chunk, size));
        let mut encoder = ZlibEncoder::new(vec![FILTERED], Compression::new(level));
        let written = encoder.write_all(shuffled.as_deref().unwrap_or(&chunk));
        let packed = written.and_then(|()| encoder.finish());
        let packed = packed.map_err(|e| ApiError::internal(format!("compression failed: {e}")))?;
        if packed.len() <= chunk.len() {
            return Ok(packed.into());
        }
        let mut plain = Vec::with_capacity(chunk.len() + 1);
        plain.push(PLAIN);
        plain.extend_from_slice(&chunk);
        Ok(plain.into())
    }

    /// The chunk of a record; `limit` is what it can hold at most, if that is known.
    pub fn decode(&self, record: Bytes, limit: Option<usize>) -> Result<Bytes> {
        if self.is_empty() {
            return Ok(record);
        }
        let damaged = |why: &str| ApiError::from(StoreError::Damaged(format!("chunk: {why}")));
        match record.first() {
            Some(&PLAIN) => Ok(record.slice(1..)),
            Some(&FILTERED) => {
                let mut chunk = Vec::with_capacity(limit.unwrap_or(0));
                let mut decoder = ZlibDecoder::new(&record[1..]);
                decoder
                    .read_to_end(&mut chunk)
                    .map_err(|e| damaged(&e.to_string()))?;
                Ok(match self.shuffle {
                    Some(size) => unshuffle(&chunk, size).into(),
                    None => chunk.into(),
                })
            }
            _ => Err(damaged("unknown form")),
        }
    }
}

/// All first bytes of the elements, then all second bytes, and so on; a rest stays at the end.
fn shuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    let mut out = Vec::with_capacity(bytes.len());
    for place in 0..size {
        out.extend(bytes.iter().skip(place).step_by(size).take(count));
    }
    out.extend_from_slice(&bytes[count * size..]);
    out
}

fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    let mut out = vec![0; bytes.len()];
    for (place, plane) in bytes.chunks_exact(count.max(1)).take(size).enumerate() {
        for (element, &byte) in plane.iter().enumerate() {
            out[element * size + place] = byte;
        }
    }
    out[count * size..].copy_from_slice(&bytes[count * size..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pipeline(filters: serde_json::Value, size: Option<usize>) -> Pipeline {
        let filters = filters.as_array().unwrap().iter();
        let filters: Vec<Filter> = filters.map(|f| Filter::from_json(f).unwrap()).collect();
        Pipeline::new(&filters, size)
    }

    #[test]
    fn chunks_come_back() {
        let deflate = json!({"class": "H5Z_FILTER_DEFLATE", "level": 6});
        let shuffle = json!({"class": "H5Z_FILTER_SHUFFLE"});
        let smooth: Vec<u8> = (0..4000u32).flat_map(u32::to_le_bytes).collect();
        let noise: Vec<u8> = (0..999u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        for filters in [
            json!([]),
            json!([shuffle]),
            json!([deflate]),
            json!([shuffle, deflate]),
        ] {
            for chunk in [smooth.clone(), noise.clone(), Vec::new(), vec![1, 2, 3]] {
                let pipeline = pipeline(filters.clone(), Some(4));
                let record = pipeline.encode(chunk.clone().into()).unwrap();
                assert!(record.len() <= chunk.len() + 1);
                assert_eq!(pipeline.decode(record, None).unwrap(), chunk);
            }
        }
        let both = pipeline(json!([shuffle, deflate]), Some(4));
        let plain = pipeline(json!([deflate]), Some(4));
        let packed = |p: &Pipeline| p.encode(smooth.clone().into()).unwrap().len();
        assert!(
            packed(&both) < packed(&plain),
            "shuffling helps smooth data"
        );
        assert!(both.decode(Bytes::from_static(&[1, 2, 3]), None).is_err());
    }
}
