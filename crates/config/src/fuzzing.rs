//! Ways in for fuzz targets (`fuzz/`) to what nothing else outside needs. Part of builds for fuzzing only.

use crate::Config;
use crate::sources::{Own, from_info, from_text};

/// Settings of an information string and of the text of a settings file; nothing else counts.
pub fn settings(info: &str, file: &str) -> Config {
    let mut problems = Vec::new();
    let info = from_info(info, &mut problems);
    let file = from_text("a file", file);
    let own = Own::from_environment(|_| None);
    Config::resolve(&[info, file], &own, problems)
}
