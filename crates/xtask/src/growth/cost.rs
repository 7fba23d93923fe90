//! What a piece of work cost, measured around one program, and what ten times the work cost more.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use h5rest_testkit::Program;

use super::Bench;

/// How much more ten times the work may cost.
const MOST: f64 = 11.0;
/// Times of less than this say more about the machine than about the work.
const LEAST_SECONDS: f64 = 0.05;
/// No program may need longer.
const LIMIT: Duration = Duration::from_secs(1800);

/// What one program cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Requests to the server.
    pub requests: usize,
    /// Of the whole program, if it does not say itself what it measured.
    pub seconds: f64,
    /// The most memory the program had at one time, in MiB.
    pub program: f64,
    /// The same of the server, while the program ran.
    pub server: f64,
}

/// How many times as much something cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    requests: f64,
    seconds: f64,
}

impl Times {
    /// Whether ten times the work may cost that.
    pub fn steady(&self) -> bool {
        self.requests <= MOST && self.seconds <= MOST
    }
}

impl Cost {
    /// Runs `program` with `arguments` through the connector.
    pub fn of(bench: &Bench, program: PathBuf, arguments: &[&str]) -> Result<Self> {
        forget_peak(bench.server.process())?;
        bench.counter.take();
        let cost = Self::measure(bench, program, arguments, |program| {
            let program = program.through_connector(bench.counter.endpoint())?;
            Ok(match bench.cache {
                Some(bytes) => program.env("HDF5_REST_CACHE", bytes.to_string()),
                None => program,
            })
        })?;
        Ok(Self {
            requests: bench.counter.take().total(),
            server: peak_of(bench.server.process())?,
            ..cost
        })
    }

    /// The same for a program that has nothing to do with a server.
    pub fn without_server(bench: &Bench, program: PathBuf, arguments: &[&str]) -> Result<Self> {
        Self::measure(bench, program, arguments, Ok)
    }

    fn measure(
        bench: &Bench,
        program: PathBuf,
        arguments: &[&str],
        prepare: impl FnOnce(Program) -> Result<Program>,
    ) -> Result<Self> {
        let peak = tempfile::NamedTempFile::new().context("no file for the peak")?;
        let command = Program::new(&bench.programs.peak)
            .arg(peak.path())
            .arg(program)
            .args(arguments)
            .time_limit(LIMIT);
        let finished = prepare(command)?.run()?;
        let whole = finished.duration.as_secs_f64();
        let printed = finished.success()?;
        Ok(Self {
            requests: 0,
            seconds: printed.trim().parse().unwrap_or(whole),
            program: fs::read_to_string(peak.path())?.trim().parse::<f64>()? / 1024.0,
            server: 0.0,
        })
    }

    /// The quicker of two.
    pub fn or_quicker(self, other: Self) -> Self {
        if other.seconds < self.seconds {
            other
        } else {
            self
        }
    }

    /// How many times as much as `before` it is.
    pub fn times(&self, before: &Self) -> Times {
        Times {
            requests: self.requests as f64 / before.requests.max(1) as f64,
            seconds: self.seconds / before.seconds.max(LEAST_SECONDS),
        }
    }

    /// The columns of the table after the size.
    pub fn row(&self, times: Option<&Times>) -> String {
        let times = times.map_or(" | ".to_owned(), |times| {
            format!("{:.1} | {:.1}", times.requests, times.seconds)
        });
        format!(
            "{} | {:.3} | {times} | {:.0} | {:.0}",
            self.requests, self.seconds, self.program, self.server
        )
    }
}

/// Lets the system count the most memory of a process anew.
fn forget_peak(process: u32) -> Result<()> {
    fs::write(format!("/proc/{process}/clear_refs"), "5").context("the peak is not forgotten")
}

/// The most memory a process had since then, in MiB.
fn peak_of(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: f64 = number.context("the system does not tell VmHWM")?.parse()?;
    Ok(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_times_the_work_may_cost_eleven_times() {
        let cost = |requests, seconds| Cost {
            requests,
            seconds,
            program: 1.0,
            server: 1.0,
        };
        assert!(cost(110, 11.0).times(&cost(10, 1.0)).steady());
        assert!(!cost(111, 1.0).times(&cost(10, 1.0)).steady());
        assert!(!cost(10, 11.5).times(&cost(10, 1.0)).steady());
        // 2 and 20 milliseconds are not told apart from noise.
        assert!(cost(10, 0.050).times(&cost(10, 0.002)).steady());
    }

    #[test]
    fn memory_of_a_process_is_read() {
        let own = std::process::id();
        forget_peak(own).expect("the peak is forgotten");
        assert!(peak_of(own).expect("a peak") > 1.0);
    }
}
