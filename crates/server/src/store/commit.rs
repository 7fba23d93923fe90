//! Group commit: changes that arrive while another group is being made durable form the next
//! group, with those that come while it is made, and share one transaction.
//!
//! A thread of its own makes them, so that a request occupies no thread while it waits for the disk.
//! Whoever may block and finds no commit going on does it itself, which saves the way to that thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::backend::{Backend, Transaction};
use super::overlay::Effect;
use super::tombstones::Tombstones;
use super::{Overlay, StoreError, StoreResult};
use crate::lookout::{Lookout, look_until};

/// A commit that takes longer is slept through.
const QUICK: Duration = Duration::from_micros(500);
/// How long a group takes in what comes: those who were first wait for it.
const OPEN: Duration = Duration::from_millis(1);

/// Makes changes durable; ends with what waits when it is dropped.
pub(super) struct Committer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    backend: Arc<dyn Backend>,
    tombstones: Arc<Tombstones>,
    queue: Mutex<Queue>,
    /// Something waits, or the end has come.
    news: Condvar,
    /// Held while a group is made durable.
    leader: Mutex<()>,
    /// Changes that wait.
    waiting: AtomicUsize,
    /// Changes of the last group,
    last_group: AtomicUsize,
    /// and the microseconds that it took.
    last_took: AtomicU64,
    lookout: Arc<Lookout>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Box<dyn Job>>,
    ended: bool,
}

/// A change without its types.
trait Job: Send {
    /// Runs the change and hands its writes to the transaction; an error means that the
    /// transaction is unusable.
    fn run(&mut self, transaction: &mut dyn Transaction) -> StoreResult<()>;
    /// Tells how the commit went.
    fn finish(self: Box<Self>, outcome: StoreResult<()>, tombstones: &Tombstones);
}

struct Change<T, E, F, G> {
    state: State<T, E, F>,
    tell: G,
}

enum State<T, E, F> {
    Waiting(F),
    Ran(Result<(T, Effect), E>),
    Taken,
}

impl Committer {
    /// Commits to this backend, and notes there what is deleted.
    pub fn start(
        backend: Arc<dyn Backend>,
        tombstones: Arc<Tombstones>,
        lookout: Arc<Lookout>,
    ) -> Self {
        let shared = Arc::new(Shared {
            backend,
            tombstones,
            queue: Mutex::default(),
            news: Condvar::new(),
            leader: Mutex::default(),
            waiting: AtomicUsize::new(0),
            last_group: AtomicUsize::new(0),
            last_took: AtomicU64::new(0),
            lookout,
        });
        let work = {
            let shared = shared.clone();
            move || shared.work()
        };
        let thread = thread::Builder::new().name("commit".into()).spawn(work);
        if let Err(error) = &thread {
            tracing::error!(%error, "there is no thread that commits: requests do it");
        }
        Self {
            shared,
            thread: thread.ok(),
        }
    }

    /// See [`super::Store::write`].
    pub fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.add(change, move |outcome| drop(sender.send(outcome)));
        match self.shared.leader.try_lock() {
            Some(_lead) => self.shared.commit(),
            None => self.hand_over(),
        }
        receiver.recv().unwrap_or_else(|_| Err(dropped().into()))
    }

    /// See [`super::Store::submit`].
    pub fn submit<T, E, F>(&self, change: F) -> impl Future<Output = Result<T, E>> + use<T, E, F>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send + 'static,
    {
        let (sender, mut receiver) = oneshot::channel();
        self.add(change, move |outcome| drop(sender.send(outcome)));
        self.hand_over();
        let soon = self.shared.soon();
        async move {
            let look = || match receiver.try_recv() {
                Err(TryRecvError::Empty) => None,
                told => Some(told.ok()),
            };
            let told = match soon.and_then(|end| look_until(end, look)) {
                Some(told) => told,
                None => receiver.await.ok(),
            };
            told.unwrap_or_else(|| Err(dropped().into()))
        }
    }

    /// Has what waits done by the thread.
    fn hand_over(&self) {
        if self.thread.is_some() {
            self.shared.news.notify_one();
        } else {
            let _lead = self.shared.leader.lock();
            self.shared.commit();
        }
    }

    fn add<T, E, F, G>(&self, change: F, tell: G)
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send + 'static,
        G: FnOnce(Result<T, E>) + Send + 'static,
    {
        let state = State::Waiting(change);
        let job = Box::new(Change { state, tell });
        let mut queue = self.shared.queue.lock();
        queue.waiting.push(job);
        self.shared.waiting.fetch_add(1, Ordering::Release);
    }
}

