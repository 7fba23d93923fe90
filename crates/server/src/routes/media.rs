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

/// Whether one of the headers of this name lists `wanted`, and not as what is refused.
pub(super) fn accepts(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    quality(headers, &name, wanted) > 0.0
}

/// Whether elements in wire form are wanted, and not less than a document.
pub(super) fn prefers_octets(headers: &HeaderMap) -> bool {
    let octets = quality(headers, &header::ACCEPT, OCTETS);
    octets > 0.0 && octets >= quality(headers, &header::ACCEPT, "application/json")
}

/// How much is wanted what the headers of this name list: 1 if nothing else is said of it, 0 if it is not
/// listed.
fn quality(headers: &HeaderMap, name: &header::HeaderName, wanted: &str) -> f32 {
    let sent = headers.get_all(name).iter();
    let listed = sent
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let of = |one: &str| {
        let mut parts = one.split(';').map(str::trim);
        let found = parts.next()?.eq_ignore_ascii_case(wanted);
        let said = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        found.then(|| said.and_then(|number| number.parse().ok()).unwrap_or(1.0))
    };
    listed.filter_map(of).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_more() {
        for (sent, bytes) in [
            ("application/octet-stream", true),
            ("Application/Octet-Stream; q=0.5", true),
            ("application/json, application/octet-stream", true),
            (
                "application/json;q=0.5,application/octet-stream;q=0.9",
                true,
            ),
            ("application/json, application/octet-stream;q=0.1", false),
            ("application/octet-stream;q=0", false),
            ("*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, sent.parse().expect("a header"));
            assert_eq!(prefers_octets(&headers), bytes, "{sent}");
        }
    }
}
