//! Requests that are meant to do harm: heads and bodies that come byte by byte, floods of headers, bodies that
//! unfold to hundreds of megabytes, answers that nobody takes. Each ends with an answer or the end of its connection, in
//! time and with bounded memory, and others are answered meanwhile.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

use crate::process::Process;

/// No answer of these tests takes as long.
const LONG: Duration = Duration::from_secs(60);
/// Far more than the server may need, in KiB.
const MOST_MEMORY: u64 = 1 << 20;
const AUTHORIZATION: &str = "Authorization: Basic dTpw\r\n";

fn connect(server: &Process) -> TcpStream {
    let stream = TcpStream::connect(server.url().rsplit('/').next().unwrap()).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.set_write_timeout(Some(LONG)).unwrap();
    stream
}

/// What comes until the other end closes the connection.
fn rest(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a byte again and again until the server has had enough; what it said, and how long that took.
fn dribble(stream: &mut TcpStream, byte: u8) -> (String, Duration) {
    let began = Instant::now();
    let (mut reader, mut writer) = (stream.try_clone().unwrap(), stream.try_clone().unwrap());
    let (ended, ending) = mpsc::channel::<()>();
    let writing = thread::spawn(move || {
        // The pause is what makes it slow.
        while ending.recv_timeout(Duration::from_millis(100)).is_err() {
            if writer.write_all(&[byte]).is_err() || began.elapsed() > LONG {
                break;
            }
        }
    });
    let answer = rest(&mut reader);
    let took = began.elapsed();
    // It has ended by itself, perhaps.
    let _ = ended.send(());
    writing.join().unwrap();
    (answer, took)
}

/// A new domain with a dataset of bytes, and the path of its value.
fn value(server: &Process, bytes: usize) -> String {
    let body = format!(
        r#"{{"type": "H5T_STD_U8LE", "shape": [{bytes}], "creationProperties":
            {{"layout": {{"class": "H5D_CHUNKED", "dims": [1048576]}}}}}}"#
    );
    described(server, &body)
}

/// A new domain with a dataset, and the path of its value.
fn described(server: &Process, body: &str) -> String {
    let made = server.send("PUT", "/?domain=/home/u/f", "{}").unwrap();
    assert_eq!(made.0, 201);
    let made = server.send("POST", "/datasets?domain=/home/u/f", body);
    let made: Value = serde_json::from_str(&made.unwrap().1).unwrap();
    let id = made["id"].as_str().unwrap();
    format!("/datasets/{id}/value?domain=/home/u/f")
}

fn head(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{AUTHORIZATION}{headers}\r\n")
}

fn most_memory(server: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.unwrap().parse().unwrap()
}

