//! Fetching a Debian source package of another release, without touching the machine's own
//! package lists: apt gets a private configuration that points at the mirror the machine uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::Work;

/// Where the machine's Debian comes from.
#[derive(Debug, PartialEq, Eq)]
struct Mirror {
    uris: String,
    /// Value of `Signed-By`, verbatim (a path, or a key over several lines); none means apt's
    /// trusted keys.
    signed_by: Option<String>,
}

/// Downloads the source package `package` of Debian release `release` into `folder`.
pub fn download(work: &Work, package: &str, release: &str, folder: &Path) -> Result<()> {
    let mirror = mirror()?;
    let apt = folder.join("apt");
    for part in ["sources", "lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(apt.join(part))?;
    }
    let mut entry = format!(
        "Types: deb-src\nURIs: {}\nSuites: {release}\nComponents: main\n",
        mirror.uris
    );
    if let Some(signed_by) = mirror.signed_by {
        entry += &format!("Signed-By: {signed_by}\n");
    }
    fs::write(apt.join("sources").join("release.sources"), entry)?;
    let options = [
        format!("-oDir::Etc::sourceparts={}", apt.join("sources").display()),
        "-oDir::Etc::sourcelist=/dev/null".to_owned(),
        format!("-oDir::State::Lists={}", apt.join("lists").display()),
        format!("-oDir::Cache={}", apt.join("cache").display()),
        "-oAcquire::Retries=3".to_owned(),
    ];
    work.run(Command::new("apt-get").args(&options).arg("update"))?;
    work.run(
        Command::new("apt-get")
            .args(&options)
            .args(["source", "--download-only"])
            .arg(format!("{package}/{release}"))
            .current_dir(folder),
    )
}

/// The mirror of the machine's own release.
fn mirror() -> Result<Mirror> {
    let release = fs::read_to_string("/etc/os-release").context("cannot read /etc/os-release")?;
    let codename = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .context("/etc/os-release has no VERSION_CODENAME")?
        .trim_matches('"');
    for file in source_files()? {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let found = match file.extension().and_then(|extension| extension.to_str()) {
            Some("sources") => from_stanzas(&text, codename),
            _ => from_lines(&text, codename),
        };
        if let Some(mirror) = found {
            return Ok(mirror);
        }
    }
    bail!("found no entry for {codename} with the component main in /etc/apt")
}

fn source_files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let list = PathBuf::from("/etc/apt/sources.list");
    if list.is_file() {
        files.push(list);
    }
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        for entry in entries {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|one| one == "sources" || one == "list")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Reads the deb822 format (`*.sources`): stanzas of `Field: value`.
fn from_stanzas(text: &str, codename: &str) -> Option<Mirror> {
    let without_comments: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    without_comments
        .join("\n")
        .split("\n\n")
        .find_map(|stanza| {
            let has = |name: &str, word: &str| {
                field(stanza, name)
                    .is_some_and(|value| value.split_whitespace().any(|one| one == word))
            };
            let enabled = field(stanza, "Enabled").is_none_or(|value| value != "no");
            if !(enabled
                && has("Types", "deb")
                && has("Suites", codename)
                && has("Components", "main"))
            {
                return None;
            }
            Some(Mirror {
                uris: field(stanza, "URIs")?,
                signed_by: field(stanza, "Signed-By"),
            })
        })
}

/// One field's value, with its continuation lines.
fn field(stanza: &str, name: &str) -> Option<String> {
    let mut lines = stanza.lines().skip_while(|line| {
        !line
            .split_once(':')
            .is_some_and(|(key, _)| key.eq_ignore_ascii_case(name))
    });
    let mut value = lines.next()?.split_once(':')?.1.trim().to_owned();
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        value.push('\n');
        value.push_str(line);
    }
    Some(value)
}

/// Reads the one-line format (`sources.list`): `deb [options] uri suite component...`.
fn from_lines(text: &str, codename: &str) -> Option<Mirror> {
    text.lines().find_map(|line| {
        let mut rest = line.split('#').next()?.trim().strip_prefix("deb")?;
        if !rest.starts_with([' ', '\t']) {
            return None;
        }
        rest = rest.trim_start();
        let mut signed_by = None;
        if let Some(bracketed) = rest.strip_prefix('[') {
            let (options, after) = bracketed.split_once(']')?;
            signed_by = options
                .split_whitespace()
                .find_map(|option| option.strip_prefix("signed-by="))
                .map(str::to_owned);
            rest = after.trim_start();
        }
        let words: Vec<&str> = rest.split_whitespace().collect();
        let [uri, suite, components @ ..] = words.as_slice() else {
            return None;
        };
        (*suite == codename && components.contains(&"main")).then(|| Mirror {
            uris: (*uri).to_owned(),
            signed_by,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanza_of_the_release_is_found_among_others() {
        let text = "\
Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main

# the release itself
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
";
        let mirror = from_stanzas(text, "bookworm").unwrap();
        assert_eq!(mirror.uris, "http://mirror.example/debian");
        assert_eq!(
            mirror.signed_by.as_deref(),
            Some("\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc")
        );
    }

    #[test]
    fn disabled_stanza_is_passed_over() {
        let text = "Types: deb\nURIs: u\nSuites: bookworm\nComponents: main\nEnabled: no\n";
        assert_eq!(from_stanzas(text, "bookworm"), None);
    }

    #[test]
    fn line_of_the_release_is_found_among_others() {
        let text = "\
# deb http://old.example bookworm main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/security bookworm-security main
deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm main
";
        assert_eq!(
            from_lines(text, "bookworm"),
            Some(Mirror {
                uris: "http://mirror.example/debian".into(),
                signed_by: Some("/usr/share/keyrings/k.gpg".into()),
            })
        );
    }
}
