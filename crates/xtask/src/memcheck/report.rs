//! What AddressSanitizer wrote about one process, and what of it concerns this project.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use h5rest_testkit::build;

/// Frames that are shown of a stack.
const SHOWN_FRAMES: usize = 24;

/// An error or a leak.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// The program it was found in.
    pub program: String,
    /// The sanitizer's text: what, and the stacks.
    pub text: String,
}

impl Finding {
    /// Whether code of this project is on one of the stacks.
    pub fn is_ours(&self) -> bool {
        [build::PLUGIN, "/h5rest)"]
            .iter()
            .any(|module| self.text.contains(module))
    }

    /// The first lines of the text.
    pub fn summary(&self) -> String {
        let lines: Vec<&str> = self.text.lines().take(SHOWN_FRAMES).collect();
        format!("{}: {}", self.program, lines.join("\n"))
    }
}

/// Reads all reports in `folder` and removes them.
pub fn take_all(folder: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        // report.h5dump.1234
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let program = name.split('.').nth(1).unwrap_or_default();
        let found = findings_in(&text).map(|text| Finding {
            program: program.to_owned(),
            text,
        });
        findings.extend(found);
        fs::remove_file(&path)?;
    }
    Ok(findings)
}

/// The errors and leaks of one report: an error begins with a line of its own and has several
/// stacks; leaks are paragraphs.
fn findings_in(text: &str) -> impl Iterator<Item = String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.contains("ERROR: AddressSanitizer") || line.contains(" leak of ") {
            found.push(String::new());
            open = true;
        } else if line.starts_with("SUMMARY") || line.starts_with("=====") {
            open = false;
        }
        if let (true, Some(finding)) = (open, found.last_mut()) {
            finding.push_str(line);
            finding.push('\n');
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
=================================================================
==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1
READ of size 8 at 0x1 thread T0
    #0 0x1 borrow (/t/libhdf5_vol_rest.so) src/vol/handle.rs:120

freed by thread T0 here:
    #0 0x1 free (/usr/lib/libasan.so.8) <null>

SUMMARY: AddressSanitizer: heap-use-after-free
Shadow bytes around the buggy address:

=================================================================
==7==ERROR: LeakSanitizer: detected memory leaks

Direct leak of 12 byte(s) in 1 object(s) allocated from:
    #0 0x1 malloc (/usr/lib/libasan.so.8) <null>
    #1 0x2 main (/t/program) program.c:4

Indirect leak of 4 byte(s) in 1 object(s) allocated from:
    #0 0x1 malloc (/usr/lib/libasan.so.8) <null>
    #1 0x2 allocate (/t/libhdf5_vol_rest.so) src/transfer/user_buffer.rs:201

SUMMARY: AddressSanitizer: 16 byte(s) leaked in 2 allocation(s).
";

    #[test]
    fn errors_and_leaks_of_the_project_are_told_from_others() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("report.h5dump.7"), REPORT).expect("a report");
        let findings = take_all(folder.path()).expect("the report is read");
        let ours: Vec<bool> = findings.iter().map(Finding::is_ours).collect();
        assert_eq!(ours, [true, false, true], "{findings:?}");
        assert!(findings[0].text.contains("freed by"));
        assert!(!findings[0].text.contains("Shadow"));
        assert!(
            findings[1]
                .summary()
                .starts_with("h5dump: Direct leak of 12")
        );
        assert_eq!(take_all(folder.path()).expect("an empty folder"), []);
    }
}
