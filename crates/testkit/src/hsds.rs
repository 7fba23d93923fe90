//! A real HSDS, started from the Python environment of `cargo xtask setup`.
//!
//! HSDS's own launcher gives its data nodes fixed ports, so only one could run per machine. Here
//! its node program is started directly, each node on a free port.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use shared_child::SharedChild;
use shared_child::unix::SharedChildExt;
use tempfile::TempDir;

use crate::endpoint::{Endpoint, USERNAME};
use crate::free_port::free_port;
use crate::h5rest::write_passwords;
use crate::python;

/// Data nodes of one instance, as in the measurements this project compares itself with.
const DATA_NODES: usize = 2;
/// Tasks of an instance that many tests use at once.
const MANY_TASKS: u32 = 10_000;
/// How long a start may take before it counts as failed.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a node may take to write what it holds and stop.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// How often to ask a starting server whether it is ready.
const POLL: Duration = Duration::from_millis(100);

/// A running HSDS with the users `admin`, `test_user1` and `test_user2` and their home folders.
#[derive(Debug)]
pub struct Hsds {
    nodes: Vec<SharedChild>,
    endpoint: Endpoint,
    folder: TempDir,
}

impl Hsds {
    /// Starts an HSDS on free ports that stores in a temporary folder.
    ///
    /// # Errors
    /// When it is not installed (`cargo xtask setup`) or does not become ready.
    pub fn start() -> Result<Self> {
        Self::start_with(None)
    }

    /// The same, but one that takes the requests of many tests at once. HSDS's own settings make it answer
    /// 503 as soon as 100 tasks are at work, and each open connection counts as one: tests that count
    /// requests would count those that are repeated because of the others.
    ///
    /// # Errors
    /// As [`Hsds::start`].
    pub fn for_many_tests() -> Result<Self> {
        Self::start_with(Some(MANY_TASKS))
    }

    fn start_with(most_tasks: Option<u32>) -> Result<Self> {
        // A port may be taken between being chosen and being used: then another try finds others.
        let mut last = None;
        for _ in 0..3 {
            match Self::try_start(most_tasks) {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("HSDS was not tried")?)
    }

    fn try_start(most_tasks: Option<u32>) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder for HSDS")?;
        let root = folder.path();
        fs::create_dir_all(root.join("data").join("hsdstest"))?;
        write_passwords(&root.join("passwords.txt"))?;
        let service = format!("http://localhost:{}", free_port()?);
        let mut data = Vec::new();
        for _ in 0..DATA_NODES {
            data.push(format!("http://localhost:{}", free_port()?));
        }
        data.sort();

        let mut server = Self {
            nodes: Vec::new(),
            endpoint: Endpoint::of_test_user(&service),
            folder,
        };
        let setup = NodeSetup {
            root: server.folder.path().to_owned(),
            service,
            data,
            most_tasks,
        };
        server.nodes.push(setup.service_node()?);
        for number in 0..DATA_NODES {
            server.nodes.push(setup.data_node(number)?);
        }
        server.wait_until_ready()?;
        let administrator = server.administrator();
        server.create_folder(&administrator, "/home", "admin")?;
        for user in [USERNAME, "test_user2"] {
            server.create_folder(&administrator, &format!("/home/{user}"), user)?;
        }
        Ok(server)
    }

    /// The service node says it is ready before it has met the data nodes, and answers 500 to what
    /// needs one of them.
    fn create_folder(&self, administrator: &Endpoint, path: &str, owner: &str) -> Result<()> {
        let started = Instant::now();
        loop {
            match administrator.create_folder(path, owner) {
                Err(error) if started.elapsed() > START_LIMIT => {
                    return Err(error.context(self.logs()));
                }
                Err(_) => std::thread::sleep(POLL),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Where it is, and the ordinary user's credentials.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The same place with the administrator's credentials.
    pub fn administrator(&self) -> Endpoint {
        let mut endpoint = self.endpoint.clone();
        endpoint.username = "admin".into();
        endpoint.password = "admin".into();
        endpoint
    }

    /// The folder of its bucket, for tests that write there what it shall find.
    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join("data").join("hsdstest")
    }

    /// The process ids of its nodes.
    pub fn processes(&self) -> Vec<u32> {
        self.nodes.iter().map(SharedChild::id).collect()
    }

    fn wait_until_ready(&self) -> Result<()> {
        let started = Instant::now();
        loop {
            if let Ok((200, text)) = self.endpoint.request("GET", "/about", "")
                && text.contains("\"READY\"")
            {
                return Ok(());
            }
            for node in &self.nodes {
                if let Some(status) = node.try_wait()? {
                    bail!("a node of HSDS ended with {status}; {}", self.logs());
                }
            }
            if started.elapsed() > START_LIMIT {
                bail!("HSDS was not ready within {START_LIMIT:?}; {}", self.logs());
            }
            // HSDS announces nothing: its state can only be asked for.
            std::thread::sleep(POLL);
        }
    }

    fn logs(&self) -> String {
        let mut text = String::from("its nodes printed:\n");
        for entry in fs::read_dir(self.folder.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "log")
            {
                text += &fs::read_to_string(entry.path()).unwrap_or_default();
            }
        }
        text
    }
}

impl Drop for Hsds {
    fn drop(&mut self) {
        for node in &self.nodes {
            let _ = node.send_signal(libc::SIGTERM);
        }
        for node in &self.nodes {
            if !matches!(node.wait_timeout(STOP_LIMIT), Ok(Some(_))) {
                let _ = node.kill();
                let _ = node.wait();
            }
        }
    }
}

/// What all nodes of one instance are told.
struct NodeSetup {
    root: PathBuf,
    service: String,
    data: Vec<String>,
    /// Tasks at once from which on requests are refused; HSDS's own setting if `None`.
    most_tasks: Option<u32>,
}

impl NodeSetup {
    fn service_node(&self) -> Result<SharedChild> {
        self.node("sn", |command| {
            command
                .arg("--node_type=sn")
                .arg(format!("--sn_url={}", self.service))
                .arg(option("password_file", &self.root.join("passwords.txt")));
        })
    }

    fn data_node(&self, number: usize) -> Result<SharedChild> {
        self.node(&format!("dn{number}"), |command| {
            command
                .arg("--node_type=dn")
                .arg(format!("--node_number={number}"));
        })
    }

    fn node(&self, name: &str, add: impl FnOnce(&mut Command)) -> Result<SharedChild> {
        let log = File::create(self.root.join(format!("{name}.log")))?;
        let mut command = Command::new(python::program(python::HSDS, "python3")?);
        command.arg(python::program(python::HSDS, "hsds-node")?);
        add(&mut command);
        if let Some(most) = self.most_tasks {
            command.arg(format!("--max_task_count={most}"));
        }
        command
            .arg("--standalone")
            .arg(format!("--dn_urls={}", self.data.join(",")))
            .arg(format!("--hsds_endpoint={}", self.service))
            .arg(format!("--log_prefix={name} "))
            .arg(option("root_dir", &self.root.join("data")))
            .arg("--bucket_name=hsdstest")
            .arg("--log_level=ERROR")
            .env("PYTHONUNBUFFERED", "1")
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        SharedChild::spawn(&mut command).with_context(|| format!("cannot start the {name} of HSDS"))
    }
}

fn option(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}
