//! Optional operations: calls that HDF5 made for its own file format.
//!
//! They get a clear refusal, named by the call that a program made.

use std::ffi::{c_int, c_void};

use super::entry;
use crate::connector::Error;
use crate::ffi::*;

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident, $of:literal;)*) => { $(
        $(#[$doc])*
        pub unsafe extern "C" fn $name<const S: usize>(
            _object: *mut c_void,
            args: *mut H5VL_optional_args_t,
            _dxpl: hid_t,
            _req: *mut *mut c_void,
        ) -> herr_t {
            // SAFETY: HDF5 passes arguments that say which operation is meant.
            refuse::<S>($of, unsafe { (*args).op_type })
        }
    )* };
}

macro_rules! refusals_at {
    ($($(#[$doc:meta])* $name:ident, $of:literal;)*) => { $(
        $(#[$doc])*
        pub unsafe extern "C" fn $name<const S: usize>(
            _object: *mut c_void,
            _params: *const H5VL_loc_params_t,
            args: *mut H5VL_optional_args_t,
            _dxpl: hid_t,
            _req: *mut *mut c_void,
        ) -> herr_t {
            // SAFETY: HDF5 passes arguments that say which operation is meant.
            refuse::<S>($of, unsafe { (*args).op_type })
        }
    )* };
}

refusals! {
    /// Optional operations of attributes.
    attribute, "attributes";
    /// Optional operations of datasets.
    dataset, "datasets";
    /// Optional operations of committed datatypes.
    datatype, "committed datatypes";
    /// Optional operations of files.
    file, "files";
    /// Optional operations of groups.
    group, "groups";
    /// Optional operations of the connector.
    connector, "connectors";
}

refusals_at! {
    /// Optional operations of links.
    link, "links";
    /// Optional operations of objects.
    object, "objects";
}

fn refuse<const S: usize>(of: &str, operation: c_int) -> herr_t {
    entry::done::<S>("optional operation", |_| {
        Err(Error::unsupported(&format!(
            "operation {operation} of {of}, which HDF5 defines for local files only"
        )))
    })
}
