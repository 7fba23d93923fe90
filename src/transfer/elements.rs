//! Elements between the wire and the form in which HDF5 converts them (see `types`).
//!
//! Called by `read`, `write` and `attribute` for types with variable parts or references; all
//! others look the same in both forms.

use std::collections::HashSet;

use h5rest_protocol::datatype::{Datatype, OBJECT_REFERENCE_SIZE, ReferenceType, StringLength};
use h5rest_protocol::values::binary::{NULL_STRING, write_blob};

use super::references::Translator;
use super::types::{holds_pointers, holds_references, memory_size};
use super::user_buffer::{Elements, Heap};
use crate::connector::{Error, ErrorKind, Object, Result};
use crate::host::reference::Memory;

/// The type that the wire carries and the one of staged elements: the same but for their kinds of
/// reference.
pub type Types<'a> = (&'a Datatype, &'a Datatype);

/// Staged elements made of `count` wire elements; all of `wire` must be used up.
pub fn decode(
    types: Types<'_>,
    wire: &[u8],
    count: usize,
    heap: &mut Heap,
    references: &Translator,
) -> Result<Vec<u8>> {
    let size = memory_size(types.1)?;
    let capacity = count.checked_mul(size).ok_or_else(short)?;
    let mut staged = Vec::new();
    staged.try_reserve_exact(capacity).map_err(|_| {
        Error::new(
            ErrorKind::Invalid,
            format!("no memory for {capacity} bytes of data"),
        )
    })?;
    let mut rest = wire;
    let mut decoder = Decoder { heap, references };
    for _ in 0..count {
        decoder.one(types, &mut rest, &mut staged)?;
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

fn other_structure() -> Error {
    Error::new(
        ErrorKind::Protocol,
        "the types of wire and memory differ: please report this",
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

struct Decoder<'a> {
    heap: &'a mut Heap,
    references: &'a Translator,
}

impl Decoder<'_> {
    fn one(&mut self, types: Types<'_>, wire: &mut &[u8], staged: &mut Vec<u8>) -> Result<()> {
        match types {
            (Datatype::String(string), _) if string.length == StringLength::Variable => {
                if wire.starts_with(&NULL_STRING) {
                    take(wire, NULL_STRING.len())?;
                    staged.extend_from_slice(&[0; size_of::<usize>()]);
                } else {
                    staged.extend_from_slice(&self.heap.string(take_variable(wire)?)?);
                }
            }
            (Datatype::Vlen(told), Datatype::Vlen(base)) => {
                let mut items = take_variable(wire)?;
                let (mut elements, mut count) = (Vec::new(), 0);
                while !items.is_empty() {
                    let before = items.len();
                    self.one((told, base), &mut items, &mut elements)?;
                    count += 1;
                    if items.len() == before {
                        return Err(short());
                    }
                }
                staged.extend_from_slice(&self.heap.sequence(count, &elements)?);
            }
            (Datatype::Compound(told), Datatype::Compound(compound)) => {
                for (told, member) in told.members.iter().zip(&compound.members) {
                    self.one((&told.datatype, &member.datatype), wire, staged)?;
                }
            }
            (Datatype::Array { base: told, .. }, Datatype::Array { base, dims }) => {
                for _ in 0..dims.iter().product::<u64>() {
                    self.one((told, base), wire, staged)?;
                }
            }
            (Datatype::Reference(told), Datatype::Reference(wanted)) => {
                let stored = match told {
                    ReferenceType::Object => take(wire, OBJECT_REFERENCE_SIZE)?,
                    _ => take_variable(wire)?,
                };
                self.references.to_memory(*told, stored, *wanted, staged)?;
            }
            (fixed, same) => {
                if std::mem::discriminant(fixed) != std::mem::discriminant(same) {
                    return Err(other_structure());
                }
                let size = fixed.wire_size().ok_or_else(short)?;
                let wanted = memory_size(fixed)?;
                staged.extend_from_slice(take(wire, size)?);
                staged.resize(staged.len() + wanted.saturating_sub(size), 0);
            }
        }
        Ok(())
    }
}

/// Wire elements made of staged ones. `object` is the dataset (or what holds the attribute), in
/// whose file references are looked up.
pub fn encode(
    types: Types<'_>,
    staged: Elements<'_>,
    object: &Object,
    references: &Translator,
) -> Result<Vec<u8>> {
    let size = memory_size(types.1)?;
    let mut wire = Vec::with_capacity(staged.bytes().len());
    let encoder = Encoder { object, references };
    for start in (0..staged.bytes().len()).step_by(size.max(1)) {
        encoder.one(types, staged.part(start, size), &mut wire)?;
    }
    Ok(wire)
}

struct Encoder<'a> {
    object: &'a Object,
    references: &'a Translator,
}

impl Encoder<'_> {
    fn all(&self, types: Types<'_>, staged: Elements<'_>) -> Result<Vec<u8>> {
        encode(types, staged, self.object, self.references)
    }

    fn one(&self, types: Types<'_>, staged: Elements<'_>, wire: &mut Vec<u8>) -> Result<()> {
        match types {
            (Datatype::String(string), _) if string.length == StringLength::Variable => {
                match staged.string_address() {
                    0 => wire.extend_from_slice(&NULL_STRING),
                    _ => write_blob(staged.string(), wire)?,
                }
            }
            (Datatype::Vlen(told), Datatype::Vlen(base)) => {
                let (items, _) = staged.sequence(memory_size(base)?)?;
                write_blob(&self.all((told, base), items)?, wire)?;
            }
            (Datatype::Compound(told), Datatype::Compound(compound)) => {
                for (told, member) in told.members.iter().zip(&compound.members) {
                    let part = staged.part(member.offset as usize, memory_size(&member.datatype)?);
                    self.one((&told.datatype, &member.datatype), part, wire)?;
                }
            }
            (Datatype::Array { base: told, .. }, Datatype::Array { base, .. }) => {
                wire.extend_from_slice(&self.all((told, base), staged)?);
            }
            (Datatype::Reference(told), Datatype::Reference(given)) => {
                let translator = self.references;
                translator.to_wire(*given, staged.bytes(), *told, self.object, wire)?;
            }
            (fixed, same) => {
                if std::mem::discriminant(fixed) != std::mem::discriminant(same) {
                    return Err(other_structure());
                }
                let size = fixed.wire_size().unwrap_or(0);
                wire.extend_from_slice(staged.bytes().get(..size).ok_or_else(short)?);
            }
        }
        Ok(())
    }
}

