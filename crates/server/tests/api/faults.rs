//! A disk that is full, read-only or broken: requests fail with a reason, nothing acknowledged is
//! lost, and the server goes on by itself when the disk works again.

use std::fs;

use serde_json::{Value, json};

use crate::faulty_disk::{EIO, ENOSPC, EROFS, FaultyDisk};
use crate::process::{Process, fsck};

const DOMAIN: &str = "domain=/home/u/f";
const OCTETS: &str = "application/octet-stream";
/// Bytes of the dataset; each of its three chunks lies in a segment.
const SIZE: usize = 300_000;

/// A server with a domain on a disk, and what it has acknowledged.
struct Served {
    process: Process,
    root: String,
    dataset: String,
    /// Bytes of the dataset.
    size: usize,
    /// Value of the attribute, which is that of each byte of the dataset, too.
    number: u8,
}

impl Served {
    fn on(disk: &FaultyDisk) -> Self {
        Self::with(disk, SIZE, 100_000)
    }

    fn with(disk: &FaultyDisk, size: usize, chunk: usize) -> Self {
        let process = disk.start();
        let send = |method, path: &str, body: &str| -> Value {
            let (status, text) = process.send(method, path, body).unwrap();
            assert!((200..300).contains(&status), "{status} {text}");
            serde_json::from_str(&text).unwrap()
        };
        let root = send("PUT", &format!("/?{DOMAIN}"), "{}");
        let root = root["root"].as_str().unwrap().to_owned();
        let body = format!(
            r#"{{"type": "H5T_STD_U8LE", "shape": [{size}], "creationProperties":
                {{"layout": {{"class": "H5D_CHUNKED", "dims": [{chunk}]}}}}}}"#
        );
        let dataset = send("POST", &format!("/datasets?{DOMAIN}"), &body);
        let dataset = dataset["id"].as_str().unwrap().to_owned();
        let path = format!("/groups/{root}/attributes/n?{DOMAIN}");
        send("PUT", &path, r#"{"type": "H5T_STD_U8LE", "value": 0}"#);
        let mut served = Self {
            process,
            root,
            dataset,
            size,
            number: 0,
        };
        served.write(1);
        served
    }

    fn attribute(&self, number: u8) -> (u16, String) {
        let path = format!("/groups/{}/attributes/n/value?{DOMAIN}", self.root);
        let body = json!({"value": number}).to_string();
        self.process.send("PUT", &path, &body).unwrap()
    }

    fn elements(&self, number: u8) -> (u16, String) {
        let path = format!("/datasets/{}/value?{DOMAIN}", self.dataset);
        let bytes = vec![number; self.size];
        let sent = self.process.send_bytes("PUT", &path, OCTETS, &bytes);
        let (status, bytes) = sent.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Writes both, which must succeed.
    fn write(&mut self, number: u8) {
        assert_eq!(self.attribute(number).0, 200);
        assert_eq!(self.elements(number).0, 200);
        self.number = number;
    }

    /// Writes both, which must fail with this status and reason.
    fn refuse(&self, status: u16, reason: &str) {
        for (got, text) in [self.attribute(99), self.elements(99)] {
            assert_eq!(got, status, "{text}");
            assert!(text.contains(reason), "{text}");
        }
    }

    fn read_attribute(&self) -> (u16, String) {
        let path = format!("/groups/{}/attributes/n?{DOMAIN}", self.root);
        self.process.send("GET", &path, "").unwrap()
    }

    fn read_elements(&self) -> (u16, Vec<u8>) {
        self.read_selection("")
    }

    fn read_selection(&self, select: &str) -> (u16, Vec<u8>) {
        let path = format!("/datasets/{}/value?{select}{DOMAIN}", self.dataset);
        self.process.send_bytes("GET", &path, OCTETS, &[]).unwrap()
    }

    /// What was acknowledged last is what is read.
    #[track_caller]
    fn check(&self) {
        let (status, text) = self.read_attribute();
        assert_eq!(status, 200, "{text}");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["value"], self.number);
        let (status, bytes) = self.read_elements();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
        assert!(bytes == vec![self.number; self.size]);
    }

    /// Ends the server as a power cut does, and starts another one on what is left.
    fn after_power_cut(mut self, disk: &FaultyDisk) -> Self {
        self.process.child.kill().unwrap();
        self.process.child.wait().unwrap();
        disk.cut_power();
        let checked = fsck(&disk.store());
        let text = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success(), "{text}");
        self.process = disk.start();
        self
    }
}

