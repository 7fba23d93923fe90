//! `tests/tools/exceptions.txt`: what cannot be expected of a tool on a sample, and why.
//!
//! A line is `<check> <sample>: <reason>`; the checks are those of `samples`, `all` leaves a
//! sample out.

use anyhow::{Context, Result, bail};
use h5rest_testkit::build;

use super::samples::{ALL, CHECKS, Sample};

/// The file's lines: check, sample.
#[derive(Debug)]
pub struct Exceptions(Vec<(String, String)>);

impl Exceptions {
    /// Reads the file; a line about a sample or a check that is not there is an error.
    pub fn read(samples: &[Sample]) -> Result<Self> {
        let file = build::repository().join("tests/tools/exceptions.txt");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut exceptions = Vec::new();
        for line in lines {
            let (check, sample) =
                exception(line).with_context(|| format!("{}: {line:?}", file.display()))?;
            if !samples.iter().any(|one| one.name == sample) {
                bail!("{}: no sample {sample}", file.display());
            }
            exceptions.push((check.to_owned(), sample.to_owned()));
        }
        Ok(Self(exceptions))
    }

    /// Whether this check is not expected to succeed on this sample.
    pub fn has(&self, check: &str, sample: &str) -> bool {
        let is_it = |(one, of): &(String, String)| one == check && of == sample;
        self.0.iter().any(is_it)
    }
}

fn exception(line: &str) -> Option<(&str, &str)> {
    let (head, reason) = line.split_once(": ")?;
    let (check, sample) = head.split_once(' ')?;
    let known = check == ALL || CHECKS.contains(&check);
    let complete = known && !reason.trim().is_empty();
    complete.then(|| (check, sample.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_needs_a_reason() {
        assert_eq!(exception("dump a/b.h5: why"), Some(("dump", "a/b.h5")));
        for line in ["dump a/b.h5", "dump a/b.h5: ", "odd a/b.h5: why"] {
            assert_eq!(exception(line), None, "{line}");
        }
    }
}
