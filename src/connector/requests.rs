//! Operations that a program does not wait for (event sets): one queue for each open domain.
//!
//! `vol` puts the network part of an H5..._async call here; threads of the plugin run it, several
//! at a time, and `vol::request` asks what became of it. Work here never touches HDF5 or memory of
//! the program: what it sends was converted before, what it fetches is delivered by the thread that
//! waits.
//!
//! **Order.** Operations on one object keep the order in which the program made them, except that
//! readers run beside each other. What is about the whole file (flush, close) follows everything
//! that came before it. A call that is done at once must first wait for what it depends on:
//! [`Session::settle`] and its relatives.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant, SystemTime};

use h5rest_client::leave_to_program;
use h5rest_protocol::ObjectId;
use parking_lot::{Condvar, Mutex};

use super::error::{Error, ErrorKind, Result};
use super::process;
use super::session::Session;

/// Operations of one domain that run at once: as many as it has connections.
const AT_ONCE: usize = 8;
/// Operations of one domain that may be unfinished; one more waits for its turn to be queued.
const MOST_UNFINISHED: usize = 1000;

/// What an operation sends or fetches. It runs on a thread of the plugin.
pub type Work = Box<dyn FnOnce() -> Result<()> + Send>;

/// What an operation does with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Looks at it: may run beside others that do.
    Reads,
    /// Changes it: runs alone.
    Changes,
}

/// What an operation must wait for.
#[derive(Debug, Clone)]
pub enum Follows {
    /// Earlier operations on these objects.
    Objects(Vec<(ObjectId, Use)>),
    /// Everything that was queued before it.
    Everything,
}

impl Follows {
    /// Earlier operations on one object.
    pub fn object(id: ObjectId, usage: Use) -> Self {
        Self::Objects(vec![(id, usage)])
    }

    /// Whether it must wait for an earlier operation. Nothing waits for a flush or close, which
    /// changes nothing.
    fn waits_for(&self, earlier: &Follows) -> bool {
        match (self, earlier) {
            (Self::Everything, _) => true,
            (_, Self::Everything) => false,
            (Self::Objects(mine), Self::Objects(theirs)) => mine.iter().any(|(id, usage)| {
                theirs.iter().any(|(other, theirs)| {
                    id.object == other.object && (*usage, *theirs) != (Use::Reads, Use::Reads)
                })
            }),
        }
    }
}

/// What may be done with an operation besides waiting for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Moves values, or flushes: can be cancelled while it has not begun.
    Values,
    /// Changes an extent, which this process takes for changed already: cannot be cancelled.
    Extent,
    /// Closes a file: the program cannot use it any more, so there is no way back.
    Close,
}

/// How an operation ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It failed.
    Failed(Error),
    /// It was cancelled before it began.
    Cancelled,
}

/// A queued operation, as those see it who wait for it.
pub struct Job {
    queue: Arc<Requests>,
    number: u64,
    outcome: OnceLock<Outcome>,
    times: OnceLock<Times>,
    /// Whether anybody has learned the outcome.
    asked: AtomicBool,
}

/// When an operation ran.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub took: Duration,
}

/// The operations of one open domain.
pub struct Requests {
    /// A forked child inherits the queue, but not the threads that work on it.
    process: u32,
    queue: Mutex<Queue>,
    finished: Condvar,
}

#[derive(Default)]
struct Queue {
    next: u64,
    /// In the order in which the program made them.
    unfinished: BTreeMap<u64, Entry>,
    /// Those that wait for nothing but a thread.
    ready: VecDeque<u64>,
    threads: usize,
    /// Those that failed and may not have been asked about yet.
    failed: Vec<Weak<Job>>,
}

struct Entry {
    follows: Follows,
    kind: Kind,
    /// Gone once it has begun.
    work: Option<Work>,
    /// Number of earlier operations that it still waits for.
    waits_for: usize,
    /// Later operations that wait for it.
    followers: Vec<u64>,
    job: Arc<Job>,
}

/// Every queue of the process, for its end.
static ALL: Mutex<Vec<Weak<Requests>>> = Mutex::new(Vec::new());

