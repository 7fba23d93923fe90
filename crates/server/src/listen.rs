//! Connections: accepted, counted, given a limited time for what they must send, and ended in good
//! order. `cli::serve` starts one listener for each address.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use hyper::body::Body as _;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::attentive::{Answer, Attentive};
use crate::lookout::Lookout;
use crate::metrics::Metrics;
use crate::send_limit::SendLimit;

/// What connections may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; more wait until one ends.
    pub connections: usize,
    /// How long a client may take for the head of a request, or for the next one to begin.
    pub head: Duration,
    /// How long a client may take to agree on encryption.
    pub handshake: Duration,
    /// How long a client may take for the next part of an answer.
    pub send: Duration,
    /// How long running requests get when the server is stopped.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8192,
            head: Duration::from_secs(120),
            handshake: Duration::from_secs(10),
            send: Duration::from_secs(60),
            stop: Duration::from_secs(30),
        }
    }
}

/// Where connections come from.
pub enum Listener {
    /// An address and port.
    Tcp(TcpListener),
    /// The same, encrypted.
    Tls(TcpListener, TlsAcceptor),
    /// A socket in the file system.
    Unix(UnixListener),
}

/// What all listeners of a server share.
#[derive(Clone)]
pub struct Server {
    /// Answers requests.
    pub router: Router,
    /// Bounds of connections.
    pub limits: Limits,
    /// Places for connections that are still free.
    pub free: Arc<Semaphore>,
    /// Counts them.
    pub metrics: Arc<Metrics>,
    /// Looks for the next request before a thread sleeps.
    pub lookout: Arc<Lookout>,
    /// Becomes true when the server shall stop.
    pub stop: watch::Receiver<bool>,
}

/// Encryption with this certificate chain and key, both PEM.
///
/// # Errors
/// When a file cannot be read, or the two do not belong together.
pub fn encryption(certificates: &Path, key: &Path) -> Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read certificates from {}", certificates.display()))?;
    if chain.is_empty() {
        bail!("there is no certificate in {}", certificates.display());
    }
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read a private key from {}", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("certificate and private key cannot be used")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// For a listener on loopback, where there is no network whose speed must be found out: BBR, the
/// default of some machines, sends in portions with pauses in between, and large values take a quarter
/// longer. Its connections do as it does. Where the system refuses, it stays as it is.
pub fn send_without_pauses(listener: &TcpListener) {
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(listener).set_tcp_congestion(b"reno");
    #[cfg(not(target_os = "linux"))]
    let _ = listener;
}

impl Server {
    /// Serves until the server shall stop and the requests that run then have ended.
    pub async fn serve(self, listener: Listener) {
        let running = GracefulShutdown::new();
        let mut stopped = self.stop.clone();
        loop {
            let place = tokio::select! {
                place = self.free.clone().acquire_owned() => place,
                _ = stopped.wait_for(|stop| *stop) => break,
            };
            let Ok(place) = place else {
                break;
            };
            let accepted = async {
                match &listener {
                    Listener::Tcp(tcp) | Listener::Tls(tcp, _) => {
                        tcp.accept().await.map(|(stream, _)| Stream::Tcp(stream))
                    }
                    Listener::Unix(unix) => {
                        unix.accept().await.map(|(stream, _)| Stream::Unix(stream))
                    }
                }
            };
            let accepted = tokio::select! {
                accepted = accepted => accepted,
                _ = stopped.wait_for(|stop| *stop) => break,
            };
            let stream = match accepted {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Too many files are open, most likely: others have to be closed first.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let tls = match &listener {
                Listener::Tls(_, acceptor) => Some(acceptor.clone()),
                _ => None,
            };
            let watcher = running.watcher();
            let server = self.clone();
            tokio::spawn(async move {
                server.metrics.connections.inc();
                let outcome = server.connection(stream, tls, watcher).await;
                server.metrics.connections.dec();
                if let Err(error) = outcome {
                    tracing::debug!(%error, "a connection broke off");
                }
                drop(place);
            });
        }
        drop(listener);
        if tokio::time::timeout(self.limits.stop, running.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("requests were still running when the server stopped");
        }
    }

    async fn connection(
        &self,
        stream: Stream,
        tls: Option<TlsAcceptor>,
        watcher: hyper_util::server::graceful::Watcher,
    ) -> io::Result<()> {
        let answer = Answer::default();
        match (stream, tls) {
            (Stream::Unix(stream), _) => {
                let stream = self.limited(stream, &answer);
                self.requests(stream, answer, watcher).await
            }
            (Stream::Tcp(stream), None) => {
                // Answers are written whole; waiting for more to send only delays them.
                stream.set_nodelay(true)?;
                let stream = self.limited(stream, &answer);
                self.requests(stream, answer, watcher).await
            }
            (Stream::Tcp(stream), Some(tls)) => {
                stream.set_nodelay(true)?;
                let shaken = tls.accept(self.limited(stream, &answer));
                let shaken = tokio::time::timeout(self.limits.handshake, shaken);
                self.requests(shaken.await??, answer, watcher).await
            }
        }
    }

    fn limited<S>(&self, stream: S, answer: &Answer) -> SendLimit<Attentive<S>> {
        let stream = Attentive::new(stream, answer.clone(), self.lookout.clone());
        SendLimit::new(stream, self.limits.send)
    }

    async fn requests<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
        answer: Answer,
        watcher: hyper_util::server::graceful::Watcher,
    ) -> io::Result<()> {
        let router = TowerToHyperService::new(self.router.clone());
        let service = service_fn(move |request| {
            answer.begin();
            let (answer, answered) = (answer.clone(), router.call(request));
            async move {
                let response = answered.await?;
                answer.ready(response.body().size_hint().exact());
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .serve_connection(TokioIo::new(stream), service);
        watcher.watch(connection).await.map_err(io::Error::other)
    }
}

enum Stream {
    Tcp(tokio::net::TcpStream),
    Unix(tokio::net::UnixStream),
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn connections_on_loopback_send_without_pauses() -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            send_without_pauses(&listener);
            let _client = tokio::net::TcpStream::connect(listener.local_addr()?).await?;
            let (accepted, _) = listener.accept().await?;
            let congestion = socket2::SockRef::from(&accepted).tcp_congestion()?;
            assert!(congestion.starts_with(b"reno"), "{congestion:?}");
            Ok(())
        })
    }
}
