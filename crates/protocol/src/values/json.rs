//! Elements between their JSON form and their wire bytes.
//!
//! Writing is exact. Reading is liberal where HSDS stores what it was sent: lists nested
//! differently, a bare element for an array of one, `null`, numbers as strings, booleans for
//! integers. Numbers that do not fit are errors.

mod output;

use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use self::output::Output;
use super::binary::{self, blob};
use super::reference::{Part, Reference, RegionReference};
use super::{number, text};
use crate::datatype::{
    BitLayout, CompoundType, Datatype, EnumType, FloatType, OBJECT_REFERENCE_SIZE, ReferenceType,
    StringLength, product,
};
use crate::error::{ProtocolError, Result};
use crate::region::{Region, Selected};

/// How elements are put into a [`Value`].
struct Manner {
    /// What numbers that are not finite become.
    non_finite: fn(f64) -> Value,
    /// Coordinates of regions that there is still room for.
    coordinates: Cell<usize>,
}

/// Coordinates of all regions in one [`Value`] at most. A region of a few bytes may have that many, and one
/// value many such regions.
const MOST_COORDINATES: usize = 4 << 20;

impl Manner {
    fn new(non_finite: fn(f64) -> Value) -> Self {
        Self {
            non_finite,
            coordinates: Cell::new(MOST_COORDINATES),
        }
    }

    /// Takes note of a region that is shown.
    fn count(&self, region: &Region) -> Result<()> {
        let found = match &region.selected {
            Selected::Points(numbers) | Selected::Blocks(numbers) => numbers.len(),
            _ => 0,
        };
        let left = self.coordinates.get().checked_sub(found).ok_or_else(|| {
            invalid(format!(
                "regions of more than {MOST_COORDINATES} coordinates in all have no JSON form: read the bytes"
            ))
        })?;
        self.coordinates.set(left);
        Ok(())
    }
}

fn as_name(number: f64) -> Value {
    json!(text::name(number))
}

/// JSON of one element given in wire form; floats that are not finite become the strings `NaN`,
/// `Infinity` and `-Infinity`.
pub fn element_to_json(datatype: &Datatype, bytes: &[u8]) -> Result<Value> {
    to_json(datatype, bytes, &Manner::new(as_name))
}

/// JSON of an array in wire form: nested lists; `dims` empty means one element.
pub fn array_to_json(datatype: &Datatype, dims: &[u64], bytes: &[u8]) -> Result<Value> {
    nested(datatype, dims, bytes, &Manner::new(as_name))
}

/// Like [`array_to_json`], for [`text::write_lenient`]: floats that are not finite become bare
/// tokens there.
pub fn array_to_reply(datatype: &Datatype, dims: &[u64], bytes: &[u8]) -> Result<Value> {
    nested(datatype, dims, bytes, &Manner::new(text::token))
}

/// Like [`element_to_json`], for [`text::append_lenient`]: floats that are not finite become bare tokens there.
pub fn element_to_reply(datatype: &Datatype, bytes: &[u8]) -> Result<Value> {
    to_json(datatype, bytes, &Manner::new(text::token))
}

/// Wire form of one element given in JSON: 512 MiB at most.
pub fn element_from_json(datatype: &Datatype, value: &Value) -> Result<Vec<u8>> {
    let mut out = Output::new();
    from_json(datatype, value, &mut out)?;
    Ok(out.into_bytes())
}

/// Wire form of an array given in JSON; `dims` empty means one element. 512 MiB at most: `null`, and texts
/// shorter than their strings, could stand for any number of bytes.
pub fn array_from_json(datatype: &Datatype, dims: &[u64], value: &Value) -> Result<Vec<u8>> {
    let mut out = Output::new();
    put_array(datatype, dims, value, true, &mut out)?;
    Ok(out.into_bytes())
}

/// Like [`array_from_json`], with another bound.
pub fn array_from_json_within(
    datatype: &Datatype,
    dims: &[u64],
    value: &Value,
    most: u64,
) -> Result<Vec<u8>> {
    let mut out = Output::within(usize::try_from(most).unwrap_or(usize::MAX));
    put_array(datatype, dims, value, true, &mut out)?;
    Ok(out.into_bytes())
}

