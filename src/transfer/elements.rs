//! Elements between the wire and the form in which HDF5 converts them (see `types`).
//!
//! Called by `read`, `write` and `attribute` for types with variable parts or references; all
//! others look the same in both forms.

use std::collections::HashSet;

use h5rest_protocol::ObjectId;
use h5rest_protocol::datatype::{Datatype, OBJECT_REFERENCE_SIZE, ReferenceType, StringLength};
use h5rest_protocol::values::binary::{NULL_STRING, write_blob};

use super::types::memory_size;
use super::user_buffer::{Elements, Heap};
use crate::connector::{Error, ErrorKind, Object, Result};

/// Staged elements made of `count` wire elements; all of `wire` must be used up.
pub fn decode(datatype: &Datatype, wire: &[u8], count: usize, heap: &mut Heap) -> Result<Vec<u8>> {
    let size = memory_size(datatype)?;
    let capacity = count.checked_mul(size).ok_or_else(short)?;
    let mut staged = Vec::new();
    staged.try_reserve_exact(capacity).map_err(|_| {
        Error::new(
            ErrorKind::Invalid,
            format!("no memory for {capacity} bytes of data"),
        )
    })?;
    let mut rest = wire;
    for _ in 0..count {
        decode_one(datatype, &mut rest, &mut staged, heap)?;
    }
    if rest.is_empty() {
        Ok(staged)
    } else {
        Err(Error::new(
            ErrorKind::Protocol,
            format!(
                "the server sent {} bytes more than {count} elements",
                rest.len()
            ),
        ))
    }
}

fn short() -> Error {
    Error::new(
        ErrorKind::Protocol,
        "the server sent fewer bytes than were asked for",
    )
}

fn take<'a>(wire: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, rest) = wire.split_at_checked(count).ok_or_else(short)?;
    *wire = rest;
    Ok(taken)
}

/// Variable parts come behind their length in bytes, 32 bits little-endian.
fn take_variable<'a>(wire: &mut &'a [u8]) -> Result<&'a [u8]> {
    let mut length = [0u8; 4];
    length.copy_from_slice(take(wire, 4)?);
    take(wire, u32::from_le_bytes(length) as usize)
}

fn decode_one(
    datatype: &Datatype,
    wire: &mut &[u8],
    staged: &mut Vec<u8>,
    heap: &mut Heap,
) -> Result<()> {
    match datatype {
        Datatype::String(string) if string.length == StringLength::Variable => {
            if wire.starts_with(&NULL_STRING) {
                take(wire, NULL_STRING.len())?;
                staged.extend_from_slice(&[0; size_of::<usize>()]);
            } else {
                staged.extend_from_slice(&heap.string(take_variable(wire)?)?);
            }
        }
        Datatype::Vlen(base) => {
            let mut items = take_variable(wire)?;
            let (mut elements, mut count) = (Vec::new(), 0);
            while !items.is_empty() {
                let before = items.len();
                decode_one(base, &mut items, &mut elements, heap)?;
                count += 1;
                if items.len() == before {
                    return Err(short());
                }
            }
            staged.extend_from_slice(&heap.sequence(count, &elements)?);
        }
        Datatype::Compound(compound) => {
            for member in &compound.members {
                decode_one(&member.datatype, wire, staged, heap)?;
            }
        }
        Datatype::Array { base, dims } => {
            for _ in 0..dims.iter().product::<u64>() {
                decode_one(base, wire, staged, heap)?;
            }
        }
        Datatype::Reference(ReferenceType::Object) => {
            staged.extend_from_slice(&token_of(take(wire, OBJECT_REFERENCE_SIZE)?)?);
        }
        Datatype::Reference(_) => {
            return Err(Error::unsupported("region and attribute references"));
        }
        fixed => {
            let size = fixed.wire_size().ok_or_else(short)?;
            let wanted = memory_size(fixed)?;
            staged.extend_from_slice(take(wire, size)?);
            staged.resize(staged.len() + wanted.saturating_sub(size), 0);
        }
    }
    Ok(())
}

/// An object reference in memory is the object's token, which is the object half of its id. On the
/// wire it is the id as text, perhaps behind its collection's name; empty means null.
fn token_of(text: &[u8]) -> Result<[u8; 8]> {
    let end = text.iter().position(|&b| b == 0).unwrap_or(text.len());
    let text = String::from_utf8_lossy(&text[..end]);
    let id = text.rsplit('/').next().unwrap_or_default();
    if id.is_empty() {
        return Ok([0; 8]);
    }
    let id: ObjectId = id.parse().map_err(|error| {
        Error::new(ErrorKind::Protocol, format!("an object reference: {error}"))
    })?;
    Ok(id.object.to_le_bytes())
}

/// Wire elements made of staged ones. `object` is the dataset (or what holds the attribute), in
/// whose file references are looked up.
pub fn encode(datatype: &Datatype, staged: Elements<'_>, object: &Object) -> Result<Vec<u8>> {
    let size = memory_size(datatype)?;
    let mut wire = Vec::with_capacity(staged.bytes().len());
    for start in (0..staged.bytes().len()).step_by(size.max(1)) {
        encode_one(datatype, staged.part(start, size), object, &mut wire)?;
    }
    Ok(wire)
}

