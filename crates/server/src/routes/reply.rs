//! Replies: documents, bytes, nothing, or an error in words.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use h5rest_protocol::values::text;
use hyper::ext::ReasonPhrase;
use serde_json::Value;

use super::etag;
use super::json_elements::JsonElements;
use super::media::OCTETS;
use super::piece_body::PieceBody;
use crate::backup::Export;
use crate::error::ApiError;
use crate::values::{Bands, Scattered};

const JSON: &str = "application/json; charset=utf-8";

/// What a handler answers.
pub enum Reply {
    /// A document.
    Json(StatusCode, Value),
    /// 200 with a document that is written already.
    Written(Vec<u8>),
    /// Text of this media type.
    Text(&'static str, String),
    /// Elements in wire form.
    Bytes(Bytes),
    /// Elements in wire form, read as they are sent.
    Bands(Box<Bands>),
    /// The same of single elements.
    Scattered(Box<Scattered>),
    /// 200 with a document of many elements, written as they are read.
    JsonElements(Box<JsonElements>),
    /// All that the server keeps, read as it is sent.
    Backup(Export),
    /// A status alone.
    Empty(StatusCode),
}

impl Reply {
    /// 200 with a document.
    pub fn ok(document: Value) -> Self {
        Self::Json(StatusCode::OK, document)
    }

    /// 201 with a document.
    pub fn created(document: Value) -> Self {
        Self::Json(StatusCode::CREATED, document)
    }

    /// 201 if something is new, else 200; with an empty document.
    pub fn created_if(new: bool) -> Self {
        let status = if new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Self::Json(status, Value::Object(serde_json::Map::new()))
    }

    /// 200 with an empty document.
    pub fn done() -> Self {
        Self::created_if(false)
    }

    /// The HTTP response to a request with these headers.
    pub fn into_response(self, method: &Method, headers: &HeaderMap) -> Response {
        match self {
            Self::Json(status, document) => match text::write_lenient(&document) {
                Ok(body) if status == StatusCode::OK && is_read(method) => tagged(body, headers),
                Ok(body) => response(status, JSON, body),
                Err(error) => error_response(&ApiError::internal(error.to_string())),
            },
            Self::Written(body) => response(StatusCode::OK, JSON, body),
            Self::Text(kind, text) => response(StatusCode::OK, kind, text),
            Self::Bytes(bytes) => response(StatusCode::OK, OCTETS, bytes),
            Self::Bands(bands) => {
                let length = bands.length;
                let body = PieceBody::new(*bands, length);
                response(StatusCode::OK, OCTETS, Body::new(body))
            }
            Self::Scattered(scattered) => {
                let length = scattered.length;
                let body = PieceBody::new(*scattered, length);
                response(StatusCode::OK, OCTETS, Body::new(body))
            }
            Self::JsonElements(elements) => {
                let body = PieceBody::new(*elements, None);
                response(StatusCode::OK, JSON, Body::new(body))
            }
            Self::Backup(export) => {
                let parts = export.map(|part| part.map(|bytes| std::iter::once(Ok(bytes))));
                let body = PieceBody::new(parts, None);
                response(StatusCode::OK, OCTETS, Body::new(body))
            }
            Self::Empty(status) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = status;
                response
            }
        }
    }
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// A document with its tag, or only the news that the client has it already.
fn tagged(body: Vec<u8>, headers: &HeaderMap) -> Response {
    let tag = etag::of(&body);
    let is_known = tag.as_ref().is_some_and(|tag| etag::is_known(headers, tag));
    let mut response = match is_known {
        true => Reply::Empty(StatusCode::NOT_MODIFIED).into_response(&Method::GET, headers),
        false => response(StatusCode::OK, JSON, body),
    };
    if let Some(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn response(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The reason as text in the body and, as HSDS does, in the status line.
pub fn error_response(error: &ApiError) -> Response {
    let body = Bytes::from(error.to_string());
    let mut response = response(error.status, "text/plain; charset=utf-8", body);
    if let Some(pause) = error.pause {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(pause));
    }
    let phrase: String = error
        .reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    // A status line has a practical limit, and only the body has room for the whole text.
    let phrase: String = phrase.chars().filter(char::is_ascii).take(200).collect();
    if let Ok(phrase) = ReasonPhrase::try_from(phrase.into_bytes()) {
        response.extensions_mut().insert(phrase);
    }
    response
}
