//! One client of the load: what it asks for, and what it knows that the answer must be.
//!
//! - Its counter, an attribute: each value follows the last, and is read back. Others look at it, too: what was
//!   acknowledged before they asked is there, and what was seen is not unseen.
//! - Its rows of a dataset, which share chunks with the rows of others: no write of others takes anything away.
//! - Its links in groups that all share: made once, deleted when there are many.
//! - Tickets, links that two clients try to make: one of them is told that it was too late.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use h5rest_testkit::Endpoint;

use crate::load::connection::{Connection, request};

/// Elements of a client's rows, 4 bytes each.
pub(super) const ELEMENTS: usize = 256;
/// Links of its own that a client keeps.
const KEPT_LINKS: usize = 20;
const OCTETS: &str = "application/octet-stream";
const JSON: &str = "application/json";

/// What all clients share.
pub(super) struct Shared {
    pub endpoint: Endpoint,
    pub domain: String,
    /// A group for each client, with its counter.
    pub groups: Vec<String>,
    /// Groups for everybody's links.
    pub links: Vec<String>,
    /// The group of the tickets.
    pub tickets: String,
    /// The dataset of everybody's rows.
    pub rows: String,
    /// What was acknowledged of each counter.
    pub acknowledged: Vec<AtomicU64>,
    /// Attempts to get a ticket.
    pub attempts: AtomicU64,
    /// Whether the clients are to end.
    pub stop: AtomicBool,
}

/// A client.
pub(super) struct Client<'a> {
    shared: &'a Shared,
    number: usize,
    connection: Connection,
    rng: fastrand::Rng,
    counter: u64,
    /// What the rows hold.
    row: u32,
    /// The newest links in `links`, with the group of each.
    made: VecDeque<(usize, u64)>,
    next_link: u64,
    /// The last value of another counter, and whose it was.
    seen: Option<(usize, u64)>,
    pub tickets: Vec<u64>,
    /// How long each request took, in microseconds.
    pub times: Vec<u32>,
    /// Requests that were refused as they may be.
    pub refused: u64,
}

impl<'a> Client<'a> {
    pub fn new(shared: &'a Shared, number: usize) -> Result<Self> {
        Ok(Self {
            shared,
            number,
            connection: Connection::new(&shared.endpoint)?,
            rng: fastrand::Rng::with_seed(number as u64),
            counter: 0,
            row: 0,
            made: VecDeque::new(),
            next_link: 0,
            seen: None,
            tickets: Vec::new(),
            times: Vec::new(),
            refused: 0,
        })
    }

    /// Asks and asks until it is to stop.
    ///
    /// # Errors
    /// An answer that must not be.
    pub fn work(&mut self) -> Result<()> {
        while !self.shared.stop.load(Ordering::Relaxed) {
            let what = self.rng.u8(0..100);
            let done = match what {
                0..20 => self.count(),
                20..35 => self.look_at_own(),
                35..60 => self.look_at_another(),
                60..72 => self.write_rows(),
                72..88 => self.read_rows(),
                88..98 => self.link(),
                _ => self.get_ticket(),
            };
            done.with_context(|| format!("client {}", self.number))?;
        }
        Ok(())
    }

