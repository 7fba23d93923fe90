//! What HDF5 stores by the blob callbacks, as long as a conversion lasts.
//!
//! HDF5 hands regions and names of attributes to a connector as blobs when it converts references
//! for "storage" in a file. Nothing is stored here: `host::reference` takes them out again at once.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// Bytes of a blob's id; the library is told so by `H5VL_FILE_GET_CONT_INFO`.
pub const ID_SIZE: usize = 8;

/// The blobs of all conversions under way, and the last number given out. Zero is no blob.
static BLOBS: Mutex<(u64, BTreeMap<u64, Vec<u8>>)> = Mutex::new((0, BTreeMap::new()));

/// Keeps a blob and returns its id.
pub fn put(bytes: Vec<u8>) -> u64 {
    let mut blobs = BLOBS.lock();
    blobs.0 += 1;
    let id = blobs.0;
    blobs.1.insert(id, bytes);
    id
}

/// Calls `use_it` with a blob, if there is one of this id.
pub fn with<R>(id: u64, use_it: impl FnOnce(&[u8]) -> R) -> Option<R> {
    BLOBS.lock().1.get(&id).map(|bytes| use_it(bytes))
}

/// Takes a blob out.
pub fn take(id: u64) -> Option<Vec<u8>> {
    BLOBS.lock().1.remove(&id)
}
