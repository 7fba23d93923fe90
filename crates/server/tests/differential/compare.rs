//! Whether two answers say the same.

use serde_json::{Map, Value, json};

use crate::differences;
use crate::script::{Step, What};
use crate::server::{Answer, Exchange};

/// What is wrong with the answers to a step, in words.
pub fn compare(step: &Step, answers: &Exchange) -> Vec<String> {
    let mut problems = Vec::new();
    let statuses = (answers.own.status, answers.hsds.status);
    let differs = step.differs.iter();
    let expected = differs.clone().find_map(|differs| match differs.what {
        What::Status(own, hsds) => Some((own, hsds)),
        _ => None,
    });
    match expected {
        Some(expected) if expected == statuses => return problems,
        Some((own, hsds)) => problems.push(format!("declared as h5rest {own}, HSDS {hsds}")),
        None => {}
    }
    if statuses.0 != statuses.1 || expected.is_some() {
        problems.push(format!(
            "h5rest {}, HSDS {}",
            shown(&answers.own),
            shown(&answers.hsds)
        ));
        return problems;
    }
    if statuses.0 >= 400 {
        return problems;
    }
    // 204 has no body.
    if statuses.0 != 204 && answers.own.media_type != answers.hsds.media_type {
        let types = (&answers.own.media_type, &answers.hsds.media_type);
        problems.push(format!("media types {types:?}"));
    }
    let (mut own, mut hsds) = (content(&answers.own), content(&answers.hsds));
    for differs in differs {
        match &differs.what {
            What::Status(..) => {}
            What::Body if own == hsds => problems.push(format!("{} is not there", differs.name)),
            What::Body => return problems,
            What::Members(pointers) => {
                for pointer in pointers {
                    let same = take(&mut own, pointer) == take(&mut hsds, pointer);
                    // What is random may be the same for once.
                    if same && differs.name != differences::RANDOM {
                        problems.push(format!("{} is not there at {pointer}", differs.name));
                    }
                }
            }
        }
    }
    if own != hsds {
        let mut found = Vec::new();
        describe(&own, &hsds, "", &mut found);
        problems.push(found.join("\n    "));
    }
    problems
}

fn shown(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let text: String = text.chars().take(300).collect();
    format!("{} {text}", answer.status)
}

/// A body in comparable form: what differs from server to server and from time to time is gone.
fn content(answer: &Answer) -> Value {
    match answer.document() {
        Some(mut document) => {
            differences::remove_additions(&mut document);
            settle(&mut document);
            document
        }
        None => json!(
            answer
                .body
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .join(" ")
        ),
    }
}

/// Takes out times, and the order of references.
fn settle(document: &mut Value) {
    match document {
        Value::Array(items) => items.iter_mut().for_each(settle),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match (name.as_str(), &mut *value) {
                    ("bucket", name) => *name = json!("a bucket"),
                    ("created" | "lastModified" | "start_time", time) if time.is_number() => {
                        *time = json!("a time");
                    }
                    ("hrefs", Value::Array(links)) => {
                        links.sort_by_key(|link| link["rel"].to_string());
                    }
                    (_, other) => settle(other),
                }
            }
        }
        _ => {}
    }
}

/// Removes and returns what a pointer points at.
fn take(document: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    match document.pointer_mut(parent)? {
        Value::Object(members) => members.shift_remove(name),
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?).map(Value::take),
        _ => None,
    }
}

/// Tells where two documents differ.
fn describe(own: &Value, hsds: &Value, at: &str, found: &mut Vec<String>) {
    match (own, hsds) {
        _ if own == hsds => {}
        (Value::Object(a), Value::Object(b)) => {
            let empty = Map::new();
            let (a, b) = (if a.is_empty() { &empty } else { a }, b);
            let missing = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            let mut names = missing(a);
            names.extend(missing(b).into_iter().filter(|name| !a.contains_key(name)));
            for name in names {
                match (a.get(&name), b.get(&name)) {
                    (Some(x), Some(y)) => describe(x, y, &format!("{at}/{name}"), found),
                    (Some(x), None) => found.push(format!("{at}/{name}: only h5rest: {x}")),
                    (None, Some(y)) => found.push(format!("{at}/{name}: only HSDS: {y}")),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (x, y)) in a.iter().zip(b).enumerate() {
                describe(x, y, &format!("{at}/{number}"), found);
            }
        }
        _ => found.push(format!("{at}: h5rest {own}, HSDS {hsds}")),
    }
}
