//! The outbox: changes of a domain's metadata that this process takes for done, and the server has
//! not heard of yet.
//!
//! `session` puts changes in and sees to it that every request which is not one of them finds the
//! outbox empty, or at least of what it depends on. So the server sees every program's requests
//! as if each change had been sent at once. What waits is sent when it is much, when it is old (by
//! a thread of the plugin), and by flush and close, which also report what the server refused.
//! With `HDF5_REST_WRITE_BEHIND=off` each change is sent before its call returns.
//!
//! **Locks.** `turn` is held while requests are under way, so that changes stay in order; nobody
//! needs it to read the cache or to add a change. The other locks are held for moments only.

mod change;
mod failures;
mod fate;
mod lot;
mod queue;
mod send;
mod send_h5rest;
mod send_hsds;
mod wave;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use h5rest_client::{ClientError, Domain, ServerInfo, leave_to_program};
use h5rest_protocol::ObjectId;
use parking_lot::{Condvar, Mutex};

pub(super) use self::change::{Change, Subject};
use self::failures::Failures;
pub(super) use self::fate::Fate;
use self::fate::is_hopeless;
use self::lot::Lot;
use self::queue::{Entry, Queue};
use self::send::{Outcome, Way};
use self::send_hsds::Stamps;
use super::cache::Cache;
use super::error::{Error, Result};
use super::process;

/// Changes are sent when so many wait,
const MOST: usize = 4096;
/// or so many bytes,
const MOST_BYTES: usize = 8 << 20;
/// or one for so long.
const AGE: Duration = Duration::from_secs(1);
/// Changes of so many bytes do not wait: little is saved by it, and servers may refuse them.
const LARGE: usize = 256 << 10;
/// Bytes of elements of one dataset that are worth sending with other changes.
pub(super) const FEW_BYTES: usize = 32 << 10;
/// How long the thread that looks for old changes stays when there are none.
const LINGER: Duration = Duration::from_secs(5);
/// The longest pause between two attempts to reach a server that cannot be reached.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Changes of one domain on their way to its server.
#[derive(Debug)]
pub(super) struct Outbox {
    /// A forked child inherits what waits, which its parent will send.
    process: u32,
    domain: Domain,
    server: ServerInfo,
    cache: Arc<Mutex<Cache>>,
    queue: Mutex<Queue>,
    turn: Mutex<Turn>,
    failures: Failures,
    stamps: Stamps,
    /// Whether the server may hold changes that are not on its disk.
    dirty: AtomicBool,
    watch: Mutex<Watch>,
    /// Wakes the thread that looks for old changes.
    wake: Condvar,
}

/// Held by whoever sends.
#[derive(Debug, Default)]
struct Turn {
    /// What the server gave no answer to, or what goes apart from the lot before it, in its order.
    stalled: VecDeque<Lot>,
}

#[derive(Debug, Default)]
struct Watch {
    running: bool,
    closed: bool,
}

impl Outbox {
    /// An empty one. What the server refuses is forgotten in `cache`.
    pub(super) fn new(domain: Domain, server: ServerInfo, cache: Arc<Mutex<Cache>>) -> Arc<Self> {
        Arc::new(Self {
            process: process::number(),
            domain,
            server,
            cache,
            queue: Mutex::default(),
            turn: Mutex::default(),
            failures: Failures::default(),
            stamps: Stamps::default(),
            dirty: AtomicBool::new(false),
            watch: Mutex::default(),
            wake: Condvar::new(),
        })
    }

    /// Whether this process made it, and not the one it was forked from.
    pub(super) fn is_own(&self) -> bool {
        self.process == process::number()
    }

    /// What the server refused.
    pub(super) fn failures(&self) -> &Failures {
        &self.failures
    }

    /// Whether the server may hold changes that are not on its disk; they are taken for being on
    /// it from now on.
    pub(super) fn take_dirty(&self) -> bool {
        self.dirty.swap(false, Ordering::AcqRel)
    }

    /// Notes that the server may hold changes that are not on its disk.
    pub(super) fn set_dirty(&self) {
        self.dirty.store(true, Ordering::Release);
    }

