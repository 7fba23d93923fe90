//! Writers of the same chunk wait for each other, from reading the chunk to its commit; writers
//! of different chunks do not. A change of extent waits for all writers of its dataset.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use h5rest_protocol::ObjectId;
use parking_lot::{Condvar, Mutex};

/// Which chunks are being written.
#[derive(Debug, Default)]
pub struct ChunkLocks {
    held: Mutex<HashMap<ObjectId, Held>>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    chunks: HashSet<Vec<u64>>,
    whole: bool,
    /// Waits for the whole dataset; new writers of chunks let them go first.
    waiting: usize,
}

/// Chunks, or a whole dataset, that nobody else writes until this is dropped.
#[derive(Debug)]
pub struct Guard {
    locks: Arc<ChunkLocks>,
    dataset: ObjectId,
    chunks: Option<Vec<Vec<u64>>>,
}

impl ChunkLocks {
    /// Waits until none of these chunks is written by others.
    pub fn chunks(self: &Arc<Self>, dataset: ObjectId, chunks: Vec<Vec<u64>>) -> Guard {
        let mut held = self.held.lock();
        loop {
            let state = held.entry(dataset).or_default();
            let taken = |chunk| state.chunks.contains(chunk);
            if !state.whole && state.waiting == 0 && !chunks.iter().any(taken) {
                state.chunks.extend(chunks.iter().cloned());
                break;
            }
            self.released.wait(&mut held);
        }
        Guard {
            locks: self.clone(),
            dataset,
            chunks: Some(chunks),
        }
    }

    /// Waits until nothing of this dataset is written by others.
    pub fn whole(self: &Arc<Self>, dataset: ObjectId) -> Guard {
        let mut held = self.held.lock();
        held.entry(dataset).or_default().waiting += 1;
        loop {
            let state = held.entry(dataset).or_default();
            if !state.whole && state.chunks.is_empty() {
                state.waiting -= 1;
                state.whole = true;
                break;
            }
            self.released.wait(&mut held);
        }
        Guard {
            locks: self.clone(),
            dataset,
            chunks: None,
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut held = self.locks.held.lock();
        if let Some(state) = held.get_mut(&self.dataset) {
            match &self.chunks {
                None => state.whole = false,
                Some(chunks) => chunks.iter().for_each(|chunk| {
                    state.chunks.remove(chunk);
                }),
            }
            if !state.whole && state.chunks.is_empty() && state.waiting == 0 {
                held.remove(&self.dataset);
            }
        }
        self.locks.released.notify_all();
    }
}
