//! What HDF5's file format before 1.8 cannot hold, and programs therefore see refused.
//!
//! A program chooses the oldest format that its file may be written in (`H5Pset_libver_bounds`);
//! with HDF5 1.14 that is the oldest of all unless it chooses. A server has no such formats, but a
//! program that works on a local file must get the same answers here. Called by `attribute`,
//! `dataset` and `datatype` for what they are to create.

use h5rest_protocol::datatype::Datatype;
use h5rest_protocol::{Shape, StoredType};

use super::shared_file::{self, Format};
use crate::connector::{Error, ErrorKind, File, Object, Result};
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
    let format = shared_file::format(holder.file());
    if format.is_none_or(|format| format.oldest >= H5F_LIBVER_V18) {
        return Ok(());
    }
    let size = message_size(host, name, type_id, shape)?;
    if size < LARGEST_MESSAGE
        || holder.tracks_attribute_order()?
        || was_created_newer(holder.file())?
    {
        return Ok(());
    }
    let words = format!(
        "attribute '{name}' takes {size} bytes, and the oldest format that the program allows for \
         this file ends at {LARGEST_MESSAGE}: allow only formats from H5F_LIBVER_V18 on \
         (H5Pset_libver_bounds), or use a dataset"
    );
    Err(Error::new(ErrorKind::Invalid, words))
}

/// Fails for something new of a numeric type that is mostly unused bits: the older formats have no
/// checksums, and HDF5 since 1.14.4 takes such a type for the trace of a damaged file. An object that
/// tracks the order of its attributes (`tracked`) is of the newer formats in any file.
pub fn check_unused_bits(
    file: &File,
    ty: &StoredType,
    tracked: impl FnOnce() -> Result<bool>,
) -> Result<()> {
    let Some((bits, used)) = unusual_bits(&ty.datatype) else {
        return Ok(());
    };
    let format = shared_file::format(file);
    let allowed = |format: Format| format.oldest >= H5F_LIBVER_V18 || format.allows_unused_bits;
    if format.is_none_or(allowed) || tracked()? || was_created_newer(file)? {
        return Ok(());
    }
    let words = format!(
        "numbers of {bits} bits of which only {used} are used need what native HDF5 needs for them: \
         H5Pset_relax_file_integrity_checks, or no formats older than H5F_LIBVER_V18 \
         (H5Pset_libver_bounds)"
    );
    Err(Error::new(ErrorKind::Invalid, words))
}

/// Whether the file was created in a newer format: then it goes on in it. Asked last, because it may
/// take a request.
fn was_created_newer(file: &File) -> Result<bool> {
    Ok(Host::is_of_newer_format(&file.root_properties()?))
}

/// The bits of a number and the used ones, where HDF5 takes these for unusually few: less than half
/// of them, counted from the lowest bit. It does not look into compound types and the like.
fn unusual_bits(ty: &Datatype) -> Option<(u64, u64)> {
    let bits = match ty {
        Datatype::Integer(integer) => &integer.bits,
        Datatype::Float(float) => &float.bits,
        Datatype::Bitfield(bits) => bits,
        _ => return None,
    };
    let all = u64::from(bits.size) * 8;
    let (used, below) = (u64::from(bits.precision), u64::from(bits.offset));
    (bits.size > 1 && all > 2 * (used + below)).then_some((all, used))
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
