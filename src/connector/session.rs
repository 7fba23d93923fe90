//! One open domain, shared by every file handle of this process on it.
//!
//! It joins the server, the cache and the outbox: reads go to the server once; changes go into the
//! cache and the outbox, which sends them later. A request that is not such a change is made through
//! [`Session::domain`] or one of its relatives, which send first what waits. The cache's lock is
//! never held while a request is on its way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use h5rest_client::{Client, ClientErrorKind, Domain, ServerInfo};
use h5rest_protocol::document::Document;
use h5rest_protocol::{ObjectClass, ObjectId};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use super::cache::Cache;
use super::chunks::{Chunks, is_out_of_reach};
use super::document::Reader;
use super::error::{Error, Result};
use super::mounts::Mounts;
use super::new_ids::NewIds;
use super::outbox::{Change, Fate, Outbox, Subject};
use super::records::{Attributes, Content, Head, Links};
use super::requests::Requests;
use super::virtual_view::VirtualViews;
use crate::config::{Config, Location};

/// The links of a domain are asked for all at once only up to this number.
const MOST_LINKS_AT_ONCE: u64 = 200_000;
/// Other threads may refresh an object, or have it evicted, between two steps of one operation.
const ATTEMPTS: usize = 10;

/// One open domain.
#[derive(Debug)]
pub struct Session {
    location: Location,
    /// For requests that no change that waits can matter to; others go through `domain`.
    undrained: Domain,
    parallel: usize,
    /// Bytes of elements to keep, and of objects that are not open.
    cache_bytes: u64,
    /// Whether the links of all groups cannot be had.
    too_many_links: AtomicBool,
    /// Whether the top of the domain was asked for after it was opened.
    asked_for_top: AtomicBool,
    server: ServerInfo,
    root: ObjectId,
    new_ids: Mutex<NewIds>,
    cache: Arc<Mutex<Cache>>,
    mounts: Mounts,
    /// Whether changes may be sent after the calls that made them.
    write_behind: bool,
    outbox: Mutex<Arc<Outbox>>,
    /// Operations that programs do not wait for, once there were any.
    requests: Mutex<Option<Arc<Requests>>>,
    /// Elements of datasets that were read, or wait to be sent.
    chunks: Mutex<Option<Arc<Chunks>>>,
    virtual_views: VirtualViews,
    /// The file through whose link this one was reached: its flush or close tells what this one could not
    /// send when it was let go.
    link_from: Mutex<Option<Weak<Session>>>,
}

impl Session {
    pub(super) fn new(
        config: &Config,
        location: Location,
        client: Client,
        server: ServerInfo,
        root: ObjectId,
    ) -> Self {
        let domain = location.domain(client);
        let cache = Arc::<Mutex<Cache>>::default();
        let outbox = Outbox::new(domain.clone(), server.clone(), cache.clone());
        Self {
            undrained: domain,
            parallel: config.parallel,
            cache_bytes: config.cache_bytes,
            too_many_links: AtomicBool::new(false),
            asked_for_top: AtomicBool::new(false),
            location,
            server,
            root,
            new_ids: Mutex::new(NewIds::new(root)),
            cache,
            mounts: Mounts::default(),
            write_behind: config.write_behind,
            outbox: Mutex::new(outbox),
            requests: Mutex::new(None),
            chunks: Mutex::new(None),
            virtual_views: VirtualViews::default(),
            link_from: Mutex::default(),
        }
    }

    /// The outbox of this process.
    pub(super) fn outbox(&self) -> Arc<Outbox> {
        let mut outbox = self.outbox.lock();
        if !outbox.is_own() {
            let (domain, server) = (self.undrained.clone(), self.server.clone());
            let own = Outbox::new(domain, server, self.cache.clone());
            // What a parent process has queued is its own business.
            std::mem::forget(std::mem::replace(&mut *outbox, own));
        }
        outbox.clone()
    }

    /// The queue of this process.
    pub(super) fn requests(&self) -> Arc<Requests> {
        let mut requests = self.requests.lock();
        if let Some(own) = requests.as_ref().filter(|requests| requests.is_own()) {
            return own.clone();
        }
        let new = Requests::new();
        // What a parent process has queued is its own business.
        std::mem::forget(requests.replace(new.clone()));
        new
    }

    /// The queue, if this process has one.
    pub(super) fn known_requests(&self) -> Option<Arc<Requests>> {
        self.requests
            .lock()
            .clone()
            .filter(|requests| requests.is_own())
    }

