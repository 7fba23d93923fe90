//! Element values in their two encodings: packed bytes (the wire form) and JSON.
//!
//! The wire form of an element: numbers as their type declares them; compounds packed, members in
//! order of declaration; object references as 48 bytes of NUL padded text; strings and sequences
//! of variable length, and other references, as a little-endian u32 count of bytes and then
//! those bytes.

pub mod binary;
pub mod h5json;
pub mod json;
mod number;
pub mod reference;
pub mod text;
