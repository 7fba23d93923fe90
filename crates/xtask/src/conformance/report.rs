//! What one run of the API tests said, test by test.

use std::collections::BTreeMap;
use std::fmt;

/// How one test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It passed.
    Pass,
    /// The suite leaves it out, for everyone or for connectors without the feature.
    Skip,
    /// It failed.
    Fail,
    /// It took the whole program down with it, or never ended.
    Crash,
}

impl Outcome {
    /// The word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Skip => "SKIP",
            Self::Fail => "FAIL",
            Self::Crash => "CRASH",
        }
    }

    /// The outcome a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Pass, Self::Skip, Self::Fail, Self::Crash]
            .into_iter()
            .find(|outcome| outcome.word() == word)
    }

    /// The outcome a line of a test program's output ends with.
    fn at_end_of(line: &str) -> Option<Self> {
        let line = line.trim_end();
        if line.ends_with(" PASSED") {
            Some(Self::Pass)
        } else if line.ends_with("*FAILED*") {
            Some(Self::Fail)
        } else if line.ends_with("-SKIP-") {
            Some(Self::Skip)
        } else {
            None
        }
    }
}

/// Outcomes by test name, `suite / test / part`.
#[derive(Debug, Default)]
pub struct Report {
    /// Every test that ran.
    pub outcomes: BTreeMap<String, Outcome>,
}

impl Report {
    /// A suite that is one test.
    pub fn single(name: &str, outcome: Outcome) -> Self {
        Self {
            outcomes: BTreeMap::from([(name.to_owned(), outcome)]),
        }
    }

    /// Reads the output of `h5_api_test`. A test prints `Testing <what>` and then, on the same line
    /// or after messages of its own, its outcome; parts of a test are indented.
    pub fn parse(suite: &str, output: &str) -> Self {
        let mut report = Self::default();
        let mut test = String::new();
        let mut open: Option<String> = None;
        for line in output.lines() {
            let outcome = Outcome::at_end_of(line);
            if let Some((is_part, what)) = title(line) {
                if !is_part {
                    test = what.clone();
                }
                let name = if is_part {
                    format!("{suite} / {test} / {what}")
                } else {
                    format!("{suite} / {what}")
                };
                match outcome {
                    Some(outcome) => report.insert(name, outcome),
                    None => open = Some(name),
                }
            } else if let (Some(outcome), Some(name)) =
                (outcome, open.take_if(|_| outcome.is_some()))
            {
                report.insert(name, outcome);
            }
        }
        report
    }

    /// Notes that the suite's program was ended by a signal.
    pub fn crash(&mut self, suite: &str) {
        self.insert(format!("{suite} / the program itself"), Outcome::Crash);
    }

    /// Whether each program of the suite ran to its end.
    pub fn ended(&self) -> bool {
        self.count(Outcome::Crash) == 0
    }

    /// Takes over the outcomes of another report.
    pub fn add(&mut self, other: Self) {
        self.outcomes.extend(other.outcomes);
    }

    /// Tests of the same name (HDF5 has some) get a number.
    fn insert(&mut self, name: String, outcome: Outcome) {
        let mut unique = name.clone();
        let mut number = 1;
        while self.outcomes.contains_key(&unique) {
            number += 1;
            unique = format!("{name} ({number})");
        }
        self.outcomes.insert(unique, outcome);
    }

    fn count(&self, wanted: Outcome) -> usize {
        self.outcomes
            .values()
            .filter(|outcome| **outcome == wanted)
            .count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:5} passed {:5} failed {:5} skipped {:3} crashed",
            self.count(Outcome::Pass),
            self.count(Outcome::Fail),
            self.count(Outcome::Skip),
            self.count(Outcome::Crash)
        )
    }
}

/// Whether a line announces a part of a test, and what it tests.
fn title(line: &str) -> Option<(bool, String)> {
    let (is_part, rest) = match line.strip_prefix("  Testing ") {
        Some(rest) => (true, rest),
        None => (false, line.strip_prefix("Testing ")?),
    };
    let what = ["PASSED", "*FAILED*", "-SKIP-"]
        .iter()
        .find_map(|word| rest.trim_end().strip_suffix(word))
        .unwrap_or(rest);
    Some((is_part, what.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_parts_and_late_outcomes_are_told_apart() {
        let output = "\
Test parameters:
Testing H5Fcreate                                                      PASSED
Testing H5Fopen                                                       
  Testing H5Fopen in read-only mode                                    PASSED
  Testing H5Fopen in read-write mode                                  *FAILED*
    couldn't open file
Testing H5Dopen                                                        -SKIP-
Testing many groups 
    a word of its own
 PASSED
Testing H5Fcreate                                                     *FAILED*
";
        let report = Report::parse("file", output);
        let found: Vec<_> = report
            .outcomes
            .iter()
            .map(|(name, outcome)| (name.as_str(), *outcome))
            .collect();
        assert_eq!(
            found,
            [
                ("file / H5Dopen", Outcome::Skip),
                ("file / H5Fcreate", Outcome::Pass),
                ("file / H5Fcreate (2)", Outcome::Fail),
                ("file / H5Fopen / H5Fopen in read-only mode", Outcome::Pass),
                ("file / H5Fopen / H5Fopen in read-write mode", Outcome::Fail),
                ("file / many groups", Outcome::Pass),
            ]
        );
    }
}
