//! A writing program that is killed at moments nobody chose, again and again, and what its file holds then:
//! for the tests of whole programs and for `cargo xtask reliability`. The program is `killed.c`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{Endpoint, Program, TestDomain};

/// What was survived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kills {
    /// How often the program was killed.
    pub kills: u64,
    /// Rounds that it had flushed, all of which were found.
    pub rounds: u64,
}

/// Lets the program write and kills it `kills` times, each time within `longest`, and lets it look after each
/// time: all that it had flushed must be there.
///
/// # Errors
/// What is missing, or why the file cannot be read.
pub fn kill_again_and_again(
    program: &Path,
    endpoint: &Endpoint,
    (kills, longest): (u64, Duration),
    seed: u64,
) -> Result<Kills> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let domain = TestDomain::new(endpoint, "killed");
    let program = |what: &str| {
        let program = Program::new(program).arg(domain.path()).arg(what);
        program.through_connector(endpoint)
    };
    program("make")?.run()?.success()?;
    let mut flushed = 0;
    for number in 0..kills {
        // Not before it may have opened the file.
        let moment = longest.mul_f64(rng.f64());
        let written = program("write")?.killed_after(moment)?;
        ensure!(written.crashed(), "the program ended by itself: {written}");
        let told = written.stdout.lines().last().map(str::parse::<u64>);
        flushed = told.transpose()?.unwrap_or(flushed);
        let found = program("look")?.run()?.success();
        let found =
            found.with_context(|| format!("seed {seed}, kill {number} after {moment:?}"))?;
        let found: u64 = found.trim().parse()?;
        ensure!(
            found == flushed || found == flushed + 1,
            "seed {seed}, kill {number} after {moment:?}: {found} rounds are there, {flushed} were flushed"
        );
        flushed = found;
    }
    Ok(Kills {
        kills,
        rounds: flushed,
    })
}
