//! A connection that sends requests which are ready to be sent, and looks at as little of the answers
//! as it can: what is measured is the server, not the one who asks.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use h5rest_testkit::Endpoint;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes of an answer's head that are read at once; small answers come with it.
const HEAD: usize = 16 << 10;

/// One connection, kept for many requests.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Status of the last answer.
    status: u16,
    /// What came of the answer at hand, behind it room for more.
    buffer: Vec<u8>,
    /// Of the body of the last answer: where it starts and ends.
    body: (usize, usize),
}

/// A request as it is sent.
pub(crate) fn request(
    endpoint: &Endpoint,
    method: &str,
    path_and_query: &str,
    (media, body): (&str, &[u8]),
) -> Vec<u8> {
    let host = host(endpoint);
    let authorization = endpoint.authorization();
    let length = body.len();
    let mut bytes = format!(
        "{method} {path_and_query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\n\
         Accept: {media}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn host(endpoint: &Endpoint) -> &str {
    endpoint.url.trim_start_matches("http://")
}

impl Connection {
    /// Connects to the server.
    pub fn new(endpoint: &Endpoint) -> Result<Self> {
        let stream = TcpStream::connect(host(endpoint))
            .with_context(|| format!("cannot connect to {}", endpoint.url))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            status: 0,
            buffer: vec![0; HEAD],
            body: (0, 0),
        })
    }

    /// Sends a request and waits until all of the answer is there; its status.
    pub fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        let (status, start, length) = loop {
            match self.stream.read(&mut self.buffer[filled..])? {
                0 => bail!("the connection ended before the answer"),
                more => filled += more,
            }
            if let Some(head) = head(&self.buffer[..filled])? {
                break head;
            }
            if filled == self.buffer.len() {
                bail!("the head of an answer is longer than {filled} bytes");
            }
        };
        let end = start + length;
        if end > self.buffer.len() {
            self.buffer.resize(end, 0);
        }
        if end > filled {
            self.stream.read_exact(&mut self.buffer[filled..end])?;
        }
        (self.status, self.body) = (status, (start, end));
        Ok(status)
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.body.0..self.body.1]
    }

    /// The same, for a request that must succeed.
    pub fn success(&mut self, request: &[u8]) -> Result<()> {
        self.exchange(request)?;
        self.check(request)
    }

    /// Fails if the last answer, to this request, was not a success.
    pub fn check(&self, request: &[u8]) -> Result<()> {
        match self.status {
            200..=299 => Ok(()),
            status => {
                let first = request.split(|&byte| byte == b'\r').next();
                let first = String::from_utf8_lossy(first.unwrap_or_default()).into_owned();
                bail!("{first}: {status} {}", String::from_utf8_lossy(self.body()))
            }
        }
    }

    /// The same, with a document as the answer.
    pub fn json(&mut self, request: &[u8]) -> Result<serde_json::Value> {
        self.success(request)?;
        Ok(serde_json::from_slice(self.body())?)
    }
}

/// Status, length of the head and length of the body, if all of the head is there.
fn head(bytes: &[u8]) -> Result<Option<(u16, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = answer.parse(bytes)? else {
        return Ok(None);
    };
    let status = answer.code.context("an answer without a status")?;
    let length = answer
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = match length {
        Some(header) => std::str::from_utf8(header.value)?.trim().parse()?,
        None if status == 204 => 0,
        None => bail!("an answer with status {status} does not tell its length"),
    };
    Ok(Some((status, head, length)))
}