    /// What this process keeps of the datasets' elements.
    pub(super) fn chunks(&self) -> Arc<Chunks> {
        let mut chunks = self.chunks.lock();
        if let Some(own) = chunks.as_ref().filter(|chunks| chunks.is_own()) {
            return own.clone();
        }
        let new = Chunks::new(self.cache_bytes, self.write_behind);
        // What a parent process has not sent is its own business.
        std::mem::forget(chunks.replace(new.clone()));
        new
    }

    /// The same, if this process keeps anything.
    pub(super) fn known_chunks(&self) -> Option<Arc<Chunks>> {
        let chunks = self.chunks.lock();
        chunks.clone().filter(|chunks| chunks.is_own())
    }

    /// Where the domain is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// What the server says about itself.
    pub fn server(&self) -> &ServerInfo {
        &self.server
    }

    /// How many requests one transfer may have on their way at once.
    pub fn parallel(&self) -> usize {
        self.parallel
    }

    /// The root group's id.
    pub fn root(&self) -> ObjectId {
        self.root
    }

    /// The id of an object that is made now.
    pub(super) fn new_id(&self, class: ObjectClass) -> ObjectId {
        self.new_ids.lock().next(class)
    }

    /// Typed calls on the domain, once the server has every change that was made before.
    pub(super) fn domain(&self) -> Result<&Domain> {
        self.send_changes()?;
        Ok(&self.undrained)
    }

    /// Typed calls about one object's own document, once the server has every change of it.
    pub(super) fn domain_about(&self, id: ObjectId) -> Result<&Domain> {
        self.outbox().send_changes_of(id)?;
        Ok(&self.undrained)
    }

    /// Typed calls about a dataset's elements, once the server has the dataset as it is now.
    pub(super) fn domain_for_values(&self, id: ObjectId) -> Result<&Domain> {
        self.outbox().send_before_values_of(id)?;
        Ok(&self.undrained)
    }

    /// The same before elements are written. What they refer to is there before them: a program that is
    /// killed leaves no reference to something that was never made.
    pub(super) fn domain_to_write(&self, id: ObjectId) -> Result<&Domain> {
        let refers = match self.cache().head(id).map(|head| &head.content) {
            Some(Content::Dataset(dataset)) => dataset.ty.datatype.has_references(),
            _ => false,
        };
        match refers {
            true => self.domain(),
            false => self.domain_for_values(id),
        }
    }

