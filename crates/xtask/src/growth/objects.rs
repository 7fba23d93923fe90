//! Domains of more and more objects: making them with a C program, walking over them with HDF5's
//! tools.

use anyhow::Result;
use h5rest_testkit::hdf5::{self, Version};

use super::cost::Cost;
use super::{Bench, grow, tenfold};

/// How often each walk runs; the best time counts.
const RUNS: usize = 3;
/// Objects of the smallest domain.
const FIRST: usize = 1000;

/// Shapes of `c-tests/requests/trees.c`, and the tool that walks over them.
const WALKS: [(&str, &str, &str); 4] = [
    ("flat", "h5ls", "-r"),
    ("square", "h5ls", "-r"),
    ("binary", "h5ls", "-r"),
    ("mixed", "h5dump", "-H"),
];

/// Makes and walks over all shapes with up to `most` objects.
pub fn run(bench: &Bench, most: usize) -> Result<bool> {
    let sizes = tenfold(FIRST, most);
    let mut steady = true;
    for (shape, tool, option) in WALKS {
        let path = |objects: usize| bench.domain(&format!("{shape}-{objects}"));
        steady &= grow(&format!("make {shape}"), &sizes, "objects", |objects| {
            let arguments = [shape, &objects.to_string(), &path(objects)];
            Cost::of(bench, bench.programs.trees.clone(), &arguments)
        })?;
        let work = format!("{tool} {option} {shape}");
        steady &= grow(&work, &sizes, "objects", |objects| {
            walk(bench, tool, option, &path(objects))
        })?;
    }
    Ok(steady)
}

fn walk(bench: &Bench, tool: &str, option: &str, path: &str) -> Result<Cost> {
    let tool = hdf5::installation(Version::V1_14_5)?.program(tool);
    let once = || Cost::of(bench, tool.clone(), &[option, path]);
    let mut best = once()?;
    for _ in 1..RUNS {
        best = best.or_quicker(once()?);
    }
    Ok(best)
}
