//! A server behind a web server, as installations of HSDS are: encrypted, under a prefix of its own, with
//! HTTP/2. `cargo xtask setup` fetches nginx.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::cache;
use crate::endpoint::Endpoint;
use crate::free_port::free_port;

/// Its name in the cache folder.
pub const PART: &str = "nginx";

/// Ports to try: another process may take a free one first.
const ATTEMPTS: usize = 5;
/// How long it may take to end, which it does between two requests.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running nginx; it ends with this value.
#[derive(Debug)]
pub struct Nginx {
    endpoint: Endpoint,
    folder: TempDir,
}

impl Nginx {
    /// Starts one in front of a server.
    ///
    /// # Errors
    /// When nginx is not there, or does not start; the text has what it printed.
    pub fn before(server: &Endpoint) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        fs::write(folder.path().join("certificate.pem"), made.cert.pem())?;
        fs::write(
            folder.path().join("key.pem"),
            made.signing_key.serialize_pem(),
        )?;
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            let settings = settings(folder.path(), port, &server.url);
            fs::write(folder.path().join("nginx.conf"), settings)?;
            // It returns when its sockets are open, and goes on in the background.
            let started = command(folder.path())?.output()?;
            if started.status.success() {
                let url = format!("https://localhost:{port}/api");
                let endpoint = Endpoint {
                    url,
                    ..server.clone()
                };
                return Ok(Self { endpoint, folder });
            }
            said = String::from_utf8_lossy(&started.stderr).into_owned();
        }
        anyhow::bail!("nginx does not start: {said}")
    }

    /// Where programs find the server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Its certificate, for `SSL_CERT_FILE`.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Ends it, and tells the protocol and the line of each request that it has answered.
    ///
    /// # Errors
    /// When it does not end.
    pub fn requests(self) -> Result<Vec<(String, String)>> {
        // It writes a line when an answer is complete, the last ones when it ends.
        self.stop()?;
        let log = fs::read_to_string(self.folder.path().join("access.log"))?;
        let split = |line: &str| {
            let (protocol, request) = line.split_once(' ').context("no protocol in the log")?;
            Ok((protocol.to_owned(), request.to_owned()))
        };
        log.lines().map(split).collect()
    }

    fn stop(&self) -> Result<()> {
        let pid = self.folder.path().join("pid");
        if !pid.exists() {
            return Ok(());
        }
        command(self.folder.path())?.args(["-s", "quit"]).output()?;
        let began = Instant::now();
        // Its process is not ours to wait for; the file goes with it.
        while pid.exists() {
            ensure!(began.elapsed() < STOP_LIMIT, "nginx does not end");
            std::thread::yield_now();
        }
        Ok(())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error:#}");
        }
    }
}

fn command(folder: &Path) -> Result<Command> {
    let mut command = Command::new(cache::completed(PART)?.join("usr/sbin/nginx"));
    command
        .args(["-p".as_ref(), folder.as_os_str()])
        .args(["-e", "error.log", "-c", "nginx.conf"]);
    Ok(command)
}

/// As the documentation of HSDS advises, all files in one folder.
fn settings(folder: &Path, port: u16, server: &str) -> String {
    let folder = folder.display();
    let user = match rustix::process::geteuid().is_root() {
        true => "user root;",
        false => "",
    };
    format!(
        "{user}
worker_processes 1;
pid {folder}/pid;
events {{}}
http {{
    log_format short '$server_protocol $request';
    access_log {folder}/access.log short;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        server_name localhost;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        client_max_body_size 0;
        location /api/ {{
            proxy_pass {server}/;
            proxy_http_version 1.1;
            proxy_request_buffering off;
        }}
    }}
}}
"
    )
}
