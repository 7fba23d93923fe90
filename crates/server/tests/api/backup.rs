//! A copy of a running server's store, made while it is written to.

use std::process::{Command, Output};

use h5rest_server::store::Store;

use crate::process::{Process, fsck};

const DOMAIN: &str = "domain=/home/u/f";

fn backup(process: &Process, to: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_h5rest"))
        .arg("backup")
        .arg(to)
        .args(["--endpoint", process.url(), "--username", "admin"])
        .output()
        .unwrap()
}

fn put(process: &Process, path: &str, body: &str) {
    let answer = process.send("PUT", path, body).unwrap();
    assert!((200..300).contains(&answer.0), "{answer:?}");
}

fn root_of(process: &Process) -> String {
    let (_, text) = process.send("GET", &format!("/?{DOMAIN}"), "").unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["root"].as_str().unwrap().to_owned()
}

#[test]
fn copy_serves_what_was_there() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::start(from.path());
    put(&process, &format!("/?{DOMAIN}"), "{}");
    let root = root_of(&process);
    let attribute = |name| format!("/groups/{root}/attributes/{name}?{DOMAIN}");
    let text = r#"{"type": "H5T_STD_I32LE", "value": 7}"#;
    put(&process, &attribute("before"), text);
    let made = backup(&process, to.path());
    assert!(made.status.success(), "{made:?}");
    put(&process, &attribute("after"), text);
    assert!(fsck(to.path()).status.success());
    let copy = Process::start(to.path());
    assert_eq!(copy.send("GET", &attribute("before"), "").unwrap().0, 200);
    assert_eq!(copy.send("GET", &attribute("after"), "").unwrap().0, 404);
    // The copy is a store of its own.
    put(&copy, &attribute("after"), text);
}

#[test]
fn folder_in_use_is_refused() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(to.path().join("mine"), "x").unwrap();
    let process = Process::start(from.path());
    let refused = backup(&process, to.path());
    assert!(!refused.status.success());
    assert!(to.path().join("mine").is_file());
}

#[test]
fn copy_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("copy");
    let process = Process::start(&folder.path().join("store"));
    let process = {
        let mut process = process;
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        process
    };
    let refused = backup(&process, &to);
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && text.contains("cannot copy http"),
        "{text}"
    );
    assert!(!to.exists());
}

/// Whoever makes a copy may be killed: what is there then is no store.
#[test]
fn copy_that_was_broken_off_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::filling(folder.path()).unwrap());
    let refused = Store::in_folder(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("did not come to its end"), "{refused}");
    let checked = fsck(folder.path());
    assert!(!checked.status.success(), "{checked:?}");
    Store::filled(folder.path()).unwrap();
    drop(Store::in_folder(folder.path()).unwrap());
    assert!(fsck(folder.path()).status.success());
}
