//! Names between HDF5, which takes them for bytes, and documents, which are Unicode.
//!
//! A name that is UTF-8 (nearly all are) is itself. Other bytes are told as characters of Unicode's
//! private use area, one for each byte from 0x80 to 0xff; a name that has these characters itself
//! has their bytes told so. Thus each name has one form, and comes back as it was. Called by `vol`
//! for names of objects, links and attributes, and here for what types call their parts.

use std::borrow::Cow;
use std::ffi::CString;

use crate::connector::{Error, ErrorKind, Result};

/// The character that tells the byte 0x80; those of the other bytes follow.
const FIRST: u32 = 0xef80;

fn is_reserved(c: char) -> bool {
    (FIRST..FIRST + 0x80).contains(&u32::from(c))
}

/// A name that HDF5 passed, as documents tell it.
pub fn from_bytes(bytes: &[u8]) -> String {
    // The first byte of all reserved characters.
    if let Ok(name) = str::from_utf8(bytes)
        && !bytes.contains(&0xee)
    {
        return name.to_owned();
    }
    let told = |byte: &u8| char::from_u32(FIRST - 0x80 + u32::from(*byte));
    let mut name = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_reserved(c) {
                let mut own = [0; 4];
                name.extend(c.encode_utf8(&mut own).as_bytes().iter().filter_map(told));
            } else {
                name.push(c);
            }
        }
        name.extend(chunk.invalid().iter().filter_map(told));
    }
    name
}

/// The bytes of a name for HDF5.
pub fn to_bytes(name: &str) -> Cow<'_, [u8]> {
    if !name.contains(is_reserved) {
        return Cow::Borrowed(name.as_bytes());
    }
    let mut bytes = Vec::with_capacity(name.len());
    for c in name.chars() {
        if is_reserved(c) {
            bytes.push((u32::from(c) - FIRST + 0x80) as u8);
        } else {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    Cow::Owned(bytes)
}

/// A name as a C string for HDF5.
pub fn to_c(name: &str) -> Result<CString> {
    CString::new(to_bytes(name)).map_err(|_| {
        let name = name.escape_default();
        Error::new(
            ErrorKind::Protocol,
            format!("the name '{name}' contains a NUL"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back() {
        let reserved = "a\u{ef80}\u{efff}b".as_bytes();
        for bytes in [
            b"plain".as_slice(),
            "Übergröße \u{1f600}".as_bytes(),
            b"latin \xe9 and \xff",
            b"cut \xf0\x9f",
            b"surrogate \xed\xa0\x80, too large \xf4\x90\x80\x80",
            reserved,
            b"",
        ] {
            let name = from_bytes(bytes);
            assert_eq!(*to_bytes(&name), *bytes, "{name:?}");
            // What is given twice is the same name.
            assert_eq!(from_bytes(&to_bytes(&name)), name);
        }
        assert_eq!(from_bytes("ü".as_bytes()), "ü");
        assert_ne!(from_bytes(reserved).as_bytes(), reserved);
    }

    #[test]
    fn different_names_stay_different() {
        let all = [
            &b"\x80"[..],
            b"\xee\xbe\x80",
            b"\xc2\x80",
            b"\xff",
            b"\xef\xbf\xbd",
        ];
        let names: std::collections::HashSet<String> = all.into_iter().map(from_bytes).collect();
        assert_eq!(names.len(), all.len());
    }
}
