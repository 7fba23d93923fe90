//! Datasets of more and more bytes: written and read in pieces, and read with one call into one
//! buffer; through the connector, and for comparison on local files.

use std::fs;

use anyhow::Result;

use super::cost::Cost;
use super::{Bench, grow, tenfold};

/// MiB of the smallest dataset, and of a piece.
const FIRST: usize = 8;

/// Writes and reads up to `most` MiB, through the connector and on a local file.
pub fn run(bench: &Bench, most: usize) -> Result<bool> {
    let steady = through(bench, most, Where::Server)?;
    // What the system itself makes of larger files, beside which the figures above are to be read.
    through(bench, most, Where::File)?;
    for size in tenfold(FIRST, most) {
        fs::remove_file(Where::File.path(bench, size))?;
    }
    grow("dd conv=fsync", &tenfold(FIRST, most), "MiB", |size| {
        dd(bench, size)
    })?;
    Ok(steady)
}

/// Where the dataset is.
#[derive(Clone, Copy)]
enum Where {
    Server,
    File,
}

impl Where {
    fn path(self, bench: &Bench, size: usize) -> String {
        match self {
            Self::Server => bench.domain(&format!("bytes-{size}")),
            Self::File => bench.file(&format!("bytes-{size}.h5")),
        }
    }
}

/// All works, and whether they cost as much more as they may.
fn through(bench: &Bench, most: usize, place: Where) -> Result<bool> {
    let sizes = tenfold(FIRST, most);
    let bytes = |what: &str, size: usize, piece: usize| {
        let path = place.path(bench, size);
        let (size, piece) = (size.to_string(), piece.to_string());
        let arguments = [what, &path, &size, &piece];
        let program = bench.programs.bytes.clone();
        match place {
            Where::Server => Cost::of(bench, program, &arguments),
            Where::File => Cost::without_server(bench, program, &arguments),
        }
    };
    let named = |work: &str| match place {
        Where::Server => work.to_owned(),
        Where::File => format!("local file: {work}"),
    };
    let mut steady = grow(&named("write, 8 MiB at a time"), &sizes, "MiB", |size| {
        bytes("write", size, FIRST)
    })?;
    steady &= grow(&named("read, 8 MiB at a time"), &sizes, "MiB", |size| {
        bytes("read", size, FIRST)
    })?;
    // What the program's own buffer takes is not the connector's.
    steady &= grow(
        &named("read with one call (memory beside the buffer)"),
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

/// As many zeros, on the disk: what the writes of h5rest, which are durable, cannot be quicker than.
fn dd(bench: &Bench, size: usize) -> Result<Cost> {
    let file = bench.file("zeros");
    let (output, count) = (format!("of={file}"), format!("count={}", size / FIRST));
    let arguments = ["if=/dev/zero", &output, "bs=8M", &count, "conv=fsync"];
    let cost = Cost::without_server(bench, "/usr/bin/dd".into(), &arguments)?;
    fs::remove_file(file)?;
    Ok(cost)
}
