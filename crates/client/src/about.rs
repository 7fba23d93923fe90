//! What a server says about itself.

use serde_json::Value;

use crate::client::{Client, Result};
use crate::request::{Method, Pour, Request, Sink};

/// What tells our own server from HSDS, and what it can do beyond it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerInfo {
    /// Its features, if it is an `h5rest`.
    pub features: Option<Vec<String>>,
    /// The greatest body of a value request, if it says.
    pub max_request_size: Option<u64>,
}

impl ServerInfo {
    /// Reads the answer of `GET /`, `PUT /` or `GET /about`.
    pub fn of(document: &Value) -> Self {
        let names = |list: &Vec<Value>| {
            let names = list.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        };
        let features = document.get("h5rest").map(|own| match own.get("features") {
            Some(Value::Array(list)) => names(list),
            Some(Value::Object(map)) => map.keys().cloned().collect(),
            _ => Vec::new(),
        });
        Self {
            features,
            max_request_size: document["limits"]["max_request_size"].as_u64(),
        }
    }

    /// Whether it is an `h5rest`.
    pub fn is_h5rest(&self) -> bool {
        self.features.is_some()
    }

    /// Whether it announces this feature.
    pub fn has(&self, feature: &str) -> bool {
        let features = self.features.as_deref().unwrap_or_default();
        features.iter().any(|name| name == feature)
    }
}

impl Client {
    /// `GET /about`: version, state, user name.
    pub fn about(&self) -> Result<Value> {
        self.json(&Request::new(Method::Get, "/about"))
    }

    /// Everything that an h5rest keeps, in the form that `h5rest backup` reads; for its
    /// administrator only. Never repeated: the pieces are handed on as they arrive.
    pub fn backup(&self, take: Pour<'_>) -> Result<()> {
        let request = Request::new(Method::Get, "/backup").wanting_binary();
        self.call(&request, Sink::Pour(take)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn our_server_is_told_from_hsds() {
        let hsds = ServerInfo::of(&json!({"root": "g", "version": "1.0.2",
            "limits": {"max_request_size": 104857600}}));
        assert!(!hsds.is_h5rest() && !hsds.has("all_types"));
        assert_eq!(hsds.max_request_size, Some(104_857_600));
        let own = ServerInfo::of(&json!({"h5rest": {"features": ["all_types"]}}));
        assert!(own.is_h5rest() && own.has("all_types") && !own.has("fresh_getobjs"));
    }
}
