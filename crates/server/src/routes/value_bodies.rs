//! What a request for elements asks for: which elements, which members of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use h5rest_protocol::Datatype;
use h5rest_protocol::selection::{self, DimSelection, Selection};
use h5rest_protocol::values::{binary, json as json_values};
use serde_json::Value;

use super::call::Call;
use crate::error::{ApiError, Result};
use crate::values::fields::Fields;
use crate::values::{Dataset, Target};

/// A member of a JSON body, or a parameter of the URL.
#[derive(Clone, Copy)]
pub struct Parameters<'a> {
    /// The request.
    pub call: &'a Call,
    /// Its body, if that is JSON.
    pub body: Option<&'a Value>,
}

impl Parameters<'_> {
    /// The value of this name; the body counts first.
    fn get(&self, name: &str) -> Option<Value> {
        let in_body = self
            .body
            .and_then(|body| body.get(name))
            .filter(|v| !v.is_null());
        in_body
            .cloned()
            .or_else(|| self.call.query.get(name).map(|text| text.into()))
    }

    /// Whether the request names it.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn number(&self, name: &str) -> Result<Option<u64>> {
        let read = |value: Value| {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
            number.ok_or_else(|| ApiError::bad_request(format!("{name} is not a number: {value}")))
        };
        self.get(name).map(read).transpose()
    }

    /// How far to extend which dimension before writing behind its end.
    pub fn append(&self) -> Result<Option<(u64, usize)>> {
        let by = self.number("append")?.filter(|&by| by > 0);
        let at = self.number("append_dim")?.unwrap_or(0);
        Ok(by.map(|by| (by, usize::try_from(at).unwrap_or(usize::MAX))))
    }

    /// Number of elements in the body of a write that repeats them.
    pub fn element_count(&self) -> Result<Option<u64>> {
        self.number("element_count")
    }

    /// The members that are meant, if not all.
    pub fn fields(&self, dataset: &Dataset) -> Result<Option<Fields>> {
        let names: Vec<String> = match self.get("fields") {
            None => return Ok(None),
            Some(Value::String(text)) => text.split(':').map(str::to_owned).collect(),
            Some(list) => super::links::strings(&list, "fields")?,
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Fields::new(&dataset.datatype, &names, dataset.id).map(Some)
    }

    /// Whether any selection is named.
    pub fn selects(&self) -> bool {
        ["select", "start", "stop", "step"]
            .iter()
            .any(|name| self.get(name).is_some())
    }

    /// The selection: `select`, or `start`, `stop` and `step`, or everything.
    pub fn selection(&self, dataset: &Dataset) -> Result<Selection> {
        let dims = dataset.dims();
        if let Some(select) = self.get("select") {
            return Ok(selection::from_json(&select, dims)?);
        }
        let bounds = ["start", "stop", "step"].map(|name| self.get(name));
        if bounds.iter().all(Option::is_none) {
            return Ok(selection::all(dims));
        }
        let [start, stop, step] = bounds;
        let bad = |what: &str| ApiError::bad_request(format!("Invalid selection: {what}"));
        let per_dim = |sent: Option<Value>, default: &dyn Fn(usize) -> u64| -> Result<Vec<u64>> {
            match sent {
                None => Ok((0..dims.len()).map(default).collect()),
                Some(Value::Array(items)) if items.len() == dims.len() => {
                    let numbers: Option<Vec<u64>> = items.iter().map(Value::as_u64).collect();
                    numbers.ok_or_else(|| bad("bounds are numbers"))
                }
                Some(single) if dims.len() == 1 => match single.as_u64() {
                    Some(number) => Ok(vec![number]),
                    None => Err(bad("bounds are numbers")),
                },
                Some(_) => Err(bad("one bound per dimension")),
            }
        };
        let start = per_dim(start, &|_| 0)?;
        let stop = per_dim(stop, &|at| dims[at])?;
        let step = per_dim(step, &|_| 1)?;
        let ranges = (0..dims.len()).map(|at| {
            let (start, stop, step) = (start[at], stop[at], step[at]);
            if step == 0 || start >= stop || stop > dims[at] {
                return Err(bad("bounds outside of the extent"));
            }
            Ok(DimSelection::Range { start, stop, step })
        });
        ranges.collect()
    }

    /// The points, one coordinate after the other, if the request names any.
    pub fn points(&self, rank: usize) -> Result<Option<Vec<u64>>> {
        let Some(sent) = self.body.and_then(|body| body.get("points")) else {
            return Ok(None);
        };
        let bad = || ApiError::bad_request("points are lists of coordinates");
        let mut coordinates = Vec::new();
        for point in sent.as_array().ok_or_else(bad)? {
            match point {
                Value::Array(items) if items.len() == rank => {
                    let numbers = items.iter().map(Value::as_u64).collect::<Option<Vec<_>>>();
                    coordinates.extend(numbers.ok_or_else(bad)?);
                }
                single if rank == 1 => coordinates.push(single.as_u64().ok_or_else(bad)?),
                _ => return Err(bad()),
            }
        }
        Ok(Some(coordinates))
    }

    /// The elements of a write in wire form: from a JSON body's `value` or `value_base64`, or the
    /// body itself.
    pub fn elements(&self, datatype: &Datatype, target: &Target) -> Result<Bytes> {
        let repeated = self
            .element_count()?
            .filter(|&count| count != target.count as u64);
        let bytes = match self.body {
            None => self.call.body.clone(),
            Some(body) => match (body.get("value"), body.get("value_base64")) {
                (Some(value), _) => {
                    let dims = match repeated {
                        None => target.dims.clone(),
                        Some(count) => vec![count],
                    };
                    let most = self.call.app.settings.max_request_size;
                    json_values::array_from_json_within(datatype, &dims, value, most)?.into()
                }
                (None, Some(text)) => {
                    let decoded = text.as_str().and_then(|text| BASE64.decode(text).ok());
                    let bad = || ApiError::bad_request("value_base64 is not a base64 string");
                    decoded.ok_or_else(bad)?.into()
                }
                (None, None) => return Err(ApiError::bad_request("no value given")),
            },
        };
        match repeated {
            None => {
                binary_check(datatype, &bytes, target.count)?;
                Ok(bytes)
            }
            Some(count) => {
                let most = self.call.app.settings.max_request_size.min(MOST_REPEATED);
                let times = times(datatype, target, &bytes, count, most)?;
                // Whoever holds a dataset must not wait: a batch, which is bounded by the chunks that it
                // changes, and what extends one.
                if self.call.batch().is_none() && !self.has("append") {
                    let total = times.saturating_mul(bytes.len());
                    self.call.will_show(total.div_ceil(REPEATED_VALUE))?;
                }
                Ok(bytes.repeat(times).into())
            }
        }
    }
}

