//! `cargo xtask h5py`: the tests that come inside the h5py wheel, unchanged, natively and through the
//! connector. What passes natively must pass.
//!
//! What cannot be expected is named, with its reason, in `tests/h5py/exceptions.txt`.

mod exceptions;
mod suite;

use std::collections::HashSet;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::target::Target;
use crate::test::Counts;
use exceptions::Exceptions;
use suite::{Outcome, Results, Suite};

/// What is asked for.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// The server behind the connector
    #[arg(long, value_enum, default_value = "h5rest")]
    target: Target,
    /// Only the tests with this text in their name (an expression of pytest's -k); what they print is
    /// shown
    name: Option<String>,
}

/// Runs the tests on both sides and prints a line for each that does not do the same.
pub fn run(options: &Options) -> Result<Counts> {
    setup::run()?;
    let server = options.target.start()?;
    let endpoint = server.endpoint();
    let suite = Suite::prepare(endpoint, &server.administrator())?;
    let chosen = options.name.as_deref();
    let (native, connected) = thread::scope(|scope| {
        let native = scope.spawn(|| suite.run(None, chosen));
        let connected = suite.run(Some(endpoint), chosen);
        (native.join(), connected)
    });
    let native = match native {
        Ok(results) => results.context("h5py's tests on local files")?,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    let connected = connected.context("h5py's tests through the connector")?;
    if chosen.is_some() {
        println!("{}", connected.printed);
    }
    let exceptions = Exceptions::read()?;
    if chosen.is_none() {
        exceptions.check_names(native.outcomes.keys())?;
    }
    if let Some(test) = native.unfinished() {
        bail!("h5py's tests on local files ended in {test}");
    }
    Ok(compare(&native, &connected, &exceptions))
}

fn compare(native: &Results, connected: &Results, exceptions: &Exceptions) -> Counts {
    let mut counts = Counts::default();
    let (mut excepted, mut left_out) = (0, 0);
    let mut needed = HashSet::new();
    for (test, outcome) in &native.outcomes {
        if *outcome != Outcome::Passed {
            left_out += 1;
            continue;
        }
        match (connected.outcomes.get(test), exceptions.covering(test)) {
            (Some(Outcome::Passed), _) => counts.passed += 1,
            // No exception allows a crash.
            (Some(Outcome::Failed(_) | Outcome::Skipped), Some(name)) => {
                excepted += 1;
                needed.insert(name);
            }
            (found, _) => {
                counts.failed += 1;
                println!("FAILED    {test}: {}", Outcome::describe(found));
            }
        }
    }
    for name in exceptions.names().filter(|name| !needed.contains(name)) {
        if native
            .outcomes
            .keys()
            .any(|test| exceptions.covering(test) == Some(name))
        {
            println!("better    {name}: needs no exception any more");
        }
    }
    println!("{excepted} excepted: see tests/h5py/exceptions.txt");
    println!("{left_out} left out: they do not pass on local files either");
    counts
}
