//! One connection: a request goes out, its answer comes in.

use std::io::{self, IoSlice, Read as _};
use std::mem::MaybeUninit;
use std::net::ToSocketAddrs as _;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

use super::answer::{self, Framing};
use crate::endpoint::Endpoint;
use crate::request::{Receiver, Response, Sink};

/// Longest head of an answer, and bytes that are read at once where the caller has no memory for
/// them.
const HEAD_LIMIT: usize = 64 << 10;
/// Bytes that are read at once before the length of the head is known.
const FIRST: usize = 8 << 10;
/// An answer that is only waited for with the connection is not worth more.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// Why there is no whole answer.
pub(super) enum Failed {
    /// The connection was closed before the first byte of an answer.
    Unanswered,
    /// The connection broke; if it was silence, what should have come.
    Io(&'static str, io::Error),
    /// What came is no answer, or not the one that was asked for.
    Malformed(String),
}

/// For connections on loopback, where there is no network whose speed must be found out: BBR, the
/// default of some machines, sends in portions with pauses in between, and large values take a quarter
/// longer. `h5rest` does the same for its answers. Where the system refuses, it stays as it is.
fn send_without_pauses(socket: &Socket) {
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_congestion(b"reno");
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
}

/// An open connection.
pub(super) struct Connection {
    socket: Socket,
    /// What came behind what was taken.
    buffer: Vec<u8>,
    /// The last answer was taken to its end, and the server said nothing against another request.
    reusable: bool,
}

impl Connection {
    /// Connects to the first address that answers.
    pub fn open(endpoint: &Endpoint, patience: Duration) -> io::Result<Self> {
        let connected = |domain: Domain, address: &SockAddr| {
            let socket = Socket::new(domain, Type::STREAM, None)?;
            if address.as_socket().is_some_and(|at| at.ip().is_loopback()) {
                send_without_pauses(&socket);
            }
            socket.connect_timeout(address, patience.min(CONNECT_LIMIT))?;
            Ok(socket)
        };
        let socket = match endpoint.socket() {
            Some(path) => connected(Domain::UNIX, &SockAddr::unix(path)?)?,
            None => {
                let mut last = io::Error::other("the server's name has no address");
                let found = endpoint.host_and_port().to_socket_addrs()?.find_map(|at| {
                    connected(Domain::for_address(at), &at.into())
                        .map_err(|error| last = error)
                        .ok()
                });
                let socket = found.ok_or(last)?;
                socket.set_tcp_nodelay(true)?;
                socket
            }
        };
        // A limit of zero would be none.
        let patience = Some(patience.max(Duration::from_millis(1)));
        socket.set_read_timeout(patience)?;
        socket.set_write_timeout(patience)?;
        Ok(Self {
            socket,
            buffer: Vec::new(),
            reusable: false,
        })
    }

    /// See [`crate::fuzzing`].
    #[cfg(fuzzing)]
    pub fn over(socket: Socket) -> Self {
        Self {
            socket,
            buffer: Vec::new(),
            reusable: false,
        }
    }

    /// Whether another request may follow.
    pub fn is_reusable(&self) -> bool {
        self.reusable && self.buffer.is_empty()
    }

