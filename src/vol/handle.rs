//! The connector's objects as HDF5 sees them: pointers.
//!
//! The only place that turns objects into `void *` and back. HDF5 gives back every pointer that it
//! got from a create or open callback exactly once, to the close callback of its class; before
//! that it may pass it to any other callback, under whatever class it likes.

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::Arc;

use h5rest_protocol::ObjectClass;
use parking_lot::Mutex;

use super::direct_chunk::ToldSizes;
use super::entry;
use super::wrap::{self, Posing};
use crate::connector::{Attribute, Error, ErrorKind, File, Object, Result, VirtualView};
use crate::ffi::{H5I_DATASET, H5I_DATATYPE, H5I_GROUP, H5I_type_t, H5P_DEFAULT};
use crate::host::Host;
use crate::host::id::OwnedId;
use crate::host::reference::LentFile;
use crate::transfer::LatestForms;

/// Marks memory as a handle of ours: HDF5 may pass a pointer of another connector where a program
/// mixes them up.
const MAGIC: u64 = 0x6835_7265_7374_0001;

/// What a pointer stands for.
pub enum Handle {
    /// An open file.
    File(FileHandle),
    /// An open group, dataset or committed datatype.
    Object(ObjectHandle),
    /// An open attribute.
    Attribute(Attribute),
}

/// An open file.
pub struct FileHandle {
    /// The file.
    pub file: Arc<File>,
    /// A copy of its access property list.
    pub fapl: Option<OwnedId>,
    /// For whom it is open.
    pub holder: Holder,
}

/// For whom a file is open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// For the program, which opened it (H5Fopen and its like).
    Program,
    /// For who asked for the file of an object: the program (H5Iget_file_id), or HDF5 itself, mostly for
    /// the time of one call (H5Rcreate).
    Asker,
    /// For the connector, in one of its callbacks.
    Connector,
}

impl FileHandle {
    /// Whether its end is nobody's H5Fclose, which sends what waits and tells what was refused: telling
    /// whoever does not listen would be keeping it from the program.
    pub fn ends_silently(&self, host: &Host) -> bool {
        let open = self.file.own_open_ids();
        match self.holder {
            Holder::Program => false,
            Holder::Connector => true,
            Holder::Asker if open.files > 1 => true,
            // The end of the last object will tell, see `finish_without_file`.
            Holder::Asker => open.objects > 0 && !host.is_within(c"H5Fclose"),
        }
    }
}

/// An open group, dataset or committed datatype.
pub struct ObjectHandle {
    /// Of a dataset: what it shares with its other handles if it is a virtual one. Goes before the object,
    /// whose end ends what nobody shares.
    _view: Option<Arc<VirtualView>>,
    /// The object.
    pub object: Object,
    /// A copy of its access property list, where a program may ask for it.
    pub access: Option<OwnedId>,
    /// Of a dataset: what its latest transfer found out about types.
    pub latest: LatestForms,
    /// Of a dataset: what it said about the size of a chunk.
    pub told_sizes: ToldSizes,
}

/// What a pointer points to.
#[repr(C)]
struct Tagged {
    magic: u64,
    /// Zeros. When HDF5 shuts down, it looks for locked datatypes behind all identifiers of
    /// datatypes that are still open, and takes what it finds for its own structure. The pointer
    /// in it, which lies in this place, must be null to be left alone (H5T__unlock_cb).
    no_native_datatype: [usize; 15],
    handle: Handle,
}

/// The pointer that stands for each file while a program has it open: GET_FILE must return the
/// same one, or HDF5 would make a second file id of it. Keyed by the address of the [`File`].
static FILE_POINTERS: Mutex<Option<HashMap<usize, usize>>> = Mutex::new(None);

fn key(file: &Arc<File>) -> usize {
    Arc::as_ptr(file).expose_provenance()
}

fn tagged(handle: Handle) -> *mut Tagged {
    Box::into_raw(Box::new(Tagged {
        magic: MAGIC,
        no_native_datatype: [0; 15],
        handle,
    }))
}

/// Gives a handle to HDF5.
pub fn into_raw(handle: Handle) -> *mut c_void {
    let file = match &handle {
        Handle::File(file) => Some(key(&file.file)),
        _ => None,
    };
    if !handle.is_connectors() {
        handle.file().id_opened(file.is_some());
    }
    let pointer = tagged(handle);
    if let Some(file) = file {
        let mut pointers = FILE_POINTERS.lock();
        let pointers = pointers.get_or_insert_with(HashMap::new);
        pointers.entry(file).or_insert(pointer.expose_provenance());
    }
    pointer.cast()
}

