//! `tests/h5py/exceptions.txt`: tests of h5py that cannot be expected to pass through the connector,
//! and why.
//!
//! A line is `<test>: <reason>`. The name of a class or of a file stands for all tests in it, that of
//! a test with parameters for all its parameters.

use anyhow::{Context, Result, bail};
use h5rest_testkit::build;

/// The file's lines: test, reason.
#[derive(Debug)]
pub struct Exceptions(Vec<(String, String)>);

impl Exceptions {
    /// Reads the file.
    pub fn read() -> Result<Self> {
        let file = build::repository().join("tests/h5py/exceptions.txt");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let read = lines
            .map(|line| exception(line).with_context(|| format!("{}: {line:?}", file.display())));
        Ok(Self(read.collect::<Result<_>>()?))
    }

    /// Fails if a line is about no test.
    pub fn check_names<'a>(&self, tests: impl Iterator<Item = &'a String>) -> Result<()> {
        let tests: Vec<&String> = tests.collect();
        for (name, _) in &self.0 {
            if !tests.iter().any(|test| covers(name, test)) {
                bail!("tests/h5py/exceptions.txt: h5py has no test {name}");
            }
        }
        Ok(())
    }

    /// The name of the line that covers this test.
    pub fn covering(&self, test: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| covers(name, test));
        found.map(|(name, _)| name.as_str())
    }

    /// The names of all lines.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

fn covers(name: &str, test: &str) -> bool {
    test.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with('['))
}

fn exception(line: &str) -> Option<(String, String)> {
    let (test, reason) = line.split_once(": ")?;
    let complete = test.contains(".py") && !reason.trim().is_empty();
    complete.then(|| (test.to_owned(), reason.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cover_what_is_in_them() {
        assert!(covers("test_a.py", "test_a.py::TestB::test_c"));
        assert!(covers("test_a.py::TestB", "test_a.py::TestB::test_c"));
        assert!(covers("test_a.py::test_c", "test_a.py::test_c[1-2]"));
        assert!(!covers("test_a.py::TestB", "test_a.py::TestBad::test_c"));
    }

    #[test]
    fn a_line_needs_a_reason() {
        assert!(exception("test_a.py::test_b: why").is_some());
        for line in ["test_a.py::test_b", "test_a.py::test_b: ", "odd: why"] {
            assert!(exception(line).is_none(), "{line}");
        }
    }
}
