//! Elements as JSON that is written while they are read: memory holds a few chunks at a time, however many there
//! are. Called by the routes of reads by selections.

use std::iter::{Once, once};
use std::sync::Arc;

use axum::http::Method;
use bytes::Bytes;
use h5rest_protocol::Datatype;
use h5rest_protocol::selection::{self, Selection};
use h5rest_protocol::values::{binary, json as json_values, text};
use serde_json::Value;

use super::call::Call;
use super::reply::Reply;
use super::values;
use crate::error::{ApiError, Result};
use crate::memory;
use crate::store::Reader;
use crate::values::fields::Fields;
use crate::values::{Bands, Dataset, Form, Target};

/// The document, part by part.
pub struct JsonElements {
    bands: Bands,
    datatype: Datatype,
    lists: Lists,
    /// Whether what is not finite becomes null.
    no_tokens: bool,
    /// What stands in front of the elements,
    head: Option<String>,
    /// and behind them.
    tail: Option<String>,
}

/// What stands around the elements of a document.
struct Frame<'a> {
    /// Extents of the lists.
    dims: &'a [u64],
    /// Members in front of the elements, as JSON.
    head: &'a str,
    /// Members behind them.
    hrefs: &'a Value,
    /// Whether what is not finite becomes null.
    no_tokens: bool,
}

/// Lists in lists.
struct Lists {
    /// Elements of a list, the outermost first.
    lengths: Vec<u64>,
    /// Elements that were written.
    at: u64,
}

/// Shows elements as JSON: in memory, or written as they are read if they are many.
pub(super) fn show(
    call: &Call,
    reader: Arc<dyn Reader>,
    dataset: Dataset,
    selection: Selection,
    fields: Option<Fields>,
    dims: &[u64],
) -> Result<Reply> {
    if !are_many(call, &dataset, fields.as_ref(), &selection)? {
        let target = Target::selection(&selection, &dataset.chunk)?;
        return values::reply(call, &*reader, &dataset, &target, fields.as_ref(), dims);
    }
    let datatype = fields.as_ref().map_or(&*dataset.datatype, |f| &f.datatype);
    let (datatype, id) = (datatype.clone(), dataset.id);
    let form = Form {
        fields,
        null_strings: true,
    };
    let frame = Frame {
        dims,
        head: match *call.method() == Method::GET {
            true => "\"status\":200,",
            false => "",
        },
        hrefs: &values::hrefs(call, id, "value"),
        no_tokens: call.query.flag("ignore_nan"),
    };
    let bands = Bands::new(reader, dataset, selection, form)?;
    let elements = JsonElements::new(bands, datatype, &frame);
    Ok(Reply::JsonElements(Box::new(elements)))
}

/// Whether the elements of a selection are too many for a document in memory.
///
/// # Errors
/// 413 if they are too many for any, or cannot be read part by part.
fn are_many(
    call: &Call,
    dataset: &Dataset,
    fields: Option<&Fields>,
    selection: &Selection,
) -> Result<bool> {
    let settings = &call.app.settings;
    let datatype = fields.map_or(&*dataset.datatype, |fields| &fields.datatype);
    let count = selection::count(selection).and_then(|n| usize::try_from(n).ok());
    let values = memory::values_in(datatype, count.unwrap_or(usize::MAX), 0);
    if values <= settings.write_json_from {
        return Ok(false);
    }
    // A value has two letters at least, and there is more around them.
    let is_possible = (values as u64).saturating_mul(2) < settings.max_request_size
        && selection::lists(selection) < 2
        && dataset.element != Some(0)
        && datatype.wire_size() != Some(0);
    match is_possible {
        true => Ok(true),
        false => Err(memory::too_many(values)),
    }
}

impl JsonElements {
    /// The elements of these bands, which show them with null strings.
    fn new(bands: Bands, datatype: Datatype, frame: &Frame<'_>) -> Self {
        Self {
            bands,
            datatype,
            lists: Lists::new(frame.dims),
            no_tokens: frame.no_tokens,
            head: Some(format!("{{{}\"value\":", frame.head)),
            tail: Some(format!(",\"hrefs\":{}}}", frame.hrefs)),
        }
    }

    /// Writes elements in wire form.
    fn write(&mut self, elements: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut rest = elements;
        while !rest.is_empty() {
            let (element, after) = rest.split_at(binary::element_len(&self.datatype, rest)?);
            let mut value = json_values::element_to_reply(&self.datatype, element)?;
            if self.no_tokens {
                text::clear_tokens(&mut value);
            }
            self.lists.before_element(out);
            text::append_lenient(&value, out)?;
            rest = after;
        }
        Ok(())
    }

    fn part(&mut self) -> Result<Option<Vec<u8>>> {
        let mut out = self.head.take().unwrap_or_default().into_bytes();
        if let Some(band) = self.bands.next() {
            for piece in band? {
                self.write(&piece?, &mut out)?;
            }
            return Ok(Some(out));
        }
        let Some(tail) = self.tail.take() else {
            return Ok(None);
        };
        self.lists.end(&mut out);
        out.extend_from_slice(tail.as_bytes());
        Ok(Some(out))
    }
}

impl Iterator for JsonElements {
    type Item = Result<Once<Result<Bytes>>>;

    fn next(&mut self) -> Option<Self::Item> {
        let part = self.part().map_err(|error| {
            ApiError::new(
                error.status,
                format!("{}; ask for application/octet-stream instead", error.reason),
            )
        });
        let part = part.transpose()?;
        Some(part.map(|text| once(Ok(text.into()))))
    }
}

impl Lists {
    fn new(dims: &[u64]) -> Self {
        let length = |at: usize| dims[at..].iter().product();
        Self {
            lengths: (0..dims.len()).map(length).collect(),
            at: 0,
        }
    }

    /// Ends lists that are full, and begins others.
    fn before_element(&mut self, out: &mut Vec<u8>) {
        let full = self
            .lengths
            .iter()
            .filter(|length| self.at.is_multiple_of(**length));
        let full = full.count();
        if self.at > 0 {
            out.extend(std::iter::repeat_n(b']', full));
            out.push(b',');
        }
        out.extend(std::iter::repeat_n(b'[', full));
        self.at += 1;
    }

    fn end(&self, out: &mut Vec<u8>) {
        out.extend(std::iter::repeat_n(b']', self.lengths.len()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_in_lists() {
        for (dims, expected) in [
            (&[][..], json!(0)),
            (&[3], json!([0, 1, 2])),
            (&[2, 3], json!([[0, 1, 2], [3, 4, 5]])),
            (&[2, 1, 2], json!([[[0, 1]], [[2, 3]]])),
            (&[1, 1], json!([[0]])),
        ] {
            let (mut lists, mut out) = (Lists::new(dims), Vec::new());
            for number in 0..dims.iter().product::<u64>() {
                lists.before_element(&mut out);
                out.extend_from_slice(number.to_string().as_bytes());
            }
            lists.end(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected.to_string());
        }
    }
}
