//! Random programs whose requests meet faults: `cargo xtask parity --faults`, in the combinations of server
//! and HDF5 release, and the figures out of what it prints.

use anyhow::{Context, Result};

use super::figures::Figure;
use super::{Extent, add};
use crate::parity;
use crate::test::output_and_counts;

/// Faults, server, release, the share of the extent's programs that run (one of so many), and whether
/// `cargo xtask test` has a step of its own for it.
const COMBINATIONS: [(&str, &str, &str, u64, bool); 9] = [
    ("hidden", "h5rest", "1.14.5", 1, true),
    ("hidden", "h5rest", "2.2.0", 2, false),
    ("hidden", "hsds", "1.14.5", 10, false),
    ("storms", "h5rest", "1.14.5", 4, true),
    ("storms", "h5rest", "2.2.0", 10, true),
    ("lies", "h5rest", "1.14.5", 1, true),
    ("lies", "h5rest", "2.2.0", 2, true),
    ("kills", "h5rest", "1.14.5", 2, false),
    ("kills", "h5rest", "2.2.0", 4, true),
];

pub(super) fn run(extent: Extent, figures: &mut Vec<Figure>) {
    for (faults, server, release, share, has_step) in COMBINATIONS {
        if has_step && !extent.all_faults {
            continue;
        }
        let what = format!("random programs, `{faults}`, {server}, HDF5 {release}");
        add(figures, &what, || {
            let options =
                parity::Options::with(faults, server, release, extent.programs.div_ceil(share));
            let (printed, counts) =
                output_and_counts(&mut parity::command(&options)?, parity::counts)?;
            let mut figure = read(&printed)?;
            figure.cases = (counts.passed + counts.failed) as u64;
            figure.wrong = counts.failed as u64;
            Ok(figure)
        });
    }
}

/// Faults and what else there is to say, of what was printed.
fn read(printed: &str) -> Result<Figure> {
    let mut figure = Figure::default();
    let mut remarks = Vec::new();
    for line in printed.lines() {
        if let Some(lies) = line.strip_suffix(" answers were lies") {
            figure.faults = lies.parse().context("no number of lies")?;
        } else if let Some(kills) = line.strip_suffix(" programs were killed") {
            figure.faults = kills.parse().context("no number of kills")?;
        } else if let Some((requests, rest)) = line.split_once(" requests met ") {
            let faults = rest.split(' ').next().unwrap_or_default();
            figure.faults = faults.parse().context("no number of faults")?;
            remarks.push(format!("of {requests} requests"));
        } else if line.ends_with(" calls failed because of them") && !line.starts_with("0 ") {
            remarks.push(line.replace("because of them", "as they may"));
        } else if line.starts_with("at most ") {
            remarks.push(line.to_owned());
        }
    }
    figure.remark = remarks.join("; ");
    Ok(figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        let printed = "at most 54 MiB in one process\n125 requests met 34 faults: Refuse 3, Lose 31\n\
                       9 calls failed because of them\n12 programs a second";
        let figure = read(printed).unwrap();
        assert_eq!(figure.faults, 34);
        assert_eq!(
            figure.remark,
            "at most 54 MiB in one process; of 125 requests; 9 calls failed as they may"
        );
        assert_eq!(read("37 answers were lies").unwrap().faults, 37);
    }
}
