//! One program that does everything again and again for a long time: `cycles.c`.

use std::time::Duration;

use h5rest_testkit::hdf5::Version;
use h5rest_testkit::{H5rest, steady};

use super::figures::Figure;
use super::{Extent, add};

/// Samples of a run, about; a cycle takes ten to fifty milliseconds.
const CYCLES_A_SAMPLE: u64 = 500;
const CYCLES_A_SAMPLE_SHORT: u64 = 25;

pub(super) fn run(extent: Extent, figures: &mut Vec<Figure>) {
    add(figures, "one program, everything again and again", || {
        let folder = tempfile::tempdir()?;
        let program = steady::build(Version::V1_14_5, "cycles.c", folder.path())?;
        let server = H5rest::in_memory()?;
        let every = match extent.soak_seconds {
            0..120 => CYCLES_A_SAMPLE_SHORT,
            _ => CYCLES_A_SAMPLE,
        };
        let extent = steady::Extent {
            cycles: u64::from(u32::MAX),
            time: Duration::from_secs(extent.soak_seconds),
            every,
        };
        let samples = steady::run(&program, server.endpoint(), extent)?;
        steady::check(&samples)?;
        let (first, last) = (&samples[samples.len() / 3], &samples[samples.len() - 1]);
        Ok(Figure {
            cases: last.cycles,
            remark: format!(
                "from cycle {}: {} -> {} KiB, {} -> {} descriptors, {} -> {} threads, {} objects left open",
                first.cycles,
                first.memory,
                last.memory,
                first.descriptors,
                last.descriptors,
                first.threads,
                last.threads,
                last.objects
            ),
            ..Figure::default()
        })
    });
}
