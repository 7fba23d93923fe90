//! The C callbacks of the connector: one file per callback class of HDF5's VOL interface.
//!
//! Each callback decodes its arguments into Rust values, calls `connector` or `transfer`, and
//! encodes the answer. `entry` guards every one of them, `handle` turns objects into pointers and
//! back, `location` decodes what HDF5 says about where. All are generic over the slot of the host
//! library (see `host::slot`).
#![allow(unsafe_code, reason = "the callbacks are called from C")]

mod attribute;
mod blob;
mod dataset;
mod datatype;
mod delivery;
mod direct_chunk;
mod entry;
mod event_set;
mod file;
mod filters;
mod given_addresses;
mod group;
mod handle;
pub mod info;
mod introspect;
mod iterate;
mod link;
mod link_access;
mod location;
mod object;
mod old_format;
mod old_references;
mod open_ids;
mod optional;
mod request;
mod shared_file;
mod token;
mod transfer_call;
mod wrap;

#[cfg(fuzzing)]
pub(crate) use old_references::OurFiles;

use std::ffi::{CStr, c_uint};

use crate::ffi::*;
use crate::host::slot::SLOTS;

/// Name under which programs select the connector, the same as the C REST VOL's.
pub const NAME: &CStr = c"REST";
/// Its number in HDF5's registry of connectors.
pub const VALUE: H5VL_class_value_t = 520;
/// Version of the connector, for HDF5's listings.
const CONNECTOR_VERSION: c_uint = 1;

/// The class table for the library in a slot.
pub fn class_table(slot: usize) -> &'static H5VL_class_t {
    &TABLES[slot % SLOTS]
}

/// One table per slot: callbacks without an object can be told apart in no other way.
static TABLES: [H5VL_class_t; SLOTS] = [
    table::<0>(),
    table::<1>(),
    table::<2>(),
    table::<3>(),
    table::<4>(),
    table::<5>(),
    table::<6>(),
    table::<7>(),
];

/// What a library gets that cannot use the connector: a table of a version that no HDF5 accepts,
/// which makes it go on looking. A null table would end its search through the folder, for the
/// plugins of others, too.
pub static INCOMPATIBLE: H5VL_class_t = H5VL_class_t {
    version: 0xffff,
    ..table::<0>()
};

const fn table<const S: usize>() -> H5VL_class_t {
    H5VL_class_t {
        version: H5VL_VERSION,
        value: VALUE,
        name: NAME.as_ptr(),
        conn_version: CONNECTOR_VERSION,
        cap_flags: introspect::CAPABILITIES,
        initialize: None,
        terminate: None,
        info_cls: info::class::<S>(),
        wrap_cls: wrap::class::<S>(),
        attr_cls: attribute::class::<S>(),
        dataset_cls: dataset::class::<S>(),
        datatype_cls: datatype::class::<S>(),
        file_cls: file::class::<S>(),
        group_cls: group::class::<S>(),
        link_cls: link::class::<S>(),
        object_cls: object::class::<S>(),
        introspect_cls: introspect::class::<S>(),
        request_cls: request::class::<S>(),
        blob_cls: blob::class::<S>(),
        token_cls: token::class::<S>(),
        optional: Some(optional::connector::<S>),
    }
}
