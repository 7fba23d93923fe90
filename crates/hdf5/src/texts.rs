//! A text of fixed size as the value of an attribute.

use super::{Failure, Hid, Id, h5, ok};

fn one_element(attribute: Hid) -> Result<(), Failure> {
    let space = Id::new(h5().H5Aget_space(attribute))?;
    match h5().H5Sget_simple_extent_npoints(space.get()) {
        1 => Ok(()),
        other => Err(Failure(format!(
            "an attribute of {other} elements, not one"
        ))),
    }
}

/// Reads it; `ty` is a string type of `size` bytes, which the attribute has.
///
/// # Errors
/// When the call fails.
pub fn read(attribute: Hid, ty: Hid, size: usize) -> Result<String, Failure> {
    one_element(attribute)?;
    let mut bytes = vec![0_u8; size.max(h5().H5Tget_size(ty))];
    // SAFETY: there is room for the type's size; the attribute has one element.
    ok(unsafe { (h5().H5Aread)(attribute, ty, bytes.as_mut_ptr().cast()) })?;
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// Writes it, cut off at `size` bytes.
///
/// # Errors
/// When the call fails.
pub fn write(attribute: Hid, ty: Hid, text: &str, size: usize) -> Result<(), Failure> {
    one_element(attribute)?;
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(size.max(h5().H5Tget_size(ty)), 0);
    // SAFETY: the buffer has the type's size; the attribute has one element.
    ok(unsafe { (h5().H5Awrite)(attribute, ty, bytes.as_ptr().cast()) }).map(|_| ())
}
