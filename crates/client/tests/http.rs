//! The HTTP transport against servers that behave well and badly, one thread each.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h5rest_client::{
    Client, ClientErrorKind, Credentials, Domain, Endpoint, Format, HttpTransport, Method, Part,
    Request, RetryPolicy, Secret, Sink, Transport, TransportFailure,
};
use h5rest_protocol::selection;
use h5rest_protocol::{ObjectClass, ObjectId};
use h5rest_testkit::dead::DeadServer;

/// A request as a server sees it.
struct Seen {
    line: String,
    headers: String,
    body: Vec<u8>,
}

/// Reads one request; `None` at the end of the connection.
fn receive(connection: &mut BufReader<impl Read>) -> Option<Seen> {
    let mut line = String::new();
    connection
        .read_line(&mut line)
        .ok()
        .filter(|&read| read > 0)?;
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        connection.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        let lower = header.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        headers.push_str(&lower);
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    Some(Seen {
        line: line.trim().to_owned(),
        headers,
        body,
    })
}

/// Serves every connection with `serve`, each in a thread of its own.
fn server(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let serve = serve.clone();
            thread::spawn(move || serve(connection.unwrap()));
        }
    });
    Endpoint::parse(&endpoint).unwrap()
}

/// Answers every request with what `answer` makes of it.
fn answering(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Endpoint {
    server(move |mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        while let Some(seen) = receive(&mut reader) {
            connection.write_all(&answer(&seen)).unwrap();
        }
    })
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn transport(endpoint: Endpoint, patience: Duration) -> HttpTransport {
    HttpTransport::new(endpoint, &Credentials::default(), patience).unwrap()
}

const PATIENT: Duration = Duration::from_secs(30);

fn get() -> Request {
    Request::new(Method::Get, "/")
}

#[test]
fn bodies_go_both_ways_unchanged() {
    let endpoint = answering(|seen| ok(&seen.body));
    let client = transport(endpoint, PATIENT);
    for size in [0, 1, 70_000, 5 << 20] {
        let body: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        let request = Request::new(Method::Put, "/x").sending(Format::Binary, body.clone());
        let mut back = vec![0; size];
        client.send(&request, Sink::Into(&mut back)).unwrap();
        assert!(back == body, "{size} bytes");
        let collected = client.send(&request, Sink::Collect).unwrap();
        assert!(collected.body == body, "{size} bytes collected");
    }
}

#[test]
fn headers_are_what_hsds_wants() {
    let endpoint = answering(|seen| ok(seen.headers.as_bytes()));
    let credentials = Credentials {
        username: Some("u".into()),
        password: Some(Secret::new("p")),
        api_key: Some(Secret::new("k")),
        ..Credentials::default()
    };
    let client = HttpTransport::new(endpoint, &credentials, PATIENT).unwrap();
    let request = get().wanting_binary().sending(Format::Json, "{}");
    let answer = client.send(&request, Sink::Collect).unwrap();
    let headers = String::from_utf8(answer.body).unwrap();
    for expected in [
        "accept: application/octet-stream\r\n",
        "content-type: application/json\r\n",
        "authorization: basic dtpw\r\n",
        "x-api-key: k\r\n",
    ] {
        assert!(headers.contains(expected), "{expected:?} not in {headers}");
    }
    assert!(!format!("{client:?}").contains("dTpw"));
}

#[test]
fn one_after_the_other_they_share_a_connection() {
    let opened = Arc::new(AtomicUsize::new(0));
    let counter = opened.clone();
    let endpoint = server(move |mut connection| {
        counter.fetch_add(1, Ordering::Relaxed);
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        while receive(&mut reader).is_some() {
            connection.write_all(&ok(b"{}")).unwrap();
        }
    });
    let client = transport(endpoint, PATIENT);
    for _ in 0..20 {
        client.send(&get(), Sink::Collect).unwrap();
    }
    assert_eq!(opened.load(Ordering::Relaxed), 1);
}

#[test]
fn few_requests_are_on_their_way_at_once() {
    let now = AtomicUsize::new(0);
    let most = Arc::new(AtomicUsize::new(0));
    let seen = most.clone();
    let endpoint = answering(move |_| {
        let at_once = now.fetch_add(1, Ordering::SeqCst) + 1;
        seen.fetch_max(at_once, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        now.fetch_sub(1, Ordering::SeqCst);
        ok(b"{}")
    });
    let client = transport(endpoint, PATIENT);
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                for _ in 0..4 {
                    client.send(&get(), Sink::Collect).unwrap();
                }
            });
        }
    });
    let most = most.load(Ordering::SeqCst);
    assert!((2..=8).contains(&most), "{most} at once");
}

