//! Keys and bytes: ordered, transactional, durable.
//!
//! [`Store`] is what the rest of the server sees: consistent snapshots to read from, and changes
//! that are durable when [`Store::write`] returns. Below it a [`backend::Backend`] keeps the
//! records; nothing above knows which one.

pub mod backend;
mod clock;
mod commit;
pub mod keys;
mod local;
mod memory;
mod overlay;
mod tombstones;

use std::path::Path;
use std::sync::Arc;

pub(crate) use backend::copy_parts;
pub use backend::{Part, Payload, Preparation, Reader, Record};
pub use clock::Clock;
pub use overlay::Overlay;

use self::backend::Backend;
use self::commit::Committer;
use self::tombstones::Tombstones;

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
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache: 256 << 20,
            reserve: 32 << 20,
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
        Self::over(Arc::new(memory::Memory::default()))
    }

    /// The store in this folder, which is made if it does not exist.
    pub fn in_folder(folder: &Path) -> StoreResult<Self> {
        Self::in_folder_with(folder, &StoreOptions::default())
    }

    /// The same with options.
    pub fn in_folder_with(folder: &Path, options: &StoreOptions) -> StoreResult<Self> {
        Ok(Self::over(Arc::new(local::Local::open(folder, options)?)))
    }

    /// Opens the store in this folder as it is, with what is wrong with its files. See
    /// [`crate::check`] for what its records say.
    pub fn inspect(folder: &Path) -> StoreResult<(Self, Vec<String>)> {
        let (local, problems) = local::Local::inspect(folder)?;
        Ok((Self::over(Arc::new(local)), problems))
    }

    /// A store in memory, and what makes copies of it as it is then. For fuzz targets.
    #[cfg(fuzzing)]
    pub fn with_copies() -> (Self, impl Fn() -> Self) {
        let memory = Arc::new(memory::Memory::default());
        let store = Self::over(memory.clone());
        (store, move || Self::over(Arc::new(memory.copy())))
    }

    fn over(backend: Arc<dyn Backend>) -> Self {
        let tombstones = Arc::<Tombstones>::default();
        Self {
            committer: Committer::start(backend.clone(), tombstones.clone()),
            backend,
            clock: Clock::default(),
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
        let bytes = records.iter().map(|(_, value)| value.len() as u64).sum();
        let mut preparation = self.preparation(bytes)?;
        for record in records {
            preparation.add(record)?;
        }
        preparation.finish()
    }

    /// The same for values of about so many bytes in all that come one after the other.
    pub fn preparation(&self, bytes: u64) -> StoreResult<Box<dyn Preparation + '_>> {
        self.backend.preparation(bytes)
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
