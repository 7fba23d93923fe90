//! What a run found, line by line.

use std::fmt;
use std::time::Duration;

/// One line of the table.
#[derive(Clone, Debug, Default)]
pub(super) struct Figure {
    /// What was done.
    pub what: String,
    /// How often: programs, kills, requests, cycles.
    pub cases: u64,
    /// Faults, lies, kills and cuts that were survived.
    pub faults: u64,
    /// Cases that went wrong in any way.
    pub wrong: u64,
    /// How long it took.
    pub took: Duration,
    /// What else is worth knowing; of a failure, all that is known.
    pub remark: String,
}

impl Figure {
    /// One that found something wrong, or could not be tried.
    pub fn failed(remark: String) -> Self {
        Self {
            wrong: 1,
            remark,
            ..Self::default()
        }
    }

    /// Whether nothing went wrong, and something was done at all.
    pub fn is_good(&self) -> bool {
        self.wrong == 0 && self.cases > 0
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            cases,
            faults,
            wrong,
            took,
            remark,
        } = self;
        let took = took.as_secs();
        write!(
            formatter,
            "{what}: {cases} cases, {faults} faults, {wrong} wrong in {took} s. {remark}"
        )
    }
}

/// Prints the table in Markdown.
pub(super) fn print(figures: &[Figure], took: Duration) {
    println!("\n| what | cases | faults, lies, kills | wrong, crashed, hung | time | |");
    println!("|---|---|---|---|---|---|");
    for figure in figures {
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            figure.what,
            grouped(figure.cases),
            grouped(figure.faults),
            figure.wrong,
            clock(figure.took),
            figure.remark.replace(['\n', '|'], " "),
        );
    }
    println!("\n{} in all", clock(took));
}

/// A number with commas.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Minutes and seconds.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        _ => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(125_251), "125,251");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(clock(Duration::from_secs(59)), "59 s");
        assert_eq!(clock(Duration::from_secs(605)), "10:05 min");
    }

    #[test]
    fn nothing_done_is_not_good() {
        assert!(!Figure::default().is_good());
        assert!(!Figure::failed("no".into()).is_good());
        let done = Figure {
            cases: 1,
            ..Figure::default()
        };
        assert!(done.is_good());
    }
}
