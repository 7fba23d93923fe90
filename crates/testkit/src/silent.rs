//! A server that accepts connections and never answers: what a hung service looks like.

use std::io;
use std::net::TcpListener;

/// Listens on loopback and never answers; the system completes connections from its backlog, so
/// a client connects, sends its request, and waits.
#[derive(Debug)]
pub struct SilentServer {
    listener: TcpListener,
}

impl SilentServer {
    /// Starts to listen.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn start() -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(("127.0.0.1", 0))?,
        })
    }

    /// `http://host:port`
    ///
    /// # Errors
    /// When the system cannot tell the port.
    pub fn url(&self) -> io::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }
}
