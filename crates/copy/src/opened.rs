//! The two files, opened by HDF5 through their connectors.

use std::ffi::CString;
use std::path::Path;

use h5rest_hdf5::{Failure, Hid, Id, c, h5, ok};

use crate::Place;
use crate::error::{Attempted, Error, Result};

/// `H5F_ACC_RDWR`, `H5F_ACC_TRUNC`, `H5F_ACC_EXCL`
const READ_WRITE: u32 = 1;
const TRUNCATE: u32 = 2;
const EXCLUSIVE: u32 = 4;
/// `H5F_LIBVER_V18`, `H5F_LIBVER_V114`: large attributes and orders of creation need the first one.
const LOWEST: i32 = 1;
const HIGHEST: i32 = 4;

/// Access property lists for both kinds of files.
pub(crate) struct Connectors {
    native: Id,
    remote: Id,
}

impl Connectors {
    /// Lets HDF5 find the plugin, and prepares the lists. `words` is the connector's information.
    pub fn find(plugin: &Path, words: &str) -> Result<Self> {
        let folder = c(&plugin.to_string_lossy());
        let access = || Id::new(h5().H5Pcreate(h5().predefined("H5P_CLS_FILE_ACCESS_ID_g")));
        let native = || -> std::result::Result<Id, Failure> {
            let list = access()?;
            let name = c("native");
            let connector = Id::new(h5().H5VLget_connector_id_by_name((&name).into()))?;
            ok(h5().set_vol(list.get(), connector.get()))?;
            ok(h5().H5Pset_libver_bounds(list.get(), LOWEST, HIGHEST))?;
            Ok(list)
        };
        let remote = || -> std::result::Result<Id, Failure> {
            ok(h5().H5PLprepend((&folder).into()))?;
            let list = access()?;
            let name = c("REST");
            let connector = Id::new(h5().H5VLregister_connector_by_name((&name).into(), 0))?;
            match words {
                "" => ok(h5().set_vol(list.get(), connector.get())).map(|_| ())?,
                words => h5().set_vol_with(list.get(), connector.get(), words)?,
            }
            Ok(list)
        };
        Ok(Self {
            native: native().attempted(|| "cannot prepare HDF5's own connector".into())?,
            remote: remote()
                .attempted(|| format!("HDF5 cannot load the plugin in {}", plugin.display()))?,
        })
    }

    fn access(&self, place: &Place) -> Hid {
        match place {
            Place::Local(_) => self.native.get(),
            Place::Remote(_) => self.remote.get(),
        }
    }
}

/// An open file.
pub(crate) struct Opened {
    id: Id,
    place: Place,
}

impl Opened {
    /// Opens an existing file.
    pub fn open(connectors: &Connectors, place: &Place, write: bool) -> Result<Self> {
        let flags = if write { READ_WRITE } else { 0 };
        let id = Id::new(h5().H5Fopen((&name(place)).into(), flags, connectors.access(place)));
        let id = id.attempted(|| format!("cannot open {place}"))?;
        Ok(Self {
            id,
            place: place.clone(),
        })
    }

    /// Creates a file with the creation properties of `like`.
    pub fn create(
        connectors: &Connectors,
        place: &Place,
        like: &Opened,
        overwrite: bool,
    ) -> Result<Self> {
        let flags = if overwrite { TRUNCATE } else { EXCLUSIVE };
        let create = || {
            let creation = Id::new(h5().H5Fget_create_plist(like.get()))?;
            let access = connectors.access(place);
            Id::new(h5().H5Fcreate((&name(place)).into(), flags, creation.get(), access))
        };
        let id = create().attempted(|| format!("cannot create {place}"))?;
        Ok(Self {
            id,
            place: place.clone(),
        })
    }

    /// The id for calls.
    pub fn get(&self) -> Hid {
        self.id.get()
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether it is a file of this machine.
    pub fn is_local(&self) -> bool {
        matches!(self.place, Place::Local(_))
    }

    /// Returns when everything is stored.
    pub fn flush(&self) -> Result<()> {
        // 0 is H5F_SCOPE_LOCAL.
        let flushed = ok(h5().H5Fflush(self.get(), 0)).map(|_| ());
        flushed.attempted(|| format!("cannot store what was written to {}", self.place))
    }

    /// Closes it and says how that went.
    pub fn close(self) -> Result<()> {
        let Self { id, place } = self;
        id.close().attempted(|| format!("cannot close {place}"))
    }
}

/// Whether there is a file.
pub(crate) fn exists(connectors: &Connectors, place: &Place) -> bool {
    match place {
        Place::Local(path) => path.exists(),
        Place::Remote(_) => Opened::open(connectors, place, false)
            .and_then(Opened::close)
            .is_ok(),
    }
}

fn name(place: &Place) -> CString {
    match place {
        Place::Local(path) => {
            use std::os::unix::ffi::OsStrExt;
            CString::new(path.as_os_str().as_bytes()).unwrap_or_default()
        }
        Place::Remote(name) => c(name),
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(error.to_string())
    }
}
