//! One target at work: its corpora, its limits, and what libFuzzer says of it.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::instrumented::Build;
use super::{folder, shown};
use crate::run;

/// Longest input, in bytes: enough for all that is nested and repeated, and for many calls.
const LONGEST: usize = 2048;
/// Targets of which one input reaches so much that libFuzzer's account of how rare each part of it is
/// (`-entropic`) takes two to four times as long as the input itself. They have threads, too, which libFuzzer
/// takes for leaks when it looks while one begins or ends; and a program that reads strings to one place of
/// its memory twice loses the first, with HDF5's own files as with ours. So nothing looks for leaks here,
/// neither libFuzzer after an input nor AddressSanitizer at the end: `cargo xtask memcheck` does.
const FAR_REACHING: [&str; 4] = ["connector", "programs", "routes", "stored"];
/// Memory that a process may have, in MiB: inputs are small, and so is what they may cost. (libFuzzer
/// looks at the highest of getrusage, which begins with that of the process that started it.)
const MEMORY: u32 = 2048;
/// Seconds that one input may take.
const PATIENCE: u32 = 20;
/// Lines of a finding that are shown.
const SHOWN: usize = 40;

/// A target with its folders.
pub struct Campaign {
    target: String,
    program: PathBuf,
    /// Inputs that are part of the repository.
    kept: PathBuf,
    /// Inputs that earlier runs on this machine came upon.
    found: PathBuf,
    /// Inputs that were findings.
    artifacts: PathBuf,
}

/// How a run went.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Inputs that were carried out.
    pub executions: u64,
    /// How long it took.
    pub time: Duration,
    /// How much of it a processor worked for it, its own threads and those of the system added up.
    pub processor: Duration,
    /// The most memory, in MiB.
    pub memory: u64,
    /// What was found, with the command that shows it again.
    pub finding: Option<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time.as_secs_f64();
        write!(
            f,
            "{:>10} executions in {seconds:.0} s ({:.0} a second, {:.0} s of processor time, {} MiB)",
            self.executions,
            self.executions as f64 / seconds.max(0.001),
            self.processor.as_secs_f64(),
            self.memory
        )?;
        match &self.finding {
            Some(finding) => write!(f, ", FOUND:\n{finding}"),
            None => write!(f, ", nothing found"),
        }
    }
}