impl Requests {
    /// An empty queue.
    pub(super) fn new() -> Arc<Self> {
        let new = Arc::new(Self {
            process: process::number(),
            queue: Mutex::default(),
            finished: Condvar::new(),
        });
        let mut all = ALL.lock();
        all.retain(|queue| queue.strong_count() > 0);
        all.push(Arc::downgrade(&new));
        new
    }

    /// Whether this process made it, and not the one it was forked from.
    pub(super) fn is_own(&self) -> bool {
        self.process == process::number()
    }

    /// Queues an operation.
    fn submit(self: &Arc<Self>, kind: Kind, follows: Follows, work: Work) -> Arc<Job> {
        let mut queue = self.queue.lock();
        while queue.unfinished.len() >= MOST_UNFINISHED {
            self.finished.wait(&mut queue);
        }
        let number = queue.next;
        queue.next += 1;
        let mut waits_for = 0;
        for earlier in queue.unfinished.values_mut() {
            if follows.waits_for(&earlier.follows) {
                earlier.followers.push(number);
                waits_for += 1;
            }
        }
        let job = Arc::new(Job {
            queue: self.clone(),
            number,
            outcome: OnceLock::new(),
            times: OnceLock::new(),
            asked: AtomicBool::new(false),
        });
        let entry = Entry {
            follows,
            kind,
            work: Some(work),
            waits_for,
            followers: Vec::new(),
            job: job.clone(),
        };
        queue.unfinished.insert(number, entry);
        if waits_for == 0 {
            queue.ready.push_back(number);
        }
        drop(queue);
        self.start_threads();
        job
    }

    /// Sees to it that what is ready gets a thread.
    fn start_threads(self: &Arc<Self>) {
        loop {
            let mut queue = self.queue.lock();
            if queue.ready.is_empty() || queue.threads >= AT_ONCE {
                return;
            }
            queue.threads += 1;
            let number = queue.threads;
            drop(queue);
            let own = self.clone();
            let started = std::thread::Builder::new()
                .name(format!("hdf5-rest-es-{number}"))
                .spawn(move || {
                    leave_to_program();
                    own.work();
                });
            if let Err(error) = started {
                log::warn!("the system has no thread for queued operations: {error}");
                self.work(); // Then this one does it.
                return;
            }
        }
    }

    /// Runs operations until none is ready.
    fn work(self: &Arc<Self>) {
        while let Some((number, work)) = self.begin() {
            let started = (SystemTime::now(), Instant::now());
            let outcome = match catch_unwind(AssertUnwindSafe(work)) {
                Ok(Ok(())) => Outcome::Done,
                Ok(Err(error)) => Outcome::Failed(error),
                Err(_) => Outcome::Failed(Error::protocol(
                    "the connector met a state it does not expect: please report this",
                )),
            };
            let times = Times {
                started: started.0,
                took: started.1.elapsed(),
            };
            self.finish(number, outcome, Some(times));
            self.start_threads();
        }
    }

    fn begin(&self) -> Option<(u64, Work)> {
        let mut queue = self.queue.lock();
        while let Some(number) = queue.ready.pop_front() {
            let entry = queue.unfinished.get_mut(&number);
            if let Some(work) = entry.and_then(|entry| entry.work.take()) {
                return Some((number, work));
            }
        }
        queue.threads -= 1;
        None
    }

    /// Notes how an operation ended. Whatever it held of the domain is gone by now.
    fn finish(&self, number: u64, outcome: Outcome, times: Option<Times>) {
        let beyond_reach = match &outcome {
            Outcome::Failed(error) => {
                log::warn!("a queued operation failed: {error}");
                let kinds = [ErrorKind::Timeout, ErrorKind::Unavailable];
                kinds.contains(&error.kind()).then(|| error.clone())
            }
            _ => None,
        };
        // A program that waits for a thousand operations must not wait for a thousand time limits.
        let given_up = match &beyond_reach {
            Some(_) => self.take_all_work(),
            None => Vec::new(),
        };
        let mut queue = self.queue.lock();
        queue.end(number, outcome, times);
        if let Some(error) = beyond_reach {
            for number in given_up {
                let error = error
                    .clone()
                    .context("not attempted, the server is out of reach");
                queue.end(number, Outcome::Failed(error), None);
            }
        }
        self.finished.notify_all();
    }

