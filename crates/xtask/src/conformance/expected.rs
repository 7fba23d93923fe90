//! The results this repository expects, in `tests/conformance/<target>.txt`: one line a test,
//! `PASS name`. Tests that HDF5 leaves out (SKIP) are listed too, so that none can vanish unseen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use h5rest_testkit::build;

use super::report::{Outcome, Report};

/// The file with the expectations for `target`.
pub fn file(target: &str) -> PathBuf {
    build::repository()
        .join("tests")
        .join("conformance")
        .join(format!("{target}.txt"))
}

/// Expected outcomes by test name.
#[derive(Debug, Default)]
pub struct Expected {
    outcomes: BTreeMap<String, Outcome>,
}

/// How results differ from the expectations.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed or crashed, as is known of them.
    pub known_failures: usize,
    /// Tests that did worse, with both outcomes in words.
    pub worse: Vec<String>,
    /// Tests that did better.
    pub better: Vec<String>,
}

impl Comparison {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.passed += 1,
            Outcome::Skip => {}
            Outcome::Fail | Outcome::Crash => self.known_failures += 1,
        }
    }
}

impl Expected {
    /// Reads the expectations; a file that is not there expects nothing.
    pub fn read(file: &Path) -> Result<Self> {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other.with_context(|| format!("cannot read {}", file.display()))?,
        };
        let mut outcomes = BTreeMap::new();
        for line in text.lines() {
            let (word, name) = line
                .split_once(' ')
                .with_context(|| format!("{}: no test in {line:?}", file.display()))?;
            let outcome = Outcome::from_word(word)
                .with_context(|| format!("{}: no outcome in {line:?}", file.display()))?;
            outcomes.insert(name.to_owned(), outcome);
        }
        Ok(Self { outcomes })
    }

    /// Writes the expectations.
    pub fn write(&self, file: &Path) -> Result<()> {
        let mut text = String::new();
        for (name, outcome) in &self.outcomes {
            writeln!(text, "{} {name}", outcome.word())?;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Compares what the `suites` that ran said with what is expected of them.
    pub fn compare(&self, results: &Report, suites: &[String]) -> Comparison {
        let mut comparison = Comparison::default();
        for (name, expected) in self.of(suites) {
            let found = results.outcomes.get(name);
            let line = format!(
                "{} -> {}: {name}",
                expected.word(),
                found.map_or("NOT RUN", |outcome| outcome.word())
            );
            match found {
                Some(found) if found == expected => comparison.count(*found),
                Some(Outcome::Pass) => {
                    comparison.passed += 1;
                    comparison.better.push(line);
                }
                Some(found) if *expected != Outcome::Pass && found < expected => {
                    comparison.count(*found);
                    comparison.better.push(line);
                }
                _ if *expected == Outcome::Crash => comparison.better.push(line),
                _ => comparison.worse.push(line),
            }
        }
        for (name, found) in &results.outcomes {
            if !self.outcomes.contains_key(name) {
                let line = format!("new -> {}: {name}", found.word());
                match found {
                    Outcome::Pass | Outcome::Skip => {
                        comparison.count(*found);
                        comparison.better.push(line);
                    }
                    Outcome::Fail | Outcome::Crash => comparison.worse.push(line),
                }
            }
        }
        comparison
    }

    /// Takes over the results of the `suites` that ran.
    pub fn replace(&mut self, results: &Report, suites: &[String]) {
        self.outcomes.retain(|name, _| !belongs(name, suites));
        self.outcomes.extend(
            results
                .outcomes
                .iter()
                .map(|(name, outcome)| (name.clone(), *outcome)),
        );
    }

    fn of<'a>(&'a self, suites: &'a [String]) -> impl Iterator<Item = (&'a String, &'a Outcome)> {
        self.outcomes
            .iter()
            .filter(move |(name, _)| belongs(name, suites))
    }
}

/// Whether a test is part of one of the suites.
fn belongs(name: &str, suites: &[String]) -> bool {
    let suite = name.split_once(" / ").map_or(name, |(suite, _)| suite);
    suites.iter().any(|one| one == suite)
}

impl Comparison {
    /// Tells a person what changed.
    pub fn print(&self) {
        for line in &self.worse {
            println!("worse: {line}");
        }
        for line in &self.better {
            println!("better: {line}");
        }
        if !self.better.is_empty() && self.worse.is_empty() {
            println!("keep the better results with --bless");
        }
    }
}
