//! The server as a process of its own, which can be killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

/// `h5rest serve` as a process of its own.
pub struct Process {
    /// It.
    pub child: Child,
    url: String,
}

impl Process {
    /// Starts it on a free port, and returns when it is ready.
    pub fn start(root: &Path) -> Self {
        Self::with(&["--root", root.to_str().unwrap()])
    }

    /// The same with any options.
    pub fn with(options: &[&str]) -> Self {
        Self::in_environment(options, &[])
    }

    /// The same; freed memory goes back to the system at once. How much of it waits for its next use
    /// otherwise depends on how busy the machine is.
    pub fn without_spare_memory(options: &[&str]) -> Self {
        let at_once = [("MIMALLOC_PURGE_DELAY".to_owned(), "0".into())];
        Self::in_environment(options, &at_once)
    }

    /// The same with more in its environment.
    pub fn in_environment(options: &[&str], environment: &[(String, PathBuf)]) -> Self {
        Self::spawn(options, environment, Stdio::inherit())
    }

    /// The same, with its log from level `info` on.
    pub fn logging(options: &[&str]) -> (Self, BufReader<ChildStderr>) {
        let environment = [("H5REST_LOG".to_owned(), "info".into())];
        let mut process = Self::spawn(options, &environment, Stdio::piped());
        let log = process.child.stderr.take().unwrap();
        (process, BufReader::new(log))
    }

    fn spawn(options: &[&str], environment: &[(String, PathBuf)], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_h5rest"))
            .args(["serve", "--bind", "127.0.0.1:0"])
            .args(options)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().strip_prefix("READY ").expect(&line).to_owned();
        Self { child, url }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Status and body of the answer; `None` if there is none.
    pub fn send(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        let (status, bytes) = self.send_bytes(method, path, "application/json", body.as_bytes())?;
        Some((status, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The same for a change that is called by this name.
    pub fn send_named(
        &self,
        name: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<(u16, String)> {
        let name = [("Idempotency-Key", name)];
        let (status, bytes) =
            self.send_with(&name, method, path, "application/json", body.as_bytes())?;
        Some((status, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The same by somebody else, who says so with this header.
    pub fn send_as(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<(u16, String)> {
        let name = [("Authorization", authorization)];
        let (status, bytes) =
            self.send_with(&name, method, path, "application/json", body.as_bytes())?;
        Some((status, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The same for another kind of body.
    pub fn send_bytes(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> Option<(u16, Vec<u8>)> {
        self.send_with(&[], method, path, kind, body)
    }

    fn send_with(
        &self,
        headers: &[(&str, &str)],
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
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Content-Type", kind)
            .header("Accept", kind);
        if !headers.iter().any(|(name, _)| *name == "Authorization") {
            request = request.header("Authorization", "Basic dTpw");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_vec()).unwrap();
        let mut response = agent.run(request).ok()?;
        let body = response.body_mut().with_config().limit(1 << 30);
        let bytes = body.read_to_vec().ok()?;
        Some((response.status().as_u16(), bytes))
    }
}

/// Runs `h5rest fsck` on this store.
pub fn fsck(root: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_h5rest"))
        .arg("fsck")
        .arg(root)
        .output()
        .unwrap()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
