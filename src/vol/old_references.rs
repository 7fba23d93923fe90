//! What HDF5 is shown of our files where programs use references, above all those of HDF5 1.8.
//!
//! H5Rcreate asks whether the file is native and then for the object's token; to datasets it gets
//! the address of their alias (`host::old_region`), because H5Rget_region needs a dataset there.
//! Wherever a token comes back, it may be such an address.

use std::cell::Cell;
use std::sync::Arc;

use h5rest_protocol::values::reference::RegionReference;
use h5rest_protocol::{ObjectClass, ObjectId, Shape};

use super::given_addresses;
use super::handle::{self, FileHandle, Handle, Holder};
use super::wrap::{facade_of, facades_of_domain};
use crate::connector::{Error, ErrorKind, File, Object, Result};
use crate::ffi::H5I_FILE;
use crate::host::Host;
use crate::host::facade::Facade;
use crate::host::old_region::OldRegion;
use crate::host::reference::LentFile;
use crate::transfer::references::Handles;

thread_local! {
    /// Whether HDF5 asked for the native connector and for nothing else since.
    static NATIVE_WAS_ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Notes that HDF5 asked whether a file is native, or that it went on to something else.
pub fn native_was_asked(asked: bool) {
    NATIVE_WAS_ASKED.set(asked);
}

/// The token that a reference to an object gets.
pub fn token_for(object: &Object) -> u64 {
    if object.class() != ObjectClass::Dataset || !NATIVE_WAS_ASKED.replace(false) {
        return object.token();
    }
    let alias = || {
        let facade = facade_of(object.file())?;
        let shape = object.dataset().ok()?.shape.clone();
        match alias(object.file(), &facade, object.token(), &shape) {
            Ok(address) => Some(address),
            Err(error) => {
                log::warn!("references to regions of {object} will not work: {error}");
                None
            }
        }
    };
    alias().unwrap_or_else(|| object.token())
}

/// The address of a dataset's alias. Other handles on the domain have hidden files of their own, and
/// so had those that are closed: in all of them it must not stand for another dataset, because a
/// program may keep a reference and use it with any handle.
fn alias(file: &File, facade: &Facade, token: u64, shape: &Shape) -> Result<u64> {
    let claim = |address: u64| given_addresses::claim(file.fileno(), address, token);
    facade.alias(token, shape, &claim)
}

/// The token of one of our objects for what HDF5 took for one.
pub fn real_token(file: &File, shown: u64) -> u64 {
    given_addresses::token(file.fileno(), shown).unwrap_or(shown)
}

/// What a program is given in place of a token: the address that H5Rcreate gave, so that
/// the same object looks the same.
fn shown_token(file: &Arc<File>, token: u64) -> u64 {
    let own = facade_of(file).and_then(|facade| facade.alias_of(token));
    own.or_else(|| given_addresses::address(file.fileno(), token))
        .unwrap_or(token)
}

/// Lets references show a dataset's new extents.
pub fn extents_changed(dataset: &Object) {
    for facade in facades_of_domain(dataset.file()) {
        if !facade.has_alias(dataset.token()) {
            continue;
        }
        let shape = dataset.dataset().map(|info| info.shape.clone());
        let follow = |shape| facade.follow_extents(dataset.token(), &shape);
        if let Err(error) = shape.and_then(follow) {
            log::warn!("references to {dataset} show the extents that it had: {error}");
        }
    }
}

/// Our files, as HDF5 is shown them.
pub struct OurFiles;

fn needs_facade() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "region references of the kind H5T_STD_REF_DSETREG in memory need files that pose as \
         native (HDF5_REST_FACADE): read and write them as H5T_STD_REF",
    )
}

impl Handles for OurFiles {
    fn lend(&self, slot: usize, file: &Arc<File>) -> LentFile {
        handle::lend(slot, file)
    }

    fn shown_token(&self, file: &Arc<File>, token: u64) -> u64 {
        shown_token(file, token)
    }

    fn real_token(&self, file: &Arc<File>, shown: u64) -> u64 {
        real_token(file, shown)
    }

    fn old_region(&self, file: &Arc<File>, reference: &RegionReference) -> Result<OldRegion> {
        let facade = facade_of(file).ok_or_else(needs_facade)?;
        let token = reference.dataset.object;
        let shape = match file.root().open_token(token) {
            Ok(object) => object.dataset()?.shape.clone(),
            // A reference to what is gone still says what it selected.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Shape::fixed(reference.shape.clone())
            }
            Err(error) => return Err(error),
        };
        let alias = alias(file, &facade, token, &shape)?;
        facade.make_region(token, alias, &reference.region)
    }

    fn read_old_region(
        &self,
        host: &'static Host,
        file: &Arc<File>,
        reference: &OldRegion,
    ) -> Result<RegionReference> {
        let facade = facade_of(file).ok_or_else(needs_facade)?;
        let (token, region) = match facade.known_region(reference) {
            Some(known) => known,
            None => {
                let id = file_id(host, file)?;
                let found = handle::for_connector(|| host.old_region(id.get(), reference))?;
                facade.learn_region(reference, found.0, &found.1);
                found
            }
        };
        let root = file.root();
        let shape = root.open_token(token).and_then(|object| object.dataset());
        Ok(RegionReference {
            dataset: ObjectId {
                class: ObjectClass::Dataset,
                object: token,
                ..root.id()
            },
            shape: shape.map_or_else(|_| region.least_shape(), |d| d.shape.dims().to_vec()),
            region,
        })
    }
}

/// An identifier of the connector's own for a file. Its end closes nothing for the program: it sends
/// nothing, tells nothing, and does not fail.
fn file_id(host: &'static Host, file: &Arc<File>) -> Result<crate::host::id::OwnedId> {
    let pointer = handle::into_raw(Handle::File(FileHandle {
        file: Arc::clone(file),
        fapl: None,
        holder: Holder::Connector,
    }));
    // SAFETY: a handle of ours, which the identifier's end closes.
    let id = unsafe { (host.h5.H5VLwrap_register)(pointer, H5I_FILE) };
    host.own(id, "make an identifier for a file")
}
