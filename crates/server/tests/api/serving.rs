//! `h5rest serve` and `h5rest passwd` as programs: encryption, credentials, limits of connections,
//! the end.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::json;
use tempfile::TempDir;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto};

use crate::process::Process;

/// No answer of these tests takes as long.
const LONG: Duration = Duration::from_secs(60);

fn connect(server: &Process) -> TcpStream {
    let address = server.url().rsplit('/').next().unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream
}

/// What comes until the other end closes the connection.
fn rest(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ask(stream: &mut (impl Read + Write), path: &str, headers: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    rest(stream)
}

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn passwd(user: &str, file: Option<&Path>, password: &str) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_h5rest"));
    command.args(["passwd", user]);
    if let Some(file) = file {
        command.arg("--file").arg(file);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{password}").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), text)
}

#[test]
fn encrypted_connections() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let certificate = file(&folder, "certificate.pem", &made.cert.pem());
    let key = file(&folder, "key.pem", &made.signing_key.serialize_pem());
    let options = [
        "--memory",
        "--tls-certificate",
        certificate.to_str().unwrap(),
    ];
    let server = Process::with(&[&options[..], &["--tls-key", key.to_str().unwrap()]].concat());
    assert!(server.url().starts_with("https://"), "{}", server.url());
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(client, connect(&server));
    let answer = ask(&mut stream, "/about", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // Somebody who does not encrypt gets no answer, and others still do.
    let answer = ask(&mut connect(&server), "/about", "");
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[test]
fn key_that_does_not_fit_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let made = || rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let certificate = file(&folder, "certificate.pem", &made().cert.pem());
    let key = file(&folder, "key.pem", &made().signing_key.serialize_pem());
    let output = Command::new(env!("CARGO_BIN_EXE_h5rest"))
        .args([
            "serve",
            "--memory",
            "--bind",
            "127.0.0.1:0",
            "--tls-certificate",
        ])
        .arg(&certificate)
        .arg("--tls-key")
        .arg(&key)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("certificate and private key"), "{text}");
}

#[test]
fn passwords_made_by_passwd() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passwords");
    assert!(passwd("ann", Some(&file), "old").0);
    assert!(passwd("bob", Some(&file), "b").0);
    assert!(passwd("ann", Some(&file), "geheim").0);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        !text.contains("geheim") && text.contains("ann:$argon2id$"),
        "{text}"
    );
    assert!(!passwd("a/b", Some(&file), "x").0);
    assert!(!passwd("ann", Some(&file), "").0);
    let (done, line) = passwd("eve", None, "e");
    assert!(done && line.starts_with("eve:$argon2id$"), "{line}");
    let server = Process::with(&["--memory", "--password-file", file.to_str().unwrap()]);
    let status = |pair: &str| {
        let pair = base64::engine::general_purpose::STANDARD.encode(pair);
        let header = format!("Authorization: Basic {pair}\r\n");
        ask(&mut connect(&server), "/?domain=/home/ann", &header)[9..12].to_owned()
    };
    assert_eq!(status("ann:geheim"), "200");
    assert_eq!(status("ann:old"), "401");
    assert_eq!(status("eve:e"), "401");
}

#[test]
fn bearer_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "a secret of more than thirty-two bytes";
    let key = file(&folder, "key", secret);
    let server = Process::with(&["--memory", "--jwt-key", key.to_str().unwrap()]);
    let ask = |token: &str, path: &str| {
        let header = format!("Authorization: Bearer {token}\r\n");
        ask(&mut connect(&server), path, &header)
    };
    let token = |name: &str, secret: &str| {
        let claims = json!({"preferred_username": name, "exp": get_current_timestamp() + 100});
        let key = EncodingKey::from_secret(secret.as_bytes());
        encode(&Header::default(), &claims, &key).unwrap()
    };
    let answer = ask(&token("ann", secret), "/about");
    assert!(answer.contains("\"username\":\"ann\""), "{answer}");
    // Her folder was made when she came.
    let answer = ask(&token("ann", secret), "/?domain=/home/ann");
    assert!(answer.contains("\"owner\":\"ann\""), "{answer}");
    let answer = ask(
        &token("ann", "another secret of thirty-two bytes"),
        "/about",
    );
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(
        answer.to_lowercase().contains("www-authenticate: bearer"),
        "{answer}"
    );
    assert!(ask(&token("admin", secret), "/about").starts_with("HTTP/1.1 401"));
}

