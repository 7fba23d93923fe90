//! Group and committed datatype creation properties.

use serde_json::{Map, Value, json};

use super::super::Host;
use super::super::id::OwnedId;
use super::dataset::{keep_pipeline, kept_pipeline};
use super::{order_flags, order_name, pair};
use crate::connector::Result;
use crate::ffi::*;

impl Host {
    /// What a group (or file) creation property list says beyond the defaults.
    pub fn group_properties(&self, gcpl: hid_t) -> Map<String, Value> {
        let mut properties = Map::new();
        if gcpl <= 0 {
            return properties;
        }
        self.read_object_properties(gcpl, &mut properties);
        let (mut order, mut compact, mut dense) = (0, 8, 6);
        let (mut entries, mut length, mut hint) = (4, 8, 0usize);
        // SAFETY: each writes into locals; HDF5 checks the id.
        unsafe {
            (self.h5.H5Pget_link_creation_order)(gcpl, &mut order);
            (self.h5.H5Pget_link_phase_change)(gcpl, &mut compact, &mut dense);
            (self.h5.H5Pget_est_link_info)(gcpl, &mut entries, &mut length);
            (self.h5.H5Pget_local_heap_size_hint)(gcpl, &mut hint);
        }
        if order != 0 {
            // h5pyd's own sign for a tracked group, and the exact flags.
            properties.insert("CreateOrder".into(), json!(1));
            properties.insert("linkCreationOrder".into(), json!(order_name(order)));
        }
        if (compact, dense) != (8, 6) {
            properties.insert("linkPhaseChange".into(), json!([compact, dense]));
        }
        if (entries, length) != (4, 8) {
            properties.insert("estimatedLinkInfo".into(), json!([entries, length]));
        }
        if hint != 0 {
            properties.insert("localHeapSizeHint".into(), json!(hint));
        }
        // HDF5 applies them to the names of links that it keeps in a heap.
        keep_pipeline(&self.filters(gcpl).unwrap_or_default(), &mut properties);
        properties
    }

    /// The group creation property list that these properties came from.
    pub fn group_plist(&'static self, properties: &Map<String, Value>) -> Result<OwnedId> {
        let plist = self.new_plist(c"H5P_CLS_GROUP_CREATE_ID_g")?;
        self.write_group_properties(plist.get(), properties)?;
        Ok(plist)
    }

    pub(super) fn write_group_properties(
        &self,
        plist: hid_t,
        properties: &Map<String, Value>,
    ) -> Result<()> {
        let what = "set group creation properties";
        self.write_object_properties(plist, properties)?;
        let by_h5pyd = properties.get("CreateOrder").is_some_and(is_true);
        let tracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
        let order = order_flags(properties.get("linkCreationOrder"));
        if let Some(order) = order.or(by_h5pyd.then_some(tracked)) {
            // SAFETY: changes a list that is ours alone.
            let status = unsafe { (self.h5.H5Pset_link_creation_order)(plist, order) };
            self.check(status, what)?;
        }
        if let Some((compact, dense)) = pair(properties.get("linkPhaseChange")) {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_link_phase_change)(plist, compact, dense) };
            self.check(status, what)?;
        }
        if let Some((entries, length)) = pair(properties.get("estimatedLinkInfo")) {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_est_link_info)(plist, entries, length) };
            self.check(status, what)?;
        }
        if let Some(hint) = properties.get("localHeapSizeHint").and_then(Value::as_u64) {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_local_heap_size_hint)(plist, hint as usize) };
            self.check(status, what)?;
        }
        for filter in kept_pipeline(properties).unwrap_or_default() {
            self.add_filter(plist, &filter);
        }
        Ok(())
    }

    /// Creation properties of a committed datatype beyond the defaults.
    pub fn datatype_properties(&self, tcpl: hid_t) -> Map<String, Value> {
        let mut properties = Map::new();
        if tcpl > 0 {
            self.read_object_properties(tcpl, &mut properties);
        }
        properties
    }

    /// The datatype creation property list that these properties came from.
    pub fn datatype_plist(&'static self, properties: &Map<String, Value>) -> Result<OwnedId> {
        let plist = self.new_plist(c"H5P_CLS_DATATYPE_CREATE_ID_g")?;
        self.write_object_properties(plist.get(), properties)?;
        Ok(plist)
    }
}

fn is_true(value: &Value) -> bool {
    value == &json!(true) || value.as_u64().is_some_and(|n| n != 0)
}
