//! Starting and stopping, and the check of what is on disk.

use std::process::Command;

use crate::process::{Process, fsck};

const DOMAIN: &str = "domain=/home/u/f";

fn root_of(process: &Process) -> String {
    let (_, text) = process.send("GET", &format!("/?{DOMAIN}"), "").unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["root"].as_str().unwrap().to_owned()
}

#[test]
fn told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    assert_eq!(
        process.send("PUT", &format!("/?{DOMAIN}"), "{}").unwrap().0,
        201
    );
    let id = process.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(process.child.wait().unwrap().success());
    let process = Process::start(folder.path());
    assert!(root_of(&process).starts_with("g-"));
}

/// A query that looks at more elements than it ever can comes to an end, and keeps the server from none.
#[test]
fn endless_queries_end() {
    let endless = |process: &Process| {
        let put = process.send("PUT", &format!("/?{DOMAIN}"), "{}").unwrap();
        assert_eq!(put.0, 201);
        let body = r#"{"type": "H5T_STD_I8LE", "shape": [1099511627776], "creationProperties":
            {"layout": {"class": "H5D_CHUNKED", "dims": [1048576]}}}"#;
        let (_, text) = process
            .send("POST", &format!("/datasets?{DOMAIN}"), body)
            .unwrap();
        let made: serde_json::Value = serde_json::from_str(&text).unwrap();
        let id = made["id"].as_str().unwrap().to_owned();
        format!("/datasets/{id}/value?query=_==1&{DOMAIN}")
    };
    let process = Process::with(&["--memory", "--query-timeout", "1"]);
    let path = endless(&process);
    let (status, text) = process.send("GET", &path, "").unwrap();
    assert_eq!(status, 413);
    let (looked, rest) = text.split_once(" in ").expect(&text);
    assert!(looked.ends_with("elements of 1099511627776"), "{text}");
    // It looks at the clock between two parts of the elements: how long one takes depends on the machine.
    let (seconds, rest) = rest.split_once(' ').expect(&text);
    assert!(seconds.parse::<u32>().unwrap() >= 1, "{text}");
    assert_eq!(rest, "seconds: select fewer");

    let mut process = Process::with(&["--memory", "--stop-timeout", "1"]);
    let path = endless(&process);
    let url = process.url().to_owned();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| process.send("GET", &path, ""));
        // It runs when the server says so.
        let running = || {
            let (_, text) = process.send("GET", "/metrics", "").unwrap();
            text.lines()
                .any(|line| line.starts_with("h5rest_requests_running 2"))
        };
        while !running() {
            assert!(!asking.is_finished(), "{url}");
        }
        let id = process.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        assert!(asking.join().unwrap().is_none());
    });
    assert!(process.child.wait().unwrap().success());
}

#[test]
fn others_are_not_let_in_without_passwords() {
    let refused = Command::new(env!("CARGO_BIN_EXE_h5rest"))
        .args(["serve", "--memory", "--bind", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("--password-file"), "{text}");
}

/// A store with a dataset large enough to lie in a segment file, and no server.
fn store_with_segment() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let made = process.send("PUT", &format!("/?{DOMAIN}"), "{}").unwrap();
    assert_eq!(made.0, 201);
    let body = r#"{"type": "H5T_STD_U8LE", "shape": [100000]}"#;
    let (_, text) = process
        .send("POST", &format!("/datasets?{DOMAIN}"), body)
        .unwrap();
    let made: serde_json::Value = serde_json::from_str(&text).unwrap();
    let path = format!("/datasets/{}/value?{DOMAIN}", made["id"].as_str().unwrap());
    let octets = "application/octet-stream";
    let wrote = process.send_bytes("PUT", &path, octets, &[7; 100_000]);
    assert_eq!(wrote.unwrap().0, 200);
    folder
}

#[test]
fn check_of_a_sound_store() {
    let folder = store_with_segment();
    let checked = fsck(folder.path());
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success(), "{text}");
    assert!(text.contains("1 domains, 2 objects"), "{text}");
    assert!(text.ends_with("1 chunks of 100000 bytes\n"), "{text}");
}

#[test]
fn check_finds_a_file_that_was_cut() {
    let folder = store_with_segment();
    let segments = std::fs::read_dir(folder.path().join("segments")).unwrap();
    let segment = segments.map(|entry| entry.unwrap().path()).next().unwrap();
    let file = std::fs::File::options().write(true).open(&segment).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1).unwrap();
    let checked = fsck(folder.path());
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(!checked.status.success(), "{text}");
    assert!(text.contains("bytes long, the value ends at"), "{text}");
    std::fs::remove_file(segment).unwrap();
    assert!(!fsck(folder.path()).status.success());
}

#[test]
fn check_finds_a_table_of_checksums_that_was_changed() {
    let folder = store_with_segment();
    let segments = std::fs::read_dir(folder.path().join("segments")).unwrap();
    let segment = segments.map(|entry| entry.unwrap().path()).next().unwrap();
    // It is the last that stands in the file.
    let mut bytes = std::fs::read(&segment).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let checked = fsck(folder.path());
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(!checked.status.success(), "{text}");
    assert!(text.contains("the table of a value's checksums"), "{text}");
}

#[test]
fn check_of_a_folder_without_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let checked = fsck(folder.path());
    let text = String::from_utf8(checked.stderr).unwrap();
    assert!(
        !checked.status.success() && text.contains("no store"),
        "{text}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
