//! How much memory a server takes while it works.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

/// How often the server's memory is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Seconds that the work took, and the most memory of these processes together meanwhile, in MiB.
pub(super) fn watched(
    processes: &[u32],
    mut work: impl FnMut() -> Result<()>,
) -> Result<(f64, f64)> {
    let (ended, ending) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let watching = scope.spawn(move || {
            let mut most = occupied(processes)?;
            while ending.recv_timeout(GLANCE) == Err(RecvTimeoutError::Timeout) {
                most = most.max(occupied(processes)?);
            }
            anyhow::Ok(most.max(occupied(processes)?))
        });
        let began = Instant::now();
        let outcome = work();
        let seconds = began.elapsed().as_secs_f64();
        drop(ended);
        let most = watching.join().map_err(|_| anyhow!("nobody watched"))??;
        outcome.map(|()| (seconds, most))
    })
}

/// Memory that these processes occupy together, in MiB.
pub(crate) fn occupied(processes: &[u32]) -> Result<f64> {
    let mut kilobytes = 0;
    for process in processes {
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes += number.unwrap_or(0);
    }
    Ok(kilobytes as f64 / 1024.0)
}
