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
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .build()
            .into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Authorization", "Basic dTpw")
            .header("Content-Type", "application/json")
            .body(body.to_owned())
            .unwrap();
        let mut response = agent.run(request).ok()?;
        let text = response.body_mut().read_to_string().ok()?;
        Some((response.status().as_u16(), text))
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
