//! Differences between a native file and the connector that are meant to be: each rule has a name
//! and the reason that docs/COMPATIBILITY.md gives for it. Everything else is a defect.

use crate::compare::Fact;

/// A difference that is meant to be.
#[derive(Debug)]
pub struct Rule {
    /// Its name in the summary.
    pub name: &'static str,
    /// Why it is no defect.
    pub reason: &'static str,
    /// Whether the files differ from then on, so that the case ends.
    pub parts: bool,
    accepts: fn(Difference<'_>) -> bool,
}

/// Elements that have no defined value.
pub const UNDEFINED: Rule = Rule {
    name: "undefined elements",
    reason: "nobody wrote them, and the dataset has no fill value, is never filled, or has no \
             storage and is read as another type",
    parts: false,
    accepts: |_| false,
};

/// A program that HDF5 itself does not survive.
pub const CRASH: Rule = Rule {
    name: "native crash",
    reason: "the program crashes HDF5 on native files alone, or keeps it there without end",
    parts: true,
    accepts: |_| false,
};

/// For HSDS, which keeps less than native files, and HDF5 2.2.0, which takes some filters otherwise.
pub const SERVER: Rule = Rule {
    name: "without faults, too",
    reason: "the answer differs in the same way without faults, so these have not caused it",
    parts: true,
    accepts: |_| false,
};

/// A difference that a rule looks at.
#[derive(Clone, Copy)]
struct Difference<'a> {
    name: &'a str,
    native: &'a Fact,
    rest: &'a Fact,
    reopened: bool,
}

const RULES: &[Rule] = &[
    Rule {
        name: "refused by design",
        reason: "the connector says \"not supported yet\" where it cannot do what was asked",
        parts: true,
        accepts: |found| {
            !matches!(found.native, Fact::Failed(_))
                && matches!(found.rest, Fact::Failed(text) if text.contains("not supported yet"))
        },
    },
    Rule {
        name: "creation order numbers",
        reason: "servers keep the order of creation, not its numbers: they count from 0 without \
                 gaps when the file is opened again",
        parts: false,
        accepts: |found| {
            found.reopened
                && matches!((found.native, found.rest), (Fact::Text(native), Fact::Text(rest))
                    if native != rest && without_numbers(native) == without_numbers(rest))
        },
    },
    Rule {
        name: "never allocated",
        reason: "HDF5 fails to read a dataset without fill value before the first write; servers \
                 do not tell whether there was one",
        parts: false,
        accepts: |found| {
            found.name.contains("H5Dread")
                && matches!(found.native, Fact::Failed(text) if text.contains("no data can be read"))
                && matches!(found.rest, Fact::Text(_))
        },
    },
    Rule {
        name: "order of moved links",
        reason: "native files keep the number of a link that is moved into a group without creation \
                 order",
        parts: false,
        accepts: |found| {
            matches!((found.native, found.rest), (Fact::Text(native), Fact::Text(rest))
                if same_but_untracked(native, rest, found.reopened))
        },
    },
    Rule {
        name: "fill of variable size in a file for reading",
        reason: "HDF5 fails to read elements that nobody wrote: it tries to store their fill value",
        parts: false,
        accepts: |found| {
            matches!(found.native, Fact::Failed(text) if text.starts_with("no write intent")
                && text.contains("blob"))
                && matches!(found.rest, Fact::Text(_))
        },
    },
    Rule {
        name: "links to committed datatypes",
        reason: "HDF5 counts each dataset and attribute of a committed datatype as a link to it; \
                 servers count the links of groups",
        parts: false,
        accepts: |found| {
            matches!((found.native, found.rest), (Fact::Text(native), Fact::Text(rest))
                if native != rest && without_type_links(native) == without_type_links(rest))
        },
    },
    Rule {
        name: "native file left in disorder",
        reason: "after some calls HDF5 cannot close a native file, or not find its global heap or what is in it",
        parts: true,
        accepts: |found| {
            matches!(found.native, Fact::Failed(text)
                if found.name.contains("H5Fclose")
                    || text.contains("global heap")
                    || text.contains("bad heap pointer"))
                && matches!(found.rest, Fact::Text(_))
        },
    },
    Rule {
        name: "start of a visit in a circle",
        reason: "HDF5 visits the object it starts at once more if links lead back to it and it has \
                 one link; the connector visits each object once",
        parts: false,
        accepts: |found| {
            matches!((found.native, found.rest), (Fact::Text(native), Fact::Text(rest))
                if found.name.contains("H5Ovisit")
                    && (native.starts_with(rest.as_str()) || has_one_group_more(native, rest)))
        },
    },
];

/// The text without creation order numbers.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(' ') {
        let after = out.ends_with("order ") || out.ends_with("number ") || out.ends_with("true ");
        let number = word.starts_with(|letter: char| letter.is_ascii_digit());
        out.push_str(if after && number { "N " } else { word });
    }
    out
}

/// The text without the number of links to committed datatypes (`type 2, N links`).
fn without_type_links(text: &str) -> String {
    let mut out = String::new();
    for (n, part) in text.split("type 2, ").enumerate() {
        let counted = |letter: char| letter.is_ascii_digit();
        out.push_str(if n > 0 {
            part.trim_start_matches(counted)
        } else {
            part
        });
    }
    out
}

/// Whether texts differ only in links that have a number in the native file and none otherwise.
fn same_but_untracked(native: &str, rest: &str, reopened: bool) -> bool {
    let (native, rest): (Vec<_>, Vec<_>) = (native.split(' ').collect(), rest.split(' ').collect());
    let mut before = "";
    native.len() == rest.len()
        && native.iter().zip(&rest).all(|(native, rest)| {
            let numbered = before == "order" && native.starts_with(|c: char| c.is_ascii_digit());
            before = native;
            native == rest || (numbered && (*rest == "-1," || reopened))
        })
}

/// Whether two visits differ only in one group that the native one comes to once more.
fn has_one_group_more(native: &str, rest: &str) -> bool {
    let mut seen = rest.split("; ").peekable();
    let more: Vec<&str> = native
        .split("; ")
        .filter(|object| seen.next_if_eq(object).is_none())
        .collect();
    seen.peek().is_none() && more.len() == 1 && more[0].contains("type 0,")
}

/// All rules, for the summary.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain([&UNDEFINED, &CRASH, &SERVER])
}

/// The rule by which a difference is accepted.
pub fn accepting(name: &str, native: &Fact, rest: &Fact, reopened: bool) -> Option<&'static Rule> {
    let found = Difference {
        name,
        native,
        rest,
        reopened,
    };
    RULES.iter().find(|rule| (rule.accepts)(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_in_a_circle() {
        let object = |name: &str, ty: u8| format!("\"{name}\" type {ty}, 1 links, 0 attributes");
        let visit = |objects: &[String]| objects.join("; ");
        let (start, circle, again, ty) = (
            object(".", 0),
            object("z", 0),
            object("z/a", 0),
            object("a", 2),
        );
        let rest = visit(&[start.clone(), circle.clone(), ty.clone()]);
        let native = [start.clone(), circle.clone(), again.clone(), ty.clone()];
        assert!(has_one_group_more(&visit(&native), &rest));
        assert!(!has_one_group_more(&rest, &rest));
        assert!(!has_one_group_more(&visit(&[start, circle, again]), &rest));
        assert!(!has_one_group_more(&rest, &visit(&native)));
    }
}
