//! Large jobs: seconds, and the most memory the server took meanwhile.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use h5rest_testkit::Endpoint;
use serde_json::{Value, json};

use super::connection::{Connection, request};
use super::memory::watched;

/// Bytes of the value that is written and read.
pub(super) const VALUE: usize = 64 << 20;
/// How often the value is moved, and the large domain opened; the best time counts.
pub(super) const REPEATS: usize = 7;
/// Groups that are made one by one, and as many in lists.
const MADE: usize = 10_000;
/// Groups that are made with one request.
const AT_ONCE: usize = 500;
/// Clients that make groups at once.
const MAKERS: usize = 4;
/// How long a busy server is left alone.
const PAUSE: Duration = Duration::from_millis(50);
/// Links that are asked for at once.
const PAGE: usize = 1000;

/// How one of them went.
pub(super) struct Done {
    pub job: String,
    pub seconds: f64,
    /// Most memory of all processes of the server together, in MiB.
    pub memory: f64,
}

/// Makes a domain at a path with so many groups in its root group, and tells that group's id.
pub(super) type Fill<'a> = dyn Fn(&str, usize) -> Result<String> + Sync + 'a;

/// A server and the domain on it in which it all happens.
pub(super) struct Place<'a> {
    pub endpoint: &'a Endpoint,
    pub domain: &'a str,
    pub processes: &'a [u32],
    /// Writes the large domain, so many groups, and tells its root group; by requests if there is none.
    pub fill: Option<&'a Fill<'a>>,
}

/// Does all of them in a new domain, and opens another one of `objects` groups.
pub(super) fn run(place: &Place<'_>, large: &str, objects: usize) -> Result<Vec<Done>> {
    let mut connection = Connection::new(place.endpoint)?;
    let made = connection.json(&place.json("PUT", "/", "", &json!({})))?;
    let root = made["root"].as_str().context("a domain without a root")?;
    let mut done = Vec::new();
    let mut note = |job: String, (seconds, memory): (f64, f64)| {
        eprintln!("    {job}: {seconds:.3} s");
        done.push(Done {
            job,
            seconds,
            memory,
        });
    };
    for (job, best) in values(place, &mut connection)? {
        note(job, best);
    }
    let time = watched(place.processes, || place.make_groups(root, 0..MADE, 1))?;
    note(
        format!("make {MADE} groups one by one, {MAKERS} clients"),
        time,
    );
    // HSDS takes minutes for lists in a group that has many links already.
    if place.fill.is_none() {
        let time = watched(place.processes, || {
            place.make_groups(root, MADE..2 * MADE, AT_ONCE)
        })?;
        note(
            format!("make {MADE} groups, {AT_ONCE} with a request"),
            time,
        );
    }
    let place = Place {
        domain: large,
        ..*place
    };
    // The other connection has been idle for longer than a server may wait.
    let mut connection = Connection::new(place.endpoint)?;
    let root = match place.fill {
        Some(fill) => fill(large, objects)?,
        None => {
            let made = connection.json(&place.json("PUT", "/", "", &json!({})))?;
            let root = made["root"].as_str().context("a domain without a root")?;
            place.make_groups(root, 0..objects, AT_ONCE)?;
            root.to_owned()
        }
    };
    let open = || place.open(&mut connection, &root);
    note(
        format!("open a domain of {objects} groups"),
        best(&place, open)?,
    );
    Ok(done)
}

/// The best of several times, and the most memory of all.
fn best(place: &Place<'_>, mut work: impl FnMut() -> Result<()>) -> Result<(f64, f64)> {
    let (mut seconds, mut memory) = (f64::INFINITY, 0.0f64);
    for _ in 0..REPEATS {
        let (took, most) = watched(place.processes, &mut work)?;
        (seconds, memory) = (seconds.min(took), memory.max(most));
    }
    Ok((seconds, memory))
}

/// Writes and reads a value of several chunks as a whole.
fn values(place: &Place<'_>, connection: &mut Connection) -> Result<[(String, (f64, f64)); 2]> {
    let body = json!({"type": "H5T_IEEE_F64LE", "shape": [2048, VALUE / 8 / 2048],
        "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [256, 1024]}}});
    let dataset = connection.json(&place.json("POST", "/datasets", "", &body))?;
    let dataset = dataset["id"].as_str().context("a dataset without an id")?;
    let path = format!("/datasets/{dataset}/value?domain={}", place.domain);
    let elements: Vec<u8> = (0..VALUE).map(|n| (n % 251) as u8).collect();
    let octets = "application/octet-stream";
    let put = request(place.endpoint, "PUT", &path, (octets, &elements));
    let get = request(place.endpoint, "GET", &path, (octets, b""));
    let write = best(place, || connection.success(&put))?;
    let read = best(place, || connection.success(&get))?;
    match connection.body() == elements {
        true => Ok([("write 64 MiB".into(), write), ("read 64 MiB".into(), read)]),
        false => bail!("what was read is not what was written"),
    }
}

impl Place<'_> {
    fn json(&self, method: &str, path: &str, query: &str, body: &Value) -> Vec<u8> {
        let path = format!("{path}?domain={}{query}", self.domain);
        let body = body.to_string();
        request(
            self.endpoint,
            method,
            &path,
            ("application/json", body.as_bytes()),
        )
    }

    fn get(&self, path: &str, query: &str) -> Vec<u8> {
        let path = format!("{path}?domain={}{query}", self.domain);
        request(self.endpoint, "GET", &path, ("application/json", b""))
    }

    /// Makes groups with these numbers in the root group, several clients at once.
    fn make_groups(
        &self,
        root: &str,
        numbers: std::ops::Range<usize>,
        at_once: usize,
    ) -> Result<()> {
        let numbers: Vec<usize> = numbers.collect();
        let makers = if at_once == 1 { MAKERS } else { 1 };
        let share = numbers.len().div_ceil(makers).max(1);
        let make = |numbers: &[usize]| -> Result<()> {
            let mut connection = Connection::new(self.endpoint)?;
            for some in numbers.chunks(at_once) {
                let one = |n: &usize| json!({"link": {"id": root, "name": format!("group{n:08}")}});
                let body = match some {
                    [only] => one(only),
                    some => some.iter().map(one).collect(),
                };
                let request = self.json("POST", "/groups", "", &body);
                // HSDS is busy with itself now and then.
                while connection.exchange(&request)? == 503 {
                    thread::sleep(PAUSE);
                }
                connection.check(&request)?;
            }
            Ok(())
        };
        thread::scope(|scope| {
            let parts: Vec<_> = numbers
                .chunks(share)
                .map(|part| scope.spawn(|| make(part)))
                .collect();
            parts.into_iter().try_for_each(|part| {
                part.join()
                    .map_err(|_| anyhow!("a client broke down"))
                    .flatten()
            })
        })
    }

    /// What a program asks before it shows the first page of a group's links.
    fn open(&self, connection: &mut Connection, root: &str) -> Result<()> {
        let began = Instant::now();
        connection.success(&self.get("/", ""))?;
        connection.success(&self.get(&format!("/groups/{root}"), ""))?;
        let links = self.get(&format!("/groups/{root}/links"), &format!("&Limit={PAGE}"));
        let page = connection.json(&links)?;
        match page["links"].as_array().map(Vec::len) {
            Some(found) if found == PAGE => Ok(()),
            other => bail!("a page of {other:?} links after {:?}", began.elapsed()),
        }
    }
}