impl Campaign {
    /// Prepares the folders of a target.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn new(build: &Build, target: &str) -> Result<Self> {
        let campaign = Self {
            target: target.to_owned(),
            program: build.program(target),
            kept: folder().join("corpus").join(target),
            found: build.folder.join("corpus").join(target),
            artifacts: folder().join("artifacts").join(target),
        };
        for made in [&campaign.kept, &campaign.found, &campaign.artifacts] {
            fs::create_dir_all(made).with_context(|| format!("no folder {}", made.display()))?;
        }
        Ok(campaign)
    }

    /// The target with its limits. The shell tells the processor time at the end, which belongs to this
    /// child alone though others run at once.
    fn command(&self) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "\"$@\"; status=$?; times >&2; exit $status", "sh"])
            .arg(&self.program)
            .arg(format!("-max_len={LONGEST}"))
            // Inputs are choices, one after the other: short ones, which libFuzzer would begin with for
            // thousands of executions, make nothing but the first choices.
            .arg("-len_control=0")
            // Each new function would be looked up in the program's debug information.
            .arg("-print_funcs=0")
            .arg(format!("-rss_limit_mb={MEMORY}"))
            .arg(format!("-timeout={PATIENCE}"))
            .arg(format!("-artifact_prefix={}/", self.artifacts.display()))
            .current_dir(folder());
        if FAR_REACHING.contains(&self.target.as_str()) {
            command.args(["-entropic=0", "-detect_leaks=0"]);
        }
        command.env("ASAN_OPTIONS", self.asan());
        let dictionary = folder()
            .join("dictionaries")
            .join(&self.target)
            .with_extension("dict");
        if dictionary.exists() {
            command.arg(format!("-dict={}", dictionary.display()));
        }
        command
    }

    /// AddressSanitizer's options.
    fn asan(&self) -> &'static str {
        match FAR_REACHING.contains(&self.target.as_str()) {
            true => "detect_leaks=0",
            false => "detect_leaks=1",
        }
    }

    /// Lets the target run for a time, or until something is found. Chance begins at `seed`, or anywhere.
    ///
    /// # Errors
    /// When it cannot be started, or ends before its time without a finding.
    pub fn run(&self, time: Duration, seed: Option<u32>) -> Result<Outcome> {
        let started = Instant::now();
        let mut command = self.command();
        command
            .arg(format!("-max_total_time={}", time.as_secs()))
            // libFuzzer's own way to say: anywhere.
            .arg(format!("-seed={}", seed.unwrap_or(0)))
            .args(["-print_final_stats=1", "-verbosity=1"])
            .args([&self.found, &self.kept])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let stderr = child.stderr.take().context("no standard error")?;
        let mut said = Said::default();
        for line in BufReader::new(stderr).split(b'\n') {
            said.line(&String::from_utf8_lossy(&line?));
        }
        let status = child.wait()?;
        let mut outcome = said.outcome;
        outcome.time = started.elapsed();
        if !status.success() {
            outcome.finding = Some(match &said.artifact {
                Some(input) => format!("{}\n{}", said.words, self.again(Path::new(input))?),
                None => format!("{}\n(no input was kept; {status})", said.words),
            });
        } else if outcome.executions == 0 {
            bail!("{} carried out nothing", self.target);
        }
        self.note(&outcome)?;
        Ok(outcome)
    }

    /// What a finding needs to be looked at where its file is not at hand, as that of a run elsewhere: what
    /// the same input does once more, with whole stacks, which are too slow for a run; the input itself; and
    /// the command that takes it.
    fn again(&self, input: &Path) -> Result<String> {
        let bytes = fs::read(input).with_context(|| format!("no input {}", input.display()))?;
        let mut command = self.command();
        command.arg(input).env(
            "ASAN_OPTIONS",
            format!("{}:fast_unwind_on_malloc=0", self.asan()),
        );
        let output = command.output()?;
        let mut said = Said::default();
        for line in output.stderr.split(|&byte| byte == b'\n') {
            said.line(&String::from_utf8_lossy(line));
        }
        let words = match output.status.success() {
            true => "alone, this input does no harm\n",
            false => &said.words,
        };
        Ok(format!(
            "once more:\n{words}its input: {}\nagain: cargo xtask fuzz {} --input {}",
            BASE64.encode(&bytes),
            self.target,
            shown(input)
        ))
    }

    /// Adds a run to the list of all runs on this machine.
    fn note(&self, outcome: &Outcome) -> Result<()> {
        use std::io::Write as _;
        let path = self.found.with_extension("processor");
        let mut file = fs::File::options().create(true).append(true).open(&path)?;
        writeln!(
            file,
            "{} {}",
            outcome.executions,
            outcome.processor.as_secs()
        )?;
        let text = fs::read_to_string(&path)?;
        let (executions, seconds) = sum(&text);
        println!(
            "{:12} on this machine so far: {executions} executions in {:.2} hours of processor time",
            self.target,
            seconds as f64 / 3600.0
        );
        Ok(())
    }

    /// Carries out one input and shows what happens; whether nothing was wrong.
    ///
    /// # Errors
    /// When the target cannot be started.
    pub fn carry_out(&self, input: &Path) -> Result<bool> {
        Ok(self.command().arg(input).status()?.success())
    }

    /// Replaces the repository's inputs by few of all known ones that reach every place in the program that
    /// they all reach; how often they come there does not count, which would make them ten times as many.
    ///
    /// # Errors
    /// When libFuzzer fails.
    pub fn keep(&self) -> Result<()> {
        let fresh = self.found.with_extension("smallest");
        if fresh.exists() {
            fs::remove_dir_all(&fresh)?;
        }
        fs::create_dir_all(&fresh)?;
        let mut command = self.command();
        command
            .args(["-set_cover_merge=1", "-use_counters=0"])
            .args([&fresh, &self.kept, &self.found]);
        run::output(&mut command)?;
        fs::remove_dir_all(&self.kept)?;
        fs::create_dir_all(&self.kept)?;
        let (mut count, mut bytes) = (0, 0);
        for entry in fs::read_dir(&fresh)? {
            let path = entry?.path();
            let name = path.file_name().context("an input without a name")?;
            bytes += fs::copy(&path, self.kept.join(name))?;
            count += 1;
        }
        println!("{:12} {count} inputs of {bytes} bytes", self.target);
        Ok(())
    }
}