/// Elements of variable size of which a part has a size, and not a small one.
#[test]
fn strings_beside_megabytes_are_read_one_after_the_other() {
    const SIZE: usize = 4 << 20;
    let server = Process::with(&["--memory"]);
    let text = |length: &str| {
        format!(
            r#"{{"class": "H5T_STRING", "length": {length}, "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLPAD"}}"#
        )
    };
    let both = format!(
        r#"{{"class": "H5T_COMPOUND", "fields": [{{"name": "a", "type": {}}}, {{"name": "b", "type": {}}}]}}"#,
        text(&SIZE.to_string()),
        text("\"H5T_VARIABLE\"")
    );
    let path = described(&server, &format!(r#"{{"type": {both}, "shape": [98304]}}"#));
    let octets = "application/octet-stream";
    let some = path.replace("/home/u/f", "/home/u/f&select=[7:47]");
    let (status, bytes) = server.send_bytes("GET", &some, octets, &[]).unwrap();
    assert_eq!((status, bytes.len()), (200, 40 * (SIZE + 4)));
    let mut stream = connect(&server);
    let accept = format!("Accept: {octets}\r\n");
    stream
        .write_all(head("GET", &path, &accept).as_bytes())
        .unwrap();
    stream.read_exact(&mut vec![0; 10 * SIZE]).unwrap();
    drop(stream);
    let mut points = [5u64, 98_303].map(u64::to_le_bytes).concat();
    points = points.repeat(100);
    let (status, bytes) = server.send_bytes("POST", &path, octets, &points).unwrap();
    assert_eq!((status, bytes.len()), (200, 200 * (SIZE + 4)));
    let memory = most_memory(&server);
    assert!(memory < MOST_MEMORY / 2, "{memory} KiB");
}

#[test]
fn heads_and_bodies_that_come_byte_by_byte() {
    let limits = ["--memory", "--header-timeout", "5", "--body-timeout", "5"];
    let server = Process::with(&limits);
    let path = value(&server, 16 << 20);
    let document = "Content-Type: application/json\r\nContent-Length: 100000\r\n";
    let elements = "Content-Type: application/octet-stream\r\nContent-Length: 16777216\r\n";
    let cases = [
        ("GET /about HTTP/1.1\r\nX: ".to_owned(), None),
        (head("PUT", "/?domain=/home/u/g", document), Some(408)),
        (head("PUT", &path, elements), Some(408)),
    ];
    let check = |begin: String, expected: Option<u16>| {
        let mut stream = connect(&server);
        stream.write_all(begin.as_bytes()).unwrap();
        let (answer, took) = dribble(&mut stream, b'1');
        match expected {
            Some(status) => assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{answer}"
            ),
            None => assert!(!answer.contains(" 200 "), "{answer}"),
        }
        assert!(took < LONG / 2, "{begin:?} took {took:?}");
    };
    thread::scope(|scope| {
        for (begin, expected) in cases {
            let check = &check;
            scope.spawn(move || check(begin, expected));
        }
    });
}

/// Elements that are stored while they come occupy a thread each. So many clients that send none.
#[test]
fn clients_that_stop_sending_keep_nobody_from_working() {
    const CLIENTS: usize = 700;
    let server = Process::with(&["--memory"]);
    let path = value(&server, 16 << 20);
    let elements = "Content-Type: application/octet-stream\r\nContent-Length: 16777216\r\n";
    let begin = [head("PUT", &path, elements).as_bytes(), &[1; 1000]].concat();
    let stalled: Vec<TcpStream> = (0..CLIENTS)
        .map(|_| {
            let mut stream = connect(&server);
            stream.write_all(&begin).unwrap();
            stream
        })
        .collect();
    wait_until_running(&server, CLIENTS);
    let began = Instant::now();
    let part = path.replace("/home/u/f", "/home/u/f&select=[0:1000]");
    let octets = "application/octet-stream";
    let (status, bytes) = server.send_bytes("GET", &part, octets, &[]).unwrap();
    assert_eq!((status, bytes.len()), (200, 1000));
    let made = server.send("PUT", "/?domain=/home/u/other", "{}").unwrap();
    assert_eq!(made.0, 201);
    assert!(began.elapsed() < LONG / 3, "{:?}", began.elapsed());
    drop(stalled);
    // When they have gone, their places are free again.
    let sent = server.send_bytes("PUT", &path, octets, &vec![7; 16 << 20]);
    assert_eq!(sent.unwrap().0, 200);
}

fn wait_until_running(server: &Process, requests: usize) {
    // And the one that asks.
    let running = format!("h5rest_requests_running {}\n", requests + 1);
    let began = Instant::now();
    while !server
        .send("GET", "/metrics", "")
        .unwrap()
        .1
        .contains(&running)
    {
        assert!(began.elapsed() < LONG, "not all requests run");
        thread::yield_now();
    }
}

/// Sends a body until it is taken: on a machine that is busy this client may be too slow for the others, too,
/// and is sent away or, while it is still sending, cut off.
fn send_again(server: &Process, path: &str, kind: &str, body: &[u8]) {
    let began = Instant::now();
    loop {
        let sent = server.send_bytes("PUT", path, kind, body);
        let sent = sent.map(|(status, text)| (status, String::from_utf8_lossy(&text).into_owned()));
        match &sent {
            Some((200, _)) => return,
            Some((503, text)) if began.elapsed() < LONG => {
                assert!(text.contains("memory"), "{text}");
            }
            None if began.elapsed() < LONG => {}
            _ => panic!("{sent:?}"),
        }
    }
}

/// Clients that announce more than there is memory for bodies, and send little of it.
#[test]
fn documents_that_do_not_come_keep_nobody_waiting() {
    const CLIENTS: usize = 20;
    let server = Process::with(&["--memory"]);
    let path = value(&server, 1 << 20);
    let document = "Content-Type: application/json\r\nContent-Length: 268435456\r\n";
    let begin = head("PUT", &path, document) + "{\"value\": [";
    let stalled: Vec<TcpStream> = (0..CLIENTS)
        .map(|_| {
            let mut stream = connect(&server);
            stream.write_all(begin.as_bytes()).unwrap();
            stream
        })
        .collect();
    wait_until_running(&server, CLIENTS);
    let began = Instant::now();
    let elements = "7,".repeat(299_999);
    let elements = format!("{{\"select\": \"[0:300000]\", \"value\": [{elements}7]}}");
    assert_eq!(server.send("PUT", &path, &elements).unwrap().0, 200);
    assert!(began.elapsed() < LONG / 3, "{:?}", began.elapsed());
    drop(stalled);
}

/// Elements and documents that have come nearly as a whole, and do not come to an end: they take no more memory
/// than bodies may have, and leave it to others when they need it.
#[test]
fn bodies_that_stop_before_their_end_leave_their_memory_to_others() {
    const BYTES: usize = 24 << 20;
    let limits = ["--memory", "--body-timeout", "10", "--max-body-memory"];
    let server = Process::without_spare_memory(&[&limits[..], &["67108864"]].concat());
    let path = value(&server, 4 << 20);
    // All of it belongs to one chunk.
    let body = format!(
        r#"{{"type": "H5T_STD_U8LE", "shape": [{BYTES}], "creationProperties":
            {{"layout": {{"class": "H5D_CHUNKED", "dims": [{BYTES}]}}}}}}"#
    );
    let made = server.send("POST", "/datasets?domain=/home/u/f", &body);
    let made: Value = serde_json::from_str(&made.unwrap().1).unwrap();
    let large = format!(
        "/datasets/{}/value?domain=/home/u/f",
        made["id"].as_str().unwrap()
    );
    let stop = |number: usize| {
        let kind = match number % 2 {
            0 => "application/octet-stream",
            _ => "application/json",
        };
        let headers = format!("Content-Type: {kind}\r\nContent-Length: {BYTES}\r\n");
        let mut stream = connect(&server);
        let _ = stream.write_all(head("PUT", &large, &headers).as_bytes());
        // The server may take no more of it, or have had enough.
        let _ = stream.write_all(&vec![b' '; BYTES - 1]);
        rest(&mut stream)
    };
    thread::scope(|scope| {
        let stopped: Vec<_> = (0..12)
            .map(|number| scope.spawn(move || stop(number)))
            .collect();
        // Somebody is sent away while others wait.
        while !stopped.iter().any(thread::ScopedJoinHandle::is_finished) {
            thread::yield_now();
        }
        let elements = vec![7; 4 << 20];
        (0..10).for_each(|_| send_again(&server, &path, "application/octet-stream", &elements));
        let memory = most_memory(&server);
        assert!(memory < MOST_MEMORY / 4, "{memory} KiB");
        let answers: Vec<String> = stopped.into_iter().map(|one| one.join().unwrap()).collect();
        for answer in &answers {
            // Who is still sending when the connection is closed may not see why.
            let statuses = ["HTTP/1.1 503", "HTTP/1.1 408"];
            let cut_off = statuses.iter().any(|status| answer.starts_with(status));
            assert!(cut_off || answer.is_empty(), "{answer}");
        }
        assert!(answers.iter().any(|answer| answer.contains("retry-after")));
    });
}

