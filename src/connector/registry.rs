//! What this process has open already: domains, which files share, and connections, which domains
//! share.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use h5rest_client::{Client, Credentials, Endpoint, RetryPolicy, Transport};
use parking_lot::Mutex;

use super::error::{Error, ErrorKind, Result};
use super::session::Session;
use crate::config::{Config, Location};

type ClientKey = (Endpoint, Credentials, Duration, Duration);

static CLIENTS: LazyLock<Mutex<HashMap<ClientKey, Client>>> = LazyLock::new(Mutex::default);
static SESSIONS: LazyLock<Mutex<HashMap<Location, Weak<Session>>>> = LazyLock::new(Mutex::default);

/// The client for a location. It stays for the life of the process: programs that open many files
/// one after the other keep their connections.
pub(super) fn client(config: &Config, location: &Location) -> Result<Client> {
    let key = key(config, location);
    if let Some(client) = CLIENTS.lock().get(&key) {
        return Ok(client.clone());
    }
    let made = Client::connect(key.0.clone(), &key.1, config.timeout);
    let client = made.map_err(|problem| Error::new(ErrorKind::Config, problem))?;
    let client = client.with_retry(retry(config));
    Ok(CLIENTS.lock().entry(key).or_insert(client).clone())
}

fn key(config: &Config, location: &Location) -> ClientKey {
    let Location {
        endpoint,
        credentials,
        ..
    } = location;
    let times = (config.timeout, config.retry_time);
    (endpoint.clone(), credentials.clone(), times.0, times.1)
}

fn retry(config: &Config) -> RetryPolicy {
    RetryPolicy {
        budget: config.retry_time,
        ..RetryPolicy::default()
    }
}

/// Puts another way to a server in place of HTTP, for tests that count or script requests.
#[doc(hidden)]
pub fn use_transport(
    config: &Config,
    name: &str,
    wrap: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>,
) -> Result<()> {
    let location = config.locate(name)?;
    let client = client(config, &location)?;
    let client = Client::new(wrap(client.transport().clone())).with_retry(retry(config));
    CLIENTS.lock().insert(key(config, &location), client);
    Ok(())
}

/// The open domain at a location, if this process has it open.
pub(super) fn session(location: &Location) -> Option<Arc<Session>> {
    SESSIONS.lock().get(location)?.upgrade()
}

/// Open domains of the same name elsewhere, or by another spelling of the endpoint: they may be the
/// same domain.
pub(super) fn namesakes(location: &Location) -> Vec<Arc<Session>> {
    let sessions = SESSIONS.lock();
    let alike = sessions
        .iter()
        .filter(|(other, _)| other.domain == location.domain && *other != location);
    alike.filter_map(|(_, session)| session.upgrade()).collect()
}

/// Adds a domain that was just opened; if another thread was faster, its session is used.
pub(super) fn share(session: Session) -> Arc<Session> {
    let mut sessions = SESSIONS.lock();
    sessions.retain(|_, open| open.strong_count() > 0);
    let location = session.location().clone();
    if let Some(open) = sessions.get(&location).and_then(Weak::upgrade) {
        return open;
    }
    let session = Arc::new(session);
    sessions.insert(location, Arc::downgrade(&session));
    session
}
