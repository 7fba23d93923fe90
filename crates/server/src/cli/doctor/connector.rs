//! How HDF5 is told to use the connector: `HDF5_VOL_CONNECTOR`.

use std::env;

use super::finding::Finding;
use crate::cli::connection::CONNECTOR;

const SUBJECT: &str = "HDF5_VOL_CONNECTOR";

/// Checks the variable's spelling.
pub(super) fn check() -> Vec<Finding> {
    let value = env::var("HDF5_VOL_CONNECTOR").unwrap_or_default();
    vec![check_value(&value)]
}

fn check_value(value: &str) -> Finding {
    const TODO: &str = "export HDF5_VOL_CONNECTOR=REST";
    // The words behind the name may hold a password: they are not repeated.
    let (name, words) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    if name.is_empty() {
        return Finding::note(
            SUBJECT,
            "is not set: programs use local files",
            format!("{TODO}, if they are to use the server (h5rest env prints all it takes)"),
        );
    }
    if name == CONNECTOR {
        let words = match words.trim().is_empty() {
            true => "REST",
            false => "REST, with settings",
        };
        return Finding::ok(SUBJECT, words);
    }
    if name.starts_with([CONNECTOR.as_bytes()[0] as char]) && name.starts_with("REST") {
        return Finding::problem(
            SUBJECT,
            "there must be a blank between REST and the settings",
            "export HDF5_VOL_CONNECTOR=\"REST endpoint=...;username=...\"",
        );
    }
    let meant = name.trim_matches(['"', '\'']).to_ascii_lowercase();
    let likely = [
        "rest",
        "520",
        "hdf5_vol_rest",
        "rest_vol",
        "libhdf5_vol_rest.so",
        "hsds",
    ];
    if likely.contains(&meant.as_str()) {
        return Finding::problem(
            SUBJECT,
            format!("is '{name}', but the connector's name is REST, in capitals"),
            TODO,
        );
    }
    Finding::note(
        SUBJECT,
        format!("is '{name}': programs use that connector, not this one"),
        format!("{TODO}, if they are to use the server"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn spellings() {
        for (value, level) in [
            ("REST", Level::Ok),
            (" REST endpoint=http://h;password=p", Level::Ok),
            ("", Level::Note),
            ("native", Level::Note),
            ("rest", Level::Problem),
            ("'REST'", Level::Problem),
            ("520", Level::Problem),
            ("REST;endpoint=http://h;password=p", Level::Problem),
        ] {
            let finding = check_value(value);
            assert_eq!(finding.level, level, "{value}");
            assert!(!finding.to_string().contains("password"));
        }
    }
}
