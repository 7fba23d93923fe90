//! A native file of no use but to stand in for ours where HDF5 insists on one.
//!
//! Calls of HDF5 1.8 and 1.10 (h5py uses many: H5Literate1, H5Oget_info1, H5Rcreate...) are refused
//! for connectors that are not native, although all they need is that an object token is an
//! address. HDF5 asks `get_conn_cls` whether the connector at the end of the line is native, and
//! then hands the object that `get_object` returns to the native connector, to turn tokens into
//! addresses. So a file keeps a hidden native file in memory with an object of every kind, and
//! `get_object` returns the one of the right kind. Nothing of it is ever
//! read but references to regions (`old_region`).
//!
//! It can only be made while HDF5 opens or creates a file, because only then has HDF5 noted the
//! connector that the native code takes the new file to belong to. `vol::file` has it made,
//! `vol::wrap` returns its objects. `HDF5_REST_FACADE=off` forbids it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::Host;
use super::alias::Aliases;
use super::id::OwnedId;
use super::locate::Library;
use super::slot::SLOTS;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

symbols! {
    /// What the hidden file is made with: HDF5's functions for connectors that pass calls on.
    FacadeSymbols,
    H5Pset_fapl_core(hid_t, usize, bool) -> herr_t;
    H5VLfile_create(*const c_char, c_uint, hid_t, hid_t, hid_t, *mut *mut c_void) -> *mut c_void;
    H5VLfile_close(*mut c_void, hid_t, hid_t, *mut *mut c_void) -> herr_t;
    H5VLgroup_create(*mut c_void, *const H5VL_loc_params_t, hid_t, *const c_char, hid_t, hid_t, hid_t, hid_t, *mut *mut c_void) -> *mut c_void;
    H5VLgroup_close(*mut c_void, hid_t, hid_t, *mut *mut c_void) -> herr_t;
    H5VLdataset_create(*mut c_void, *const H5VL_loc_params_t, hid_t, *const c_char, hid_t, hid_t, hid_t, hid_t, hid_t, hid_t, *mut *mut c_void) -> *mut c_void;
    H5VLdataset_close(*mut c_void, hid_t, hid_t, *mut *mut c_void) -> herr_t;
    H5VLdatatype_commit(*mut c_void, *const H5VL_loc_params_t, hid_t, *const c_char, hid_t, hid_t, hid_t, hid_t, hid_t, *mut *mut c_void) -> *mut c_void;
    H5VLdatatype_close(*mut c_void, hid_t, hid_t, *mut *mut c_void) -> herr_t;
    H5VLattr_create(*mut c_void, *const H5VL_loc_params_t, hid_t, *const c_char, hid_t, hid_t, hid_t, hid_t, hid_t, *mut *mut c_void) -> *mut c_void;
    H5VLattr_close(*mut c_void, hid_t, hid_t, *mut *mut c_void) -> herr_t;
    H5VLintrospect_get_conn_cls(*mut c_void, hid_t, H5VL_get_conn_lvl_t, *mut *const H5VL_class_t) -> herr_t;
}

/// The kinds of object that the hidden file has one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The file itself.
    File,
    /// A group.
    Group,
    /// A dataset.
    Dataset,
    /// A committed datatype.
    Datatype,
    /// An attribute.
    Attribute,
}

/// A hidden native file with its objects, as raw objects of the native connector: identifiers
/// would show up where programs count theirs, and be closed at exit behind our back.
pub struct Facade {
    pub(super) host: &'static Host,
    pub(super) symbols: FacadeSymbols,
    pub(super) native: OwnedId,
    pub(super) file: *mut c_void,
    group: *mut c_void,
    dataset: *mut c_void,
    datatype: *mut c_void,
    attribute: *mut c_void,
    class: *const H5VL_class_t,
    closed: AtomicBool,
    /// See `alias`.
    pub(super) aliases: Mutex<Aliases>,
}

// SAFETY: the raw objects are only handed back to HDF5, which serialises its calls.
unsafe impl Send for Facade {}
// SAFETY: as above; nothing here changes after it was made.
unsafe impl Sync for Facade {}

