//! Element values in their two encodings: packed bytes (the wire form) and JSON.

pub mod json;
