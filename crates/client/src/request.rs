//! Requests and answers as every transport sees them: HTTP without a connection.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use h5rest_protocol::ObjectId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::unpack::{Packing, Unpack};

/// Everything but RFC 3986's unreserved characters is encoded, so that names of objects, links
/// and attributes (any UTF-8) survive.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In a query these are harmless, and requests and logs stay readable.
const ENCODED_IN_QUERY: &AsciiSet = &ENCODED.remove(b'/').remove(b':').remove(b',');

/// Percent-encodes a name as one path segment.
pub fn segment(name: &str) -> String {
    utf8_percent_encode(name, ENCODED).to_string()
}

/// The methods of the HDF REST API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes what the path names.
    Put,
    /// Creates, or reads what the body names.
    Post,
    /// Deletes what the path names.
    Delete,
}

impl Method {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a server expects to be told that there is no body.
    pub(crate) fn may_have_body(self) -> bool {
        matches!(self, Self::Put | Self::Post)
    }
}

/// The two forms of values on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `application/json`
    Json,
    /// `application/octet-stream`
    Binary,
}

impl Format {
    /// The media type. HSDS compares it literally: no parameters, no lists.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Binary => "application/octet-stream",
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// What to do.
    pub method: Method,
    /// To what: starts with `/`, names in it are percent-encoded already.
    pub path: String,
    /// Details; encoded when sent.
    pub query: Vec<(&'static str, String)>,
    /// The form wanted of the answer.
    pub accept: Format,
    /// The form of the body, and the body.
    pub body: Option<(Format, Bytes)>,
    /// What it is called, however often it is sent (`Idempotency-Key`): h5rest makes a change of one name
    /// once, others take no notice.
    pub name: Option<String>,
}

impl Request {
    /// A request without query and body that wants JSON.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            accept: Format::Json,
            body: None,
            name: None,
        }
    }

    /// The same with a name that no other request has: from the system's source of randomness each time,
    /// because the children of a fork, copies of a machine and containers have all else in common.
    #[must_use]
    pub(crate) fn named(&self) -> Self {
        Self {
            name: Some(ObjectId::new_root().to_string()),
            ..self.clone()
        }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Adds a query flag; HSDS takes any value as true, so a false flag must stay away.
    #[must_use]
    pub fn flag(self, key: &'static str, on: bool) -> Self {
        if on { self.with(key, "1") } else { self }
    }

    /// Asks for bytes instead of JSON.
    #[must_use]
    pub fn wanting_binary(mut self) -> Self {
        self.accept = Format::Binary;
        self
    }

    /// Sends this body.
    #[must_use]
    pub fn sending(mut self, format: Format, body: impl Into<Bytes>) -> Self {
        self.body = Some((format, body.into()));
        self
    }

    /// Sends a copy of these elements.
    pub(crate) fn sending_copy(self, body: &[u8]) -> Self {
        self.sending(Format::Binary, Bytes::copy_from_slice(body))
    }

    /// Path and query as they go on the request line.
    pub fn target(&self) -> String {
        let mut target = self.path.clone();
        for (at, (key, value)) in self.query.iter().enumerate() {
            target.push(if at == 0 { '?' } else { '&' });
            target.push_str(key);
            target.push('=');
            target.extend(utf8_percent_encode(value, ENCODED_IN_QUERY));
        }
        target
    }
}

/// Method and target, shortened if need be, for messages.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 300;
        let target = self.target();
        write!(f, "{} ", self.method.name())?;
        match target.get(..LONGEST) {
            Some(start) if target.len() > LONGEST => write!(f, "{start}..."),
            _ => f.write_str(&target),
        }
    }
}

/// The start of an answer.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
    /// `Location` of a redirection.
    pub location: Option<String>,
    /// `Content-Length`, if known.
    pub length: Option<u64>,
    /// `Content-Encoding`, if there is one.
    pub packing: Option<Packing>,
}

