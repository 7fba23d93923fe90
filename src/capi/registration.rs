//! Registering the connector with the program's own HDF5, without HDF5 searching for a plugin.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use parking_lot::Mutex;

use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::{H5I_VOL, H5P_DEFAULT, H5VL_class_t, herr_t, hid_t, htri_t};
use crate::host::Host;
use crate::host::locate::Library;
use crate::host::slot::SLOTS;
use crate::vol;

/// Connector ids that `H5rest_init` holds, by slot; zero where it holds none.
static HELD: Mutex<[hid_t; SLOTS]> = Mutex::new([0; SLOTS]);

/// Functions of HDF5 that only registration needs.
#[allow(non_snake_case, reason = "named as in HDF5")]
struct RegistrationSymbols {
    H5VLregister_connector: Option<unsafe extern "C" fn(*const H5VL_class_t, hid_t) -> hid_t>,
    H5VLis_connector_registered_by_name: Option<unsafe extern "C" fn(*const c_char) -> htri_t>,
    H5VLconnector_str_to_info:
        Option<unsafe extern "C" fn(*const c_char, hid_t, *mut *mut c_void) -> herr_t>,
    H5VLfree_connector_info: Option<unsafe extern "C" fn(hid_t, *mut c_void) -> herr_t>,
}

impl RegistrationSymbols {
    #[allow(
        clippy::missing_transmute_annotations,
        reason = "the members' types stand right above"
    )]
    fn resolve(library: &Library) -> Self {
        // SAFETY: null becomes None, and HDF5 declares the functions of these names with these
        // signatures (checked against its headers by tests/abi).
        unsafe {
            Self {
                H5VLregister_connector: std::mem::transmute::<*mut c_void, _>(
                    library.symbol(c"H5VLregister_connector"),
                ),
                H5VLis_connector_registered_by_name: std::mem::transmute::<*mut c_void, _>(
                    library.symbol(c"H5VLis_connector_registered_by_name"),
                ),
                H5VLconnector_str_to_info: std::mem::transmute::<*mut c_void, _>(
                    library.symbol(c"H5VLconnector_str_to_info"),
                ),
                H5VLfree_connector_info: std::mem::transmute::<*mut c_void, _>(
                    library.symbol(c"H5VLfree_connector_info"),
                ),
            }
        }
    }
}

fn missing<T>(function: Option<T>, name: &str) -> Result<T> {
    function.ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("this version of HDF5 has no {name}"),
        )
    })
}

/// The id of the connector in `host`, registered there now if it was not yet.
pub fn connector(host: &'static Host) -> Result<hid_t> {
    let mut held = HELD.lock();
    let id = &mut held[host.slot()];
    // H5close ends all ids, also ours.
    // SAFETY: H5Iget_type takes any number.
    if unsafe { (host.h5.H5Iget_type)(*id) } == H5I_VOL {
        return Ok(*id);
    }
    *id = register(host)?;
    Ok(*id)
}

fn register(host: &'static Host) -> Result<hid_t> {
    let functions = RegistrationSymbols::resolve(&host.library);
    let is_registered = missing(
        functions.H5VLis_connector_registered_by_name,
        "H5VLis_connector_registered_by_name",
    )?;
    // SAFETY: the name is a C string.
    let registered = unsafe { is_registered(vol::NAME.as_ptr()) };
    host.check(registered, "tell whether the REST connector is registered")?;
    let id = if registered > 0 {
        // By HDF5_VOL_CONNECTOR, for example.
        // SAFETY: the name is a C string.
        unsafe { (host.h5.H5VLget_connector_id_by_name)(vol::NAME.as_ptr()) }
    } else {
        let register = missing(functions.H5VLregister_connector, "H5VLregister_connector")?;
        // SAFETY: the class table and the functions in it live as long as the process.
        unsafe { register(vol::class_table(host.slot()), H5P_DEFAULT) }
    };
    host.check(id, "register the REST connector")?;
    Ok(id)
}

/// Gives up the id that `connector` holds; at exit the library does it itself.
pub fn release(host: &'static Host) -> Result<()> {
    let id = std::mem::take(&mut HELD.lock()[host.slot()]);
    // SAFETY: H5Iget_type takes any number.
    if host.is_terminating() || unsafe { (host.h5.H5Iget_type)(id) } != H5I_VOL {
        return Ok(());
    }
    // SAFETY: the reference taken in `connector` is ours.
    host.check(
        unsafe { (host.h5.H5VLclose)(id) },
        "give up the REST connector",
    )
}

/// Makes the connector the one of `fapl`, with these settings.
pub fn set_fapl(host: &'static Host, fapl: hid_t, settings: Option<&CStr>) -> Result<()> {
    let connector = connector(host)?;
    let info = Info::new(host, connector, settings)?;
    // SAFETY: the info was made by this connector for this library, which copies it.
    let status = unsafe { (host.h5.H5Pset_vol)(fapl, connector, info.info) };
    host.check(
        status,
        "set the REST connector in the file access property list",
    )
}

/// Connector information as HDF5 passes it around; freed when dropped.
struct Info {
    connector: hid_t,
    info: *mut c_void,
    free: unsafe extern "C" fn(hid_t, *mut c_void) -> herr_t,
}

impl Info {
    fn new(host: &'static Host, connector: hid_t, settings: Option<&CStr>) -> Result<Self> {
        let functions = RegistrationSymbols::resolve(&host.library);
        let free = missing(functions.H5VLfree_connector_info, "H5VLfree_connector_info")?;
        let decode = missing(
            functions.H5VLconnector_str_to_info,
            "H5VLconnector_str_to_info",
        )?;
        let mut info = ptr::null_mut();
        if let Some(settings) = settings {
            // SAFETY: `settings` is a C string, and `info` a place for one pointer.
            let status = unsafe { decode(settings.as_ptr(), connector, &mut info) };
            host.check(status, "read the settings")?;
        }
        Ok(Self {
            connector,
            info,
            free,
        })
    }
}

impl Drop for Info {
    fn drop(&mut self) {
        if !self.info.is_null() {
            // SAFETY: made by `H5VLconnector_str_to_info` for this connector, freed once.
            unsafe { (self.free)(self.connector, self.info) };
        }
    }
}
