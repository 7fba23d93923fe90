//! One connection that stays open, for tests of many at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No answer of these tests takes as long.
const LONG: Duration = Duration::from_secs(120);

/// A connection to a server without passwords, as user `u`.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Opens one to `http://HOST:PORT`.
    pub fn open(url: &str) -> Self {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::with_capacity(4096, stream),
        }
    }

    /// Status and body of the answer to a request with a JSON body.
    pub fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
        self.send_bytes(method, path, "application/json", body.as_bytes())
    }

    /// The same for another kind of body.
    pub fn send_bytes(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> (u16, Vec<u8>) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dTpw\r\nAccept: {kind}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let request = [head.as_bytes(), body].concat();
        self.stream.get_mut().write_all(&request).unwrap();
        self.answer()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Reads an answer of announced length.
    fn answer(&mut self) -> (u16, Vec<u8>) {
        let first = self.line();
        let status = first.split(' ').nth(1).expect(&first).parse().unwrap();
        let mut length = 0;
        loop {
            let line = self.line().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (status, body)
    }
}