/// Elements of variable size are looked through before anything is stored; the length of others
/// is checked by the write.
fn binary_check(datatype: &Datatype, bytes: &Bytes, count: usize) -> Result<()> {
    match datatype.wire_size() {
        Some(size) if size.checked_mul(count) != Some(bytes.len()) => Err(ApiError::bad_request(
            format!("{} bytes for {count} elements of {size} bytes", bytes.len()),
        )),
        _ => Ok(()),
    }
}

/// Bytes of elements that a repeated value becomes: a short body may stand for as many as fill the memory.
const MOST_REPEATED: u64 = 256 << 20;
/// So many of them take the place of a value of a document, of which all requests together have a bounded
/// number.
const REPEATED_VALUE: usize = 32;

/// How often elements are repeated: one for all places, or as many as the last dimensions have for each of
/// the others.
fn times(
    datatype: &Datatype,
    target: &Target,
    bytes: &Bytes,
    count: u64,
    most: u64,
) -> Result<usize> {
    let fits = count == 1 || {
        let mut rows = 1u64;
        target.dims.iter().rev().any(|&n| {
            rows = rows.saturating_mul(n);
            rows == count
        })
    };
    let number = usize::try_from(count).unwrap_or(usize::MAX);
    if !fits || number == 0 || !target.count.is_multiple_of(number) {
        let reason = format!("{count} elements cannot be repeated over {:?}", target.dims);
        return Err(ApiError::bad_request(reason));
    }
    binary::split(datatype, bytes, number)?;
    let times = target.count / number;
    let total = times.saturating_mul(bytes.len());
    if total as u64 > most {
        return Err(ApiError::too_large(format!(
            "the value repeated {times} times would take {total} bytes, more than the {most} of one \
             request: write fewer elements at a time"
        )));
    }
    Ok(times)
}