    /// Whether the server has neither closed the connection nor sent what nobody asked for.
    pub fn is_quiet(&self) -> bool {
        let mut byte = [MaybeUninit::uninit()];
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        let peeked = self.socket.recv_with_flags(&mut byte, flags);
        peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends a request and takes its answer.
    pub fn exchange(
        &mut self,
        head: &[u8],
        body: &[u8],
        sink: Sink<'_>,
    ) -> Result<Response, Failed> {
        self.reusable = false;
        match self.send(head, body) {
            // A server may refuse a request before it has read all of it.
            Err(error) if !is_closed(&error) => return Err(Failed::Io("no answer", error)),
            _ => {}
        }
        let answer = self.answer_head()?;
        let mut receiver = Receiver::new(&answer.head, sink);
        let whole = match answer.framing {
            Framing::Length(length) => self.take_body(length, &mut receiver).map(|()| true),
            Framing::Chunked => self.take_chunks(&mut receiver).map(|()| true),
            Framing::UntilClose => self.take_rest(&mut receiver).map(|()| false),
        }?;
        self.reusable = whole && answer.persistent;
        let moved = receiver.moved();
        let body = receiver.finish().map_err(Failed::Malformed)?;
        let head = answer.head;
        Ok(Response {
            head,
            body,
            moved,
            repeated: false,
        })
    }

    fn send(&self, head: &[u8], body: &[u8]) -> io::Result<()> {
        let (mut head, mut body) = (head, body);
        while !head.is_empty() || !body.is_empty() {
            let parts = [IoSlice::new(head), IoSlice::new(body)];
            // Without the flag a closed connection would end the program with SIGPIPE.
            let flags = libc::MSG_NOSIGNAL;
            let sent = match self.socket.send_vectored_with_flags(&parts, flags) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            let of_head = sent.min(head.len());
            head = &head[of_head..];
            body = &body[sent - of_head..];
        }
        Ok(())
    }

    /// Reads up to the end of the answer's head; what comes with it stays in the buffer.
    fn answer_head(&mut self) -> Result<answer::Answer, Failed> {
        loop {
            if let Some((answer, length)) =
                answer::parse(&self.buffer).map_err(Failed::Malformed)?
            {
                self.buffer.drain(..length);
                return Ok(answer);
            }
            if self.buffer.len() >= HEAD_LIMIT {
                return Err(Failed::Malformed("the answer's head has no end".into()));
            }
            let first = self.buffer.is_empty();
            match self.fill(FIRST, "no answer") {
                Ok(0) if first => return Err(Failed::Unanswered),
                Ok(0) => return Err(Failed::Malformed("the answer's head broke off".into())),
                Ok(_) => {}
                Err(Failed::Io(_, error)) if first && is_closed(&error) => {
                    return Err(Failed::Unanswered);
                }
                Err(failed) => return Err(failed),
            }
        }
    }

    /// Reads once, up to `most` bytes, to the end of the buffer.
    fn fill(&mut self, most: usize, during: &'static str) -> Result<usize, Failed> {
        let before = self.buffer.len();
        self.buffer.resize(before + most, 0);
        let read = read(&self.socket, &mut self.buffer[before..], during);
        self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
        read
    }

    /// A body, or a part of one, of known length.
    fn take_body(&mut self, length: u64, receiver: &mut Receiver<'_>) -> Result<(), Failed> {
        let mut left = length;
        let buffered = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(self.buffer.len());
        receiver
            .take(&self.buffer[..buffered])
            .map_err(Failed::Malformed)?;
        self.buffer.drain(..buffered);
        left -= buffered as u64;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX);
            let taken = match receiver.room() {
                Some(room) => {
                    let most = most.min(room.len());
                    let taken = read(&self.socket, &mut room[..most], STOPPED)?;
                    receiver.filled(taken);
                    taken
                }
                None => {
                    self.fill(most.min(HEAD_LIMIT), STOPPED)?;
                    let taken = self.buffer.len();
                    receiver.take(&self.buffer).map_err(Failed::Malformed)?;
                    self.buffer.clear();
                    taken
                }
            };
            if taken == 0 {
                return Err(broke_off());
            }
            left -= taken as u64;
        }
        Ok(())
    }

    /// A body in chunks, each with its length before it.
    fn take_chunks(&mut self, receiver: &mut Receiver<'_>) -> Result<(), Failed> {
        loop {
            let length = self.line(|line| match httparse::parse_chunk_size(line) {
                Ok(httparse::Status::Complete((used, size))) => Ok(Some((used, size))),
                Ok(httparse::Status::Partial) => Ok(None),
                Err(_) => Err("a chunk of the answer has no length".to_owned()),
            })?;
            if length == 0 {
                break;
            }
            self.take_body(length, receiver)?;
            self.end_of_line()?;
        }
        // Trailers, which nobody asked for, up to an empty line.
        while self.end_of_line()? > 0 {}
        Ok(())
    }

    /// Skips to the end of a line; returns how many characters it had.
    fn end_of_line(&mut self) -> Result<usize, Failed> {
        self.line(|line| {
            let end = line.iter().position(|&byte| byte == b'\n');
            let length = |end| {
                line[..end]
                    .strip_suffix(b"\r")
                    .unwrap_or(&line[..end])
                    .len()
            };
            Ok(end.map(|end| (end + 1, length(end))))
        })
    }

    /// Reads until `parse` finds something at the start of the buffer: its length, and a result.
    fn line<T>(
        &mut self,
        parse: impl Fn(&[u8]) -> Result<Option<(usize, T)>, String>,
    ) -> Result<T, Failed> {
        loop {
            if let Some((used, result)) = parse(&self.buffer).map_err(Failed::Malformed)? {
                self.buffer.drain(..used);
                return Ok(result);
            }
            if self.buffer.len() >= HEAD_LIMIT {
                return Err(Failed::Malformed("a line of the answer has no end".into()));
            }
            if self.fill(FIRST, STOPPED)? == 0 {
                return Err(broke_off());
            }
        }
    }

    /// A body that ends with the connection.
    fn take_rest(&mut self, receiver: &mut Receiver<'_>) -> Result<(), Failed> {
        loop {
            receiver.take(&self.buffer).map_err(Failed::Malformed)?;
            self.buffer.clear();
            if self.fill(HEAD_LIMIT, STOPPED)? == 0 {
                return Ok(());
            }
        }
    }
}

const STOPPED: &str = "the answer stopped";

fn broke_off() -> Failed {
    Failed::Malformed("the answer broke off".into())
}

fn read(mut socket: &Socket, into: &mut [u8], during: &'static str) -> Result<usize, Failed> {
    loop {
        match socket.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map_err(|error| Failed::Io(during, error)),
        }
    }
}

/// Whether the other side has closed the connection.
fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn connections_on_loopback_send_without_pauses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let endpoint = Endpoint::parse(&address).unwrap();
        let connection = Connection::open(&endpoint, CONNECT_LIMIT).ok().unwrap();
        let congestion = connection.socket.tcp_congestion().unwrap();
        assert!(congestion.starts_with(b"reno"), "{congestion:?}");
    }
}
