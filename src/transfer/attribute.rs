//! H5Aread and H5Awrite: attributes always move whole. Called by `vol::attribute`.

use super::convert::Conversion;
use super::references::{Lend, Translator};
use super::types::covers;
use super::user_buffer::UserBuffer;
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
    let conversion = conversion(host, lend, attribute, memory_type, &buffer)?;
    let size = conversion.memory_size();
    let mut heap = conversion.heap();
    let staged = conversion.decode(attribute.read()?, count, &mut heap)?;
    if staged.len() != count * conversion.staged_size() {
        return Err(Error::new(
            ErrorKind::Protocol,
            format!(
                "the value of attribute '{}' has {} bytes, {count} elements have {}",
                attribute.name(),
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
    let mut memory = Vec::with_capacity(count * conversion.memory_size());
    buffer.gather((0, count * conversion.memory_size()), &mut memory);
    let mut heap = conversion.heap();
    let stored = if covers(conversion.staged(), conversion.memory()) {
        None
    } else {
        Some(conversion.decode(attribute.read()?, count, &mut heap)?)
    };
    let wire = conversion.to_wire(memory, count, stored, attribute.object())?;
    attribute.write(wire)
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
    let dxpl = host
        .predefined(c"H5P_LST_DATASET_XFER_ID_g")
        .unwrap_or(H5P_DEFAULT);
    let references = Translator::new(host, attribute.object().file(), lend);
    Conversion::new(
        host,
        &attribute.ty().datatype,
        memory_type,
        dxpl,
        references,
    )
}
