//! What was measured: rows that are shown as soon as they are known, and tables in the end.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How often each job runs; the best counts.
pub(super) const RUNS: usize = 7;
/// No further run is begun when a row has taken this long.
const PATIENCE: Duration = Duration::from_secs(12);

/// Seconds by column.
pub(crate) type Times = BTreeMap<String, f64>;

/// One job, done by everybody who is compared.
pub(super) struct Table {
    title: &'static str,
    /// Names of the times, and by how much they are multiplied when they are shown.
    columns: &'static [&'static str],
    factor: f64,
    rows: Vec<(String, Times)>,
}

impl Table {
    /// A table of times that are shown multiplied by `factor`: 1 for seconds.
    pub(super) fn new(title: &'static str, columns: &'static [&'static str], factor: f64) -> Self {
        Self {
            title,
            columns,
            factor,
            rows: Vec::new(),
        }
    }

    /// Runs a job several times and keeps the best time of each column.
    pub(super) fn measure(
        &mut self,
        row: &str,
        mut job: impl FnMut() -> Result<Times>,
    ) -> Result<()> {
        let started = Instant::now();
        let mut best = job().with_context(|| format!("{row}: {}", self.title))?;
        let mut runs = 1;
        while runs < RUNS && started.elapsed() < PATIENCE {
            for (name, seconds) in job()? {
                best.entry(name)
                    .and_modify(|known| *known = known.min(seconds));
            }
            runs += 1;
        }
        let shown: String = self
            .columns
            .iter()
            .filter_map(|&column| Some(format!("  {column} {}", self.cell(*best.get(column)?))))
            .collect();
        let taken = started.elapsed().as_secs_f64();
        println!("{row:34}{shown}  ({runs} runs, {taken:.1} s)");
        io::stdout().flush()?;
        self.rows.push((row.to_owned(), best));
        Ok(())
    }

    fn cell(&self, seconds: f64) -> String {
        match seconds * self.factor {
            small if small < 1.0 => format!("{small:.4}"),
            large => format!("{large:.2}"),
        }
    }

    /// The time of a row in a column.
    pub(super) fn time(&self, row: &str, column: &str) -> Option<f64> {
        let (_, times) = self.rows.iter().find(|(name, _)| name == row)?;
        times.get(column).copied()
    }

    /// Prints it all, as a table of Markdown.
    pub(super) fn print(&self) {
        println!("\n{}\n", self.title);
        println!("| | {} |", self.columns.join(" | "));
        println!("|---|{}", "---|".repeat(self.columns.len()));
        for (row, times) in &self.rows {
            let cell = |column: &&str| times.get(*column).map_or("".into(), |&s| self.cell(s));
            let cells: Vec<String> = self.columns.iter().map(cell).collect();
            println!("| {row} | {} |", cells.join(" | "));
        }
    }
}
