//! The chunk cache that a program wants for a file, and for a dataset.

use std::ffi::CStr;

use super::super::Host;
use super::super::id::OwnedId;
use crate::connector::{ChunkCache, Result};
use crate::ffi::hid_t;

/// What stands in a dataset access property list for the file's number of slots and of bytes
/// (H5D_CHUNK_CACHE_NSLOTS_DEFAULT and H5D_CHUNK_CACHE_NBYTES_DEFAULT).
const AS_THE_FILE: usize = usize::MAX;
/// The same for how ready chunks that were read are to be given up: any negative number.
const PREEMPTION_AS_THE_FILE: f64 = -1.0;

impl Host {
    /// The cache by a file access property list (`H5Pset_cache`).
    pub fn chunk_cache_of_file(&self, fapl: hid_t) -> ChunkCache {
        let mut cache = match self.is_2_or_newer() {
            true => ChunkCache::new(8191, 8 << 20, 0.75),
            false => ChunkCache::new(521, 1 << 20, 0.75),
        };
        let mut elements = 0;
        // SAFETY: writes four numbers; on failure they keep what they have.
        self.quietly(|| unsafe {
            (self.h5.H5Pget_cache)(
                fapl,
                &mut elements,
                &mut cache.slots,
                &mut cache.bytes,
                &mut cache.preemption,
            )
        });
        cache
    }

    /// Bytes of the cache by a dataset access property list (`H5Pset_chunk_cache`); `None` if it leaves
    /// them to the file's.
    pub fn chunk_cache_of_dataset(&self, dapl: hid_t) -> Option<u64> {
        let bytes = self.cache_setting(dapl, c"rdcc_nbytes", AS_THE_FILE);
        (bytes != AS_THE_FILE).then_some(bytes as u64)
    }

    /// Notes in a dataset access property list which cache is in force, as H5Dget_access_plist does: of
    /// a chunked dataset what the list leaves to its file is `file`'s; others have none, whatever was set.
    pub fn show_chunk_cache(
        &self,
        dapl: &OwnedId,
        is_chunked: bool,
        file: Option<ChunkCache>,
    ) -> Result<()> {
        let left_open = ChunkCache::new(AS_THE_FILE, AS_THE_FILE, PREEMPTION_AS_THE_FILE);
        let shown = match is_chunked {
            true => self.chunk_cache_in_force(dapl.get(), file.unwrap_or(left_open)),
            false => left_open,
        };
        // SAFETY: changes a list that is ours alone.
        let status = unsafe {
            (self.h5.H5Pset_chunk_cache)(dapl.get(), shown.slots, shown.bytes, shown.preemption)
        };
        self.check(status, "note the chunk cache of a dataset")
    }

    fn chunk_cache_in_force(&self, dapl: hid_t, file: ChunkCache) -> ChunkCache {
        let or = |own: usize, file: usize| if own == AS_THE_FILE { file } else { own };
        let preemption = self.cache_setting(dapl, c"rdcc_w0", PREEMPTION_AS_THE_FILE);
        let cache = ChunkCache {
            slots: or(
                self.cache_setting(dapl, c"rdcc_nslots", AS_THE_FILE),
                file.slots,
            ),
            bytes: or(
                self.cache_setting(dapl, c"rdcc_nbytes", AS_THE_FILE),
                file.bytes,
            ),
            preemption: if preemption < 0.0 {
                file.preemption
            } else {
                preemption
            },
        };
        // HDF5 makes no cache without room or without slots.
        match cache.slots == 0 || cache.bytes == 0 {
            true => ChunkCache::new(0, 0, cache.preemption),
            false => cache,
        }
    }

    /// What a dataset access property list has under a name of HDF5's. `H5Pget_chunk_cache` would not tell
    /// what is left to the file.
    fn cache_setting<T: CacheSetting>(&self, dapl: hid_t, name: &CStr, unset: T) -> T {
        let mut found = unset;
        // SAFETY: HDF5 keeps a number of this type under the name in dataset access property lists; other
        // lists do not have it, and nothing is written.
        let status = self
            .quietly(|| unsafe { (self.h5.H5Pget)(dapl, name.as_ptr(), (&raw mut found).cast()) });
        if dapl > 0 && status >= 0 {
            found
        } else {
            unset
        }
    }
}

/// The two types of settings: `size_t` of slots and bytes, `double` of preemption.
trait CacheSetting: Copy {}
impl CacheSetting for usize {}
impl CacheSetting for f64 {}
