//! Running planned requests, several at once, where the elements are: on the server or in files.
//!
//! Called by `read` and `write` on the program's thread. Worker threads only move bytes: they
//! never call HDF5.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::Transfer;
use super::external::Files;
use super::plan::{Request, What};
use crate::connector::{DatasetInfo, Error, ErrorKind, Object, Result, leave_to_program};

/// Where the elements of a dataset are.
#[derive(Clone)]
pub struct Store {
    object: Object,
    /// Its external files, if it has such.
    files: Option<Arc<Files>>,
}

impl Store {
    /// Of a dataset in one transfer.
    pub fn of(object: &Object, info: &DatasetInfo, transfer: &Transfer) -> Result<Self> {
        let files = match info.is_external() {
            true => Some(Arc::new(Files::of(transfer.host, info, transfer.access)?)),
            false => None,
        };
        Ok(Self {
            object: object.clone(),
            files,
        })
    }
}

/// Runs `job` for every item, `parallel` at a time, and returns the results in order of the items.
/// After a failure no new item is begun; the first failure in order is returned.
pub fn in_parallel<T: Send, R: Send>(
    items: Vec<T>,
    parallel: usize,
    job: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    if items.len() <= 1 || parallel <= 1 {
        return items.into_iter().map(job).collect();
    }
    let workers = parallel.min(items.len());
    let slots: Vec<Mutex<Option<Result<R>>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|i| Mutex::new(Some(i))).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at).and_then(|item| item.lock().take()) else {
                return;
            };
            let outcome = job(item);
            if outcome.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            *slots[at].lock() = Some(outcome);
        }
    };
    std::thread::scope(|scope| {
        for n in 1..workers {
            let spawned = std::thread::Builder::new()
                .name(format!("hdf5-rest-{n}"))
                .spawn_scoped(scope, || {
                    leave_to_program();
                    work();
                });
            if spawned.is_err() {
                break; // The calling thread does what the system has no thread for.
            }
        }
        work();
    });
    let mut results = Vec::with_capacity(slots.len());
    for slot in slots {
        match slot.into_inner() {
            Some(outcome) => results.push(outcome?),
            // Not begun because a later one in line had failed by then: that error comes next.
            None => continue,
        }
    }
    if results.len() == items.len() {
        Ok(results)
    } else {
        Err(Error::new(
            ErrorKind::Unavailable,
            "a transfer was given up after a failure",
        ))
    }
}

/// Fetches a request's elements of `size` bytes each into `into`, which is exactly as long.
pub fn fetch_fixed(store: &Store, request: &Request, into: &mut [u8]) -> Result<()> {
    let object = &store.object;
    if let Some(files) = &store.files {
        let read = files.read(request, into);
        return read.map_err(|error| error.context(format!("cannot read {object}")));
    }
    match &request.what {
        What::Select(selection) => object.read_kept(selection, into),
        What::Points(points) => object.read_points(points, into),
    }
}

/// Fetches a request's elements in wire form.
pub fn fetch(store: &Store, request: &Request, wire_size: Option<usize>) -> Result<Vec<u8>> {
    let object = &store.object;
    match wire_size {
        Some(size) => {
            let mut wire = zeroed(request.count, size)?;
            fetch_fixed(store, request, &mut wire)?;
            Ok(wire)
        }
        None => match &request.what {
            What::Select(selection) => object.read_variable(selection),
            What::Points(points) => object.read_points_variable(points),
        },
    }
}

/// When the server gets what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before the write has ended: whoever waits for it wants to know.
    Now,
    /// With other small writes, some time before the dataset is flushed or closed.
    Later,
}

/// Sends a request's elements, given in wire form.
pub fn send(
    store: &Store,
    request: &Request,
    wire_size: Option<usize>,
    wire: Vec<u8>,
    when: When,
) -> Result<()> {
    let object = &store.object;
    if let Some(files) = &store.files {
        let write = || {
            object.file().check_writable()?;
            files.write(request, &wire)
        };
        return write().map_err(|error: Error| error.context(format!("cannot write {object}")));
    }
    match &request.what {
        What::Select(selection) => match when {
            When::Later if wire_size.is_some() && object.collect(selection, &wire)? => Ok(()),
            When::Later => object.write_behind(selection, wire.into()),
            When::Now => object.write(selection, wire.into()),
        },
        What::Points(points) => object.write_points(points, wire_size, wire.into()),
    }
}

/// Sends a request's elements from memory of the program, which holds them in wire form.
pub fn send_from(store: &Store, request: &Request, size: usize, wire: &[u8]) -> Result<()> {
    match (&request.what, &store.files) {
        (What::Select(selection), None) => match store.object.collect(selection, wire)? {
            true => Ok(()),
            false => store.object.write_from(selection, wire),
        },
        _ => send(store, request, Some(size), wire.to_vec(), When::Later),
    }
}

/// Room for `count` elements of `size` bytes, or an error instead of an abort.
pub fn zeroed(count: usize, size: usize) -> Result<Vec<u8>> {
    let fits = |&bytes: &usize| Vec::<u8>::new().try_reserve_exact(bytes).is_ok();
    match count.checked_mul(size).filter(fits) {
        Some(bytes) => Ok(vec![0; bytes]),
        None => Err(Error::new(
            ErrorKind::Invalid,
            format!("no memory for {count} elements of {size} bytes"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order() {
        let squares = in_parallel((0..100).collect(), 4, |n: u64| Ok(n * n)).unwrap();
        assert_eq!(squares, (0..100).map(|n| n * n).collect::<Vec<_>>());
    }

    #[test]
    fn a_failure_is_returned_and_ends_the_work() {
        let done = AtomicUsize::new(0);
        let outcome = in_parallel((0..1000).collect(), 4, |n: u64| {
            done.fetch_add(1, Ordering::Relaxed);
            if n == 3 {
                return Err(Error::new(ErrorKind::Timeout, "three"));
            }
            std::thread::yield_now();
            Ok(n)
        });
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
        assert!(done.into_inner() < 1000);
    }
}
