//! What the calls of one step answered, and the comparison of both sides' answers.

use std::fmt::Write as _;

use crate::hdf5::Failure;
use crate::rules::{self, Rule};

/// One thing that a call told.
#[derive(Clone, Debug)]
pub enum Fact {
    /// The call failed; the text of the error stack, which is not compared.
    Failed(String),
    /// Numbers, names, properties.
    Text(String),
    /// Elements, each as long as it happens to be.
    Elements(Vec<Vec<u8>>),
}

/// What a step's calls told, in their order.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What was asked, and what came back.
    pub facts: Vec<(String, Fact)>,
    /// Whether elements that nobody wrote have no defined value (no fill value, or never filled).
    pub undefined: bool,
    /// Whether the file was closed and opened again before.
    pub reopened: bool,
}

impl Answer {
    /// Notes whether a call succeeded and what it returned.
    pub fn call(&mut self, name: &str, result: Result<i64, Failure>) {
        self.text(name, result.map(|value| value.to_string()));
    }

    /// Notes whether a call succeeded.
    pub fn done(&mut self, name: &str, result: Result<(), Failure>) {
        self.text(name, result.map(|()| "done".into()));
    }

    /// Notes what a call told.
    pub fn text(&mut self, name: &str, result: Result<String, Failure>) {
        let fact = match result {
            Ok(text) => Fact::Text(text),
            Err(Failure(text)) => Fact::Failed(text),
        };
        self.facts.push((name.into(), fact));
    }

    /// Notes elements.
    pub fn elements(&mut self, name: &str, elements: Vec<Vec<u8>>) {
        self.facts.push((name.into(), Fact::Elements(elements)));
    }

    /// Notes whether a call succeeded and hands on what it made.
    pub fn take<T>(&mut self, name: &str, result: Result<T, Failure>) -> Option<T> {
        match result {
            Ok(value) => {
                self.done(name, Ok(()));
                Some(value)
            }
            Err(failure) => {
                self.done(name, Err(failure));
                None
            }
        }
    }

    /// All facts of another answer, under a title.
    pub fn append(&mut self, title: &str, other: Self) {
        for (name, fact) in other.facts {
            // Undefined elements are left out here, because the rest is compared.
            let skip = other.undefined && matches!(fact, Fact::Elements(_));
            let fact = if skip {
                Fact::Text("undefined".into())
            } else {
                fact
            };
            self.facts.push((format!("{title}: {name}"), fact));
        }
    }
}

/// How a case went.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Rules by which differences were accepted.
    pub rules: Vec<&'static str>,
    /// The first difference that no rule accepts.
    pub difference: Option<String>,
    /// Whether the two files may differ from now on, so that nothing more can be compared.
    pub parted: bool,
    /// If the difference is that a call of the connector failed: why it says it did.
    pub failure: Option<String>,
}

impl Verdict {
    /// Whether nothing more can be learnt from the case.
    pub fn ends_case(&self) -> bool {
        self.parted || self.difference.is_some()
    }

    /// Both, one after the other.
    pub fn and(mut self, next: Self) -> Self {
        self.rules.extend(next.rules);
        self.difference = self.difference.or(next.difference);
        self.parted |= next.parted;
        self.failure = self.failure.or(next.failure);
        self
    }
}

/// Compares the answers of the native file and of the connector.
pub fn judge(title: &str, (native, rest): (Answer, Answer)) -> Verdict {
    let mut verdict = Verdict::default();
    // What is in the buffer of a read that failed says nothing.
    let mut unread = false;
    for (number, (name, expected)) in native.facts.iter().enumerate() {
        let Some((found_name, found)) = rest.facts.get(number) else {
            return verdict.and(differs(title, name, "fewer answers", &rest, number));
        };
        if name != found_name {
            let text = format!("asked {found_name}");
            return verdict.and(differs(title, name, &text, &rest, number));
        }
        let bytes = matches!(expected, Fact::Elements(_));
        let skip = std::mem::replace(&mut unread, matches!(expected, Fact::Failed(_))) && bytes;
        let Some(text) = difference(expected, found).filter(|_| !skip) else {
            continue;
        };
        let undefined = native.undefined && bytes;
        let rule = if undefined {
            Some(&rules::UNDEFINED)
        } else {
            rules::accepting(name, expected, found, native.reopened)
        };
        match rule {
            Some(Rule { name, parts, .. }) => {
                verdict.rules.push(name);
                if *parts {
                    verdict.parted = true;
                    return verdict;
                }
            }
            None => return verdict.and(differs(title, name, &text, &rest, number)),
        }
    }
    if rest.facts.len() > native.facts.len() {
        let number = native.facts.len();
        let name = &rest.facts[number].0;
        return verdict.and(differs(title, name, "more answers", &rest, number));
    }
    verdict
}

