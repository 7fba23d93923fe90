//! Locations: how HDF5 says which object a call is about.
//!
//! Every callback that gets location parameters decodes them here.

use std::ffi::{CStr, c_char, c_void};

use super::handle::{Handle, borrow};
use super::link_access;
use super::old_references;
use crate::connector::{Error, ErrorKind, IndexBy, LinkEntry, Object, Order, Result};
use crate::ffi::*;
use crate::host::{Host, names};

/// A decoded location.
pub struct Location {
    /// The object that the rest is relative to.
    pub base: Object,
    /// How the object is found from there.
    pub how: How,
}

/// The four ways of naming an object.
pub enum How {
    /// The base itself.
    Itself,
    /// By path.
    Name(String),
    /// By position among the links of the group at a path.
    Index {
        /// Path of the group.
        group: String,
        /// Which index.
        by: IndexBy,
        /// Which direction.
        order: Order,
        /// Which position.
        n: u64,
    },
    /// By token.
    Token(u64),
}

impl Location {
    /// The object itself.
    pub fn object(&self) -> Result<Object> {
        match &self.how {
            How::Itself => Ok(self.base.clone()),
            How::Name(path) => self.base.open(path),
            How::Index {
                group,
                by,
                order,
                n,
            } => self.base.open_link(group, *by, *order, *n),
            How::Token(token) => self.base.open_token(*token),
        }
    }

    /// The path of a link that need not exist, and the object that it starts from.
    pub fn link_path(&self) -> Result<(&Object, &str)> {
        match &self.how {
            How::Name(path) => Ok((&self.base, path)),
            _ => Err(Error::new(
                ErrorKind::Invalid,
                "the location names no link by a path",
            )),
        }
    }

    /// The link that leads to the object, with the group that it is in.
    pub fn link(&self) -> Result<(Object, LinkEntry)> {
        match &self.how {
            How::Name(path) => self.base.link_in_group(path),
            How::Index {
                group,
                by,
                order,
                n,
            } => self.base.link_at(group, *by, *order, *n),
            How::Itself | How::Token(_) => {
                Err(Error::new(ErrorKind::Invalid, "the location names no link"))
            }
        }
    }
}

/// Decodes location parameters relative to `object`.
///
/// # Safety
/// Both pointers must come from HDF5, as arguments of the callback that is running.
pub unsafe fn decode(
    host: &'static Host,
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
) -> Result<Location> {
    // SAFETY: an object of ours or of nobody we know, see `borrow`.
    let handle: &Handle = unsafe { borrow(object) }?;
    let mut base = handle.as_location();
    if params.is_null() {
        return Ok(Location {
            base,
            how: How::Itself,
        });
    }
    // SAFETY: HDF5 fills the member that `type_` names; strings are valid during the call.
    let how = unsafe {
        let params = &*params;
        match params.type_ {
            H5VL_OBJECT_BY_SELF => How::Itself,
            H5VL_OBJECT_BY_NAME => {
                let name = params.loc_data.loc_by_name;
                host.check_plist(name.lapl_id, "link access")?;
                base = link_access::following(host, base, name.lapl_id)?;
                How::Name(text(name.name)?)
            }
            H5VL_OBJECT_BY_IDX => {
                let index = params.loc_data.loc_by_idx;
                host.check_plist(index.lapl_id, "link access")?;
                base = link_access::following(host, base, index.lapl_id)?;
                How::Index {
                    group: text(index.name)?,
                    by: index_by(index.idx_type)?,
                    order: order(index.order)?,
                    n: index.n,
                }
            }
            H5VL_OBJECT_BY_TOKEN => {
                let token = params.loc_data.loc_by_token.token;
                How::Token(old_references::real_token(
                    &handle.file(),
                    token_value(&*token)?,
                ))
            }
            other => {
                let message = format!("unknown kind {other} of location");
                return Err(Error::new(ErrorKind::Invalid, message));
            }
        }
    };
    Ok(Location { base, how })
}

/// A string argument, in the form of documents.
///
/// # Safety
/// `text` must be null or a C string that lives during the call.
pub unsafe fn text(text: *const c_char) -> Result<String> {
    if text.is_null() {
        return Err(Error::new(ErrorKind::Invalid, "no name was given"));
    }
    // SAFETY: a C string by the contract of this function.
    let text = unsafe { CStr::from_ptr(text) };
    Ok(names::from_bytes(text.to_bytes()))
}

/// Like [`text`], for names that may be missing.
///
/// # Safety
/// As for [`text`].
pub unsafe fn optional_text(name: *const c_char) -> Result<Option<String>> {
    if name.is_null() {
        return Ok(None);
    }
    // SAFETY: the same contract.
    unsafe { text(name) }.map(Some)
}

/// Which index HDF5 means.
pub fn index_by(index: H5_index_t) -> Result<IndexBy> {
    match index {
        H5_INDEX_NAME => Ok(IndexBy::Name),
        H5_INDEX_CRT_ORDER => Ok(IndexBy::CreationOrder),
        other => Err(Error::new(
            ErrorKind::Invalid,
            format!("unknown index {other}"),
        )),
    }
}

/// Which direction HDF5 means.
pub fn order(order: H5_iter_order_t) -> Result<Order> {
    match order {
        H5_ITER_INC => Ok(Order::Increasing),
        H5_ITER_DEC => Ok(Order::Decreasing),
        H5_ITER_NATIVE => Ok(Order::Native),
        other => Err(Error::new(
            ErrorKind::Invalid,
            format!("unknown order {other}"),
        )),
    }
}

/// The token of an object: the object half of its id, least significant byte first.
pub fn token(object: u64) -> H5O_token_t {
    let mut data = [0u8; H5O_MAX_TOKEN_SIZE];
    data[..8].copy_from_slice(&object.to_le_bytes());
    H5O_token_t { __data: data }
}

/// The object half that a token carries.
pub fn token_value(token: &H5O_token_t) -> Result<u64> {
    let (value, rest) = token.__data.split_at(8);
    let mut half = [0u8; 8];
    half.copy_from_slice(value);
    if rest.iter().any(|&byte| byte != 0) {
        return Err(Error::new(ErrorKind::Invalid, "the token names no object"));
    }
    Ok(u64::from_le_bytes(half))
}

/// Copies a name into a C buffer, cut to fit and ending in NUL, and tells its full length.
///
/// # Safety
/// `buffer` must be null or have room for `size` bytes; `length` null or writable.
pub unsafe fn copy_text(text: &str, buffer: *mut c_char, size: usize, length: *mut usize) {
    let text = names::to_bytes(text);
    // SAFETY: at most size - 1 bytes and a NUL are written, and only to a buffer that is there
    // (1.14 passes buffers with size 0).
    unsafe {
        if !buffer.is_null() && size > 0 {
            let fits = text.len().min(size - 1);
            std::ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, fits);
            buffer.add(fits).write(0);
        }
        if !length.is_null() {
            length.write(text.len());
        }
    }
}
