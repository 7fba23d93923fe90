//! Ways in for fuzz targets (`fuzz/`) to what nothing else outside needs. Part of builds for fuzzing only.

use bytes::Bytes;
use h5rest_protocol::creation::Filter;

use crate::routes::pattern::Pattern;
pub use crate::store::SegmentFile;
use crate::values::filters::{CURRENT, Pipeline};

/// Whether a name matches a pattern of a listing.
pub fn name_matches(wanted: &str, name: &str) -> bool {
    Pattern::new(wanted).is_ok_and(|wanted| wanted.matches(name))
}

/// The record of a chunk, by these filters for elements of `size` bytes.
pub fn encode_chunk(filters: &[Filter], size: Option<usize>, chunk: &[u8]) -> Option<Vec<u8>> {
    let pipeline = Pipeline::new(filters, size, CURRENT);
    let record = pipeline.encode(Bytes::copy_from_slice(chunk));
    record.ok().map(Into::into)
}

/// The chunk of a record; `expected` is its size, if that is known.
pub fn decode_chunk(
    filters: &[Filter],
    size: Option<usize>,
    record: &[u8],
    expected: Option<usize>,
) -> Option<Vec<u8>> {
    let pipeline = Pipeline::new(filters, size, CURRENT);
    let chunk = pipeline.decode(Bytes::copy_from_slice(record), expected);
    chunk.ok().map(Into::into)
}
