//! What bodies of requests take of the memory while they come and are worked on, all of them together.
//!
//! What has come counts, not what was announced: a slow sender holds what it has sent, and no more. When the
//! memory is full, whoever needs more waits and holds what it has. So that they do not all wait for each other,
//! one at a time may go on beyond the bound until its work is done. As long as anybody waits, senders must
//! hurry, or are sent away with 503: [`crate::routes`] asks for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{ApiError, Result};

/// Bytes are counted in units of so many.
const UNIT: u64 = 64 << 10;
/// What has no more bytes is not counted: it is gone in no time.
const FEW_BYTES: u64 = 256 << 10;
/// Bodies that wait for memory, at most.
const MOST_WAITING: usize = 256;
/// Seconds after which those who were sent away may ask again.
const PAUSE: u32 = 2;

/// When others have waited for so long: how long the next part of a body may take,
const HURRY: Duration = Duration::from_secs(2);
/// and how long whoever goes on beyond the bound may let the server wait in all.
const TURN: Duration = Duration::from_secs(20);

/// What is left for bodies.
#[derive(Debug)]
pub struct Bodies {
    free: Arc<Semaphore>,
    /// Whoever has this may take what is not there.
    turn: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    count: usize,
    /// Since when it is more than none.
    since: Option<Instant>,
}

/// What one body has of it, until it is dropped.
#[derive(Debug)]
pub struct Held {
    bodies: Arc<Bodies>,
    bytes: u64,
    places: Option<OwnedSemaphorePermit>,
    turn: Option<OwnedSemaphorePermit>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_counted: AtomicBool,
    has_turn: AtomicBool,
}

/// Whether the sender of a body must hurry.
#[derive(Debug, Clone)]
pub struct Pressure {
    bodies: Arc<Bodies>,
    state: Arc<State>,
}

impl Bodies {
    /// So many bytes for all of them.
    pub fn new(bytes: u64) -> Arc<Self> {
        let most = usize::try_from(bytes.div_ceil(UNIT)).unwrap_or(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            turn: Arc::new(Semaphore::new(1)),
            waiting: Mutex::default(),
        })
    }

    /// For a body of which nothing has come.
    pub fn none(self: &Arc<Self>) -> Held {
        Held {
            bodies: self.clone(),
            bytes: 0,
            places: None,
            turn: None,
            state: Arc::default(),
        }
    }
}

impl Held {
    /// Whether the sender must hurry, for whoever waits for it.
    pub fn pressure(&self) -> Pressure {
        Pressure {
            bodies: self.bodies.clone(),
            state: self.state.clone(),
        }
    }

    /// So many bytes more have come. Waits if there is no memory for them.
    ///
    /// # Errors
    /// 503 if too many wait already.
    pub async fn grow(&mut self, bytes: usize) -> Result<()> {
        match self.grows(bytes) {
            true => Ok(()),
            false => self.wait().await,
        }
    }

    /// The same for a thread that may block.
    pub fn grow_blocking(&mut self, bytes: usize) -> Result<()> {
        match self.grows(bytes) {
            true => Ok(()),
            false => Handle::current().block_on(self.wait()),
        }
    }

    /// All but so many bytes are gone.
    pub fn shrink_to(&mut self, bytes: usize) {
        drop(self.split(self.bytes.saturating_sub(bytes as u64)));
    }

    /// The same for what others must not wait for, whatever happens to it: the next one may go on.
    #[must_use]
    pub fn without_turn(mut self) -> Self {
        self.turn = None;
        self.note();
        self
    }

    /// So many of its bytes, which somebody else has from now on.
    pub fn split(&mut self, bytes: u64) -> Self {
        let mut other = self.bodies.none();
        other.bytes = bytes.min(self.bytes);
        self.bytes -= other.bytes;
        let surplus = self.has().saturating_sub(self.needs());
        if surplus > 0 {
            other.places = self.places.as_mut().and_then(|own| own.split(surplus));
        }
        if self.has() >= self.needs() {
            self.turn = None;
        }
        self.note();
        other
    }

    fn has(&self) -> usize {
        let places = self.places.as_ref();
        places.map_or(0, OwnedSemaphorePermit::num_permits)
    }

    fn needs(&self) -> usize {
        match self.bytes {
            0..=FEW_BYTES => 0,
            bytes => usize::try_from(bytes.div_ceil(UNIT)).unwrap_or(usize::MAX),
        }
    }

    fn missing(&self) -> u32 {
        let missing = self.needs().saturating_sub(self.has());
        u32::try_from(missing).unwrap_or(u32::MAX)
    }

    /// Takes note of bytes that have come; `false` if there is no memory for them.
    fn grows(&mut self, bytes: usize) -> bool {
        self.bytes += bytes as u64;
        let missing = self.missing();
        if missing == 0 || self.turn.is_some() {
            return true;
        }
        match self.bodies.free.clone().try_acquire_many_owned(missing) {
            Ok(places) => {
                self.keep(places);
                true
            }
            Err(_) => false,
        }
    }

    async fn wait(&mut self) -> Result<()> {
        let waits = Waits::new(&self.bodies)?;
        let (free, turn) = (self.bodies.free.clone(), self.bodies.turn.clone());
        tokio::select! {
            biased;
            places = free.acquire_many_owned(self.missing()) => {
                places.into_iter().for_each(|places| self.keep(places));
            }
            turn = turn.acquire_owned() => self.turn = turn.ok(),
        }
        drop(waits);
        self.note();
        Ok(())
    }

