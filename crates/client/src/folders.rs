//! Folders: `/domains`.

use serde_json::Value;

use crate::client::{Client, Result};
use crate::request::{Method, Request};

/// Entries that one request asks for.
const PAGE: usize = 1000;

impl Client {
    /// What is in a folder (an absolute path; `/` is the top), sorted by name: documents with `name`
    /// (the whole path), `class` (`folder` or `domain`), `owner`, `created`, `lastModified`. With
    /// `sizes`, also `total_size` of domains, as far as the server counts it.
    pub fn folder(&self, path: &str, bucket: Option<&str>, sizes: bool) -> Result<Vec<Value>> {
        let path = format!("{}/", path.trim_end_matches('/'));
        let mut entries: Vec<Value> = Vec::new();
        loop {
            let mut request = Request::new(Method::Get, "/domains")
                .with("domain", path.as_str())
                .with("Limit", PAGE.to_string())
                .flag("verbose", sizes);
            if let Some(bucket) = bucket {
                request = request.with("bucket", bucket);
            }
            if let Some(last) = entries.last().and_then(|entry| entry["name"].as_str()) {
                request = request.with("Marker", last);
            }
            let mut document = self.json(&request)?;
            let Some(page) = document["domains"].as_array_mut() else {
                return Ok(entries);
            };
            let count = page.len();
            entries.append(page);
            if count < PAGE {
                return Ok(entries);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::scripted::ScriptedTransport;

    #[test]
    fn long_folders_come_in_pages() {
        let script = Arc::new(ScriptedTransport::new());
        let entry = |n: usize| json!({"name": format!("/d/{n:04}")});
        let page: Vec<Value> = (0..PAGE).map(entry).collect();
        script.reply(200, json!({"domains": page}).to_string());
        script.reply(200, json!({"domains": [entry(PAGE)]}).to_string());
        let client = Client::new(script.clone());
        assert_eq!(client.folder("/d", None, false).unwrap().len(), PAGE + 1);
        let second = "GET /domains?domain=/d/&Limit=1000&Marker=/d/0999";
        assert_eq!(script.requests()[1], second);
    }
}
