//! A dataset's elements: `/datasets/<id>/value`, in wire form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use h5rest_protocol::ObjectId;
use h5rest_protocol::selection::{self, Selection};
use serde_json::{Value, json};

use crate::client::{Result, member, sending_json};
use crate::domain::Domain;
use crate::request::{Format, Method, Request, Sink};

/// Selections for reading whose text is longer go into the body: servers bound the request line at
/// 8 KiB, and percent-encoding makes the brackets grow.
pub const LONGEST_SELECT_IN_QUERY: usize = 4000;

/// The flag by which a client says that it knows null strings.
const NULL_STRINGS: &str = "null_strings";

/// What of a dataset is meant.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Its elements; empty for a scalar dataset.
    pub selection: &'a Selection,
    /// These members of its compound elements, or whole elements if empty.
    pub fields: &'a [&'a str],
    /// Whether null strings are to be told from empty ones; only `h5rest` can.
    pub nulls: bool,
}

impl<'a> Part<'a> {
    /// Whole elements.
    pub fn of(selection: &'a Selection) -> Self {
        Self {
            selection,
            fields: &[],
            nulls: false,
        }
    }

    /// The same, with null strings told from empty ones if `nulls`.
    #[must_use]
    pub fn telling_nulls(self, nulls: bool) -> Self {
        Self { nulls, ..self }
    }
}

impl Domain {
    /// Reads elements of fixed size into memory of exactly their size.
    pub fn read_into(&self, id: ObjectId, part: Part<'_>, into: &mut [u8]) -> Result<()> {
        let request = self.read_request(id, part)?;
        self.client.call(&request, Sink::Into(into)).map(drop)
    }

    /// Reads elements of any type.
    pub fn read(&self, id: ObjectId, part: Part<'_>) -> Result<Vec<u8>> {
        let request = self.read_request(id, part)?;
        Ok(self.client.call(&request, Sink::Collect)?.body)
    }

    /// Reads single elements of fixed size, named by their coordinates, in that order.
    pub fn read_points_into(&self, id: ObjectId, coords: &[u64], into: &mut [u8]) -> Result<()> {
        let request = self.points_request(id, coords);
        self.client.call(&request, Sink::Into(into)).map(drop)
    }

    /// Reads single elements of any type, named by their coordinates, in that order; `nulls` as in
    /// [`Part`].
    pub fn read_points(&self, id: ObjectId, coords: &[u64], nulls: bool) -> Result<Vec<u8>> {
        let request = self.points_request(id, coords).flag(NULL_STRINGS, nulls);
        Ok(self.client.call(&request, Sink::Collect)?.body)
    }

    /// Writes elements. The selection's text must not be longer than [`LONGEST_SELECT_IN_QUERY`]:
    /// HSDS passes it on to its data nodes in a request line, wherever it came from.
    pub fn write(&self, id: ObjectId, part: Part<'_>, bytes: Bytes) -> Result<()> {
        let request = self.write_request(id, part);
        self.client.done(&request.sending(Format::Binary, bytes))
    }

    /// The same with elements in memory of the caller, which are sent without a copy where the
    /// connection allows.
    pub fn write_from(&self, id: ObjectId, part: Part<'_>, bytes: &[u8]) -> Result<()> {
        let request = self.write_request(id, part);
        self.client.done_with(&request, bytes)
    }

    fn write_request(&self, id: ObjectId, part: Part<'_>) -> Request {
        let request = with_fields(self.value(Method::Put, id), part.fields);
        match part.selection.is_empty() {
            true => request,
            false => request.with("select", selection::format(part.selection)),
        }
    }

    /// Writes single elements, named by their coordinates.
    pub fn write_points(&self, id: ObjectId, points: &Value, bytes: &[u8]) -> Result<()> {
        let body = json!({"points": points, "value_base64": BASE64.encode(bytes)});
        let request = sending_json(self.value(Method::Put, id), &body)?;
        self.client.done(&request)
    }

    fn value(&self, method: Method, id: ObjectId) -> Request {
        self.scope(member(method, id, "/value"))
    }

    fn read_request(&self, id: ObjectId, part: Part<'_>) -> Result<Request> {
        let select = selection::format(part.selection);
        let request = if part.selection.is_empty() {
            with_fields(self.value(Method::Get, id), part.fields)
        } else if select.len() <= LONGEST_SELECT_IN_QUERY {
            with_fields(self.value(Method::Get, id), part.fields).with("select", select)
        } else {
            let mut body = json!({"select": select});
            if !part.fields.is_empty() {
                body["fields"] = json!(part.fields.join(":"));
            }
            sending_json(self.value(Method::Post, id), &body)?
        };
        Ok(request.flag(NULL_STRINGS, part.nulls).wanting_binary())
    }

    fn points_request(&self, id: ObjectId, coords: &[u64]) -> Request {
        let bytes: Vec<u8> = coords.iter().flat_map(|at| at.to_le_bytes()).collect();
        self.value(Method::Post, id)
            .sending(Format::Binary, bytes)
            .wanting_binary()
    }
}

fn with_fields(request: Request, fields: &[&str]) -> Request {
    if fields.is_empty() {
        request
    } else {
        request.with("fields", fields.join(":"))
    }
}
