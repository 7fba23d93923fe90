//! The client behind a proxy that makes requests go wrong, before a server that counts what it has
//! carried out: what a client must hide is hidden, everything else is one error in time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h5rest_client::{Client, Credentials, Domain, Endpoint, Part, RetryPolicy};
use h5rest_protocol::{ObjectClass, ObjectId, selection};
use h5rest_testkit::FaultProxy;
use h5rest_testkit::faults::{Fault, Plan};

const VALUES: [u8; 200] = [7; 200];

/// Answers every GET with the values and everything else with `{}`; counts what it has answered.
fn server() -> (h5rest_testkit::Endpoint, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let counter = counter.clone();
            thread::spawn(move || serve(connection.unwrap(), &counter));
        }
    });
    (h5rest_testkit::Endpoint::of_test_user(url), count)
}

/// Serves one request: the proxy asks once on each connection.
fn serve(mut connection: TcpStream, count: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        let header = header.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let length = Some(length).filter(|length: &usize| *length < 1 << 20)?;
    reader.read_exact(&mut vec![0_u8; length]).ok()?;
    count.fetch_add(1, Ordering::SeqCst);
    let body: &[u8] = match line.starts_with("GET") {
        true => &VALUES,
        false => b"{}",
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    connection.write_all(&[head.as_bytes(), body].concat()).ok()
}

fn domain(proxy: &FaultProxy, patience: Duration, budget: Duration) -> Domain {
    let endpoint = Endpoint::parse(&proxy.endpoint().url).unwrap();
    let client = Client::connect(endpoint, &Credentials::default(), patience).unwrap();
    let retry = RetryPolicy {
        budget,
        ..RetryPolicy::default()
    };
    Domain::new(client.with_retry(retry), "/home/u/f.h5", None)
}

fn read(domain: &Domain) -> h5rest_client::Result<()> {
    let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
    let mut values = [0; VALUES.len()];
    let space = selection::all(&[VALUES.len() as u64]);
    domain.read_into(id, Part::of(&space), &mut values)?;
    assert_eq!(values, VALUES);
    Ok(())
}

fn write(domain: &Domain) -> h5rest_client::Result<()> {
    let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
    let space = selection::all(&[VALUES.len() as u64]);
    domain.write(id, Part::of(&space), Bytes::from_static(&VALUES))
}

#[test]
fn what_happens_twice_in_a_row_is_hidden() {
    let (server, _) = server();
    let proxy = FaultProxy::before(&server).unwrap();
    let domain = domain(&proxy, Duration::from_secs(30), Duration::from_secs(60));
    for fault in Fault::HIDDEN {
        for seed in 0..4 {
            proxy.arm(Plan::steady(seed, &[fault], 100, 2));
            for request in [read, write] {
                let done = request(&domain);
                assert!(done.is_ok(), "{fault:?}: {}", done.unwrap_err());
            }
        }
    }
    let report = proxy.report();
    assert_eq!(report.early, 0, "before the time of Retry-After");
    assert_eq!(report.injected.len(), Fault::HIDDEN.len(), "{report:?}");
}

#[test]
fn what_lasts_is_one_error_in_time() {
    let (server, _) = server();
    let proxy = FaultProxy::before(&server).unwrap();
    let hasty = domain(
        &proxy,
        Duration::from_millis(300),
        Duration::from_millis(200),
    );
    for fault in Fault::ALL {
        for seed in 0..4 {
            proxy.arm(Plan::steady(seed, &[fault], 100, u32::MAX));
            for request in [read, write] {
                let started = Instant::now();
                // Some are harmless, and some only to one of the two.
                if let Err(error) = request(&hasty) {
                    let text = error.to_string();
                    assert!(text.contains("/value"), "{fault:?}: {text}");
                }
                let took = started.elapsed();
                assert!(took < Duration::from_secs(8), "{fault:?} took {took:?}");
            }
        }
    }
    proxy.calm();
    let patient = domain(&proxy, Duration::from_secs(30), Duration::from_secs(60));
    read(&patient).unwrap();
    write(&patient).unwrap();
}

/// A connection that was idle ends with the request: whether the server has carried it out is
/// unknown, so finding it done is no failure.
#[test]
fn a_deletion_whose_answer_was_lost_on_an_idle_connection_is_done() {
    let (server, count) = deleting_server();
    let proxy = FaultProxy::before(&server).unwrap();
    let domain = domain(&proxy, Duration::from_secs(30), Duration::from_secs(60));
    let id = ObjectId::new_root().new_in_domain(ObjectClass::Group);
    // The connection is open, and idle, after this.
    domain.delete_object(id).unwrap();
    count.store(0, Ordering::SeqCst);
    proxy.arm(Plan::steady(1, &[Fault::Lose], 100, 1));
    domain.delete_object(id).unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

/// A server where each thing can be deleted once.
fn deleting_server() -> (h5rest_testkit::Endpoint, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let answer = match counter.fetch_add(1, Ordering::SeqCst) {
                0 => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            };
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    (h5rest_testkit::Endpoint::of_test_user(url), count)
}