fn encode_one(
    datatype: &Datatype,
    staged: Elements<'_>,
    object: &Object,
    wire: &mut Vec<u8>,
) -> Result<()> {
    match datatype {
        Datatype::String(string) if string.length == StringLength::Variable => {
            match staged.string_address() {
                0 => wire.extend_from_slice(&NULL_STRING),
                _ => write_blob(staged.string(), wire)?,
            }
        }
        Datatype::Vlen(base) => {
            let (items, _) = staged.sequence(memory_size(base)?)?;
            let items = encode(base, items, object)?;
            write_blob(&items, wire)?;
        }
        Datatype::Compound(compound) => {
            for member in &compound.members {
                let part = staged.part(member.offset as usize, memory_size(&member.datatype)?);
                encode_one(&member.datatype, part, object, wire)?;
            }
        }
        Datatype::Array { base, .. } => {
            let items = encode(base, staged, object)?;
            wire.extend_from_slice(&items);
        }
        Datatype::Reference(ReferenceType::Object) => {
            wire.extend_from_slice(&reference_to(staged.bytes(), object)?);
        }
        Datatype::Reference(_) => {
            return Err(Error::unsupported("region and attribute references"));
        }
        fixed => {
            let size = fixed.wire_size().unwrap_or(0);
            wire.extend_from_slice(staged.bytes().get(..size).ok_or_else(short)?);
        }
    }
    Ok(())
}

fn reference_to(token: &[u8], object: &Object) -> Result<[u8; OBJECT_REFERENCE_SIZE]> {
    let mut text = [0u8; OBJECT_REFERENCE_SIZE];
    let mut half = [0u8; 8];
    half.copy_from_slice(token.get(..8).ok_or_else(short)?);
    let token = u64::from_le_bytes(half);
    if token != 0 {
        let id = object.open_token(token)?.id();
        let name = format!("{}/{id}", id.class.collection());
        text.get_mut(..name.len())
            .ok_or_else(short)?
            .copy_from_slice(name.as_bytes());
    }
    Ok(text)
}

/// The same elements with all data they point to stored anew in another heap, inner data first:
/// some programs' allocators move what they gave out before.
pub fn move_to(datatype: &Datatype, elements: Elements<'_>, heap: &mut Heap) -> Result<Vec<u8>> {
    let size = memory_size(datatype)?.max(1);
    let mut moved = elements.bytes().to_vec();
    if !datatype.is_variable() {
        return Ok(moved);
    }
    for start in (0..moved.len()).step_by(size) {
        let element = elements.part(start, size);
        let copy = match datatype {
            Datatype::String(_) if element.string_address() != 0 => {
                heap.string(element.string())?.to_vec()
            }
            Datatype::Vlen(base) => {
                let (items, count) = element.sequence(memory_size(base)?)?;
                let items = move_to(base, items, heap)?;
                heap.sequence(count, &items)?.to_vec()
            }
            Datatype::Array { base, .. } => move_to(base, element, heap)?,
            Datatype::Compound(compound) => {
                let mut copy = element.bytes().to_vec();
                for member in &compound.members {
                    let (at, size) = (member.offset as usize, memory_size(&member.datatype)?);
                    let part = move_to(&member.datatype, element.part(at, size), heap)?;
                    copy[at..at + size].copy_from_slice(&part);
                }
                copy
            }
            _ => continue,
        };
        moved[start..start + size].copy_from_slice(&copy);
    }
    Ok(moved)
}

/// Addresses of all data that elements of the type point to, at every depth.
pub fn addresses(datatype: &Datatype, elements: Elements<'_>) -> Result<HashSet<usize>> {
    let mut found = HashSet::new();
    collect(datatype, elements, &mut found)?;
    Ok(found)
}

fn collect(datatype: &Datatype, all: Elements<'_>, found: &mut HashSet<usize>) -> Result<()> {
    if !datatype.is_variable() {
        return Ok(());
    }
    let size = memory_size(datatype)?.max(1);
    for start in (0..all.bytes().len()).step_by(size) {
        let element = all.part(start, size);
        match datatype {
            Datatype::String(_) => {
                found.insert(element.string_address());
            }
            Datatype::Vlen(base) => {
                let (items, count) = element.sequence(memory_size(base)?)?;
                if count > 0 {
                    found.insert(element.sequence_address());
                    collect(base, items, found)?;
                }
            }
            Datatype::Array { base, .. } => collect(base, element, found)?,
            Datatype::Compound(compound) => {
                for member in &compound.members {
                    let size = memory_size(&member.datatype)?;
                    collect(
                        &member.datatype,
                        element.part(member.offset as usize, size),
                        found,
                    )?;
                }
            }
            _ => {}
        }
    }
    found.remove(&0);
    Ok(())
}
