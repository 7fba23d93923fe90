//! Whether an object keeps the order in which its links and attributes were created: a creation
//! property that HDF5 asks about before it goes by that order.

use h5rest_protocol::ObjectClass;
use serde_json::{Map, Value};

use super::error::{Error, Result};
use super::index::IndexBy;
use super::object::Object;

impl Object {
    /// Whether creation order of this group's links is tracked.
    pub fn tracks_link_order(&self) -> Result<bool> {
        let properties = self.group_info()?.properties;
        Ok(is_tracked(&properties, "linkCreationOrder"))
    }

    /// Whether creation order of this object's attributes is tracked.
    pub fn tracks_attribute_order(&self) -> Result<bool> {
        let properties = match self.class() {
            ObjectClass::Group => self.group_info()?.properties,
            ObjectClass::Dataset => self.dataset()?.creation.extra.clone(),
            ObjectClass::Datatype => self.datatype()?.1,
        };
        Ok(tracks_attribute_order(&properties))
    }

    /// Fails where links are asked for by an order that the group does not keep, as HDF5 does.
    /// (Of attributes it always knows some order.)
    pub fn check_link_index(&self, by: IndexBy) -> Result<()> {
        if by == IndexBy::Name || self.tracks_link_order()? {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "creation order is not tracked for the links of {self}"
        )))
    }
}

/// Whether an object with these creation properties keeps the order of its attributes.
pub fn tracks_attribute_order(properties: &Map<String, Value>) -> bool {
    is_tracked(properties, "attributeCreationOrder")
}

/// Whether creation properties ask for an order to be tracked: in the words of the C REST VOL, or
/// in h5pyd's.
fn is_tracked(properties: &Map<String, Value>, key: &str) -> bool {
    let words = properties.get(key).and_then(Value::as_str);
    let by_h5pyd = |value: &Value| *value == Value::Bool(true) || value.as_u64().unwrap_or(0) != 0;
    words.is_some_and(|words| words.contains("TRACKED") || words.contains("INDEXED"))
        || properties.get("CreateOrder").is_some_and(by_h5pyd)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_understood() {
        for (properties, tracked) in [
            (
                json!({"order": "H5P_CRT_ORDER_TRACKED|H5P_CRT_ORDER_INDEXED"}),
                true,
            ),
            (json!({"CreateOrder": true}), true),
            (json!({"CreateOrder": 1}), true),
            (json!({"CreateOrder": 0, "order": ""}), false),
            (json!({"other": "H5P_CRT_ORDER_TRACKED"}), false),
        ] {
            let properties = properties.as_object().unwrap();
            assert_eq!(is_tracked(properties, "order"), tracked, "{properties:?}");
        }
    }
}
