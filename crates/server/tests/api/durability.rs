//! What was acknowledged is there after the server was killed, and after it was told to stop.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// `h5rest serve` as a process of its own.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(root: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_h5rest"))
            .args(["serve", "--bind", "127.0.0.1:0", "--root"])
            .arg(root)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().strip_prefix("READY ").expect(&line).to_owned();
        Self { child, url }
    }

    fn send(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        let (status, bytes) = self.send_bytes(method, path, "application/json", body.as_bytes())?;
        Some((status, String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn send_bytes(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> Option<(u16, Vec<u8>)> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .build()
            .into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Authorization", "Basic dTpw")
            .header("Content-Type", kind)
            .header("Accept", kind)
            .body(body.to_vec())
            .unwrap();
        let mut response = agent.run(request).ok()?;
        let bytes = response.body_mut().read_to_vec().ok()?;
        Some((response.status().as_u16(), bytes))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const DOMAIN: &str = "domain=/home/u/f";

fn root_of(process: &Process) -> String {
    let (_, text) = process.send("GET", &format!("/?{DOMAIN}"), "").unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["root"].as_str().unwrap().to_owned()
}

#[test]
fn killed_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    assert_eq!(
        process.send("PUT", &format!("/?{DOMAIN}"), "{}").unwrap().0,
        201
    );
    drop(process);
    let acknowledged: Arc<[AtomicU64; 4]> = Arc::default();
    for round in 0..3 {
        let process = Process::start(folder.path());
        let root = root_of(&process);
        let (sender, receiver) = std::sync::mpsc::channel();
        thread::scope(|scope| {
            for (writer, count) in acknowledged.iter().enumerate() {
                let (process, root, sender) = (&process, &root, sender.clone());
                scope.spawn(move || {
                    loop {
                        let n = count.load(Ordering::Relaxed);
                        let path = format!("/groups/{root}/attributes/w{writer}_{n}?{DOMAIN}");
                        let body = format!(r#"{{"type": "H5T_STD_U64LE", "value": {n}}}"#);
                        // A repeat of what was stored but not acknowledged finds it unchanged.
                        match process.send("PUT", &path, &body) {
                            Some((200 | 201, _)) => count.store(n + 1, Ordering::Relaxed),
                            Some(other) => panic!("{other:?}"),
                            None => return,
                        }
                        let _ = sender.send(());
                    }
                });
            }
            // Killed in the middle of it, after a number of changes that differs each time.
            (0..20 + round * 7).for_each(|_| receiver.recv().unwrap());
            let id = process.child.id().to_string();
            assert!(
                Command::new("kill")
                    .args(["-9", &id])
                    .status()
                    .unwrap()
                    .success()
            );
        });
    }
    let process = Process::start(folder.path());
    let root = root_of(&process);
    for (writer, count) in acknowledged.iter().enumerate() {
        for n in 0..count.load(Ordering::Relaxed) {
            let path = format!("/groups/{root}/attributes/w{writer}_{n}?{DOMAIN}");
            let (status, text) = process.send("GET", &path, "").unwrap();
            assert_eq!(
                status, 200,
                "attribute {n} of writer {writer} was acknowledged: {text}"
            );
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(document["value"], n);
        }
    }
}

#[test]
fn elements_are_never_torn() {
    const SIZE: usize = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    assert_eq!(
        process.send("PUT", &format!("/?{DOMAIN}"), "{}").unwrap().0,
        201
    );
    let body = format!(
        r#"{{"type": "H5T_STD_U8LE", "shape": [{SIZE}], "creationProperties":
            {{"layout": {{"class": "H5D_CHUNKED", "dims": [100000]}}}}}}"#
    );
    let made = process
        .send("POST", &format!("/datasets?{DOMAIN}"), &body)
        .unwrap();
    let made: serde_json::Value = serde_json::from_str(&made.1).unwrap();
    let path = format!("/datasets/{}/value?{DOMAIN}", made["id"].as_str().unwrap());
    drop(process);
    let octets = "application/octet-stream";
    let mut last = 0u8;
    for round in 0..4 {
        let mut process = Process::start(folder.path());
        thread::scope(|scope| {
            let (sender, receiver) = std::sync::mpsc::channel();
            let (process, path) = (&process, &path);
            let writer = scope.spawn(move || {
                let mut acknowledged = last;
                for next in last + 1.. {
                    let sent = process.send_bytes("PUT", path, octets, &vec![next; SIZE]);
                    match sent {
                        Some((200, _)) => acknowledged = next,
                        Some(other) => panic!("{other:?}"),
                        None => break,
                    }
                    let _ = sender.send(());
                }
                acknowledged
            });
            (0..5 + round).for_each(|_| receiver.recv().unwrap());
            let id = process.child.id().to_string();
            assert!(
                Command::new("kill")
                    .args(["-9", &id])
                    .status()
                    .unwrap()
                    .success()
            );
            last = writer.join().unwrap();
        });
        // The store is locked until the killed process is gone.
        process.child.wait().unwrap();
        let process = Process::start(folder.path());
        let (status, found) = process.send_bytes("GET", &path, octets, &[]).unwrap();
        assert_eq!((status, found.len()), (200, SIZE));
        assert!(
            found[0] == last || found[0] == last + 1,
            "{} after {last}",
            found[0]
        );
        assert!(
            found.iter().all(|&byte| byte == found[0]),
            "half of a write is there"
        );
        last = found[0];
    }
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
