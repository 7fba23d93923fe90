//! Room on the disk: how much may still be written without touching the bytes that only deletions may use.
//! What others have begun to write counts, too, so that many at once do not all find the same room. Asked by
//! [`super::writing`] for each value, and by [`super::change`] for each transaction.

use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use crate::store::StoreError;

/// Room is asked for in steps of so many bytes at least, as long as there is plenty.
const STEP: u64 = 256 << 10;

/// The room of one disk.
pub(super) struct Room {
    /// Bytes that the disk has left.
    free: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Bytes that only deletions may use.
    reserve: u64,
    /// Bytes that were promised to somebody who has not written them yet.
    promised: Mutex<u64>,
}

/// Bytes that nobody else counts on. What was not written when it is dropped is free again.
pub(super) struct Promise<'a> {
    room: &'a Room,
    reserve: u64,
    bytes: u64,
}

impl Room {
    /// The room of the disk that this folder is on.
    pub fn of(folder: PathBuf, reserve: u64) -> Self {
        Self::with(move || free_space(&folder), reserve)
    }

    fn with(free: impl Fn() -> u64 + Send + Sync + 'static, reserve: u64) -> Self {
        Self {
            free: Box::new(free),
            reserve,
            promised: Mutex::new(0),
        }
    }

    /// For what makes the store grow; of no bytes yet.
    pub fn promise(&self) -> Promise<'_> {
        Promise {
            room: self,
            reserve: self.reserve,
            bytes: 0,
        }
    }

    /// The same for what gives space back in the end: it may use what is kept for that.
    pub fn promise_of_all(&self) -> Promise<'_> {
        Promise {
            reserve: 0,
            ..self.promise()
        }
    }

    /// What is said when there is none.
    pub fn full(&self) -> StoreError {
        StoreError::Full(format!(
            "what is left, {} bytes at most, is for deletions (--disk-reserve)",
            self.reserve
        ))
    }
}

impl Promise<'_> {
    /// Makes sure that so many bytes are promised; `false` if there is no room for them.
    #[must_use]
    pub fn has(&mut self, bytes: u64) -> bool {
        let missing = bytes.saturating_sub(self.bytes);
        if missing == 0 {
            return true;
        }
        let mut promised = self.room.promised.lock();
        let free = (self.room.free)();
        let left = free.saturating_sub(promised.saturating_add(self.reserve));
        if left < missing {
            return false;
        }
        let more = missing.max(STEP.min(left / 2));
        *promised += more;
        self.bytes += more;
        true
    }

    /// So many bytes are written: the disk has less left from now on.
    pub fn written(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        *self.room.promised.lock() -= bytes;
    }
}

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        self.written(self.bytes);
    }
}

/// Bytes that this user may still write to the disk of a folder.
pub(super) fn free_space(folder: &Path) -> u64 {
    let found = rustix::fs::statvfs(folder);
    found.map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use bytes::Bytes;

    use super::super::segments::Segments;
    use super::super::writing::Writing;
    use super::*;

    #[test]
    fn what_is_promised_is_promised_once() {
        let room = Room::with(|| 100, 40);
        let (mut one, mut other) = (room.promise(), room.promise());
        assert!(one.has(20) && one.has(10));
        assert!(!other.has(50));
        assert!(room.promise_of_all().has(50));
        one.written(1000);
        assert!(other.has(60) && !one.has(1));
        drop(other);
        assert!(one.has(60));
    }

    /// What all values of a store take.
    fn used(store: &Path) -> u64 {
        let files = std::fs::read_dir(store.join("segments")).unwrap();
        files
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum()
    }

    /// Many large uploads begin together, while there is room for some of them.
    #[test]
    fn uploads_at_once_leave_what_is_for_deletions() {
        const DISK: u64 = 64 << 20;
        const RESERVE: u64 = 16 << 20;
        const UPLOADS: usize = 8;
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().to_owned();
        let room = Room::with(move || DISK - used(&own), RESERVE);
        let segments = Segments::within(folder.path(), room).unwrap();
        let (value, begin) = (Bytes::from(vec![7; 1 << 20]), Barrier::new(UPLOADS));
        let upload = || {
            let mut writing = Writing::new(&segments, segments.room.promise());
            begin.wait();
            let refused = (0u8..16).find(|n| writing.add((vec![*n], value.clone())).is_err());
            // What was written stays until all have ended.
            (writing, refused)
        };
        let uploads: Vec<_> = thread::scope(|scope| {
            let uploads: Vec<_> = (0..UPLOADS).map(|_| scope.spawn(upload)).collect();
            uploads.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(uploads.iter().any(|(_, refused)| refused.is_some()));
        let used = used(folder.path());
        assert!(used <= DISK - RESERVE, "{used} bytes of {DISK}");
        // Little is left to nobody.
        assert!(used > DISK - RESERVE - (6 << 20), "{used} bytes of {DISK}");
    }
}
