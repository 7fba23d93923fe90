//! `h5rest serve`.

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tracing_subscriber::EnvFilter;

use super::serve_options::{Access, LimitOptions, TokenOptions};
use crate::app::App;
use crate::auth::acl::Acl;
use crate::auth::{Authenticator, PasswordFile};
use crate::listen::{self, Listener, Server};
use crate::routes;
use crate::store::Store;

/// Serves the HDF REST API.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:5101", value_name = "HOST:PORT")]
    bind: String,
    /// Listen on this Unix socket too.
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Folder in which everything is kept.
    #[arg(
        long,
        default_value = "h5rest-data",
        value_name = "DIR",
        conflicts_with = "memory"
    )]
    root: PathBuf,
    /// Keep everything in memory; it is gone when the server stops.
    #[arg(long)]
    memory: bool,
    /// File of `user:password` lines (plain, or an argon2 or bcrypt hash). Without it every
    /// request is allowed and acts as the user it names.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Allow an address that others can reach although there is no password file.
    #[arg(long)]
    open: bool,
    /// File with the certificate chain (PEM): the server speaks https.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// File with the certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    tokens: TokenOptions,
    #[command(flatten)]
    limits: LimitOptions,
    /// What users may do in domains whose rights (`/acls`) name neither them nor `default`: some of
    /// create, read, update, delete, readACL, updateACL, with commas between them.
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "RIGHTS"
    )]
    default_acl: Acl,
    /// Web pages from this origin may use the API; `*` stands for all. May be given several times.
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<String>,
    /// Form of the log.
    #[arg(long, value_enum, default_value_t = LogForm::Text, value_name = "FORM")]
    log_format: LogForm,
}

/// Forms of the log.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogForm {
    /// A line of text for each event.
    Text,
    /// A JSON document for each event.
    Json,
}

/// How long work that nobody waits for any more may keep the server from ending.
const AT_THE_END: Duration = Duration::from_secs(2);

impl Serve {
    /// Serves until it is told to stop.
    pub fn run(self) -> Result<()> {
        self.start_log();
        let address = self.address()?;
        let authenticator = self.authenticator(address)?;
        let store = match self.memory {
            true => Store::in_memory_with(&self.limits.store()),
            false => Store::in_folder_with(&self.root, &self.limits.store())?,
        };
        allow_many_connections();
        let runtime =
            tokio::runtime::Runtime::new().context("cannot start the server's threads")?;
        let outcome = runtime.block_on(self.serve(address, authenticator, store));
        // Requests in progress have ended, and each of them was durable when it was answered; or their time is
        // over, and nobody waits for what they still do.
        runtime.shutdown_timeout(AT_THE_END);
        outcome
    }

    fn start_log(&self) {
        let filter =
            EnvFilter::try_from_env("H5REST_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        match self.log_format {
            LogForm::Text => log.init(),
            LogForm::Json => log.json().init(),
        }
    }

    fn authenticator(&self, address: SocketAddr) -> Result<Authenticator> {
        let passwords = self.password_file.as_deref().map(PasswordFile::read);
        let tokens = self.tokens.read()?;
        match (passwords.transpose()?, tokens) {
            (None, None) if address.ip().is_loopback() || self.open => Ok(Authenticator::Trusting),
            (None, None) => bail!(
                "refusing to let everybody who reaches {address} in: give --password-file or \
                 --jwt-key or --jwks, listen on 127.0.0.1, or say --open"
            ),
            (passwords, tokens) => Ok(Authenticator::checking(
                passwords.unwrap_or_default(),
                tokens,
            )),
        }
    }

    fn address(&self) -> Result<SocketAddr> {
        let mut found = self.bind.to_socket_addrs().with_context(|| {
            format!(
                "--bind {}: expected an address and a port, as in 127.0.0.1:5101",
                self.bind
            )
        })?;
        found
            .next()
            .with_context(|| format!("--bind {}: no such address", self.bind))
    }

    async fn serve(self, address: SocketAddr, auth: Authenticator, store: Store) -> Result<()> {
        let tls = match (&self.tls_certificate, &self.tls_key) {
            (Some(certificates), Some(key)) => Some(listen::encryption(certificates, key)?),
            _ => None,
        };
        let tcp = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let address = tcp.local_addr()?;
        if address.ip().is_loopback() {
            listen::send_without_pauses(&tcp);
        }
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://{address}");
        let access = Access {
            cors_origins: self.cors_origin,
            default_acl: self.default_acl,
        };
        let settings = self.limits.settings(endpoint.clone(), access);
        let app = Arc::new(App::new(store, auth, settings)?);
        let limits = self.limits.connections();
        let server = Server {
            free: Arc::new(Semaphore::new(limits.connections)),
            limits,
            metrics: app.metrics.clone(),
            lookout: app.store.lookout.clone(),
            router: routes::router(app),
            // Before READY: who reads it may ask to stop at once.
            stop: stop_signal()?,
        };
        let unix = match &self.socket {
            Some(path) => Some(Listener::Unix(listen_on_socket(path)?)),
            None => None,
        };
        println!("READY {endpoint}");
        std::io::stdout().flush()?;
        let tcp = match tls {
            Some(tls) => Listener::Tls(tcp, tls),
            None => Listener::Tcp(tcp),
        };
        match unix {
            None => server.serve(tcp).await,
            Some(unix) => {
                tokio::join!(server.clone().serve(tcp), server.serve(unix));
            }
        }
        if let Some(path) = &self.socket {
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    }
}

/// Raises the number of files that may be open to what the system lets this user have: shells often
/// set 1024, and each connection is one.
fn allow_many_connections() {
    let now = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: now.maximum,
        maximum: now.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, most) {
        tracing::warn!(%error, "no more than {:?} files may be open", now.current);
    }
}

/// Takes the place of a socket that a dead server left, but not of a living one's.
fn listen_on_socket(path: &std::path::Path) -> Result<UnixListener> {
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        bail!("another server listens on {}", path.display());
    }
    let _ = std::fs::remove_file(path);
    UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))
}

/// Becomes true at SIGTERM or SIGINT.
fn stop_signal() -> Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = sender.send(true);
    });
    Ok(receiver)
}
