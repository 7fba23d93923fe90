//! Requests over unencrypted connections, on the thread that asks.
//!
//! Bytes go from the socket into the caller's memory, and from it, without a copy or another thread
//! in between; that makes large transfers as fast as the connection, and small requests several
//! times faster than by way of the network threads (`http`). Nothing here needs thread-local
//! storage, which is gone when a program ends and HDF5 closes its files. The time limit is one of
//! progress: every wait for the socket may take that long.

mod answer;
mod connection;
mod pool;

use std::io;
use std::time::Duration;

use self::connection::{Connection, Failed};
use self::pool::Pool;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::request::{Format, Request, Response, Sink};
use crate::transport::{TransportError, TransportFailure};

/// See [`crate::fuzzing`].
#[cfg(fuzzing)]
pub(crate) fn head_length(bytes: &[u8]) -> Option<usize> {
    answer::parse(bytes).ok()?.map(|(_, length)| length)
}

/// See [`crate::fuzzing`].
#[cfg(fuzzing)]
pub(crate) fn exchange(stream: std::os::unix::net::UnixStream, sink: Sink<'_>) -> Option<Vec<u8>> {
    let answer = Connection::over(stream.into()).exchange(b"GET / HTTP/1.1\r\n\r\n", b"", sink);
    answer.ok().map(|response| response.body)
}

/// Connections to one endpoint for one user.
pub(crate) struct Plain {
    endpoint: Endpoint,
    /// What every request says of the client; has secrets.
    headers: String,
    patience: Duration,
    pool: Pool,
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain").finish_non_exhaustive()
    }
}

impl Plain {
    /// Connections to an endpoint that is reached without encryption and without a proxy; `most`
    /// at once.
    pub fn new(
        endpoint: &Endpoint,
        credentials: &Credentials,
        patience: Duration,
        most: usize,
    ) -> Self {
        let mut headers = format!(
            "host: {}\r\nuser-agent: {}\r\n",
            endpoint.authority(),
            concat!("hdf5-vol-rest/", env!("CARGO_PKG_VERSION"))
        );
        for (name, value) in credentials.headers() {
            headers += &format!("{name}: {value}\r\n");
        }
        Self {
            endpoint: endpoint.clone(),
            headers,
            patience,
            pool: Pool::new(most),
        }
    }

    /// Sends a request and takes the answer, `packed` if the server can do it. A connection that was idle may be closed without one:
    /// then the request is sent again on a new connection, and the outcome says so, because nobody
    /// knows whether the server has carried it out before.
    pub fn send(
        &self,
        request: &Request,
        body: Option<(Format, &[u8])>,
        packed: bool,
        mut sink: Sink<'_>,
    ) -> Result<Response, TransportError> {
        let place = self.pool.place();
        let head = self.head(request, body, packed);
        let content = body.map_or(&[][..], |(_, content)| content);
        if let Some(mut connection) = place.idle() {
            let again = sink.again();
            match connection.exchange(head.as_bytes(), content, again) {
                // Most likely the server closed it while it was idle.
                Err(Failed::Unanswered) => {
                    let again = self.send_anew(place, head.as_bytes(), content, sink);
                    return match again {
                        Ok(response) => Ok(Response {
                            repeated: true,
                            ..response
                        }),
                        Err(error) => Err(TransportError {
                            repeated: true,
                            ..error
                        }),
                    };
                }
                outcome => return self.done(place, connection, outcome),
            }
        }
        self.send_anew(place, head.as_bytes(), content, sink)
    }

    fn send_anew(
        &self,
        place: pool::Place<'_>,
        head: &[u8],
        content: &[u8],
        sink: Sink<'_>,
    ) -> Result<Response, TransportError> {
        let mut connection = self.connect()?;
        let outcome = connection.exchange(head, content, sink);
        self.done(place, connection, outcome)
    }

    fn done(
        &self,
        place: pool::Place<'_>,
        connection: Connection,
        outcome: Result<Response, Failed>,
    ) -> Result<Response, TransportError> {
        match outcome {
            Ok(response) => {
                if connection.is_reusable() {
                    place.keep(connection);
                }
                Ok(response)
            }
            Err(Failed::Unanswered) => {
                let words = "the connection was closed without an answer";
                Err(self.error(TransportFailure::Broken, words))
            }
            Err(Failed::Io(during, error)) if is_timeout(&error) => {
                let words = format!("{during} for {} s", self.patience.as_secs_f64());
                Err(self.error(TransportFailure::Timeout, &words))
            }
            Err(Failed::Io(_, error)) => {
                Err(self.error(TransportFailure::Broken, &error.to_string()))
            }
            Err(Failed::Malformed(words)) => Err(self.error(TransportFailure::Broken, &words)),
        }
    }

    fn connect(&self) -> Result<Connection, TransportError> {
        Connection::open(&self.endpoint, self.patience).map_err(|error| {
            let failure = match error.kind() {
                io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
                    TransportFailure::Refused
                }
                _ if is_timeout(&error) => TransportFailure::Timeout,
                _ => TransportFailure::Broken,
            };
            self.error(failure, &error.to_string())
        })
    }

    /// The request's own text has no address: whoever reads this must learn who was silent.
    fn error(&self, failure: TransportFailure, words: &str) -> TransportError {
        TransportError::new(failure, format!("{words} from {}", self.endpoint))
    }

    /// Everything up to the body.
    fn head(&self, request: &Request, body: Option<(Format, &[u8])>, packed: bool) -> String {
        let (method, accept) = (request.method.name(), request.accept.media_type());
        let (prefix, target) = (self.endpoint.prefix(), request.target());
        let mut head = format!("{method} {prefix}{target} HTTP/1.1\r\n{}", self.headers);
        head += &format!("accept: {accept}\r\n");
        if packed {
            head += "accept-encoding: zstd\r\n";
        }
        if let Some(name) = &request.name {
            head += &format!("idempotency-key: {name}\r\n");
        }
        if let Some((format, content)) = body {
            let (kind, length) = (format.media_type(), content.len());
            head += &format!("content-type: {kind}\r\ncontent-length: {length}\r\n");
        } else if request.method.may_have_body() {
            head += "content-length: 0\r\n";
        }
        head += "\r\n";
        head
    }
}

fn is_timeout(error: &io::Error) -> bool {
    let kind = error.kind();
    kind == io::ErrorKind::WouldBlock || kind == io::ErrorKind::TimedOut
}
