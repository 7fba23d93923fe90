//! Running h5py's tests and reading what became of each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Program, build, python};
use serde_json::Value;
use tempfile::TempDir;

use crate::run;

/// How long all tests may take.
const LIMIT: Duration = Duration::from_secs(900);

/// What became of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The process ended in it.
    Unfinished,
    /// With the first lines of the reason.
    Failed(String),
    /// Skipped by itself, or expected to fail by h5py.
    Skipped,
    Passed,
}

impl Outcome {
    /// For a person; `None` is a test that did not run.
    pub fn describe(outcome: Option<&Self>) -> String {
        match outcome {
            None => "did not run".into(),
            Some(Self::Unfinished) => "the process ended in it".into(),
            Some(Self::Failed(message)) => message.clone(),
            Some(Self::Skipped) => "skipped, but not natively".into(),
            Some(Self::Passed) => "passed".into(),
        }
    }
}

/// What became of all tests of one run.
#[derive(Debug)]
pub struct Results {
    /// By the test's name, as in `test_file.py::TestClose::test_close`.
    pub outcomes: BTreeMap<String, Outcome>,
    /// What pytest printed.
    pub printed: String,
}

impl Results {
    /// The test in which the process ended.
    pub fn unfinished(&self) -> Option<&str> {
        let mut outcomes = self.outcomes.iter();
        outcomes
            .find(|(_, outcome)| **outcome == Outcome::Unfinished)
            .map(|(test, _)| test.as_str())
    }
}

/// The tests of the wheel, ready to run.
pub struct Suite {
    python3: PathBuf,
    /// The folder of the tests.
    tests: PathBuf,
    /// Where the tests make their files; a folder of the same path is on the server.
    work: TempDir,
}

impl Suite {
    /// Finds the tests, and takes the files that come with them to the server.
    pub fn prepare(endpoint: &Endpoint, administrator: &Endpoint) -> Result<Self> {
        let python3 = python::program(python::PROGRAMS, "python3")?;
        let found = run::output(
            Command::new(&python3).args(["-c", "import h5py.tests; print(h5py.tests.__path__[0])"]),
        )?;
        let tests = PathBuf::from(found.trim());
        let work = tempfile::Builder::new().prefix("h5py-").tempdir()?;
        let suite = Self {
            python3,
            tests,
            work,
        };
        let above: Vec<&Path> = suite.work.path().ancestors().collect();
        for folder in above.into_iter().rev().skip(1) {
            make_folder(administrator, folder, &endpoint.username)?;
        }
        suite.bring_samples(endpoint)?;
        Ok(suite)
    }

    fn samples(&self) -> PathBuf {
        self.work.path().join("samples")
    }

    fn bring_samples(&self, endpoint: &Endpoint) -> Result<()> {
        let folder = self.samples();
        fs::create_dir(&folder)?;
        make_folder(endpoint, &folder, &endpoint.username)?;
        let hdf5 = hdf5::installation(Version::V1_14_5)?;
        for entry in fs::read_dir(self.tests.join("data_files"))? {
            let sample = entry?.path();
            if sample.extension().is_none_or(|end| end != "h5") {
                continue;
            }
            let name = folder.join(sample.file_name().context("a sample has a name")?);
            Program::new(build::folder()?.join(build::SERVER))
                .arg("put")
                .arg(&sample)
                .arg(&name)
                .through_connector(endpoint)?
                .env("HDF5_REST_LIBRARY", hdf5.lib_dir().join("libhdf5.so"))
                .run()?
                .success()?;
            fs::copy(&sample, &name)?;
        }
        Ok(())
    }

    /// Runs the tests that pytest's expression `chosen` selects, or all: natively, or through the
    /// connector. A run that ends early is no error here.
    pub fn run(&self, endpoint: Option<&Endpoint>, chosen: Option<&str>) -> Result<Results> {
        let side = if endpoint.is_some() { "rest" } else { "native" };
        let temporary = self.work.path().join(side);
        let outcomes = self.work.path().join(format!("{side}.json"));
        fs::create_dir(&temporary)?;
        fs::write(&outcomes, "")?;
        let mut program = Program::new(&self.python3)
            .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"])
            .args(["--no-network", "-c", "/dev/null", "--rootdir"])
            .arg(&self.tests)
            .arg(&self.tests)
            .current_dir(&temporary)
            .time_limit(LIMIT)
            .env("PYTEST_PLUGINS", "domain_folders")
            .env("PYTHONPATH", build::repository().join("tests/h5py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONFAULTHANDLER", "1")
            .env("TMPDIR", &temporary)
            .env("SAMPLES", self.samples())
            .env("OUTCOMES", &outcomes);
        if let Some(chosen) = chosen {
            program = program.args(["-k", chosen]);
        }
        if let Some(endpoint) = endpoint {
            make_folder(endpoint, &temporary, &endpoint.username)?;
            program = program.through_connector(endpoint)?;
        }
        let finished = program.run()?;
        let results = Results {
            outcomes: read(&fs::read_to_string(&outcomes)?)?,
            printed: finished.to_string(),
        };
        // pytest ends with 1 if tests failed.
        let orderly = matches!(finished.status.code(), Some(0 | 1));
        if results.outcomes.is_empty() || !orderly && results.unfinished().is_none() {
            bail!("{finished}");
        }
        if !orderly {
            println!("{finished}");
        }
        Ok(results)
    }
}

fn make_folder(endpoint: &Endpoint, path: &Path, owner: &str) -> Result<()> {
    endpoint.create_folder(&path.display().to_string(), owner)
}

/// Reads the lines that `tests/h5py/domain_folders.py` writes.
fn read(text: &str) -> Result<BTreeMap<String, Outcome>> {
    let mut outcomes = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).context("a line of the outcomes")?;
        let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let outcome = match word("outcome").as_str() {
            "started" => Outcome::Unfinished,
            "passed" => Outcome::Passed,
            "skipped" => Outcome::Skipped,
            "failed" => Outcome::Failed(word("message")),
            other => bail!("no outcome: {other}"),
        };
        outcomes.insert(word("test"), outcome);
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_began_and_did_not_end_is_unfinished() {
        let lines = "{\"test\": \"a\", \"outcome\": \"started\"}\n\
                     {\"test\": \"a\", \"outcome\": \"failed\", \"message\": \"why\"}\n\
                     {\"test\": \"b\", \"outcome\": \"started\"}\n";
        let results = Results {
            outcomes: read(lines).unwrap(),
            printed: String::new(),
        };
        assert_eq!(results.outcomes["a"], Outcome::Failed("why".into()));
        assert_eq!(results.unfinished(), Some("b"));
        assert!(read("{\"test\": \"a\", \"outcome\": \"odd\"}").is_err());
    }
}