/// The same for an array that may be part of an element. There, what is a list itself nests as declared:
/// to try every nesting of every part takes without end.
fn put_array(
    datatype: &Datatype,
    dims: &[u64],
    value: &Value,
    is_whole: bool,
    out: &mut Output,
) -> Result<()> {
    // Items of array types nest like further dimensions.
    if let Datatype::Array { base, dims: inner } = datatype {
        return put_array(base, &[dims, inner].concat(), value, is_whole, out);
    }
    // There is one way to read an element that is no list.
    if dims.is_empty() && !value.is_array() {
        return from_json(datatype, value, out);
    }
    let count = product(dims).and_then(|n| usize::try_from(n).ok());
    let count = count.ok_or_else(|| invalid("too many elements"))?;
    out.check(count, binary::least_size(datatype))?;
    // Lists of lists are ambiguous when elements are lists too: the declared nesting is tried
    // first, then any other that gives the right number of readable elements.
    let rank = dims.len();
    let others = match is_whole || !matches!(datatype, Datatype::Compound(_) | Datatype::Vlen(_)) {
        true => 0..list_depth(value) + 1,
        false => 0..0,
    };
    let (mut problem, start) = (None, out.mark());
    for depth in std::iter::once(rank).chain(others.filter(|&depth| depth != rank)) {
        match put_elements_at(datatype, value, depth, count, out) {
            Ok(()) => return Ok(()),
            Err(error) if out.is_full() => return Err(error),
            Err(error) => problem = problem.or(Some(error)),
        }
        out.go_back(&start);
    }
    Err(problem.unwrap_or_else(|| invalid("unreadable")))
}

/// How deep lists nest, as far as their first items show.
fn list_depth(mut value: &Value) -> usize {
    let mut depth = 0;
    while let Value::Array(items) = value {
        depth += 1;
        match items.first() {
            Some(first) => value = first,
            None => break,
        }
    }
    depth
}

fn put_elements_at(
    datatype: &Datatype,
    value: &Value,
    depth: usize,
    count: usize,
    out: &mut Output,
) -> Result<()> {
    let mut found = Vec::new();
    flatten(value, depth, &mut found);
    if found.len() != count {
        return Err(invalid(format!(
            "{} elements where {count} belong",
            found.len()
        )));
    }
    let mut found = found.into_iter();
    found.try_for_each(|element| from_json(datatype, element, out))
}

/// What is found `depth` lists deep, or earlier where there is no list.
fn flatten<'a>(value: &'a Value, depth: usize, out: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) if depth > 0 => {
            for item in items {
                flatten(item, depth - 1, out);
            }
        }
        element => out.push(element),
    }
}

fn invalid(what: impl Into<String>) -> ProtocolError {
    ProtocolError::InvalidValue(what.into())
}

// ---- wire -> JSON -------------------------------------------------------------------------

fn nested(datatype: &Datatype, dims: &[u64], bytes: &[u8], manner: &Manner) -> Result<Value> {
    let count = product(dims).and_then(|n| usize::try_from(n).ok());
    let count = count.ok_or_else(|| invalid("too many elements"))?;
    let elements = binary::split(datatype, bytes, count)?
        .into_iter()
        .map(|range| to_json(datatype, &bytes[range], manner))
        .collect::<Result<Vec<Value>>>()?;
    match (dims.is_empty(), datatype) {
        // HSDS shows one sequence as a list of one.
        (true, Datatype::Vlen(_)) => Ok(Value::Array(elements)),
        (true, _) => Ok(elements.into_iter().next().unwrap_or(Value::Null)),
        (false, _) => Ok(nest(dims, &mut elements.into_iter())),
    }
}

/// Lists of lists, as deep as there are extents.
fn nest(dims: &[u64], elements: &mut impl Iterator<Item = Value>) -> Value {
    match dims {
        [] => elements.next().unwrap_or(Value::Null),
        [last] => elements.take(*last as usize).collect(),
        [first, inner @ ..] => (0..*first).map(|_| nest(inner, elements)).collect(),
    }
}

