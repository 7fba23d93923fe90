//! What is deleted or written anew gives its space back while the server runs; and large domains
//! are listed in pages.

use std::fs;
use std::io::BufRead;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::process::{Process, fsck};

const DOMAIN: &str = "domain=/home/u/f";
const OCTETS: &str = "application/octet-stream";
const CHUNK: usize = 100_000;
const CHUNKS: usize = 60;

/// Bytes that a folder takes on the disk.
fn taken(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .filter_map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => Some(taken(&entry.path())),
            // Another thread may have removed it.
            found => Some(found.ok()?.blocks() * 512),
        })
        .sum()
}

fn json_of(answer: Option<(u16, String)>) -> Value {
    let (status, text) = answer.unwrap();
    assert!((200..300).contains(&status), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}

fn new_dataset(process: &Process) -> String {
    json_of(process.send("PUT", &format!("/?{DOMAIN}"), "{}"));
    let body = json!({"type": "H5T_STD_U8LE", "shape": [CHUNKS * CHUNK],
        "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [CHUNK]}}});
    let path = format!("/datasets?{DOMAIN}");
    let made = json_of(process.send("POST", &path, &body.to_string()));
    made["id"].as_str().unwrap().to_owned()
}

fn put(process: &Process, dataset: &str, chunks: std::ops::Range<usize>, byte: u8) {
    let (from, to) = (chunks.start * CHUNK, chunks.end * CHUNK);
    let path = format!("/datasets/{dataset}/value?select=[{from}:{to}]&{DOMAIN}");
    let sent = process.send_bytes("PUT", &path, OCTETS, &vec![byte; to - from]);
    assert_eq!(sent.unwrap().0, 200);
}

#[test]
fn space_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let (process, log) = Process::logging(&["--root", root]);
    let mut lines = log.lines();
    let mut wait_for = |event: &str| {
        let mut told = lines.by_ref().map(Result::unwrap);
        assert!(told.any(|line| line.contains(event)), "{event}");
    };
    let dataset = new_dataset(&process);
    let empty = taken(folder.path());
    // One segment with all chunks; then all of them but every fourth anew, each in its own.
    put(&process, &dataset, 0..CHUNKS, 1);
    for at in (0..CHUNKS).filter(|at| at % 4 > 0) {
        put(&process, &dataset, at..at + 1, 2);
    }
    wait_for("space of a segment is given back");
    let path = format!("/datasets/{dataset}/value?{DOMAIN}");
    let (_, bytes) = process.send_bytes("GET", &path, OCTETS, &[]).unwrap();
    for (at, chunk) in bytes.chunks(CHUNK).enumerate() {
        let byte = if at % 4 > 0 { 2 } else { 1 };
        assert!(chunk == [byte; CHUNK], "chunk {at}");
    }
    let alive = (CHUNKS * CHUNK) as u64;
    let most = empty + alive + alive / 8 + (4 << 20);
    assert!(taken(folder.path()) < most, "{}", taken(folder.path()));
    let path = format!("/datasets/{dataset}?{DOMAIN}");
    assert_eq!(process.send("DELETE", &path, "").unwrap().0, 200);
    assert!(taken(&folder.path().join("segments")) < 1 << 20);
    drop(process);
    let checked = fsck(folder.path());
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{text}");
}

#[test]
fn full_disk_has_room_for_deletions() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let dataset = {
        let process = Process::start(folder.path());
        let dataset = new_dataset(&process);
        put(&process, &dataset, 0..CHUNKS, 1);
        dataset
    };
    // No disk has so much left.
    let reserve = u64::MAX.to_string();
    let process = Process::with(&["--root", root, "--disk-reserve", &reserve]);
    let attribute = json!({"type": "H5T_STD_I32LE", "value": 1}).to_string();
    let path = format!("/datasets/{dataset}/attributes/a?{DOMAIN}");
    let (status, text) = process.send("PUT", &path, &attribute).unwrap();
    assert!(status == 507 && text.contains("--disk-reserve"), "{text}");
    let path = format!("/datasets/{dataset}?{DOMAIN}");
    assert_eq!(process.send("DELETE", &path, "").unwrap().0, 200);
    assert!(taken(&folder.path().join("segments")) < 1 << 20);
}

/// `H5REST_OBJECTS` sets how many (5,000 unless set).
#[test]
fn large_groups_are_listed_in_pages() {
    let count: usize = std::env::var("H5REST_OBJECTS").map_or(5_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let made = json_of(process.send("PUT", &format!("/?{DOMAIN}"), "{}"));
    let root = made["root"].as_str().unwrap();
    let started = std::time::Instant::now();
    for from in (0..count).step_by(1000) {
        let one = |at| json!({"link": {"id": root, "name": format!("n{at:08}")}});
        let body: Value = (from..(from + 1000).min(count)).map(one).collect();
        json_of(process.send("POST", &format!("/groups?{DOMAIN}"), &body.to_string()));
    }
    println!("{count} groups made in {:?}", started.elapsed());
    for (path, member, marker) in [
        (format!("/groups/{root}/links"), "links", "title"),
        ("/groups".to_owned(), "groups", ""),
    ] {
        let (mut found, mut last, mut slowest) = (Vec::new(), String::new(), 0.0f64);
        loop {
            let started = std::time::Instant::now();
            let path = format!("{path}?Limit=1000&Marker={last}&{DOMAIN}");
            let path = path.replace("&Marker=&", "&");
            let page = json_of(process.send("GET", &path, ""));
            slowest = slowest.max(started.elapsed().as_secs_f64());
            let page = page[member].as_array().unwrap();
            let name = |one: &Value| match marker {
                "" => one.as_str().unwrap().to_owned(),
                marker => one[marker].as_str().unwrap().to_owned(),
            };
            found.extend(page.iter().map(name));
            match page.len() {
                1000 => last = found.last().unwrap().clone(),
                _ => break,
            }
        }
        println!("{member}: slowest page {slowest:.3} s");
        assert_eq!(found.len(), count);
        assert!(found.is_sorted());
    }
    let memory = fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let resident = memory
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    println!("{resident}");
    let kib: u64 = resident.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kib < 512 << 10, "{resident}");
    let path = format!("/groups/{root}?{DOMAIN}");
    assert_eq!(json_of(process.send("GET", &path, ""))["linkCount"], count);
}
