//! Carries programs out: each step on the native file and through the connector, the answers
//! compared before the next step.

mod attributes;
mod build;
mod data;
mod describe;
mod dump;
mod killed;
mod links;
mod objects;
mod orphans;
mod show;
mod side;
mod step;
mod storms;

pub use killed::{Moment, after as after_kill, until as run_until};
pub use side::{Place, Side};
pub use storms::run as run_in_storms;

use h5rest_testkit::Endpoint;

use crate::compare::{self, Answer, Fact, Verdict};
use crate::program::{Program, Step};
use crate::workers::{NATIVE, SIDE};

/// Runs one program on both sides. Every file is new, and deleted in the end. Before that `server`, if it is
/// given, must hold nothing that nobody can reach.
pub fn run(
    program: &Program,
    native: &mut Side,
    rest: &mut Side,
    server: Option<&Endpoint>,
) -> Verdict {
    let answers = (native.start(program.ordered), rest.start(program.ordered));
    let mut verdict = compare::judge("create the file", answers);
    for (number, step) in program.steps.iter().enumerate() {
        if verdict.ends_case() {
            break;
        }
        let answers = (
            traced(NATIVE, native, step),
            traced("connector", rest, step),
        );
        verdict = verdict.and(compare::judge(&format!("step {number}"), answers));
    }
    if !verdict.ends_case() {
        // What is in the files in the end, read with fresh eyes.
        let answers = (native.reopen(false), rest.reopen(false));
        verdict = verdict.and(compare::judge("open the file again", answers));
        let answers = (dump::all(native), dump::all(rest));
        verdict = verdict.and(compare::judge("the whole file", answers));
        verdict = verdict.and(orphans::check(server, program, rest));
    }
    let answers = (native.finish(), rest.finish());
    if !verdict.ends_case() {
        verdict = verdict.and(compare::judge("close and delete the file", answers));
    }
    verdict
}

/// Runs a program on native files alone: whether HDF5 itself survives it.
pub fn run_native(program: &Program, native: &mut Side) {
    native.start(program.ordered);
    for step in &program.steps {
        traced(NATIVE, native, step);
    }
    native.reopen(false);
    dump::all(native);
    native.finish();
}

/// Runs a program through the connector alone, whose answers do not matter: whether it survives what
/// the server says. A call that met a panic has not.
pub fn run_alone(program: &Program, rest: &mut Side) -> Verdict {
    let mut answers = vec![rest.start(program.ordered)];
    for step in &program.steps {
        answers.push(traced("connector", rest, step));
    }
    println!("{SIDE}connector");
    answers.push(rest.reopen(false));
    answers.push(dump::all(rest));
    println!("{SIDE}connector");
    answers.push(rest.finish());
    let mut facts = answers.iter().flat_map(|answer| &answer.facts);
    let panic = facts.find_map(|(name, fact)| match fact {
        Fact::Failed(text) if text.contains("a state it does not expect") => {
            Some(format!("{name}: {text}"))
        }
        _ => None,
    });
    Verdict {
        difference: panic,
        ..Verdict::default()
    }
}

/// One step on one side, announced to the process that waits: if it hangs, the side is known. With
/// PARITY_TRACE set, what is about to happen is printed first: the last
/// line before a crash says whose it is.
fn traced(name: &str, side: &mut Side, step: &Step) -> Answer {
    if std::env::var_os("PARITY_TRACE").is_some() {
        eprintln!("{name}: {step:?}");
    }
    println!("{SIDE}{name}");
    step::carry_out(side, step)
}
