//! Keys and bytes: ordered, transactional, durable.
//!
//! [`Store`] is what the rest of the server sees: consistent snapshots to read from, and changes
//! that are durable when [`Store::write`] returns. Below it a [`backend::Backend`] keeps the
//! records; nothing above knows which one.

pub mod backend;
mod clock;
mod commit;
mod filling;
pub mod keys;
mod local;
mod memory;
mod overlay;
mod tombstones;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use backend::copy_parts;
pub use backend::{Part, Payload, Preparation, Reader, Record};
pub use clock::Clock;
#[cfg(fuzzing)]
pub use local::fuzzing::SegmentFile;
pub use overlay::Overlay;

use self::backend::Backend;
use self::commit::Committer;
use self::tombstones::Tombstones;
use crate::lookout::Lookout;

/// Why the store could not do its work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The disk has no room.
    #[error("no space left on the server: {0}")]
    Full(String),
    /// The disk or the store's files cannot be used now.
    #[error("the server's storage is not available: {0}")]
    Unavailable(String),
    /// A record does not read as what it must be.
    #[error("the server's storage is damaged: {0}")]
    Damaged(String),
    /// More than a record can have.
    #[error("{0}")]
    TooLarge(String),
    /// The server itself is at fault.
    #[error("{0}")]
    Failed(String),
}

/// What a store on disk may take.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Bytes of memory for what was read lately.
    pub cache: usize,
    /// Bytes of the disk that only deletions may use.
    pub reserve: u64,
    /// How long to look out for what comes next before a thread sleeps.
    pub spin: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache: 256 << 20,
            reserve: 32 << 20,
            spin: Duration::from_micros(100),
        }
    }
}

/// Result of the store.
pub type StoreResult<T> = Result<T, StoreError>;

/// All that a server keeps.
pub struct Store {
    /// Before the backend, which it uses until it ends.
    committer: Committer,
    backend: Arc<dyn Backend>,
    /// Source of creation times.
    pub clock: Clock,
    /// Looks for what comes next before a thread sleeps.
    pub lookout: Arc<Lookout>,
    tombstones: Arc<Tombstones>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// A store that ends with the process.
    pub fn in_memory() -> Self {
        Self::in_memory_with(&StoreOptions::default())
    }

    /// The same with options.
    pub fn in_memory_with(options: &StoreOptions) -> Self {
        Self::over(Arc::new(memory::Memory::default()), options)
    }

    /// The store in this folder, which is made if it does not exist.
    pub fn in_folder(folder: &Path) -> StoreResult<Self> {
        Self::in_folder_with(folder, &StoreOptions::default())
    }

    /// The same with options.
    pub fn in_folder_with(folder: &Path, options: &StoreOptions) -> StoreResult<Self> {
        filling::check(folder)?;
        let local = local::Local::open(folder, options)?;
        Ok(Self::over(Arc::new(local), options))
    }

    /// A new store in this folder that is no store for anybody else before [`Self::filled`].
    pub fn filling(folder: &Path) -> StoreResult<Self> {
        filling::begin(folder)?;
        let options = StoreOptions::default();
        let local = local::Local::open(folder, &options)?;
        Ok(Self::over(Arc::new(local), &options))
    }

    /// All that belongs to the store in this folder is in it, durably.
    pub fn filled(folder: &Path) -> StoreResult<()> {
        filling::end(folder)
    }

    /// Opens the store in this folder as it is, with what is wrong with its files. See
    /// [`crate::check`] for what its records say.
    pub fn inspect(folder: &Path) -> StoreResult<(Self, Vec<String>)> {
        filling::check(folder)?;
        let (local, problems) = local::Local::inspect(folder)?;
        Ok((
            Self::over(Arc::new(local), &StoreOptions::default()),
            problems,
        ))
    }

    /// A store in memory, and what marks the state that it has then: the mark takes the store back to it.
    /// For fuzz targets.
    #[cfg(fuzzing)]
    pub fn with_marks() -> (Self, impl Fn() -> Box<dyn Fn() + Send + Sync>) {
        let memory = Arc::new(memory::Memory::default());
        let store = Self::over(memory.clone(), &StoreOptions::default());
        let tombstones = store.tombstones.clone();
        let mark = move || -> Box<dyn Fn() + Send + Sync> {
            let (memory, tombstones) = (memory.clone(), tombstones.clone());
            let back = memory.mark();
            Box::new(move || {
                memory.go_back(&back);
                tombstones.clear();
            })
        };
        (store, mark)
    }

    fn over(backend: Arc<dyn Backend>, options: &StoreOptions) -> Self {
        let tombstones = Arc::<Tombstones>::default();
        let lookout = Arc::new(Lookout::new(options.spin));
        let committer = Committer::start(backend.clone(), tombstones.clone(), lookout.clone());
        Self {
            committer,
            backend,
            clock: Clock::default(),
            lookout,
            tombstones,
        }
    }

    /// Everything that was acknowledged so far; later changes do not show.
    pub fn read(&self) -> StoreResult<Arc<dyn Reader>> {
        self.backend.snapshot()
    }

    /// Makes the values of a later [`Overlay::put`] durable before its transaction, outside of
    /// which they are not reachable. For values that are too large for the transaction to write.
    pub fn prepare(&self, records: Vec<Record>) -> StoreResult<Vec<(Vec<u8>, Payload)>> {
        let mut preparation = self.preparation()?;
        for record in records {
            preparation.add(record)?;
        }
        preparation.finish()
    }

    /// The same for values that come one after the other.
    pub fn preparation(&self) -> StoreResult<Box<dyn Preparation + '_>> {
        self.backend.preparation()
    }

    /// Runs `change` against the latest state, alone; when this returns, its effect is durable.
    /// If it fails, nothing has changed. It may run on another caller's thread.
    pub fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send + 'static,
    {
        self.committer.write(change)
    }

    /// The same without a thread that waits: the change is made whether or not somebody awaits how
    /// it went.
    pub fn submit<T, E, F>(&self, change: F) -> impl Future<Output = Result<T, E>> + use<T, E, F>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Overlay<'_>) -> Result<T, E> + Send + 'static,
    {
        self.committer.submit(change)
    }

    /// Whether the record existed once, as far as this process remembers.
    pub fn was_deleted(&self, key: &[u8]) -> bool {
        self.tombstones.contains(key)
    }
}

#[cfg(test)]
mod tests;
