//! Limits of a request's head and body, and the body in memory, if it is to be there.

use axum::BoxError;
use axum::body::{Body, HttpBody};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{LengthLimitError, Limited};

use super::call::Content;
use super::media::{OCTETS, kind};
use super::operations::Operation;
use super::pace::Pace;
use super::query::Query;
use crate::app::{App, Settings};
use crate::auth::User;
use crate::error::{ApiError, Result};

/// The length of a body that is stored while it comes: one of plain elements that is large, or of
/// unknown length.
pub(super) fn streamed_length(
    operation: &Operation,
    parts: &Parts,
    settings: &Settings,
) -> Option<Option<u64>> {
    let query = parts.uri.query().unwrap_or_default();
    let whole = ["fields", "query", "append", "element_count", "regionref"];
    // Names may be spelled in several ways.
    let query = Query::parse(query);
    let plain = kind(&parts.headers).eq_ignore_ascii_case(OCTETS)
        && whole.iter().all(|name| query.get(name).is_none());
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

/// Refuses bodies that are packed in a way that is not undone here: their bytes are not what is meant. Those of
/// zstd could demand a window of gigabytes; the windows of the others are small.
pub(super) fn unknown_packing(headers: &HeaderMap) -> Option<ApiError> {
    let packing = headers.get(header::CONTENT_ENCODING)?;
    (packing != "identity").then(|| {
        let reason =
            format!("bodies packed as {packing:?} are not known here, but gzip and deflate");
        ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason)
    })
}

/// Memory set aside at once for a body of announced length.
const MOST_RESERVED: usize = 1 << 30;

/// Body of a request of those who have no name: they look things up.
const MOST_OF_STRANGERS: u64 = 1 << 20;

/// Elements that are held in memory as a whole, in bytes: those of some members, for places that a query finds
/// or a region reference names, and those of attributes.
const MOST_COLLECTED: u64 = 1 << 30;

/// Coordinates of single elements, in bytes: as much as HSDS takes.
const MOST_POINTS: u64 = 100 << 20;

/// Bytes that a body may have which is collected.
fn most(operation: &Operation, headers: &HeaderMap, app: &App, user: &User) -> u64 {
    let settings = &app.settings;
    let has_length = headers.contains_key(header::CONTENT_LENGTH);
    // A body that was compressed has no announced length: little may become much.
    let elements = kind(headers).eq_ignore_ascii_case(OCTETS) && has_length;
    let most = match (elements, operation.lookup) {
        (false, _) => settings.max_json_size,
        (true, false) => MOST_COLLECTED,
        (true, true) => MOST_POINTS,
    };
    let most = match user.anonymous && !app.authenticator.is_trusting() {
        true => most.min(MOST_OF_STRANGERS),
        false => most,
    };
    most.min(settings.max_request_size)
}

/// All of a body; 413 if it is too large, 408 if it does not come in time, 503 if there is no memory for it.
pub(super) async fn collect(
    body: Body,
    headers: &HeaderMap,
    app: &App,
    user: &User,
    operation: &Operation,
) -> Result<Content> {
    let settings = &app.settings;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok());
    let announced: Option<usize> = announced.and_then(|v| v.parse().ok());
    let limit = most(operation, headers, app, user);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let too_large = || ApiError::too_large(format!("the body is larger than {limit} bytes"));
    if announced.is_some_and(|length| length > limit) {
        discard(body, settings).await;
        return Err(too_large());
    }
    // Room that is never written to costs nothing, so announcing much is no attack.
    let room = announced.unwrap_or(0).min(MOST_RESERVED);
    let (mut collected, mut body) = (Vec::with_capacity(room), Limited::new(body, limit));
    let mut held = app.memory.body();
    let mut pace = Pace::new(settings.body_timeout).under(held.pressure());
    while let Some(frame) = pace.next(&mut body).await? {
        match frame {
            Ok(frame) => {
                let Some(piece) = frame.data_ref() else {
                    continue;
                };
                if let Err(error) = held.grow(piece.len()).await {
                    drop((collected, held));
                    discard(body, settings).await;
                    return Err(error);
                }
                collected.extend_from_slice(piece);
            }
            Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
            Err(error) => {
                return Err(ApiError::bad_request(format!(
                    "the body broke off: {error}"
                )));
            }
        }
    }
    Ok(Content {
        bytes: collected.into(),
        held: Some(held),
        upload: None,
    })
}

/// What is read of a body that nobody wants.
const MOST_DISCARDED: usize = 64 << 20;

/// Reads a body that was refused: a client that is still sending would not see the answer.
pub(super) async fn discard<B>(body: B, settings: &Settings)
where
    B: HttpBody + Unpin,
    B::Error: Into<BoxError>,
{
    let (mut body, mut pace) = (
        Limited::new(body, MOST_DISCARDED),
        Pace::new(settings.body_timeout),
    );
    while let Ok(Some(Ok(_))) = pace.next(&mut body).await {}
}
