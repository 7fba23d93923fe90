//! `/about` and `/info`: what this server is, and what it can do.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::reply::Reply;
use crate::error::{ApiError, Result};

/// The version of HSDS whose API this server speaks.
const API_VERSION: &str = "1.0.2";
/// This server as the one node of its cluster.
pub const NODE_ID: &str = "h5rest";

/// What a client may rely on beyond the API of HSDS.
const FEATURES: [&str; 13] = [
    // Changes of metadata by the thousand in one request.
    "batch",
    // `if_done` in a batch, and `leads_to` of the deletion of a link.
    "conditional_changes",
    // Objects keep what clients note beside their attributes.
    "annotations",
    // Every datatype of HDF5, exactly as declared.
    "all_types",
    // `getobjs` shows the domain as it is now.
    "fresh_getobjs",
    // `POST /` with `ids`, and `max_objects` in `GET /`, show many objects in one answer.
    "many_objects",
    // Links of user-defined classes.
    "ud_links",
    // Sorting by `created` is sorting by order of creation.
    "creation_order",
    // What is acknowledged is on disk; flushing costs nothing.
    "durable_writes",
    // A list of objects, or a PUT over several objects, is done as a whole or not at all.
    "atomic_batches",
    // Attribute values of any type and size, every bit kept, binary both ways.
    "binary_attributes",
    // Committed datatypes keep their creation properties.
    "datatype_properties",
    // Selections of any form read and write what they say.
    "exact_selections",
];

/// Compressors that datasets may ask for; see `values::filters` for how each is applied.
const COMPRESSORS: [&str; 6] = ["blosclz", "lz4", "lz4hc", "gzip", "zstd", "deflate"];

/// GET of `/about`.
pub fn about(call: &Call) -> Result<Reply> {
    let mut document = json!({
        "start_time": call.app.started as u64,
        "hsds_version": API_VERSION,
        "name": "h5rest",
        "greeting": "Welcome to h5rest!",
        "about": "h5rest serves the HDF REST API",
        "node_count": 1,
        "dn_urls": [],
        "dn_ids": [NODE_ID],
        "username": if call.user.anonymous { "anonymous" } else { &call.user.name },
        "isadmin": call.user.unbound,
        "state": "READY",
    });
    if let Some(members) = document.as_object_mut() {
        members.extend(identity());
    }
    Ok(Reply::ok(document))
}

/// GET of `/info`.
pub fn info(call: &Call) -> Result<Reply> {
    let mut document = json!({
        "node": {"id": NODE_ID, "state": "READY", "start_time": call.app.started as u64},
    });
    if let Some(members) = document.as_object_mut() {
        members.extend(identity());
    }
    Ok(Reply::ok(document))
}

/// GET of `/metrics`.
pub fn metrics(call: &Call) -> Result<Reply> {
    let text = call.app.metrics.text();
    let text = text.map_err(|_| ApiError::internal("the counters cannot be shown"))?;
    Ok(Reply::Text(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        text,
    ))
}

fn identity() -> Map<String, Value> {
    let identity = json!({
        "server": "h5rest",
        "h5rest": {"version": env!("CARGO_PKG_VERSION"), "features": FEATURES},
    });
    identity.as_object().cloned().unwrap_or_default()
}

/// What clients ask a domain about the server.
pub fn insert_limits(call: &Call, into: &mut Map<String, Value>) {
    let limits = json!({
        "min_chunk_size": 1 << 20,
        "max_chunk_size": 4 << 20,
        "max_request_size": call.app.settings.max_request_size,
    });
    into.insert("limits".into(), limits);
    into.insert("compressors".into(), json!(COMPRESSORS));
    into.insert("version".into(), json!(API_VERSION));
    into.extend(identity());
}
