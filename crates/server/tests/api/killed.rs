//! What was acknowledged is there, whole, after the server was killed at any moment, or the power cut.
//!
//! Four writers, each of one kind of change, count up: the change number `n` follows when number
//! `n - 1` was acknowledged. After every kill the store must show, for each of them, exactly what it
//! was told up to the last acknowledged change, or the one behind it, which was on its way.
//! `H5REST_KILLS` sets how often the server is killed (12 unless set).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::faulty_disk::FaultyDisk;
use crate::process::{Process, fsck};

const DOMAIN: &str = "domain=/home/u/f";
const SIZE: usize = 300_000;
const OCTETS: &str = "application/octet-stream";

/// How long a start may take, data or no data. The machine may stand still during some of them.
const START: Duration = Duration::from_secs(1);

/// What the writers write to.
struct Targets {
    root: String,
    small: String,
    bulk: String,
}

fn json(answer: (u16, String)) -> Value {
    assert!((200..300).contains(&answer.0), "{answer:?}");
    serde_json::from_str(&answer.1).unwrap()
}

fn prepare(process: &Process) -> Targets {
    let send = |method, path: &str, body: &str| json(process.send(method, path, body).unwrap());
    let root = send("PUT", &format!("/?{DOMAIN}"), "{}");
    let root = root["root"].as_str().unwrap().to_owned();
    let make = |body: String| {
        let made = send("POST", &format!("/datasets?{DOMAIN}"), &body);
        made["id"].as_str().unwrap().to_owned()
    };
    let small = make(r#"{"type": "H5T_STD_U64LE", "shape": [1]}"#.into());
    let bulk = make(format!(
        r#"{{"type": "H5T_STD_U8LE", "shape": [{SIZE}], "creationProperties":
            {{"layout": {{"class": "H5D_CHUNKED", "dims": [100000]}}}}}}"#
    ));
    let path = format!("/groups/{root}/attributes/counter?{DOMAIN}");
    send("PUT", &path, r#"{"type": "H5T_STD_U64LE", "value": 0}"#);
    Targets { root, small, bulk }
}

/// One writer: how it makes its change number `n`, and up to which number the store shows its
/// changes, having found each of them whole.
struct Writer {
    change: fn(&Process, &Targets, u64) -> Option<u16>,
    seen: fn(&Process, &Targets) -> u64,
}

fn put(process: &Process, path: &str, body: &str) -> Option<u16> {
    Some(process.send("PUT", path, body)?.0)
}

