//! Several processes of one program on one file at the same time.

use anyhow::{Result, ensure};
use h5rest_testkit::hdf5::Version;
use h5rest_testkit::{Program, TestDomain, TestServer};

use crate::stock::compile_c;

/// Lines of `processes.c`: three datasets, read by four processes.
const LINES: usize = 12;

fn each_reads_what_all_wrote(version: Version) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = compile_c(version, "tests/programs/processes.c", &folder)?;
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "processes");
    let printed = Program::new(program)
        .arg(domain.path())
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    let right = |line: &&str| line.ends_with(": 0 wrong");
    ensure!(printed.lines().filter(right).count() == LINES, "{printed}");
    Ok(())
}

#[test]
fn four_processes_on_1_14() -> Result<()> {
    each_reads_what_all_wrote(Version::V1_14_5)
}

#[test]
fn four_processes_on_2_2() -> Result<()> {
    each_reads_what_all_wrote(Version::V2_2_0)
}
