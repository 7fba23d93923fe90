//! References as programs hold them (`H5R_ref_t`), made and taken apart by HDF5 itself.
//!
//! Their inside is HDF5's own business, but it converts them to and from a form for storage in a
//! connector's file: kind, flags, token; or kind, flags, size and a blob (`blobs`) with token,
//! name of the file (if that is another), and selection or attribute name. Called by `transfer`.

use std::ffi::{CStr, c_void};
use std::ptr;

use h5rest_protocol::region::Region;
use h5rest_protocol::values::reference::Part;

use super::Host;
use super::blobs::{self, ID_SIZE};
use super::id::OwnedId;
use super::names;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

/// Bytes of a reference in memory: `sizeof(H5R_ref_t)`.
pub const MEMORY_SIZE: usize = 64;
/// A reference in memory.
pub type Memory = [u8; MEMORY_SIZE];

/// Bytes of a token, as `H5VL_FILE_GET_CONT_INFO` says.
const TOKEN_SIZE: usize = 8;
/// Kind and flags.
const HEADER_SIZE: usize = 2;
/// The flag that says that the object is in another file.
const EXTERNAL: u8 = 1;

/// A handle for one of our files that HDF5 may use while this lives.
pub struct LentFile {
    /// The handle.
    pub pointer: *mut c_void,
    /// The connector's name.
    pub connector: &'static CStr,
    /// Whether HDF5 finds a native file behind it (`facade`).
    pub poses: bool,
    /// Takes the handle back.
    pub take_back: fn(*mut c_void),
}

impl Drop for LentFile {
    fn drop(&mut self) {
        (self.take_back)(self.pointer);
    }
}

/// What a reference in memory says.
#[derive(Debug)]
pub struct Found {
    /// The object's token.
    pub token: u64,
    /// The file that the object is in, if that is another one.
    pub file: Option<String>,
    /// What of the object is meant.
    pub part: Part,
}

/// Translates references of one file.
pub struct References {
    host: &'static Host,
    memory: OwnedId,
    /// `H5T_STD_REF` as stored in the file. Closed before `file` goes.
    stored: OwnedId,
    stored_size: usize,
    file: LentFile,
}

impl Host {
    /// Prepares to translate references that programs get from this file, or store in it.
    pub fn references(&'static self, file: LentFile) -> Result<References> {
        let memory = self.copy_type(self.predefined(c"H5T_STD_REF_g")?)?;
        // SAFETY: a connector by the name it was registered under.
        let connector = unsafe { (self.h5.H5VLget_connector_id_by_name)(file.connector.as_ptr()) };
        let connector = self.own(connector, "find the connector")?;
        // SAFETY: the handle outlives the type, see `References`.
        let stored =
            unsafe { (self.h5.H5VLget_file_type)(file.pointer, connector.get(), memory.get()) };
        let stored = self.own(stored, "make the type of stored references")?;
        let stored_size = self.type_size(stored.get())?;
        if !(HEADER_SIZE + 4 + ID_SIZE..=MEMORY_SIZE).contains(&stored_size) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("this HDF5 library stores references in {stored_size} bytes"),
            ));
        }
        Ok(References {
            host: self,
            memory,
            stored,
            stored_size,
            file,
        })
    }
}

