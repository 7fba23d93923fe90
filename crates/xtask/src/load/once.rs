//! Large jobs that are done once on each server: seconds, and the most memory the server took
//! meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use h5rest_client::{Format, HttpTransport, Method, Request, Sink, Transport};
use serde_json::{Value, json};

use super::memory_of;

/// Bytes of the value that is written and read.
const VALUE: usize = 64 << 20;
/// Groups that are made with one request.
const AT_ONCE: usize = 500;
/// Links that are asked for at once.
const PAGE: usize = 1000;
/// How often the server's memory is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// How one of them went.
pub(super) struct Done {
    pub job: String,
    pub seconds: f64,
    /// Most memory of all processes of the server together, in MiB.
    pub memory: f64,
}

/// Does all of them, in a new domain; `objects` are made in the end.
pub(super) fn run(
    transport: &HttpTransport,
    domain: &str,
    objects: usize,
    processes: &[u32],
) -> Result<Vec<Done>> {
    let client = Client { transport, domain };
    let made = client.json(Request::new(Method::Put, "/"))?;
    let root = made["root"].as_str().context("a domain without a root")?;
    let body = json!({"type": "H5T_IEEE_F64LE", "shape": [2048, VALUE / 8 / 2048],
        "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [256, 1024]}}});
    let dataset = client.json(send(Method::Post, "/datasets", &body))?;
    let dataset = dataset["id"].as_str().context("a dataset without an id")?;
    let value = format!("/datasets/{dataset}/value");
    let elements: bytes::Bytes = (0..VALUE).map(|n| (n % 251) as u8).collect();
    let mut done = Vec::new();
    let mut time = |job: String, work: &dyn Fn() -> Result<()>| {
        let (seconds, memory) = watched(processes, work).with_context(|| job.clone())?;
        done.push(Done {
            job,
            seconds,
            memory,
        });
        anyhow::Ok(())
    };
    time("write 64 MiB".into(), &|| {
        let request = Request::new(Method::Put, &value);
        client.send(request.sending(Format::Binary, elements.clone()))?;
        Ok(())
    })?;
    time("read 64 MiB".into(), &|| {
        let read = client.send(Request::new(Method::Get, &value).wanting_binary())?;
        match read == elements {
            true => Ok(()),
            false => bail!("what was read is not what was written"),
        }
    })?;
    let first = objects.min(10_000);
    time(format!("make {first} groups"), &|| {
        client.make_groups(root, 0..first)
    })?;
    if objects > first {
        time(format!("make {} groups more", objects - first), &|| {
            client.make_groups(root, first..objects)
        })?;
    }
    time(format!("open {objects} groups"), &|| {
        client.json(Request::new(Method::Get, "/"))?;
        client.json(Request::new(Method::Get, format!("/groups/{root}")))?;
        let links = Request::new(Method::Get, format!("/groups/{root}/links"));
        let page = client.json(links.with("Limit", PAGE.to_string()))?;
        match page["links"].as_array().map(Vec::len) {
            Some(PAGE) => Ok(()),
            other => bail!("a page of {other:?} links"),
        }
    })?;
    Ok(done)
}

struct Client<'a> {
    transport: &'a HttpTransport,
    domain: &'a str,
}

fn send(method: Method, path: &str, body: &Value) -> Request {
    Request::new(method, path).sending(Format::Json, body.to_string())
}

impl Client<'_> {
    fn send(&self, request: Request) -> Result<Vec<u8>> {
        let request = request.with("domain", self.domain);
        let answer = self.transport.send(&request, Sink::Collect);
        let answer = answer.map_err(|error| anyhow!("{request}: {}", error.message))?;
        match answer.head.is_success() {
            true => Ok(answer.body),
            false => bail!("{request}: {}", String::from_utf8_lossy(&answer.body)),
        }
    }

    fn json(&self, request: Request) -> Result<Value> {
        Ok(serde_json::from_slice(&self.send(request)?)?)
    }

    fn make_groups(&self, root: &str, numbers: std::ops::Range<usize>) -> Result<()> {
        let numbers: Vec<usize> = numbers.collect();
        for some in numbers.chunks(AT_ONCE) {
            let one = |n: &usize| json!({"link": {"id": root, "name": format!("group{n:08}")}});
            let body: Value = some.iter().map(one).collect();
            self.send(send(Method::Post, "/groups", &body))?;
        }
        Ok(())
    }
}

/// Seconds that the work took, and the most memory of the server meanwhile.
fn watched(processes: &[u32], work: &dyn Fn() -> Result<()>) -> Result<(f64, f64)> {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut most = 0.0f64;
            while !ended.load(Ordering::Relaxed) {
                most = most.max(memory_of(processes)?);
                std::thread::sleep(GLANCE);
            }
            anyhow::Ok(most)
        });
        let began = Instant::now();
        let outcome = work();
        let seconds = began.elapsed().as_secs_f64();
        ended.store(true, Ordering::Relaxed);
        let most = watching.join().map_err(|_| anyhow!("nobody watched"))??;
        outcome.map(|()| (seconds, most))
    })
}
