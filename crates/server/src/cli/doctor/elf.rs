//! What the first bytes of a library say, and texts in it: enough to tell what it is without
//! running any of its code.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use memchr::memmem;

/// Class (32 or 64 bits), byte order and machine of an ELF file.
pub(super) fn architecture(path: &Path) -> Option<[u8; 4]> {
    let mut head = [0; 20];
    File::open(path).ok()?.read_exact(&mut head).ok()?;
    (head[..4] == *b"\x7fELF").then(|| [head[4], head[5], head[18], head[19]])
}

/// The architecture of this very program.
pub(super) fn own_architecture() -> Option<[u8; 4]> {
    architecture(Path::new("/proc/self/exe"))
}

/// In words, as far as it is a usual one.
pub(super) fn name([class, order, low, high]: [u8; 4]) -> String {
    let number = match order {
        2 => u16::from_be_bytes([low, high]),
        _ => u16::from_le_bytes([low, high]),
    };
    let machine = match number {
        3 => "x86",
        40 => "ARM",
        62 => "x86-64",
        183 => "AArch64",
        21 => "PowerPC64",
        243 => "RISC-V",
        _ => return format!("machine {number}"),
    };
    format!("{machine}, {} bits", if class == 1 { 32 } else { 64 })
}

/// What stands behind each `marker` in a file, up to the end of its text.
pub(super) fn texts_behind(path: &Path, marker: &str) -> Vec<String> {
    let Ok(content) = fs::read(path) else {
        return Vec::new();
    };
    let behind = memmem::find_iter(&content, marker).map(|at| &content[at + marker.len()..]);
    let text = |rest: &[u8]| {
        let end = rest
            .iter()
            .take(64)
            .position(|byte| !(b' '..=b'~').contains(byte));
        String::from_utf8_lossy(&rest[..end.unwrap_or(0)]).into_owned()
    };
    behind.map(text).collect()
}