/// All references of the kind `H5T_STD_REF` in the elements, at every depth.
pub fn references(datatype: &Datatype, elements: Elements<'_>) -> Result<Vec<Memory>> {
    let mut found = Vec::new();
    collect_references(datatype, elements, &mut found)?;
    Ok(found)
}

fn collect_references(
    datatype: &Datatype,
    all: Elements<'_>,
    found: &mut Vec<Memory>,
) -> Result<()> {
    if !holds_references(datatype) {
        return Ok(());
    }
    let size = memory_size(datatype)?.max(1);
    for start in (0..all.bytes().len()).step_by(size) {
        let element = all.part(start, size);
        match datatype {
            Datatype::Reference(_) => {
                let reference = element.bytes().try_into();
                found.push(reference.map_err(|_| other_structure())?);
            }
            Datatype::Vlen(base) => {
                let (items, _) = element.sequence(memory_size(base)?)?;
                collect_references(base, items, found)?;
            }
            Datatype::Array { base, .. } => collect_references(base, element, found)?,
            Datatype::Compound(compound) => {
                for member in &compound.members {
                    let size = memory_size(&member.datatype)?;
                    let part = element.part(member.offset as usize, size);
                    collect_references(&member.datatype, part, found)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The same elements with all data they point to stored anew in another heap, inner data first:
/// some programs' allocators move what they gave out before.
pub fn move_to(datatype: &Datatype, elements: Elements<'_>, heap: &mut Heap) -> Result<Vec<u8>> {
    let size = memory_size(datatype)?.max(1);
    let mut moved = elements.bytes().to_vec();
    if !holds_pointers(datatype) {
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
    if !holds_pointers(datatype) {
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
