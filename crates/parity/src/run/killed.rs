//! Programs that end at a moment that nobody chose (`std::process::abort`, which like SIGKILL runs nothing any
//! more), and what they leave: the file can be read, and each thing in it is as it was after one of the steps
//! from the last flush on.

use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::side::Side;
use super::{dump, step};
use crate::compare::{self, Answer, Fact, Verdict};
use crate::program::{Program, Step};

/// When a program ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// The number of its file.
    pub file: u64,
    /// In or after which step.
    pub step: usize,
    /// How long after that step has begun.
    pub micros: u64,
}

/// Carries a program out through the connector, and ends the process at the moment; returns if the program has
/// ended before.
pub fn until(program: &Program, moment: Moment, rest: &mut Side) {
    rest.number(moment.file);
    rest.create(program.ordered);
    for (number, step) in program.steps.iter().enumerate() {
        if number == moment.step {
            let micros = Duration::from_micros(moment.micros);
            thread::spawn(move || {
                thread::sleep(micros);
                std::process::abort();
            });
        }
        step::carry_out(rest, step);
    }
}

/// Looks at what the program of that moment left, and deletes it.
pub fn after(program: &Program, moment: Moment, native: &mut Side, rest: &mut Side) -> Verdict {
    rest.number(moment.file);
    let verdict = look(program, moment, native, rest);
    native.finish();
    let deleted = rest.finish();
    let failed = deleted.facts.iter().find(|(_, fact)| is_failed(fact));
    match failed {
        Some((name, fact)) => verdict.and(wrong(format!("{name} afterwards: {fact:?}"))),
        None => verdict,
    }
}

fn wrong(text: String) -> Verdict {
    Verdict {
        difference: Some(text),
        ..Verdict::default()
    }
}

fn is_failed(fact: &Fact) -> bool {
    matches!(fact, Fact::Failed(_))
}

/// Steps after which everything is on the server.
fn flushes(step: &Step) -> bool {
    matches!(step, Step::Flush | Step::Reopen { .. })
}

fn look(program: &Program, moment: Moment, native: &mut Side, rest: &mut Side) -> Verdict {
    let begun = &program.steps[..moment.step.min(program.steps.len())];
    let flushed = begun.iter().rposition(flushes).map_or(0, |last| last + 1);
    let opened = rest.reopen(false);
    if let Some((name, Fact::Failed(text))) = opened.facts.iter().find(|(_, fact)| is_failed(fact))
    {
        return wrong(format!("{name} fails: {text}"));
    }
    let found = dump::all(rest);
    let states = states(program, flushed, native);
    for (name, fact) in &found.facts {
        let told = || {
            let facts = states.iter().flat_map(|state| &state.facts);
            facts
                .filter(|(other, _)| other == name)
                .map(|(_, fact)| fact)
        };
        let is_told = compare::is_one_of(fact, name, told()) || is_mixture(fact, told());
        let is_undefined = found.undefined && matches!(fact, Fact::Elements(_));
        if !is_told && !is_undefined {
            let known: Vec<&Fact> = told().collect();
            return wrong(format!(
                "after a kill in step {} of what was flushed by step {flushed}, {name} is as after none of the \
                 steps: {fact:?}, and not one of {known:?}",
                moment.step
            ));
        }
    }
    let everywhere = |name: &String| {
        let mut states = states.iter();
        states.all(|state| state.facts.iter().any(|(other, _)| other == name))
    };
    for (name, _) in states.iter().flat_map(|state| &state.facts) {
        if everywhere(name) && !found.facts.iter().any(|(other, _)| other == name) {
            return wrong(format!(
                "{name} is lost, which was flushed by step {flushed}"
            ));
        }
    }
    Verdict::default()
}

/// Whether elements are partly as after one step, partly as after another: a write of many is no one change.
fn is_mixture<'a>(found: &Fact, told: impl Iterator<Item = &'a Fact>) -> bool {
    let Fact::Elements(found) = found else {
        return false;
    };
    let all: Vec<&Vec<Vec<u8>>> = told
        .filter_map(|fact| match fact {
            Fact::Elements(elements) if elements.len() == found.len() => Some(elements),
            _ => None,
        })
        .collect();
    found.iter().enumerate().all(|(number, element)| {
        let same_length = all.iter().map(|state| &state[number]);
        let same_length = same_length.filter(|state| state.len() == element.len());
        let states: Vec<&Vec<u8>> = same_length.collect();
        let mut bytes = element.iter().enumerate();
        !states.is_empty()
            && bytes.all(|(place, byte)| states.iter().any(|state| state[place] == *byte))
    })
}

/// What is in the native file after each step from `flushed` on.
fn states(program: &Program, flushed: usize, native: &mut Side) -> Vec<Answer> {
    native.start(program.ordered);
    let (before, after) = program.steps.split_at(flushed);
    for step in before {
        step::carry_out(native, step);
    }
    let mut states = vec![dump::all(native)];
    for step in after {
        step::carry_out(native, step);
        states.push(dump::all(native));
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_was_cut_off_leaves_some_elements_as_before() {
        let elements = |texts: &[&str]| {
            Fact::Elements(texts.iter().map(|text| text.as_bytes().to_vec()).collect())
        };
        let states = [
            elements(&["<no>", "<no>", "<no>"]),
            elements(&["</>", "</d>", "<no>"]),
        ];
        let is_told = |found: &[&str]| is_mixture(&elements(found), states.iter());
        assert!(is_told(&["</>", "<no>", "<no>"]) && is_told(&["<no>", "</d>", "<no>"]));
        assert!(!is_told(&["</>", "<no>", "</d>"]) && !is_told(&["</>", "</d>"]));
    }
}
