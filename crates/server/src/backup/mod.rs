//! All records of a store on their way to another one: what `GET /backup` sends and `h5rest backup`
//! receives.
//!
//! The form: [`MAGIC`]; for each record in key order the length of its key (u32), that of its value
//! (u64), key and value; then [`END`] in place of a key's length, the number of records (u64), and
//! the CRC-32 of everything before it (u32). Numbers are little-endian. A backup that was cut short
//! lacks the end, and one that was changed on the way does not match it.

mod export;
mod import;

pub use export::Export;
pub use import::Import;

/// What a backup starts with; the number is that of its form.
const MAGIC: &[u8] = b"h5rest-backup 1\n";

/// Stands where a key's length would be. No key is that long.
const END: u32 = u32::MAX;

#[cfg(test)]
mod tests;