/// An attribute whose value is replaced.
const ATTRIBUTE: Writer = Writer {
    change: |process, to, n| {
        let path = format!("/groups/{}/attributes/counter/value?{DOMAIN}", to.root);
        put(process, &path, &format!(r#"{{"value": {n}}}"#))
    },
    seen: |process, to| {
        let path = format!("/groups/{}/attributes/counter?{DOMAIN}", to.root);
        let document = json(process.send("GET", &path, "").unwrap());
        document["value"].as_u64().unwrap()
    },
};

/// Links that are added, none of which may be missing.
const LINKS: Writer = Writer {
    change: |process, to, n| {
        let path = format!("/groups/{}/links/link{n}?{DOMAIN}", to.root);
        put(process, &path, &format!(r#"{{"id": "{}"}}"#, to.small))
    },
    seen: |process, to| {
        let path = format!("/groups/{}/links?{DOMAIN}", to.root);
        let document = json(process.send("GET", &path, "").unwrap());
        let titles: BTreeSet<u64> = document["links"]
            .as_array()
            .unwrap()
            .iter()
            .map(|link| link["title"].as_str().unwrap()[4..].parse().unwrap())
            .collect();
        let last = titles.last().copied().unwrap_or(0);
        assert_eq!(titles.len() as u64, last, "a link is missing");
        last
    },
};

/// One element.
const ELEMENT: Writer = Writer {
    change: |process, to, n| {
        let path = format!("/datasets/{}/value?{DOMAIN}", to.small);
        let sent = process.send_bytes("PUT", &path, OCTETS, &n.to_le_bytes())?;
        Some(sent.0)
    },
    seen: |process, to| {
        let path = format!("/datasets/{}/value?{DOMAIN}", to.small);
        let (_, bytes) = process.send_bytes("GET", &path, OCTETS, &[]).unwrap();
        u64::from_le_bytes(bytes.try_into().unwrap())
    },
};

/// Elements in several chunks, which lie in segment files; all change in one request.
const BULK: Writer = Writer {
    change: |process, to, n| {
        let path = format!("/datasets/{}/value?{DOMAIN}", to.bulk);
        let elements = n.to_le_bytes().repeat(SIZE / 8 + 1);
        let sent = process.send_bytes("PUT", &path, OCTETS, &elements[..SIZE])?;
        Some(sent.0)
    },
    seen: |process, to| {
        let path = format!("/datasets/{}/value?{DOMAIN}", to.bulk);
        let (status, bytes) = process.send_bytes("GET", &path, OCTETS, &[]).unwrap();
        assert_eq!((status, bytes.len()), (200, SIZE));
        let whole = bytes.chunks_exact(8).all(|eight| eight == &bytes[..8]);
        assert!(whole, "half of a write is there");
        u64::from_le_bytes(bytes[..8].try_into().unwrap())
    },
};

const WRITERS: [Writer; 4] = [ATTRIBUTE, LINKS, ELEMENT, BULK];

/// Lets all writers write until the server is killed after `changes` of them.
fn write_and_kill(mut process: Process, to: &Targets, acknowledged: &[AtomicU64], changes: u64) {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        for (writer, count) in WRITERS.iter().zip(acknowledged) {
            let (process, sender) = (&process, sender.clone());
            scope.spawn(move || {
                loop {
                    let next = count.load(Ordering::Relaxed) + 1;
                    match (writer.change)(process, to, next) {
                        Some(200..=299) => count.store(next, Ordering::Relaxed),
                        Some(status) => panic!("change {next} was answered with {status}"),
                        None => return,
                    }
                    let _ = sender.send(());
                }
            });
        }
        (0..changes).for_each(|_| receiver.recv().unwrap());
        let id = process.child.id().to_string();
        let killed = Command::new("kill").args(["-9", &id]).status().unwrap();
        assert!(killed.success());
    });
    // The store is locked until the killed process is gone.
    process.child.wait().unwrap();
}

/// Kills as many servers as is asked for, each started by `start`, with `after` done between a kill
/// and the next start; returns how long half of the starts took at most.
fn kill_again_and_again(
    kills: u64,
    store: &Path,
    start: &dyn Fn() -> Process,
    after: &dyn Fn(),
) -> Duration {
    let to = prepare(&start());
    let acknowledged: [AtomicU64; 4] = std::array::from_fn(|_| AtomicU64::new(0));
    let mut starts = Vec::new();
    for round in 0..kills {
        let started = Instant::now();
        let process = start();
        starts.push(started.elapsed());
        for (writer, count) in WRITERS.iter().zip(&acknowledged) {
            let (told, seen) = (count.load(Ordering::Relaxed), (writer.seen)(&process, &to));
            assert!(
                seen == told || seen == told + 1,
                "kill {round}: {seen} changes after {told}"
            );
            count.store(seen, Ordering::Relaxed);
        }
        // A number of changes that differs from round to round, so that kills meet every moment.
        write_and_kill(process, &to, &acknowledged, 1 + (round * 7) % 23);
        after();
        if round % 20 == 11 {
            let checked = fsck(store);
            let text = String::from_utf8_lossy(&checked.stdout).into_owned();
            assert!(checked.status.success(), "kill {round}: {text}");
        }
    }
    let changes: u64 = acknowledged.iter().map(|n| n.load(Ordering::Relaxed)).sum();
    starts.sort();
    let slowest = starts.last().unwrap();
    println!("{kills} kills, {changes} acknowledged changes, 0 lost, slowest start {slowest:?}");
    starts[starts.len() / 2]
}

fn asked_for() -> u64 {
    std::env::var("H5REST_KILLS").map_or(12, |text| text.parse().unwrap())
}

#[test]
fn nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Process::start(folder.path());
    let median = kill_again_and_again(asked_for(), folder.path(), &start, &|| {});
    assert!(median < START, "half of the starts took {median:?}");
}

/// The disk keeps nothing but what a sync has reached.
#[test]
fn nothing_acknowledged_is_lost_without_power() {
    let disk = FaultyDisk::new();
    let (start, store) = (|| disk.start(), disk.store());
    kill_again_and_again(asked_for(), &store, &start, &|| disk.cut_power());
}
