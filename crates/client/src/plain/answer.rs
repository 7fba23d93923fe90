//! The head of an answer: status, the headers that matter, and how long the body is.

use crate::request::{Head, pause_of};
use crate::unpack::Packing;

/// Headers of one answer, at most.
const MOST_HEADERS: usize = 100;

/// What a head says.
pub(super) struct Answer {
    pub head: Head,
    pub framing: Framing,
    /// The server keeps the connection open.
    pub persistent: bool,
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// It has this many bytes.
    Length(u64),
    /// It comes in chunks that tell their length.
    Chunked,
    /// It ends with the connection.
    UntilClose,
}

/// Reads the head at the start of `bytes` and tells its length; `None` if it is not complete.
/// Interim answers are skipped.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Answer, usize)>, String> {
    let mut skipped = 0;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        let status = parsed.parse(&bytes[skipped..]);
        let status = status.map_err(|error| format!("the answer is not HTTP ({error})"))?;
        let httparse::Status::Complete(length) = status else {
            return Ok(None);
        };
        skipped += length;
        let code = parsed.code.unwrap_or_default();
        if !(100..200).contains(&code) {
            return Ok(Some((answer(code, &parsed)?, skipped)));
        }
    }
}

fn answer(status: u16, parsed: &httparse::Response<'_, '_>) -> Result<Answer, String> {
    let all = |wanted: &'static str| {
        let named = parsed.headers.iter();
        named
            .filter(move |header| header.name.eq_ignore_ascii_case(wanted))
            .filter_map(|header| std::str::from_utf8(header.value).ok())
    };
    let says = |name, word: &str| {
        let mut words = all(name).flat_map(|value| value.split(','));
        words.any(|one| one.trim().eq_ignore_ascii_case(word))
    };
    let mut length = None;
    for value in all("content-length") {
        let number: u64 = value
            .trim()
            .parse()
            .map_err(|_| format!("the answer has a length of '{value}'"))?;
        if length.is_some_and(|known| known != number) {
            return Err("the answer has two lengths".into());
        }
        length = Some(number);
    }
    let persistent = match parsed.version {
        Some(1) => !says("connection", "close"),
        _ => says("connection", "keep-alive"),
    };
    let framing = match (status, length) {
        (204 | 304, _) => Framing::Length(0),
        _ if says("transfer-encoding", "chunked") => Framing::Chunked,
        (_, Some(length)) => Framing::Length(length),
        // Such a body cannot be told from one that was cut. It is taken from servers that announce
        // it, and where it only says why a request failed.
        (200..300, None) if persistent => {
            return Err("the answer does not tell its length".into());
        }
        (_, None) => Framing::UntilClose,
    };
    let retry_after = all("retry-after").next();
    let packing = Packing::of_answer(status, all("content-encoding").next().unwrap_or_default())?;
    Ok(Answer {
        head: Head {
            status,
            retry_after: retry_after.and_then(pause_of),
            location: all("location").next().map(str::to_owned),
            length: match framing {
                Framing::Length(length) => Some(length),
                Framing::Chunked | Framing::UntilClose => None,
            },
            packing,
        },
        framing,
        persistent,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn framing(head: &str) -> (Framing, bool) {
        let (answer, length) = parse(head.as_bytes()).unwrap().unwrap();
        assert_eq!(length, head.len());
        (answer.framing, answer.persistent)
    }

    #[test]
    fn how_a_body_ends() {
        for (head, expected) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                (Framing::Length(5), true),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: Close\r\n\r\n",
                (Framing::Chunked, false),
            ),
            (
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                (Framing::UntilClose, false),
            ),
            ("HTTP/1.0 200 OK\r\n\r\n", (Framing::UntilClose, false)),
            ("HTTP/1.1 500 No\r\n\r\n", (Framing::UntilClose, true)),
            ("HTTP/1.1 204 No\r\n\r\n", (Framing::Length(0), true)),
            (
                "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
                (Framing::Length(1), false),
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not\r\nContent-Length: 3\r\n\r\n",
                (Framing::Length(3), true),
            ),
        ] {
            assert_eq!(framing(head), expected, "{head}");
        }
    }

    #[test]
    fn what_is_no_answer() {
        for bad in [
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"HTTP/1.1 200 OK\r\nContent-").unwrap().is_none());
    }

    #[test]
    fn what_the_client_looks_at() {
        let text = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nLocation: /x\r\n\r\nrest";
        let (answer, length) = parse(text).unwrap().unwrap();
        assert_eq!((answer.head.status, &text[length..]), (503, &b"rest"[..]));
        assert_eq!(answer.head.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(answer.head.location.as_deref(), Some("/x"));
    }
}