/// What the connector told as its `number`th answer is not what it should.
fn differs(title: &str, name: &str, text: &str, rest: &Answer, number: usize) -> Verdict {
    let mut difference = format!("{title}: {name}: {text}");
    // Later differences often follow from an earlier failure that both sides have.
    for (name, fact) in &rest.facts {
        if let Fact::Failed(reason) = fact {
            let _ = write!(difference, "\n  connector, {name} failed: {reason}");
        }
    }
    let failure = match rest.facts.get(number) {
        Some((_, Fact::Failed(reason))) => Some(reason.clone()),
        _ => None,
    };
    Verdict {
        difference: Some(difference),
        failure,
        ..Verdict::default()
    }
}

/// Whether a fact is one of these that others told under the same name, or differs only as it may.
pub fn is_one_of<'a>(found: &Fact, name: &str, others: impl Iterator<Item = &'a Fact>) -> bool {
    let same = |other: &Fact| {
        difference(other, found).is_none() || rules::accepting(name, other, found, true).is_some()
    };
    { others }.any(same)
}

/// In what two facts differ.
fn difference(native: &Fact, rest: &Fact) -> Option<String> {
    match (native, rest) {
        (Fact::Failed(_), Fact::Failed(_)) => None,
        (Fact::Text(a), Fact::Text(b)) if a == b => None,
        (Fact::Elements(a), Fact::Elements(b)) if a == b => None,
        (Fact::Elements(a), Fact::Elements(b)) => {
            let (a, b) = (a.concat(), b.concat());
            let at = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
            Some(format!(
                "{} and {} bytes, different from byte {at} on\n  native    {}\n  connector {}",
                a.len(),
                b.len(),
                window(&a, at),
                window(&b, at),
            ))
        }
        (native, rest) => Some(format!(
            "\n  native    {}\n  connector {}",
            told(native),
            told(rest)
        )),
    }
}

fn told(fact: &Fact) -> String {
    match fact {
        Fact::Failed(text) => format!("failed: {text}"),
        Fact::Text(text) => text.clone(),
        Fact::Elements(elements) => window(&elements.concat(), 0),
    }
}

/// The bytes around a place, as numbers and as text.
fn window(bytes: &[u8], at: usize) -> String {
    let start = at.saturating_sub(8).min(bytes.len());
    let part = &bytes[start..bytes.len().min(at + 24)];
    let hex: Vec<String> = part.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "[{start}..] {} {:?}",
        hex.join(" "),
        String::from_utf8_lossy(part)
    )
}

/// A difference without what is new in each run: ids of objects, names of files, numbers of attempts.
pub fn timeless(difference: &str) -> String {
    let mut out = String::with_capacity(difference.len());
    let in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    for piece in difference.split_inclusive(|letter| !in_name(letter)) {
        let name = piece.trim_end_matches(|letter| !in_name(letter));
        let is_id = name.len() == ID.len() && name.as_bytes()[1] == b'-';
        if is_id || name.starts_with("parity-") {
            out.push_str("...");
            out.push_str(&piece[name.len()..]);
        } else {
            out.push_str(piece);
        }
    }
    while let Some((before, after)) = out.split_once(" (after ")
        && let Some((_, after)) = after.split_once(" attempts)")
    {
        out = format!("{before}{after}");
    }
    out
}

/// An id as servers give them.
const ID: &str = "d-00000000-00000000-0000-000000-000000";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_without_what_is_new_in_each_run() {
        let told = |id: &str, file: &str, attempts: &str| {
            format!(
                "step 1: H5Dwrite: failed: PUT /datasets/{id}/value?domain=/home/u/{file}.h5 failed with \
                 status 500{attempts}, errno = 5"
            )
        };
        let (one, other) = (
            told(ID, "parity-1777-4-169", " (after 3 attempts)"),
            told(&ID.replace('0', "f"), "parity-8-1-2", ""),
        );
        assert_eq!(timeless(&one), timeless(&other));
        assert_ne!(timeless(&one), timeless(&one.replace("500", "400")));
        assert_ne!(timeless("6 and 2 bytes"), timeless("6 and 3 bytes"));
    }
}
