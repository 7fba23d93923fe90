//! Request callbacks: what became of the operations of an event set.
//!
//! A callback that has queued its work (`connector::requests`) gives HDF5 a request for it with
//! [`give`]. HDF5 then waits for it or looks at it, asks for errors and times, and frees it. What is
//! left to do with HDF5 or in the program's memory is done here, on the thread that waits.

use std::ffi::c_void;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use super::delivery::Delivery;
use super::entry;
use super::event_set;
use crate::connector::requests::{Job, Outcome, finish_all};
use crate::connector::{Error, ErrorKind, File, Result};
use crate::ffi::*;
use crate::host::Host;
use crate::host::slot::{self, SLOTS};

/// Marks memory as a request of ours.
const MAGIC: u64 = 0x6835_7265_7374_0002;

/// How long the end of a program waits for a server from which nothing comes.
const PATIENCE_AT_END: Duration = Duration::from_secs(60);

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_request_class_t {
    H5VL_request_class_t {
        wait: Some(wait::<S>),
        notify: Some(notify::<S>),
        cancel: Some(cancel::<S>),
        specific: Some(specific::<S>),
        optional: Some(optional::<S>),
        free: Some(free::<S>),
    }
}

/// What HDF5 gets for an operation that goes on.
#[repr(C)]
struct Request {
    magic: u64,
    /// The call that it is part of.
    callback: &'static str,
    job: Arc<Job>,
    /// What is left to do on the program's thread.
    delivery: Option<Arc<Delivery>>,
    /// How it ended, once someone has asked.
    outcome: Option<Outcome>,
    /// Whom to tell.
    listener: Option<(Listener, *mut c_void)>,
}

type Listener = unsafe extern "C" fn(ctx: *mut c_void, status: H5VL_request_status_t) -> herr_t;

/// Whether the caller takes a request for an answer. While the library terminates there is nobody
/// left to wait for it.
pub fn is_wanted(host: &'static Host, req: *mut *mut c_void) -> bool {
    let wanted = !req.is_null() && !host.is_terminating();
    if wanted {
        finish_with_library(host);
    }
    wanted
}

/// Gives HDF5 a request for an operation that was queued.
///
/// # Safety
/// `req` must be the argument of the running callback, and not null.
pub unsafe fn give(
    req: *mut *mut c_void,
    callback: &'static str,
    job: Arc<Job>,
    delivery: Option<Arc<Delivery>>,
) {
    let request = Box::new(Request {
        magic: MAGIC,
        callback,
        job,
        delivery: delivery.clone(),
        outcome: None,
        listener: None,
    });
    let request: *mut c_void = Box::into_raw(request).cast();
    request.expose_provenance();
    if let Some(delivery) = delivery {
        delivery.belongs_to(request);
    }
    // SAFETY: room for a pointer, by the contract of this function.
    unsafe { *req = request };
}

/// Flushes a file, or queues that.
///
/// # Safety
/// `req` must be the argument of the running callback.
pub unsafe fn flush(host: &'static Host, file: &Arc<File>, req: *mut *mut c_void) -> Result<()> {
    if !is_wanted(host, req) {
        return file.flush();
    }
    // SAFETY: by the contract of this function, and not null.
    unsafe { give(req, "H5Fflush", file.clone().flush_later(), None) };
    Ok(())
}

/// Takes a request back that was given: HDF5 does not look at those of calls that fail.
///
/// # Safety
/// `req` must be the argument of the running callback.
pub unsafe fn take_back(req: *mut *mut c_void) {
    // SAFETY: null, or room for a pointer, which is null but for what `give` has put there.
    unsafe {
        if let Some(given) = req.as_mut()
            && borrow(*given).is_ok()
        {
            drop(Box::from_raw(given.cast::<Request>()));
            *given = std::ptr::null_mut();
        }
    }
}