/// Many bodies at once, each larger than the memory for all of them.
#[test]
fn bodies_larger_than_their_memory_are_taken_one_after_the_other() {
    const BYTES: usize = 20 << 20;
    let server = Process::with(&["--memory", "--max-body-memory", "1048576"]);
    let path = value(&server, BYTES);
    let half = BYTES / 2;
    thread::scope(|scope| {
        for number in 0..6u8 {
            let (server, path) = (&server, &path);
            scope.spawn(move || match number % 2 {
                0 => {
                    let elements = vec![number; BYTES];
                    send_again(server, path, "application/octet-stream", &elements);
                }
                _ => {
                    let (values, end) = ("1,".repeat(1 << 20), half + (1 << 20) + 1);
                    let select = format!("[{half}:{end}]");
                    let document = format!("{{\"select\":\"{select}\",\"value\":[{values}1]}}");
                    send_again(server, path, "application/json", document.as_bytes());
                }
            });
        }
    });
    let all = server.send_bytes("GET", &path, "application/octet-stream", &[]);
    let first = &all.unwrap().1[..half];
    assert!(first[0].is_multiple_of(2) && first.iter().all(|byte| *byte == first[0]));
}

/// Coordinates of more elements than one request may name are refused before they have come.
#[test]
fn coordinates_of_too_many_elements() {
    let server = Process::with(&["--memory", "--body-timeout", "5"]);
    let path = value(&server, 1 << 20);
    let headers = "Content-Type: application/octet-stream\r\nContent-Length: 104857608\r\n";
    let mut stream = connect(&server);
    stream
        .write_all(head("POST", &path, headers).as_bytes())
        .unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn floods_of_headers() {
    let server = Process::without_spare_memory(&["--memory"]);
    for (count, length) in [(101, 1), (60_000, 1), (50, 2_000), (1, 10_000_000)] {
        let mut stream = connect(&server);
        let mut flood = "GET /about HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".to_owned();
        for number in 0..count {
            flood += &format!("X-{number}: {}\r\n", "y".repeat(length));
        }
        // The server may have closed the connection before it has all of it.
        let _ = stream.write_all((flood + "\r\n").as_bytes());
        let answer = rest(&mut stream);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
            "{count} of {length}: {answer}"
        );
    }
    assert_eq!(server.send("GET", "/about", "").unwrap().0, 200);
    assert!(most_memory(&server) < MOST_MEMORY / 8);
}

