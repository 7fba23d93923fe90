//! Segments that no record points to any more: removed when no reader can still want them.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::thread;

use parking_lot::Mutex;
use redb::{Database, ReadableDatabase};

use super::LIVE;
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
                ready.extend(
                    state
                        .past
                        .pop_front()
                        .map(|(_, garbage)| garbage)
                        .unwrap_or_default(),
                );
            }
        }
        ready
            .into_iter()
            .for_each(|segment| segments.remove(segment));
    }
}

/// Removes what earlier processes left: segments without a record, because their commit never
/// happened or their removal did not.
pub(super) fn sweep_in_background(database: &Arc<Database>, segments: &Arc<Segments>) {
    // Weak, so that the sweep never keeps a closed store open.
    let (database, segments) = (Arc::downgrade(database), Arc::downgrade(segments));
    let sweep = move || sweep(&database, &segments);
    if let Err(error) = thread::Builder::new().name("sweep".into()).spawn(sweep) {
        tracing::warn!(%error, "unused segments are not looked for");
    }
}

fn sweep(database: &Weak<Database>, segments: &Weak<Segments>) -> Option<()> {
    let numbers: Vec<u64> = segments.upgrade()?.list().ok()?.collect();
    for number in numbers {
        let segments = segments.upgrade()?;
        // This process's own segments may be on their way into a record.
        if number >= segments.first {
            continue;
        }
        let database = database.upgrade()?;
        let transaction = database.begin_read().ok()?;
        let live = transaction.open_table(LIVE).ok()?;
        if live.get(number).ok()?.is_none() {
            segments.remove(number);
        }
    }
    Some(())
}
