//! The connector's log: off, unless `HDF5_REST_LOG` says how much (`error`, `info`, `debug`,
//! `trace`) or names a file to append everything to.
//!
//! Programs own their standard output; the log goes to standard error. Secrets never reach it:
//! they are not printable where they are kept.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::Once;
use std::time::{SystemTime, UNIX_EPOCH};

use log::{LevelFilter, Log, Metadata, Record};
use parking_lot::Mutex;

/// Where the lines go.
enum Target {
    StandardError,
    File(Mutex<File>),
}

struct Logger(Target);

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The HTTP library below logs what every connection does; that is not ours to tell.
        let ours = ["hdf5_vol_rest", "h5rest"];
        ours.iter().any(|name| metadata.target().starts_with(name))
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.map_or(0.0, |now| now.as_secs_f64());
        let process = std::process::id();
        let line = format!(
            "hdf5-vol-rest[{process}] {seconds:.3} {}: {}\n",
            record.level(),
            record.args()
        );
        // A log that cannot be written must not make a program fail.
        let _ = match &self.0 {
            Target::StandardError => std::io::stderr().write_all(line.as_bytes()),
            Target::File(file) => file.lock().write_all(line.as_bytes()),
        };
    }

    fn flush(&self) {}
}

/// Starts the log if it is wanted; does nothing when called again.
pub(crate) fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        let wish = std::env::var("HDF5_REST_LOG").unwrap_or_default();
        let Some((level, target)) = wanted(wish.trim()) else {
            return;
        };
        // Fails if a program that is linked with us has its own log: then that one is used.
        if log::set_boxed_logger(Box::new(Logger(target))).is_ok() {
            log::set_max_level(level);
        }
    });
}

fn wanted(wish: &str) -> Option<(LevelFilter, Target)> {
    let level = match wish.to_ascii_lowercase().as_str() {
        "" | "0" | "off" | "no" | "false" => return None,
        "1" | "on" | "yes" | "true" => LevelFilter::Debug,
        name => match name.parse() {
            Ok(level) => level,
            Err(_) => return file(wish),
        },
    };
    Some((level, Target::StandardError))
}

fn file(path: &str) -> Option<(LevelFilter, Target)> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .ok()?;
    Some((LevelFilter::Debug, Target::File(Mutex::new(file))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_levels_and_files() {
        assert!(wanted("").is_none() && wanted("off").is_none());
        assert!(matches!(
            wanted("info"),
            Some((LevelFilter::Info, Target::StandardError))
        ));
        assert!(matches!(wanted("1"), Some((LevelFilter::Debug, _))));
        assert!(wanted("/nonexistent/folder/log").is_none());
    }
}
