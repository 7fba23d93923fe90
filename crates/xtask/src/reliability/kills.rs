//! What is killed: the server, whose tests do that as often as they are told, and programs that write.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use h5rest_testkit::hdf5::Version;
use h5rest_testkit::{Endpoint, H5rest, Hsds, kills, steady};

use super::figures::Figure;
use super::{Extent, add};
use crate::test::{cargo, cargo_test_line, output_and_counts};

/// The tests that kill the server, and what is done to it.
const SERVER: [(&str, &str); 2] = [
    ("nothing_acknowledged_is_lost", "h5rest killed"),
    (
        "nothing_acknowledged_is_lost_without_power",
        "h5rest cut off from power",
    ),
];

/// Within which time a program is killed. HSDS takes two seconds for each flush.
const ON_H5REST: Duration = Duration::from_millis(400);
const ON_HSDS: Duration = Duration::from_secs(9);
/// Of so many kills one is made on HSDS, too.
const SHARE_ON_HSDS: u64 = 15;

pub(super) fn run(extent: Extent, figures: &mut Vec<Figure>) {
    if extent.server_kills > 0 {
        for (test, what) in SERVER {
            add(figures, what, || server(test, extent.server_kills));
        }
    }
    for version in Version::ALL {
        let release = version.number();
        let what = format!("programs killed while they write, h5rest, HDF5 {release}");
        add(figures, &what, || {
            let folder = tempfile::tempdir()?;
            let server = H5rest::on_disk(folder.path())?;
            let kills = (extent.program_kills, ON_H5REST);
            programs(version, server.endpoint(), kills)
        });
    }
    add(figures, "programs killed while they write, HSDS", || {
        let server = Hsds::start()?;
        let kills = (extent.program_kills.div_ceil(SHARE_ON_HSDS), ON_HSDS);
        programs(Version::V1_14_5, server.endpoint(), kills)
    });
}

fn programs(version: Version, endpoint: &Endpoint, kills: (u64, Duration)) -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let program = steady::build(version, "killed.c", folder.path())?;
    let survived = kills::kill_again_and_again(&program, endpoint, kills, 1)?;
    Ok(Figure {
        cases: survived.kills,
        faults: survived.kills,
        remark: format!("{} flushed rounds, all there", survived.rounds),
        ..Figure::default()
    })
}

fn server(test: &str, kills: u64) -> Result<Figure> {
    let mut command = cargo();
    command
        .args(["test", "--quiet", "--package", "h5rest-server"])
        .args(["--test", "api", "--", "--nocapture", "--exact"])
        .arg(format!("killed::{test}"))
        .env("H5REST_KILLS", kills.to_string());
    let (printed, counts) = output_and_counts(&mut command, cargo_test_line)?;
    ensure!(counts.failed == 0, "{printed}");
    // `12 kills, 345 acknowledged changes, 0 lost, slowest start 12ms`
    let line = printed
        .lines()
        .find_map(|line| line.split_once(" kills, "))
        .context("the test printed no figures")?;
    Ok(Figure {
        cases: kills,
        faults: kills,
        remark: line.1.to_owned(),
        ..Figure::default()
    })
}
