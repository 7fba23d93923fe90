//! Posing as native: which hidden native object stands in for ours (see `host::facade`).
//!
//! HDF5 asks `get_object` for the object to hand to the native connector, whether it has been told
//! that the object is native or not: when a program closes a local file or counts what is open of
//! it, HDF5 looks behind the identifiers of all files and takes what it finds for structures of its
//! own. So the answer is a hidden object in any case; `introspect` decides who is told what.

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use h5rest_protocol::ObjectClass;
use parking_lot::Mutex;

use super::handle::{Handle, borrow};
use crate::connector::{File, Result};
use crate::ffi::{H5VL_class_t, H5VL_wrap_class_t};
use crate::host::Host;
use crate::host::facade::{Facade, Kind, own_objects_wanted, take_kept};
use crate::host::slot::SLOTS;

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_wrap_class_t {
    H5VL_wrap_class_t {
        get_object: Some(get_object::<S>),
        // A connector that stores the data itself has nothing to wrap.
        get_wrap_ctx: None,
        wrap_object: None,
        unwrap_object: None,
        free_wrap_ctx: None,
    }
}

/// The facade of each file that needed one, by the address of the [`File`]. Objects share it, and
/// may outlive the file's own handle.
static FACADES: Mutex<Option<HashMap<usize, Entry>>> = Mutex::new(None);

struct Entry {
    file: Weak<File>,
    /// Which domain the file is, see [`File::fileno`].
    domain: u64,
    facade: Arc<Facade>,
}

/// The facade of a file, if it poses.
pub fn facade_of(file: &Arc<File>) -> Option<Arc<Facade>> {
    let facades = FACADES.lock();
    let posing = facades.as_ref()?.get(&Arc::as_ptr(file).addr())?;
    // The address of a file that is gone may serve a new one.
    (posing.file.as_ptr() == Arc::as_ptr(file)).then(|| Arc::clone(&posing.facade))
}

/// The facades of all handles on a file's domain.
pub fn facades_of_domain(file: &File) -> Vec<Arc<Facade>> {
    let facades = FACADES.lock();
    let all = facades.iter().flat_map(|all| all.values());
    let same_domain = |entry: &&Entry| {
        let other = entry.file.upgrade();
        other.is_some_and(|other| other.same_domain(file))
    };
    all.filter(same_domain)
        .map(|entry| Arc::clone(&entry.facade))
        .collect()
}

/// How a file poses as native.
pub enum Posing {
    /// Not at all.
    No,
    /// With a hidden file of its own.
    Own(*mut c_void),
    /// With another file's.
    Shared,
}

/// How a file poses as native, from now on.
pub fn posing(slot: usize, file: &Arc<File>) -> Posing {
    let Some(facade) = facade_for(slot, file) else {
        return Posing::No;
    };
    let facades = FACADES.lock();
    let users = facades.iter().flat_map(|all| all.values());
    match users
        .filter(|entry| Arc::ptr_eq(&entry.facade, &facade))
        .count()
    {
        1 => Posing::Own(facade.object(Kind::File)),
        _ => Posing::Shared,
    }
}

/// Lets a file pose as native from now on. Only while HDF5 opens or creates it.
pub fn pose(host: &'static Host, file: &Arc<File>) -> Result<()> {
    if facade_of(file).is_none() {
        remember(file, Facade::obtain(host, file.fileno())?, file.fileno());
        close_with_library(host);
    }
    Ok(())
}

/// Lets a file that was opened again pose like the first, if there is a hidden file for it.
/// Otherwise it will share one, and HDF5 cannot find its identifier by an object in it.
pub fn pose_again(host: &Host, file: &Arc<File>) {
    if facade_of(file).is_none()
        && let Some(facade) = Facade::reserve(host, file.fileno())
    {
        remember(file, facade, file.fileno());
    }
}

/// Hosts whose shutdown the connector will be told of; HDF5 forgets the wish when it shuts down.
static HOOKED: [AtomicBool; SLOTS] = [const { AtomicBool::new(false) }; SLOTS];

