//! Ways in for fuzz targets (`fuzz/`) to what nothing else outside needs. Part of builds for fuzzing only.

use std::io::Write as _;
use std::os::unix::net::UnixStream;

use crate::plain;
pub use crate::request::Receiver;
use crate::request::Sink;

/// The length of the head at the start of `bytes`, if they start with a whole one.
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    plain::head_length(bytes)
}

/// Takes `bytes` for all that a server sends; they are few enough for the buffer of a socket. The body
/// of a success goes into `memory` if there is some. Returns the collected body of a whole answer.
pub fn exchange(bytes: &[u8], memory: Option<&mut [u8]>) -> Option<Vec<u8>> {
    let (ours, mut theirs) = UnixStream::pair().ok()?;
    theirs.write_all(bytes).ok()?;
    theirs.shutdown(std::net::Shutdown::Write).ok()?;
    let sink = memory.map_or(Sink::Collect, Sink::Into);
    plain::exchange(ours, sink)
}
