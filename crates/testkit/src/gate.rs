//! A proxy that holds writes of values back: it shows what a program does while they are on their
//! way, and how many there are at once, without measuring time.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};

use crate::endpoint::Endpoint;

/// What happens to `PUT .../value`; every other request passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// None passes before this many wait; from then on all pass.
    Together(usize),
    /// The connection breaks.
    Broken,
}

/// A proxy in front of a server.
#[derive(Debug)]
pub struct Gate {
    endpoint: Endpoint,
}

#[derive(Debug)]
struct Held {
    rule: Rule,
    waiting: Mutex<usize>,
    more: Condvar,
}

impl Gate {
    /// A proxy on a free port in front of `endpoint`; it lasts as long as the process.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn before(endpoint: &Endpoint, rule: Rule) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port for the gate")?;
        let address = listener.local_addr()?;
        let server = endpoint
            .url
            .strip_prefix("http://")
            .context("the gate speaks plain HTTP")?
            .to_owned();
        let held = Arc::new(Held {
            rule,
            waiting: Mutex::new(0),
            more: Condvar::new(),
        });
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, held) = (server.clone(), held.clone());
                thread::spawn(move || connect(client, &server, &held));
            }
        });
        let mut endpoint = endpoint.clone();
        endpoint.url = format!("http://{address}");
        Ok(Self { endpoint })
    }

    /// The gate's own address, with the credentials of the server behind it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

fn connect(client: TcpStream, server: &str, held: &Held) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let passed = pass(&client, &server, held);
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
    passed
}

/// Passes requests on. A client sends one after another, each from the start of what it sends.
fn pass(mut client: &TcpStream, mut server: &TcpStream, held: &Held) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = client.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        let piece = &piece[..length];
        if is_write_of_values(piece) && !held.admit() {
            return Ok(());
        }
        server.write_all(piece)?;
    }
}

fn is_write_of_values(piece: &[u8]) -> bool {
    let line = piece.split(|&byte| byte == b'\r').next().unwrap_or(piece);
    let path = line.strip_prefix(b"PUT /datasets/").unwrap_or_default();
    path.windows(6).any(|part| part == b"/value")
}

impl Held {
    /// Waits until the request may pass; `false` if it may not.
    fn admit(&self) -> bool {
        let Rule::Together(enough) = self.rule else {
            return false;
        };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting += 1;
        self.more.notify_all();
        while *waiting < enough {
            let waited = self.more.wait(waiting);
            waiting = waited.unwrap_or_else(PoisonError::into_inner);
        }
        true
    }
}
