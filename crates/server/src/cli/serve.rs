//! `h5rest serve`.

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use clap::Args;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::app::{App, Settings};
use crate::auth::{Authenticator, PasswordFile};
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
    /// Largest body of a request or reply, in bytes.
    #[arg(long, default_value_t = Settings::default().max_request_size, value_name = "BYTES")]
    max_request_size: u64,
}

impl Serve {
    /// Serves until it is told to stop.
    pub fn run(self) -> Result<()> {
        let filter =
            EnvFilter::try_from_env("H5REST_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .init();
        let address = self.address()?;
        let authenticator = match &self.password_file {
            Some(file) => Authenticator::with_passwords(PasswordFile::read(file)?),
            None if address.ip().is_loopback() || self.open => Authenticator::Trusting,
            None => bail!(
                "refusing to let everybody who reaches {address} in: give --password-file, \
                 listen on 127.0.0.1, or say --open"
            ),
        };
        let store = match self.memory {
            true => Store::in_memory(),
            false => Store::in_folder(&self.root)?,
        };
        let runtime =
            tokio::runtime::Runtime::new().context("cannot start the server's threads")?;
        runtime.block_on(self.serve(address, authenticator, store))
        // Requests in progress have ended, and each of them was durable when it was answered.
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
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr()?;
        let settings = Settings {
            endpoint: format!("http://{address}"),
            max_request_size: self.max_request_size,
            ..Settings::default()
        };
        let app = Arc::new(App::new(store, auth, settings)?);
        let router = routes::router(app);
        // Before READY: who reads it may ask to stop at once.
        let stop = stop_signal()?;
        let on_socket = match &self.socket {
            Some(path) => Some((listen_on_socket(path)?, router.clone())),
            None => None,
        };
        println!("READY http://{address}");
        std::io::stdout().flush()?;
        let tcp = axum::serve(
            axum::serve::ListenerExt::tap_io(listener, |stream| {
                // Replies are written whole; waiting for more to send only delays them.
                let _ = stream.set_nodelay(true);
            }),
            router,
        )
        .with_graceful_shutdown(stopped(stop.clone()));
        match on_socket {
            None => tcp.await?,
            Some((socket, router)) => {
                let unix = serve_socket(socket, router, stop);
                tokio::try_join!(async { tcp.await.map_err(anyhow::Error::from) }, unix)?;
            }
        }
        if let Some(path) = &self.socket {
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    }
}

async fn serve_socket(
    socket: UnixListener,
    router: Router,
    stop: watch::Receiver<bool>,
) -> Result<()> {
    axum::serve(socket, router)
        .with_graceful_shutdown(stopped(stop))
        .await?;
    Ok(())
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

async fn stopped(mut stop: watch::Receiver<bool>) {
    // The sender lives as long as the server.
    let _ = stop.wait_for(|stop| *stop).await;
}
