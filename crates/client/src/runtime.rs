//! The threads that do the network work, one set per process.
//!
//! Requests come from threads of HDF5 programs, also while such a program ends and its
//! thread-local storage is gone already; so nothing of the network stack runs on them. A forked
//! child inherits the memory of these threads but not the threads: it starts its own.

use std::io;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::signals::leave_to_program;

/// Two move data for four or eight parallel requests at the speed of loopback.
const THREADS: usize = 2;

struct Threads {
    process: u32,
    handle: Handle,
}

static THREADS_OF_PROCESS: Mutex<Option<Threads>> = Mutex::new(None);

/// The running network threads of this process, started by the first request.
pub(crate) fn handle() -> io::Result<Handle> {
    let process = std::process::id();
    let mut threads = THREADS_OF_PROCESS.lock();
    if let Some(running) = threads.as_ref().filter(|t| t.process == process) {
        return Ok(running.handle.clone());
    }
    let runtime: Runtime = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("hdf5-rest-net")
        .on_thread_start(leave_to_program)
        .enable_io()
        .enable_time()
        .build()?;
    let handle = runtime.handle().clone();
    // Lives as long as the process: stopping it would have to wait for its threads, and HDF5
    // closes connectors while the program ends.
    std::mem::forget(runtime);
    let inherited = threads.replace(Threads {
        process,
        handle: handle.clone(),
    });
    std::mem::forget(inherited);
    Ok(handle)
}
