//! H5Aread and H5Awrite: attributes always move whole. Called by `vol::attribute`.

use std::sync::Arc;

use parking_lot::Mutex;

use super::convert::Conversion;
use super::forms::forms;
use super::later::{Deliver, KeptIds, Later, Room};
use super::references::{Lend, Translator};
use super::types::covers;
use super::user_buffer::UserBuffer;
use crate::connector::requests::Work;
use crate::connector::{Attribute, Error, ErrorKind, Result};
use crate::ffi::{H5P_DEFAULT, hid_t};
use crate::host::Host;

fn count_of(attribute: &Attribute) -> Result<usize> {
    let count = attribute
        .shape()
        .count()
        .and_then(|n| usize::try_from(n).ok());
    count.ok_or_else(|| Error::new(ErrorKind::Invalid, "more elements than memory can hold"))
}

/// Reads all elements into the program's buffer.
pub fn read(
    host: &'static Host,
    lend: Lend,
    attribute: &Attribute,
    memory_type: hid_t,
    mut buffer: UserBuffer<'_>,
) -> Result<()> {
    let count = count_of(attribute)?;
    if count == 0 {
        return Ok(());
    }
    if buffer.is_null() {
        return Err(super::read::no_buffer());
    }
    let Some(wire) = attribute.read_if_written()? else {
        // HDF5 hands out zero bytes, whatever the program's type.
        let size = count.checked_mul(host.type_size(memory_type)?);
        let size = size.filter(|&size| isize::try_from(size).is_ok());
        let size = size
            .ok_or_else(|| Error::new(ErrorKind::Invalid, "more elements than memory can hold"))?;
        buffer.as_mut_slice((0, size)).fill(0);
        return Ok(());
    };
    let conversion = conversion(host, lend, attribute, memory_type, &buffer)?;
    deliver(conversion, count, wire, buffer, &attribute.name())
}

/// Prepares a read that the program does not wait for, as `later::read` does for datasets.
pub fn read_later(
    host: &'static Host,
    lend: Lend,
    attribute: &Attribute,
    memory_type: hid_t,
    buffer: UserBuffer<'static>,
) -> Result<Later<(Work, Deliver)>> {
    let count = count_of(attribute)?;
    if count == 0 {
        return Ok(Later::Nothing);
    }
    let ids = KeptIds::new(host, memory_type, H5P_DEFAULT)?;
    let conversion = conversion(host, lend, attribute, ids.memory_type.get(), &buffer)?;
    let size = count.saturating_mul(conversion.staged_size());
    let Some(room) = Room::take(size, attribute.object().file().session()) else {
        return Ok(Later::Now);
    };
    let arrived: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (into, source, name) = (arrived.clone(), attribute.clone(), attribute.name());
    let work = move || {
        let wire = source.read()?;
        *into.lock() = wire;
        Ok(())
    };
    let deliver = move || {
        // The conversion uses the identifiers.
        let (_ids, _room) = (ids, room);
        let wire = std::mem::take(&mut *arrived.lock());
        deliver(conversion, count, wire, buffer, &name)
    };
    Ok(Later::Queued((Box::new(work), Box::new(deliver))))
}

/// Stores a value given in wire form in the program's buffer.
fn deliver(
    conversion: Conversion,
    count: usize,
    wire: Vec<u8>,
    mut buffer: UserBuffer<'_>,
    name: &str,
) -> Result<()> {
    let size = conversion.memory_size();
    let mut heap = conversion.heap();
    let staged = conversion.decode(wire, count, &mut heap)?;
    if staged.len() != count * conversion.staged_size() {
        return Err(Error::new(
            ErrorKind::Protocol,
            format!(
                "the value of attribute '{name}' has {} bytes, {count} elements have {}",
                staged.len(),
                count * conversion.staged_size()
            ),
        ));
    }
    let background = conversion.read_needs_background().then(|| {
        let mut present = Vec::with_capacity(count * size);
        buffer.gather((0, count * size), &mut present);
        present
    });
    let memory = conversion.to_memory(staged, count, background, heap)?;
    buffer.scatter((0, count * size), &memory);
    Ok(())
}

/// Replaces all elements by those of the program's buffer.
pub fn write(
    host: &'static Host,
    lend: Lend,
    attribute: &Attribute,
    memory_type: hid_t,
    buffer: UserBuffer<'_>,
) -> Result<()> {
    let count = count_of(attribute)?;
    if count == 0 {
        return Ok(());
    }
    let conversion = conversion(host, lend, attribute, memory_type, &buffer)?;
    let wire = to_wire(&conversion, attribute, count, &buffer)?;
    attribute.write(wire)
}

/// Prepares a write that the program does not wait for.
pub fn write_later(
    host: &'static Host,
    lend: Lend,
    attribute: &Attribute,
    memory_type: hid_t,
    buffer: UserBuffer<'_>,
) -> Result<Later<Work>> {
    attribute.object().file().check_writable()?;
    let count = count_of(attribute)?;
    if count == 0 {
        return Ok(Later::Nothing);
    }
    let conversion = conversion(host, lend, attribute, memory_type, &buffer)?;
    if !covers(conversion.staged(), conversion.memory()) {
        // The members to be kept are needed for the conversion.
        return Ok(Later::Now);
    }
    let size = count.saturating_mul(conversion.staged_size());
    let Some(room) = Room::take(size, attribute.object().file().session()) else {
        return Ok(Later::Now);
    };
    let wire = to_wire(&conversion, attribute, count, &buffer)?;
    let attribute = attribute.clone();
    Ok(Later::Queued(Box::new(move || {
        let _room = room;
        attribute.write(wire)
    })))
}

/// The program's elements in wire form.
fn to_wire(
    conversion: &Conversion,
    attribute: &Attribute,
    count: usize,
    buffer: &UserBuffer<'_>,
) -> Result<Vec<u8>> {
    let mut memory = Vec::with_capacity(count * conversion.memory_size());
    buffer.gather((0, count * conversion.memory_size()), &mut memory);
    let mut heap = conversion.heap();
    let stored = if covers(conversion.staged(), conversion.memory()) {
        None
    } else {
        Some(conversion.decode(attribute.read()?, count, &mut heap)?)
    };
    conversion.to_wire(memory, count, stored, attribute.object())
}

fn conversion(
    host: &'static Host,
    lend: Lend,
    attribute: &Attribute,
    memory_type: hid_t,
    buffer: &UserBuffer<'_>,
) -> Result<Conversion> {
    if buffer.is_null() {
        return Err(super::read::no_buffer());
    }
    let dxpl = host.default_transfer().unwrap_or(H5P_DEFAULT);
    let references = Translator::new(host, attribute.object().file(), lend);
    let forms = forms(host, &attribute.ty().datatype, memory_type)?;
    Conversion::new(host, forms, memory_type, dxpl, references)
}