/// # Safety
/// `req` must be null or come from HDF5, which passes requests of ours that it has not freed.
unsafe fn borrow<'a>(req: *mut c_void) -> Result<&'a mut Request> {
    let request = req.cast::<Request>();
    // SAFETY: readable by the contract of this function.
    if request.is_null() || unsafe { (*request).magic } != MAGIC {
        let words = "the request does not belong to the REST connector";
        return Err(Error::new(ErrorKind::Invalid, words));
    }
    // SAFETY: the mark says what it is; HDF5 serialises calls, and keeps no reference itself.
    Ok(unsafe { &mut *request })
}

impl Request {
    /// How it ended, if it ends within `patience`. What was read is in the
    /// program's buffer then.
    fn outcome(&mut self, host: &Host, patience: Option<Duration>) -> Option<&Outcome> {
        if self.outcome.is_none() {
            let mut outcome = self.job.wait(patience)?.clone();
            if let (Outcome::Done, Some(delivery)) = (&outcome, &self.delivery)
                && let Err(error) = delivery.complete(host)
            {
                outcome = Outcome::Failed(error);
            }
            self.outcome = Some(outcome);
            self.tell();
        }
        self.outcome.as_ref()
    }

    fn tell(&mut self) {
        if let Some(outcome) = &self.outcome
            && let Some((listener, ctx)) = self.listener.take()
        {
            // SAFETY: the function and context that were registered, on a thread of the program.
            unsafe { listener(ctx, status_of(outcome)) };
        }
    }
}

fn status_of(outcome: &Outcome) -> H5VL_request_status_t {
    match outcome {
        Outcome::Done => H5VL_REQUEST_STATUS_SUCCEED,
        Outcome::Failed(_) => H5VL_REQUEST_STATUS_FAIL,
        Outcome::Cancelled => H5VL_REQUEST_STATUS_CANCELED,
    }
}

unsafe extern "C" fn wait<const S: usize>(
    req: *mut c_void,
    timeout: u64,
    status: *mut H5VL_request_status_t,
) -> herr_t {
    entry::done::<S>("H5ESwait", |host| {
        let patience = match timeout {
            H5ES_WAIT_FOREVER => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        };
        // SAFETY: HDF5 passes a request and room for its state.
        unsafe {
            *status = match borrow(req)?.outcome(host, patience) {
                // Without a time limit everything before it has been waited for.
                Some(outcome) if patience.is_none() => status_of(outcome),
                Some(outcome) if event_set::may_end(host, req, outcome) => status_of(outcome),
                _ => H5VL_REQUEST_STATUS_IN_PROGRESS,
            };
        }
        Ok(())
    })
}

/// The function is called by whoever waits for the request: never from a thread of the plugin.
unsafe extern "C" fn notify<const S: usize>(
    req: *mut c_void,
    function: H5VL_request_notify_t,
    ctx: *mut c_void,
) -> herr_t {
    entry::done::<S>("H5VLrequest_notify", |host| {
        // SAFETY: HDF5 passes a request.
        let request = unsafe { borrow(req) }?;
        request.listener = function.map(|function| (function, ctx));
        if request.outcome(host, Some(Duration::ZERO)).is_some() {
            request.tell();
        }
        Ok(())
    })
}

unsafe extern "C" fn cancel<const S: usize>(
    req: *mut c_void,
    status: *mut H5VL_request_status_t,
) -> herr_t {
    entry::done::<S>("H5EScancel", |host| {
        // SAFETY: HDF5 passes a request and room for its state.
        unsafe {
            let request = borrow(req)?;
            request.job.cancel();
            *status = match request.outcome(host, Some(Duration::ZERO)) {
                Some(outcome) if event_set::may_end(host, req, outcome) => status_of(outcome),
                Some(_) => H5VL_REQUEST_STATUS_IN_PROGRESS,
                None => H5VL_REQUEST_STATUS_CANT_CANCEL,
            };
        }
        Ok(())
    })
}