/// What a `Retry-After` asks for: seconds, or a date.
pub(crate) fn pause_of(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    // A date that has passed asks for no pause.
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

impl Head {
    /// Whether the request was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Takes pieces of a body as they arrive; an error ends the request.
pub type Pour<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), String>;

/// Where the body of a successful answer goes. Bodies of other answers are always collected.
pub enum Sink<'a> {
    /// Into memory that grows with it.
    Collect,
    /// The same for a document, which takes several times as much memory as its text: it is refused as
    /// soon as it is known to be too long.
    Document,
    /// Into the caller's memory, which it must fill exactly.
    Into(&'a mut [u8]),
    /// To whoever takes it piece by piece, in order. A request with this sink is sent once: pieces
    /// cannot be taken back.
    Pour(Pour<'a>),
}

impl Sink<'_> {
    /// The same sink for another attempt.
    pub(crate) fn again(&mut self) -> Sink<'_> {
        match self {
            Self::Collect => Sink::Collect,
            Self::Document => Sink::Document,
            Self::Into(memory) => Sink::Into(memory),
            Self::Pour(take) => Sink::Pour(take),
        }
    }
}

impl fmt::Debug for Sink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collect => f.write_str("Collect"),
            Self::Document => f.write_str("Document"),
            Self::Into(memory) => write!(f, "Into({} bytes)", memory.len()),
            Self::Pour(_) => f.write_str("Pour"),
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status and what else the client looks at.
    pub head: Head,
    /// The body, unless it went to the caller's memory.
    pub body: Vec<u8>,
    /// Bytes of the body as they came.
    pub moved: u64,
    /// Whether the transport sent the request twice, so that its effect may have been met by itself.
    pub repeated: bool,
}

/// Bytes of a body that are collected at most: what a server sends must not use up the memory of the
/// program. Elements of variable size have the largest bodies, and are asked for in small portions.
const MOST_COLLECTED: usize = 1 << 30;
/// The same of a JSON answer: as a document it takes several times as much memory. The links of a group
/// of a million have about so many.
const MOST_JSON: usize = 256 << 20;
/// The same of an answer that says why a request failed.
const MOST_WORDS: usize = 1 << 20;

/// Takes a body piece by piece to where it belongs, and unpacks it on the way if it is packed; used by the
/// transports.
#[derive(Debug)]
pub struct Receiver<'a> {
    sink: Sink<'a>,
    collected: Vec<u8>,
    filled: usize,
    /// Bytes that are collected at most.
    most: usize,
    /// Bytes that the server says there are.
    announced: u64,
    /// Bytes that came.
    moved: u64,
    unpack: Option<Result<Unpack, String>>,
}

impl<'a> Receiver<'a> {
    /// Prepares for the body of the answer that starts with `head`.
    pub fn new(head: &Head, sink: Sink<'a>) -> Self {
        let (sink, most) = match (head.is_success(), sink) {
            (true, Sink::Document) => (Sink::Collect, MOST_JSON),
            (true, sink) => (sink, MOST_COLLECTED),
            (false, _) => (Sink::Collect, MOST_WORDS),
        };
        // The announced length is a hint of a stranger: it must not make us allocate without end.
        let expected = match sink {
            Sink::Collect => head.length.unwrap_or(0).min(most.min(64 << 20) as u64) as usize,
            Sink::Document | Sink::Into(_) | Sink::Pour(_) => 0,
        };
        Self {
            sink,
            collected: Vec::with_capacity(expected),
            filled: 0,
            most,
            announced: head.length.unwrap_or(0),
            moved: 0,
            unpack: head.packing.map(Unpack::new),
        }
    }

