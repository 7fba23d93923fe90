//! What a tool prints of a local file and of a domain, without what cannot be the same.

use anyhow::{Result, bail};
use h5rest_testkit::program::Finished;

/// Words that tell where a file has something: a server's place is another. Only what
/// stands before these words is compared.
const PLACES: [&str; 6] = [
    "Location:",
    " allocated bytes",
    "Opened \"",
    // Committed datatypes; the second are without a name, and h5dump calls them by their place.
    "shared-",
    "DATATYPE \"#",
    "DATATYPE  \"/#",
];
/// A line that h5ls prints of objects whose time of change it learns: of samples it often does not.
const TIME: &str = "    Modified: ";

/// Fails with the first line that differs. `names` are those of the file on both sides.
pub fn compare(native: &Finished, remote: &Finished, names: (&str, &str)) -> Result<()> {
    if remote.crashed() {
        bail!("crashed: {remote}");
    }
    let mut one = lines(&native.stdout, names.0);
    let mut other = lines(&remote.stdout, names.1);
    for number in 1_u64.. {
        // One line at a time: some tools print gigabytes.
        let (one, other) = (one.next(), other.next());
        if one != other {
            bail!(
                "line {number}: natively {one:?}, through the connector {other:?}; it says: {}",
                cause(&remote.stderr)
            );
        }
        if one.is_none() {
            break;
        }
    }
    if native.status.code() != remote.status.code() {
        bail!(
            "natively {}, through the connector {}",
            native.status,
            remote.status
        );
    }
    Ok(())
}

fn lines<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = text.lines().filter(|line| !line.starts_with(TIME));
    lines.map(move |line| shortened(&line.replace(name, "(file)")))
}

/// The line up to what cannot be the same.
fn shortened(line: &str) -> String {
    match PLACES.iter().find_map(|words| line.find(words)) {
        // "..., 40 allocated bytes, 100.00% utilization"
        Some(at) if line[at..].starts_with(PLACES[1]) => line[..at]
            .rsplit_once(' ')
            .map_or(line, |(start, _)| start)
            .to_owned(),
        Some(at) => line[..at].to_owned(),
        None => line.to_owned(),
    }
}

/// The first line of an error stack that the connector wrote, or the first of all.
fn cause(errors: &str) -> &str {
    let ours = errors
        .lines()
        .find(|line| line.contains("hdf5-vol-rest line"));
    ours.or_else(|| errors.lines().next())
        .unwrap_or("nothing")
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_not_compared() {
        let line = "    Storage:   40 logical bytes, 48 allocated bytes, 83.33% utilization";
        assert_eq!(shortened(line), "    Storage:   40 logical bytes,");
        assert_eq!(shortened("    Location:  1:800"), "    ");
        assert_eq!(shortened("/   Group"), "/   Group");
    }
}