unsafe extern "C" fn specific<const S: usize>(
    req: *mut c_void,
    args: *mut H5VL_request_specific_args_t,
) -> herr_t {
    entry::done::<S>("H5VLrequest_specific", |host| {
        // SAFETY: HDF5 passes a request, and arguments whose member `op_type` names.
        unsafe {
            let (request, args) = (borrow(req)?, &mut *args);
            match args.op_type {
                H5VL_REQUEST_GET_ERR_STACK => {
                    args.args.get_err_stack.err_stack_id = match &request.outcome {
                        Some(Outcome::Failed(error)) => {
                            host.error_stack_of(request.callback, error)?.into_raw()
                        }
                        _ => H5I_INVALID_HID,
                    };
                }
                H5VL_REQUEST_GET_EXEC_TIME => {
                    let room = args.args.get_exec_time;
                    let (started, took) = execution(request);
                    if !room.exec_ts.is_null() {
                        *room.exec_ts = started;
                    }
                    if !room.exec_time.is_null() {
                        *room.exec_time = took;
                    }
                }
                other => return Err(Error::unsupported(&format!("request query {other}"))),
            }
        }
        Ok(())
    })
}

/// When the operation began, in microseconds since 1970 (as HDF5 itself says when an operation was
/// inserted), and how long it took, in nanoseconds.
fn execution(request: &Request) -> (u64, u64) {
    let Some(times) = request.job.times() else {
        return (0, 0);
    };
    let started = times.started.duration_since(UNIX_EPOCH).unwrap_or_default();
    let number = |n: u128| u64::try_from(n).unwrap_or(u64::MAX);
    (number(started.as_micros()), number(times.took.as_nanos()))
}

unsafe extern "C" fn optional<const S: usize>(
    _req: *mut c_void,
    args: *mut H5VL_optional_args_t,
) -> herr_t {
    entry::done::<S>("H5VLrequest_optional", |_| {
        // SAFETY: HDF5 passes arguments that say which operation is meant.
        let operation = unsafe { (*args).op_type };
        Err(Error::unsupported(&format!(
            "request operation {operation}"
        )))
    })
}

/// An operation that has not ended goes on; what it reads is not delivered any more.
unsafe extern "C" fn free<const S: usize>(req: *mut c_void) -> herr_t {
    entry::done::<S>("H5VLrequest_free", |_| {
        // SAFETY: HDF5 passes a request and never uses it again; it was made by Box::into_raw.
        let request = unsafe {
            let request: *mut Request = borrow(req)?;
            (*request).magic = 0;
            Box::from_raw(request)
        };
        if let Some(delivery) = &request.delivery {
            delivery.drop_undelivered();
        }
        Ok(())
    })
}

/// Hosts that will tell when they shut down; HDF5 forgets the wish when it does.
static HOOKED: [AtomicBool; SLOTS] = [const { AtomicBool::new(false) }; SLOTS];

/// What is queued when the library (or the process) ends is finished first: HDF5 drops event sets
/// without waiting for them.
fn finish_with_library(host: &Host) {
    if !HOOKED[host.slot()].swap(true, Ordering::AcqRel) {
        let slot = std::ptr::without_provenance_mut(host.slot());
        // SAFETY: registers a function for the host to call, once, with the number of its slot.
        unsafe { (host.h5.H5atclose)(Some(at_close), slot) };
    }
}

unsafe extern "C" fn at_close(slot: *mut c_void) {
    let slot = slot.addr();
    HOOKED[slot].store(false, Ordering::Release);
    // A panic must not reach HDF5; there is nobody left to report it to.
    let failed = catch_unwind(|| {
        let failed = finish_all(PATIENCE_AT_END);
        if let Some(host) = slot::host(slot) {
            let is_ours = |request: usize| {
                let request = std::ptr::with_exposed_provenance_mut(request);
                // SAFETY: a request in an event set: ours, or another connector's, whose requests
                // are larger than the mark that `borrow` looks for.
                unsafe { borrow(request) }.is_ok()
            };
            event_set::empty_all(host, is_ours);
        }
        failed
    });
    let failed = failed.unwrap_or_default();
    if let Some(first) = failed.first() {
        // The program has no event set any more to find it in.
        let count = failed.len();
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!(
                "hdf5-vol-rest: {count} asynchronous operations failed that nobody waited for; \
                 the first: {first}\n"
            ),
        );
    }
}