fn to_json(datatype: &Datatype, bytes: &[u8], manner: &Manner) -> Result<Value> {
    if binary::element_len(datatype, bytes)? != bytes.len() {
        return Err(invalid("more bytes than one element has"));
    }
    match datatype {
        Datatype::Integer(i) => Ok(integer_to_json(bytes, &i.bits, i.signed)),
        Datatype::Time(bits) | Datatype::Bitfield(bits) => Ok(integer_to_json(bytes, bits, false)),
        Datatype::Float(f) => Ok(float_to_json(bytes, f, manner)),
        Datatype::Complex(f) => {
            let (re, im) = bytes.split_at(bytes.len() / 2);
            Ok(json!([
                float_to_json(re, f, manner),
                float_to_json(im, f, manner)
            ]))
        }
        Datatype::Enum(e) => Ok(enum_to_json(bytes, e)),
        Datatype::Opaque { .. } => Ok(encoded(bytes)),
        Datatype::String(s) => match s.length {
            StringLength::Fixed(_) => string_to_json(trim_nul(bytes)),
            StringLength::Variable => match binary::string(bytes)? {
                Some(characters) => string_to_json(characters),
                None => Ok(Value::Null),
            },
        },
        Datatype::Reference(ReferenceType::Object) => string_to_json(trim_nul(bytes)),
        Datatype::Reference(ReferenceType::Region) => {
            let Some(reference) = RegionReference::from_blob(blob(bytes)?)? else {
                return Ok(Value::Null);
            };
            manner.count(&reference.region)?;
            Ok(reference.to_json())
        }
        Datatype::Reference(ReferenceType::Any) => {
            let Some(reference) = Reference::from_blob(blob(bytes)?)? else {
                return Ok(Value::Null);
            };
            if let Part::Region(region) = &reference.part {
                manner.count(region)?;
            }
            Ok(reference.to_json())
        }
        Datatype::Vlen(base) => {
            let content = blob(bytes)?;
            let items = binary::sequence_items(base, content)?;
            items
                .into_iter()
                .map(|range| to_json(base, &content[range], manner))
                .collect()
        }
        Datatype::Array { base, dims } => nested(base, dims, bytes, manner),
        Datatype::Compound(compound) => compound_to_json(bytes, compound, manner),
    }
}

fn compound_to_json(bytes: &[u8], compound: &CompoundType, manner: &Manner) -> Result<Value> {
    let mut rest = bytes;
    let mut values = Vec::with_capacity(compound.members.len());
    for member in &compound.members {
        let (element, after) = rest.split_at(binary::element_len(&member.datatype, rest)?);
        values.push(to_json(&member.datatype, element, manner)?);
        rest = after;
    }
    Ok(Value::Array(values))
}

fn encoded(bytes: &[u8]) -> Value {
    json!(BASE64.encode(bytes))
}

/// A JSON number if that tells every bit, else base64 of the element.
fn integer_to_json(bytes: &[u8], bits: &BitLayout, signed: bool) -> Value {
    let value = if signed {
        number::signed(bytes, bits)
    } else {
        number::unsigned(bytes, bits).and_then(|v| i128::try_from(v).ok())
    };
    let exact = |v: &i128| {
        bits.is_whole() || number::element(*v as u128, bits).is_some_and(|again| again == bytes)
    };
    match value.filter(exact) {
        Some(v) => match (i64::try_from(v), u64::try_from(v)) {
            (Ok(v), _) => json!(v),
            (_, Ok(v)) => json!(v),
            _ => encoded(bytes),
        },
        None => encoded(bytes),
    }
}

fn float_to_json(bytes: &[u8], layout: &FloatType, manner: &Manner) -> Value {
    match number::float(bytes, layout) {
        Some(value) if value.is_finite() => json!(value),
        Some(value) => (manner.non_finite)(value),
        None => encoded(bytes),
    }
}

/// Whether HSDS shows this enum's values as `false` and `true`: h5py's boolean.
fn is_boolean(ty: &EnumType) -> bool {
    let named = |name: &str, value| ty.members.iter().any(|m| m.0 == name && m.1 == value);
    ty.base.bits.size == 1
        && ty.base.signed
        && ty.members.len() == 2
        && named("FALSE", 0)
        && named("TRUE", 1)
}

fn enum_to_json(bytes: &[u8], ty: &EnumType) -> Value {
    let value = integer_to_json(bytes, &ty.base.bits, ty.base.signed);
    match value.as_i64() {
        Some(v @ (0 | 1)) if is_boolean(ty) => json!(v == 1),
        _ => value,
    }
}

