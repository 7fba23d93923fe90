//! Media types and what clients accept.

use axum::http::{HeaderMap, header};

/// Elements in wire form.
pub(super) const OCTETS: &str = "application/octet-stream";

/// The media type of a body, without parameters; empty if nothing is said.
pub(super) fn kind(headers: &HeaderMap) -> &str {
    let sent = headers.get(header::CONTENT_TYPE);
    let sent = sent.and_then(|sent| sent.to_str().ok()).unwrap_or_default();
    sent.split(';').next().unwrap_or_default().trim()
}

/// Whether one of the headers of this name lists `wanted`.
pub(super) fn accepts(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    let sent = headers.get_all(name).iter();
    sent.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let one = one.split(';').next().unwrap_or_default();
            one.trim().eq_ignore_ascii_case(wanted)
        })
}
