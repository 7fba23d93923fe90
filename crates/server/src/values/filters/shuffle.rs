//! Bytes sorted by significance, so that those of smooth data look alike to a compressor.

/// All first bytes of the elements, then all second bytes, and so on; a rest stays at the end.
pub(super) fn shuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    let mut out = Vec::with_capacity(bytes.len());
    for place in 0..size {
        out.extend(bytes.iter().skip(place).step_by(size).take(count));
    }
    out.extend_from_slice(&bytes[count * size..]);
    out
}

/// The reverse of [`shuffle`].
pub(super) fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    let mut out = vec![0; bytes.len()];
    for (place, plane) in bytes.chunks_exact(count.max(1)).take(size).enumerate() {
        for (element, &byte) in plane.iter().enumerate() {
            out[element * size + place] = byte;
        }
    }
    out[count * size..].copy_from_slice(&bytes[count * size..]);
    out
}
