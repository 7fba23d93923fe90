//! Clients that send one small request after another, each over a connection of its own.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use h5rest_testkit::Endpoint;
use serde_json::{Value, json};

use super::connection::{Connection, request};

/// Groups that are made with one request.
const AT_ONCE: usize = 250;
/// Memory of a client's thread: there may be a thousand.
const STACK: usize = 256 << 10;

/// What every client does again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// Reads an attribute, a number.
    ReadAttribute,
    /// Replaces an attribute of an object of the client's own.
    WriteAttribute,
}

impl Job {
    pub const ALL: [Self; 2] = [Self::ReadAttribute, Self::WriteAttribute];

    pub fn name(self) -> &'static str {
        match self {
            Self::ReadAttribute => "read attribute",
            Self::WriteAttribute => "write attribute",
        }
    }
}

/// What all clients together reached.
pub(super) struct Measured {
    /// Requests per second that succeeded.
    pub rate: f64,
    /// Time that half of them took at most.
    pub median: Duration,
    /// Time that 99 of 100 took at most.
    pub slow: Duration,
    /// Requests that were refused.
    pub failed: usize,
}

/// A domain with a group for each client, each with one attribute.
pub(super) struct Objects {
    endpoint: Endpoint,
    domain: String,
    groups: Vec<String>,
}

impl Objects {
    /// Makes them.
    pub fn create(endpoint: &Endpoint, domain: &str, clients: usize) -> Result<Self> {
        let mut connection = Connection::new(endpoint)?;
        let mut send = |method: &str, path: &str, body: Value| {
            let path = format!("{path}?domain={domain}");
            let body = body.to_string();
            let body = ("application/json", body.as_bytes());
            connection.json(&request(endpoint, method, &path, body))
        };
        send("PUT", "/", json!({}))?;
        let mut groups = Vec::new();
        // A list of one object is answered like an object.
        while groups.len() < clients.max(2) {
            let count = (clients.max(2) - groups.len()).clamp(2, AT_ONCE);
            let attribute = json!({"a": {"type": "H5T_STD_I64LE", "value": 0}});
            let list = vec![json!({"attributes": attribute}); count];
            let made = send("POST", "/groups", Value::Array(list))?;
            let made = made["objects"].as_array().context("no list of groups")?;
            for group in made {
                let id = group["id"].as_str().context("a new group without an id")?;
                groups.push(id.to_owned());
            }
        }
        Ok(Self {
            endpoint: endpoint.clone(),
            domain: domain.to_owned(),
            groups,
        })
    }

    /// A client's `turn`th request.
    fn request(&self, job: Job, client: usize, turn: usize) -> Vec<u8> {
        let group = &self.groups[client];
        let path = format!("/groups/{group}/attributes/a?domain={}", self.domain);
        match job {
            Job::ReadAttribute => request(&self.endpoint, "GET", &path, ("application/json", b"")),
            Job::WriteAttribute => {
                // Numbers of the same length, so that every request is as long as the others.
                let value = 1_000_000_000 + turn;
                let body = format!(r#"{{"type": "H5T_STD_I64LE", "value": {value}}}"#);
                let body = ("application/json", body.as_bytes());
                request(&self.endpoint, "PUT", &format!("{path}&replace=1"), body)
            }
        }
    }
}

/// Lets clients do their job for a time.
pub(super) fn measure(
    objects: &Objects,
    job: Job,
    clients: usize,
    time: Duration,
) -> Result<Measured> {
    let (start, stop) = (Barrier::new(clients + 1), AtomicBool::new(false));
    let (mut times, mut failed, mut seconds) = (Vec::new(), 0, 0.0);
    thread::scope(|scope| -> Result<()> {
        let (start, stop) = (&start, &stop);
        let spawn = |client| {
            let work = move || one(objects, job, client, start, stop);
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work)
        };
        let running: Vec<_> = (0..clients).map(spawn).collect::<std::io::Result<_>>()?;
        start.wait();
        let began = Instant::now();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        seconds = began.elapsed().as_secs_f64();
        for client in running {
            let done = client.join().map_err(|_| anyhow!("a client broke down"))?;
            let (own, refused) = done?;
            times.extend(own);
            failed += refused;
        }
        Ok(())
    })?;
    times.sort_unstable();
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times.get(place).copied().unwrap_or_default()
    };
    Ok(Measured {
        rate: times.len() as f64 / seconds,
        median: at(0.5),
        slow: at(0.99),
        failed,
    })
}

/// One client: the times of its requests, and how many were refused.
fn one(
    objects: &Objects,
    job: Job,
    client: usize,
    start: &Barrier,
    stop: &AtomicBool,
) -> Result<(Vec<Duration>, usize)> {
    let connection = Connection::new(&objects.endpoint);
    let (mut times, mut refused) = (Vec::new(), 0);
    start.wait();
    let mut connection = connection?;
    for turn in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let request = objects.request(job, client, turn);
        let began = Instant::now();
        match connection.exchange(&request) {
            Ok(200..=299) => times.push(began.elapsed()),
            Ok(_) => refused += 1,
            Err(_) if stop.load(Ordering::Relaxed) => break,
            // A server that is asked too much may hang up.
            Err(_) => {
                refused += 1;
                connection = Connection::new(&objects.endpoint)?;
            }
        }
    }
    Ok((times, refused))
}
