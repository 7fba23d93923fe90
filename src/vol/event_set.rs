//! The event sets of a program, seen from the requests in them.
//!
//! HDF5 does not tell a connector which event set a request is put into, nor whether it was put
//! into one at all. But a connector can look. Called by `request` and `delivery`.

use std::ffi::{c_int, c_void};
use std::ptr;

use crate::connector::requests::Outcome;
use crate::ffi::*;
use crate::host::Host;

/// The requests that are active in each event set, in the order in which they were put there, as
/// addresses.
pub fn requests(host: &Host) -> Vec<Vec<usize>> {
    let sets = event_sets(host).into_iter();
    sets.map(|set| requests_in(host, set)).collect()
}

/// Empties the event sets that hold nothing but requests of ours, all of which must have ended.
/// While the library shuts down: it does not free what is in its event sets, and then cannot close
/// the connector ("infinite loop closing library").
pub fn empty_all(host: &Host, is_ours: impl Fn(usize) -> bool) {
    for set in event_sets(host) {
        let requests = requests_in(host, set);
        if requests.is_empty() || !requests.iter().all(|&request| is_ours(request)) {
            continue;
        }
        // SAFETY: replaces a function of the program, which does not expect to be called any more.
        unsafe { (host.h5.H5ESregister_complete_func)(set, Some(ignore), ptr::null_mut()) };
        // Each failure ends a walk through the set.
        for _ in 0..requests.len() {
            let (mut left, mut failed) = (0, false);
            // SAFETY: writes two locals; everything in the set has ended.
            let status =
                unsafe { (host.h5.H5ESwait)(set, H5ES_WAIT_FOREVER, &mut left, &mut failed) };
            if status < 0 || !failed {
                break;
            }
        }
    }
}

unsafe extern "C" fn ignore(
    _info: *const H5ES_op_info_t,
    _status: H5ES_status_t,
    _stack: hid_t,
    _ctx: *mut c_void,
) -> c_int {
    0
}

fn event_sets(host: &Host) -> Vec<hid_t> {
    let mut sets: Vec<hid_t> = Vec::new();
    // SAFETY: `note` gets the pointer to `sets`, which outlives the walk.
    unsafe { (host.h5.H5Iiterate)(H5I_EVENTSET, Some(note), (&raw mut sets).cast()) };
    sets
}

unsafe extern "C" fn note(id: hid_t, sets: *mut c_void) -> herr_t {
    // SAFETY: the pointer that `requests` passed.
    unsafe { &mut *sets.cast::<Vec<hid_t>>() }.push(id);
    0
}

fn requests_in(host: &Host, set: hid_t) -> Vec<usize> {
    let ask = |room: &mut [*mut c_void]| {
        let mut count = 0;
        // SAFETY: room for as many requests as are said; identifiers of connectors are not wanted.
        unsafe {
            (host.h5.H5ESget_requests)(
                set,
                H5_ITER_INC,
                ptr::null_mut(),
                room.as_mut_ptr(),
                room.len(),
                &mut count,
            );
        }
        count
    };
    let mut room = vec![ptr::null_mut(); ask(&mut [])];
    ask(&mut room);
    room.into_iter().map(<*mut c_void>::addr).collect()
}

/// Whether HDF5 may learn now how an operation ended. Up to 2.2.0 it takes ended operations out of
/// its list in a way that goes wrong for the last one while others are before it (the next one that
/// is put into the set is lost, in memory that was freed), and for a failed one that is not the
/// first. Those must seem in progress a little longer.
pub fn may_end(host: &Host, request: *mut c_void, outcome: &Outcome) -> bool {
    let sets = requests(host);
    let Some(set) = sets.iter().find(|set| set.contains(&request.addr())) else {
        return true;
    };
    let is = |place: Option<&usize>| place == Some(&request.addr());
    match outcome {
        Outcome::Failed(_) => is(set.first()),
        Outcome::Done | Outcome::Cancelled => is(set.first()) || !is(set.last()),
    }
}
