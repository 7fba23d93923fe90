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

/// The chunks of one writer. They are sorted before the writer waits for others: there may be very many,
/// and whoever writes to any dataset waits meanwhile.
type Chunks = Arc<HashSet<Vec<u64>>>;

#[derive(Debug, Default)]
struct Held {
    writers: Vec<Chunks>,
    whole: bool,
    /// Waits for the whole dataset; new writers of chunks let them go first.
    waiting: usize,
}

/// Chunks, or a whole dataset, that nobody else writes until this is dropped.
#[derive(Debug)]
pub struct Guard {
    locks: Arc<ChunkLocks>,
    dataset: ObjectId,
    chunks: Option<Chunks>,
}

impl Held {
    fn is_free(&self) -> bool {
        !self.whole && self.writers.is_empty()
    }
}

/// Whether two writers have chunks in common; takes as long as the one with fewer of them has.
fn meet(one: &Chunks, other: &Chunks) -> bool {
    let (few, many) = match one.len() <= other.len() {
        true => (one, other),
        false => (other, one),
    };
    few.iter().any(|chunk| many.contains(chunk))
}

impl ChunkLocks {
    /// Waits until none of these chunks is written by others.
    pub fn chunks(self: &Arc<Self>, dataset: ObjectId, chunks: Vec<Vec<u64>>) -> Guard {
        let chunks: Chunks = Arc::new(chunks.into_iter().collect());
        let mut held = self.held.lock();
        loop {
            let state = held.entry(dataset).or_default();
            let taken = |writer| meet(&chunks, writer);
            if !state.whole && state.waiting == 0 && !state.writers.iter().any(taken) {
                state.writers.push(chunks.clone());
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
            if state.is_free() {
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
                Some(own) => state.writers.retain(|writer| !Arc::ptr_eq(writer, own)),
            }
            if state.is_free() && state.waiting == 0 {
                held.remove(&self.dataset);
            }
        }
        self.locks.released.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use h5rest_protocol::ObjectClass;

    use super::*;

    #[test]
    fn writers_of_the_same_chunk_wait_for_each_other() {
        let locks = Arc::<ChunkLocks>::default();
        let root = ObjectId::new_root();
        let [id, other] = [0, 1].map(|_| root.new_in_domain(ObjectClass::Dataset));
        let many: Vec<Vec<u64>> = (0..1000).map(|at| vec![at]).collect();
        let first = locks.chunks(id, many.clone());
        let elsewhere = [
            locks.chunks(id, vec![vec![1000], vec![1000]]),
            locks.chunks(other, many),
        ];
        let (sender, taken) = mpsc::channel();
        let (own, tell) = (locks.clone(), sender.clone());
        let same = thread::spawn(move || {
            let _alone = own.chunks(id, vec![vec![999], vec![2000]]);
            tell.send(()).unwrap();
        });
        // A pause in which nothing must happen.
        let pause = Duration::from_millis(50);
        assert!(taken.recv_timeout(pause).is_err());
        drop(first);
        taken.recv().unwrap();
        same.join().unwrap();
        let own = locks.clone();
        let whole = thread::spawn(move || {
            let _alone = own.whole(id);
            sender.send(()).unwrap();
        });
        assert!(taken.recv_timeout(pause).is_err());
        drop(elsewhere);
        taken.recv().unwrap();
        whole.join().unwrap();
        assert!(locks.held.lock().is_empty());
    }
}
