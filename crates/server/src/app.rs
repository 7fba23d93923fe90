//! What all requests share: the store, who may ask, and the server's settings.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::Semaphore;

use crate::auth::acl::{self, Acl};
use crate::auth::{Authenticator, Logins};
use crate::error::Result;
use crate::memory::{self, Memory};
use crate::metrics::Metrics;
use crate::model::domains::{self, NewDomain};
use crate::model::listings::Listings;
use crate::repetition::Repetitions;
use crate::routes::packed_elements;
use crate::store::Store;
use crate::uploads::Uploads;
use crate::values::ChunkLocks;

/// The folder that holds every user's own folder.
pub const HOME: &str = "/home";

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where clients reach this server; `hrefs` in replies start with it.
    pub endpoint: String,
    /// Largest body of a request or reply, in bytes.
    pub max_request_size: u64,
    /// Elements that come in a larger body are put into chunks while they come, in bytes.
    pub stream_from: u64,
    /// JSON answers of more values are written while their elements are read.
    pub write_json_from: usize,
    /// Largest JSON body of a request, in bytes: such are held in memory several times over.
    pub max_json_size: u64,
    /// Bytes of bodies that are in memory at a time, all of them together.
    pub max_body_memory: u64,
    /// Largest head of a request, in bytes: URL and headers.
    pub max_header_size: usize,
    /// How long the next 256 KiB of a request's body may take, or what is left of it.
    pub body_timeout: Duration,
    /// How long a query may look through elements.
    pub query_timeout: Duration,
    /// Web pages from these origins may use the API; `*` stands for all.
    pub cors_origins: Vec<String>,
    /// What users may do where no entry of a domain or object says anything.
    pub default_acl: Acl,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            max_request_size: 4 << 30,
            stream_from: 1 << 20,
            write_json_from: memory::MOST_VALUES,
            max_json_size: 256 << 20,
            max_body_memory: 2 << 30,
            max_header_size: 64 << 10,
            body_timeout: Duration::from_secs(60),
            query_timeout: Duration::from_secs(60),
            cors_origins: Vec::new(),
            default_acl: Acl::default(),
        }
    }
}

/// One server.
#[derive(Debug)]
pub struct App {
    /// All that it keeps.
    pub store: Arc<Store>,
    /// Who writes which chunks now.
    pub locks: Arc<ChunkLocks>,
    /// What listings were read lately.
    pub listings: Listings,
    /// How requests prove who sends them.
    pub authenticator: Authenticator,
    /// What it was started with.
    pub settings: Settings,
    /// When it was started.
    pub started: f64,
    /// What it has done.
    pub metrics: Arc<Metrics>,
    /// Places for bodies that are stored while they come.
    pub uploads: Uploads,
    /// Whose password is checked now.
    pub logins: Logins,
    /// Answers with elements that are packed at once.
    pub packings: Arc<Semaphore>,
    /// What large requests and answers take.
    pub memory: Memory,
    /// Answers to changes that must not be made twice.
    pub repetitions: Arc<Repetitions>,
    /// Users whose folder is known to exist.
    at_home: RwLock<HashSet<String>>,
}

impl App {
    /// A server over this store; makes the folders that all users expect.
    pub fn new(store: Store, authenticator: Authenticator, settings: Settings) -> Result<Self> {
        let app = Self {
            started: store.clock.now(),
            metrics: Arc::default(),
            repetitions: Arc::new(Repetitions::of(&store)?),
            logins: Logins::default(),
            packings: packed_elements::places(),
            memory: Memory::new(settings.max_body_memory),
            store: Arc::new(store),
            locks: Arc::default(),
            uploads: Uploads::default(),
            listings: Listings::default(),
            settings,
            at_home: RwLock::default(),
            authenticator,
        };
        app.ensure_folder(HOME, acl::ADMIN)?;
        for user in app.authenticator.users() {
            // A disk without room keeps nobody from reading.
            if let Err(error) = app.ensure_home(user) {
                tracing::warn!(user, %error, "the user's folder could not be made");
            }
        }
        Ok(app)
    }

    /// Whether a user's folder is known to exist, or cannot.
    pub fn is_at_home(&self, user: &str) -> bool {
        let sound = !user.is_empty() && !user.contains(['/', '\0']) && user != "." && user != "..";
        !sound || self.at_home.read().contains(user)
    }

    /// Makes a user's folder if there is none yet.
    pub fn ensure_home(&self, user: &str) -> Result<()> {
        if self.is_at_home(user) {
            return Ok(());
        }
        self.ensure_folder(&format!("{HOME}/{user}"), user)?;
        self.at_home.write().insert(user.to_owned());
        Ok(())
    }

    fn ensure_folder(&self, path: &str, owner: &str) -> Result<()> {
        if domains::find(&*self.store.read()?, path)?.is_some() {
            return Ok(());
        }
        let folder = NewDomain {
            path: path.to_owned(),
            owner: owner.to_owned(),
            root: None,
            linked: false,
            root_properties: None,
        };
        let store = self.store.clone();
        self.store
            .write(move |change| match domains::find(change, &folder.path)? {
                Some(_) => Ok(()),
                None => domains::create(change, &store, &folder).map(drop),
            })
    }
}