impl Facade {
    /// A hidden file that was in use before, or a new one: making one takes as long as opening a
    /// native file.
    pub fn obtain(host: &'static Host, domain: u64) -> Result<Arc<Self>> {
        let (spare, not_wanted) = {
            let mut kept = KEPT[host.slot()].lock();
            let spare = kept.take(domain);
            (spare, kept.take_surplus())
        };
        // Outside the lock: closing a hidden file calls HDF5.
        drop(not_wanted);
        let facade = match spare {
            Some(spare) => spare,
            None => Arc::new(Self::new(host)?),
        };
        // One is always kept in reserve, for a file that appears when none can be made.
        if KEPT[host.slot()].lock().spare.is_empty() {
            let reserve = Arc::new(Self::new(host)?);
            KEPT[host.slot()].lock().spare.push(reserve);
        }
        Ok(facade)
    }

    /// A hidden file that is there already.
    pub fn reserve(host: &Host, domain: u64) -> Option<Arc<Self>> {
        KEPT[host.slot()].lock().take(domain)
    }

    /// Keeps a hidden file that nothing uses any more for the next one who needs one. It is never
    /// closed here: this runs while HDF5 closes an object whose identifier it has not removed yet,
    /// and closing a native file makes HDF5 ask for the objects behind all identifiers.
    pub fn give_back(facade: Arc<Self>, domain: u64) {
        let slot = facade.host.slot();
        if Arc::strong_count(&facade) == 1 && !facade.host.is_terminating() {
            let mut kept = KEPT[slot].lock();
            // Another file must not find the aliases of this one's datasets.
            let (is_empty, has_regions) = {
                let aliases = facade.aliases.lock();
                (aliases.is_empty(), !aliases.regions.is_empty())
            };
            let has_former = kept.former.iter().any(|(own, _)| *own == domain);
            match is_empty {
                true => kept.spare.push(facade),
                // Places in its heap may be those of the other hidden file of the domain: who asked it about
                // a reference that the other one made would be told of another region.
                false if has_regions && has_former => kept.ended.push(facade),
                false => kept.former.push_back((domain, facade)),
            }
        }
    }

    fn new(host: &'static Host) -> Result<Self> {
        let symbols = FacadeSymbols::resolve(&host.library).map_err(|missing| {
            Error::new(
                ErrorKind::Unsupported,
                format!("this HDF5 library lacks {missing}"),
            )
        })?;
        // SAFETY: a C string; makes a new id.
        let native = unsafe { (host.h5.H5VLget_connector_id_by_name)(c"native".as_ptr()) };
        let native = host.own(native, "find the native connector")?;
        let mut facade = Self {
            host,
            symbols,
            native,
            file: ptr::null_mut(),
            group: ptr::null_mut(),
            dataset: ptr::null_mut(),
            datatype: ptr::null_mut(),
            attribute: ptr::null_mut(),
            class: ptr::null(),
            closed: AtomicBool::new(false),
            aliases: Mutex::default(),
        };
        host.quietly(|| facade.fill())?;
        Ok(facade)
    }

    /// The slot of the library that it was made in.
    pub fn slot(&self) -> usize {
        self.host.slot()
    }

    /// The hidden object of a kind.
    pub fn object(&self, kind: Kind) -> *mut c_void {
        match kind {
            Kind::File => self.file,
            Kind::Group => self.group,
            Kind::Dataset => self.dataset,
            Kind::Datatype => self.datatype,
            Kind::Attribute => self.attribute,
        }
    }

    /// The class table of the native connector.
    pub fn native_class(&self) -> *const H5VL_class_t {
        self.class
    }

