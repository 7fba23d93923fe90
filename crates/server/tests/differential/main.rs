//! The same requests to `h5rest` and to a real HSDS 1.0.2: the same answers.
//!
//! `scripts/*.txt` hold the requests, by resource ([`script`] tells their form). Statuses, media
//! types, documents and bytes are compared; times are not, nor the words of errors
//! ([`compare`]). Where `h5rest` answers otherwise on purpose, the step names one of
//! [`differences`], which has the reason; a difference that is declared and not there fails the
//! test, too.
//!
//! While a script is being written: `DIFFERENTIAL_HSDS=http://localhost:5101` uses an HSDS that
//! runs already (`cargo xtask hsds`), `DIFFERENTIAL_ONLY=links` runs the scripts with that in
//! their name.

// Helpers of tests fail the test by panicking, too.
#![allow(clippy::unwrap_used)]

mod compare;
mod differences;
mod script;
mod server;

use std::collections::BTreeSet;
use std::path::Path;

use h5rest_testkit::{H5rest, Hsds};

use self::script::Script;
use self::server::{Exchange, Server};

#[test]
fn h5rest_answers_as_hsds_does() {
    let h5rest = H5rest::of_program(Path::new(env!("CARGO_BIN_EXE_h5rest"))).unwrap();
    let own = Server::new(&h5rest.endpoint().url);
    let given = std::env::var("DIFFERENTIAL_HSDS").ok();
    let started = match given {
        Some(_) => None,
        None => Some(Hsds::start().unwrap()),
    };
    let url = given.or_else(|| started.as_ref().map(|hsds| hsds.endpoint().url.clone()));
    let hsds = Server::new(&url.unwrap());
    let only = std::env::var("DIFFERENTIAL_ONLY").unwrap_or_default();

    let (mut problems, mut used, mut steps) = (Vec::new(), BTreeSet::new(), 0);
    for script in Script::all().iter().filter(|s| s.name.contains(&only)) {
        let mut names = script::Names::new(&script.name);
        for step in &script.steps {
            steps += 1;
            used.extend(step.differs.iter().map(|differs| differs.name.clone()));
            let ask = |server: &Server| server.run(&step.filled(&names));
            let answers = Exchange {
                own: ask(&own),
                hsds: ask(&hsds),
            };
            let found = compare::compare(step, &answers);
            let title = format!("{}: {}", script.name, step.title);
            problems.extend(
                found
                    .into_iter()
                    .map(|problem| format!("{title}: {problem}")),
            );
            names.keep(step, &answers);
        }
    }
    println!("{steps} requests to each server");
    if only.is_empty() {
        problems.extend(differences::unused(&used));
    }
    assert!(
        problems.is_empty(),
        "{} differences:\n{}",
        problems.len(),
        problems.join("\n")
    );
}