/// 256 MiB of one byte, packed a thousandfold.
fn bomb(encoder: &str, byte: u8) -> Vec<u8> {
    let (mebibyte, best) = (vec![byte; 1 << 20], Compression::best());
    match encoder {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), best);
            (0..256).for_each(|_| encoder.write_all(&mebibyte).unwrap());
            encoder.finish().unwrap()
        }
        _ => {
            let mut encoder = ZlibEncoder::new(Vec::new(), best);
            (0..256).for_each(|_| encoder.write_all(&mebibyte).unwrap());
            encoder.finish().unwrap()
        }
    }
}

#[test]
fn bodies_that_unfold_to_hundreds_of_megabytes() {
    let limits = [
        "--memory",
        "--max-json-size",
        "33554432",
        "--max-request-size",
    ];
    let server = Process::without_spare_memory(&[&limits[..], &["16777216"]].concat());
    let path = value(&server, 1 << 20);
    for encoding in ["gzip", "deflate"] {
        for (path, kind, byte) in [
            ("/?domain=/home/u/g", "application/json", b' '),
            (path.as_str(), "application/json", b'['),
            (path.as_str(), "application/octet-stream", 0),
        ] {
            let body = bomb(encoding, byte);
            assert!(body.len() < 1 << 20);
            let headers = format!(
                "Connection: close\r\nContent-Type: {kind}\r\nContent-Encoding: {encoding}\r\n\
                 Content-Length: {}\r\n",
                body.len()
            );
            let mut stream = connect(&server);
            stream
                .write_all(head("PUT", path, &headers).as_bytes())
                .unwrap();
            let _ = stream.write_all(&body);
            let answer = rest(&mut stream);
            let refused = answer.starts_with("HTTP/1.1 413") || answer.starts_with("HTTP/1.1 400");
            assert!(refused, "{encoding} {kind}: {answer}");
        }
    }
    // What was packed twice is not unpacked twice.
    let twice = "Connection: close\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 3\r\n";
    let mut stream = connect(&server);
    let request = head("PUT", "/?domain=/home/u/g", twice) + "{}\n";
    stream.write_all(request.as_bytes()).unwrap();
    let answer = rest(&mut stream);
    assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
    let memory = most_memory(&server);
    assert!(memory < MOST_MEMORY / 4, "{memory} KiB");
}

