//! Lines of columns, and names as a terminal can show them.

use std::io::Write as _;

use anyhow::{Context, Result};

/// The columns of a line.
pub(super) type Line = Vec<String>;

/// Prints lines with their columns below each other.
pub(super) fn print(lines: &[Line]) -> Result<()> {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths);
        let padded: Vec<String> = cells
            .map(|(cell, &width)| format!("{cell:width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()) {
        // Who reads the first lines only (`| head`) has them.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot print the list"),
    }
}

/// A name without what would move a terminal's cursor or change its colours.
pub(super) fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter.is_control() {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    shown
}

/// A time in seconds since 1970 as `2026-11-21 14:30:05` (UTC), or nothing.
pub(super) fn time(seconds: Option<f64>) -> String {
    let seconds = seconds.filter(|seconds| *seconds > 0.0);
    let moment =
        seconds.and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds as i64).ok());
    moment.map_or_else(String::new, |moment| {
        format!(
            "{} {:02}:{:02}:{:02}",
            moment.date(),
            moment.hour(),
            moment.minute(),
            moment.second()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_times() {
        assert_eq!(shown("a\u{1b}[31m\u{e4}"), "a\\u{1b}[31m\u{e4}");
        assert_eq!(time(Some(1_000_000_000.5)), "2001-09-09 01:46:40");
        assert_eq!(time(None), "");
    }
}
