//! `cargo xtask fuzz`: builds the fuzz targets of `fuzz/` with AddressSanitizer and the instrumentation
//! of libFuzzer, and runs each with its kept corpus. What is found is kept with the command that shows
//! it again.

mod campaign;
mod instrumented;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use h5rest_testkit::build::repository;

use crate::run;
use crate::test::Counts;
use campaign::Campaign;
use instrumented::Build;

/// What is asked for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How long each target runs, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many targets run at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Where libFuzzer's chance begins: with the same one, a run of the same programs on the same corpus goes
    /// nearly the same way; without, each run goes another
    #[arg(long)]
    seed: Option<u32>,
    /// Only carry out this input, of one target: what was found is shown again
    #[arg(long)]
    input: Option<PathBuf>,
    /// Instead of running, keep in `fuzz/corpus` few inputs that reach all that was reached
    #[arg(long)]
    keep: bool,
    /// Only these targets
    target: Vec<String>,
}

/// Runs what is asked for. Each target without a finding has passed.
///
/// # Errors
/// When the targets cannot be built, or one that is asked for does not exist.
pub fn run(options: &Options) -> Result<Counts> {
    let all = targets()?;
    let chosen = chosen(&all, &options.target)?;
    run::heading("Build of the fuzz targets");
    let build = Build::make(&chosen)?;
    if let Some(input) = &options.input {
        let [target] = chosen.as_slice() else {
            bail!("an input belongs to one target: name it");
        };
        let input = std::path::absolute(input)?;
        let fine = Campaign::new(&build, target)?.carry_out(&input)?;
        return Ok(Counts {
            passed: usize::from(fine),
            failed: usize::from(!fine),
        });
    }
    let counts = Mutex::new(Counts::default());
    let waiting = Mutex::new(chosen.iter());
    let work = || -> Result<()> {
        loop {
            let next = waiting.lock().map(|mut waiting| waiting.next());
            let Ok(Some(target)) = next else {
                return Ok(());
            };
            let passed = one(&build, target, options)?;
            if let Ok(mut counts) = counts.lock() {
                counts.passed += usize::from(passed);
                counts.failed += usize::from(!passed);
            }
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..options.jobs).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| match thread.join() {
                Ok(done) => done,
                Err(_) => bail!("a target's thread broke down"),
            })
    })?;
    let counts = counts.into_inner().unwrap_or_default();
    println!("fuzz: {} passed, {} failed", counts.passed, counts.failed);
    Ok(counts)
}

/// Runs a target, or thins out its corpus; whether nothing was wrong.
fn one(build: &Build, target: &str, options: &Options) -> Result<bool> {
    let campaign = Campaign::new(build, target)?;
    if options.keep {
        campaign.keep()?;
        return Ok(true);
    }
    let outcome = campaign.run(Duration::from_secs(options.seconds), options.seed)?;
    println!("{target:12} {outcome}");
    Ok(outcome.finding.is_none())
}

/// Where the targets and their corpora are.
fn folder() -> PathBuf {
    repository().join("fuzz")
}

/// Names of all targets: their sources are named so.
fn targets() -> Result<Vec<String>> {
    let folder = folder().join("fuzz_targets");
    let entries = std::fs::read_dir(&folder);
    let entries = entries.with_context(|| format!("no folder {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(
                path.file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned()),
            );
        }
    }
    names.sort();
    Ok(names)
}

fn chosen(all: &[String], wanted: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        bail!(
            "there is no fuzz target {unknown}: there are {}",
            all.join(", ")
        );
    }
    match wanted {
        [] => Ok(all.to_vec()),
        _ => Ok(wanted.to_vec()),
    }
}

/// A path as a person would type it in the repository.
fn shown(path: &Path) -> String {
    let inside = path.strip_prefix(repository()).unwrap_or(path);
    inside.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_have_manifest_entries_and_corpora() {
        let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).expect("a manifest");
        let all = targets().expect("targets");
        assert!(!all.is_empty());
        for target in all {
            assert!(
                manifest.contains(&format!("name = \"{target}\"")),
                "{target}"
            );
            assert!(folder().join("corpus").join(&target).is_dir(), "{target}");
        }
    }

    #[test]
    fn unknown_targets_are_refused() {
        let all = ["a".to_owned(), "b".to_owned()];
        assert_eq!(chosen(&all, &[]).expect("all"), all);
        assert_eq!(chosen(&all, &["b".into()]).expect("one"), ["b"]);
        assert!(chosen(&all, &["c".into()]).is_err());
    }
}
