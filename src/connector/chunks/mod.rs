//! Elements of datasets in memory: what was read and may be wanted again, what was written and
//! waits to be sent with its neighbours.
//!
//! `transfer::fetch` answers small reads and hands over small writes here; everything else that
//! moves values (`values`) tells so, because it must find the server up to date and what is kept
//! must stay true. Elements have a fixed size on the wire; those of variable size and those in
//! external files are never kept. Each open domain has one store, which all its files share.
//!
//! - `dataset` is the traffic of one dataset: what to ask, when to send, what to tell;
//! - `habits` decides how much to fetch;
//! - `tiles`, `tile`, `bits` are the bytes; `grid` and `slab` the geometry;
//! - `behind` sends what has waited long enough.

mod behind;
mod bits;
mod dataset;
mod deliver;
mod grid;
mod habits;
#[cfg(test)]
mod model;
mod slab;
mod tile;
mod tiles;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use h5rest_protocol::creation::Layout;
use h5rest_protocol::selection::{self, Selection};
use h5rest_protocol::{Extent, ObjectClass, ObjectId, Shape};
use parking_lot::Mutex;

use self::dataset::{Dataset, Form};
use self::deliver::Values;
use super::at_once::at_once;
use super::error::{Error, ErrorKind, Result};
use super::object::Object;
use super::process;
use super::records::DatasetInfo;
use super::session::Session;

/// Bytes of a domain that wait to be sent, at most.
const MOST_UNSENT: usize = 64 << 20;

/// A server that could not be reached this long ago is not tried again when a process ends.
const JUST_NOW: Duration = Duration::from_secs(10);

/// What is kept of the datasets of one open domain.
#[derive(Debug)]
pub(super) struct Chunks {
    /// A forked child inherits the bytes, but they are its parent's to send.
    process: u32,
    /// By the object half of the id.
    datasets: Mutex<HashMap<u64, Arc<Dataset>>>,
    /// Bytes that all datasets together may keep.
    most: u64,
    /// Whether writes may be collected.
    collects: bool,
    /// Whether a thread sends what has waited long enough.
    has_sender: AtomicBool,
    /// For that thread.
    ending: Arc<behind::Ending>,
    /// What a call could not be told that closed a dataset.
    untold: Mutex<Option<Error>>,
    /// When the server could not be reached the last time.
    lost: Mutex<Option<Instant>>,
    /// Counts reads and writes, to look at the sum of all datasets now and then.
    uses: AtomicU64,
}

impl Chunks {
    pub(super) fn new(most: u64, collects: bool) -> Arc<Self> {
        Arc::new(Self {
            process: process::number(),
            datasets: Mutex::default(),
            most,
            collects,
            has_sender: AtomicBool::new(false),
            ending: Arc::default(),
            untold: Mutex::new(None),
            lost: Mutex::new(None),
            uses: AtomicU64::new(0),
        })
    }

    /// Whether this process made it, and not the one it was forked from.
    pub(super) fn is_own(&self) -> bool {
        self.process == process::number()
    }

    fn known(&self, id: ObjectId) -> Option<Arc<Dataset>> {
        self.datasets.lock().get(&id.object).cloned()
    }

    fn is_lost_since(&self, begun: Instant) -> bool {
        self.lost.lock().is_some_and(|lost| lost >= begun)
    }

    fn has_unsent(&self) -> bool {
        let all = self.all();
        all.iter().any(|(_, dataset)| dataset.sizes().1 > 0)
    }

    fn all(&self) -> Vec<(u64, Arc<Dataset>)> {
        let datasets = self.datasets.lock();
        datasets
            .iter()
            .map(|(id, own)| (*id, own.clone()))
            .collect()
    }

    /// What is kept of a dataset; `most` bytes if nothing is yet.
    fn dataset(&self, object: &Object, most: u64) -> Arc<Dataset> {
        let mut datasets = self.datasets.lock();
        let new = || {
            let room = usize::try_from(most.min(self.most)).unwrap_or(usize::MAX);
            // A program that wants no cache wants its writes on their way at once.
            let collects = self.collects && most > 0;
            let name = object.to_string();
            Arc::new(Dataset::new(name, object.place(), room, collects))
        };
        datasets
            .entry(object.id().object)
            .or_insert_with(new)
            .clone()
    }

