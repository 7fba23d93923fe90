//! HDF5's chunk cache, as programs set it. Called by `vol` and `host`.

/// What a program says of the chunks to keep of each dataset (H5Pset_cache, H5Pset_chunk_cache). Only the
/// number of bytes counts here; programs see what they set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChunkCache {
    /// How many chunks can be found again.
    pub slots: usize,
    /// Bytes of them.
    pub bytes: usize,
    /// How ready chunks that were read are to be given up, from 0 to 1.
    pub preemption: f64,
}

impl ChunkCache {
    /// With these settings.
    pub fn new(slots: usize, bytes: usize, preemption: f64) -> Self {
        Self {
            slots,
            bytes,
            preemption,
        }
    }
}
