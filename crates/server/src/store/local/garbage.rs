//! Segments that no record points to any more: removed when no reader can still want them.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::segments::Segments;

/// The time between two commits that left garbage. A reader holds the epoch it started in, and
/// with it everything that became garbage since.
pub(super) type Epoch = Arc<()>;

#[derive(Default)]
pub(super) struct Garbage {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Epoch,
    /// Past epochs, oldest first, and what became garbage at the end of each.
    past: VecDeque<(Epoch, Vec<u64>)>,
}

impl Garbage {
    /// The present epoch.
    pub fn epoch(&self) -> Epoch {
        self.state.lock().now.clone()
    }

    /// Takes note of what a commit left, and removes what nobody can want any more.
    pub fn add(&self, emptied: Vec<u64>, segments: &Segments) {
        let mut ready = Vec::new();
        {
            let mut state = self.state.lock();
            if !emptied.is_empty() {
                let ended = std::mem::take(&mut state.now);
                state.past.push_back((ended, emptied));
            }
            // Readers of an epoch may want the garbage of all later ones.
            while state
                .past
                .front()
                .is_some_and(|(epoch, _)| Arc::strong_count(epoch) == 1)
            {
                let oldest = state.past.pop_front();
                ready.extend(oldest.into_iter().flat_map(|(_, garbage)| garbage));
            }
        }
        ready
            .into_iter()
            .for_each(|segment| segments.remove(segment));
    }
}