#[test]
fn full_disk() {
    let disk = FaultyDisk::new();
    let mut served = Served::on(&disk);
    for number in 2..5 {
        disk.fail(&[("grow", ENOSPC), ("create", ENOSPC)]);
        // Small changes may find room among what is free inside the database; in the end there is
        // none.
        let refused = (0..5000).any(|n| {
            let path = format!("/groups/{}/links/{number}_{n}?{DOMAIN}", served.root);
            let body = json!({"h5path": "/x".repeat(1000)}).to_string();
            let (status, text) = served.process.send("PUT", &path, &body).unwrap();
            assert!(status == 201 || text.contains("no space left"), "{text}");
            status == 507
        });
        assert!(refused);
        let (status, text) = served.elements(99);
        assert_eq!(status, 507, "{text}");
        assert!(text.contains("no space left"), "{text}");
        served.check();
        disk.repair();
        served.write(number);
        served.check();
    }
    served.after_power_cut(&disk).check();
}

/// Who comes for the first time has no folder yet, and reads nevertheless.
#[test]
fn strangers_read_from_a_full_disk() {
    let disk = FaultyDisk::new();
    let served = Served::on(&disk);
    let everybody = served.process.send(
        "PUT",
        &format!("/acls/default?{DOMAIN}"),
        r#"{"read": true}"#,
    );
    assert_eq!(everybody.unwrap().0, 201);
    disk.fail(&[("write", ENOSPC), ("create", ENOSPC)]);
    let ask = |method, path: &str, body| {
        let stranger = "Basic bmV3OnA=";
        served
            .process
            .send_as(stranger, method, path, body)
            .unwrap()
    };
    let path = format!("/groups/{}/attributes/n?{DOMAIN}", served.root);
    assert_eq!(ask("GET", &path, "").0, 200);
    assert_eq!(ask("PUT", "/?domain=/home/new/f", "{}").0, 507);
    disk.repair();
    assert_eq!(ask("PUT", "/?domain=/home/new/f", "{}").0, 201);
}

#[test]
fn disk_that_refuses_all_writes() {
    for (error, status, reason) in [
        (ENOSPC, 507, "no space left"),
        (EROFS, 503, "storage is not available: Read-only"),
        (EIO, 503, "storage is not available: Input/output error"),
    ] {
        let disk = FaultyDisk::new();
        let mut served = Served::on(&disk);
        for number in 2..4 {
            disk.fail(&[("write", error), ("create", error)]);
            served.refuse(status, reason);
            served.check();
            served.refuse(status, reason);
            disk.repair();
            served.check();
            served.write(number);
            served.check();
        }
        served.after_power_cut(&disk).check();
    }
}

/// A sync that failed has lost what it was for, whatever the next one says.
#[test]
fn failing_sync() {
    for skip in 0..5 {
        let disk = FaultyDisk::new();
        let mut served = Served::on(&disk);
        for number in 2..5 {
            disk.fail_after(&[("sync", EIO)], skip * 10 + u32::from(number));
            // Some succeed before the sync that fails.
            let mut next = 100;
            while served.attribute(next).0 == 200 {
                served.number = next;
                next += 1;
            }
            let (status, text) = served.elements(next);
            assert_eq!(status, 503, "{text}");
            assert!(text.contains("not available: Input/output error"), "{text}");
            disk.repair();
            // Neither kept nor lost, until this one is acknowledged.
            served.write(number);
            served.check();
        }
        served.after_power_cut(&disk).check();
    }
}

/// `fsync` would bring the files' times to the disk, too, which costs each commit a second write. SQLite
/// takes it without a word where it is built without `.cargo/config.toml`.
#[test]
fn syncs_leave_the_times_of_files_alone() {
    let disk = FaultyDisk::new();
    let mut served = Served::on(&disk);
    disk.fail(&[("fsync", EIO)]);
    served.write(2);
    served.check();
    disk.repair();
    served.after_power_cut(&disk).check();
}

