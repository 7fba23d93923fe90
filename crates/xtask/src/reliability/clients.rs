//! A thousand clients at once on `h5rest` with its store on disk, for a time: they read and write, and each
//! knows what it must find (`history`). In the end everything is looked at once more, and the memory of the
//! server must not have grown.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use h5rest_testkit::{Endpoint, H5rest, TestDomain, build};
use serde_json::{Value, json};

use super::figures::Figure;
use super::history::{Client, ELEMENTS, Shared, at_most};
use super::{Extent, add};
use crate::load::connection::{Connection, request};
use crate::load::memory::occupied;
use crate::run;

/// Groups that all clients put links into.
const SHARED_GROUPS: usize = 16;
/// Groups that are made with one request.
const AT_ONCE: usize = 250;
/// Memory of a client's thread.
const STACK: usize = 256 << 10;
/// Links that are asked for at once.
const PAGE: usize = 1000;
/// Memory of the server that may come and go between two thirds of the time: a share of it, and MiB.
const MEMORY: (f64, f64) = (0.05, 16.0);
/// The most that the server may take, in MiB: about one for each client.
const MOST_MEMORY: f64 = 1024.0;
/// Seconds until it has long had all of its threads: before, more memory says nothing.
const SETTLED: usize = 300;

pub(super) fn run(extent: Extent, figures: &mut Vec<Figure>) {
    let what = format!("{} clients that read and write", extent.clients);
    add(figures, &what, || {
        let folder = tempfile::tempdir()?;
        let store = folder.path().join("store");
        let server = H5rest::on_disk(&store)?;
        let figure = load(&server, extent)?;
        server.stop()?;
        sound(&store)?;
        Ok(figure)
    });
}

/// `h5rest fsck` finds nothing wrong.
fn sound(store: &Path) -> Result<()> {
    let program = build::folder()?.join(build::SERVER);
    run::output(std::process::Command::new(program).arg("fsck").arg(store))?;
    Ok(())
}

fn load(server: &H5rest, extent: Extent) -> Result<Figure> {
    let endpoint = server.endpoint();
    let domain = TestDomain::new(endpoint, "clients");
    let shared = prepare(endpoint, domain.path(), extent.clients)?;
    let time = Duration::from_secs(extent.seconds);
    let (mut clients, memory) = work(&shared, server.process(), time)?;
    for client in &mut clients {
        client.look_again()?;
    }
    look_at_links(&shared, &clients)?;
    bounded(&memory)?;
    let mut times: Vec<u32> = clients
        .iter()
        .flat_map(|client| &client.times)
        .copied()
        .collect();
    times.sort_unstable();
    let refused: u64 = clients.iter().map(|client| client.refused).sum();
    let rate = times.len() as f64 / time.as_secs_f64();
    let thirds: Vec<String> = memory
        .chunks(memory.len().div_ceil(3))
        .map(|part| format!("{:.0}", most(part)))
        .collect();
    Ok(Figure {
        cases: times.len() as u64,
        remark: format!(
            "{rate:.0} requests/s, half within {:.1?}, 99 % within {:.1?}, all within {:.1?}; {refused} refused \
             as they must be; memory in the thirds of the time at most {} MiB",
            at_most(&times, 0.5),
            at_most(&times, 0.99),
            at_most(&times, 1.0),
            thirds.join(", "),
        ),
        ..Figure::default()
    })
}

/// A connection that makes things.
struct Maker<'a> {
    connection: Connection,
    endpoint: &'a Endpoint,
    domain: &'a str,
}

impl Maker<'_> {
    fn json(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{sign}domain={}", self.domain);
        let body = body.to_string();
        let body: &[u8] = if method == "GET" {
            b""
        } else {
            body.as_bytes()
        };
        let body = ("application/json", body);
        self.connection
            .json(&request(self.endpoint, method, &path, body))
    }

    fn groups(&mut self, count: usize, attribute: &Value) -> Result<Vec<String>> {
        let mut made = Vec::new();
        while made.len() < count {
            // A list of one object is answered like an object.
            let some = (count - made.len()).clamp(2, AT_ONCE);
            let list = vec![json!({"attributes": attribute}); some];
            let answer = self.json("POST", "/groups", &Value::Array(list))?;
            for group in answer["objects"].as_array().context("no list of groups")? {
                made.push(
                    group["id"]
                        .as_str()
                        .context("a group without an id")?
                        .to_owned(),
                );
            }
        }
        Ok(made)
    }
}

fn maker<'a>(endpoint: &'a Endpoint, domain: &'a str) -> Result<Maker<'a>> {
    Ok(Maker {
        connection: Connection::new(endpoint)?,
        endpoint,
        domain,
    })
}