    fn keep(&mut self, places: OwnedSemaphorePermit) {
        match &mut self.places {
            Some(own) => own.merge(places),
            none => *none = Some(places),
        }
        self.note();
    }

    /// For [`Pressure`].
    fn note(&self) {
        let (counted, turn) = (self.has() > 0, self.turn.is_some());
        self.state.is_counted.store(counted, Ordering::Release);
        self.state.has_turn.store(turn, Ordering::Release);
    }
}

/// Counts one that waits until it is dropped.
struct Waits(Arc<Bodies>);

impl Waits {
    fn new(bodies: &Arc<Bodies>) -> Result<Self> {
        let mut waiting = bodies.waiting.lock();
        if waiting.count >= MOST_WAITING {
            return Err(short("too many requests wait for memory"));
        }
        waiting.count += 1;
        waiting.since.get_or_insert_with(Instant::now);
        Ok(Self(bodies.clone()))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting.lock();
        waiting.count -= 1;
        if waiting.count == 0 {
            waiting.since = None;
        }
    }
}

impl Pressure {
    /// Refuses a sender who holds memory and is slow while others wait for it.
    ///
    /// # Errors
    /// 503, if the next part of the body has taken too long, or what came in the sender's turn.
    pub fn check(&self, part: Duration, in_turn: Duration) -> Result<()> {
        let is_slow = part > HURRY || in_turn > TURN;
        if !is_slow || !(self.state.is_counted.load(Ordering::Acquire) || self.has_turn()) {
            return Ok(());
        }
        let since = self.bodies.waiting.lock().since;
        match since.is_some_and(|since| since.elapsed() > HURRY) {
            true => Err(short(
                "the body comes too slowly while others wait for memory",
            )),
            false => Ok(()),
        }
    }

    /// Whether the body goes on beyond the bound.
    pub fn has_turn(&self) -> bool {
        self.state.has_turn.load(Ordering::Acquire)
    }
}

fn short(why: &str) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, why).after(PAUSE)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const MIB: usize = 1 << 20;

    fn is_ready<F: Future>(future: F) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        matches!(pin!(future).poll(&mut context), Poll::Ready(_))
    }

    #[test]
    fn what_has_come_counts() {
        let bodies = Bodies::new(4 << 20);
        let free = || bodies.free.available_permits();
        let (mut one, mut small) = (bodies.none(), bodies.none());
        assert!(is_ready(one.grow(3 * MIB)) && is_ready(small.grow(FEW_BYTES as usize)));
        assert_eq!(free(), 16);
        let half = one.split(2 << 20);
        assert_eq!(free(), 16);
        drop(half);
        assert_eq!(free(), 48);
        one.shrink_to(MIB / 2);
        assert_eq!(free(), 56);
        drop((one, small));
        assert_eq!(free(), 64);
    }

    #[test]
    fn one_at_a_time_goes_on_beyond_the_bound() {
        let bodies = Bodies::new(4 << 20);
        let mut holds: Vec<Held> = (0..3).map(|_| bodies.none()).collect();
        for held in &mut holds[..2] {
            assert!(is_ready(held.grow(2 * MIB)));
        }
        // Nothing is left: the first that needs more gets the turn, and keeps it.
        assert!(is_ready(holds[0].grow(MIB)) && is_ready(holds[0].grow(9 * MIB)));
        assert!(holds[0].pressure().has_turn());
        let (slow, quick) = (HURRY + Duration::from_millis(1), Duration::ZERO);
        let hurries = holds[1].pressure();
        hurries.check(slow, quick).unwrap();
        {
            let mut context = Context::from_waker(Waker::noop());
            let mut waits = pin!(holds[2].grow(MIB));
            assert!(waits.as_mut().poll(&mut context).is_pending());
            hurries.check(slow, quick).unwrap();
            bodies.waiting.lock().since = Instant::now().checked_sub(slow);
            let refused = hurries.check(slow, quick).unwrap_err();
            assert_eq!((refused.status.as_u16(), refused.pause), (503, Some(PAUSE)));
            hurries.check(quick, quick).unwrap();
            hurries.check(quick, TURN * 2).unwrap_err();
        }
        // Whoever goes away leaves no trace.
        hurries.check(slow, quick).unwrap();
        holds.remove(0);
        assert!(is_ready(holds[1].grow(MIB)));
        assert!(!holds[1].pressure().has_turn());
        holds.clear();
        assert_eq!(bodies.free.available_permits(), 64);
        assert_eq!(bodies.turn.available_permits(), 1);
    }

    #[test]
    fn those_who_wait_are_bounded() {
        let bodies = Bodies::new(0);
        let mut first = bodies.none();
        assert!(is_ready(first.grow(MIB)));
        bodies.waiting.lock().count = MOST_WAITING;
        let mut one_more = bodies.none();
        let mut context = Context::from_waker(Waker::noop());
        match pin!(one_more.grow(MIB)).poll(&mut context) {
            Poll::Ready(Err(refused)) => assert_eq!(refused.status.as_u16(), 503),
            other => panic!("{other:?}"),
        }
        assert_eq!(bodies.waiting.lock().count, MOST_WAITING);
    }
}
