//! What is in `.hscfg` files, for `h5rest doctor`: the connector reads them in silence, because
//! other tools keep settings of their own there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::sources::{SECRET_KEYS, from_text, known_key};

/// A settings file that exists.
#[derive(Debug)]
pub struct SettingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// The settings that it has, without their values.
    pub keys: Vec<&'static str>,
    /// What is wrong with it, a sentence each.
    pub problems: Vec<String>,
}

/// The files that are read, the first one first, as far as they exist.
pub fn settings_files() -> Vec<SettingsFile> {
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".hscfg"));
    let paths = [Some(PathBuf::from(".hscfg")), home];
    paths.into_iter().flatten().filter_map(examine).collect()
}

fn examine(path: PathBuf) -> Option<SettingsFile> {
    let metadata = fs::metadata(&path).ok()?;
    let (keys, problems) = match fs::read_to_string(&path) {
        Ok(text) => {
            let (keys, mut problems) = examine_text(&text);
            let secret = keys.iter().any(|key| SECRET_KEYS.contains(key));
            if secret && metadata.permissions().mode() & 0o077 != 0 {
                problems.push("it holds a password or key and others can read it".into());
            }
            (keys, problems)
        }
        Err(error) => (Vec::new(), vec![format!("it cannot be read: {error}")]),
    };
    Some(SettingsFile {
        path,
        keys,
        problems,
    })
}

fn examine_text(text: &str) -> (Vec<&'static str>, Vec<String>) {
    let (mut keys, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        let (line, number) = (line.trim(), number + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            // What stands there may be a password: it is not repeated.
            problems.push(format!("line {number} has no '=' and is passed over"));
            continue;
        };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        let Some(known) = known_key(key.strip_prefix("hs_").unwrap_or(&key)) else {
            if let Some(rest) = key.strip_prefix("hsds_") {
                problems.push(format!(
                    "line {number} sets '{key}', which is passed over: in a file it is called \
                     'hs_{rest}'"
                ));
            }
            continue;
        };
        keys.push(known);
        if value.len() > 1 && value.starts_with(['"', '\'']) && value.ends_with(['"', '\'']) {
            problems.push(format!(
                "line {number}: the quotes around the value of '{key}' are taken as part of it"
            ));
        }
    }
    let source = from_text("a file", text);
    keys.retain(|key| source.get(key).is_some());
    keys.dedup();
    (keys, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named_and_secrets_are_not() {
        let text = "# mine\nhs_endpoint = \"http://h:1\"\nhs_username ann\nhs_password = NONE\n\
                    hsds_password = secret\nhs_use_https = 1\n";
        let (keys, problems) = examine_text(text);
        assert_eq!(keys, ["endpoint"]);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("quotes"));
        assert!(problems[1].contains("line 3"));
        assert!(problems[2].contains("hs_password"));
        assert!(!problems.concat().contains("secret"));
    }
}