/// Chunks of a large upload get to the disk while others are still coming.
#[test]
fn large_uploads() {
    let disk = FaultyDisk::new();
    let chunk = 1 << 20;
    let mut served = Served::with(&disk, 20 * chunk + 12_345, chunk);
    for (number, (operation, error, skip, status)) in [
        ("create", ENOSPC, 1, 507),
        ("write", EIO, 7, 503),
        ("sync", EIO, 0, 503),
        ("sync", EIO, 1, 503),
        ("sync", EIO, 2, 503),
    ]
    .into_iter()
    .enumerate()
    {
        disk.fail_after(&[(operation, error)], skip);
        let (got, text) = served.elements(99);
        assert_eq!(got, status, "{operation} {skip}: {text}");
        disk.repair();
        served.check();
        served.write(number as u8 + 2);
        served.check();
    }
    served.after_power_cut(&disk).check();
}

#[test]
fn failing_reads() {
    let disk = FaultyDisk::new();
    let mut served = Served::on(&disk);
    disk.fail(&[("read", EIO)]);
    let (status, bytes) = served.read_elements();
    let elements = (status, String::from_utf8_lossy(&bytes).into_owned());
    // Changes, too, unless the thread that commits has all that they need in memory.
    for (status, text) in [elements, served.read_attribute(), served.elements(2)] {
        assert_eq!(status, 503, "{text}");
        assert!(text.contains("storage is not available"), "{text}");
    }
    disk.repair();
    served.check();
    served.write(2);
    served.check();
    served.after_power_cut(&disk).check();
}

/// The only segment of a store.
fn segment(disk: &FaultyDisk) -> std::path::PathBuf {
    let segments = fs::read_dir(disk.store().join("segments")).unwrap();
    let mut paths: Vec<_> = segments.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    paths.remove(0)
}

#[test]
fn damaged_segments_are_told_and_named() {
    let disk = FaultyDisk::new();
    let mut served = Served::on(&disk);
    let path = segment(&disk);
    let sound = fs::read(&path).unwrap();
    // The last chunk is at the end, behind it the table of the checksums of its two blocks.
    let table = sound.len() - 8;
    let place = table - 50_000;
    let mut flipped = sound.clone();
    flipped[place] ^= 4;
    for (bytes, reason) in [(&flipped[..], "checksum"), (&sound[..place], "end of file")] {
        fs::write(&path, bytes).unwrap();
        for select in ["", "select=[250000]&"] {
            let (status, bytes) = served.read_selection(select);
            let text = String::from_utf8_lossy(&bytes);
            assert_eq!(status, 500, "{text}");
            assert!(text.contains("damaged") && text.contains(reason), "{text}");
        }
        // The other chunks are sound.
        let (status, bytes) = served.read_selection("select=[0:1000]&");
        assert_eq!((status, &bytes[..]), (200, &[1; 1000][..]));
    }
    // Elements are read without the table, too.
    let mut without = sound.clone();
    without[table] ^= 4;
    for bytes in [&without[..], &sound[..sound.len() - 1]] {
        fs::write(&path, bytes).unwrap();
        for (select, length) in [("", 300_000), ("select=[250000]&", 1)] {
            let (status, bytes) = served.read_selection(select);
            assert_eq!((status, bytes), (200, vec![1; length]));
        }
    }
    fs::write(&path, &flipped).unwrap();
    served.process.child.kill().unwrap();
    served.process.child.wait().unwrap();
    let checked = fsck(&disk.store());
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(!checked.status.success());
    assert!(
        text.contains("chunk [2]") && text.contains(&served.dataset),
        "{text}"
    );
    // Written anew, it is sound again.
    served.process = disk.start();
    served.write(2);
    served.check();
}

/// Readers of other domains, and of the same one, do not wait for a writer whose sync takes long.
#[test]
fn readers_do_not_wait_for_writers() {
    let disk = FaultyDisk::new();
    let mut served = Served::on(&disk);
    disk.fail(&[("hold", 1)]);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| served.attribute(2).0);
        disk.wait_until_held();
        served.check();
        assert!(!writing.is_finished());
        disk.repair();
        assert_eq!(writing.join().unwrap(), 200);
    });
    served.number = 2;
    assert_eq!(served.elements(2).0, 200);
    served.check();
}
