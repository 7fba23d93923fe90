//! What a program printed, and whether two runs printed the same.

use std::fmt;

use anyhow::{Result, bail};
use h5rest_testkit::program::Finished;

/// Output that cannot be the same: `(program, start of a line, reason)`. Of such a line only the
/// start is compared.
const MASKS: [(&str, &str, &str); 2] = [
    (
        "h5ex_g_compact",
        "File size for ",
        "the size of a file in HDF5's own format; a server's is another",
    ),
    (
        "h5ex_vds-eiger",
        " [ [",
        "a buffer that nothing was read into, because none of the sources exists",
    ),
];

/// What a program did.
#[derive(Debug)]
pub struct Printed(Finished);

impl From<Finished> for Printed {
    fn from(finished: Finished) -> Self {
        Self(finished)
    }
}

impl Printed {
    /// Whether it ended as a program does that succeeded.
    pub fn succeeded(&self) -> bool {
        self.0.status.success()
    }

    /// Whether a signal ended it.
    pub fn crashed(&self) -> bool {
        self.0.crashed()
    }

    /// Fails with the first difference, if there is any: in how they ended, in the output, or in
    /// whether HDF5 reported errors.
    pub fn compare(&self, other: &Self, name: &str) -> Result<()> {
        let (one, two) = (&self.0, &other.0);
        if one.status != two.status {
            bail!(
                "natively {}, through the connector {}",
                one.status,
                two.status
            );
        }
        let (mine, theirs) = (lines(&one.stdout, name), lines(&two.stdout, name));
        for at in 0..mine.len().max(theirs.len()) {
            let (mine, theirs) = (mine.get(at), theirs.get(at));
            if mine != theirs {
                bail!(
                    "line {}: natively {mine:?}, through the connector {theirs:?}{}",
                    at + 1,
                    cause(&two.stderr)
                );
            }
        }
        if one.stderr.is_empty() && !two.stderr.is_empty() {
            bail!("errors only through the connector{}", cause(&two.stderr));
        }
        Ok(())
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

fn lines(text: &str, name: &str) -> Vec<String> {
    let mask = MASKS.iter().find(|(program, ..)| name.ends_with(program));
    let masked = |line: &str| match mask {
        Some((_, start, _)) if line.starts_with(start) => (*start).to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(masked).collect()
}

/// The line of an error stack that the connector wrote.
fn cause(errors: &str) -> String {
    let ours = errors
        .lines()
        .find(|line| line.contains(": hdf5-vol-rest line"));
    ours.map_or_else(String::new, |line| format!("; {}", line.trim()))
}