    /// Makes sure that nothing more begins of what is queued now. Returns what that is.
    fn take_all_work(&self) -> Vec<u64> {
        let mut queue = self.queue.lock();
        queue.ready.clear();
        let unfinished = queue.unfinished.iter_mut();
        let taken = unfinished.filter_map(|(number, entry)| Some((*number, entry.work.take()?)));
        let (numbers, works): (Vec<u64>, Vec<Work>) = taken.unzip();
        drop(queue);
        // What they hold may be the last handle of a deleted object, whose end needs a request.
        drop(works);
        numbers
    }

    /// Waits until nothing is left of what `concerns` names among the operations queued by now.
    fn wait_for(&self, concerns: impl Fn(&Entry) -> bool) {
        let mut queue = self.queue.lock();
        let before = queue.next;
        let left = |queue: &Queue| {
            let mut earlier = queue.unfinished.range(..before);
            earlier.any(|(_, entry)| concerns(entry))
        };
        while left(&queue) {
            self.finished.wait(&mut queue);
        }
    }

    /// Waits until any operation has ended; `false` if there is none.
    fn wait_for_one(&self) -> bool {
        let mut queue = self.queue.lock();
        if queue.unfinished.is_empty() {
            return false;
        }
        self.finished.wait(&mut queue);
        true
    }

    /// Waits for everything, as long as something ends within `patience`; gives the rest up.
    /// Returns the failures that nobody has asked about.
    fn drain(&self, patience: Duration) -> Vec<Error> {
        let mut queue = self.queue.lock();
        while !queue.unfinished.is_empty() {
            let left = queue.unfinished.len();
            let waited = self.finished.wait_for(&mut queue, patience);
            if waited.timed_out() && queue.unfinished.len() == left {
                queue.give_up();
                self.finished.notify_all();
            }
        }
        let failed = std::mem::take(&mut queue.failed).into_iter();
        let unknown = failed.filter_map(|job| job.upgrade().filter(|job| !job.is_known()));
        let errors = unknown.filter_map(|job| match job.outcome.get() {
            Some(Outcome::Failed(error)) => Some(error.clone()),
            _ => None,
        });
        errors.collect()
    }

    /// Cancels an operation that has not begun.
    fn cancel(self: &Arc<Self>, number: u64) -> bool {
        let mut queue = self.queue.lock();
        let Some(entry) = queue.unfinished.get_mut(&number) else {
            return false;
        };
        if entry.kind != Kind::Values {
            return false;
        }
        let Some(work) = entry.work.take() else {
            return false;
        };
        queue.ready.retain(|&ready| ready != number);
        drop(queue);
        // What it holds may be the last handle of a deleted object, whose end needs a request.
        drop(work);
        self.finish(number, Outcome::Cancelled, None);
        self.start_threads();
        true
    }
}

impl Queue {
    /// Takes an operation out, and lets those go on that waited for it.
    fn end(&mut self, number: u64, outcome: Outcome, times: Option<Times>) {
        let Some(entry) = self.unfinished.remove(&number) else {
            return;
        };
        for follower in entry.followers {
            if let Some(entry) = self.unfinished.get_mut(&follower) {
                entry.waits_for -= 1;
                if entry.waits_for == 0 {
                    self.ready.push_back(follower);
                }
            }
        }
        if matches!(outcome, Outcome::Failed(_)) {
            let unknown = |job: &Weak<Job>| job.upgrade().is_some_and(|job| !job.is_known());
            self.failed.retain(unknown);
            self.failed.push(Arc::downgrade(&entry.job));
        }
        if let Some(times) = times {
            let _ = entry.job.times.set(times);
        }
        let _ = entry.job.outcome.set(outcome);
    }

    /// Ends everything, because the process ends; what runs goes on unobserved.
    fn give_up(&mut self) {
        while let Some((&number, entry)) = self.unfinished.iter_mut().next() {
            // What the work holds is not worth another request.
            std::mem::forget(entry.work.take());
            let words = "the program ended before the server had answered";
            let error = Error::new(ErrorKind::Timeout, words);
            self.end(number, Outcome::Failed(error), None);
        }
        self.ready.clear();
    }
}

