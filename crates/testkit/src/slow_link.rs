//! A proxy that lets so many bytes of answers pass in a second, and counts them.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::endpoint::Endpoint;

/// Bytes that pass at once.
const PIECE: usize = 16 << 10;

/// A proxy in front of a server; it lasts as long as the process.
#[derive(Debug)]
pub struct SlowLink {
    endpoint: Endpoint,
    link: Arc<Link>,
}

#[derive(Debug)]
struct Link {
    bytes_per_second: f64,
    passed: AtomicU64,
    /// When the last piece is through, of all connections.
    free: Mutex<Instant>,
}

impl SlowLink {
    /// A proxy on a free port in front of `endpoint`.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn before(endpoint: &Endpoint, bytes_per_second: f64) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port for the link")?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = endpoint.url.strip_prefix("http://");
        let server = server.context("the link speaks plain HTTP")?.to_owned();
        let link = Arc::new(Link {
            bytes_per_second,
            passed: AtomicU64::new(0),
            free: Mutex::new(Instant::now()),
        });
        let shared = link.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, link) = (server.clone(), shared.clone());
                thread::spawn(move || connect(client, &server, &link));
            }
        });
        let endpoint = Endpoint {
            url,
            ..endpoint.clone()
        };
        Ok(Self { endpoint, link })
    }

    /// The link's own address, with the credentials of the server behind it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Bytes of answers that have passed.
    pub fn passed(&self) -> u64 {
        self.link.passed.load(Ordering::Relaxed)
    }
}

fn connect(mut client: TcpStream, server: &str, link: &Link) -> io::Result<()> {
    let mut server = TcpStream::connect(server)?;
    let (mut questions, mut on) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut questions, &mut on);
        let _ = on.shutdown(Shutdown::Both);
    });
    let mut piece = vec![0; PIECE];
    loop {
        let length = server.read(&mut piece)?;
        if length == 0 {
            return client.shutdown(Shutdown::Both);
        }
        link.pass(length);
        client.write_all(&piece[..length])?;
    }
}

impl Link {
    /// Returns when so many bytes more are through.
    fn pass(&self, bytes: usize) {
        let time = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second);
        let through = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            *free = (*free).max(Instant::now()) + time;
            *free
        };
        self.passed.fetch_add(bytes as u64, Ordering::Relaxed);
        // This is what a slow link does.
        thread::sleep(through.saturating_duration_since(Instant::now()));
    }
}
