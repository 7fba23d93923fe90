//! An address where nobody listens: what a service looks like that has ended.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// Keeps a port of loopback to itself and does not listen there: every connection is refused, and no
/// other process can get the port meanwhile.
#[derive(Debug)]
pub struct DeadServer {
    socket: Socket,
}

impl DeadServer {
    /// Takes a port.
    ///
    /// # Errors
    /// When no port is to be had.
    pub fn start() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        Ok(Self { socket })
    }

    /// `http://host:port`
    ///
    /// # Errors
    /// When the system cannot tell the port.
    pub fn url(&self) -> io::Result<String> {
        let address = self.socket.local_addr()?.as_socket();
        let address = address.ok_or_else(|| io::Error::other("the socket has no port"))?;
        Ok(format!("http://{address}"))
    }
}
