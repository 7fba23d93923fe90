//! A program's handle on an open file: a domain, the name it was opened by, and the intent.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use h5rest_client::{ClientError, ClientErrorKind, Domain, ServerInfo};
use h5rest_protocol::ObjectId;
use serde_json::{Map, Value};

use super::ahead;
use super::chunk_cache::ChunkCache;
use super::error::{Error, ErrorKind, Result};
use super::mounts::Mounting;
use super::object::{Name, Object};
use super::records::Content;
use super::registry;
use super::requests::{Follows, Job, Kind};
use super::session::Session;
use crate::config::{Config, Location};

/// An open file handle.
#[derive(Debug)]
pub struct File {
    name: String,
    writable: bool,
    config: Arc<Config>,
    session: Arc<Session>,
    /// Whether it was opened by following an external link.
    linked: bool,
    /// Whether another program's changes are to be seen as they come (H5F_ACC_SWMR_READ).
    follows_writer: AtomicBool,
    /// Whether it lets other programs read while it writes (H5Fstart_swmr_write).
    lets_others_read: AtomicBool,
    locking: OnceLock<FileLocking>,
    mounting: Mounting,
    chunk_cache: OnceLock<ChunkCache>,
}

/// How a program wants its files locked (H5Pset_file_locking). A server's files are not; programs
/// see what they set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLocking {
    /// Whether to lock.
    pub used: bool,
    /// Whether to go on where locks do not work.
    pub optional: bool,
}

/// What HDF5 1.14 keeps of each dataset unless it is told otherwise.
const DEFAULT_CHUNK_CACHE: u64 = 1 << 20;

impl File {
    fn new(name: &str, writable: bool, config: Arc<Config>, session: Arc<Session>) -> File {
        File {
            name: name.to_owned(),
            writable,
            config,
            session,
            linked: false,
            follows_writer: AtomicBool::new(false),
            lets_others_read: AtomicBool::new(false),
            locking: OnceLock::new(),
            mounting: Mounting::default(),
            chunk_cache: OnceLock::new(),
        }
    }

    /// Creates a domain. `exclusive` fails if it exists (H5F_ACC_EXCL), else an existing one is
    /// deleted first (H5F_ACC_TRUNC).
    pub fn create(
        config: &Config,
        name: &str,
        exclusive: bool,
        root_properties: Map<String, Value>,
    ) -> Result<Arc<File>> {
        let attempt = || -> Result<Session> {
            let location = config.locate(name)?;
            if is_open_here(&location) {
                let words = "this process has the file open";
                let kind = if exclusive {
                    ErrorKind::Exists
                } else {
                    ErrorKind::Invalid
                };
                return Err(Error::new(kind, words));
            }
            let client = registry::client(config, &location)?;
            let domain = location.domain(client.clone());
            make_room(&domain, exclusive)?;
            let root = ObjectId::new_root();
            let made = domain.create(root, &root_properties);
            let made = made.map_err(|error| explain_create(error, &location))?;
            let server = ServerInfo::of(&made);
            let root = root_of(&made)?;
            let session = Session::new(config, location, client, server, root);
            session.note_new_root(&made, root_properties);
            Ok(session)
        };
        let session =
            attempt().map_err(|error| error.context(format!("cannot create file '{name}'")))?;
        let session = registry::share(session);
        Ok(Arc::new(Self::new(
            name,
            true,
            Arc::new(config.clone()),
            session,
        )))
    }

    /// Opens an existing domain.
    pub fn open(config: &Config, name: &str, write: bool) -> Result<Arc<File>> {
        let attempt = || Self::open_at(config, name, config.locate(name)?, write);
        let opened = attempt().map(Arc::new).map_err(|error| {
            // A selected connector stands for all files: it does not pass local ones on.
            match error.kind() {
                ErrorKind::NotFound if std::path::Path::new(name).is_file() => error.context(
                    "the local file of that name is read by HDF5's native connector (without \
                     HDF5_VOL_CONNECTOR), not by this one",
                ),
                _ => error,
            }
        });
        opened.map_err(|error| error.context(format!("cannot open file '{name}'")))
    }

