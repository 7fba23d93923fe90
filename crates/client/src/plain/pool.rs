//! Idle connections, and how many there may be at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;

/// Shorter than the 75 s after which HSDS closes idle connections.
const IDLE: Duration = Duration::from_secs(30);

/// The connections of one transport.
pub(super) struct Pool {
    state: Mutex<State>,
    left: Condvar,
    most: usize,
}

#[derive(Default)]
struct State {
    /// A forked child must not use its parent's connections.
    process: u32,
    busy: usize,
    idle: Vec<(Connection, Instant)>,
}

/// The right to use a connection until this is dropped.
pub(super) struct Place<'a> {
    pool: &'a Pool,
    process: u32,
}

impl Pool {
    pub fn new(most: usize) -> Self {
        Self {
            state: Mutex::default(),
            left: Condvar::new(),
            most,
        }
    }

    /// The state, without anything that belongs to the parent of a forked child. To drop the
    /// parent's connections here only closes this process's descriptors.
    fn state(&self, process: u32) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.process != process {
            *state = State {
                process,
                ..State::default()
            };
        }
        state
    }

    /// Waits until fewer than the most are busy.
    pub fn place(&self) -> Place<'_> {
        let process = std::process::id();
        let mut state = self.state(process);
        while state.busy >= self.most {
            let waited = self.left.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.busy += 1;
        Place {
            pool: self,
            process,
        }
    }
}

impl Place<'_> {
    /// The connection that was used last, if it is still open.
    pub fn idle(&self) -> Option<Connection> {
        loop {
            let (connection, since) = self.pool.state(self.process).idle.pop()?;
            if since.elapsed() < IDLE && connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next request.
    pub fn keep(&self, connection: Connection) {
        let mut state = self.pool.state(self.process);
        state.idle.push((connection, Instant::now()));
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state(self.process);
        state.busy = state.busy.saturating_sub(1);
        drop(state);
        self.pool.left.notify_one();
    }
}