fn prepare(endpoint: &Endpoint, domain: &str, clients: usize) -> Result<Shared> {
    let mut maker = maker(endpoint, domain)?;
    maker.json("PUT", "/", &json!({}))?;
    let counter = json!({"n": {"type": "H5T_STD_I64LE", "value": 0}});
    let groups = maker.groups(clients, &counter)?;
    let mut links = maker.groups(SHARED_GROUPS + 1, &json!({}))?;
    let tickets = links.pop().context("no group for tickets")?;
    let body = json!({"type": "H5T_STD_U32LE", "shape": [groups.len(), ELEMENTS], "creationProperties":
        {"layout": {"class": "H5D_CHUNKED", "dims": [16, ELEMENTS / 2]}}});
    let rows = maker.json("POST", "/datasets", &body)?;
    Ok(Shared {
        endpoint: endpoint.clone(),
        domain: domain.to_owned(),
        acknowledged: groups.iter().map(|_| AtomicU64::new(0)).collect(),
        groups,
        links,
        tickets,
        rows: rows["id"]
            .as_str()
            .context("a dataset without an id")?
            .to_owned(),
        attempts: AtomicU64::new(0),
        stop: AtomicBool::new(false),
    })
}

/// Lets all clients work for a time; they, and the memory of the server every second.
fn work(shared: &Shared, server: u32, time: Duration) -> Result<(Vec<Client<'_>>, Vec<f64>)> {
    let start = Barrier::new(shared.groups.len() + 1);
    thread::scope(|scope| {
        let spawn = |number| {
            let start = &start;
            let work = move || -> Result<Client<'_>> {
                let client = Client::new(shared, number);
                start.wait();
                let mut client = client?;
                let worked = client.work();
                if worked.is_err() {
                    // The others need not go on.
                    shared.stop.store(true, Ordering::Relaxed);
                }
                worked.map(|()| client)
            };
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work)
        };
        let running: Vec<_> = (0..shared.groups.len())
            .map(spawn)
            .collect::<std::io::Result<_>>()?;
        start.wait();
        let (began, mut memory) = (Instant::now(), Vec::new());
        while began.elapsed() < time && !shared.stop.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_secs(1).min(time.saturating_sub(began.elapsed())));
            memory.push(occupied(&[server])?);
        }
        shared.stop.store(true, Ordering::Relaxed);
        let ended: Vec<_> = running
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        let clients: Result<Vec<Client<'_>>> = ended
            .into_iter()
            .map(|one| one.unwrap_or_else(|_| Err(anyhow!("a client broke down"))))
            .collect();
        Ok((clients?, memory))
    })
}

/// The links in the shared groups are those that the clients know of, and each ticket was got once.
fn look_at_links(shared: &Shared, clients: &[Client<'_>]) -> Result<()> {
    let mut maker = maker(&shared.endpoint, &shared.domain)?;
    let mut titles = |group: &str| -> Result<BTreeSet<String>> {
        let (mut found, mut marker) = (BTreeSet::new(), String::new());
        loop {
            let path = format!("/groups/{group}/links?Limit={PAGE}{marker}");
            let page = maker.json("GET", &path, &Value::Null)?;
            let page = page["links"]
                .as_array()
                .context("no list of links")?
                .clone();
            let titles = page.iter().filter_map(|link| link["title"].as_str());
            found.extend(titles.map(str::to_owned));
            match page.last().and_then(|link| link["title"].as_str()) {
                Some(last) if page.len() == PAGE => marker = format!("&Marker={last}"),
                _ => return Ok(found),
            }
        }
    };
    for (place, group) in shared.links.iter().enumerate() {
        let expected = clients.iter().flat_map(|client| client.links_in(place));
        let expected: BTreeSet<String> = expected.collect();
        let found = titles(group)?;
        let different: Vec<_> = found.symmetric_difference(&expected).take(5).collect();
        ensure!(
            different.is_empty(),
            "links that are lost, or too many: {different:?}"
        );
    }
    let got: Vec<u64> = clients
        .iter()
        .flat_map(|client| &client.tickets)
        .copied()
        .collect();
    let expected: BTreeSet<String> = got.iter().map(|ticket| format!("t{ticket}")).collect();
    ensure!(
        expected.len() == got.len(),
        "a ticket was given to two clients"
    );
    ensure!(
        titles(&shared.tickets)? == expected,
        "the tickets are not those that were given"
    );
    Ok(())
}

fn most(memory: &[f64]) -> f64 {
    memory.iter().copied().fold(0.0, f64::max)
}

/// What the server may take at all; and after a while it may not take more and more.
fn bounded(memory: &[f64]) -> Result<()> {
    let most = most(memory);
    ensure!(
        most <= MOST_MEMORY,
        "the server took {most:.0} MiB, more than {MOST_MEMORY} MiB"
    );
    match memory.len() < SETTLED {
        true => Ok(()),
        false => flat(memory),
    }
}

/// Memory of the last third of the time is that of the one before.
fn flat(memory: &[f64]) -> Result<()> {
    let third = memory.len() / 3;
    let (before, after) = (most(&memory[third..2 * third]), most(&memory[2 * third..]));
    ensure!(
        after <= before * (1.0 + MEMORY.0) + MEMORY.1,
        "the memory of the server grew from {before:.0} to {after:.0} MiB"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_memory_is_found() {
        assert!(flat(&[10.0, 80.0, 90.0, 90.0, 91.0, 90.0, 95.0, 92.0, 90.0]).is_ok());
        let growing: Vec<f64> = (0..90).map(f64::from).collect();
        assert!(flat(&growing).is_err() && bounded(&growing).is_ok());
        let longer: Vec<f64> = (0..SETTLED as u32).map(f64::from).collect();
        assert!(bounded(&longer).is_err());
        assert!(bounded(&[10.0, MOST_MEMORY + 1.0]).is_err());
    }
}
