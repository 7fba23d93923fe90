//! What happens to the process that the connector lives in: it is killed, it loads and unloads HDF5, it does
//! the same again and again. (Forks, signals and ends inside callbacks are in `c-tests/life`.)

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Program, TestDomain, TestServer, kills, steady};

use crate::stock::{compile, compile_c};

/// How often a program is killed, and within which time, on an h5rest. HSDS takes two seconds for a flush.
const KILLS: (u64, Duration) = (12, Duration::from_millis(400));
const KILLS_ON_OTHERS: (u64, Duration) = (3, Duration::from_secs(9));
/// Rounds of loading and unloading: more than the connector can serve libraries at one time.
const ROUNDS: usize = 20;

/// Builds one of the C programs beside this file.
fn build(version: Version, name: &str) -> Result<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let program = compile_c(version, &format!("tests/programs/{name}"), &folder)?;
    Ok((folder, program))
}

fn what_was_flushed_survives(version: Version, seed: u64) -> Result<()> {
    let (_folder, program) = build(version, "killed.c")?;
    let server = TestServer::start()?;
    let kills = match server {
        TestServer::Own(_) => KILLS,
        TestServer::Given(_) => KILLS_ON_OTHERS,
    };
    kills::kill_again_and_again(&program, server.endpoint(), kills, seed)?;
    Ok(())
}

#[test]
fn what_a_killed_program_has_flushed_is_there_on_1_14() -> Result<()> {
    what_was_flushed_survives(Version::V1_14_5, 1)
}

#[test]
fn what_a_killed_program_has_flushed_is_there_on_2_2() -> Result<()> {
    what_was_flushed_survives(Version::V2_2_0, 2)
}

/// A program that is linked with no HDF5 and loads these, all at once, and unloads them again.
fn loaded_and_unloaded(versions: &[Version]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = folder.path().join("loaded");
    let source = repository().join("tests/programs/loaded.c");
    let arguments = [source.as_os_str(), "-o".as_ref(), program.as_os_str()];
    compile("cc", arguments.map(Into::into).into())?;
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "loaded");
    let mut program = Program::new(program)
        .arg(domain.path())
        .arg(ROUNDS.to_string());
    for version in versions {
        let library = hdf5::installation(*version)?.lib_dir().join("libhdf5.so");
        program = program.arg(library);
    }
    let printed = program
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    ensure!(printed.lines().count() == ROUNDS, "{printed}");
    Ok(())
}

#[test]
fn hdf5_is_loaded_and_unloaded() -> Result<()> {
    loaded_and_unloaded(&[Version::V1_14_5])?;
    loaded_and_unloaded(&[Version::V2_2_0])
}

#[test]
fn two_copies_of_hdf5_are_loaded_and_unloaded() -> Result<()> {
    loaded_and_unloaded(&[Version::V1_14_5, Version::V2_2_0])?;
    loaded_and_unloaded(&[Version::V2_2_0, Version::V1_14_5])
}

fn a_thousand_cycles(version: Version) -> Result<()> {
    let (_folder, program) = build(version, "cycles.c")?;
    let server = TestServer::start()?;
    let extent = match server {
        TestServer::Own(_) => steady::Extent {
            cycles: 1000,
            time: Duration::from_secs(600),
            every: 50,
        },
        // HSDS takes a second for a cycle.
        TestServer::Given(_) => steady::Extent {
            cycles: 20,
            time: Duration::from_secs(60),
            every: 2,
        },
    };
    let samples = steady::run(&program, server.endpoint(), extent)?;
    match server {
        TestServer::Own(_) => steady::check(&samples),
        TestServer::Given(_) => Ok(()),
    }
}

#[test]
fn a_thousand_cycles_leave_nothing_behind_on_1_14() -> Result<()> {
    a_thousand_cycles(Version::V1_14_5)
}

#[test]
fn a_thousand_cycles_leave_nothing_behind_on_2_2() -> Result<()> {
    a_thousand_cycles(Version::V2_2_0)
}
