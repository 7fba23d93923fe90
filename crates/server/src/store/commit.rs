//! Group commit: changes that arrive while another group is being made durable form the next
//! group, and share one transaction.
//!
//! There is no writer thread. Whoever finds no commit going on leads: it takes everything that
//! waits, its own change included, and commits it; the others wait for their leader.

use std::sync::Arc;

use parking_lot::Mutex;

use super::backend::{Backend, Transaction};
use super::{Overlay, StoreError, StoreResult};

/// Keys that a change wrote, and whether each is gone now.
type Effect = Vec<(Vec<u8>, bool)>;

#[derive(Default)]
pub(super) struct Committer {
    waiting: Mutex<Vec<Arc<dyn Job>>>,
    leader: Mutex<()>,
}

/// A change without its types.
trait Job: Send + Sync {
    /// Runs the change and hands its writes to the transaction; an error means that the
    /// transaction is unusable.
    fn run(&self, transaction: &mut dyn Transaction) -> StoreResult<()>;
    /// Tells how the commit went.
    fn finish(&self, outcome: StoreResult<()>);
    fn is_finished(&self) -> bool;
}

struct Change<T, E, F> {
    state: Mutex<State<T, E, F>>,
}

enum State<T, E, F> {
    Waiting(F),
    Running,
    Ran(Result<(T, Effect), E>),
    Finished(Result<(T, Effect), E>),
    Taken,
}

impl Committer {
    /// See [`super::Store::write`].
    pub fn write<T, E, F>(&self, backend: &dyn Backend, change: F) -> Result<(T, Effect), E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send + 'static,
    {
        let job = Arc::new(Change {
            state: Mutex::new(State::Waiting(change)),
        });
        self.waiting.lock().push(job.clone());
        {
            // Whoever had this lock before may have done our change already.
            let _lead = self.leader.lock();
            if !job.is_finished() {
                let group = std::mem::take(&mut *self.waiting.lock());
                commit(backend, &group);
            }
        }
        let state = std::mem::replace(&mut *job.state.lock(), State::Taken);
        match state {
            State::Finished(outcome) => outcome,
            _ => Err(StoreError::Unavailable("a change was dropped".into()).into()),
        }
    }
}

/// Runs the group in order of arrival and commits it once.
fn commit(backend: &dyn Backend, group: &[Arc<dyn Job>]) {
    let outcome =
        backend.transact(&mut |transaction| group.iter().try_for_each(|job| job.run(transaction)));
    for job in group {
        job.finish(outcome.clone());
    }
}

impl<T, E, F> Job for Change<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send,
{
    fn run(&self, transaction: &mut dyn Transaction) -> StoreResult<()> {
        let mut state = self.state.lock();
        let State::Waiting(change) = std::mem::replace(&mut *state, State::Running) else {
            return Ok(());
        };
        let mut overlay = Overlay::new(transaction);
        let changed = change(&mut overlay).and_then(|outcome| {
            overlay.check_room()?;
            Ok(outcome)
        });
        *state = State::Ran(match changed {
            Ok(outcome) => Ok((outcome, overlay.apply()?)),
            Err(error) => Err(error),
        });
        Ok(())
    }

    fn finish(&self, outcome: StoreResult<()>) {
        let mut state = self.state.lock();
        let ran = std::mem::replace(&mut *state, State::Taken);
        *state = State::Finished(match (outcome, ran) {
            // A change that was refused on its own account does not care about the commit.
            (_, State::Ran(Err(error))) => Err(error),
            (Ok(()), State::Ran(done)) => done,
            (Err(error), _) => Err(error.into()),
            (Ok(()), _) => Err(StoreError::Unavailable("a change did not run".into()).into()),
        });
    }

    fn is_finished(&self) -> bool {
        matches!(*self.state.lock(), State::Finished(_))
    }
}
