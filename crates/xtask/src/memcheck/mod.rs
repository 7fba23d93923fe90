//! `cargo xtask memcheck`: programs and test suites with a connector and a server that were built
//! with AddressSanitizer. No error and no leak may have code of this project on its stack.

mod programs;
mod report;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{H5rest, build, sanitizer};

use crate::conformance::SuiteRun;
use crate::{conformance, run, setup};
use report::Finding;

/// Programs of this repository: the C and Fortran programs of `c-tests`, integration tests that run
/// programs, and random programs on a server that lies.
const OWN: [&str; 5] = ["c-tests", "c_api", "programs", "hostile", "lies"];

/// How many random programs.
const LIES: &str = "1000";

/// Tests of these that show nothing with the sanitizer.
const LEFT_OUT: [&str; 6] = [
    // h5rest has a sanitizer of its own, which refuses the plugin's, which h5rest put and get load.
    "transfer::",
    // A forked child inherits what threads work with, but no threads that could free it.
    "collected::a_forked_child_sends_nothing_of_its_parents",
    "event_sets::a_forked_child_leaves_its_parents_operations_alone",
    "python::processes_that_python_forks_and_exceptions_of_signals",
    // The sanitizer keeps for a time what was freed.
    "life::a_thousand_cycles_leave_nothing_behind",
    // HDF5 forgets the request of an operation that it cannot add to an event set.
    "event_sets::closing_early_and_wrong_event_sets_do_no_harm",
];

/// What is run in short: all that programs do, what they do when the server lies, and the suites in
/// which files and objects come and go in unusual ways.
const SHORT: [&str; 5] = ["c-tests", "hostile", "file", "object", "testhdf5:file"];

/// How long one suite may run: the sanitizer makes the longest several times slower.
const SUITE_LIMIT: Duration = Duration::from_secs(3600);

/// What is asked for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only what `cargo xtask test` runs
    #[arg(long)]
    short: bool,
    /// Only this: c-tests, c_api, programs, hostile, lies, or a suite of `cargo xtask conformance`
    suite: Option<String>,
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Suites in which nothing was found.
    pub clean: usize,
    /// Errors and leaks of this project.
    pub findings: usize,
}

/// Runs what is asked for and prints what is found.
pub fn run(options: &Options) -> Result<Counts> {
    setup::run()?;
    let suites = suites(options)?;
    run::heading("Build with AddressSanitizer");
    let built = build::with_sanitizer()?;
    let reports = tempfile::tempdir().context("cannot make a folder for reports")?;
    build::use_folder(built.clone());
    sanitizer::observe(reports.path())?;
    let mut counts = Counts::default();
    for suite in suites {
        let ran = run_suite(&suite, &built);
        let outcome = match &ran {
            Ok(outcome) => outcome.clone(),
            Err(error) => format!("{error:#}"),
        };
        let found = report::take_all(reports.path())?;
        let (ours, others): (Vec<Finding>, Vec<Finding>) =
            found.into_iter().partition(Finding::is_ours);
        println!(
            "{suite:22} {} errors and leaks ({} of the programs alone); {outcome}",
            ours.len(),
            others.len()
        );
        for finding in &ours {
            println!("{}", finding.summary());
        }
        // A suite that did not run as it should has shown nothing.
        counts.findings += ours.len() + usize::from(ran.is_err());
        counts.clean += usize::from(ours.is_empty() && ran.is_ok());
    }
    Ok(counts)
}

fn suites(options: &Options) -> Result<Vec<String>> {
    let own = || OWN.iter().map(ToString::to_string);
    match &options.suite {
        None if options.short => Ok(SHORT.iter().map(ToString::to_string).collect()),
        None => Ok(own()
            .chain(conformance::suites(Version::V1_14_5, None)?)
            .collect()),
        Some(name) if own().any(|one| one == *name) => Ok(vec![name.clone()]),
        Some(name) => conformance::suites(Version::V1_14_5, Some(name)),
    }
}

/// Runs one suite on a server of its own and says how it went. Tests that fail are no matter here:
/// other commands count them. A program that was stopped is: it did not come to tell its leaks.
fn run_suite(suite: &str, built: &Path) -> Result<String> {
    match suite {
        "c_api" | "programs" | "hostile" => return cargo_test(suite, built),
        "lies" => return lies(built),
        _ => {}
    }
    let server = H5rest::in_memory()?;
    let outcome = if suite == "c-tests" {
        programs::run(server.endpoint())?
    } else {
        let how = SuiteRun {
            hdf5: &hdf5::installation(Version::V1_14_5)?,
            endpoint: Some(server.endpoint()),
            caches: true,
            limit: SUITE_LIMIT,
            verbose: false,
        };
        let report = conformance::run_suite(suite, &how)?;
        if !report.ended() {
            bail!("{suite} was not run to its end: {report}");
        }
        report.to_string()
    };
    // Its leaks are told when it ends.
    let status = server.stop()?;
    if !status.success() {
        bail!("h5rest ended with {status} after {suite}");
    }
    Ok(outcome)
}

/// Integration tests start their own servers and programs.
fn cargo_test(name: &str, built: &Path) -> Result<String> {
    let status = cargo(built)?
        .args(["test", "--quiet", "--package", "hdf5-vol-rest", "--test"])
        .arg(name)
        .args(["--no-fail-fast", "--", "--test-threads=2"])
        .args(LEFT_OUT.iter().flat_map(|test| ["--skip", test]))
        .status()
        .context("cannot start cargo test")?;
    if !status.success() {
        bail!("the integration test {name} ended with {status}");
    }
    Ok("all its tests passed".to_owned())
}

/// Random programs whose server lies: nothing they do is compared, they must only survive.
fn lies(built: &Path) -> Result<String> {
    let status = cargo(built)?
        .args(["run", "--quiet", "--release", "--package", "h5rest-parity"])
        .args(["--", "run", "--faults", "lies", "--cases", LIES])
        .status()
        .context("cannot start the random programs")?;
    if !status.success() {
        bail!("random programs did not survive what the server says ({status})");
    }
    Ok(format!("{LIES} random programs survived"))
}

/// Cargo, for what runs programs with the connector in `built` under the sanitizer.
fn cargo(built: &Path) -> Result<Command> {
    let sanitizer = sanitizer::in_use()?.context("no sanitizer is in use")?;
    let (variable, reports) = sanitizer.handed_on();
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(build::repository())
        .env("H5REST_BUILD_DIR", built)
        .env(variable, reports);
    Ok(command)
}