    /// Looks now and then whether all datasets together keep too much.
    fn bound(&self, session: &Session) -> Result<()> {
        if !self.uses.fetch_add(1, Ordering::Relaxed).is_multiple_of(64) {
            return Ok(());
        }
        let all = self.all();
        let sizes = all.iter().map(|(_, dataset)| dataset.sizes());
        let (known, unsent) = sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
        if known as u64 > self.most.max(unsent as u64) {
            all.iter().for_each(|(_, dataset)| dataset.forget(None));
        }
        if unsent <= MOST_UNSENT {
            return Ok(());
        }
        let mut all = all.iter();
        all.try_for_each(|(id, dataset)| dataset.send(&OnServer::new(session, *id)))
    }
}

/// The elements of a dataset on the server.
struct OnServer<S> {
    session: S,
    id: ObjectId,
}

impl<S: Deref<Target = Session>> OnServer<S> {
    fn new(session: S, object: u64) -> Self {
        let id = ObjectId {
            class: ObjectClass::Dataset,
            domain: session.root().domain,
            object,
        };
        Self { session, id }
    }

    /// Notes it if the server could not be reached: one time limit is enough for all datasets.
    fn noting_loss(&self, written: Result<()>) -> Result<()> {
        let session: &Session = &self.session;
        if let (Err(error), Some(chunks)) = (&written, session.known_chunks())
            && is_out_of_reach(error)
        {
            *chunks.lost.lock() = Some(Instant::now());
        }
        written
    }
}

impl<S: Deref<Target = Session>> Values for OnServer<S> {
    fn read(&self, sel: &Selection, into: &mut [u8]) -> Result<()> {
        self.session.get_values(self.id, sel, into)
    }

    fn write(&self, sel: &Selection, bytes: Bytes) -> Result<()> {
        self.noting_loss(self.session.put_values(self.id, sel, bytes))
    }

    fn write_all(&self, boxes: Vec<(Selection, Bytes)>) -> Vec<Result<()>> {
        let server = OnServer::<&Session> {
            session: &self.session,
            id: self.id,
        };
        // Boxes may share a chunk, and only h5rest says that this does no harm.
        let most = match server.session.server().is_h5rest() {
            true => server.session.parallel(),
            false => 1,
        };
        let lost = OnceLock::new();
        at_once(boxes, most, |(sel, bytes)| {
            // One time limit is enough.
            if let Some(error) = lost.get() {
                return Err(Error::clone(error));
            }
            let written = server.write(&sel, bytes);
            if let Err(error) = &written
                && is_out_of_reach(error)
            {
                lost.get_or_init(|| error.clone());
            }
            written
        })
    }

    fn post(&self, sel: &Selection, bytes: Bytes, place: Option<Arc<str>>) -> Result<()> {
        // Where too much waits already, the rest is sent first.
        self.noting_loss(self.session.post_values(self.id, sel, bytes, place))
    }

    fn write_points(&self, coords: &[u64], element: usize, bytes: &[u8]) -> Result<()> {
        let ends: Vec<usize> = (1..=bytes.len() / element).map(|n| n * element).collect();
        let rank = coords.len() / ends.len().max(1);
        self.session
            .put_points(self.id, (coords, rank), &ends, bytes)
    }
}

impl Session {
    fn known_values(&self, id: ObjectId) -> Option<Arc<Dataset>> {
        self.known_chunks()?.known(id)
    }

    /// Sends what was collected of a dataset: the server is about to be asked for it.
    pub(super) fn send_values(&self, id: ObjectId) -> Result<()> {
        match self.known_values(id) {
            Some(dataset) => dataset.send(&OnServer { session: self, id }),
            None => Ok(()),
        }
    }

    /// Sends what was collected of a dataset (a little of it with the changes of the domain that
    /// wait), tells what the server has refused of it, and forgets the rest.
    pub(super) fn flush_values(&self, id: ObjectId) -> Result<()> {
        let Some(dataset) = self.known_values(id) else {
            return Ok(());
        };
        let flushed = dataset.flush(&OnServer { session: self, id });
        dataset.forget(None);
        flushed
    }