impl Job {
    /// How it ended; waits for that at most `patience`, or without limit.
    pub fn wait(&self, patience: Option<Duration>) -> Option<&Outcome> {
        let outcome = self.wait_for_outcome(patience);
        if outcome.is_some() {
            self.asked.store(true, Ordering::Relaxed);
        }
        outcome
    }

    /// How it ended, once it has, for those who do not pass it on to the program.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.wait_for_outcome(None)
    }

    fn is_known(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    fn wait_for_outcome(&self, patience: Option<Duration>) -> Option<&Outcome> {
        if !self.queue.is_own() {
            let inherited = "the operation belongs to the process that this one was forked from";
            let failed = || Outcome::Failed(Error::new(ErrorKind::Invalid, inherited));
            return Some(self.outcome.get_or_init(failed));
        }
        let until = patience.and_then(|patience| Instant::now().checked_add(patience));
        if self.outcome.get().is_none() {
            let mut queue = self.queue.queue.lock();
            while self.outcome.get().is_none() {
                match until {
                    None => self.queue.finished.wait(&mut queue),
                    Some(until) => {
                        if self
                            .queue
                            .finished
                            .wait_until(&mut queue, until)
                            .timed_out()
                        {
                            break;
                        }
                    }
                }
            }
        }
        self.outcome.get()
    }

    /// Cancels it; `false` if it has begun, or is not to be cancelled.
    pub fn cancel(&self) -> bool {
        self.queue.is_own() && self.queue.cancel(self.number)
    }

    /// When it ran, once it has.
    pub fn times(&self) -> Option<Times> {
        self.times.get().copied()
    }
}

impl std::fmt::Debug for Requests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} unfinished requests",
            self.queue.lock().unfinished.len()
        )
    }
}

impl Session {
    /// Queues an operation on this domain.
    pub fn submit(&self, kind: Kind, follows: Follows, work: Work) -> Arc<Job> {
        self.requests().submit(kind, follows, work)
    }

    /// Waits until every queued operation is done that a call with this use of an object follows.
    pub fn settle(&self, id: ObjectId, usage: Use) {
        if let Some(requests) = self.known_requests() {
            let call = Follows::object(id, usage);
            requests.wait_for(|entry| call.waits_for(&entry.follows));
        }
    }

    /// Waits until any queued operation has ended; `false` if there is none.
    pub fn wait_for_one(&self) -> bool {
        self.known_requests()
            .is_some_and(|requests| requests.wait_for_one())
    }

    /// Whether a call with this use of an object would have to wait.
    pub fn is_settled(&self, id: ObjectId, usage: Use) -> bool {
        let Some(requests) = self.known_requests() else {
            return true;
        };
        let call = Follows::object(id, usage);
        let queue = requests.queue.lock();
        let mut unfinished = queue.unfinished.values();
        !unfinished.any(|entry| call.waits_for(&entry.follows))
    }

    /// Waits until every queued operation is done.
    pub fn settle_all(&self) {
        if let Some(requests) = self.known_requests() {
            requests.wait_for(|_| true);
        }
    }

    /// Whether a file of this domain is being closed.
    pub(super) fn is_closing(&self) -> bool {
        self.known_requests().is_some_and(|requests| {
            let queue = requests.queue.lock();
            let mut unfinished = queue.unfinished.values();
            unfinished.any(|entry| entry.kind == Kind::Close)
        })
    }
}

/// Waits, while the process (or the library) ends, for everything that is queued anywhere, and
/// returns what failed without anyone having asked. Gives up when nothing ends within `patience`.
pub fn finish_all(patience: Duration) -> Vec<Error> {
    let all: Vec<_> = ALL.lock().iter().filter_map(Weak::upgrade).collect();
    let own = all.into_iter().filter(|requests| requests.is_own());
    own.flat_map(|requests| requests.drain(patience)).collect()
}

#[cfg(test)]
mod tests;