/// A body without a length and without an end.
#[test]
fn bodies_without_end() {
    let limits = [
        "--memory",
        "--max-json-size",
        "4194304",
        "--max-request-size",
    ];
    let server = Process::without_spare_memory(&[&limits[..], &["8388608"]].concat());
    let path = value(&server, 1 << 20);
    for kind in ["application/json", "application/octet-stream"] {
        let headers = format!("Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\n");
        let mut stream = connect(&server);
        stream
            .write_all(head("PUT", &path, &headers).as_bytes())
            .unwrap();
        let chunk = [b"10000\r\n", &[b' '; 65536][..], b"\r\n"].concat();
        let mut reader = stream.try_clone().unwrap();
        let reading = thread::spawn(move || {
            let mut first = [0; 12];
            reader.read_exact(&mut first).map(|()| first)
        });
        while !reading.is_finished() && stream.write_all(&chunk).is_ok() {}
        let first = reading.join().unwrap().unwrap();
        let refused = first == *b"HTTP/1.1 413" || first == *b"HTTP/1.1 400";
        assert!(refused, "{kind}: {}", String::from_utf8_lossy(&first));
    }
    assert!(most_memory(&server) < MOST_MEMORY / 4);
}

/// Requests, one behind the other, from a client that never looks at an answer.
#[test]
fn requests_whose_answers_nobody_takes() {
    let server = Process::without_spare_memory(&["--memory", "--send-timeout", "1"]);
    let path = value(&server, 4 << 20);
    let accept = "Accept: application/octet-stream\r\n";
    let requests = head("GET", &path, accept).repeat(100);
    let mut stream = connect(&server);
    let began = Instant::now();
    while stream.write_all(requests.as_bytes()).is_ok() {
        assert!(began.elapsed() < LONG, "the server goes on and on");
    }
    assert_eq!(server.send("GET", "/about", "").unwrap().0, 200);
    assert!(most_memory(&server) < MOST_MEMORY / 4);
}

/// A byte that is to be written to all of four gigabytes.
#[test]
fn a_value_for_billions_of_elements() {
    let server = Process::with(&["--memory"]);
    let path = value(&server, 1 << 32);
    let all = r#"{"select": "[0:4294967295]", "element_count": 1, "value": [1]}"#;
    let (status, reason) = server.send("PUT", &path, all).unwrap();
    assert!(
        status == 413 && reason.contains("fewer elements"),
        "{reason}"
    );
    // Chunks that a batch may write to are smaller.
    let body = r#"{"type": "H5T_STD_U8LE", "shape": [4294967296], "creationProperties":
        {"layout": {"class": "H5D_CHUNKED", "dims": [262144]}}}"#;
    let made = server.send("POST", "/datasets?domain=/home/u/f", body);
    let made: Value = serde_json::from_str(&made.unwrap().1).unwrap();
    let small = format!("/datasets/{}/value", made["id"].as_str().unwrap());
    let write = |body: &str| format!(r#"{{"method": "PUT", "path": "{small}", "body": {body}}}"#);
    let few = r#"{"select": "[0:9]", "element_count": 1, "value": [1]}"#;
    let wrong = r#"{"select": "[0:268435456]", "value_base64": "AA=="}"#;
    let operations = [write(all), write(wrong), write(few)].join(",");
    let batch = format!(r#"{{"operations": [{operations}]}}"#);
    let (status, results) = server
        .send("POST", "/batch?domain=/home/u/f", &batch)
        .unwrap();
    assert_eq!(status, 200, "{results}");
    let results: Value = serde_json::from_str(&results).unwrap();
    let statuses = [0, 1, 2].map(|at| results["results"][at]["status"].as_u64());
    assert_eq!(statuses, [Some(413), Some(400), Some(200)], "{results}");
    assert!(most_memory(&server) < MOST_MEMORY);
}
