//! The commands of `h5rest` that talk to a server, run as a user runs them: in an environment of
//! their own, with nothing but what a test sets.

// Helpers of tests fail the test by panicking, too.
#![allow(clippy::unwrap_used)]

mod doctor;
mod ls;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A server with the users `admin`, `ann` and `bob`, each with the password `p`.
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts it; `options` are added to its command line.
    pub fn start(folder: &Path, options: &[&str]) -> Self {
        let passwords = folder.join("passwords.txt");
        std::fs::write(&passwords, "admin:p\nann:p\nbob:p\n").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_h5rest"))
            .args([
                "serve",
                "--memory",
                "--bind",
                "127.0.0.1:0",
                "--password-file",
            ])
            .arg(&passwords)
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("READY ").expect(&line).to_owned();
        Self { child, url }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends a request of ann's and returns the answer, which must be a success.
    pub fn send(&self, method: &str, target: &str, body: &serde_json::Value) -> serde_json::Value {
        let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.url))
            .header("Authorization", "Basic YW5uOnA=")
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .unwrap();
        let text = agent
            .run(request)
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        serde_json::from_str(&text).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A user's shell: a home folder, a current folder, variables.
pub struct Shell {
    /// Where it works; removed with it.
    pub folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Shell {
    /// A shell in which nothing is set.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "plugin", "lib"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self {
            folder,
            variables: Vec::new(),
        }
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Sets what ann needs for the server at `url`.
    #[must_use]
    pub fn of_ann(self, url: &str) -> Self {
        self.with("HSDS_ENDPOINT", url)
            .with("HSDS_USERNAME", "ann")
            .with("HSDS_PASSWORD", "p")
    }

    /// A path below the shell's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `h5rest` with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_h5rest"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.path("home"))
            .current_dir(self.folder.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

/// What was printed, which must be all that is to be known: nothing crashed.
pub fn printed(output: &Output) -> String {
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{output:?}"
    );
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
