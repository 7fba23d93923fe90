//! Carries programs out while requests of the connector meet faults that last longer than it tries.
//!
//! Calls may fail then, each with one error that names the request at fault. What is demanded:
//!
//! - a call that succeeds tells what it tells on a native file;
//! - a call that failed and can be made again succeeds when the storm is over, and tells the same;
//! - after another one (it may have been made or not) the file can be read, and each object in it is
//!   as before the call or as after it.

use h5rest_testkit::Endpoint;

use super::side::Side;
use super::{dump, orphans, step, traced};
use crate::compare::{self, Answer, Fact, Verdict};
use crate::program::{Program, Step};
use crate::workers::NATIVE;

/// How often a call is made again: the next storm may come at once.
const AGAIN: usize = 8;

/// The storms of one case.
struct Storms<'a> {
    proxy: &'a str,
    failures: u64,
}

/// Runs one program, and tells how many calls failed. The proxy at `proxy` makes the storms; `server` is
/// behind it.
pub fn run(
    program: &Program,
    native: &mut Side,
    rest: &mut Side,
    (proxy, server): (&str, Option<&Endpoint>),
) -> (Verdict, u64) {
    let mut storms = Storms { proxy, failures: 0 };
    rest.patient = true;
    let mut verdict = storms.carry_out(program, native, rest);
    verdict = verdict.and(storms.command(h5rest_testkit::faults::calm));
    if !verdict.ends_case() {
        verdict = verdict.and(orphans::check(server, program, rest));
    }
    let answers = (native.finish(), rest.finish());
    if !verdict.ends_case() {
        verdict = verdict.and(compare::judge("close and delete the file", answers));
    }
    (verdict, storms.failures)
}

impl Storms<'_> {
    fn carry_out(&mut self, program: &Program, native: &mut Side, rest: &mut Side) -> Verdict {
        let ordered = program.ordered;
        let (expected, found) = (native.start(ordered), rest.start(ordered));
        let mut verdict =
            self.until_it_works("create the file", expected, found, || rest.create(ordered));
        for (number, step) in program.steps.iter().enumerate() {
            if verdict.ends_case() {
                return verdict;
            }
            let title = format!("step {number}");
            let expected = traced(NATIVE, native, step);
            let found = traced("connector", rest, step);
            let first = compare::judge(&title, (expected.clone(), found.clone()));
            let failed = first.failure.as_deref();
            let judged = match failed.filter(|text| is_of_the_way(text)) {
                None => first,
                Some(text) if was_refused(text) || !is_repeatable(step) => {
                    let text = text.to_owned();
                    self.failures += 1;
                    let calm = self.command(h5rest_testkit::faults::calm);
                    let after = aftermath(program, number, &text, native, rest);
                    let mut ended = calm.and(after);
                    // The rest of the program would not find what it expects.
                    ended.parted = true;
                    ended
                }
                Some(_) => match step {
                    Step::Reopen { write } => self.reopen(&title, *write, expected, found, rest),
                    _ => self.until_it_works(&title, expected, found, || {
                        traced("connector", rest, step)
                    }),
                },
            };
            verdict = verdict.and(judged);
        }
        if !verdict.ends_case() {
            let (expected, found) = (native.reopen(false), rest.reopen(false));
            let title = "open the file again";
            let first = compare::judge(title, (expected.clone(), found.clone()));
            if let Some(text) = first.failure.filter(|text| was_refused(text)) {
                self.failures += 1;
                let calm = self.command(h5rest_testkit::faults::calm);
                let number = program.steps.len();
                let mut ended = calm.and(aftermath(program, number, &text, native, rest));
                ended.parted = true;
                return verdict.and(ended);
            }
            verdict = verdict.and(self.reopen(title, false, expected, found, rest));
        }
        if !verdict.ends_case() {
            let (expected, found) = (dump::all(native), dump::all(rest));
            let title = "the whole file";
            verdict = verdict.and(self.until_it_works(title, expected, found, || dump::all(rest)));
        }
        verdict
    }

    fn command(&self, command: fn(&str) -> anyhow::Result<()>) -> Verdict {
        let done = command(self.proxy);
        Verdict {
            difference: done.err().map(|error| format!("{error:#}")),
            ..Verdict::default()
        }
    }

    /// Compares what a call told, and makes it again after the storm if it failed because of that.
    fn until_it_works(
        &mut self,
        title: &str,
        expected: Answer,
        mut found: Answer,
        mut again: impl FnMut() -> Answer,
    ) -> Verdict {
        for _ in 0..AGAIN {
            let verdict = compare::judge(title, (expected.clone(), found));
            let failed = verdict.failure.as_deref();
            if !failed.is_some_and(is_of_the_way) {
                return verdict;
            }
            self.failures += 1;
            let healed = self.command(h5rest_testkit::faults::heal);
            if healed.ends_case() {
                return healed;
            }
            found = again();
        }
        compare::judge(&format!("{title}, after the storm"), (expected, found))
    }

    /// The same for closing and opening: what was closed at the first attempt is not closed again.
    fn reopen(
        &mut self,
        title: &str,
        write: bool,
        mut expected: Answer,
        found: Answer,
        rest: &mut Side,
    ) -> Verdict {
        let first = compare::judge(title, (expected.clone(), found));
        let failed = first.failure.as_deref();
        if !failed.is_some_and(is_of_the_way) {
            return first;
        }
        self.failures += 1;
        expected.facts.retain(|(name, _)| name == "H5Fopen");
        let opened = |mut answer: Answer| {
            // A failed H5Fclose stands for H5Fopen, which was not called then.
            answer.facts.retain(|(name, fact)| {
                name == "H5Fopen" || (name == "H5Fclose" && matches!(fact, Fact::Failed(_)))
            });
            answer
        };
        let healed = self.command(h5rest_testkit::faults::heal);
        if healed.ends_case() {
            return healed;
        }
        let found = opened(rest.reopen(write));
        self.until_it_works(title, expected, found, || opened(rest.reopen(write)))
    }
}