    /// Queues a change of an object at `place`; if it comes `after` another one, it is left out if that is
    /// refused. Fails, without having queued it, if there is no room and the server cannot be reached. A
    /// large one is sent at once.
    pub(super) fn push(
        self: &Arc<Self>,
        change: Change,
        place: Option<Arc<str>>,
        after: Option<&Fate>,
    ) -> Result<Fate> {
        if change.size() > LARGE {
            return self.send_now(change, place, after);
        }
        let (count, bytes) = self.queue.lock().load();
        if count >= MOST || bytes >= MOST_BYTES {
            self.send()?;
        }
        let fate = self.queue.lock().push(change, place, after);
        self.watch();
        Ok(fate)
    }

    /// Sends a change behind all others, and returns when it is done.
    pub(super) fn send_now(
        &self,
        change: Change,
        place: Option<Arc<str>>,
        after: Option<&Fate>,
    ) -> Result<Fate> {
        self.send()?;
        let mut own = Queue::default();
        let fate = own.push(change, place, after);
        let _turn = self.turn.lock();
        self.set_dirty();
        let entries = own.take(u64::MAX, 1, usize::MAX);
        let mut outcomes = [None];
        self.way().send_singly(&entries, &mut outcomes)?;
        for (entry, outcome) in entries.iter().zip(outcomes) {
            entry.fate.settle(matches!(outcome, Some(Outcome::Done)));
            match outcome {
                Some(Outcome::Refused(error)) => {
                    if error.kind() == super::ErrorKind::Exists {
                        self.forget(&entry.change);
                    }
                    return Err(error);
                }
                Some(Outcome::LeftOut) => self.stays(&entry.change),
                Some(Outcome::Done) | None => {}
            }
        }
        Ok(fate)
    }

    /// Sends everything that was queued before this call, and returns when the server has answered.
    /// Fails if it cannot be reached; what it refuses is found in [`Outbox::failures`].
    pub(super) fn send(&self) -> Result<()> {
        let until = {
            let queue = self.queue.lock();
            if queue.is_idle() {
                return Ok(());
            }
            queue.next()
        };
        let mut turn = self.turn.lock();
        loop {
            if turn.stalled.is_empty() {
                let entries = self.queue.lock().take(until, MOST, MOST_BYTES);
                turn.stalled = self.lots(entries);
            }
            let Some(lot) = turn.stalled.pop_front() else {
                return Ok(());
            };
            let lot = self.without_hopeless(lot);
            if lot.entries.is_empty() {
                continue;
            }
            let count = lot.entries.len();
            let mut outcomes = vec![None; count];
            let sent = self.way().send_all(&lot, &mut outcomes);
            self.set_dirty();
            let (name, left) = (lot.name, self.settle(lot.entries, outcomes));
            if let Err(error) = sent {
                let mut lots = match self.server.is_h5rest() {
                    true => Lot::again(name, count, left),
                    // Others know no names, and take more than one change in any case.
                    false => VecDeque::from([Lot::new(left)]),
                };
                lots.append(&mut turn.stalled);
                turn.stalled = lots;
                return Err(self.out_of_reach(error));
            }
        }
    }

    /// Changes as they are sent together.
    fn lots(&self, entries: Vec<Entry>) -> VecDeque<Lot> {
        if entries.is_empty() {
            return VecDeque::new();
        }
        let server = &self.server;
        match server.has(h5rest_client::BATCH) && !server.has(h5rest_client::CONDITIONAL) {
            true => Lot::apart(entries),
            false => VecDeque::from([Lot::new(entries)]),
        }
    }

    /// Leaves out what needs a change that was refused.
    fn without_hopeless(&self, lot: Lot) -> Lot {
        let count = lot.entries.len();
        let mut kept = Vec::with_capacity(count);
        for entry in lot.entries {
            match is_hopeless(&kept, &entry) {
                true => drop(self.settle(vec![entry], vec![Some(Outcome::LeftOut)])),
                false => kept.push(entry),
            }
        }
        match kept.len() == count {
            true => Lot {
                name: lot.name,
                entries: kept,
            },
            // Another batch needs another name.
            false => Lot::new(kept),
        }
    }

    /// Sends what the elements of a dataset depend on.
    pub(super) fn send_before_values_of(&self, id: ObjectId) -> Result<()> {
        let must = self.queue.lock().precedes_values_of(id);
        if must { self.send() } else { Ok(()) }
    }

    /// Whether changes of an object wait or are on their way.
    pub(super) fn has_changes_of(&self, id: ObjectId) -> bool {
        self.queue.lock().touches(id)
    }

    /// Sends what changes an object.
    pub(super) fn send_changes_of(&self, id: ObjectId) -> Result<()> {
        let must = self.queue.lock().touches(id);
        if must { self.send() } else { Ok(()) }
    }

