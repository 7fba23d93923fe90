//! What the figures are measured against: a remote dataset is to be as fast as a local file.

use super::table::Table;
use super::{ELEMENTS_HERE, HSDS, MEMORY, NATIVE, TCP, distant, over, plain};

/// One goal: what was measured, and the most it may be.
struct Goal {
    what: &'static str,
    found: Option<f64>,
    most: f64,
    unit: &'static str,
}

/// Prints each goal with what was found.
pub(super) fn print(transfers: &Table, objects: &Table, elements: &Table) {
    let memory = over(MEMORY);
    let ratio = |row: &str, other: &str, column: &str| {
        Some(transfers.time(row, column)? / transfers.time(other, column)?)
    };
    let milliseconds = |seconds: Option<f64>| seconds.map(|seconds| seconds * 1000.0);
    let both = |row: &str| Some(objects.time(row, "write")? + objects.time(row, "read")?);
    let a_box = |row: &str| transfers.time(row, "boxes").map(|seconds| seconds / 64.0);
    let element = |row: &str| {
        elements
            .time(row, "read")
            .map(|seconds| seconds / ELEMENTS_HERE)
    };
    let goals = [
        Goal {
            what: "64 MiB written to h5rest --memory, by a native file",
            found: ratio(&memory, NATIVE, "write"),
            most: 1.0,
            unit: "times",
        },
        Goal {
            what: "64 MiB read from h5rest --memory, by a native file",
            found: ratio(&memory, NATIVE, "read"),
            most: 1.0,
            unit: "times",
        },
        Goal {
            what: "the same again in one program",
            found: ratio(&memory, NATIVE, "reread"),
            most: 1.0,
            unit: "times",
        },
        Goal {
            what: "64 MiB read from h5rest --memory, by a raw TCP copy",
            found: ratio(&memory, TCP, "read"),
            most: 3.0,
            unit: "times",
        },
        Goal {
            what: "64 MiB read from HSDS, by curl",
            found: ratio(&over(HSDS), &plain(HSDS), "read"),
            most: 1.2,
            unit: "times",
        },
        Goal {
            what: "64 x 64 elements from h5rest --memory",
            found: milliseconds(a_box(&memory)),
            most: 0.5,
            unit: "ms",
        },
        Goal {
            what: "64 x 64 elements from h5rest on disk",
            found: milliseconds(a_box(&over(super::DISK))),
            most: 0.5,
            unit: "ms",
        },
        Goal {
            what: "200 groups with 800 attributes written to h5rest --memory",
            found: milliseconds(objects.time(&memory, "write")),
            most: 25.0,
            unit: "ms",
        },
        Goal {
            what: "the same read back",
            found: milliseconds(objects.time(&memory, "read")),
            most: 10.0,
            unit: "ms",
        },
        Goal {
            what: "both with h5rest 20 ms away",
            found: milliseconds(both(&over(&distant(MEMORY)))),
            most: 500.0,
            unit: "ms",
        },
        Goal {
            what: "both with HSDS 20 ms away",
            found: milliseconds(both(&over(&distant(HSDS)))),
            most: 500.0,
            unit: "ms",
        },
        Goal {
            what: "an element that is in memory",
            found: milliseconds(element(&memory)),
            most: 0.01,
            unit: "ms",
        },
    ];
    println!("\nGoals\n\n| | found | goal | |\n|---|---|---|---|");
    for Goal {
        what,
        found,
        most,
        unit,
    } in goals
    {
        let (shown, verdict) = match found {
            Some(found) if found <= most => (format!("{found:.3}"), "met"),
            Some(found) => (format!("{found:.3}"), "missed"),
            None => ("-".into(), "not measured"),
        };
        println!("| {what} | {shown} {unit} | {most} {unit} | {verdict} |");
    }
}
