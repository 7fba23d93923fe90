//! Values that are larger than the memory the server may use, in both directions.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::process::Process;

const DOMAIN: &str = "domain=/home/u/f.h5";
/// Most memory that the server may have used at any time,
const MOST_MEMORY: u64 = 256 << 20;
/// which is less than each value takes.
const VALUE: u64 = 384 << 20;
/// What values are made of and compared in.
const PIECE: usize = 1 << 20;

/// The bytes of a value, whatever their place in it.
trait Content {
    /// The next bytes of the value, up to the end of `into`.
    fn fill(&mut self, into: &mut [u8]);
}

/// Counting numbers of 8 bytes.
struct Numbers(u64);

impl Content for Numbers {
    fn fill(&mut self, into: &mut [u8]) {
        for number in into.chunks_exact_mut(8) {
            number.copy_from_slice(&self.0.to_le_bytes());
            self.0 += 1;
        }
    }
}

/// Texts of variable length in wire form, each 4096 bytes with its count.
struct Texts(u64);

impl Content for Texts {
    fn fill(&mut self, into: &mut [u8]) {
        for text in into.chunks_exact_mut(4096) {
            text[..4].copy_from_slice(&4092u32.to_le_bytes());
            text[4..].fill(b'a' + (self.0 % 26) as u8);
            text[4..12].copy_from_slice(format!("{:08}", self.0).as_bytes());
            self.0 += 1;
        }
    }
}

fn connect(server: &Process, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.url().rsplit('/').next().unwrap()).unwrap();
    let head = format!("{head}\r\nHost: x\r\nAuthorization: Basic dTpw\r\nConnection: close\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Sends a value of so many bytes; with its length, or in pieces of HTTP.
fn upload(server: &Process, path: &str, mut content: impl Content, announced: bool) -> String {
    let mut stream = connect(server, &format!("PUT {path}?{DOMAIN} HTTP/1.1"));
    let length = match announced {
        true => format!("Content-Length: {VALUE}"),
        false => "Transfer-Encoding: chunked".to_owned(),
    };
    write!(
        stream,
        "Content-Type: application/octet-stream\r\n{length}\r\n\r\n"
    )
    .unwrap();
    let mut piece = vec![0; PIECE];
    for _ in 0..VALUE / PIECE as u64 {
        content.fill(&mut piece);
        if !announced {
            write!(stream, "{PIECE:x}\r\n").unwrap();
        }
        stream.write_all(&piece).unwrap();
        if !announced {
            stream.write_all(b"\r\n").unwrap();
        }
    }
    if !announced {
        stream.write_all(b"0\r\n\r\n").unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// Reads a value, which must be this one.
fn download(server: &Process, path: &str, mut content: impl Content) {
    let stream = connect(server, &format!("GET {path}?{DOMAIN} HTTP/1.1"));
    let mut stream = BufReader::with_capacity(PIECE, stream);
    stream
        .get_mut()
        .write_all(b"Accept: application/octet-stream\r\n\r\n")
        .unwrap();
    let (mut line, mut in_pieces) = (String::new(), false);
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).unwrap();
        in_pieces |= line
            .to_lowercase()
            .starts_with("transfer-encoding: chunked");
    }
    let mut body: Box<dyn Read> = match in_pieces {
        true => Box::new(Pieces { stream, left: 0 }),
        false => Box::new(stream),
    };
    let (mut found, mut expected) = (vec![0; PIECE], vec![0; PIECE]);
    for at in 0..VALUE / PIECE as u64 {
        body.read_exact(&mut found).unwrap();
        content.fill(&mut expected);
        assert!(found == expected, "MiB {at} of {path}");
    }
    assert_eq!(body.read(&mut found).unwrap(), 0, "more than the value");
}

/// A body in pieces of HTTP, put together.
struct Pieces {
    stream: BufReader<TcpStream>,
    left: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            let mut line = String::new();
            while line.trim().is_empty() {
                line.clear();
                self.stream.read_line(&mut line)?;
            }
            self.left = usize::from_str_radix(line.trim(), 16).unwrap();
            if self.left == 0 {
                return Ok(0);
            }
        }
        let most = into.len().min(self.left);
        let taken = self.stream.read(&mut into[..most])?;
        self.left -= taken;
        Ok(taken)
    }
}

/// The most memory that the process has used so far.
fn most_memory(server: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes << 10
}

fn create(server: &Process, datatype: &Value, count: u64) -> String {
    let body = json!({"type": datatype, "shape": [count]});
    let (status, text) = server
        .send("POST", &format!("/datasets?{DOMAIN}"), &body.to_string())
        .unwrap();
    assert_eq!(status, 201, "{text}");
    let made: Value = serde_json::from_str(&text).unwrap();
    format!("/datasets/{}/value", made["id"].as_str().unwrap())
}

#[test]
fn values_larger_than_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let server = Process::without_spare_memory(&["--root", root]);
    assert_eq!(
        server.send("PUT", &format!("/?{DOMAIN}"), "{}").unwrap().0,
        201
    );
    let check = |what: &str| {
        let used = most_memory(&server);
        println!("{what}: {} MiB", used >> 20);
        assert!(used < MOST_MEMORY, "{what}: {} MiB", used >> 20);
    };
    check("at the start");

    let path = create(&server, &json!("H5T_STD_U64LE"), VALUE / 8);
    for announced in [true, false] {
        let answer = upload(&server, &path, Numbers(0), announced);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        check("numbers stored");
    }
    download(&server, &path, Numbers(0));
    check("numbers read");

    // Few elements, each in a chunk of its own.
    let layout = json!({"class": "H5D_CHUNKED", "dims": [1 << 20]});
    let body = json!({"type": "H5T_STD_U8LE", "shape": [VALUE],
        "creationProperties": {"layout": layout}});
    let made = server.send("POST", &format!("/datasets?{DOMAIN}"), &body.to_string());
    let made: Value = serde_json::from_str(&made.unwrap().1).unwrap();
    let path = format!("/datasets/{}/value", made["id"].as_str().unwrap());
    let path = format!("{path}?select=[0:{VALUE}:{}]&{DOMAIN}", 1 << 20);
    let octets = "application/octet-stream";
    let elements: Vec<u8> = (0..VALUE >> 20).map(|n| n as u8).collect();
    let sent = server.send_bytes("PUT", &path, octets, &elements);
    assert_eq!(sent.unwrap().0, 200);
    check("scattered elements stored");
    let read = server.send_bytes("GET", &path, octets, &[]);
    assert_eq!(read.unwrap(), (200, elements));

    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE",
        "charSet": "H5T_CSET_ASCII", "strPad": "H5T_STR_NULLTERM"});
    let path = create(&server, &text, VALUE / 4096);
    let answer = upload(&server, &path, Texts(0), true);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    check("texts stored");
    download(&server, &path, Texts(0));
    check("texts read");
    // More than there is room for is refused, and what came before is as it was sent.
    let path = create(&server, &text, VALUE / 4096 - 1);
    let answer = upload(&server, &path, Texts(0), true);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