#[test]
fn silence_ends_at_the_limit() {
    let endpoint = server(|connection| {
        let mut reader = BufReader::new(connection);
        while receive(&mut reader).is_some() {}
    });
    let client = transport(endpoint, Duration::from_millis(300));
    let started = Instant::now();
    let error = client.send(&get(), Sink::Collect).unwrap_err();
    assert_eq!(error.failure, TransportFailure::Timeout);
    let took = started.elapsed();
    assert!(
        took >= Duration::from_millis(300) && took < Duration::from_secs(20),
        "{took:?}"
    );
}

#[test]
fn an_answer_that_stops_ends_at_the_limit() {
    let endpoint = server(|mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        while receive(&mut reader).is_some() {
            connection
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
                .unwrap();
        }
    });
    let client = transport(endpoint, Duration::from_millis(300));
    let error = client.send(&get(), Sink::Collect).unwrap_err();
    assert_eq!(error.failure, TransportFailure::Timeout);
}

#[test]
fn slow_progress_is_no_silence() {
    // Each piece takes less than half the limit, all of them more than the limit.
    let endpoint = server(|mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        while receive(&mut reader).is_some() {
            connection
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
                .unwrap();
            for _ in 0..4 {
                thread::sleep(Duration::from_millis(1200));
                connection.write_all(b"x").unwrap();
            }
        }
    });
    let client = transport(endpoint, Duration::from_secs(3));
    let answer = client.send(&get(), Sink::Collect).unwrap();
    assert_eq!(answer.body, b"xxxx");
}

#[test]
fn a_slow_upload_is_no_silence() {
    // 120 ms for each of 32 pieces: more than the limit in all, less for each.
    let endpoint = server(|mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        let mut line = String::new();
        while reader
            .read_line(&mut line)
            .is_ok_and(|_| !line.trim().is_empty())
        {
            line.clear();
        }
        let mut piece = vec![0; 1 << 20];
        for _ in 0..32 {
            reader.read_exact(&mut piece).unwrap();
            thread::sleep(Duration::from_millis(120));
        }
        connection.write_all(&ok(b"{}")).unwrap();
        while reader.read(&mut piece).is_ok_and(|read| read > 0) {}
    });
    let client = transport(endpoint, Duration::from_secs(3));
    let body = Bytes::from(vec![0; 32 << 20]);
    let request = Request::new(Method::Put, "/x").sending(Format::Binary, body);
    client.send(&request, Sink::Collect).unwrap();
}

#[test]
fn a_body_that_breaks_off_is_told_and_repeated() {
    let count = AtomicUsize::new(0);
    let endpoint = server(move |mut connection| {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        receive(&mut reader).unwrap();
        let whole = ok(&[7; 8]);
        let whole = match count.fetch_add(1, Ordering::Relaxed) {
            0 => &whole[..whole.len() - 3],
            _ => &whole[..],
        };
        connection.write_all(whole).unwrap();
    });
    let client = Client::connect(endpoint, &Credentials::default(), PATIENT).unwrap();
    let domain = Domain::new(client, "/d/f", None);
    let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
    let mut values = [0; 8];
    domain
        .read_into(id, Part::of(&selection::all(&[8])), &mut values)
        .unwrap();
    assert_eq!(values, [7; 8]);
}

#[test]
fn busy_servers_are_asked_again() {
    let count = AtomicUsize::new(0);
    let endpoint = answering(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec(),
        _ => ok(br#"{"root": "x"}"#),
    });
    let client = Client::connect(endpoint, &Credentials::default(), PATIENT).unwrap();
    let domain = Domain::new(client, "/d/f", None);
    assert_eq!(domain.get(false).unwrap()["root"], "x");
}

#[test]
fn a_server_that_stays_busy_is_given_up() {
    let endpoint = answering(|_| b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec());
    let client = Client::connect(endpoint, &Credentials::default(), PATIENT).unwrap();
    let client = client.with_retry(RetryPolicy {
        attempts: 3,
        first_pause: Duration::from_millis(1),
        ..RetryPolicy::default()
    });
    let error = Domain::new(client, "/d/f", None).get(false).unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ClientErrorKind::Unavailable, 3)
    );
    let text = error.to_string();
    assert!(
        text.contains("too busy") && text.contains("after 3 attempts"),
        "{text}"
    );
}

#[test]
fn redirections_are_not_followed() {
    let endpoint = answering(|_| {
        b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n".to_vec()
    });
    let client = Client::connect(endpoint, &Credentials::default(), PATIENT).unwrap();
    let error = Domain::new(client, "/d/f", None).get(false).unwrap_err();
    assert_eq!(error.kind(), ClientErrorKind::Protocol);
    assert!(
        error.to_string().contains("redirects to http://elsewhere/"),
        "{error}"
    );
}