    /// Does something while nothing that was collected of a dataset is on its way.
    pub(super) fn without_writes<T>(
        &self,
        id: ObjectId,
        act: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        match self.known_values(id) {
            Some(dataset) => dataset.without_writes(act),
            None => act(),
        }
    }

    /// Forgets what is known of a dataset and the server has.
    pub(super) fn forget_values(&self, id: ObjectId) {
        if let Some(dataset) = self.known_values(id) {
            dataset.forget(None);
        }
    }

    /// The same as [`Session::send_values`] for all datasets, as far as the server can be reached.
    pub(super) fn send_all_values(&self) -> Result<()> {
        let all = self.known_chunks().map(|chunks| chunks.all());
        let mut all = all.into_iter().flatten();
        all.try_for_each(|(id, dataset)| {
            let sent = dataset.send(&OnServer::new(self, id));
            sent.or_else(|error| match is_out_of_reach(&error) {
                true => Err(error),
                false => Ok(()),
            })
        })
    }

    /// The same as [`Session::flush_values`] for all datasets.
    pub(super) fn flush_all_values(&self) -> Result<()> {
        let Some(chunks) = self.known_chunks() else {
            return Ok(());
        };
        let begun = Instant::now();
        let mut outcome = chunks.untold.lock().take().map_or(Ok(()), Err);
        for (id, dataset) in chunks.all() {
            // One time limit is enough. If it was another thread's, whether the server is away is seen here.
            if outcome.is_err() && chunks.is_lost_since(begun) {
                break;
            }
            let flushed = dataset.flush(&OnServer::new(self, id));
            dataset.forget(None);
            if let (Ok(()), Err(_)) = (&outcome, &flushed) {
                outcome = flushed;
            } else if let Err(error) = flushed {
                log::error!("{error}");
            }
        }
        let mut datasets = chunks.datasets.lock();
        let cache = self.cache();
        datasets.retain(|&object, dataset| {
            cache.is_open(OnServer::new(self, object).id) || dataset.is_waiting()
        });
        outcome
    }

    /// Keeps a failure for the next flush or close of the file.
    pub fn tell_later(&self, failure: Error) {
        log::warn!("{failure}");
        self.chunks().untold.lock().get_or_insert(failure);
    }

    /// Gives up what was collected if the server could not be reached just now: the process ends,
    /// and must not wait for it once more. Fails if that is so and something is lost.
    pub fn give_up_values(&self) -> Result<()> {
        let Some(chunks) = self.known_chunks() else {
            return Ok(());
        };
        let lost = *chunks.lost.lock();
        if !chunks.has_unsent() || lost.is_none_or(|lost| lost.elapsed() > JUST_NOW) {
            return Ok(());
        }
        chunks.datasets.lock().clear();
        let words = "elements that were written are lost: the server is out of reach";
        Err(Error::new(ErrorKind::Unavailable, words))
    }

    /// Nobody has a dataset open any more.
    pub(super) fn release_values(&self, id: ObjectId) {
        if let Some(chunks) = self.known_chunks() {
            let mut datasets = chunks.datasets.lock();
            match datasets.get(&id.object) {
                Some(dataset) if dataset.is_waiting() => dataset.forget(None),
                _ => drop(datasets.remove(&id.object)),
            }
        }
    }

    /// A dataset is no more.
    pub(super) fn drop_values(&self, id: ObjectId) {
        if let Some(chunks) = self.known_chunks() {
            chunks.datasets.lock().remove(&id.object);
        }
    }
}

/// Whether an error means that trying again later may help: the server could not be reached, or
/// what came back was no answer.
pub(super) fn is_out_of_reach(error: &Error) -> bool {
    use ErrorKind::{Protocol, Timeout, Unavailable};
    matches!(error.kind(), Timeout | Unavailable | Protocol)
}

impl Object {
    /// How many bytes of this dataset to keep, unless a handle is open that has said so already.
    /// 0 switches off what is done here.
    pub fn set_chunk_cache(&self, bytes: u64) {
        self.session().chunks().dataset(self, bytes);
    }