    pub(super) fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock()
    }

    /// How programs see virtual datasets that they have open.
    pub(super) fn virtual_views(&self) -> &VirtualViews {
        &self.virtual_views
    }

    /// What is mounted on groups of the domain.
    pub(super) fn mounts(&self) -> &Mounts {
        &self.mounts
    }

    // ---- knowing ----------------------------------------------------------------------------

    /// Whether neighbours of what is asked for are fetched with it.
    pub(super) fn looks_ahead(&self) -> bool {
        self.cache_bytes > 0
    }

    /// Whether the top of the domain has been asked for, and learned.
    pub(super) fn asked_for_top(&self) -> bool {
        self.asked_for_top.load(Ordering::Relaxed)
    }

    pub(super) fn note_asked_for_top(&self) {
        self.asked_for_top.store(true, Ordering::Relaxed);
    }

    /// Bytes that may be kept of objects that are not open.
    pub(super) fn cache_bytes(&self) -> u64 {
        self.cache_bytes
    }

    /// Bytes that are kept of objects, about.
    pub fn kept_bytes(&self) -> u64 {
        self.cache().bytes()
    }

    /// Makes sure that everything about an object is known: its own data, attributes, links.
    pub(super) fn load(&self, id: ObjectId) -> Result<()> {
        let known = {
            let mut cache = self.cache();
            cache.used(id)
        };
        if known {
            self.check(|| Subject::Object(id))
        } else {
            self.fetch(id)
        }
    }

    /// Keeps what the cache holds within its bounds. `id` was just asked for.
    pub(super) fn make_room(&self, id: ObjectId) {
        let outbox = self.outbox();
        let keep = |other: ObjectId| other.object == id.object || outbox.has_changes_of(other);
        self.cache().evict(self.cache_bytes, self.root.domain, keep);
    }

    /// The same when objects are made: what the server has been sent need not be kept. `id` was just
    /// made.
    pub(super) fn make_room_if_crowded(&self, id: ObjectId) {
        let crowded = self.cache().is_crowded(self.cache_bytes);
        if crowded {
            self.make_room(id);
        }
    }

    /// Makes sure that a group's links are known.
    pub(super) fn links(&self, group: ObjectId) -> Result<MappedMutexGuard<'_, Links>> {
        self.known(group, |cache| cache.links_mut(group))
    }

    /// Makes sure that an object's attributes are known.
    pub(super) fn attributes(&self, id: ObjectId) -> Result<MappedMutexGuard<'_, Attributes>> {
        self.known(id, |cache| cache.attributes_mut(id))
    }

    /// An object's own data.
    pub(super) fn head(&self, id: ObjectId) -> Result<Head> {
        self.look_at(id, Head::clone)
    }

    /// Takes what is wanted of an object's own data. Nothing else can be asked of the cache meanwhile.
    pub(super) fn look_at<T>(&self, id: ObjectId, look: impl FnOnce(&Head) -> T) -> Result<T> {
        let head = self.known(id, |cache| cache.head_mut(id))?;
        Ok(look(&head))
    }

    /// What the cache has of an object, which is asked for if need be.
    fn known<T>(
        &self,
        id: ObjectId,
        part: impl Fn(&mut Cache) -> Option<&mut T>,
    ) -> Result<MappedMutexGuard<'_, T>> {
        self.check(|| Subject::Object(id))?;
        for _ in 0..ATTEMPTS {
            if let Ok(found) = MutexGuard::try_map(self.cache(), &part) {
                return Ok(found);
            }
            self.load(id)?;
        }
        Err(forgotten(id))
    }

    /// The id of the object with this token, whose class is not known from the token.
    pub(super) fn id_of_token(&self, token: u64) -> Result<ObjectId> {
        let with_class = |class| ObjectId {
            class,
            domain: self.root.domain,
            object: token,
        };
        if token == self.root.object {
            return Ok(self.root);
        }
        if let Some(class) = self.cache().class_of(token) {
            return Ok(with_class(class));
        }
        for class in ObjectClass::ALL {
            match self.load(with_class(class)) {
                Ok(()) => return Ok(with_class(class)),
                Err(error) if error.kind() == super::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::not_found(format!(
            "no object of domain '{}' has the token {token:016x}",
            self.location.domain
        )))
    }

    /// Makes sure that the links of all groups are known, with one request, unless there are too
    /// many. Says whether they are.
    pub(super) fn load_all_links(&self) -> Result<bool> {
        if self.cache().is_complete() {
            return Ok(true);
        }
        // To find that out again would cost the largest request of all each time.
        if self.too_many_links.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let question = self.question();
        let groups = match self.domain()?.all_links(self.root, MOST_LINKS_AT_ONCE) {
            Ok(groups) => groups,
            // A link to a deleted object is enough for HSDS to refuse.
            Err(error)
                if matches!(
                    error.kind(),
                    ClientErrorKind::NotFound | ClientErrorKind::Unavailable
                ) =>
            {
                log::info!("the links of all groups stay unknown: {error}");
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        if !groups.is_object() {
            return Ok(false);
        }
        let groups = Document::of(&groups);
        let (mut reader, mut learned, mut count) = (Reader::default(), Vec::new(), 0);
        for (group, links) in groups.root().members() {
            let links = reader.links(links)?;
            count += links.len() as u64;
            learned.push((group.parse::<ObjectId>()?, links));
        }
        if count >= MOST_LINKS_AT_ONCE {
            log::info!("'{}' has too many links to know all", self.location.domain);
            self.too_many_links.store(true, Ordering::Relaxed);
            return Ok(false);
        }
        let mut cache = self.cache();
        let mut believed = true;
        for (group, links) in learned {
            believed &= cache.learn_links(question.number, group, links);
        }
        if believed {
            cache.set_complete();
        }
        drop(cache);
        Ok(believed)
    }

    // ---- changing ---------------------------------------------------------------------------

    /// Has a change made on the server: now, or later if the settings allow it. `place` is the path
    /// of the object that it is about. A failure means that it was not made.
    pub(super) fn post(&self, change: Change, place: Option<Arc<str>>) -> Result<()> {
        self.post_after(change, place, None).map(drop)
    }

    /// The same for a change that is left out if an earlier one is refused. Returns what becomes of it, for
    /// those that depend on it.
    pub(super) fn post_after(
        &self,
        change: Change,
        place: Option<Arc<str>>,
        after: Option<&Fate>,
    ) -> Result<Fate> {
        match self.write_behind {
            true => self.outbox().push(change, place, after),
            false => self.outbox().send_now(change, place, after),
        }
    }

    /// Notes that an object has changed.
    pub(super) fn changed(&self, id: ObjectId) {
        self.outbox().set_dirty();
        if let Some(head) = self.cache().head_mut(id) {
            head.modified = now();
        }
    }

    /// Fails if the server has refused a change of this after its call.
    pub(super) fn check(&self, subject: impl FnOnce() -> Subject) -> Result<()> {
        self.outbox().failures().check(subject)
    }

    /// Returns when the server has answered every change of metadata that was made before. What it
    /// refused is told by [`Session::finish`].
    pub(super) fn send_changes(&self) -> Result<()> {
        self.outbox().send()
    }

    /// Returns when the server has everything that was made before. Fails if it has refused any of
    /// it and nobody was told yet.
    pub fn finish(&self) -> Result<()> {
        let written = self.flush_all_values();
        let sent = self.send_changes();
        let told = sent.and_then(|()| self.outbox().failures().report(&self.location.domain));
        match (told, written) {
            (Err(failure), Err(refused)) => {
                // One is told now. Elements that were refused are told next time; others still wait.
                if !is_out_of_reach(&refused) {
                    self.tell_later(refused);
                }
                Err(failure)
            }
            (told, written) => told.and(written),
        }
    }

    /// Returns when everything is on the server's disk.
    pub fn flush(&self) -> Result<()> {
        let finished = self.finish();
        // What h5rest has acknowledged is durable; HSDS keeps changes in memory for seconds.
        let dirty = self.outbox().take_dirty() && !self.server.is_h5rest();
        if dirty && let Err(error) = self.undrained.flush() {
            self.outbox().set_dirty();
            let error = Error::from(error);
            finished?;
            return Err(error.context(format!("cannot flush '{}'", self.location.domain)));
        }
        finished
    }

    /// Has another session tell what this one cannot send when nothing of it is open any more.
    pub(super) fn told_by(&self, other: &Arc<Session>) {
        if !std::ptr::eq(self, &**other) {
            *self.link_from.lock() = Some(Arc::downgrade(other));
        }
    }

    /// Forgets what is known of an object, so that the next question goes to the server.
    pub(super) fn forget(&self, id: ObjectId) {
        self.outbox().failures().forgive(id);
        self.cache().forget(id);
    }

    /// A handle of an object was closed: an object without links goes with its last one.
    pub(super) fn closed(&self, id: ObjectId) {
        let (doomed, last) = {
            let mut cache = self.cache();
            (cache.closed(id), !cache.is_open(id))
        };
        if last && id.class == ObjectClass::Dataset {
            self.virtual_views.closed(id);
            self.release_values(id);
        }
        if let Some(after) = doomed
            && let Err(error) = self.delete_doomed(id, &after)
        {
            log::error!("object {id} had no link left but could not be deleted: {error}");
        }
    }
}

/// Changes made after the last file handle was closed are sent when nothing of the file is open any
/// more. There is nobody left to hear of a failure but the one who reads the program's messages.
impl Drop for Session {
    fn drop(&mut self) {
        let outbox = self.outbox.get_mut().clone();
        if !outbox.is_own() {
            std::mem::forget(outbox);
            return;
        }
        outbox.close();
        // What one attempt could not tell, the next one does.
        for _ in 0..2 {
            let Err(error) = self.finish() else {
                break;
            };
            log::error!("{error}");
            let domain = &self.location.domain;
            let link_from = self.link_from.get_mut().as_ref();
            if let Some(told) = link_from.and_then(Weak::upgrade) {
                let lost = format!("changes of '{domain}', reached by a link, are lost");
                told.tell_later(error.context(lost));
                continue;
            }
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("hdf5-vol-rest: changes of '{domain}' are lost: {error}\n"),
            );
        }
    }
}

/// Another thread refreshed the object between two steps of one operation.
fn forgotten(id: ObjectId) -> Error {
    Error::new(
        super::ErrorKind::Unavailable,
        format!("object {id} was refreshed by another thread at the same time"),
    )
}

/// Seconds since 1970.
pub(super) fn now() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0.0, |now| now.as_secs_f64())
}