/// Gives a group or committed datatype to HDF5.
pub fn of_object(object: Object) -> *mut c_void {
    new_object(object, None, None)
}

/// Gives a dataset to HDF5, with the access property list it was opened with.
pub fn of_dataset(host: &Host, dataset: Object, access: Option<OwnedId>) -> *mut c_void {
    let list = access.as_ref().map_or(H5P_DEFAULT, OwnedId::get);
    // What is wrong with the list matters, and is told, where a virtual dataset is used.
    let view = dataset.virtual_view(|| host.virtual_access(list)).ok();
    new_object(dataset, access, view)
}

fn new_object(
    object: Object,
    access: Option<OwnedId>,
    view: Option<Arc<VirtualView>>,
) -> *mut c_void {
    into_raw(Handle::Object(ObjectHandle {
        _view: view,
        object,
        access,
        latest: LatestForms::default(),
        told_sizes: ToldSizes::default(),
    }))
}

/// What HDF5 should take for a file, when it asks for the file of an object: it looks for an
/// identifier with the same object behind it, and makes a new one of the pointer if there is none.
pub fn of_file(slot: usize, file: &Arc<File>) -> *mut c_void {
    let known = {
        let pointers = FILE_POINTERS.lock();
        pointers.as_ref().and_then(|p| p.get(&key(file)).copied())
    };
    match (known, wrap::posing(slot, file)) {
        (Some(address), Posing::No) => std::ptr::with_exposed_provenance_mut(address),
        // HDF5 compares what `get_object` returns.
        (Some(_), Posing::Own(hidden)) => hidden,
        // Of files that share one hidden file HDF5 might find the wrong one.
        _ => into_raw(Handle::File(FileHandle {
            file: Arc::clone(file),
            fapl: None,
            holder: match FOR_CONNECTOR.get() {
                true => Holder::Connector,
                false => Holder::Asker,
            },
        })),
    }
}

thread_local! {
    /// Whether the connector itself called the function of HDF5 that runs.
    static FOR_CONNECTOR: Cell<bool> = const { Cell::new(false) };
}

/// Makes calls of HDF5 that ask for the file of an object for the connector, and not for the program.
pub fn for_connector<T>(calls: impl FnOnce() -> T) -> T {
    /// Puts things right however the calls end.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            FOR_CONNECTOR.set(self.0);
        }
    }
    let _before = Before(FOR_CONNECTOR.replace(true));
    calls()
}

/// A handle for a file that HDF5 may use until it is taken back. No identifier stands for it, and
/// it is never what [`of_file`] answers.
pub fn lend(slot: usize, file: &Arc<File>) -> LentFile {
    LentFile {
        pointer: tagged(Handle::File(FileHandle {
            file: Arc::clone(file),
            fapl: None,
            holder: Holder::Connector,
        }))
        .cast(),
        connector: super::NAME,
        poses: !matches!(wrap::posing(slot, file), Posing::No),
        take_back: |pointer| {
            // SAFETY: made above by `tagged`, and HDF5 has no use for it any more.
            drop(unsafe { Box::from_raw(pointer.cast::<Tagged>()) });
        },
    }
}

/// What a pointer from HDF5 stands for.
///
/// # Safety
/// `pointer` must be null, or point to at least eight readable bytes: it comes from HDF5, which
/// passes pointers that it got from [`into_raw`] and not given back yet.
pub unsafe fn borrow<'a>(pointer: *mut c_void) -> Result<&'a Handle> {
    let tagged = pointer.cast::<Tagged>();
    // SAFETY: readable by the contract of this function.
    if tagged.is_null() || unsafe { (*tagged).magic } != MAGIC {
        return Err(foreign());
    }
    // SAFETY: the mark says that this is a Tagged; HDF5 serialises calls, and handles are only
    // ever read until they are given back.
    Ok(unsafe { &(*tagged).handle })
}

/// Takes back what a pointer stands for and drops it, for close callbacks. If it fails, HDF5 keeps
/// the object, unless it is a dataset: of these it only keeps the identifier (H5D__close_cb), and
/// only where H5Dclose is not the caller, which then crashes HDF5. So only H5Dclose is told.
///
/// # Safety
/// As for [`take`].
pub unsafe fn close(host: &Host, pointer: *mut c_void) -> Result<()> {
    // SAFETY: the same contract.
    let handle = unsafe { borrow(pointer) }?;
    let dataset = handle.as_dataset().map(|dataset| dataset.object.clone());
    let mut finished = finish(host, handle);
    if host.is_terminating() {
        // A failure would have HDF5 try again without end.
        let _ = finished.inspect_err(entry::lament);
        finished = Ok(());
    }
    match (finished, dataset) {
        (Err(failure), None) => return Err(failure),
        (Err(failure), Some(_)) if host.is_within(c"H5Dclose") => finished = Err(failure),
        (Err(failure), Some(dataset)) => {
            dataset.file().session().tell_later(failure);
            finished = Ok(());
        }
        (Ok(()), _) => finished = Ok(()),
    }
    // SAFETY: the same contract.
    drop(unsafe { take(pointer) }?);
    wrap::forget_closed();
    finished
}

