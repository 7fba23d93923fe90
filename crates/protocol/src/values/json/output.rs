//! Wire bytes while they are made of JSON: within bounds, since a few letters can stand for many bytes.

use super::invalid;
use crate::error::Result;
use crate::values::binary::write_blob;

/// Bytes made of one JSON value at most, unless the caller says otherwise; as many as an attribute may have.
const MOST: usize = 512 << 20;
/// Those among them that were not sent as such: zeros behind short texts or in place of `null`, and references to
/// regions, which are longer than what they are told by.
const MOST_PADDING: usize = 256 << 20;

/// Elements in wire form.
pub(super) struct Output {
    bytes: Vec<u8>,
    /// Bytes and zeros that there is still room for, in `bytes` and in what `bytes` will be put into.
    room: Room,
    is_full: bool,
}

#[derive(Clone, Copy)]
struct Room {
    bytes: usize,
    padding: usize,
}

/// Where an output was.
pub(super) struct Mark {
    length: usize,
    room: Room,
}

impl Output {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::within(MOST)
    }

    /// Nothing yet, and no more than so many bytes.
    pub fn within(most: usize) -> Self {
        Self {
            bytes: Vec::new(),
            room: Room {
                bytes: most,
                padding: MOST_PADDING,
            },
            is_full: false,
        }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Whether something was refused for want of room: to read it in another way is no help then.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Refuses `count` elements of at least `size` bytes each if there is no room for them, before any is
    /// made.
    pub fn check(&mut self, count: usize, size: usize) -> Result<()> {
        let room = self.room.bytes;
        if count.checked_mul(size).is_some_and(|bytes| bytes <= room) {
            return Ok(());
        }
        self.is_full = true;
        Err(invalid(format!(
            "{count} elements of {size} bytes or more, where {room} bytes have room: send fewer at once"
        )))
    }

    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.take(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Puts `made`'s bytes, which are `size` and come from nothing that was sent.
    pub fn put_padding(&mut self, size: usize, made: impl FnOnce() -> Vec<u8>) -> Result<()> {
        self.take_padding(size)?;
        self.bytes.extend(made());
        Ok(())
    }

    /// Puts bytes, and zeros up to a size.
    pub fn put_padded(&mut self, bytes: &[u8], size: usize) -> Result<()> {
        let padding = size.saturating_sub(bytes.len());
        self.put(bytes)?;
        self.take_padding(padding)?;
        self.bytes.resize(self.bytes.len() + padding, 0);
        Ok(())
    }

    /// Puts a reference.
    pub fn put_reference(&mut self, content: &[u8]) -> Result<()> {
        let left = self.room.bytes;
        self.take_padding(content.len())?;
        self.room.bytes = left;
        self.put_blob(content)
    }

    pub fn put_blob(&mut self, content: &[u8]) -> Result<()> {
        let before = self.bytes.len();
        self.take(content.len())?;
        write_blob(content, &mut self.bytes)?;
        self.take(self.bytes.len() - before - content.len())
    }

    /// Puts what `make` puts as one blob.
    pub fn put_nested(&mut self, make: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let outer = std::mem::take(&mut self.bytes);
        let made = make(self);
        let content = std::mem::replace(&mut self.bytes, outer);
        made?;
        let before = self.bytes.len();
        write_blob(&content, &mut self.bytes)?;
        // The content has been counted.
        self.take(self.bytes.len() - before - content.len())
    }

    /// For [`Output::go_back`].
    pub fn mark(&self) -> Mark {
        Mark {
            length: self.bytes.len(),
            room: self.room,
        }
    }

    /// Forgets what was put since.
    pub fn go_back(&mut self, mark: &Mark) {
        self.bytes.truncate(mark.length);
        self.room = mark.room;
    }

    fn take(&mut self, bytes: usize) -> Result<()> {
        let Some(left) = self.room.bytes.checked_sub(bytes) else {
            self.is_full = true;
            let room = self.room.bytes;
            return Err(invalid(format!(
                "{bytes} bytes more, where {room} have room: send less at once"
            )));
        };
        self.room.bytes = left;
        Ok(())
    }

    fn take_padding(&mut self, bytes: usize) -> Result<()> {
        self.take(bytes)?;
        let Some(left) = self.room.padding.checked_sub(bytes) else {
            self.is_full = true;
            return Err(invalid(format!(
                "more than {} MiB that were not sent themselves: send fewer elements at once, or their bytes",
                MOST_PADDING >> 20
            )));
        };
        self.room.padding = left;
        Ok(())
    }
}
