//! Limits of a request's head and body, and the body in memory, if it is to be there.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::{LengthLimitError, Limited};

use super::media::{OCTETS, kind};
use super::operations::Operation;
use super::pace::Pace;
use crate::app::Settings;
use crate::error::{ApiError, Result};

/// The length of a body that is stored while it comes: one of plain elements that is large, or of
/// unknown length.
pub(super) fn streamed_length(
    operation: &Operation,
    parts: &Parts,
    settings: &Settings,
) -> Option<Option<u64>> {
    let query = parts.uri.query().unwrap_or_default();
    let whole = [
        "fields=",
        "query=",
        "append=",
        "element_count=",
        "regionref=",
    ];
    let plain = kind(&parts.headers).eq_ignore_ascii_case(OCTETS)
        && !whole.iter().any(|name| query.contains(name));
    if operation.id != "putValue" || !plain {
        return None;
    }
    let Some(length) = parts.headers.get(header::CONTENT_LENGTH) else {
        return Some(None);
    };
    let length: u64 = length.to_str().ok()?.parse().ok()?;
    let large = (settings.stream_from..=settings.max_request_size).contains(&length);
    large.then_some(Some(length))
}

/// Refuses heads of requests that are longer than this.
pub(super) fn too_long(parts: &Parts, most: usize) -> Option<ApiError> {
    let headers = parts.headers.iter();
    let headers: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    let url = parts
        .uri
        .path_and_query()
        .map_or(0, |url| url.as_str().len());
    (headers + url > most).then(|| {
        let reason = format!("URL and headers are longer than {most} bytes");
        ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, reason)
    })
}

/// Memory set aside at once for a body of announced length.
const MOST_RESERVED: usize = 1 << 30;

/// All of a body; 413 if it is too large, 408 if it does not come in time.
pub(super) async fn collect(body: Body, headers: &HeaderMap, settings: &Settings) -> Result<Bytes> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok());
    let announced: Option<usize> = announced.and_then(|v| v.parse().ok());
    // A body that was compressed has no announced length: little may become much.
    let limit = match kind(headers).eq_ignore_ascii_case(OCTETS) && announced.is_some() {
        true => settings.max_request_size,
        false => settings.max_request_size.min(settings.max_json_size),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let too_large = || ApiError::too_large(format!("the body is larger than {limit} bytes"));
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // Room that is never written to costs nothing, so announcing much is no attack.
    let room = announced.unwrap_or(0).min(MOST_RESERVED);
    let (mut collected, mut body) = (Vec::with_capacity(room), Limited::new(body, limit));
    let mut pace = Pace::new(settings.body_timeout);
    loop {
        let Some(frame) = pace.next(&mut body).await? else {
            return Ok(collected.into());
        };
        match frame {
            Ok(frame) => collected.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
            Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
            Err(error) => {
                return Err(ApiError::bad_request(format!(
                    "the body broke off: {error}"
                )));
            }
        }
    }
}
