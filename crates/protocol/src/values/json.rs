//! Elements between their JSON form and their wire bytes.

use serde_json::Value;

use crate::datatype::Datatype;
use crate::error::{ProtocolError, Result};

/// JSON of one element given in wire form.
pub fn element_to_json(_datatype: &Datatype, _bytes: &[u8]) -> Result<Value> {
    Err(ProtocolError::InvalidValue("in progress".into()))
}

/// Wire form of one element given in JSON.
pub fn element_from_json(_datatype: &Datatype, _value: &Value) -> Result<Vec<u8>> {
    Err(ProtocolError::InvalidValue("in progress".into()))
}
