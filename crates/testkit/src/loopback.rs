//! Bare connections on loopback for proxies and measurements. They do as the connector's and the server's
//! own: where the system's default is BBR, it would send in portions with pauses in between.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};

use socket2::{Domain, SockRef, Socket, Type};

/// Listens on a free port.
///
/// # Errors
/// When no port is to be had.
pub fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    send_without_pauses(SockRef::from(&listener));
    Ok(listener)
}

/// Connects to the first address of a name, wherever it is.
///
/// # Errors
/// When there is none, or nobody listens there.
pub fn connect(name: impl ToSocketAddrs) -> io::Result<TcpStream> {
    let none = || io::Error::other("the name has no address");
    let address: SocketAddr = name.to_socket_addrs()?.next().ok_or_else(none)?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.ip().is_loopback() {
        send_without_pauses(SockRef::from(&socket));
    }
    socket.connect(&address.into())?;
    Ok(socket.into())
}

fn send_without_pauses(socket: SockRef<'_>) {
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_congestion(b"reno");
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
}
