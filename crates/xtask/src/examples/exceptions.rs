//! `tests/examples/exceptions.txt`: what cannot be expected of an example, and why.
//!
//! A line is `<what> <where> <name>: <reason>`. What: `unbuilt` (does not compile with this HDF5),
//! `fails-natively` (without the connector, too), `differs` (prints something else through the
//! connector; it must not crash). Where: `all`, `h5rest` or `hsds`.

use anyhow::{Context, Result, bail};
use h5rest_testkit::build;

use super::programs::Example;
use crate::target::Target;

/// What is not expected of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// That it compiles.
    Unbuilt,
    /// That it succeeds natively.
    FailsNatively,
    /// That it prints the same through the connector.
    Differs,
}

#[derive(Debug)]
struct Exception {
    what: What,
    target: Option<Target>,
    name: String,
    reason: String,
}

/// The file's lines.
#[derive(Debug)]
pub struct Exceptions(Vec<Exception>);

impl Exceptions {
    /// Reads the file; a line about an example that is not there is an error.
    pub fn read(examples: &[Example]) -> Result<Self> {
        let file = build::repository().join("tests/examples/exceptions.txt");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let mut exceptions = Vec::new();
        for line in text.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let exception = exception(line)
                .with_context(|| format!("{}: cannot read {line:?}", file.display()))?;
            if !examples.iter().any(|one| one.name() == exception.name) {
                bail!("{}: no example {}", file.display(), exception.name);
            }
            exceptions.push(exception);
        }
        Ok(Self(exceptions))
    }

    /// The exception for an example on a target, with its reason.
    pub fn of(&self, name: &str, target: Target) -> Option<(What, &str)> {
        let applies =
            |one: &&Exception| one.name == name && one.target.is_none_or(|only| only == target);
        let found = self.0.iter().find(applies)?;
        Some((found.what, &found.reason))
    }
}

fn exception(line: &str) -> Option<Exception> {
    let (head, reason) = line.split_once(": ")?;
    let mut words = head.split_whitespace();
    let what = match words.next()? {
        "unbuilt" => What::Unbuilt,
        "fails-natively" => What::FailsNatively,
        "differs" => What::Differs,
        _ => return None,
    };
    let target = match words.next()? {
        "all" => None,
        "h5rest" => Some(Target::H5rest),
        "hsds" => Some(Target::Hsds),
        _ => return None,
    };
    let name = words.next()?.to_owned();
    let complete = words.next().is_none() && !reason.trim().is_empty();
    complete.then(|| Exception {
        what,
        target,
        name,
        reason: reason.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_needs_a_reason() {
        let read = exception("differs hsds C/H5T/h5ex_t_x: why").unwrap();
        assert_eq!(
            (read.what, read.target),
            (What::Differs, Some(Target::Hsds))
        );
        assert_eq!(
            (read.name.as_str(), read.reason.as_str()),
            ("C/H5T/h5ex_t_x", "why")
        );
        for line in [
            "differs all C/x:",
            "differs all C/x",
            "differs some C/x: y",
            "odd all x: y",
        ] {
            assert!(exception(line).is_none(), "{line}");
        }
    }
}