    /// Nothing comes any more.
    pub(super) fn close(&self) {
        self.watch.lock().closed = true;
        self.wake.notify_all();
    }

    fn way(&self) -> Way<'_> {
        Way {
            domain: &self.domain,
            server: &self.server,
            stamps: &self.stamps,
        }
    }

    fn out_of_reach(&self, error: ClientError) -> Error {
        self.queue.lock().touch();
        Error::from(error).context(format!(
            "changes of '{}' wait, because the server cannot take them now",
            self.domain.name()
        ))
    }

    /// Notes what became of changes; returns those of which nobody knows.
    fn settle(&self, entries: Vec<Entry>, outcomes: Vec<Option<Outcome>>) -> Vec<Entry> {
        let mut left = Vec::new();
        for (mut entry, outcome) in entries.into_iter().zip(outcomes) {
            match outcome {
                None => {
                    entry.repeated = true;
                    left.push(entry);
                    continue;
                }
                Some(Outcome::Done) => entry.fate.settle(true),
                Some(Outcome::LeftOut) => {
                    entry.fate.settle(false);
                    let what = entry.change.describe(entry.place.as_ref());
                    log::info!("{what}: not done, because what it follows from was refused");
                    self.stays(&entry.change);
                }
                Some(Outcome::Refused(error)) => {
                    entry.fate.settle(false);
                    let what = entry.change.describe(entry.place.as_ref());
                    let error = error.context(format!("cannot {what}"));
                    log::warn!("a change was refused: {error}");
                    self.forget(&entry.change);
                    self.failures.add(entry.change.subjects(), error);
                }
            }
            self.queue.lock().done(&entry);
        }
        left
    }

    /// What was not to be changed is there as before.
    fn stays(&self, change: &Change) {
        if let Change::Delete { id } = change {
            self.cache.lock().revived(*id);
        }
        self.forget(change);
    }

    /// What the server has instead of a refused change is asked for at the next look.
    fn forget(&self, change: &Change) {
        let mut cache = self.cache.lock();
        change.touches().for_each(|id| cache.forget(id));
    }

    // ---- old changes ------------------------------------------------------------------------

    /// Sees to it that somebody looks for old changes.
    fn watch(self: &Arc<Self>) {
        let mut watch = self.watch.lock();
        if watch.running || watch.closed {
            return;
        }
        let own = self.clone();
        let started = std::thread::Builder::new()
            .name("hdf5-rest-outbox".into())
            .spawn(move || {
                leave_to_program();
                own.look_for_old();
            });
        match started {
            Ok(_) => watch.running = true,
            Err(error) => log::warn!("changes will be sent late, there is no thread: {error}"),
        }
    }

    /// Sends what has become old, until there is nothing for a while.
    fn look_for_old(&self) {
        let mut idle_since = Instant::now();
        let mut pause = AGE;
        loop {
            let since = self.queue.lock().since();
            let now = Instant::now();
            let until = match since {
                Some(since) => since + pause,
                None => idle_since + LINGER,
            };
            if now >= until && since.is_some() {
                let sent = self.send();
                idle_since = Instant::now();
                pause = match sent {
                    Ok(()) => AGE,
                    Err(error) => {
                        log::warn!("{error}");
                        (pause * 2).min(LONGEST_PAUSE)
                    }
                };
                continue;
            }
            let mut watch = self.watch.lock();
            // A change may have come since the queue was looked at, and its maker have seen this
            // thread running.
            let idle = now >= until && self.queue.lock().since().is_none();
            if watch.closed || idle {
                watch.running = false;
                return;
            }
            // A change that comes meanwhile is due later than this.
            let sleep = if since.is_some() { until } else { now + AGE };
            self.wake.wait_until(&mut watch, sleep.min(until));
        }
    }
}

impl Way<'_> {
    /// Sends changes in the best way that the server has.
    fn send_all(
        &self,
        lot: &Lot,
        outcomes: &mut [Option<Outcome>],
    ) -> std::result::Result<(), ClientError> {
        let entries = &lot.entries;
        if entries.len() > 1 && self.server.has(h5rest_client::BATCH) {
            self.send_batch(&lot.name, entries, outcomes)
        } else if self.server.is_h5rest() {
            self.send_singly(entries, outcomes)
        } else {
            self.send_waves(entries, outcomes)
        }
    }
}
