//! Entity tags: a client that has an answer asks whether it still holds.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// The tag of a body. It is a weak one, because the body may go out compressed.
pub fn of(body: &[u8]) -> Option<HeaderValue> {
    let digest = Sha256::digest(body);
    let digits: String = digest[..16].iter().map(|b| format!("{b:02x}")).collect();
    HeaderValue::from_str(&format!("W/\"{digits}\"")).ok()
}

/// Whether `If-None-Match` names this tag.
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str().map(opaque) else {
        return false;
    };
    let sent = headers.get_all(header::IF_NONE_MATCH).iter();
    sent.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_stars() {
        let tag = of(b"body").unwrap();
        assert_ne!(Some(tag.clone()), of(b"other"));
        let plain = tag.to_str().unwrap().trim_start_matches("W/").to_owned();
        for (sent, known) in [
            (tag.to_str().unwrap(), true),
            (plain.as_str(), true),
            (&format!("\"x\", {plain}"), true),
            ("*", true),
            ("\"x\"", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, sent.parse().unwrap());
            assert_eq!(is_known(&headers, &tag), known, "{sent}");
        }
    }
}