fn dropped() -> StoreError {
    StoreError::Failed("a change was dropped".into())
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.shared.queue.lock().ended = true;
        self.shared.news.notify_one();
        // The last change may have been the last one to know the store: then this is the thread.
        let thread = self.thread.take();
        if let Some(thread) = thread.filter(|it| it.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self) {
        loop {
            if let Some(time) = self.time() {
                let some = || (self.waiting.load(Ordering::Acquire) > 0).then_some(());
                look_until(Instant::now() + time, some);
            }
            let mut queue = self.queue.lock();
            while queue.waiting.is_empty() {
                if queue.ended {
                    return;
                }
                self.news.wait(&mut queue);
            }
            drop(queue);
            let _lead = self.leader.lock();
            self.commit();
        }
    }

    /// How long to look out, if changes come one by one.
    fn time(&self) -> Option<Duration> {
        let one_by_one = self.last_group.load(Ordering::Relaxed) == 1;
        one_by_one.then(|| self.lookout.time()).flatten()
    }

    /// Until when a change that was just added is most probably durable, if that is not worth a sleep.
    fn soon(&self) -> Option<Instant> {
        let time = self.time()?;
        let took = Duration::from_micros(self.last_took.load(Ordering::Relaxed));
        (took <= QUICK).then(|| Instant::now() + took + time)
    }

    /// Runs all that waits in order of arrival and commits it once; by the leader.
    fn commit(&self) {
        let mut group = self.take();
        if group.is_empty() {
            return;
        }
        let began = Instant::now();
        let outcome = self.backend.transact(&mut |transaction| {
            let mut made = 0;
            while made < group.len() {
                let mut jobs = group[made..].iter_mut();
                jobs.try_for_each(|job| job.run(transaction))?;
                made = group.len();
                if began.elapsed() < OPEN {
                    group.extend(self.take());
                }
            }
            Ok(())
        });
        self.last_group.store(group.len(), Ordering::Relaxed);
        let took = began.elapsed().as_micros() as u64;
        self.last_took.store(took, Ordering::Relaxed);
        for job in group {
            job.finish(outcome.clone(), &self.tombstones);
        }
    }

    /// Takes what waits, if anything does.
    fn take(&self) -> Vec<Box<dyn Job>> {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return Vec::new();
        }
        let jobs = std::mem::take(&mut self.queue.lock().waiting);
        self.waiting.fetch_sub(jobs.len(), Ordering::Relaxed);
        jobs
    }
}

impl<T, E, F, G> Job for Change<T, E, F, G>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send,
    G: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, transaction: &mut dyn Transaction) -> StoreResult<()> {
        let State::Waiting(change) = std::mem::replace(&mut self.state, State::Taken) else {
            return Ok(());
        };
        let mut overlay = Overlay::new(transaction);
        // Nothing of it has reached the transaction when it breaks down, and others go on.
        let changed = catch_unwind(AssertUnwindSafe(|| change(&mut overlay)));
        let changed = changed.unwrap_or_else(|_| {
            let reason = "the server broke down over this change".to_owned();
            Err(StoreError::Failed(reason).into())
        });
        let changed = changed.and_then(|outcome| {
            overlay.check_lengths()?;
            overlay.check_room()?;
            Ok(outcome)
        });
        self.state = State::Ran(match changed {
            Ok(outcome) => Ok((outcome, overlay.apply()?)),
            Err(error) => Err(error),
        });
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: StoreResult<()>, tombstones: &Tombstones) {
        let Self { state, tell } = *self;
        tell(match (outcome, state) {
            // A change that was refused on its own account does not care about the commit.
            (_, State::Ran(Err(error))) => Err(error),
            (Ok(()), State::Ran(Ok((outcome, effect)))) => {
                tombstones.update(effect.keys);
                effect.told.into_iter().for_each(|tell| tell());
                Ok(outcome)
            }
            (Err(error), _) => Err(error.into()),
            (Ok(()), _) => Err(StoreError::Failed("a change did not run".into()).into()),
        });
    }
}
