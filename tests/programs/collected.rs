//! Elements that are kept and collected in memory: no process sees anything else than with native
//! files but sooner, and what cannot be written is reported.

use std::time::Duration;

use anyhow::{Result, ensure};
use h5rest_testkit::hdf5::Version;
use h5rest_testkit::{Finished, Program, TestDomain, TestServer};

use crate::stock::compile_c;

/// Longer than any of these takes.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the C program in some modes on one file, with HDF5 1.14.5 and 2.2.0, and hands what each did
/// to `check`.
fn run(
    modes: &[&str],
    settings: &[(&str, &str)],
    check: impl Fn(Finished) -> Result<()>,
) -> Result<()> {
    for version in Version::ALL {
        let folder = tempfile::tempdir()?;
        let program = compile_c(version, "tests/programs/collected.c", &folder)?;
        let server = TestServer::start()?;
        let domain = TestDomain::new(server.endpoint(), "collected");
        for mode in modes {
            let mut program = Program::new(&program).arg(domain.path()).arg(mode);
            for (name, value) in settings {
                program = program.env(name, value);
            }
            let program = program.through_connector(server.endpoint())?;
            check(program.time_limit(LIMIT).run()?)?;
        }
    }
    Ok(())
}

fn passes(modes: &[&str], settings: &[(&str, &str)]) -> Result<()> {
    run(modes, settings, |finished| {
        let printed = finished.success()?;
        ensure!(printed.ends_with(": ok\n"), "{printed}");
        Ok(())
    })
}

#[test]
fn what_others_write_beside_stays() -> Result<()> {
    passes(&["beside"], &[])
}

#[test]
fn a_refresh_shows_what_others_wrote() -> Result<()> {
    passes(&["refresh"], &[])
}

#[test]
fn a_refresh_of_a_virtual_dataset_shows_what_others_did_to_its_sources() -> Result<()> {
    passes(&["virtual"], &[])
}

#[test]
fn readers_of_growing_files_see_everything_at_once() -> Result<()> {
    passes(&["swmr"], &[])
}

#[test]
fn a_read_does_not_outgrow_its_buffer() -> Result<()> {
    passes(&["growing"], &[])
}

#[test]
fn without_a_cache_everything_is_seen_at_once() -> Result<()> {
    passes(&["fresh"], &[("HDF5_REST_CACHE", "0")])
}

#[test]
fn a_forked_child_sends_nothing_of_its_parents() -> Result<()> {
    passes(&["inherited"], &[])
}

#[test]
fn what_a_program_leaves_open_is_written() -> Result<()> {
    passes(&["left-open", "look"], &[])
}

/// The call that finds out fails, with the name of the dataset and the server's answer.
fn tells(mode: &str) -> Result<()> {
    run(&[mode], &[], |finished| {
        let errors = finished.stderr.clone();
        ensure!(errors.is_empty(), "{errors}");
        let printed = finished.success()?;
        for words in ["cannot write dataset '/d'", "PUT /datasets/", "status 4"] {
            ensure!(printed.contains(words), "no {words:?} in:\n{printed}");
        }
        ensure!(printed.ends_with(": ok\n"), "{printed}");
        Ok(())
    })
}

#[test]
fn a_flush_tells_what_the_server_refused() -> Result<()> {
    tells("flush")
}

#[test]
fn a_close_tells_what_the_server_refused() -> Result<()> {
    tells("close")
}

#[test]
fn the_file_tells_what_the_server_refused_of_a_little() -> Result<()> {
    tells("after-close")
}

#[test]
fn the_file_tells_what_other_ways_to_close_a_dataset_cannot() -> Result<()> {
    tells("idref")
}

#[test]
fn calls_fail_until_one_has_told_what_the_server_refused() -> Result<()> {
    tells("later")
}

#[test]
fn references_keep_nothing_from_the_program_that_the_server_refused() -> Result<()> {
    tells("references")
}

#[test]
fn an_object_tells_where_no_file_can() -> Result<()> {
    tells("no-file")
}