    /// Opens the target of a link in another file, which may not have credentials sent anywhere.
    pub(super) fn open_linked(
        config: &Config,
        location: Location,
        name: &str,
        write: bool,
    ) -> Result<Arc<File>> {
        let opened = Self::open_at(config, name, location, write)?;
        Ok(Arc::new(File {
            linked: true,
            ..opened
        }))
    }

    fn open_at(config: &Config, name: &str, location: Location, write: bool) -> Result<File> {
        if let Some(session) = registry::session(&location)
            && session.is_closing()
        {
            session.settle_all();
        }
        let session = match registry::session(&location) {
            Some(session) => session,
            None => registry::share(open_session(config, location, write)?),
        };
        Ok(Self::new(name, write, Arc::new(config.clone()), session))
    }

    /// A handle on a session that a test has made.
    #[cfg(test)]
    pub(super) fn of_session(name: &str, config: Config, session: Session) -> Arc<File> {
        Arc::new(Self::new(name, true, Arc::new(config), Arc::new(session)))
    }

    /// Another handle on the same domain, with the same intent.
    pub fn reopen(self: &Arc<Self>) -> Arc<File> {
        let (config, session) = (self.config.clone(), self.session.clone());
        let again = Self::new(&self.name, self.writable, config, session);
        again.note_chunk_cache(self.chunk_cache_settings());
        again
            .follows_writer
            .store(self.follows_writer(), Ordering::Relaxed);
        again
            .lets_others_read
            .store(self.lets_others_read(), Ordering::Relaxed);
        Arc::new(again)
    }

    /// The domain of that name, if this process has it open or something queued for it.
    pub fn known(config: &Config, name: &str) -> Option<Arc<Session>> {
        registry::session(&config.locate(name).ok()?)
    }