    fn values(&self) -> (Arc<Chunks>, Arc<Dataset>) {
        let chunks = self.session().chunks();
        let dataset = match chunks.known(self.id()) {
            Some(dataset) => dataset,
            None => chunks.dataset(self, self.file().chunk_cache()),
        };
        (chunks, dataset)
    }

    /// Reads the selected elements of fixed size like [`Object::read_into`], but from memory if
    /// they are known.
    pub fn read_kept(&self, sel: &Selection, into: &mut [u8]) -> Result<()> {
        let info = self.dataset()?;
        let bounds = bounds(&info.shape);
        let Some(form) = form(&info, &bounds, into.len(), sel) else {
            return self.read_into(sel, into);
        };
        let (chunks, dataset) = self.values();
        let server = self.on_server();
        let read = dataset.read(&server, form, sel, into);
        read.map_err(|error| self.reading(error))?;
        chunks.bound(self.session())
    }

    /// Takes the selected elements, of fixed size, to write them with others later. `false` if they
    /// are to be written now.
    pub fn collect(&self, sel: &Selection, bytes: &[u8]) -> Result<bool> {
        self.file().check_writable()?;
        let info = self.dataset()?;
        let bounds = bounds(&info.shape);
        let Some(form) = form(&info, &bounds, bytes.len(), sel) else {
            return Ok(false);
        };
        let (chunks, dataset) = self.values();
        let taken = dataset.take(&self.on_server(), form, sel, bytes);
        if !taken.map_err(|error| self.writing(error))? {
            return Ok(false);
        }
        self.wrote();
        chunks.start_sender(self.session());
        chunks.bound(self.session())?;
        Ok(true)
    }

    /// Whether writes of this dataset may be sent later.
    pub(super) fn collects(&self) -> bool {
        self.values().1.collects()
    }

    fn on_server(&self) -> OnServer<&Session> {
        OnServer {
            session: self.session(),
            id: self.id(),
        }
    }

    /// Writes to the server now, in order with what was collected. `sel` is what is written, if it
    /// is a selection.
    pub(super) fn write_through(
        &self,
        sel: Option<&Selection>,
        write: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        match self.session().known_values(self.id()) {
            Some(dataset) => dataset.write_through(&self.on_server(), sel, write),
            None => write(),
        }
    }

    /// Sends what was collected, if this is the dataset's last open handle. What could not be sent
    /// waits; what the server has refused fails every use of the dataset until the program was told,
    /// by a flush or close of the file or by the caller (see [`Object::values_told`]).
    pub fn finish_values(&self) -> Result<()> {
        let handles = self.session().cache().handles(self.id());
        match handles {
            0 | 1 => match self.session().known_values(self.id()) {
                Some(dataset) => dataset.finish(&self.on_server()),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The program knows now what the server has refused of the dataset.
    pub fn values_told(&self) {
        if let Some(dataset) = self.session().known_values(self.id()) {
            dataset.told();
        }
    }
}

/// How large each dimension may become.
fn bounds(shape: &Shape) -> Vec<u64> {
    let limit = |(&extent, bound): (&u64, &Extent)| match bound {
        Extent::Fixed(most) => extent.max(*most),
        Extent::Unlimited => u64::MAX,
    };
    match shape.maxdims() {
        Some(bounds) => shape.dims().iter().zip(bounds).map(limit).collect(),
        None => shape.dims().to_vec(),
    }
}

/// What has to be known of a dataset for a transfer of some bytes; `None` for transfers that do not
/// fit together.
fn form<'a>(
    info: &'a DatasetInfo,
    bounds: &'a [u64],
    bytes: usize,
    sel: &Selection,
) -> Option<Form<'a>> {
    let count = usize::try_from(selection::count(sel)?).ok()?;
    let element = bytes.checked_div(count)?;
    let chunk = match &info.creation.layout {
        Some(Layout::Chunked(dims)) => Some(dims.as_slice()),
        _ => None,
    };
    let extent = info.shape.dims();
    let fits = element > 0 && element * count == bytes && sel.len() == extent.len();
    fits.then_some(Form {
        extent,
        bounds,
        chunk,
        element,
    })
}