#[test]
fn unix_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rest.sock");
    let listener = UnixListener::bind(&path).unwrap();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            while let Some(seen) = receive(&mut reader) {
                connection.write_all(&ok(seen.line.as_bytes())).unwrap();
            }
        }
    });
    let name = path.to_str().unwrap().replace('/', "%2F");
    let endpoint = Endpoint::parse(&format!("http+unix://{name}")).unwrap();
    let request = get().with("domain", "/home/f");
    let answer = transport(endpoint, PATIENT)
        .send(&request, Sink::Collect)
        .unwrap();
    assert_eq!(answer.body, b"GET /?domain=/home/f HTTP/1.1");
    let missing = Endpoint::parse("http+unix://%2Fnonexistent%2Fsocket").unwrap();
    let error = transport(missing, PATIENT)
        .send(&get(), Sink::Collect)
        .unwrap_err();
    assert_eq!(error.failure, TransportFailure::Refused, "{error:?}");
}

#[test]
fn nobody_there() {
    let dead = DeadServer::start().unwrap();
    let endpoint = Endpoint::parse(&dead.url().unwrap()).unwrap();
    let client = transport(endpoint, PATIENT);
    let error = client.send(&get(), Sink::Collect).unwrap_err();
    assert_eq!(error.failure, TransportFailure::Refused, "{error:?}");
    let unknown = Endpoint::parse("http://no-such-host.invalid").unwrap();
    assert!(
        transport(unknown, PATIENT)
            .send(&get(), Sink::Collect)
            .is_err()
    );
}

#[test]
fn an_encrypted_endpoint_that_is_not() {
    let plain = answering(|_| ok(b"{}"));
    let endpoint = plain.to_string().replace("http:", "https:");
    let client = transport(Endpoint::parse(&endpoint).unwrap(), PATIENT);
    let error = client.send(&get(), Sink::Collect).unwrap_err();
    assert!(!error.message.is_empty());
}

/// A C program dies of SIGPIPE unless it says otherwise, and its handlers of other signals expect
/// its own threads.
#[test]
fn signals_of_the_program_stay_away_from_network_threads() {
    let plain = answering(|_| ok(b"{}"));
    let endpoint = plain.to_string().replace("http:", "https:");
    let client = transport(Endpoint::parse(&endpoint).unwrap(), PATIENT);
    assert!(client.send(&get(), Sink::Collect).is_err());
    let mut seen = 0;
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap().path();
        let read = |file| std::fs::read_to_string(task.join(file)).unwrap_or_default();
        if !read("comm").starts_with("hdf5-rest-net") {
            continue;
        }
        let status = read("status");
        let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
        let Some(blocked) = blocked else { continue };
        let blocked = u64::from_str_radix(blocked.trim(), 16).unwrap();
        let is_blocked = |signal: i32| blocked & (1 << (signal - 1)) != 0;
        assert!(is_blocked(libc::SIGPIPE) && is_blocked(libc::SIGINT));
        assert!(!is_blocked(libc::SIGSEGV));
        seen += 1;
    }
    assert!(seen > 0, "no network thread was found");
}

/// Runs while thread-local storage is being destroyed, as HDF5 closes files while a program ends.
#[test]
fn requests_work_after_thread_local_storage_is_gone() {
    struct AtExit(HttpTransport, std::sync::mpsc::Sender<bool>);
    impl Drop for AtExit {
        fn drop(&mut self) {
            let body = Bytes::from(vec![1; 1 << 20]);
            let request = Request::new(Method::Put, "/x").sending(Format::Binary, body);
            let mut back = vec![0; 1 << 20];
            let sent = self.0.send(&request, Sink::Into(&mut back));
            let _ = self.1.send(sent.is_ok() && back[77] == 1);
        }
    }
    thread_local! {
        static LAST: std::cell::OnceCell<AtExit> = const { std::cell::OnceCell::new() };
    }
    let endpoint = answering(|seen| ok(&seen.body));
    let (sender, result) = std::sync::mpsc::channel();
    thread::spawn(move || {
        // Registered first, so destroyed last: everything that a request registers on this thread
        // is gone by then.
        let client = transport(endpoint, PATIENT);
        LAST.with(|last| {
            let _ = last.set(AtExit(client, sender));
        });
        LAST.with(|last| last.get().unwrap().0.send(&get(), Sink::Collect).unwrap());
    })
    .join()
    .unwrap();
    assert!(result.recv().unwrap());
}
