//! Name patterns of listings: `*` for any text, `?` for one character, `[a-c]` for one of a set.

use crate::error::{ApiError, Result};

/// Characters of a pattern at most: each of a name may be held against all of them.
const LONGEST: usize = 1024;

/// A pattern that was read.
#[derive(Debug)]
pub struct Pattern(Vec<Part>);

/// What a pattern consists of.
#[derive(Debug)]
enum Part {
    /// Any text.
    Star,
    /// Any character.
    Any,
    /// This character.
    Literal(char),
    /// One that is in the ranges, or one that is not.
    Set {
        is_wanted: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// 400 if it is too long.
    pub fn new(text: &str) -> Result<Self> {
        let text: Vec<char> = text.chars().take(LONGEST + 1).collect();
        if text.len() > LONGEST {
            return Err(ApiError::bad_request(format!(
                "the pattern has more than {LONGEST} characters: use '*' for a part of it"
            )));
        }
        let (mut parts, mut at) = (Vec::new(), 0);
        while at < text.len() {
            let (part, length) = Part::first_of(&text[at..]);
            parts.push(part);
            at += length;
        }
        Ok(Self(parts))
    }

    /// Whether a name matches it.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        // Where to go on after a mismatch: the last star, and how much of the name it covered.
        let (mut at, mut in_name, mut retry) = (0, 0, None);
        while in_name < name.len() {
            match self.0.get(at) {
                Some(Part::Star) => {
                    retry = Some((at, in_name));
                    at += 1;
                    continue;
                }
                Some(part) if part.takes(name[in_name]) => {
                    at += 1;
                    in_name += 1;
                    continue;
                }
                _ => {}
            }
            let Some((star, covered)) = retry else {
                return false;
            };
            retry = Some((star, covered + 1));
            at = star + 1;
            in_name = covered + 1;
        }
        self.0[at..].iter().all(|part| matches!(part, Part::Star))
    }
}

impl Part {
    /// The first part of a text that is not empty, and its length.
    fn first_of(text: &[char]) -> (Self, usize) {
        match text[0] {
            '*' => (Self::Star, 1),
            '?' => (Self::Any, 1),
            '[' => match text.iter().position(|&c| c == ']').filter(|&end| end > 1) {
                Some(end) => (Self::set(&text[1..end]), end + 1),
                None => (Self::Literal('['), 1),
            },
            literal => (Self::Literal(literal), 1),
        }
    }

    /// What stands between brackets.
    fn set(text: &[char]) -> Self {
        let (mut rest, is_wanted) = match text {
            ['!' | '^', rest @ ..] if !rest.is_empty() => (rest, false),
            text => (text, true),
        };
        let mut ranges = Vec::new();
        loop {
            rest = match rest {
                [] => return Self::Set { is_wanted, ranges },
                [low, '-', high, rest @ ..] => {
                    ranges.push((*low, *high));
                    rest
                }
                [one, rest @ ..] => {
                    ranges.push((*one, *one));
                    rest
                }
            };
        }
    }

    /// Whether it stands for this character; a star never does.
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => true,
            Self::Literal(literal) => *literal == c,
            Self::Set { is_wanted, ranges } => {
                ranges.iter().any(|&(low, high)| (low..=high).contains(&c)) == *is_wanted
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LONGEST, Pattern};

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*b*b", "abab", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("x[0-3]", "x2", true),
            ("x[0-3]", "x4", false),
            ("x[ab]y", "xby", true),
            ("x[!a]", "xb", true),
            ("x[^a-c]", "xb", false),
            ("x[!]", "x!", true),
            ("x[a-]", "x-", true),
            ("[", "[", true),
            ("[]", "[]", true),
            ("[[]", "[", true),
            ("[a", "[a", true),
            ("abc", "abc", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn long_patterns_are_refused_and_others_are_quick() {
        assert!(Pattern::new(&"é".repeat(LONGEST)).is_ok());
        let refused = Pattern::new(&"[".repeat(LONGEST + 1)).unwrap_err();
        assert_eq!(refused.status.as_u16(), 400);
        let start = Instant::now();
        for pattern in [
            "*[".repeat(LONGEST / 2),
            format!("*{}", "[".repeat(LONGEST - 1)),
        ] {
            assert!(!matches(&pattern, &"[x".repeat(20_000)));
        }
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
