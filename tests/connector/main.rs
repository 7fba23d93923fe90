//! The connector's operations against a running server: an `h5rest` of the test's own, or the one
//! that `TEST_ENDPOINT` names (a real HSDS).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ahead;
mod attributes;
mod beside;
mod chained;
mod files;
mod late;
mod links;
mod objects;
mod threads;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use h5rest_client::{CountingTransport, Transport};
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Shape, StoredType};
use h5rest_testkit::{Endpoint, TestDomain, TestServer};
use hdf5_vol_rest::config::Config;
use hdf5_vol_rest::connector::{File, IndexBy, LinkOptions, Object, Order, use_transport};
use serde_json::Map;

/// A server, settings for it, and the name of a domain that is deleted in the end.
struct Place {
    server: TestServer,
    config: Config,
    domain: TestDomain,
}

impl Place {
    fn new(stem: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let server = TestServer::start().unwrap();
        let mut config = settings(server.endpoint());
        // Clients are shared by their settings. On a server that several tests use at once, what one of
        // them counts or breaks must not be the requests of another.
        config.timeout += Duration::from_millis(NUMBER.fetch_add(1, Ordering::Relaxed));
        let domain = TestDomain::new(server.endpoint(), stem);
        Self {
            server,
            config,
            domain,
        }
    }

    fn name(&self) -> &str {
        self.domain.path()
    }

    fn create(&self) -> Arc<File> {
        File::create(&self.config, self.name(), false, Map::new()).unwrap()
    }

    fn open(&self, write: bool) -> Arc<File> {
        File::open(&self.config, self.name(), write).unwrap()
    }

    /// Counts the requests of everything that is opened in this place from now on.
    fn count(&self) -> Arc<CountingTransport> {
        let mut counter = None;
        let wrap = |inner| {
            let counting = Arc::new(CountingTransport::new(inner));
            counter = Some(counting.clone());
            counting as Arc<dyn Transport>
        };
        use_transport(&self.config, self.name(), wrap).unwrap();
        counter.unwrap()
    }

    /// Settings by which the domain is another one to this process, as it is to another program.
    fn config_elsewhere(&self) -> Config {
        let mut endpoint = self.server.endpoint().clone();
        endpoint.url = match endpoint.url.contains("localhost") {
            true => endpoint.url.replace("localhost", "127.0.0.1"),
            false => endpoint.url.replace("127.0.0.1", "localhost"),
        };
        settings(&endpoint)
    }

    /// A second domain beside the first.
    fn beside(&self, stem: &str) -> TestDomain {
        TestDomain::new(self.server.endpoint(), stem)
    }
}

fn settings(endpoint: &Endpoint) -> Config {
    let Endpoint {
        url,
        username,
        password,
    } = endpoint;
    Config::from_info(Some(&format!(
        "endpoint={url};username={username};password={password}"
    )))
}

const PLAIN: LinkOptions = LinkOptions {
    intermediate: false,
    charset: CharSet::Ascii,
};

const WITH_GROUPS: LinkOptions = LinkOptions {
    intermediate: true,
    charset: CharSet::Ascii,
};

fn group(at: &Object, name: &str) -> Object {
    at.create_group(Some(name), &PLAIN, Map::new()).unwrap()
}

fn dataset(at: &Object, name: &str, ty: impl Into<StoredType>, dims: &[u64]) -> Object {
    let creation = Default::default();
    at.create_dataset(Some(name), &PLAIN, ty.into(), Shape::fixed(dims), creation)
        .unwrap()
}
