//! Name patterns of listings: `*` for any text, `?` for one character, `[a-c]` for one of a set.

/// Whether a name matches a pattern.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    // Where to go on after a mismatch: the last star, and how much of the name it covered.
    let (mut at, mut in_name, mut retry) = (0, 0, None);
    while in_name < name.len() {
        if pattern.get(at) == Some(&'*') {
            retry = Some((at, in_name));
            at += 1;
        } else if let Some(next) = one(&pattern, at, name[in_name]) {
            at = next;
            in_name += 1;
        } else if let Some((star, covered)) = retry {
            retry = Some((star, covered + 1));
            at = star + 1;
            in_name = covered + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&c| c == '*')
}

/// Where the pattern goes on if its part at `at` matches this character.
fn one(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match *pattern.get(at)? {
        '?' => Some(at + 1),
        '[' => match pattern[at..]
            .iter()
            .position(|&p| p == ']')
            .filter(|&end| end > 1)
        {
            Some(end) => in_set(&pattern[at + 1..at + end], c).then_some(at + end + 1),
            None => (c == '[').then_some(at + 1),
        },
        literal => (literal == c).then_some(at + 1),
    }
}

fn in_set(set: &[char], c: char) -> bool {
    let (set, wanted) = match set {
        ['!' | '^', rest @ ..] if !rest.is_empty() => (rest, false),
        set => (set, true),
    };
    let mut at = 0;
    while at < set.len() {
        match set[at..] {
            [low, '-', high, ..] => {
                if (low..=high).contains(&c) {
                    return wanted;
                }
                at += 3;
            }
            _ => {
                if set[at] == c {
                    return wanted;
                }
                at += 1;
            }
        }
    }
    !wanted
}

#[cfg(test)]
mod tests {
    use super::matches;

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
            ("[", "[", true),
            ("abc", "abc", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