fn trim_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|&b| b != 0)
        .map_or(0, |last| last + 1);
    &bytes[..end]
}

fn string_to_json(bytes: &[u8]) -> Result<Value> {
    let text = std::str::from_utf8(bytes);
    text.map(|t| json!(t))
        .map_err(|_| invalid("a string that is not UTF-8 has no JSON form"))
}

// ---- JSON -> wire -------------------------------------------------------------------------

fn from_json(datatype: &Datatype, value: &Value, out: &mut Output) -> Result<()> {
    if value.is_null() {
        let size = binary::least_size(datatype);
        return out.put_padding(size, || binary::zero_element(datatype));
    }
    match datatype {
        Datatype::Integer(i) => integer_from_json(value, &i.bits, i.signed, out),
        Datatype::Time(bits) | Datatype::Bitfield(bits) => {
            integer_from_json(value, bits, false, out)
        }
        Datatype::Float(f) => float_from_json(value, f, out),
        Datatype::Complex(f) => match value.as_array().map(Vec::as_slice) {
            Some([re, im]) => {
                float_from_json(re, f, out)?;
                float_from_json(im, f, out)
            }
            _ => Err(mismatch(value, "[real, imaginary]")),
        },
        Datatype::Enum(e) => enum_from_json(value, e, out),
        Datatype::Opaque { size, .. } => opaque_from_json(value, *size as usize, out),
        Datatype::String(s) => string_from_json(value, s.length, out),
        Datatype::Reference(ReferenceType::Object) => reference_from_json(value, out),
        Datatype::Reference(_) if is_zero(value) => out.put_blob(&[]),
        Datatype::Reference(ReferenceType::Region) => {
            let reference = RegionReference::from_json(value)?;
            out.put_reference(&reference.map_or(Vec::new(), |r| r.to_blob()))
        }
        Datatype::Reference(ReferenceType::Any) => {
            let reference = Reference::from_json(value)?;
            out.put_reference(&reference.map_or(Vec::new(), |r| r.to_blob()))
        }
        Datatype::Vlen(base) => sequence_from_json(value, base, out),
        Datatype::Array { dims, .. } => {
            let nested = put_array(datatype, &[], value, false, out);
            nested.map_err(|e| invalid(format!("array of {dims:?}: {e}")))
        }
        Datatype::Compound(compound) => compound_from_json(value, compound, out),
    }
}

fn mismatch(value: &Value, expected: &str) -> ProtocolError {
    let mut text = value.to_string();
    if text.len() > 60 {
        text = text.chars().take(60).chain("...".chars()).collect();
    }
    invalid(format!("{text} where {expected} belongs"))
}

/// HSDS shows an empty or unwritten sequence or string as the number 0.
fn is_zero(value: &Value) -> bool {
    value.as_u64() == Some(0)
}

fn decoded(text: &str) -> Result<Vec<u8>> {
    BASE64
        .decode(text)
        .map_err(|e| invalid(format!("not base64: {e}")))
}

fn integer_from_json(
    value: &Value,
    bits: &BitLayout,
    signed: bool,
    out: &mut Output,
) -> Result<()> {
    let plain = bits.is_whole() && matches!(bits.size, 1 | 2 | 4 | 8);
    if let (Some(text), false) = (value.as_str(), plain) {
        let bytes = decoded(text)?;
        return exactly(bytes, bits.size as usize, out);
    }
    let wide = integer_of(value).ok_or_else(|| mismatch(value, "an integer"))?;
    if !number::fits(wide, bits, signed) {
        let sign = if signed { "a signed" } else { "an unsigned" };
        let what = format!("{sign} integer of {} bits", bits.precision);
        return Err(mismatch(value, &what));
    }
    let element = number::element(wide as u128, bits);
    out.put(&element.ok_or_else(|| mismatch(value, "a base64 string"))?)
}

/// Floats count as what is before their point, as in HSDS.
fn integer_of(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(b) => Some(i128::from(*b)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(n) => {
            let exact = n
                .as_i64()
                .map(i128::from)
                .or_else(|| n.as_u64().map(i128::from));
            exact.or_else(|| n.as_f64().map(|f| f as i128))
        }
        _ => None,
    }
}