/// Executions and seconds of processor time of all runs.
fn sum(runs: &str) -> (u64, u64) {
    let numbers = runs.lines().filter_map(|line| line.split_once(' '));
    numbers.fold((0, 0), |(executions, seconds), (some, more)| {
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        (executions + number(some), seconds + number(more))
    })
}

/// What libFuzzer prints, as far as it matters.
#[derive(Debug, Default)]
struct Said {
    outcome: Outcome,
    /// What went wrong.
    words: String,
    lines: usize,
    artifact: Option<String>,
}

impl Said {
    fn line(&mut self, line: &str) {
        let number = |text: &str| text.trim().parse().unwrap_or(0);
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            self.outcome.executions = number(count);
        } else if let Some(memory) = line.strip_prefix("stat::peak_rss_mb:") {
            self.outcome.memory = number(memory);
        } else if let Some((_, file)) = line.split_once("Test unit written to ") {
            self.artifact = Some(file.trim().to_owned());
        } else if let Some(time) = of_times(line) {
            // The last of its two lines is of the shell's children.
            self.outcome.processor = time;
        } else if is_wrong(line) || !self.words.is_empty() {
            // The inputs that it prints as it goes are no part of it.
            if self.lines < SHOWN && !line.starts_with('#') {
                self.lines += 1;
                self.words.push_str(line);
                self.words.push('\n');
            }
        } else if let Some(count) = line.strip_prefix('#') {
            let count = count.split_whitespace().next().unwrap_or_default();
            self.outcome.executions = self.outcome.executions.max(number(count));
        }
    }
}

/// A line of the shell's `times`: `1m2.5s 0m0.25s`, time in the program and in the system.
fn of_times(line: &str) -> Option<Duration> {
    let seconds = |text: &str| -> Option<f64> {
        let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let (program, system) = line.split_once(' ')?;
    Duration::try_from_secs_f64(seconds(program)? + seconds(system)?).ok()
}

fn is_wrong(line: &str) -> bool {
    ["panicked at", "ERROR: ", "SUMMARY: ", "ALARM: "]
        .iter()
        .any(|words| line.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read() {
        let mut said = Said::default();
        for line in [
            "INFO: Seed: 1",
            "#2\tINITED cov: 5 ft: 6 corp: 1/1b exec/s: 0 rss: 30Mb",
            "Done 900 runs in 3 second(s)",
            "stat::number_of_executed_units: 900",
            "stat::peak_rss_mb:              41",
            "0m0.00s 0m0.00s",
            "1m2.500000s 0m0.250000s",
        ] {
            said.line(line);
        }
        assert_eq!((said.outcome.executions, said.outcome.memory), (900, 41));
        assert_eq!(said.outcome.processor, Duration::from_millis(62_750));
        assert_eq!((said.words.as_str(), said.artifact), ("", None));
    }

    #[test]
    fn a_finding_is_read() {
        let mut said = Said::default();
        for line in [
            "#812\tNEW    cov: 5",
            "thread '<unnamed>' panicked at crates/protocol/src/id.rs:1:2:",
            "attempt to add with overflow",
            "==7== ERROR: libFuzzer: deadly signal",
            "artifact_prefix='/r/'; Test unit written to /r/crash-1",
        ] {
            said.line(line);
        }
        assert_eq!(said.outcome.executions, 812);
        assert!(said.words.contains("attempt to add"), "{}", said.words);
        assert_eq!(said.artifact.as_deref(), Some("/r/crash-1"));
    }

    #[test]
    fn runs_add_up() {
        assert_eq!(sum("10 2\n5 1\n"), (15, 3));
    }
}
