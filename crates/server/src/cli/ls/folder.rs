//! The entries of a folder.

use anyhow::{Context, Result};
use serde_json::Value;

use super::table::{Line, shown, time};
use super::target::Folder;

/// One line per entry: its name below the folder (with a `/` for folders), and with `long` before it
/// owner, size of a file where the server says so, and the time of the last change.
pub(super) fn list(folder: &Folder, recursive: bool, long: bool) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    // The last one is the next one, so that what is in a folder stands below it.
    let mut waiting = entries(folder, &folder.path, long)?;
    waiting.reverse();
    while let Some(entry) = waiting.pop() {
        let path = entry["name"].as_str().unwrap_or_default();
        let is_folder = entry["class"] == "folder";
        let below = path[folder.path.len().min(path.len())..].trim_start_matches('/');
        let name = format!("{}{}", shown(below), if is_folder { "/" } else { "" });
        let mut line = Line::new();
        if long {
            line.push(shown(entry["owner"].as_str().unwrap_or("?")));
            line.push(size(&entry, is_folder));
            let changed = entry["lastModified"].as_f64().or(entry["created"].as_f64());
            line.push(time(changed));
        }
        line.push(name);
        lines.push(line);
        if recursive && is_folder {
            let below = entries(folder, path, long)?;
            waiting.extend(below.into_iter().rev());
        }
    }
    Ok(lines)
}

fn entries(folder: &Folder, path: &str, sizes: bool) -> Result<Vec<Value>> {
    folder
        .client
        .folder(path, folder.bucket.as_deref(), sizes)
        .with_context(|| format!("cannot list {path}"))
}

/// Bytes of a file, right-aligned; the server may not have counted them.
fn size(entry: &Value, is_folder: bool) -> String {
    match (entry["total_size"].as_u64(), is_folder) {
        (Some(bytes), false) => format!("{bytes:>12}"),
        _ => format!("{:>12}", "-"),
    }
}
