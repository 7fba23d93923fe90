//! Many programs that write one file at the same time, through the connector: `together.c`.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use h5rest_testkit::hdf5::Version;
use h5rest_testkit::{Endpoint, H5rest, Program, TestDomain, steady};

use super::figures::Figure;
use super::{Extent, add};

/// What the programs may take to start and end, all at once on few cores.
const GRACE: Duration = Duration::from_secs(120);

pub(super) fn run(extent: Extent, figures: &mut Vec<Figure>) {
    let what = format!("{} programs on one file at a time", extent.processes);
    add(figures, &what, || {
        let folder = tempfile::tempdir()?;
        let program = steady::build(Version::V1_14_5, "together.c", folder.path())?;
        let store = tempfile::tempdir()?;
        let server = H5rest::on_disk(store.path())?;
        work(&program, server.endpoint(), extent)
    });
}

fn work(program: &Path, endpoint: &Endpoint, extent: Extent) -> Result<Figure> {
    let domain = TestDomain::new(endpoint, "together");
    let processes = extent.processes.to_string();
    let program = |arguments: &[&str]| -> Result<String> {
        Program::new(program)
            .args([domain.path(), arguments[0], &processes])
            .args(&arguments[1..])
            .through_connector(endpoint)?
            .time_limit(Duration::from_secs(extent.seconds) + GRACE)
            .run()?
            .success()
    };
    program(&["make"])?;
    let seconds = extent.seconds.to_string();
    let made: Vec<Result<u64>> = thread::scope(|scope| {
        let one = |number: usize| {
            let (program, seconds) = (&program, &seconds);
            let work = move || -> Result<u64> {
                let printed = program(&["work", &number.to_string(), seconds])?;
                printed.trim().parse().context("no number of rounds")
            };
            scope.spawn(work)
        };
        let running: Vec<_> = (0..extent.processes).map(one).collect();
        let ended = running.into_iter().map(|one| one.join());
        ended
            .map(|one| one.unwrap_or_else(|_| Err(anyhow!("nobody waited for a program"))))
            .collect()
    });
    let made: Vec<u64> = made.into_iter().collect::<Result<_>>()?;
    let found: Result<Vec<u64>, _> = program(&["look"])?.lines().map(str::parse).collect();
    ensure!(found? == made, "not all rounds are there");
    let rounds: u64 = made.iter().sum();
    Ok(Figure {
        cases: rounds,
        remark: "rounds of a group, an attribute, rows beside those of others, a flush and a look at others"
            .into(),
        ..Figure::default()
    })
}
