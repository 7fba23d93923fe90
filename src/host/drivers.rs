//! File drivers of HDF5. They are how its native connector gets at local files; a connector gets only the
//! name. A driver that the program has made itself may write to something that has no name: such a file
//! must not become a domain in silence. Called by `vol::file` before a domain is made.

use std::ffi::{CStr, c_void};
use std::mem;

use super::Host;
use crate::connector::{Error, Result};
use crate::ffi::hid_t;

/// HDF5's own drivers: the variable that has the id since 2.0, the function that returned it before.
const OWN: [(&CStr, &CStr); 14] = [
    (c"H5FD_SEC2_id_g", c"H5FD_sec2_init"),
    (c"H5FD_CORE_id_g", c"H5FD_core_init"),
    (c"H5FD_STDIO_id_g", c"H5FD_stdio_init"),
    (c"H5FD_LOG_id_g", c"H5FD_log_init"),
    (c"H5FD_DIRECT_id_g", c"H5FD_direct_init"),
    (c"H5FD_MPIO_id_g", c"H5FD_mpio_init"),
    (c"H5FD_FAMILY_id_g", c"H5FD_family_init"),
    (c"H5FD_MULTI_id_g", c"H5FD_multi_init"),
    (c"H5FD_SPLITTER_id_g", c"H5FD_splitter_init"),
    (c"H5FD_MIRROR_id_g", c"H5FD_mirror_init"),
    (c"H5FD_ONION_id_g", c"H5FD_onion_init"),
    (c"H5FD_SUBFILING_id_g", c"H5FD_subfiling_init"),
    (c"H5FD_ROS3_id_g", c"H5FD_ros3_init"),
    (c"H5FD_HDFS_id_g", c"H5FD_hdfs_init"),
];

impl Host {
    /// Refuses to make a file that the program wants written through a driver of its own.
    pub fn check_driver(&self, fapl: hid_t) -> Result<()> {
        // SAFETY: a query about an id.
        let driver = unsafe { (self.h5.H5Pget_driver)(fapl) };
        let is_it = |(variable, function): &(&'static CStr, &CStr)| {
            self.driver(variable, function) == Some(driver)
        };
        if driver <= 0 || OWN.iter().any(is_it) {
            return Ok(());
        }
        Err(Error::unsupported(
            "a file driver of the program's own (H5Pset_driver), such as h5py's for Python objects: a \
             connector gets only the file's name. Run the program without HDF5_VOL_CONNECTOR, or choose \
             HDF5's native connector for this file",
        ))
    }

    fn driver(&self, variable: &'static CStr, function: &CStr) -> Option<hid_t> {
        if let Some(id) = self.id_variable(variable) {
            return Some(id);
        }
        let function = self.library.symbol(function);
        // SAFETY: null becomes None; HDF5 before 2.0 declares these functions in the headers of its
        // drivers, with this signature.
        let function = unsafe {
            mem::transmute::<*mut c_void, Option<unsafe extern "C" fn() -> hid_t>>(function)
        };
        // SAFETY: it registers the driver unless that has been done, and returns its id.
        function.map(|function| unsafe { function() })
    }
}