    /// Whether a domain of that name exists and may be read.
    pub fn probe(config: &Config, name: &str) -> Result<bool> {
        let location = config.locate(name)?;
        if registry::session(&location).is_some() {
            return Ok(true);
        }
        let client = registry::client(config, &location)?;
        match location.domain(client).get(false) {
            Ok(document) => Ok(root_of(&document).is_ok()),
            Err(error) if error.kind() == ClientErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::from(error).context(format!("cannot look for file '{name}'"))),
        }
    }

    /// Deletes a domain. One that this process has open is not deleted, as in HDF5.
    pub fn delete(config: &Config, name: &str) -> Result<()> {
        let attempt = || {
            let location = config.locate(name)?;
            if is_open_here(&location) {
                return Err(Error::invalid("this process has the file open"));
            }
            let domain = location.domain(registry::client(config, &location)?);
            // A folder answers to the same request, and an empty one would be deleted.
            root_of(&domain.get(false)?)?;
            Ok(domain.delete()?)
        };
        attempt().map_err(|error: Error| error.context(format!("cannot delete file '{name}'")))
    }

    /// The name as the program gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was opened for writing.
    pub fn writable(&self) -> bool {
        self.writable
    }

    /// Refuses changes through a handle that was opened for reading.
    pub fn check_writable(&self) -> Result<()> {
        if self.writable {
            return Ok(());
        }
        let words = format!("file '{}' was opened for reading only", self.name);
        Err(Error::new(ErrorKind::ReadOnly, words))
    }

    /// Bytes to keep of each dataset's elements, if its own access property list does not say.
    pub fn chunk_cache(&self) -> u64 {
        if self.follows_writer() {
            return 0;
        }
        let told = self.chunk_cache_settings();
        told.map_or(DEFAULT_CHUNK_CACHE, |cache| cache.bytes as u64)
    }

    /// The cache that the program wants for the datasets of this file, if it said so.
    pub fn chunk_cache_settings(&self) -> Option<ChunkCache> {
        self.chunk_cache.get().copied()
    }

    /// Notes [`File::chunk_cache_settings`], once.
    pub fn note_chunk_cache(&self, cache: Option<ChunkCache>) {
        if let Some(cache) = cache {
            self.chunk_cache.get_or_init(|| cache);
        }
    }

    /// A number that is the same for every handle on the same domain.
    pub fn fileno(&self) -> u64 {
        self.session.root().domain
    }

    /// The open domain behind it.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The settings it was opened with.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// Whether it was opened by following an external link.
    pub(super) fn is_linked(&self) -> bool {
        self.linked
    }

    /// From now on, extents of datasets are asked for at every look, and no elements are kept.
    pub fn follow_writer(&self) {
        self.follows_writer.store(true, Ordering::Relaxed);
    }

    /// Whether [`File::follow_writer`] was called.
    pub fn follows_writer(&self) -> bool {
        self.follows_writer.load(Ordering::Relaxed)
    }

    /// Says that others read from now on, and returns when the server has everything that they are
    /// to see. As in HDF5 that is said once, and only of a file that is open for writing.
    pub fn let_others_read(&self) -> Result<()> {
        self.check_writable()?;
        if self.lets_others_read() {
            return Err(Error::invalid("the file is in SWMR writing mode already"));
        }
        self.flush()?;
        self.lets_others_read.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether it was opened for readers beside it, or [`File::let_others_read`] was called.
    pub fn lets_others_read(&self) -> bool {
        self.lets_others_read.load(Ordering::Relaxed)
    }

    /// It was opened for readers beside it (H5F_ACC_SWMR_WRITE).
    pub fn open_beside_readers(&self) {
        self.lets_others_read.store(true, Ordering::Relaxed);
    }

    /// Notes how the program wants the file locked, unless it is known.
    pub fn note_locking(&self, locking: Option<FileLocking>) {
        if let Some(locking) = locking {
            self.locking.get_or_init(|| locking);
        }
    }

    /// How the program wants the file locked.
    pub fn locking(&self) -> Option<FileLocking> {
        self.locking.get().copied()
    }

    /// Its place among files that are mounted on groups of each other.
    pub(super) fn mounting(&self) -> &Mounting {
        &self.mounting
    }

    /// The group that absolute names start at: its root group, or that of the file at the top if it
    /// is mounted in another one.
    pub fn root(self: &Arc<Self>) -> Object {
        self.mount_top().own_root()
    }

    /// Its root group.
    pub(super) fn own_root(self: &Arc<Self>) -> Object {
        let name = Name::new(self, "/");
        Object::new(self.clone(), self.session.root(), Some(name))
    }

    /// Creation properties given when the domain was created.
    pub fn root_properties(&self) -> Result<Map<String, Value>> {
        match self.session.head(self.session.root())?.content {
            Content::Group(properties) => Ok((*properties).clone()),
            _ => Err(Error::protocol("the root of the domain is no group")),
        }
    }

    /// Bytes that the server stores for the domain, as far as it says so.
    pub fn stored_size(&self) -> Result<u64> {
        self.session.settle_all();
        self.session.flush_all_values()?;
        let size = self.session.domain()?.stored_size();
        let size = size.map_err(|error| {
            Error::from(error).context(format!("cannot measure file '{}'", self.name))
        })?;
        Ok(size.unwrap_or(0))
    }

    /// Returns when the server has everything durably, also what is queued.
    pub fn flush(&self) -> Result<()> {
        self.session.settle_all();
        self.session.flush()
    }

    /// Does later what [`File::flush`] does.
    pub fn flush_later(self: Arc<Self>) -> Arc<Job> {
        let session = self.session.clone();
        let work = Box::new(move || self.session.flush());
        session.submit(Kind::Values, Follows::Everything, work)
    }

    /// Returns when the server has acknowledged everything; durably, if the settings say so.
    pub fn close(&self) -> Result<()> {
        self.session.settle_all();
        self.end()
    }

    /// Does later what [`File::close`] does, after everything that is queued now.
    pub fn close_later(self: Arc<Self>) -> Arc<Job> {
        let session = self.session.clone();
        let work = Box::new(move || self.end());
        session.submit(Kind::Close, Follows::Everything, work)
    }

    fn end(&self) -> Result<()> {
        if self.config.durable_close && self.writable {
            return self.session.flush();
        }
        self.session.finish()
    }

    /// Whether both handles are on the same domain.
    pub fn same_domain(&self, other: &File) -> bool {
        Arc::ptr_eq(&self.session, &other.session)
            || (self.session.root() == other.session.root()
                && self.session.location().endpoint == other.session.location().endpoint)
    }
}