fn float_from_json(value: &Value, layout: &FloatType, out: &mut Output) -> Result<()> {
    let size = layout.bits.size;
    if !(layout.is_ieee() && matches!(size, 2 | 4 | 8)) {
        let text = value
            .as_str()
            .ok_or_else(|| mismatch(value, "a base64 string"))?;
        return exactly(decoded(text)?, size as usize, out);
    }
    let wide = match value {
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(n) => n.as_f64(),
        _ => None,
    };
    let wide = wide.ok_or_else(|| mismatch(value, "a number"))?;
    let element = number::float_element(wide, layout);
    let element = element.ok_or_else(|| mismatch(value, "a base64 string"))?;
    // Rounding is fine, turning a number into infinity is not.
    let overflow =
        wide.is_finite() && number::float(&element, layout).is_some_and(f64::is_infinite);
    if overflow {
        return Err(mismatch(value, &format!("a float of {size} bytes")));
    }
    out.put(&element)
}

fn enum_from_json(value: &Value, ty: &EnumType, out: &mut Output) -> Result<()> {
    let named = value
        .as_str()
        .and_then(|name| ty.members.iter().find(|m| m.0 == name));
    if let Some((_, number)) = named {
        let element = number::element(*number as u128, &ty.base.bits);
        return out.put(&element.ok_or_else(|| mismatch(value, "an integer"))?);
    }
    integer_from_json(value, &ty.base.bits, ty.base.signed, out)
}

fn opaque_from_json(value: &Value, size: usize, out: &mut Output) -> Result<()> {
    match value.as_str() {
        Some("") => out.put_padded(&[], size),
        Some(text) => exactly(decoded(text)?, size, out),
        None => Err(mismatch(value, "a base64 string")),
    }
}

fn exactly(bytes: Vec<u8>, size: usize, out: &mut Output) -> Result<()> {
    if bytes.len() != size {
        return Err(invalid(format!(
            "{} bytes where {size} belong",
            bytes.len()
        )));
    }
    out.put(&bytes)
}

fn string_from_json(value: &Value, length: StringLength, out: &mut Output) -> Result<()> {
    let text = match value.as_str() {
        Some(text) => text,
        None if is_zero(value) => "",
        None => return Err(mismatch(value, "a string")),
    };
    match length {
        StringLength::Variable => out.put_blob(text.as_bytes()),
        StringLength::Fixed(size) => {
            // Longer strings are cut, as in HSDS, but never inside a character.
            let size = size as usize;
            let end = (0..=size.min(text.len()))
                .rev()
                .find(|&at| text.is_char_boundary(at));
            let kept = &text.as_bytes()[..end.unwrap_or(0)];
            let padded = out.put_padded(kept, size);
            padded.map_err(|e| {
                let length = text.len();
                invalid(format!(
                    "a text of {length} bytes for a string of {size}: {e}"
                ))
            })
        }
    }
}

fn reference_from_json(value: &Value, out: &mut Output) -> Result<()> {
    let text = match value.as_str() {
        Some(text) => text,
        None if is_zero(value) => "",
        None => return Err(mismatch(value, "an object reference")),
    };
    match text.len() <= OBJECT_REFERENCE_SIZE {
        true => out.put_padded(text.as_bytes(), OBJECT_REFERENCE_SIZE),
        false => Err(mismatch(value, "an object reference")),
    }
}

fn sequence_from_json(value: &Value, base: &Datatype, out: &mut Output) -> Result<()> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        _ if is_zero(value) => &[],
        _ => return Err(mismatch(value, "a list")),
    };
    out.check(items.len(), binary::least_size(base))?;
    out.put_nested(|content| {
        let mut items = items.iter();
        items.try_for_each(|item| from_json(base, item, content))
    })
}

fn compound_from_json(value: &Value, compound: &CompoundType, out: &mut Output) -> Result<()> {
    let members = &compound.members;
    match value {
        Value::Array(items) if items.len() == members.len() => {
            for (member, item) in members.iter().zip(items) {
                from_json(&member.datatype, item, out)
                    .map_err(|e| invalid(format!("member '{}': {e}", member.name)))?;
            }
            Ok(())
        }
        _ => Err(mismatch(
            value,
            &format!("a list of {} members", members.len()),
        )),
    }
}

#[cfg(test)]
mod tests;
