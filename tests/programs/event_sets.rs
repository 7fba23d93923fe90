//! Event sets: calls return before the server has answered, many operations are under way at once,
//! failures arrive with their reason, and no way of ending a program loses or breaks anything.

use std::time::Duration;

use anyhow::{Result, ensure};
use h5rest_testkit::gate::{Gate, Rule};
use h5rest_testkit::hdf5::Version;
use h5rest_testkit::{Finished, Program, TestDomain, TestServer};

use crate::stock::compile_c;

/// Longer than any of these takes; a program that waits for what cannot come is ended.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the C program in a mode on HDF5 1.14.5 and 2.2.0, behind a gate with this rule, and hands
/// what it did to `check`, together with what is in the datasets afterwards.
fn run(mode: &str, rule: Rule, check: impl Fn(Finished, String) -> Result<()>) -> Result<()> {
    for version in Version::ALL {
        let folder = tempfile::tempdir()?;
        let program = compile_c(version, "tests/programs/event_sets.c", &folder)?;
        let server = TestServer::start()?;
        let domain = TestDomain::new(server.endpoint(), "event-sets");
        // What never comes is waited for as long as this, and so is every other answer.
        let patience = if mode == "silent" { "10" } else { "30" };
        let gate = Gate::before(server.endpoint(), rule)?;
        let finished = Program::new(&program)
            .arg(domain.path())
            .arg(mode)
            .env("HDF5_REST_TIMEOUT", patience)
            .through_connector(gate.endpoint())?
            .time_limit(LIMIT)
            .run()?;
        let errors = &finished.stderr;
        ensure!(!errors.contains("infinite loop"), "{errors}");
        let left = Program::new(&program)
            .arg(domain.path())
            .arg("look")
            .through_connector(server.endpoint())?
            .time_limit(LIMIT)
            .run()?
            .success()?;
        check(finished, left)?;
    }
    Ok(())
}

/// Runs a mode in which the program itself checks everything.
fn passes(mode: &str, rule: Rule) -> Result<()> {
    run(mode, rule, |finished, _| {
        let printed = finished.success()?;
        ensure!(printed == format!("{mode}: ok\n"), "{printed}");
        Ok(())
    })
}

#[test]
fn calls_return_before_the_server_has_answered_and_run_at_once() -> Result<()> {
    passes("concurrent", Rule::Together(8))
}

#[test]
fn what_has_not_begun_is_cancelled() -> Result<()> {
    passes("cancel", Rule::Together(2))
}

#[test]
fn closing_early_and_wrong_event_sets_do_no_harm() -> Result<()> {
    passes("early", Rule::Together(2))
}

/// HDF5 itself loses an operation that is put into a set from which the last one was taken out of
/// turn; see `vol::event_set`.
#[test]
fn operations_may_end_out_of_order() -> Result<()> {
    passes("order", Rule::Together(2))
}

#[test]
fn a_forked_child_leaves_its_parents_operations_alone() -> Result<()> {
    passes("fork", Rule::Together(2))
}

#[test]
fn failures_arrive_with_their_reason() -> Result<()> {
    run("failure", Rule::Broken, |finished, _| {
        let printed = finished.success()?;
        for words in ["H5Dwrite", "dataset '/d0'", "PUT /datasets/", "/value"] {
            ensure!(printed.contains(words), "no {words:?} in:\n{printed}");
        }
        Ok(())
    })
}

#[test]
fn what_nobody_waited_for_is_done_when_the_program_has_ended() -> Result<()> {
    run("leave", Rule::Together(2), |finished, left| {
        ensure!(finished.success()? == "leave: ok\n");
        ensure!(left == "5 6 0 0 0 0 0 0 \n", "{left}");
        Ok(())
    })
}

#[test]
fn a_program_ends_though_the_server_is_silent_and_says_what_is_lost() -> Result<()> {
    run("silent", Rule::Together(1000), |finished, _| {
        let (words, errors) = ("that nobody waited for", finished.stderr.clone());
        ensure!(finished.success()? == "silent: ok\n");
        ensure!(errors.contains(words), "no {words:?} in:\n{errors}");
        Ok(())
    })
}