/// Whether this process has a file open. What is only queued for it is awaited: a program that has
/// closed everything may do with the file what it likes.
fn is_open_here(location: &Location) -> bool {
    if let Some(session) = registry::session(location) {
        session.settle_all();
    }
    registry::session(location).is_some()
}

fn open_session(config: &Config, location: Location, write: bool) -> Result<Session> {
    let client = registry::client(config, &location)?;
    for other in registry::namesakes(&location) {
        // What is refused is told by the flush or close of that file.
        let sent = other.send_all_values();
        if let Err(error) = sent.and(other.send_changes()) {
            log::warn!("'{}' may show an old state: {error}", location.domain);
        }
    }
    let domain = location.domain(client.clone());
    let answer = ahead::open(&domain, config.cache_bytes)?;
    let answer = answer.document()?;
    let document = ahead::without_objects(answer.root());
    let root = root_of(&document)?;
    if write {
        check_permission(&domain, &document, config)?;
    }
    let server = ServerInfo::of(&document);
    let session = Session::new(config, location, client, server, root);
    session.learn_opening(&session.question(), answer.root())?;
    Ok(session)
}

/// Fails early if the user may not write. The owner may, which costs no request to know.
fn check_permission(domain: &Domain, document: &Value, config: &Config) -> Result<()> {
    let user = config.username();
    if user.is_some() && user == document["owner"].as_str() {
        return Ok(());
    }
    for name in user.into_iter().chain(["default"]) {
        match domain.permissions(name) {
            Ok(Some(may)) if may.update || may.create => return Ok(()),
            Ok(Some(_)) if name == "default" && !is_administrator(domain) => {
                let words = format!(
                    "user '{}' may not change this file",
                    user.unwrap_or("(none)")
                );
                return Err(Error::new(ErrorKind::Denied, words));
            }
            Ok(_) => {}
            // Not allowed to know: then writing itself will tell.
            Err(error) if error.kind() == ClientErrorKind::Denied => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Administrators may do everything, whatever the lists say; only the server knows who is one.
fn is_administrator(domain: &Domain) -> bool {
    let about = domain.client().about();
    about.is_ok_and(|about| about["isadmin"] == Value::Bool(true))
}

/// The root group that a domain's document names; folders have none.
fn root_of(document: &Value) -> Result<ObjectId> {
    match document["root"].as_str() {
        Some(root) => Ok(root.parse()?),
        None => Err(Error::invalid("that is a folder, not a file")),
    }
}

/// Looks before creating: HSDS leaves a lost root group behind when it refuses to create a domain
/// that exists.
fn make_room(domain: &Domain, exclusive: bool) -> Result<()> {
    match domain.get(false) {
        Err(error) if error.kind() == ClientErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) if exclusive => Err(Error::exists("it exists already")),
        Ok(document) => {
            root_of(&document)?;
            match domain.delete() {
                Err(error) if error.kind() == ClientErrorKind::NotFound => Ok(()),
                done => Ok(done?),
            }
        }
    }
}

/// Says what is missing when a domain cannot be created.
fn explain_create(error: ClientError, location: &Location) -> Error {
    let parent = location
        .domain
        .rsplit_once('/')
        .map_or("", |(parent, _)| parent);
    let kind = error.kind();
    let error = Error::from(error);
    match kind {
        ClientErrorKind::NotFound => error.context(format!("folder '{parent}' may not exist")),
        ClientErrorKind::Conflict => error.context("it exists already"),
        _ => error,
    }
}
