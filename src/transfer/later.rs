//! Transfers that a program does not wait for (event sets).
//!
//! Everything of HDF5 happens on the program's thread: the plan and, for a write, the conversion
//! when the call is made; for a read, the conversion when the program waits. What is queued in
//! between only moves bytes between the server and memory of the plugin, so that it can neither
//! disturb HDF5 nor touch a buffer that a program gave up too early.
//!
//! That memory is bounded. A transfer that does not fit is done before its call returns. Called by
//! `vol::dataset` and `vol::attribute`; `connector::requests` has the queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::Transfer;
use super::fetch::{When, in_parallel};
use super::read::{self, Fetched, fetch_all};
use super::user_buffer::UserBuffer;
use super::write::{self, send_all};
use crate::connector::requests::Work;
use crate::connector::{Object, Result, Session};
use crate::ffi::{H5P_DEFAULT, hid_t};
use crate::host::Host;
use crate::host::id::OwnedId;

/// Bytes of queued writes, and of reads that were not waited for yet, in all files of the process.
const MOST_BYTES: usize = 256 << 20;

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// What becomes of a transfer that need not be done at once.
pub enum Later<T> {
    /// There is nothing to do.
    Nothing,
    /// This is to be queued.
    Queued(T),
    /// It must be done now all the same.
    Now,
}

/// A share of the memory for queued transfers.
pub struct Room(usize);

impl Room {
    /// Takes a share; waits for operations of this domain to end if that is what it needs.
    pub fn take(bytes: usize, session: &Session) -> Option<Self> {
        let fits = |used: usize| {
            let sum = used.checked_add(bytes)?;
            (sum <= MOST_BYTES).then_some(sum)
        };
        loop {
            if BYTES
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, fits)
                .is_ok()
            {
                return Some(Self(bytes));
            }
            // Reads keep their share until the program waits for them: only writes make room.
            if bytes > MOST_BYTES || !session.wait_for_one() {
                return None;
            }
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        BYTES.fetch_sub(self.0, Ordering::AcqRel);
    }
}

/// What a queued read has brought.
#[derive(Default)]
struct Arrived {
    fetched: Fetched,
    /// No element of the dataset has ever been written.
    never_written: bool,
}

/// The part of a read that is left for the program's thread.
pub type Deliver = Box<dyn FnOnce() -> Result<()>>;

/// Identifiers that a queued read needs after the call, in which the program may change or close
/// its own.
pub struct KeptIds {
    /// Type of the program's elements.
    pub memory_type: OwnedId,
    /// Transfer property list, unless it is the default one.
    dxpl: Option<OwnedId>,
}

impl KeptIds {
    /// Copies of both.
    pub fn new(host: &'static Host, memory_type: hid_t, dxpl: hid_t) -> Result<Self> {
        Ok(Self {
            memory_type: host.copy_type(memory_type)?,
            dxpl: match dxpl == H5P_DEFAULT || host.is_default_transfer(dxpl) {
                true => None,
                false => Some(host.copy_plist(dxpl)?),
            },
        })
    }
}

/// Prepares a write: its elements are converted now and sent by the work that is returned.
pub fn write(object: &Object, transfer: &Transfer, buffer: UserBuffer<'_>) -> Result<Later<Work>> {
    object.file().check_writable()?;
    if object.dataset()?.is_virtual() {
        return Ok(Later::Now);
    }
    let Some(planned) = write::plan(object, transfer, buffer)? else {
        return Ok(Later::Nothing);
    };
    let writer = &planned.writer;
    if writer.keeps_members {
        // The members to be kept are needed for the conversion.
        return Ok(Later::Now);
    }
    let Some(room) = Room::take(writer.size(), object.file().session()) else {
        return Ok(Later::Now);
    };
    let requests = planned.requests.into_iter();
    let jobs = requests.map(|request| writer.wire(&request).map(|wire| (request, wire)));
    let jobs = jobs.collect::<Result<Vec<_>>>()?;
    let (wire_size, parallel) = (writer.wire_size(), planned.parallel);
    let store = writer.store.clone();
    Ok(Later::Queued(Box::new(move || {
        let _room = room;
        send_all(&store, jobs, wire_size, parallel, When::Now)
    })))
}

/// Prepares a read: what is returned fetches its elements, and delivers them into the program's
/// buffer, which must be valid until then.
pub fn read(
    object: &Object,
    transfer: &Transfer,
    buffer: UserBuffer<'static>,
) -> Result<Later<(Work, Deliver)>> {
    let info = object.dataset()?;
    if info.is_virtual() {
        return Ok(Later::Now);
    }
    let ids = KeptIds::new(transfer.host, transfer.memory_type, transfer.dxpl)?;
    let transfer = Transfer {
        memory_type: ids.memory_type.get(),
        dxpl: ids.dxpl.as_ref().map_or(transfer.dxpl, OwnedId::get),
        ..*transfer
    };
    let Some(read::Planned {
        store,
        requests,
        mut delivery,
    }) = read::plan(object, &transfer, buffer)?
    else {
        return Ok(Later::Nothing);
    };
    let session = object.file().session();
    let Some(room) = Room::take(delivery.size(), session) else {
        return Ok(Later::Now);
    };
    let (wire_size, parallel) = (delivery.wire_size(), session.parallel());
    let arrived: Arc<Mutex<Arrived>> = Arc::default();
    let into = arrived.clone();
    let (least_size, object) = (delivery.may_be_unconvertible(), object.clone());
    let work = move || {
        let fetched = fetch_all(&store, requests, wire_size, parallel)?;
        let all_empty = |size: usize| {
            let mut all = fetched.iter();
            all.all(|(request, wire)| Some(wire.len()) == request.count.checked_mul(size))
        };
        // Asked here, because the program may have written them when they are delivered.
        let never_written =
            least_size.is_some_and(all_empty) && read::is_never_written(&object, &info)?;
        *into.lock() = Arrived {
            fetched,
            never_written,
        };
        Ok(())
    };
    let deliver = move || {
        // The delivery's conversion uses the identifiers.
        let (_ids, _room) = (ids, room);
        let arrived = std::mem::take(&mut *arrived.lock());
        match delivery.take(arrived.fetched) {
            Err(error) if arrived.never_written && delivery.is_unconvertible(&error) => {
                delivery.fill_with_zeros();
                Ok(())
            }
            outcome => outcome,
        }
    };
    Ok(Later::Queued((Box::new(work), Box::new(deliver))))
}

/// The work of a call about several datasets.
pub fn all(mut works: Vec<Work>, parallel: usize) -> Option<Work> {
    match works.len() {
        0 | 1 => works.pop(),
        _ => Some(Box::new(move || {
            in_parallel(works, parallel, |work| work()).map(drop)
        })),
    }
}
