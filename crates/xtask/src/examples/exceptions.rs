//! `tests/examples/exceptions.txt`: what cannot be expected of an example, and why.
//!
//! A line is `<what> <where> <name>: <reason>`. What: `unbuilt` (does not compile with this HDF5),
//! `fails-natively` (without the connector, too), `differs` (prints something else through the
//! connector; it must not crash). Where: `all`, `h5rest`, `hsds`, or a release of HDF5.

use anyhow::{Context, Result, bail};
use h5rest_testkit::build;
use h5rest_testkit::hdf5::Version;

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

/// Where it is not expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Everywhere,
    On(Target),
    With(Version),
}

#[derive(Debug)]
struct Exception {
    what: What,
    place: Where,
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

    /// The exception for an example on a target with a release of HDF5, and its reason.
    pub fn of(&self, name: &str, target: Target, hdf5: Version) -> Option<(What, &str)> {
        let here = |place| match place {
            Where::Everywhere => true,
            Where::On(only) => only == target,
            Where::With(only) => only == hdf5,
        };
        let mut all = self.0.iter();
        let found = all.find(|one| one.name == name && here(one.place))?;
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
    let place = match words.next()? {
        "all" => Where::Everywhere,
        "h5rest" => Where::On(Target::H5rest),
        "hsds" => Where::On(Target::Hsds),
        number => Where::With(Version::numbered(number).ok()?),
    };
    let name = words.next()?.to_owned();
    let complete = words.next().is_none() && !reason.trim().is_empty();
    complete.then(|| Exception {
        what,
        place,
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
            (read.what, read.place),
            (What::Differs, Where::On(Target::Hsds))
        );
        assert_eq!(
            (read.name.as_str(), read.reason.as_str()),
            ("C/H5T/h5ex_t_x", "why")
        );
        let read = exception("differs 2.2.0 C/x: why").unwrap();
        assert_eq!(read.place, Where::With(Version::V2_2_0));
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