impl References {
    /// Makes a reference, which somebody must pass to H5Rdestroy some day.
    pub fn make(&self, token: u64, file: Option<&str>, part: &Part) -> Result<Memory> {
        let mut form = vec![kind_of(part), 0];
        let mut target = vec![TOKEN_SIZE as u8];
        target.extend(token.to_le_bytes());
        if let Some(name) = file {
            form[1] |= EXTERNAL;
            put_text(name, &mut target)?;
        }
        let blob = match part {
            Part::Whole if file.is_none() => None,
            Part::Whole => Some(target.clone()),
            Part::Attribute(name) => {
                put_text(name, &mut target)?;
                Some(target.clone())
            }
            Part::Region(region) => {
                let selection = region.to_hdf5();
                target.extend((selection.len() as u32).to_le_bytes());
                target.extend((region.rank as u32).to_le_bytes());
                target.extend(selection);
                Some(target.clone())
            }
        };
        let Some(blob) = blob else {
            form.extend(target);
            return self.read(&form);
        };
        // To read a region HDF5 looks into a native file, whatever connector it belongs to.
        if matches!(part, Part::Region(_)) && !self.file.poses {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "references to regions need the hidden native file of this file, which could not be \
                 made",
            ));
        }
        form.extend((blob.len() as u32).to_le_bytes());
        let id = blobs::put(blob);
        form.extend(id.to_le_bytes());
        let made = self.read(&form);
        blobs::take(id);
        made
    }

    /// From the form for storage to that in memory.
    fn read(&self, form: &[u8]) -> Result<Memory> {
        let mut buffer = Buffer::default();
        buffer.bytes_mut()[..form.len()].copy_from_slice(form);
        self.convert(self.stored.get(), self.memory.get(), &mut buffer)?;
        Ok(*buffer.bytes_mut())
    }

    /// What a reference says; `None` if it is null. The reference stays as it is.
    pub fn look_at(&self, reference: &Memory) -> Result<Option<Found>> {
        if *reference == [0; MEMORY_SIZE] {
            return Ok(None);
        }
        let mut buffer = Buffer::default();
        *buffer.bytes_mut() = *reference;
        self.convert(self.memory.get(), self.stored.get(), &mut buffer)?;
        let form = &buffer.bytes_mut()[..self.stored_size];
        let (kind, external) = (form[0], form[1] & EXTERNAL != 0);
        if kind == H5R_OBJECT2 as u8 && !external {
            let token = Rest(&form[HEADER_SIZE..]).token()?;
            return Ok(Some(Found {
                token,
                file: None,
                part: Part::Whole,
            }));
        }
        let mut rest = Rest(&form[HEADER_SIZE + 4..]);
        let blob = blobs::take(rest.number(ID_SIZE)?).ok_or_else(unreadable)?;
        let mut rest = Rest(&blob);
        let token = rest.token()?;
        let file = external.then(|| rest.text()).transpose()?;
        let part = match i32::from(kind) {
            H5R_OBJECT2 => Part::Whole,
            H5R_ATTR => Part::Attribute(rest.text()?),
            H5R_DATASET_REGION2 => {
                let (_size, rank) = (rest.number(4)?, rest.number(4)?);
                Part::Region(Region::from_hdf5(rest.0, rank as usize)?)
            }
            _ => return Err(unreadable()),
        };
        Ok(Some(Found { token, file, part }))
    }

    fn convert(&self, from: hid_t, to: hid_t, buffer: &mut Buffer) -> Result<()> {
        let list = self.host.predefined(c"H5P_LST_DATASET_XFER_ID_g")?;
        let host = self.host;
        host.convert(from, to, 1, buffer.bytes_mut(), None, list)
    }

    /// Gives up references that no program got.
    pub fn destroy(&self, reference: &Memory) {
        if self.host.is_terminating() || *reference == [0; MEMORY_SIZE] {
            return;
        }
        let mut buffer = Buffer::default();
        *buffer.bytes_mut() = *reference;
        self.host.quietly(|| {
            // SAFETY: a reference that HDF5 made for us and that nobody else has.
            unsafe { (self.host.h5.H5Rdestroy)(ptr::from_mut(&mut buffer).cast()) };
        });
    }
}

/// One reference in either form, aligned as HDF5 wants it.
#[derive(Default)]
#[repr(C, align(16))]
struct Buffer([[u8; 32]; 2]);

impl Buffer {
    fn bytes_mut(&mut self) -> &mut Memory {
        self.0
            .as_flattened_mut()
            .try_into()
            .unwrap_or_else(|_| unreachable!("twice 32 bytes"))
    }
}

fn kind_of(part: &Part) -> u8 {
    (match part {
        Part::Whole => H5R_OBJECT2,
        Part::Region(_) => H5R_DATASET_REGION2,
        Part::Attribute(_) => H5R_ATTR,
    }) as u8
}

fn unreadable() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "a reference in a form that this version of HDF5 is not known to have",
    )
}

fn put_text(text: &str, out: &mut Vec<u8>) -> Result<()> {
    let text = names::to_bytes(text);
    let length = u16::try_from(text.len())
        .map_err(|_| Error::new(ErrorKind::Invalid, "a name in a reference is too long"))?;
    out.extend(length.to_le_bytes());
    out.extend_from_slice(&text);
    Ok(())
}

/// What is left of a stored form.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(unreadable)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A little-endian number of at most 8 bytes.
    fn number(&mut self, size: usize) -> Result<u64> {
        let mut wide = [0; 8];
        wide[..size].copy_from_slice(self.take(size)?);
        Ok(u64::from_le_bytes(wide))
    }

    fn token(&mut self) -> Result<u64> {
        match self.number(1)? as usize {
            TOKEN_SIZE => self.number(TOKEN_SIZE),
            _ => Err(Error::new(
                ErrorKind::Invalid,
                "the reference is to an object of another kind of file",
            )),
        }
    }

    fn text(&mut self) -> Result<String> {
        let length = self.number(2)? as usize;
        Ok(names::from_bytes(self.take(length)?))
    }
}
