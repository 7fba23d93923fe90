//! Clients that send one small request after another, each over a connection of its own.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use h5rest_client::{
    Credentials, Endpoint as Address, Format, HttpTransport, Method, Request, Secret, Sink,
    Transport,
};
use h5rest_testkit::Endpoint;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(60);

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
        let make = |method: &str, path: &str, body: &str| {
            let (status, answer) = endpoint.request(method, path, body)?;
            if status >= 300 {
                bail!("{method} {path}: {status} {answer}");
            }
            Ok(answer)
        };
        make("PUT", &format!("/?domain={domain}"), "")?;
        let mut objects = Self {
            endpoint: endpoint.clone(),
            domain: domain.to_owned(),
            groups: Vec::new(),
        };
        for _ in 0..clients {
            let answer = make("POST", &format!("/groups?domain={domain}"), "")?;
            let answer: serde_json::Value = serde_json::from_str(&answer)?;
            let id = answer["id"].as_str().context("a new group without an id")?;
            objects.groups.push(id.to_owned());
        }
        let transport = connect(&objects.endpoint)?;
        for client in 0..clients {
            let request = objects.request(Job::WriteAttribute, client, 0);
            let answer = transport.send(&request, Sink::Collect);
            let answer = answer.map_err(|error| anyhow!("{request}: {}", error.message))?;
            if !answer.head.is_success() {
                bail!("{request}: {}", String::from_utf8_lossy(&answer.body));
            }
        }
        Ok(objects)
    }

    /// A client's `turn`th request.
    fn request(&self, job: Job, client: usize, turn: usize) -> Request {
        let path = format!("/groups/{}/attributes/a", self.groups[client]);
        match job {
            Job::ReadAttribute => Request::new(Method::Get, path),
            Job::WriteAttribute => Request::new(Method::Put, path)
                .flag("replace", true)
                .sending(
                    Format::Json,
                    format!(r#"{{"type": "H5T_STD_I64LE", "value": {turn}}}"#),
                ),
        }
        .with("domain", &self.domain)
    }
}

/// A connection as the ordinary user.
pub(super) fn connect(endpoint: &Endpoint) -> Result<HttpTransport> {
    let address = Address::parse(&endpoint.url).map_err(|words| anyhow!(words))?;
    let credentials = Credentials {
        username: Some(endpoint.username.clone()),
        password: Some(Secret::new(&endpoint.password)),
        ..Credentials::default()
    };
    HttpTransport::new(address, &credentials, PATIENCE).map_err(|words| anyhow!(words))
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
    std::thread::scope(|scope| -> Result<()> {
        let (start, stop) = (&start, &stop);
        let running: Vec<_> = (0..clients)
            .map(|client| scope.spawn(move || one(objects, job, client, start, stop)))
            .collect();
        start.wait();
        let began = Instant::now();
        std::thread::sleep(time);
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
    let transport = connect(&objects.endpoint);
    let (mut times, mut refused) = (Vec::new(), 0);
    start.wait();
    let transport = transport?;
    for turn in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let request = objects.request(job, client, turn);
        let began = Instant::now();
        let answer = transport.send(&request, Sink::Collect);
        let answer = answer.map_err(|error| anyhow!("{request}: {}", error.message))?;
        if answer.head.is_success() {
            times.push(began.elapsed());
        } else {
            refused += 1;
        }
    }
    Ok((times, refused))
}
