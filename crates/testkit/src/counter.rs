//! A proxy that counts: it shows how many requests a call or a whole program costs, and how many
//! bytes, in front of any server. With a delay it stands for a server that is far away.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::endpoint::Endpoint;
use crate::loopback;

/// A proxy in front of a server; it lasts as long as the process.
#[derive(Debug)]
pub struct Counter {
    endpoint: Endpoint,
    traffic: Arc<Mutex<Traffic>>,
}

/// What went through a [`Counter`].
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// Each request in the order of arrival: method and target as on its first line.
    pub requests: Vec<String>,
    /// How many of them the server was too busy for (503): the client has sent these again. HSDS does so
    /// when the machine has other work.
    pub busy: usize,
    /// Bytes of requests, with their heads.
    pub sent: u64,
    /// Bytes of answers, with their heads.
    pub received: u64,
}

impl Traffic {
    /// How many requests there were that the server took.
    pub fn total(&self) -> usize {
        self.requests.len().saturating_sub(self.busy)
    }

    /// How many there were of each kind, such as `GET /groups/{id}/links`.
    pub fn kinds(&self) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for request in &self.requests {
            *kinds.entry(kind_of(request)).or_default() += 1;
        }
        kinds
    }
}

/// Method and path without query, ids and names replaced.
fn kind_of(request: &str) -> String {
    let path = request.split('?').next().unwrap_or(request);
    let parts: Vec<&str> = path.split('/').collect();
    let shown = parts.iter().enumerate().map(|(at, part)| match at {
        2 => "{id}",
        4 if ["links", "attributes"].contains(&parts[3]) => "{name}",
        _ => part,
    });
    shown.collect::<Vec<_>>().join("/")
}

impl Counter {
    /// A proxy on a free port in front of `endpoint`.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn before(endpoint: &Endpoint) -> Result<Self> {
        Self::delayed(endpoint, Duration::ZERO)
    }

    /// The same, which holds every request back for `delay`.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn delayed(endpoint: &Endpoint, delay: Duration) -> Result<Self> {
        let listener = loopback::listen().context("no port for the counter")?;
        let address = listener.local_addr()?;
        let server = endpoint.url.strip_prefix("http://");
        let server = server.context("the counter speaks plain HTTP")?.to_owned();
        let traffic = Arc::new(Mutex::new(Traffic::default()));
        let counted = traffic.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, counted) = (server.clone(), counted.clone());
                thread::spawn(move || connect(&client, &server, delay, &counted));
            }
        });
        let mut endpoint = endpoint.clone();
        endpoint.url = format!("http://{address}");
        Ok(Self { endpoint, traffic })
    }

    /// The proxy's own address, with the credentials of the server behind it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What went through since it was last asked.
    pub fn take(&self) -> Traffic {
        std::mem::take(&mut lock(&self.traffic))
    }
}

fn lock(traffic: &Mutex<Traffic>) -> MutexGuard<'_, Traffic> {
    traffic.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(
    client: &TcpStream,
    server: &str,
    delay: Duration,
    traffic: &Arc<Mutex<Traffic>>,
) -> io::Result<()> {
    let server = loopback::connect(server)?;
    for stream in [client, &server] {
        stream.set_nodelay(true)?;
    }
    let (answers, back, counted) = (server.try_clone()?, client.try_clone()?, traffic.clone());
    thread::spawn(move || {
        let _ = pass_answers(&answers, &back, &counted);
        let _ = back.shutdown(Shutdown::Both);
    });
    let passed = pass_requests(client, &server, delay, traffic);
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
    passed
}

/// How an answer of a server begins that is too busy.
const BUSY: &[u8] = b"HTTP/1.1 503 ";

fn pass_answers(
    mut from: &TcpStream,
    mut to: &TcpStream,
    counted: &Mutex<Traffic>,
) -> io::Result<()> {
    let mut piece = vec![0; 256 << 10];
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        let mut traffic = lock(counted);
        traffic.received += length as u64;
        // The connector has one request under way on each connection, so an answer begins a piece.
        traffic.busy += usize::from(piece[..length].starts_with(BUSY));
        drop(traffic);
        to.write_all(&piece[..length])?;
    }
}

/// Passes requests on, one after another, until the client closes the connection.
fn pass_requests(
    client: &TcpStream,
    mut server: &TcpStream,
    delay: Duration,
    counted: &Mutex<Traffic>,
) -> io::Result<()> {
    let mut client = BufReader::with_capacity(256 << 10, client);
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if client.read_until(b'\n', &mut head)? == 0 {
                return Ok(());
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let body = body_length(&head)?;
        {
            let mut counted = lock(counted);
            let line = head.lines().next().unwrap_or_default();
            let request = line.rsplit_once(' ').map_or(line, |(request, _)| request);
            counted.requests.push(request.to_owned());
            counted.sent += head.len() as u64 + body;
        }
        thread::sleep(delay);
        server.write_all(head.as_bytes())?;
        io::copy(&mut client.by_ref().take(body), &mut server)?;
    }
}

/// The length of the body behind a head. The connector announces all of them.
fn body_length(head: &str) -> io::Result<u64> {
    let mut length = 0;
    for line in head.lines() {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(io::Error::other("the counter needs the length of bodies"));
        }
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn requests_of_one_kind_count_together() {
        let requests = [
            "GET /?domain=/home/u/f",
            "GET /groups/g-1/links/a%2Fb?domain=/home/u/f",
            "GET /groups/g-2/links/c?domain=/home/u/f",
            "PUT /datasets/d-1/value?domain=/home/u/f",
        ];
        let traffic = Traffic {
            requests: requests.map(str::to_owned).into(),
            ..Traffic::default()
        };
        let kinds: Vec<(String, usize)> = traffic.kinds().into_iter().collect();
        assert_eq!(
            kinds,
            [
                ("GET /".to_owned(), 1),
                ("GET /groups/{id}/links/{name}".to_owned(), 2),
                ("PUT /datasets/{id}/value".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn bodies_are_as_long_as_announced() {
        assert_eq!(body_length("GET / HTTP/1.1\r\n\r\n").unwrap(), 0);
        assert_eq!(
            body_length("PUT / HTTP/1.1\r\nContent-Length: 7\r\n\r\n").unwrap(),
            7
        );
        assert!(body_length("PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn requests_that_a_busy_server_refused_do_not_count() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint {
            url: format!("http://{}", listener.local_addr().unwrap()),
            username: String::new(),
            password: String::new(),
        };
        thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            for status in ["503 Busy", "200 OK"] {
                let mut head = BufReader::new(&client).lines();
                while head.next().unwrap().unwrap() != "" {}
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                client.write_all(answer.as_bytes()).unwrap();
            }
        });
        let counter = Counter::before(&endpoint).unwrap();
        let address = counter.endpoint().url.strip_prefix("http://").unwrap();
        let mut server = TcpStream::connect(address).unwrap();
        for status in ["503 Busy", "200 OK"] {
            server.write_all(b"GET /about HTTP/1.1\r\n\r\n").unwrap();
            let mut answer = BufReader::new(&server).lines();
            assert!(answer.next().unwrap().unwrap().ends_with(status));
            while answer.next().unwrap().unwrap() != "" {}
        }
        let traffic = counter.take();
        assert_eq!((traffic.requests.len(), traffic.total()), (2, 1));
    }
}