/// Whether a failure names a request that failed on its way, and not what the server thinks of it.
fn is_of_the_way(failure: &str) -> bool {
    let asked = ["GET /", "PUT /", "POST /", "DELETE /"];
    let told = ["status 404", "status 409", "status 410"];
    // What is missing at the end of elements is found when they are decoded.
    let is_short = failure.contains("the server sent fewer bytes");
    (is_short || asked.iter().any(|method| failure.contains(method)))
        && !told.iter().any(|status| failure.contains(status))
}

/// Whether a failure means that the server did not want a change, and not that it could not be asked:
/// requests arrived there in another shape.
fn was_refused(failure: &str) -> bool {
    let is_change = ["PUT /", "POST /", "DELETE /"];
    let is_change = is_change.iter().any(|method| failure.contains(method));
    let mut statuses = failure.split("failed with status ").skip(1);
    let final_one = statuses
        .any(|rest| rest.starts_with('4') && !rest.starts_with("408") && !rest.starts_with("429"));
    failure.contains("server has refused") || (is_change && final_one)
}

/// Whether a step that was carried out, wholly or in part, tells the same when it is carried out
/// again.
fn is_repeatable(step: &Step) -> bool {
    match step {
        Step::Reopen { .. }
        | Step::Flush
        | Step::Open { .. }
        | Step::Write(_)
        | Step::Read(_)
        | Step::WriteMulti(_)
        | Step::ReadMulti(_)
        | Step::SetExtent { .. }
        | Step::WriteAttribute { .. }
        | Step::ReadAttribute { .. }
        | Step::ShowAttribute { .. }
        | Step::ShowAttributeAt { .. }
        | Step::ListAttributes { .. }
        | Step::ShowLink { .. }
        | Step::ShowLinkAt { .. }
        | Step::ListLinks { .. }
        | Step::Visit { .. }
        | Step::Show { .. }
        | Step::Refresh { .. } => true,
        Step::Close(_)
        | Step::CreateGroup { .. }
        | Step::CreateDataset { .. }
        | Step::Commit { .. }
        | Step::Link { .. }
        | Step::CreateAttribute { .. }
        | Step::RenameAttribute { .. }
        | Step::DeleteAttribute { .. }
        | Step::DeleteAttributeAt { .. }
        | Step::HardLink { .. }
        | Step::SoftLink { .. }
        | Step::ExternalLink { .. }
        | Step::MoveLink { .. }
        | Step::DeleteLink { .. }
        | Step::DeleteLinkAt { .. }
        | Step::Copy { .. } => false,
    }
}