/// Sends what must be on the server when a handle is closed.
fn finish(host: &Host, handle: &Handle) -> Result<()> {
    if host.is_terminating() {
        handle.file().session().give_up_values()?;
    }
    if let Some(dataset) = handle.as_dataset()
        && let Err(failure) = dataset.object.finish_values()
    {
        if host.is_within(c"H5Dclose") {
            dataset.object.values_told();
            return Err(failure);
        }
        // The next use, or the file's flush or close, will tell.
        log::warn!("{failure}");
    }
    finish_without_file(handle)
}

/// What was changed by way of an object whose file identifier is closed (H5F_CLOSE_WEAK) has no
/// H5Fclose any more that could report a failure.
fn finish_without_file(handle: &Handle) -> Result<()> {
    match handle {
        Handle::File(_) => Ok(()),
        Handle::Object(_) | Handle::Attribute(_) => {
            let file = handle.file();
            match file.open_ids().files {
                0 => file.session().finish(),
                _ => Ok(()),
            }
        }
    }
}

/// Takes back what a pointer stands for.
///
/// # Safety
/// As for [`borrow`]; HDF5 never uses the pointer again.
pub unsafe fn take(pointer: *mut c_void) -> Result<Handle> {
    // SAFETY: the same contract.
    let handle = unsafe { borrow(pointer) }?;
    if let Handle::File(file) = handle {
        let mut pointers = FILE_POINTERS.lock();
        if let Some(pointers) = pointers.as_mut()
            && pointers.get(&key(&file.file)) == Some(&pointer.expose_provenance())
        {
            pointers.remove(&key(&file.file));
        }
    }
    let tagged = pointer.cast::<Tagged>();
    // SAFETY: made by Box::into_raw in `into_raw`; the mark goes so that a second close is noticed
    // as long as the memory is not used again.
    let tagged = unsafe {
        (*tagged).magic = 0;
        Box::from_raw(tagged)
    };
    if !tagged.handle.is_connectors() {
        let is_file = matches!(tagged.handle, Handle::File(_));
        tagged.handle.file().id_closed(is_file);
    }
    Ok(tagged.handle)
}

fn foreign() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "the object does not belong to the REST connector",
    )
}

impl Handle {
    /// The object that a location is relative to: a file stands for its root group, an attribute
    /// for the object that it belongs to.
    pub fn as_location(&self) -> Object {
        match self {
            Self::File(file) => file.file.root(),
            Self::Object(handle) => handle.object.clone(),
            Self::Attribute(attribute) => attribute.object().clone(),
        }
    }

    /// The file that everything here belongs to.
    pub fn file(&self) -> Arc<File> {
        match self {
            Self::File(file) => Arc::clone(&file.file),
            Self::Object(handle) => Arc::clone(handle.object.file()),
            Self::Attribute(attribute) => Arc::clone(attribute.object().file()),
        }
    }

    /// Whether it is a file that the connector has open for itself, which counts for no program.
    fn is_connectors(&self) -> bool {
        matches!(self, Self::File(file) if file.holder == Holder::Connector)
    }

    /// The group, dataset or committed datatype; an error names what was expected.
    pub fn as_object(&self, expected: &str) -> Result<&ObjectHandle> {
        match self {
            Self::Object(handle) => Ok(handle),
            _ => Err(Error::new(ErrorKind::Invalid, format!("not {expected}"))),
        }
    }

    /// The dataset, if it is one.
    fn as_dataset(&self) -> Option<&ObjectHandle> {
        match self {
            Self::Object(handle) if handle.object.class() == ObjectClass::Dataset => Some(handle),
            _ => None,
        }
    }

    /// The attribute.
    pub fn as_attribute(&self) -> Result<&Attribute> {
        match self {
            Self::Attribute(attribute) => Ok(attribute),
            _ => Err(Error::new(ErrorKind::Invalid, "not an attribute")),
        }
    }
}

/// HDF5's identifier type for objects of a class.
pub fn id_type(class: ObjectClass) -> H5I_type_t {
    match class {
        ObjectClass::Group => H5I_GROUP,
        ObjectClass::Dataset => H5I_DATASET,
        ObjectClass::Datatype => H5I_DATATYPE,
    }
}
