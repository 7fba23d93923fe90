//! A server that lies: a proxy that changes what an honest server answers, by a seed. Documents stay
//! JSON and bodies keep their framing, so that it is what they say that is wrong.
//!
//! - `document` changes JSON, by its structure;
//! - `bytes` changes elements.
//!
//! Or it changes answers as a test says, see [`HostileProxy::edit`].

mod bytes;
mod document;

pub use document::{DEEP, NOT_UTF8, written};

use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use fastrand::Rng;

use crate::endpoint::Endpoint;
use crate::faults::wire;

/// A proxy in front of a server; it lasts as long as the process.
#[derive(Debug)]
pub struct HostileProxy {
    endpoint: Endpoint,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: String,
    lies: Mutex<Lies>,
    edit: Mutex<Option<Edit>>,
}

/// Makes another body of that of an answer; `None` leaves it.
#[derive(Clone)]
struct Edit(Arc<Editor>);

type Editor = dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync;

impl std::fmt::Debug for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Edit")
    }
}

#[derive(Debug, Default)]
struct Lies {
    seed: u64,
    /// How many of a hundred answers are changed.
    percent: u8,
    /// The first answer that may be changed.
    from: u64,
    number: u64,
    told: u64,
}

impl HostileProxy {
    /// A proxy on a free port in front of `endpoint`, which is honest until it is told.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn before(endpoint: &Endpoint) -> Result<Self> {
        let server = endpoint.url.strip_prefix("http://");
        let server = server.context("the proxy speaks plain HTTP")?.to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port for the proxy")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server,
            lies: Mutex::default(),
            edit: Mutex::default(),
        });
        let own = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                thread::spawn(move || own.serve(&stream));
            }
        });
        let mut endpoint = endpoint.clone();
        endpoint.url = format!("http://{address}");
        Ok(Self { endpoint, shared })
    }

    /// The proxy's own address, with the credentials of the server behind it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// From now on, after `from` honest answers, so many of a hundred are changed, in ways that follow
    /// from the seed.
    pub fn lie(&self, seed: u64, from: u64, percent: u8) {
        let mut lies = self.shared.lies();
        lies.seed = seed;
        lies.percent = percent;
        lies.from = from;
        lies.number = 0;
    }

    /// From now on every answer's body is what this function makes of it; where it makes nothing, the
    /// body stays as it is.
    pub fn edit(&self, edit: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) {
        *self.shared.edit() = Some(Edit(Arc::new(edit)));
    }

    /// How many answers were changed.
    pub fn told(&self) -> u64 {
        self.shared.lies().told
    }
}

impl Shared {
    fn lies(&self) -> MutexGuard<'_, Lies> {
        self.lies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn edit(&self) -> MutexGuard<'_, Option<Edit>> {
        self.edit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, client: &TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let mut reader = BufReader::with_capacity(64 << 10, client);
        while let Some(head) = wire::read_head(&mut reader)? {
            let body = wire::read_body(&head, &mut reader)?;
            // Clients ask for packed answers where they are slow, as on a busy machine: no lie would fit them.
            let head = wire::without(&head, "accept-encoding");
            let answer = wire::carry_out(&self.server, &head, &body, false)?;
            let edit = self.edit().clone();
            let answer = match (self.decide(), edit) {
                (Some(mut rng), _) => with_body(&answer, |body| Some(changed(body, &mut rng))),
                (None, Some(Edit(edit))) => with_body(&answer, |body| edit(&body)),
                (None, None) => answer,
            };
            let mut client = client;
            client.write_all(&answer)?;
        }
        Ok(())
    }

    /// The source of a lie, if this answer is to be one.
    fn decide(&self) -> Option<Rng> {
        let mut lies = self.lies();
        lies.number += 1;
        let seed = lies.seed.rotate_left(23) ^ lies.number.wrapping_mul(0x9E37_79B9);
        let mut rng = Rng::with_seed(seed);
        let is_lie = lies.number > lies.from && rng.u8(0..100) < lies.percent;
        lies.told += u64::from(is_lie);
        is_lie.then_some(rng)
    }
}

/// Another body of the same kind: a document, or elements.
pub fn changed(body: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    match serde_json::from_slice(&body) {
        Ok(document) => document::changed(document, rng),
        Err(_) => bytes::changed(body, rng),
    }
}

/// The answer with another body; as it is if there is none.
fn with_body(answer: &[u8], other: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let (head, body) = wire::parts(answer);
    let head = String::from_utf8_lossy(head).into_owned();
    let chunked = wire::header(&head, "transfer-encoding").is_some();
    let body = match chunked {
        true => wire::unchunked(body),
        false => body.to_vec(),
    };
    let Some(body) = other(body) else {
        return answer.to_vec();
    };
    let mut lines: String = head
        .split_inclusive("\r\n")
        .filter(|line| {
            let name = line.split(':').next().unwrap_or_default();
            !name.eq_ignore_ascii_case("transfer-encoding")
                && !name.eq_ignore_ascii_case("content-length")
        })
        .collect();
    lines.truncate(lines.trim_end().len());
    let head = format!("{lines}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), &body].concat()
}