    /// Takes the next piece; fails if there is no room for what is in it.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), String> {
        self.moved += piece.len() as u64;
        match self.unpack.take() {
            None => self.place(piece),
            Some(unpack) => {
                let mut unpack = unpack?;
                unpack.piece(piece, |bytes| self.place(bytes))?;
                self.unpack = Some(Ok(unpack));
                Ok(())
            }
        }
    }

    fn place(&mut self, piece: &[u8]) -> Result<(), String> {
        match &mut self.sink {
            Sink::Collect
                if self.announced > self.most as u64
                    || piece.len() > self.most - self.collected.len() =>
            {
                return Err(format!(
                    "the answer has more than {} bytes, which no such answer needs",
                    self.most
                ));
            }
            Sink::Collect | Sink::Document => self.collected.extend_from_slice(piece),
            Sink::Pour(take) => take(piece)?,
            Sink::Into(memory) => {
                let room = memory.len() - self.filled;
                if piece.len() > room {
                    return Err(format!("the answer has more than {} bytes", memory.len()));
                }
                memory[self.filled..self.filled + piece.len()].copy_from_slice(piece);
            }
        }
        self.filled += piece.len();
        Ok(())
    }

    /// The caller's memory that is still to be filled, if the body goes there as it comes; see
    /// [`Receiver::filled`].
    pub fn room(&mut self) -> Option<&mut [u8]> {
        match &mut self.sink {
            Sink::Into(memory) if self.unpack.is_none() && self.filled < memory.len() => {
                Some(&mut memory[self.filled..])
            }
            _ => None,
        }
    }

    /// So many bytes of [`Receiver::room`] are filled now.
    pub fn filled(&mut self, bytes: usize) {
        self.filled += bytes;
        self.moved += bytes as u64;
    }

    /// Bytes of the body that came so far.
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// The collected body; fails if the caller's memory was not filled.
    pub fn finish(self) -> Result<Vec<u8>, String> {
        if let Some(Ok(unpack)) = &self.unpack
            && !unpack.is_complete()
        {
            return Err("the packed answer has no end".into());
        }
        match self.sink {
            Sink::Into(memory) if self.filled != memory.len() => Err(format!(
                "the answer has {} bytes instead of {}",
                self.filled,
                memory.len()
            )),
            _ => Ok(self.collected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_in_targets() {
        let request = Request::new(
            Method::Get,
            format!("/groups/g/links/{}", segment("a/b? ü")),
        )
        .with("domain", "/home/u/ü&1.h5")
        .flag("verbose", false)
        .flag("getobjs", true);
        assert_eq!(
            request.target(),
            "/groups/g/links/a%2Fb%3F%20%C3%BC?domain=/home/u/%C3%BC%261.h5&getobjs=1"
        );
    }

    #[test]
    fn bodies_without_end_are_refused() {
        let head = |status| Head {
            status,
            ..Head::default()
        };
        let mut words = Receiver::new(&head(404), Sink::Collect);
        words.take(&[b'x'; MOST_WORDS]).unwrap();
        let error = words.take(b"y").unwrap_err();
        assert!(error.contains("more than 1048576 bytes"), "{error}");
        let mut body = Receiver::new(&head(200), Sink::Collect);
        body.take(&[b'x'; MOST_WORDS]).unwrap();
        body.take(b"y").unwrap();
        assert_eq!(body.finish().unwrap().len(), MOST_WORDS + 1);
        // What is announced as too long is not read.
        let length = Some(MOST_COLLECTED as u64 + 1);
        let mut body = Receiver::new(
            &Head {
                length,
                ..head(200)
            },
            Sink::Collect,
        );
        assert!(body.take(b"[").is_err());
        // Nor is a document that takes as much.
        let length = Some(MOST_JSON as u64 + 1);
        let long = Head {
            length,
            ..head(200)
        };
        let error = Receiver::new(&long, Sink::Document).take(b"[").unwrap_err();
        assert!(error.contains("more than 268435456 bytes"), "{error}");
        assert!(Receiver::new(&long, Sink::Collect).take(b"[").is_ok());
    }

    #[test]
    fn pauses_are_seconds_or_dates() {
        assert_eq!(pause_of(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(
            pause_of("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::ZERO)
        );
        let later = SystemTime::now() + Duration::from_secs(100);
        let pause = pause_of(&httpdate::fmt_http_date(later)).unwrap();
        assert!((98..=100).contains(&pause.as_secs()), "{pause:?}");
        assert_eq!(pause_of("soon"), None);
    }

    #[test]
    fn a_body_must_fill_the_callers_memory_exactly() {
        let head = Head {
            status: 200,
            ..Head::default()
        };
        for (pieces, ok) in [
            (vec![&b"ab"[..], b"cd"], true),
            (vec![b"abc"], false),
            (vec![b"abcd", b"e"], false),
        ] {
            let mut memory = [0; 4];
            let mut receiver = Receiver::new(&head, Sink::Into(&mut memory));
            let taken = pieces.iter().all(|piece| receiver.take(piece).is_ok());
            assert_eq!(taken && receiver.finish().is_ok(), ok);
        }
    }

    #[test]
    fn bodies_of_failures_are_collected() {
        let head = Head {
            status: 404,
            ..Head::default()
        };
        let mut memory = [7; 4];
        let mut receiver = Receiver::new(&head, Sink::Into(&mut memory));
        receiver.take(b"404: no such thing").unwrap();
        assert_eq!(receiver.finish().unwrap(), b"404: no such thing");
        assert_eq!(memory, [7; 4]);
    }
}
