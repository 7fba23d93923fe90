//! File creation properties. They describe a file format that remote data do not have; they are kept
//! so that programs find what they set.

use serde_json::{Map, Value, json};

use super::super::Host;
use super::super::id::OwnedId;
use super::pair;
use crate::connector::Result;
use crate::ffi::*;

/// Member of the root group's properties that keeps them.
const FILE_PROPERTIES: &str = "fileProperties";

impl Host {
    /// What a file creation property list says beyond the defaults, as properties of the root
    /// group: those of the group, and in a member of their own those of the file.
    pub fn file_properties(&self, fcpl: hid_t) -> Map<String, Value> {
        let mut properties = self.group_properties(fcpl);
        if fcpl <= 0 {
            return properties;
        }
        let (mut block, mut address, mut length) = (0, 8, 8);
        let (mut internal, mut leaf, mut chunks) = (16, 4, 32);
        // SAFETY: each writes into locals; HDF5 checks the id.
        unsafe {
            (self.h5.H5Pget_userblock)(fcpl, &mut block);
            (self.h5.H5Pget_sizes)(fcpl, &mut address, &mut length);
            (self.h5.H5Pget_sym_k)(fcpl, &mut internal, &mut leaf);
            (self.h5.H5Pget_istore_k)(fcpl, &mut chunks);
        }
        let mut own = Map::new();
        let mut keep = |name: &str, differs: bool, value: Value| {
            if differs {
                own.insert(name.into(), value);
            }
        };
        keep("userblock", block != 0, json!(block));
        keep(
            "sizes",
            (address, length) != (8, 8),
            json!([address, length]),
        );
        keep(
            "symbolTableK",
            (internal, leaf) != (16, 4),
            json!([internal, leaf]),
        );
        keep("chunkTreeK", chunks != 32, json!(chunks));
        if !own.is_empty() {
            properties.insert(FILE_PROPERTIES.into(), Value::Object(own));
        }
        properties
    }

    /// The file creation property list of a file whose root group has these properties.
    pub fn file_plist(&'static self, properties: &Map<String, Value>) -> Result<OwnedId> {
        let plist = self.new_plist(c"H5P_CLS_FILE_CREATE_ID_g")?;
        self.write_group_properties(plist.get(), properties)?;
        let Some(own) = properties.get(FILE_PROPERTIES).and_then(Value::as_object) else {
            return Ok(plist);
        };
        let (id, what) = (plist.get(), "set file creation properties");
        if let Some(block) = own.get("userblock").and_then(Value::as_u64) {
            // SAFETY: changes a list that is ours alone; HDF5 checks the value.
            self.check(unsafe { (self.h5.H5Pset_userblock)(id, block) }, what)?;
        }
        if let Some((address, length)) = pair(own.get("sizes")) {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_sizes)(id, address as usize, length as usize) };
            self.check(status, what)?;
        }
        if let Some((internal, leaf)) = pair(own.get("symbolTableK")) {
            // SAFETY: as above.
            self.check(unsafe { (self.h5.H5Pset_sym_k)(id, internal, leaf) }, what)?;
        }
        let chunks = own.get("chunkTreeK").and_then(Value::as_u64);
        if let Some(chunks) = chunks.and_then(|k| u32::try_from(k).ok()) {
            // SAFETY: as above.
            self.check(unsafe { (self.h5.H5Pset_istore_k)(id, chunks) }, what)?;
        }
        Ok(plist)
    }
}
