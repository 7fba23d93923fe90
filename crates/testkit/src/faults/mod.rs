//! A proxy that makes requests go wrong: in front of any server, by a plan that follows from a seed,
//! with a report of what it did.
//!
//! - `fault` says what there is;
//! - `plan` decides which request meets which fault;
//! - `act` does it;
//! - `wire` is HTTP as far as the proxy looks into it.
//!
//! Each proxy serves one program at a time: requests are numbered from [`FaultProxy::arm`] on. A
//! program in another process ends a storm with [`heal`].

mod act;
mod fault;
mod plan;
pub(crate) mod wire;

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fastrand::Rng;
use socket2::SockRef;

pub use self::fault::Fault;
pub use self::plan::{Plan, Spell};
use crate::endpoint::Endpoint;

/// Requests for the proxy itself.
const CONTROL: &str = "/.faults/";
/// For how long every connection is reset.
const AWAY: Duration = Duration::from_millis(60);
/// Clocks of sleeping threads are not exact.
const TOLERANCE: Duration = Duration::from_millis(20);

/// A proxy in front of a server; it lasts as long as the process.
#[derive(Debug)]
pub struct FaultProxy {
    endpoint: Endpoint,
    shared: Arc<Shared>,
}

/// What a proxy did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Requests that arrived.
    pub requests: u64,
    /// How many met each fault.
    pub injected: BTreeMap<Fault, u64>,
    /// Requests that were asked to come back later, and came too early.
    pub early: u64,
}

impl Report {
    /// All faults.
    pub fn total(&self) -> u64 {
        self.injected.values().sum()
    }

    /// Adds what another proxy did.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.early += other.early;
        for (fault, count) in &other.injected {
            *self.injected.entry(*fault).or_default() += count;
        }
    }
}

#[derive(Debug)]
struct Shared {
    server: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    plan: Option<Plan>,
    number: u64,
    /// How often in a row each request met a fault.
    rows: HashMap<u64, u32>,
    /// Until when every connection is reset.
    away_until: Option<Instant>,
    /// When requests may come back.
    not_before: HashMap<u64, Instant>,
    report: Report,
}

impl FaultProxy {
    /// A proxy on a free port in front of `endpoint`, which passes everything until it is armed.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn before(endpoint: &Endpoint) -> Result<Self> {
        let server = endpoint.url.strip_prefix("http://");
        let server = server.context("the proxy speaks plain HTTP")?.to_owned();
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).context("no port for the fault proxy")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server,
            state: Mutex::default(),
        });
        let own = shared.clone();
        thread::spawn(move || own.accept(&listener));
        let mut endpoint = endpoint.clone();
        endpoint.url = format!("http://{address}");
        Ok(Self { endpoint, shared })
    }

    /// The proxy's own address, with the credentials of the server behind it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// From now on requests, counted from 0, meet what the plan says.
    pub fn arm(&self, plan: Plan) {
        let mut state = self.shared.state();
        state.plan = Some(plan);
        state.number = 0;
        state.rows.clear();
        state.not_before.clear();
    }

    /// From now on all requests pass.
    pub fn calm(&self) {
        self.shared.state().plan = None;
    }

    /// What happened since the proxy was made.
    pub fn report(&self) -> Report {
        self.shared.state().report.clone()
    }
}

/// Ends the storm that the proxy at `url` has begun; later ones come. For other processes.
///
/// # Errors
/// When there is no proxy.
pub fn heal(url: &str) -> Result<()> {
    command(url, "heal")
}

/// Lets all requests pass from now on. For other processes.
///
/// # Errors
/// When there is no proxy.
pub fn calm(url: &str) -> Result<()> {
    command(url, "calm")
}

fn command(url: &str, word: &str) -> Result<()> {
    let address: SocketAddr = url.strip_prefix("http://").unwrap_or(url).parse()?;
    let patience = Instant::now() + Duration::from_secs(20);
    let ask = || -> io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(format!("POST {CONTROL}{word} HTTP/1.1\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.contains("200"))
    };
    loop {
        match ask() {
            Ok(true) => return Ok(()),
            // It may be that connections are reset just now.
            _ if Instant::now() < patience => thread::sleep(AWAY / 4),
            Ok(false) => bail!("the fault proxy at {url} does not know '{word}'"),
            Err(error) => return Err(error).context(format!("no fault proxy at {url}")),
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming().flatten() {
            let away = self.state().away_until;
            if away.is_some_and(|until| Instant::now() < until) {
                // Dropped with a reset.
                let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                continue;
            }
            let own = self.clone();
            thread::spawn(move || own.serve(&stream));
        }
    }

    /// For a moment every connection is reset at once.
    fn go_away(&self) {
        self.state().away_until = Some(Instant::now() + AWAY);
    }

    /// Serves one connection until it ends.
    fn serve(&self, client: &TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let mut reader = BufReader::with_capacity(64 << 10, client);
        while let Some(head) = wire::read_head(&mut reader)? {
            let line = head.lines().next().unwrap_or_default();
            let mut words = line.split(' ');
            let method = words.next().unwrap_or_default().to_owned();
            let target = words.next().unwrap_or_default();
            if let Some(word) = target.strip_prefix(CONTROL) {
                return self.obey(word, client);
            }
            let (key, fault) = self.decide(&head, &method);
            let goes_on = match fault {
                None => {
                    let body = wire::read_body(&head, &mut reader)?;
                    let answer = wire::carry_out(&self.server, &head, &body, false)?;
                    (&*client).write_all(&answer)?;
                    true
                }
                Some((fault, rng)) => act::Act {
                    shared: self,
                    key,
                    client,
                    head: &head,
                    rng,
                }
                .carry_out(fault, &mut reader)?,
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    fn obey(&self, word: &str, mut client: &TcpStream) -> io::Result<()> {
        let mut state = self.state();
        let number = state.number;
        match (word, &mut state.plan) {
            ("heal", Some(plan)) => plan.end_spells(number),
            ("calm", plan) => *plan = None,
            _ => {}
        }
        drop(state);
        client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }

    /// What happens to a request, and a number by which it is known if it comes again.
    fn decide(&self, head: &str, method: &str) -> (u64, Option<(Fault, Rng)>) {
        let mut hasher = DefaultHasher::new();
        head.hash(&mut hasher);
        let key = hasher.finish();
        let now = Instant::now();
        let mut state = self.state();
        state.report.requests += 1;
        let early = state
            .not_before
            .remove(&key)
            .is_some_and(|time| now + TOLERANCE < time);
        state.report.early += u64::from(early);
        let number = state.number;
        state.number += 1;
        let row = state.rows.get(&key).copied().unwrap_or(0);
        let fault = state
            .plan
            .as_ref()
            .and_then(|plan| plan.decide(number, method, row));
        match &fault {
            Some((fault, _)) => {
                state.rows.insert(key, row + 1);
                *state.report.injected.entry(*fault).or_default() += 1;
            }
            None => drop(state.rows.remove(&key)),
        }
        (key, fault)
    }

    fn expect_back(&self, key: u64, pause: Duration) {
        let time = Instant::now() + pause;
        self.state().not_before.insert(key, time);
    }
}
