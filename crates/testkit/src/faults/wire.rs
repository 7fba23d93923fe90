//! HTTP as far as the proxy looks into it: whole requests, and answers as bytes.

use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// Longest head of a request.
const HEAD_LIMIT: u64 = 256 << 10;
/// A server that is silent for so long will not answer any more.
const PATIENCE: Duration = Duration::from_secs(120);

/// Reads the head of a request, with the empty line; `None` at the end of the connection.
pub(crate) fn read_head(client: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut client = client.take(HEAD_LIMIT);
    while !head.ends_with(b"\r\n\r\n") {
        if client.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

/// Reads the body behind a head. Clients announce its length.
pub(crate) fn read_body(head: &str, client: &mut impl Read) -> io::Result<Vec<u8>> {
    if header(head, "transfer-encoding").is_some() {
        return Err(io::Error::other("the proxy needs the length of bodies"));
    }
    let length = match header(head, "content-length") {
        Some(text) => text.parse().map_err(io::Error::other)?,
        None => 0,
    };
    let mut body = vec![0; length];
    client.read_exact(&mut body)?;
    Ok(body)
}

/// The value of a header.
pub(crate) fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    let named = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let mut found = named.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.next().map(|(_, value)| value.trim())
}

/// Has a server answer a request, on a connection of its own, and returns the bytes of the answer.
/// What they say of the connection is left out: the client's stays open. With `last`, the server is
/// told that nothing comes behind the body.
pub(crate) fn carry_out(server: &str, head: &str, body: &[u8], last: bool) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(server)?;
    server.set_nodelay(true)?;
    server.set_read_timeout(Some(PATIENCE))?;
    let lines = without(head, "connection");
    let head = format!("{}\r\nconnection: close\r\n\r\n", lines.trim_end());
    // A server may answer before it has read everything.
    let sent = server
        .write_all(head.as_bytes())
        .and_then(|()| server.write_all(body));
    if sent.is_ok() && last {
        let _ = server.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let (head, body) = parts(&answer);
    let head = without(&String::from_utf8_lossy(head), "connection");
    Ok([head.as_bytes(), body].concat())
}

/// Head (with the empty line) and body of an answer.
pub(crate) fn parts(answer: &[u8]) -> (&[u8], &[u8]) {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    answer.split_at(end.map_or(answer.len(), |end| end + 4))
}

/// A body without its division into chunks.
pub(crate) fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n");
        let Some(end) = end else { return whole };
        let line = String::from_utf8_lossy(&body[..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16).unwrap_or(0);
        let start = end + 2;
        if length == 0 || body.len() < start + length {
            return whole;
        }
        whole.extend_from_slice(&body[start..start + length]);
        body = body.get(start + length + 2..).unwrap_or_default();
    }
}

/// A head without a header.
pub(crate) fn without(head: &str, unwanted: &str) -> String {
    let is_wanted = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !name.eq_ignore_ascii_case(unwanted)
    };
    head.split_inclusive("\r\n").filter(is_wanted).collect()
}

/// A head in which a header has another value.
pub(crate) fn with(head: &str, wanted: &str, value: &str) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some((name, _)) if name.eq_ignore_ascii_case(wanted) => format!("{name}: {value}\r\n"),
        _ => line.to_owned(),
    };
    head.split_inclusive("\r\n").map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n";

    #[test]
    fn heads_are_changed_and_stay_whole() {
        assert_eq!(header(HEAD, "content-length"), Some("7"));
        assert_eq!(header(HEAD, "put / http/1.1"), None);
        assert_eq!(
            with(HEAD, "content-length", "12"),
            "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n"
        );
        assert_eq!(
            without(HEAD, "host"),
            "PUT / HTTP/1.1\r\nContent-Length: 7\r\n\r\n"
        );
        assert_eq!(unchunked(b"3\r\nabc\r\n1;x\r\nd\r\n0\r\n\r\n"), b"abcd");
        let answer = b"HTTP/1.1 200 OK\r\n\r\nbody";
        assert_eq!(
            parts(answer),
            (&b"HTTP/1.1 200 OK\r\n\r\n"[..], &b"body"[..])
        );
    }

    #[test]
    fn requests_are_read_whole() {
        let text = format!("{HEAD}content of the next");
        let mut client = text.as_bytes();
        let head = read_head(&mut client)
            .expect("a head")
            .expect("not the end");
        assert_eq!(head, HEAD);
        assert_eq!(read_body(&head, &mut client).expect("a body"), b"content");
    }
}
