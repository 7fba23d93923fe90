//! Ways in for the fuzz target `stored` (`fuzz/`). Part of builds for fuzzing only.

use std::fs;
use std::path::Path;

use bytes::Bytes;

use super::record;
use super::segments::Segments;

/// The number of the segment that is written anew for each input.
const NUMBER: u64 = 1;

/// A folder with one segment, in which one value lies.
pub struct SegmentFile {
    segments: Segments,
    /// The segment as it was written.
    pub bytes: Vec<u8>,
    /// The record that points to the value.
    pub record: Vec<u8>,
}

impl SegmentFile {
    /// Writes the value of this key, which must be large enough for a segment.
    pub fn new(folder: &Path, key: &[u8], value: Bytes) -> Option<Self> {
        let segments = Segments::open(folder).ok()?;
        let written = segments.write(vec![(key.to_vec(), value)]).ok()?;
        let (_, payload) = written.first()?;
        let (mut location, checksum) = payload.place()?;
        let bytes = fs::read(segments.path(location.segment)).ok()?;
        location.segment = NUMBER;
        Some(Self {
            record: record::in_segment(location, checksum),
            segments,
            bytes,
        })
    }

    /// Has the segment consist of these bytes.
    pub fn write(&self, bytes: &[u8]) {
        fs::write(self.segments.path(NUMBER), bytes).expect("a file");
    }

    /// How many entries it has, if it is sound.
    pub fn entries(&self) -> Option<usize> {
        let entries = self.segments.entries(NUMBER).ok()?;
        Some(entries.len())
    }

    /// The value of a key that has this record.
    pub fn value(&self, key: &[u8], record: &[u8]) -> Option<Bytes> {
        let record = Bytes::copy_from_slice(record);
        record::value(key, record, &self.segments).ok()
    }

    /// A part of it.
    pub fn part(&self, key: &[u8], record: &[u8], from: usize, length: usize) -> Option<Vec<u8>> {
        let record = Bytes::copy_from_slice(record);
        let mut part = vec![0; length];
        let parts = [(from, 0..length)];
        record::parts(key, record, &self.segments, &parts, &mut part).ok()?;
        Some(part)
    }
}