/// What is in the file after step `number` failed: each object as before or as after the step. If a
/// change was refused that an earlier call had taken for done, some objects may be as before that.
fn aftermath(
    program: &Program,
    number: usize,
    failure: &str,
    native: &mut Side,
    rest: &mut Side,
) -> Verdict {
    let title = format!("after step {number} failed ({failure})");
    let wrong = |text: String| Verdict {
        difference: Some(format!("{title}: {text}")),
        ..Verdict::default()
    };
    // What went wrong before is told once more, at most.
    let mut opened = rest.reopen(false);
    for _ in 0..2 {
        if rest.file().is_err() || opened.facts.iter().any(|(_, fact)| is_failed(fact)) {
            opened = rest.reopen(false);
        }
    }
    if let Some((name, Fact::Failed(text))) = opened.facts.iter().find(|(_, fact)| is_failed(fact))
    {
        return wrong(format!("{name} fails: {text}"));
    }
    let found = dump::all(rest);
    let was_refused = was_refused(failure);
    let states = states(program, number, was_refused, native);
    for (name, fact) in &found.facts {
        if was_refused && !matches!(fact, Fact::Elements(_)) {
            continue;
        }
        if matches!(fact, Fact::Elements(_)) && is_unreadable(&states, name) {
            continue;
        }
        let told = states.iter().flat_map(|state| &state.facts);
        let mut told = told.filter(|(other, _)| other == name).peekable();
        if told.peek().is_none() && was_refused {
            continue;
        }
        if !compare::is_one_of(fact, name, told.map(|(_, fact)| fact)) {
            return wrong(format!(
                "{name} is neither as before nor as after: {fact:?}"
            ));
        }
    }
    if was_refused {
        return Verdict::default();
    }
    let in_all = |name: &String| {
        let mut states = states.iter();
        states.all(|state| state.facts.iter().any(|(other, _)| other == name))
    };
    for (name, _) in states.iter().flat_map(|state| &state.facts) {
        if in_all(name) && !found.facts.iter().any(|(other, _)| other == name) {
            return wrong(format!("{name} is lost"));
        }
    }
    Verdict::default()
}

/// Whether HDF5 itself could not read these elements: what is in the buffer then says nothing.
fn is_unreadable(states: &[Answer], elements: &str) -> bool {
    let Some(object) = elements.strip_suffix("elements") else {
        return false;
    };
    let mut told = states.iter().flat_map(|state| &state.facts);
    told.any(|(name, fact)| {
        let call = name.strip_prefix(object).unwrap_or_default();
        (call == "H5Dread" || call == "H5Aread") && is_failed(fact)
    })
}

fn is_failed(fact: &Fact) -> bool {
    matches!(fact, Fact::Failed(_))
}

/// What is in the native file before and after a step; with `all` after each step up to it, too.
fn states(program: &Program, number: usize, all: bool, native: &mut Side) -> Vec<Answer> {
    native.reopen(false);
    let mut states = vec![dump::all(native)];
    native.close();
    native.create(program.ordered);
    for step in &program.steps[..number] {
        step::carry_out(native, step);
        if all {
            states.push(dump::all(native));
        }
    }
    native.reopen(false);
    states.push(dump::all(native));
    states
}
