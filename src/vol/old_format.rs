//! What HDF5's file format before 1.8 cannot hold, and programs therefore see refused.
//!
//! A program chooses the oldest format that its file may be written in (`H5Pset_libver_bounds`);
//! with HDF5 1.14 that is the oldest of all unless it chooses. A server has no such formats, but a
//! program that works on a local file must get the same answers here. Called by `attribute`.

use h5rest_protocol::Shape;

use super::shared_file;
use crate::connector::{Error, ErrorKind, Object, Result};
use crate::ffi::*;
use crate::host::Host;

/// Messages of an object header are smaller than this; an attribute is one message.
const LARGEST_MESSAGE: u64 = 65_536;

/// Fails for a new attribute that is too large for an object header. Objects of the newer formats
/// keep large attributes elsewhere; so do those that track the order of their attributes, which
/// only the newer formats can.
pub fn check_attribute(
    host: &Host,
    holder: &Object,
    name: &str,
    type_id: hid_t,
    shape: &Shape,
) -> Result<()> {
    let oldest = shared_file::oldest_format(holder.file());
    if oldest.is_none_or(|oldest| oldest >= H5F_LIBVER_V18) {
        return Ok(());
    }
    let size = message_size(host, name, type_id, shape)?;
    if size < LARGEST_MESSAGE || holder.tracks_attribute_order()? {
        return Ok(());
    }
    let words = format!(
        "attribute '{name}' takes {size} bytes, and the oldest format that the program allows for \
         this file ends at {LARGEST_MESSAGE}: allow only formats from H5F_LIBVER_V18 on \
         (H5Pset_libver_bounds), or use a dataset"
    );
    Err(Error::new(ErrorKind::Invalid, words))
}

/// Bytes of an attribute's message in the first format: its own header, then name, type, extent
/// (each in multiples of 8) and value.
fn message_size(host: &Host, name: &str, type_id: hid_t, shape: &Shape) -> Result<u64> {
    let padded = |size: u64| size.next_multiple_of(8);
    // What H5Tencode adds are a version and a message type.
    let ty = (host.encode_type(type_id)?.len() as u64).saturating_sub(2);
    let extent = match shape {
        Shape::Null => 4,
        Shape::Scalar => 8,
        Shape::Simple { dims, maxdims } => {
            let lists = if maxdims.is_some() { 2 } else { 1 };
            8 + 8 * lists * dims.len() as u64
        }
    };
    let parts = 8 + padded(name.len() as u64 + 1) + padded(ty) + padded(extent);
    let elements = shape.count().unwrap_or(u64::MAX);
    let value = elements.saturating_mul(host.type_size(type_id)? as u64);
    Ok(value.saturating_add(parts))
}
