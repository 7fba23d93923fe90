//! File creation properties. They describe a file format that remote data do not have; they are kept
//! so that programs find what they set, and checked as HDF5 does when it makes a file.

use serde_json::{Map, Value, json};

use super::super::Host;
use super::super::id::OwnedId;
use super::pair;
use crate::connector::{Error, Result};
use crate::ffi::*;

/// Member of the root group's properties that keeps them.
const FILE_PROPERTIES: &str = "fileProperties";
/// HDF5's own page size of files.
const PAGE: hsize_t = 4096;

/// How a file's space is managed.
#[derive(Clone, Copy, PartialEq)]
struct Space {
    strategy: H5F_fspace_strategy_t,
    persist: bool,
    threshold: hsize_t,
    page: hsize_t,
}

const DEFAULT_SPACE: Space = Space {
    strategy: H5F_FSPACE_STRATEGY_FSM_AGGR,
    persist: false,
    threshold: 1,
    page: PAGE,
};

impl Host {
    /// What a file creation property list says beyond the defaults, as properties of the root
    /// group: those of the group, and in a member of their own those of the file.
    pub fn file_properties(&self, fcpl: hid_t) -> Result<Map<String, Value>> {
        let mut properties = self.group_properties(fcpl);
        if fcpl <= 0 {
            return Ok(properties);
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
        let space = self.space(fcpl);
        let managed = [json!(space.strategy), json!(space.persist)];
        let managed: Value = managed
            .into_iter()
            .chain([space.threshold, space.page].map(Value::from))
            .collect();
        keep("fileSpace", space != DEFAULT_SPACE, managed);
        self.read_shared_messages(fcpl, &mut own)?;
        if !own.is_empty() {
            properties.insert(FILE_PROPERTIES.into(), Value::Object(own));
        }
        Ok(properties)
    }

    fn space(&self, fcpl: hid_t) -> Space {
        let mut space = DEFAULT_SPACE;
        // SAFETY: each writes into locals; HDF5 checks the id.
        unsafe {
            (self.h5.H5Pget_file_space_strategy)(
                fcpl,
                &mut space.strategy,
                &mut space.persist,
                &mut space.threshold,
            );
            (self.h5.H5Pget_file_space_page_size)(fcpl, &mut space.page);
        }
        space
    }

    /// Indexes of shared object header messages: for each the kinds of messages and the least size.
    fn read_shared_messages(&self, fcpl: hid_t, own: &mut Map<String, Value>) -> Result<()> {
        let (mut count, mut list, mut tree) = (0, 50, 40);
        // SAFETY: each writes into locals; HDF5 checks the id.
        unsafe {
            (self.h5.H5Pget_shared_mesg_nindexes)(fcpl, &mut count);
            (self.h5.H5Pget_shared_mesg_phase_change)(fcpl, &mut list, &mut tree);
        }
        let (mut indexes, mut used) = (Vec::new(), 0);
        for n in 0..count {
            let (mut kinds, mut least) = (0, 250);
            // SAFETY: as above.
            unsafe { (self.h5.H5Pget_shared_mesg_index)(fcpl, n, &mut kinds, &mut least) };
            if kinds & used != 0 {
                return Err(Error::invalid(
                    "the same kind of shared messages is in two indexes (H5Pset_shared_mesg_index)",
                ));
            }
            used |= kinds;
            indexes.push(json!([kinds, least]));
        }
        if count > 0 {
            own.insert("sharedMessageIndexes".into(), Value::Array(indexes));
        }
        if (list, tree) != (50, 40) {
            own.insert("sharedMessagePhaseChange".into(), json!([list, tree]));
        }
        Ok(())
    }

    /// Refuses a user block that does not fit the alignment of the file, as HDF5 does.
    pub fn check_userblock(&self, fcpl: hid_t, fapl: hid_t) -> Result<()> {
        let (mut block, mut threshold, mut alignment) = (0, 1, 1);
        // SAFETY: each writes into locals; HDF5 checks the ids.
        unsafe {
            (self.h5.H5Pget_userblock)(fcpl, &mut block);
            (self.h5.H5Pget_alignment)(fapl, &mut threshold, &mut alignment);
        }
        let space = self.space(fcpl);
        let unit = match space.strategy {
            H5F_FSPACE_STRATEGY_PAGE => space.page,
            _ => alignment,
        };
        if unit > 0 && block % unit != 0 {
            return Err(Error::invalid(format!(
                "the user block of {block} bytes is no multiple of the file's alignment of {unit}"
            )));
        }
        Ok(())
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
        if let Some(space) = own.get("fileSpace").and_then(space_from_json) {
            // Strategies without persistent free space leave the two other values as they were.
            for strategy in [H5F_FSPACE_STRATEGY_FSM_AGGR, space.strategy] {
                // SAFETY: as above.
                let status = unsafe {
                    (self.h5.H5Pset_file_space_strategy)(
                        id,
                        strategy,
                        space.persist,
                        space.threshold,
                    )
                };
                self.check(status, what)?;
            }
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_file_space_page_size)(id, space.page) };
            self.check(status, what)?;
        }
        self.write_shared_messages(id, own)?;
        Ok(plist)
    }

    fn write_shared_messages(&self, plist: hid_t, own: &Map<String, Value>) -> Result<()> {
        let what = "set the indexes of shared messages";
        let indexes = own.get("sharedMessageIndexes").and_then(Value::as_array);
        if let Some(indexes) = indexes {
            let count = indexes.len() as u32;
            // SAFETY: changes a list that is ours alone; HDF5 checks the values.
            let status = unsafe { (self.h5.H5Pset_shared_mesg_nindexes)(plist, count) };
            self.check(status, what)?;
            for (n, index) in (0..count).zip(indexes) {
                let (kinds, least) = pair(Some(index)).unwrap_or((0, 250));
                // SAFETY: as above.
                let status = unsafe { (self.h5.H5Pset_shared_mesg_index)(plist, n, kinds, least) };
                self.check(status, what)?;
            }
        }
        if let Some((list, tree)) = pair(own.get("sharedMessagePhaseChange")) {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_shared_mesg_phase_change)(plist, list, tree) };
            self.check(status, what)?;
        }
        Ok(())
    }
}

/// `[strategy, persist, threshold, page size]`
fn space_from_json(value: &Value) -> Option<Space> {
    Some(Space {
        strategy: H5F_fspace_strategy_t::try_from(value.get(0)?.as_i64()?).ok()?,
        persist: value.get(1)?.as_bool()?,
        threshold: value.get(2)?.as_u64()?,
        page: value.get(3)?.as_u64()?,
    })
}
