//! Datasets of more and more bytes: written and read in pieces, and read with one call into one
//! buffer.

use anyhow::Result;

use super::cost::Cost;
use super::{Bench, grow, tenfold};

/// MiB of the smallest dataset, and of a piece.
const FIRST: usize = 8;

/// Writes and reads up to `most` MiB.
pub fn run(bench: &Bench, most: usize) -> Result<bool> {
    let sizes = tenfold(FIRST, most);
    let bytes = |what: &str, size: usize, piece: usize| {
        let path = bench.domain(&format!("bytes-{size}"));
        let (size, piece) = (size.to_string(), piece.to_string());
        let arguments = [what, &path, &size, &piece];
        Cost::of(bench, bench.programs.bytes.clone(), &arguments)
    };
    let mut steady = grow("write, 8 MiB at a time", &sizes, "MiB", |size| {
        bytes("write", size, FIRST)
    })?;
    steady &= grow("read, 8 MiB at a time", &sizes, "MiB", |size| {
        bytes("read", size, FIRST)
    })?;
    // What the program's own buffer takes is not the connector's.
    steady &= grow(
        "read with one call (memory beside the buffer)",
        &sizes,
        "MiB",
        |size| {
            let cost = bytes("read", size, size)?;
            Ok(Cost {
                program: cost.program - size as f64,
                ..cost
            })
        },
    )?;
    Ok(steady)
}
