//! How native HDF5 would store the links of a group, for programs that look at it: it follows from
//! the format versions that the program asked for when it created the file.

use serde_json::{Map, Value, json};

use super::super::Host;
use super::pair;
use crate::connector::GroupInfo;
use crate::ffi::*;

/// Member of the root group's properties: groups of this file are of the newer formats.
const NEW_GROUPS: &str = "newGroupFormat";

impl Host {
    /// Notes in the properties of a new root group whether the program wants groups of the newer
    /// formats: then their storage shows as compact or dense, else as a symbol table.
    pub fn note_group_format(&self, fapl: hid_t, properties: &mut Map<String, Value>) {
        let (mut low, mut high) = (H5F_LIBVER_EARLIEST, H5F_LIBVER_EARLIEST);
        // SAFETY: writes two integers; on failure they keep the default.
        unsafe { (self.h5.H5Pget_libver_bounds)(fapl, &mut low, &mut high) };
        if low > H5F_LIBVER_EARLIEST {
            properties.insert(NEW_GROUPS.into(), json!(true));
        }
    }

    /// Whether a file with this root group was created with the newer formats; HDF5 goes on with
    /// them, whatever a program that opens the file asks for.
    pub fn is_of_newer_format(root: &Map<String, Value>) -> bool {
        root.get(NEW_GROUPS) == Some(&json!(true))
    }

    /// How native HDF5 would store the links of a group in a file with this root group; `tracked`
    /// says that the group tracks the order of its links.
    pub fn group_storage(
        group: &GroupInfo,
        tracked: bool,
        root: &Map<String, Value>,
    ) -> H5G_storage_type_t {
        if !tracked && !Self::is_of_newer_format(root) {
            return H5G_STORAGE_TYPE_SYMBOL_TABLE;
        }
        let change = pair(group.properties.get("linkPhaseChange"));
        let (compact, dense) = change.unwrap_or((8, 6));
        // A group that was dense stays so until it is clearly smaller.
        let grew = group.max_creation_order > i64::from(compact);
        let is_dense = group.links > u64::from(compact);
        if is_dense || (grew && group.links >= u64::from(dense)) {
            H5G_STORAGE_TYPE_DENSE
        } else {
            H5G_STORAGE_TYPE_COMPACT
        }
    }
}
