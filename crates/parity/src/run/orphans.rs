//! What a program leaves on the server that nothing leads to: an object that was stored twice, or whose link
//! was never made. Only `h5rest` tells (HSDS looks now and then).

use std::collections::HashMap;

use anyhow::{Result, ensure};
use h5rest_testkit::Endpoint;

use super::side::Side;
use crate::compare::Verdict;
use crate::program::{Program, Step};

/// Letters of an id, `g-` with its digits.
const ID: usize = 38;

/// Looks at every object that is stored of the file after a program. Nothing may be open for writing.
///
/// A session that deletes the link of a committed datatype which another session made does not know the
/// datasets and attributes that use it, and keeps it. So datatypes count only if the program opens its file
/// once.
pub fn check(server: Option<&Endpoint>, program: &Program, rest: &Side) -> Verdict {
    let reopened = |step: &Step| matches!(step, Step::Reopen { .. });
    let datatypes = !program.steps.iter().any(reopened);
    let lost = server.map(|server| nothing_is_lost(server, &rest.path(), datatypes));
    Verdict {
        difference: lost
            .and_then(Result::err)
            .map(|error| format!("on the server: {error:#}")),
        ..Verdict::default()
    }
}

fn nothing_is_lost(server: &Endpoint, domain: &str, datatypes: bool) -> Result<()> {
    let path = format!("/?domain={domain}&getobjs=1");
    let (status, text) = server.request("GET", &path, "")?;
    ensure!(status == 200, "GET {path}: {status} {text}");
    let lost = lost(&text, datatypes);
    ensure!(lost.is_empty(), "nothing leads to {lost:?}");
    Ok(())
}

/// The objects of a document that nothing in it names. Others name them by links, datasets the committed
/// datatype that they have, and the domain its root group. (A group that was moved into itself is named, and
/// native files keep such, too.) Committed datatypes are among them if `datatypes`. The text is not parsed:
/// elements in it may be no JSON, like NaN.
fn lost(text: &str, datatypes: bool) -> Vec<&str> {
    let pieces: Vec<&str> = text.split('"').collect();
    let is_id = |piece: &str| piece.len() == ID && piece.as_bytes().get(1) == Some(&b'-');
    let (mut objects, mut named) = (Vec::new(), HashMap::<&str, usize>::new());
    for two in pieces.windows(2).filter(|two| is_id(two[0])) {
        *named.entry(two[0]).or_default() += 1;
        if two[1].starts_with(":{") && (datatypes || !two[0].starts_with('t')) {
            objects.push(two[0]);
        }
    }
    objects.retain(|object| named.get(object) == Some(&1));
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_without_a_link_are_found() {
        let (root, linked) = (
            "g-015d7ff7-5ffadb6d-89d5-f77fd7-7253e5",
            "d-015d7ff7-5ffadb6d-0753-4e3c59-abd350",
        );
        let missing = "g-015d7ff7-5ffadb6d-03ab-bf0b4d-0a4809";
        let objects = |link: &str| {
            format!(
                r#"{{"root":"{root}","domain_objs":{{"{root}":{{"links":{{"a":{{"id":"{link}"}}}}}},
                "{linked}":{{"value":[NaN]}}}}}}"#
            )
        };
        assert!(lost(&objects(linked), true).is_empty());
        assert_eq!(lost(&objects(missing), false), [linked]);
        let datatype = "t-015d7ff7-5ffadb6d-0753-4e3c59-abd350";
        let text = objects(missing).replace(linked, datatype);
        assert_eq!(lost(&text, true), [datatype]);
        assert!(lost(&text, false).is_empty());
    }
}
