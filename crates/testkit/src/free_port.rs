//! A TCP port on loopback that nobody listens on.

use std::io;
use std::net::TcpListener;

/// A port that was free a moment ago. Another process may take it before the caller does, so
/// whoever starts a server on it must treat "address in use" as a reason to try another one.
///
/// # Errors
/// When the system gives out no port.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
