//! Connections that servers treat in unusual ways: closed while idle or before the request was
//! read, answers in chunks or up to the end of the connection.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use h5rest_client::{
    Credentials, Endpoint, Format, HttpTransport, Method, Request, Sink, Transport,
    TransportFailure,
};

/// A server whose connections are served by `serve`, with the number of each.
fn server(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> HttpTransport {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for (number, connection) in listener.incoming().enumerate() {
            let serve = serve.clone();
            thread::spawn(move || serve(number, connection.unwrap()));
        }
    });
    let endpoint = Endpoint::parse(&endpoint).unwrap();
    HttpTransport::new(endpoint, &Credentials::default(), Duration::from_secs(10)).unwrap()
}

/// Reads the head of a request, and as much of its body as `body` says.
fn skip_request(reader: &mut impl BufRead, body: usize) -> bool {
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        if line.trim().is_empty() {
            return reader.read_exact(&mut vec![0; body]).is_ok();
        }
    }
}

fn get(transport: &HttpTransport) -> Vec<u8> {
    let request = Request::new(Method::Get, "/");
    transport.send(&request, Sink::Collect).unwrap().body
}

#[test]
fn a_connection_closed_while_idle_is_replaced() {
    let opened = Arc::new(AtomicUsize::new(0));
    let counter = opened.clone();
    let transport = server(move |_, mut connection| {
        counter.fetch_add(1, Ordering::SeqCst);
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        skip_request(&mut reader, 0);
        connection
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            .unwrap();
        connection.shutdown(Shutdown::Both).unwrap();
    });
    for turn in 1..=5 {
        assert_eq!(get(&transport), b"ok");
        assert_eq!(opened.load(Ordering::SeqCst), turn);
    }
}

/// The server takes the second request and closes the connection without an answer, as one does
/// that stops just then: it is asked again on a new connection.
#[test]
fn a_connection_closed_instead_of_an_answer_is_replaced() {
    let transport = server(|number, mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        while skip_request(&mut reader, 0) {
            let body = format!("{number}");
            connection
                .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{body}").as_bytes())
                .unwrap();
            if number == 0 {
                skip_request(&mut reader, 0);
                return;
            }
        }
    });
    assert_eq!(get(&transport), b"0");
    assert_eq!(get(&transport), b"1");
    assert_eq!(get(&transport), b"1");
}

#[test]
fn chunks_arrive_whole_and_in_order() {
    let transport = server(|_, mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        while skip_request(&mut reader, 0) {
            connection
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .unwrap();
            for piece in 0..200usize {
                let body = vec![piece as u8; piece * 37 + 1];
                connection
                    .write_all(format!("{:x};note=1\r\n", body.len()).as_bytes())
                    .unwrap();
                connection.write_all(&body).unwrap();
                connection.write_all(b"\r\n").unwrap();
            }
            connection.write_all(b"0\r\nTrailer: x\r\n\r\n").unwrap();
        }
    });
    let expected: Vec<u8> = (0..200usize)
        .flat_map(|piece| vec![piece as u8; piece * 37 + 1])
        .collect();
    for _ in 0..2 {
        assert!(get(&transport) == expected);
        let mut memory = vec![0; expected.len()];
        let request = Request::new(Method::Get, "/");
        transport.send(&request, Sink::Into(&mut memory)).unwrap();
        assert!(memory == expected);
    }
}

#[test]
fn a_body_may_end_with_the_connection() {
    let transport = server(|_, mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        skip_request(&mut reader, 0);
        connection
            .write_all(b"HTTP/1.0 200 OK\r\n\r\n")
            .and_then(|()| connection.write_all(&[5; 100_000]))
            .unwrap();
    });
    for _ in 0..2 {
        assert_eq!(get(&transport), [5; 100_000]);
    }
}

/// A server that refuses a body answers before it has read it and closes the connection.
#[test]
fn a_refusal_before_the_body_was_read_is_told() {
    let transport = server(|_, mut connection| {
        let mut reader = BufReader::with_capacity(64, connection.try_clone().unwrap());
        skip_request(&mut reader, 0);
        connection
            .write_all(b"HTTP/1.1 413 Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge")
            .unwrap();
        // Reads on for a while, as servers do so that their answer is not lost.
        connection.shutdown(Shutdown::Write).unwrap();
        let mut skipped = [0; 4096];
        for _ in 0..100 {
            let _ = reader.read(&mut skipped);
        }
    });
    let body = vec![0; 32 << 20];
    let request = Request::new(Method::Put, "/x");
    for _ in 0..3 {
        match transport.send_with(&request, &body, Sink::Collect) {
            Ok(answer) => assert_eq!((answer.head.status, &answer.body[..]), (413, &b"large"[..])),
            // The system may have thrown the answer away together with the connection.
            Err(error) => assert_eq!(error.failure, TransportFailure::Broken, "{error:?}"),
        }
    }
}

#[test]
fn memory_of_the_caller_is_sent_as_a_body() {
    let transport = server(|_, mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        let mut heads = String::new();
        while reader.read_line(&mut heads).unwrap() > 2 {}
        let mut body = vec![0; 3_000_000];
        reader.read_exact(&mut body).unwrap();
        let said = format!(
            "{} {}",
            heads.contains("content-length: 3000000"),
            body[2_999_999]
        );
        connection
            .write_all(
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}",
                    said.len()
                )
                .as_bytes(),
            )
            .unwrap();
    });
    let body: Vec<u8> = (0..3_000_000).map(|n| (n % 251) as u8).collect();
    let request = Request::new(Method::Put, "/x");
    assert!(request.body.is_none() && request.accept == Format::Json);
    let answer = transport.send_with(&request, &body, Sink::Collect).unwrap();
    let expected = format!("true {}", body[2_999_999]);
    assert_eq!(String::from_utf8(answer.body).unwrap(), expected);
}