    /// Sends a request and waits for its answer.
    fn send(&mut self, method: &str, path: &str, (media, body): (&str, &[u8])) -> Result<u16> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{sign}domain={}", self.shared.domain);
        let request = request(&self.shared.endpoint, method, &path, (media, body));
        let began = Instant::now();
        let status = self.connection.exchange(&request);
        let status = status.with_context(|| format!("no answer to {method} {path}"))?;
        let took = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.times.push(took);
        Ok(status)
    }

    fn expect(
        &mut self,
        expected: u16,
        method: &str,
        path: &str,
        body: (&str, &[u8]),
    ) -> Result<()> {
        let status = self.send(method, path, body)?;
        let text = String::from_utf8_lossy(self.connection.body()).into_owned();
        ensure!(status == expected, "{method} {path}: {status} {text}");
        Ok(())
    }

    fn count(&mut self) -> Result<()> {
        let path = format!(
            "/groups/{}/attributes/n?replace=1",
            self.shared.groups[self.number]
        );
        let body = format!(
            r#"{{"type": "H5T_STD_I64LE", "value": {}}}"#,
            self.counter + 1
        );
        // Created or replaced: servers say 201 to both.
        self.expect(201, "PUT", &path, (JSON, body.as_bytes()))?;
        self.counter += 1;
        self.shared.acknowledged[self.number].store(self.counter, Ordering::Release);
        Ok(())
    }

    fn counter_of(&mut self, client: usize) -> Result<u64> {
        let path = format!("/groups/{}/attributes/n", self.shared.groups[client]);
        self.expect(200, "GET", &path, (JSON, b""))?;
        let document: serde_json::Value = serde_json::from_slice(self.connection.body())?;
        document["value"]
            .as_u64()
            .context("a counter that is no number")
    }

    fn look_at_own(&mut self) -> Result<()> {
        let found = self.counter_of(self.number)?;
        ensure!(
            found == self.counter,
            "lost update: {found} after {}",
            self.counter
        );
        Ok(())
    }

    fn look_at_another(&mut self) -> Result<()> {
        // The same one again and again shows best whether it goes back.
        let (other, last) = match self.seen {
            Some(seen) if self.rng.u8(0..8) > 0 => seen,
            _ => (self.rng.usize(0..self.shared.groups.len()), 0),
        };
        let least = self.shared.acknowledged[other].load(Ordering::Acquire);
        let found = self.counter_of(other)?;
        ensure!(
            found >= least && found >= last,
            "counter {other} was {found}, after {least} was acknowledged and {last} seen"
        );
        self.seen = Some((other, found));
        Ok(())
    }

    fn rows_path(&self) -> String {
        let (rows, number) = (&self.shared.rows, self.number);
        format!("/datasets/{rows}/value?select=[{number}:{},:]", number + 1)
    }

    fn write_rows(&mut self) -> Result<()> {
        let value = self.row + 1;
        let bytes = value.to_le_bytes().repeat(ELEMENTS);
        self.expect(200, "PUT", &self.rows_path(), (OCTETS, &bytes))?;
        self.row = value;
        Ok(())
    }

    fn read_rows(&mut self) -> Result<()> {
        self.expect(200, "GET", &self.rows_path(), (OCTETS, b""))?;
        let expected = self.row.to_le_bytes().repeat(ELEMENTS);
        ensure!(
            self.connection.body() == expected,
            "lost update of rows: they are not {} everywhere",
            self.row
        );
        Ok(())
    }

    fn link_path(&self, (group, number): (usize, u64)) -> String {
        let group = &self.shared.links[group];
        format!("/groups/{group}/links/c{}_{number}", self.number)
    }

    fn link(&mut self) -> Result<()> {
        if self.made.len() == KEPT_LINKS
            && let Some(oldest) = self.made.pop_front()
        {
            return self.expect(200, "DELETE", &self.link_path(oldest), (JSON, b""));
        }
        let new = (self.rng.usize(0..self.shared.links.len()), self.next_link);
        self.next_link += 1;
        self.expect(
            201,
            "PUT",
            &self.link_path(new),
            (JSON, br#"{"h5path": "/x"}"#),
        )?;
        self.made.push_back(new);
        Ok(())
    }

    fn get_ticket(&mut self) -> Result<()> {
        let ticket = self.shared.attempts.fetch_add(1, Ordering::Relaxed) / 2;
        let path = format!("/groups/{}/links/t{ticket}", self.shared.tickets);
        // Not the same link as that of the other one, which would be a repetition.
        let body = format!(r#"{{"h5path": "/{}"}}"#, self.number);
        match self.send("PUT", &path, (JSON, body.as_bytes()))? {
            201 => self.tickets.push(ticket),
            // Both attempts were its own: the second one is a repetition.
            200 if self.tickets.last() == Some(&ticket) => {}
            409 => self.refused += 1,
            status => bail!("PUT {path}: {status}"),
        }
        Ok(())
    }

    /// The titles of its links in a group, as they must be in the end.
    pub fn links_in(&self, group: usize) -> impl Iterator<Item = String> + '_ {
        let own = self.made.iter().filter(move |(place, _)| *place == group);
        own.map(|(_, number)| format!("c{}_{number}", self.number))
    }

    /// Looks at its counter and its rows once more.
    pub fn look_again(&mut self) -> Result<()> {
        self.look_at_own()?;
        self.read_rows()
    }
}

/// The time that so large a part of the requests took at most.
pub(super) fn at_most(sorted: &[u32], part: f64) -> Duration {
    let place = (sorted.len() as f64 * part) as usize;
    let micros = sorted
        .get(place)
        .or(sorted.last())
        .copied()
        .unwrap_or_default();
    Duration::from_micros(micros.into())
}
