//! Gives space back: what is alive of segments that are mostly dead moves into new ones, and the
//! database's file shrinks. Done by a thread of its own, beside requests.
//!
//! A kill at any moment does no harm: what was copied is used from the commit on that says so, and
//! what nobody points to is swept away at the next start.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};

use super::entry::Entry;
use super::room::free_space;
use super::{Shared, view};
use crate::store::StoreResult;
use crate::store::backend::{Record, Transaction};

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// This segment may be mostly dead.
    Segment(u64),
    /// The log of the database is long.
    Database,
    /// Look for what earlier processes left.
    Start,
}

/// The thread; it ends when this is dropped, with what it does then.
pub(super) struct Upkeep {
    tasks: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
    /// Whether a task for the database waits already.
    told: Arc<AtomicBool>,
}

impl Upkeep {
    pub fn start(shared: &Arc<Shared>) -> Self {
        let (tasks, waiting) = mpsc::channel();
        let told = Arc::new(AtomicBool::new(false));
        // Weak, so that the thread never keeps a closed store open.
        let (shared, known) = (Arc::downgrade(shared), told.clone());
        let work = move || work(&shared, &waiting, &known);
        let thread = thread::Builder::new().name("upkeep".into()).spawn(work);
        if let Err(error) = &thread {
            tracing::warn!(%error, "space is not given back");
        }
        let upkeep = Self {
            tasks: Some(tasks),
            thread: thread.ok(),
            told,
        };
        upkeep.tell(Task::Start);
        upkeep
    }

    /// No thread: nothing is given back.
    pub fn none() -> Self {
        Self {
            tasks: None,
            thread: None,
            told: Arc::default(),
        }
    }

    /// Has this done some time.
    pub fn tell(&self, task: Task) {
        if task == Task::Database && self.told.swap(true, Ordering::AcqRel) {
            return;
        }
        // Without the thread nothing is given back, and nothing else is lost.
        let _ = self.tasks.as_ref().map(|tasks| tasks.send(task));
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        // The folder is free when the store is gone.
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(shared: &Weak<Shared>, tasks: &Receiver<Task>, told: &AtomicBool) {
    while let Ok(task) = tasks.recv() {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let outcome = match task {
            Task::Segment(segment) => shared.compact(segment),
            Task::Database => {
                told.store(false, Ordering::Release);
                shared.database.tidy()
            }
            Task::Start => shared.sweep(),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, ?task, "space was not given back");
        } else if task == Task::Database {
            tracing::info!("the database is tidy");
        }
    }
}

impl Shared {
    /// Removes segments without a record, because their commit never happened or their removal did
    /// not; and looks at all others.
    fn sweep(&self) -> StoreResult<()> {
        let Ok(numbers) = self.segments.list() else {
            return Ok(());
        };
        // This process's own segments may be on their way into a record.
        let old: Vec<u64> = numbers.filter(|n| *n < self.segments.first).collect();
        for segment in old {
            match self.used(segment)? {
                0 => self.segments.remove(segment),
                _ => self.compact(segment)?,
            }
        }
        self.database.tidy()
    }

    /// Bytes of a segment that records point to.
    fn used(&self, segment: u64) -> StoreResult<u64> {
        let reader = self.database.reader()?;
        let used = view::used(&reader, segment)?;
        self.database.give_back(reader);
        Ok(used)
    }

    /// Moves what is alive of a segment to a new one, if less than half of it is.
    fn compact(&self, segment: u64) -> StoreResult<()> {
        let Some(length) = self.segments.length(segment) else {
            return Ok(());
        };
        let used = self.used(segment)?;
        if used == 0 || used > length / 2 || free_space(&self.folder) < 2 * used {
            return Ok(());
        }
        let alive = self.alive(segment)?;
        let records = alive
            .iter()
            .map(|entry| {
                let value = self.segments.read(entry.location, entry.checksum)?;
                Ok((entry.key.clone(), value))
            })
            .collect::<StoreResult<Vec<Record>>>()?;
        let moved = self.segments.write(records);
        let moved = moved.map_err(|error| super::io_failure(&error))?;
        self.transact(|change| {
            for (entry, (key, payload)) in alive.iter().zip(&moved) {
                // Written anew or deleted in the meantime.
                if change.points_to(key, entry.location)? {
                    change.put(key, payload)?;
                }
            }
            Ok(())
        })?;
        tracing::info!(
            segment,
            bytes = length - used,
            "space of a segment is given back"
        );
        Ok(())
    }

    /// The values of a segment that records point to.
    fn alive(&self, segment: u64) -> StoreResult<Vec<Entry>> {
        let reader = self.database.reader()?;
        let mut alive = Vec::new();
        for entry in self.segments.entries(segment)? {
            if view::points_to(&reader, &entry.key, entry.location)? {
                alive.push(entry);
            }
        }
        self.database.give_back(reader);
        Ok(alive)
    }
}