#[test]
fn bearer_tokens_of_a_set_of_keys() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = [
        "a secret of more than thirty-two bytes",
        "another secret of that length at least",
    ];
    let jwk = |id: &str, secret: &str| {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
        json!({"kty": "oct", "alg": "HS256", "use": "sig", "kid": id, "k": bytes})
    };
    let keys = file(
        &folder,
        "keys.json",
        &json!({"keys": [jwk("first", secrets[0])]}).to_string(),
    );
    let options = [
        "--memory",
        "--jwks",
        keys.to_str().unwrap(),
        "--jwt-audience",
        "h5rest",
    ];
    let server = Process::with(&options);
    let ask = |id: &str, secret: &str, audience: &str| {
        let claims = json!({"preferred_username": "ann", "aud": audience,
            "exp": get_current_timestamp() + 100});
        let head = Header {
            kid: Some(id.to_owned()),
            ..Header::default()
        };
        let key = EncodingKey::from_secret(secret.as_bytes());
        let token = encode(&head, &claims, &key).unwrap();
        let header = format!("Authorization: Bearer {token}\r\n");
        ask(&mut connect(&server), "/about", &header)
    };
    let answer = ask("first", secrets[0], "h5rest");
    assert!(answer.contains("\"username\":\"ann\""), "{answer}");
    for (id, secret, audience) in [
        ("first", secrets[1], "h5rest"),
        ("second", secrets[0], "h5rest"),
        ("first", secrets[0], "others"),
    ] {
        let answer = ask(id, secret, audience);
        assert!(
            answer.starts_with("HTTP/1.1 401"),
            "{id} {audience}: {answer}"
        );
    }
    // Keys change while the server runs.
    let both = json!({"keys": [jwk("first", secrets[0]), jwk("second", secrets[1])]});
    fs::write(&keys, both.to_string()).unwrap();
    for (id, secret) in ["first", "second"].into_iter().zip(secrets) {
        let answer = ask(id, secret, "h5rest");
        assert!(answer.starts_with("HTTP/1.1 200"), "{id}: {answer}");
    }
}

#[test]
fn clients_that_do_not_take_their_answer_are_left() {
    let server = Process::with(&["--memory", "--send-timeout", "1"]);
    let send = |method, path: &str, body: &str| {
        let (status, text) = server.send(method, path, body).unwrap();
        assert!(status < 300, "{text}");
        text
    };
    send("PUT", "/?domain=/home/u/f.h5", "{}");
    let body = r#"{"type": "H5T_STD_U8LE", "shape": [268435456], "creationProperties":
        {"layout": {"class": "H5D_CHUNKED", "dims": [1048576]}}}"#;
    let made = send("POST", "/datasets?domain=/home/u/f.h5", body);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let mut slow = connect(&server);
    let pair = base64::engine::general_purpose::STANDARD.encode("u:p");
    let head = format!(
        "GET /datasets/{}/value?domain=/home/u/f.h5 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \
         {pair}\r\nAccept: application/octet-stream\r\n\r\n",
        made["id"].as_str().unwrap()
    );
    slow.write_all(head.as_bytes()).unwrap();
    let mut first = [0; 12];
    slow.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    // Until only the connection that asks for this is left.
    while !send("GET", "/metrics", "").contains("\nh5rest_connections 1\n") {
        std::thread::yield_now();
    }
    let mut taken = Vec::new();
    let _ = slow.read_to_end(&mut taken);
    assert!(taken.len() < 256 << 20, "{} bytes", taken.len());
}

#[test]
fn connections_have_limits() {
    let limits = [
        "--max-connections",
        "1",
        "--header-timeout",
        "5",
        "--body-timeout",
        "5",
    ];
    let server = Process::with(&[&["--memory"][..], &limits].concat());
    // The head does not come: the connection ends, and the one that waited gets its turn.
    let mut slow = connect(&server);
    slow.write_all(b"GET /about HTT").unwrap();
    let answer = ask(&mut connect(&server), "/about", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!rest(&mut slow).contains("200"));
    // The body does not come.
    let mut slow = connect(&server);
    slow.write_all(b"PUT /?domain=/home/u/f HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        .unwrap();
    let answer = rest(&mut slow);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    // The head is too long.
    let path = format!("/about?x={}", "x".repeat(40_000));
    let header = format!("X: {}\r\n", "x".repeat(40_000));
    let answer = ask(&mut connect(&server), &path, &header);
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[test]
fn requests_that_run_are_answered_before_the_end() {
    let mut server = Process::with(&["--memory"]);
    let mut stream = connect(&server);
    let pair = base64::engine::general_purpose::STANDARD.encode("u:p");
    let head = format!(
        "PUT /?domain=/home/u/f.h5 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {pair}\r\n\
         Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body: the request runs.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    let id = i32::try_from(server.child.id()).unwrap();
    let killed = Command::new("kill").arg(id.to_string()).status().unwrap();
    assert!(killed.success());
    // New connections are refused from some time on.
    while let Ok(mut other) = TcpStream::connect(server.url().rsplit('/').next().unwrap()) {
        let _ = other.write_all(b"GET /about HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        rest(&mut other);
    }
    stream.write_all(b"{}").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(server.child.wait().unwrap().success());
}

/// Connections that stay open take all places: the server hears that it shall end nevertheless.
#[test]
fn the_end_comes_though_all_places_are_taken() {
    let mut server = Process::with(&["--memory", "--max-connections", "1"]);
    let mut stream = connect(&server);
    stream
        .write_all(b"GET /about HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut answered = [0; 12];
    stream.read_exact(&mut answered).unwrap();
    assert_eq!(&answered, b"HTTP/1.1 200");
    let id = server.child.id().to_string();
    assert!(Command::new("kill").arg(id).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
}