    fn fill(&mut self) -> Result<()> {
        let host = self.host;
        let fapl = host.new_plist(c"H5P_CLS_FILE_ACCESS_ID_g")?;
        // SAFETY: changes a list that is ours alone: a file in memory that is never saved, made
        // by the native connector, whatever the program's default connector is.
        let statuses = unsafe {
            [
                (host.h5.H5Pset_vol)(fapl.get(), self.native.get(), ptr::null()),
                (self.symbols.H5Pset_fapl_core)(fapl.get(), 4096, false),
            ]
        };
        for status in statuses {
            host.check(status, "prepare a file in memory")?;
        }
        let list = |name: &'static CStr| host.predefined(name);
        let (fcpl, dxpl) = (list(c"H5P_LST_FILE_CREATE_ID_g")?, self.dxpl()?);
        // HDF5 tells files in memory apart by name, and leaks when it refuses one.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = CString::new(format!("hdf5-rest-facade-{number}")).unwrap_or_default();
        // SAFETY: all ids are valid; the result is a raw object that `close` closes.
        self.file = unsafe {
            let flags = H5F_ACC_TRUNC | H5F_ACC_RDWR | H5F_ACC_CREAT;
            let (name, none) = (name.as_ptr(), ptr::null_mut());
            (self.symbols.H5VLfile_create)(name, flags, fcpl, fapl.get(), dxpl, none)
        };
        self.made(self.file)?;
        self.fill_objects(dxpl)?;
        // SAFETY: writes a pointer to the native connector's own table, which lives as long as
        // that connector, which is always.
        let status = unsafe {
            (self.symbols.H5VLintrospect_get_conn_cls)(
                self.file,
                self.native.get(),
                H5VL_GET_CONN_LVL_TERM,
                &mut self.class,
            )
        };
        host.check(status, "ask for the native connector's class")
    }

    pub(super) fn dxpl(&self) -> Result<hid_t> {
        self.host.predefined(c"H5P_LST_DATASET_XFER_ID_g")
    }

    pub(super) fn made(&self, object: *mut c_void) -> Result<()> {
        if object.is_null() {
            return Err(self.host.failure("make an object in memory"));
        }
        Ok(())
    }

    fn fill_objects(&mut self, dxpl: hid_t) -> Result<()> {
        let (host, symbols, native) = (self.host, &self.symbols, self.native.get());
        let list = |name: &'static CStr| host.predefined(name);
        let lcpl = list(c"H5P_LST_LINK_CREATE_ID_g")?;
        let byte = host.predefined(c"H5T_STD_I8LE_g")?;
        let committed = host.copy_type(byte)?;
        let scalar = host.build_space(&h5rest_protocol::Shape::Scalar)?;
        let params = H5VL_loc_params_t {
            obj_type: H5I_FILE,
            type_: H5VL_OBJECT_BY_SELF,
            loc_data: H5VL_loc_data_u {
                loc_by_token: H5VL_loc_by_token_t {
                    token: ptr::null_mut(),
                },
            },
        };
        let none = ptr::null_mut();
        // SAFETY: all ids are valid, the location says "the file itself"; the results are raw
        // objects that `drop` closes.
        unsafe {
            self.group = (symbols.H5VLgroup_create)(
                self.file,
                &params,
                native,
                c"g".as_ptr(),
                lcpl,
                list(c"H5P_LST_GROUP_CREATE_ID_g")?,
                list(c"H5P_LST_GROUP_ACCESS_ID_g")?,
                dxpl,
                none,
            );
            self.dataset = (symbols.H5VLdataset_create)(
                self.file,
                &params,
                native,
                c"d".as_ptr(),
                lcpl,
                byte,
                scalar.get(),
                list(c"H5P_LST_DATASET_CREATE_ID_g")?,
                list(c"H5P_LST_DATASET_ACCESS_ID_g")?,
                dxpl,
                none,
            );
            self.datatype = (symbols.H5VLdatatype_commit)(
                self.file,
                &params,
                native,
                c"t".as_ptr(),
                committed.get(),
                lcpl,
                list(c"H5P_LST_DATATYPE_CREATE_ID_g")?,
                list(c"H5P_LST_DATATYPE_ACCESS_ID_g")?,
                dxpl,
                none,
            );
            self.attribute = (symbols.H5VLattr_create)(
                self.file,
                &params,
                native,
                c"a".as_ptr(),
                byte,
                scalar.get(),
                list(c"H5P_LST_ATTRIBUTE_CREATE_ID_g")?,
                list(c"H5P_LST_ATTRIBUTE_ACCESS_ID_g")?,
                dxpl,
                none,
            );
        }
        for object in [self.group, self.dataset, self.datatype, self.attribute] {
            self.made(object)?;
        }
        Ok(())
    }
}

