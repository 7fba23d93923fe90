//! Many clients at once: all are answered, nobody sees half of a change, and the history of an
//! object is one line.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use crate::connection::Connection;
use crate::process::Process;

const DOMAIN: &str = "domain=/home/u/f";
const OCTETS: &str = "application/octet-stream";

fn json(answer: &(u16, Vec<u8>)) -> Value {
    let text = String::from_utf8_lossy(&answer.1);
    assert!((200..300).contains(&answer.0), "{}: {text}", answer.0);
    serde_json::from_str(&text).unwrap()
}

/// The root group of a new domain.
fn new_domain(connection: &mut Connection) -> String {
    let made = json(&connection.send("PUT", &format!("/?{DOMAIN}"), "{}"));
    made["root"].as_str().unwrap().to_owned()
}

/// The status of each of many requests that go out at the same time on connections of their own,
/// all of which are open before.
fn at_once(
    process: &Process,
    clients: usize,
    ask: impl Fn(&mut Connection, usize) -> u16 + Sync,
) -> Vec<u16> {
    let open = Barrier::new(clients);
    thread::scope(|scope| {
        let client = |number: usize| {
            let (ask, open) = (&ask, &open);
            move || {
                let mut connection = Connection::open(process.url());
                open.wait();
                ask(&mut connection, number)
            }
        };
        let spawn = |number| {
            let small = thread::Builder::new().stack_size(256 << 10);
            small.spawn_scoped(scope, client(number)).unwrap()
        };
        let running: Vec<_> = (0..clients).map(spawn).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn a_thousand_connections_are_all_answered() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let root = new_domain(&mut Connection::open(process.url()));
    let attribute = |number: usize| format!("/groups/{root}/attributes/a{number}?{DOMAIN}");
    let statuses = at_once(&process, 1000, |connection, number| {
        let body = format!(r#"{{"type": "H5T_STD_I32LE", "value": {number}}}"#);
        let wrote = connection.send("PUT", &attribute(number), &body);
        if wrote.0 != 201 {
            return wrote.0;
        }
        let read = connection.send("GET", &attribute(number), "");
        assert_eq!(json(&read)["value"], number);
        let links = connection.send("GET", &format!("/groups/{root}/links?{DOMAIN}"), "");
        links.0
    });
    let failed: Vec<&u16> = statuses.iter().filter(|status| **status != 200).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let path = format!("/groups/{root}?{DOMAIN}");
    let group = json(&Connection::open(process.url()).send("GET", &path, ""));
    assert_eq!(group["attributeCount"], 1000);
}

#[test]
fn one_of_many_makes_a_link() {
    let process = Process::with(&["--memory"]);
    let root = new_domain(&mut Connection::open(process.url()));
    let path = format!("/groups/{root}/links/one?{DOMAIN}");
    let statuses = at_once(&process, 64, |connection, number| {
        let body = format!(r#"{{"h5path": "/{number}"}}"#);
        connection.send("PUT", &path, &body).0
    });
    let made = statuses.iter().filter(|status| **status == 201).count();
    let refused = statuses.iter().filter(|status| **status == 409).count();
    assert_eq!((made, refused), (1, 63), "{statuses:?}");
}

#[test]
fn order_of_creation_is_one_line() {
    let process = Process::with(&["--memory"]);
    let mut connection = Connection::open(process.url());
    let root = new_domain(&mut connection);
    let clients = 32;
    at_once(&process, clients, |connection, number| {
        for at in 0..10 {
            let path = format!("/groups/{root}/links/n{number}_{at}?{DOMAIN}");
            assert_eq!(connection.send("PUT", &path, r#"{"h5path": "/x"}"#).0, 201);
        }
        200
    });
    let links = json(&connection.send("GET", &format!("/groups/{root}/links?{DOMAIN}"), ""));
    let links = links["links"].as_array().unwrap();
    let numbers: BTreeSet<u64> = links
        .iter()
        .map(|link| link["creationOrder"].as_u64().unwrap())
        .collect();
    let expected: BTreeSet<u64> = (0..clients as u64 * 10).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn what_was_seen_is_not_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let mut connection = Connection::open(process.url());
    let root = new_domain(&mut connection);
    let path = format!("/groups/{root}/attributes/n?{DOMAIN}");
    let value = format!("/groups/{root}/attributes/n/value?{DOMAIN}");
    connection.send("PUT", &path, r#"{"type": "H5T_STD_U64LE", "value": 0}"#);
    let (acknowledged, ended) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = Connection::open(process.url());
                let mut last = 0;
                while !ended.load(Ordering::Acquire) {
                    let least = acknowledged.load(Ordering::Acquire);
                    let seen = json(&connection.send("GET", &path, ""));
                    let seen = seen["value"].as_u64().unwrap();
                    assert!(seen >= least, "{seen} after {least} was acknowledged");
                    assert!(seen >= last, "{seen} after {last} was seen");
                    last = seen;
                }
            });
        }
        for n in 1..=200 {
            let answer = connection.send("PUT", &value, &format!(r#"{{"value": {n}}}"#));
            assert_eq!(answer.0, 200);
            acknowledged.store(n, Ordering::Release);
        }
        ended.store(true, Ordering::Release);
    });
}

/// Elements of 4096 bytes that two clients write again and again, each its own byte everywhere.
#[test]
fn writers_of_one_dataset_never_tear_an_element() {
    const SIZE: usize = 4096;
    const COUNT: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let mut connection = Connection::open(process.url());
    new_domain(&mut connection);
    let body = format!(
        r#"{{"type": {{"class": "H5T_OPAQUE", "size": {SIZE}}}, "shape": [{COUNT}],
            "creationProperties": {{"layout": {{"class": "H5D_CHUNKED", "dims": [16]}}}}}}"#
    );
    let made = json(&connection.send("POST", &format!("/datasets?{DOMAIN}"), &body));
    let path = format!("/datasets/{}/value?{DOMAIN}", made["id"].as_str().unwrap());
    let running = AtomicU64::new(2);
    thread::scope(|scope| {
        for byte in [1u8, 2] {
            let (path, running, process) = (&path, &running, &process);
            scope.spawn(move || {
                let mut connection = Connection::open(process.url());
                for round in 0..40 {
                    // Whole, and from the middle of one chunk to that of the next.
                    let (from, to) = [(0, COUNT), (10, 25)][round % 2];
                    let path = format!("{path}&select=[{from}:{to}]");
                    let bytes = vec![byte; (to - from) * SIZE];
                    let answer = connection.send_bytes("PUT", &path, OCTETS, &bytes);
                    assert_eq!(answer.0, 200);
                }
                running.fetch_sub(1, Ordering::AcqRel);
            });
        }
        while running.load(Ordering::Acquire) > 0 {
            let (status, bytes) = connection.send_bytes("GET", &path, OCTETS, &[]);
            assert_eq!((status, bytes.len()), (200, SIZE * COUNT));
            for element in bytes.chunks(SIZE) {
                let whole = element.iter().all(|byte| *byte == element[0]);
                assert!(whole, "an element is torn");
            }
        }
    });
}