/// The hidden dataset holds identifiers of HDF5's own, without whose end the library's shutdown
/// does not come to an end: hidden files have to be closed before it begins.
fn close_with_library(host: &Host) {
    if !HOOKED[host.slot()].swap(true, Ordering::AcqRel) {
        let slot = std::ptr::without_provenance_mut(host.slot());
        // SAFETY: registers a function for the host to call, once, with the number of its slot.
        unsafe { (host.h5.H5atclose)(Some(at_close), slot) };
    }
}

unsafe extern "C" fn at_close(slot: *mut c_void) {
    let slot = slot.addr();
    HOOKED[slot].store(false, Ordering::Release);
    let mut all = take_kept(slot);
    if let Some(facades) = FACADES.lock().as_mut() {
        let of_slot = facades.extract_if(|_, posing| posing.facade.slot() == slot);
        all.extend(of_slot.map(|(_, posing)| posing.facade));
    }
    for facade in all {
        facade.close();
    }
}

/// `domain` is that of the file for which the facade was made: one that shares it does not make it its own.
fn remember(file: &Arc<File>, facade: Arc<Facade>, domain: u64) {
    let posing = Entry {
        file: Arc::downgrade(file),
        domain,
        facade,
    };
    let mut facades = FACADES.lock();
    let facades = facades.get_or_insert_with(HashMap::new);
    facades.insert(Arc::as_ptr(file).addr(), posing);
}

/// The facade of a file. One that was reached by an external link has the help of another that is
/// open.
fn facade_for(slot: usize, file: &Arc<File>) -> Option<Arc<Facade>> {
    if let Some(facade) = facade_of(file) {
        return Some(facade);
    }
    let (other, domain) = {
        let facades = FACADES.lock();
        let mut all = facades.as_ref()?.values();
        let same_host = all.find(|posing| posing.facade.slot() == slot)?;
        (Arc::clone(&same_host.facade), same_host.domain)
    };
    remember(file, Arc::clone(&other), domain);
    Some(other)
}

/// The native class table, if a file can pose as native.
pub fn native_class(host: &Host, file: &Arc<File>) -> Option<*const H5VL_class_t> {
    facade_for(host.slot(), file).map(|facade| facade.native_class())
}

/// Gives back the facades of files of which nothing is open any more.
pub fn forget_closed() {
    let gone: Vec<Entry> = {
        let mut facades = FACADES.lock();
        let Some(facades) = facades.as_mut() else {
            return;
        };
        facades
            .extract_if(|_, posing| posing.file.strong_count() == 0)
            .map(|(_, p)| p)
            .collect()
    };
    // Outside the lock: closing a hidden file calls HDF5.
    for posing in gone {
        Facade::give_back(posing.facade, posing.domain);
    }
}

thread_local! {
    /// The address of the [`File`] for which HDF5 was given a hidden one last on this thread.
    static LAST: Cell<usize> = const { Cell::new(0) };
}

/// The file whose hidden native file this is. Several may share one: HDF5 unwraps a file right before it asks
/// whether another one is the same, so then it is the one that was unwrapped last.
pub fn file_behind(hidden: *mut c_void) -> Option<Arc<File>> {
    let facades = FACADES.lock();
    let facades = facades.as_ref()?;
    let last = facades.get(&LAST.get());
    let mut candidates = last.into_iter().chain(facades.values());
    let posing = candidates.find(|posing| posing.facade.object(Kind::File) == hidden)?;
    posing.file.upgrade()
}

unsafe extern "C" fn get_object<const S: usize>(object: *const c_void) -> *mut c_void {
    let own = object.cast_mut();
    if own_objects_wanted() {
        return own;
    }
    // SAFETY: HDF5 asks about objects that it has of us.
    let Ok(handle) = (unsafe { borrow(own) }) else {
        return own;
    };
    let kind = match handle {
        Handle::File(_) => Kind::File,
        Handle::Attribute(_) => Kind::Attribute,
        Handle::Object(handle) => match handle.object.class() {
            ObjectClass::Group => Kind::Group,
            ObjectClass::Dataset => Kind::Dataset,
            ObjectClass::Datatype => Kind::Datatype,
        },
    };
    let file = handle.file();
    let Some(facade) = facade_for(S, &file) else {
        return own;
    };
    let hidden = facade.object(kind);
    if kind == Kind::File {
        LAST.set(Arc::as_ptr(&file).addr());
    }
    hidden
}