/// Hidden files that no file of ours has any more.
struct Kept {
    /// For the next files.
    spare: Vec<Arc<Facade>>,
    /// With aliases of a domain's datasets, the longest unused first: for files on the same domain, in
    /// which references that programs have kept stay good so. Programs that open one file again and
    /// again do not need new addresses each time.
    former: VecDeque<(u64, Arc<Facade>)>,
    /// For nobody any more.
    ended: Vec<Arc<Facade>>,
}

impl Kept {
    /// Takes out a hidden file for a file on this domain.
    fn take(&mut self, domain: u64) -> Option<Arc<Facade>> {
        let former = self.former.iter().position(|(own, _)| *own == domain);
        match former.and_then(|place| self.former.remove(place)) {
            Some((_, facade)) => Some(facade),
            None => self.spare.pop(),
        }
    }

    /// Takes out those that are too many. They are closed when a file is opened, which is a safe time.
    fn take_surplus(&mut self) -> Vec<Arc<Facade>> {
        let wanted = self.spare.len().min(LIMIT);
        let mut surplus = self.spare.split_off(wanted);
        surplus.append(&mut self.ended);
        let too_many = self.former.len().saturating_sub(LIMIT);
        surplus.extend(self.former.drain(..too_many).map(|(_, facade)| facade));
        surplus
    }
}

/// Those of each host.
static KEPT: [Mutex<Kept>; SLOTS] = [const {
    Mutex::new(Kept {
        spare: Vec::new(),
        former: VecDeque::new(),
        ended: Vec::new(),
    })
}; SLOTS];

/// Hidden files that stay when a file is opened, with aliases and without.
const LIMIT: usize = 16;

/// Takes out the kept hidden files of a host.
pub fn take_kept(slot: usize) -> Vec<Arc<Facade>> {
    let mut kept = KEPT[slot].lock();
    let mut all = std::mem::take(&mut kept.spare);
    all.extend(kept.former.drain(..).map(|(_, facade)| facade));
    all.append(&mut kept.ended);
    all
}

impl Facade {
    /// Closes the hidden file; the facade must not be used any more.
    pub fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        let (native, dxpl) = (self.native.get(), self.dxpl().unwrap_or(H5P_DEFAULT));
        type Close = unsafe extern "C" fn(*mut c_void, hid_t, hid_t, *mut *mut c_void) -> c_int;
        let close = |object: *mut c_void, close: Close| {
            if !object.is_null() {
                // SAFETY: a raw object of the native connector, closed once, the file last.
                unsafe { close(object, native, dxpl, ptr::null_mut()) };
            }
        };
        self.host.quietly(|| {
            close(self.attribute, self.symbols.H5VLattr_close);
            close(self.datatype, self.symbols.H5VLdatatype_close);
            close(self.dataset, self.symbols.H5VLdataset_close);
            close(self.group, self.symbols.H5VLgroup_close);
            close(self.file, self.symbols.H5VLfile_close);
        });
    }
}

impl Drop for Facade {
    fn drop(&mut self) {
        // When the library shuts down, `vol::wrap` has closed it before.
        if !self.host.is_terminating() {
            self.close();
        }
    }
}

thread_local! {
    /// Set while the connector itself asks HDF5 for the object behind an identifier: then it wants
    /// its own object, not the hidden one. Needs no destructor, so it works at exit, too.
    static OWN_OBJECTS: Cell<bool> = const { Cell::new(false) };
}

/// Whether `get_object` must return our own objects.
pub fn own_objects_wanted() -> bool {
    OWN_OBJECTS.get()
}

impl Host {
    /// The connector's object behind an identifier; null if there is none.
    pub fn object_behind(&self, id: hid_t) -> *mut c_void {
        OWN_OBJECTS.set(true);
        // SAFETY: a query about an id.
        let object = unsafe { (self.h5.H5VLobject)(id) };
        OWN_OBJECTS.set(false);
        object
    }
}
