//! What is kept of one dataset, and its traffic with the server.
//!
//! No lock is held while a request is on its way but `sending`, which keeps writes in their order.
//! An answer is only kept if nothing was sent meanwhile: it might be older.

use std::sync::Arc;
use std::time::{Duration, Instant};

use h5rest_protocol::selection::Selection;
use parking_lot::{Mutex, MutexGuard, ReentrantMutex};

use super::deliver::{Parcel, Values, When, deliver};
use super::grid::Grid;
use super::habits::{Fetch, Habits};
use super::slab::{Region, Slab};
use super::tiles::Tiles;
use crate::connector::error::{Error, Result};
use crate::connector::outbox::FEW_BYTES;

/// Reads of more bytes go to the server as they are.
const SMALL_READ: usize = 256 << 10;
/// Writes of more bytes go to the server as they are.
const SMALL_WRITE: usize = 256 << 10;
/// Bytes of one dataset that wait to be sent; also what one request sends at most.
const MOST_UNSENT: usize = 8 << 20;
/// Elements that one request sends at most: each may have a chunk of its own, and h5rest changes no more
/// chunks in one request.
const MOST_ELEMENTS: usize = 1 << 22;
/// What is known longer than this is asked for again: somebody else may have changed it, and not
/// every program that wants to see that says so.
const MOST_AGE: Duration = Duration::from_secs(5);
/// A few elements are sent with other changes if the server has not to change chunks of more bytes for
/// them.
const CHUNK_FOR_A_FEW: u64 = 256 << 10;
/// How long the server is left alone after it could not be reached.
const PAUSE: Duration = Duration::from_secs(10);

/// What has to be known of a dataset to keep parts of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    /// Its extent now.
    pub(super) extent: &'a [u64],
    /// How large it may become.
    pub(super) bounds: &'a [u64],
    /// Extent of its chunks.
    pub(super) chunk: Option<&'a [u64]>,
    /// Bytes of an element, at least 1.
    pub(super) element: usize,
}

/// What is kept of one dataset.
#[derive(Debug)]
pub(super) struct Dataset {
    /// What it is called in errors.
    name: String,
    /// Its path, if it was opened by one.
    place: Option<Arc<str>>,
    /// Bytes to keep of it; 0 for none.
    most: usize,
    /// Whether small writes are collected.
    collects: bool,
    state: Mutex<State>,
    /// Held by whoever sends what was collected. The domain may end in that moment, which sends
    /// the rest.
    sending: ReentrantMutex<()>,
}

#[derive(Debug, Default)]
struct State {
    tiles: Option<Tiles>,
    habits: Habits,
    /// Changes whenever the server is sent something.
    version: u64,
    /// Whether something that was collected is on its way.
    on_its_way: bool,
    /// What the server refused, until the program was told by a flush or close.
    failure: Option<Error>,
    /// When the oldest element was written that waits to be sent.
    since: Option<Instant>,
    /// When to try again after the server could not be reached.
    not_before: Option<Instant>,
}

impl State {
    /// The tiles, and how the program uses them.
    fn parts(&mut self, form: Form<'_>) -> (&mut Tiles, &mut Habits) {
        let new = || Tiles::new(Grid::new(form.bounds, form.chunk, form.element));
        (self.tiles.get_or_insert_with(new), &mut self.habits)
    }

    fn has_unsent(&self) -> bool {
        self.tiles.as_ref().is_some_and(|tiles| tiles.unsent() > 0)
    }
}

impl Dataset {
    /// Of which at most `most` bytes are kept, and small writes sent later if `collects`.
    pub(super) fn new(name: String, place: Option<Arc<str>>, most: usize, collects: bool) -> Self {
        Self {
            name,
            place,
            most,
            collects,
            state: Mutex::default(),
            sending: ReentrantMutex::default(),
        }
    }

    /// Whether small writes may be sent later.
    pub(super) fn collects(&self) -> bool {
        self.collects
    }

    /// Bytes that are kept at most if tiles are that large: always one tile, unless nothing is.
    fn room(&self, tile: usize) -> usize {
        match self.most {
            0 => 0,
            most => most.max(tile),
        }
    }

    /// Reads a selection.
    pub(super) fn read(
        &self,
        server: &impl Values,
        form: Form<'_>,
        sel: &Selection,
        into: &mut [u8],
    ) -> Result<()> {
        let small = into.len() <= SMALL_READ.min(self.most / 4);
        let Some(slab) = Slab::of(sel) else {
            self.send(server)?;
            return server.read(sel, into);
        };
        let asked = slab.bounds();
        let mut state = self.usable()?;
        if !small {
            self.before(server, state, &asked)?;
            return server.read(sel, into);
        }
        let (tiles, habits) = state.parts(form);
        if tiles.read(&slab, into, MOST_AGE) {
            habits.hit(&asked, into.len(), form.extent);
            return Ok(());
        }
        let room = self.room(tiles.grid.bytes()) as u64;
        let fetch = habits.miss(&asked, into.len(), &tiles.grid, form.extent, room);
        match fetch {
            Fetch::More(region) => {
                let version = self.before(server, state, &region)?;
                let mut bytes = vec![0; region.volume() * form.element];
                if server.read(&region.selection(), &mut bytes).is_err() {
                    // What the program did not ask for may be gone: another one has made the
                    // dataset smaller.
                    return server.read(sel, into);
                }
                region.extract(&bytes, &slab, form.element, into);
                self.keep(version, &region.slab(), &bytes);
                Ok(())
            }
            Fetch::Asked if slab.is_box() => {
                let version = self.before(server, state, &asked)?;
                server.read(sel, into)?;
                self.keep(version, &slab, into);
                Ok(())
            }
            _ => {
                self.before(server, state, &asked)?;
                server.read(sel, into)
            }
        }
    }

    /// Keeps what the server has answered, unless something was sent since.
    fn keep(&self, version: u64, slab: &Slab, bytes: &[u8]) {
        let mut state = self.state.lock();
        if state.version != version {
            return;
        }
        if let Some(tiles) = &mut state.tiles {
            let room = self.room(tiles.grid.bytes());
            tiles.make_room(room.saturating_sub(bytes.len()));
            tiles.fill(slab, bytes);
        }
    }

    /// Takes a write to send it later. `false` if it must be sent now.
    pub(super) fn take(
        &self,
        server: &impl Values,
        form: Form<'_>,
        sel: &Selection,
        bytes: &[u8],
    ) -> Result<bool> {
        let small = bytes.len() <= SMALL_WRITE && self.collects;
        let Some(slab) = Slab::of(sel).filter(|_| small) else {
            return Ok(false);
        };
        if slab.count().checked_mul(form.element) != Some(bytes.len()) {
            return Ok(false);
        }
        let mut state = self.usable()?;
        let (tiles, _) = state.parts(form);
        tiles.write(&slab, bytes);
        let full = tiles.unsent() >= MOST_UNSENT || tiles.is_spread_out(MOST_UNSENT);
        state.since.get_or_insert_with(Instant::now);
        drop(state);
        if full {
            self.send(server)?;
        }
        Ok(true)
    }

    /// Writes a selection now, or elements that `write` knows if it is `None`.
    pub(super) fn write_through(
        &self,
        server: &impl Values,
        sel: Option<&Selection>,
        write: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let there = sel.and_then(Slab::of).map(|slab| slab.bounds());
        match &there {
            Some(there) => {
                let state = self.usable()?;
                self.before(server, state, there)?;
            }
            None => self.send(server)?,
        }
        self.forget(there.as_ref());
        let written = write();
        self.forget(there.as_ref());
        written
    }

    /// Sends what a request about a box would miss. Returns the version to keep its answer under.
    fn before(
        &self,
        server: &impl Values,
        state: MutexGuard<'_, State>,
        region: &Region,
    ) -> Result<u64> {
        let tiles = state.tiles.as_ref();
        let unsent = tiles.is_some_and(|tiles| tiles.has_unsent_in(region));
        if !unsent && !state.on_its_way {
            return Ok(state.version);
        }
        drop(state);
        self.send(server)?;
        Ok(self.state.lock().version)
    }

    /// The state, unless the server has refused a write.
    fn usable(&self) -> Result<MutexGuard<'_, State>> {
        let state = self.state.lock();
        match &state.failure {
            None => Ok(state),
            Some(failure) => {
                let words = "an earlier write was not done";
                Err(failure.clone().context(words))
            }
        }
    }

    /// Sends everything that was collected.
    pub(super) fn send(&self, server: &impl Values) -> Result<()> {
        let _alone = self.sending.lock();
        drop(self.usable()?);
        self.send_alone(server, When::Now)
    }

    /// Sends everything that was collected; a little of it goes with other changes of the domain.
    pub(super) fn finish(&self, server: &impl Values) -> Result<()> {
        let _alone = self.sending.lock();
        drop(self.usable()?);
        self.send_alone(server, When::Together(self.place.as_ref()))
    }

    /// Sends everything, and tells what the server has refused since the last time. A little of it
    /// goes with other changes of the domain, which tell what becomes of it.
    pub(super) fn flush(&self, server: &impl Values) -> Result<()> {
        let _alone = self.sending.lock();
        let known = self.state.lock().failure.take();
        let sent = self.send_alone(server, When::Together(self.place.as_ref()));
        let found = self.state.lock().failure.take();
        match known.or(found) {
            Some(failure) => Err(failure),
            None => sent,
        }
    }

    /// Sends what has waited for `patience`, if the server is still wanted. Says whether anything
    /// is left to be sent.
    pub(super) fn send_old<S: Values>(
        &self,
        patience: Duration,
        server: impl FnOnce() -> Option<S>,
    ) -> bool {
        let _alone = self.sending.lock();
        let state = self.state.lock();
        let now = Instant::now();
        let is_old = state.since.is_some_and(|since| now >= since + patience);
        let may = state.not_before.is_none_or(|then| now >= then);
        drop(state);
        // The server is given up before anybody who waits for this to end goes on.
        if is_old
            && may
            && let Some(server) = server()
            && let Err(error) = self.send_alone(&server, When::Now)
        {
            log::warn!("{error}");
        }
        self.state.lock().has_unsent()
    }

    /// Does something while nothing that was collected is on its way.
    pub(super) fn without_writes<T>(&self, act: impl FnOnce() -> T) -> T {
        let _alone = self.sending.lock();
        act()
    }

    /// Sends everything; whoever calls holds `sending`.
    fn send_alone(&self, server: &impl Values, mut when: When<'_>) -> Result<()> {
        let mut state = self.state.lock();
        let Some(tiles) = state.tiles.as_mut().filter(|tiles| tiles.unsent() > 0) else {
            return Ok(());
        };
        let element = tiles.grid.element;
        if tiles.unsent() > FEW_BYTES || tiles.grid.chunk > CHUNK_FOR_A_FEW {
            when = When::Now;
        }
        let parcel = |region: Region| Parcel {
            bytes: tiles.gather(&region).into(),
            region,
        };
        let regions = tiles.unsent_regions((MOST_UNSENT / element).clamp(1, MOST_ELEMENTS));
        let parcels = regions.into_iter().map(parcel).collect();
        tiles.all_sent();
        let since = state.since.take();
        state.on_its_way = true;
        state.version += 1;
        drop(state);
        let outcome = deliver(server, parcels, element, when);
        let mut state = self.state.lock();
        state.on_its_way = false;
        state.version += 1;
        state.not_before = None;
        if let Some(tiles) = &mut state.tiles {
            for Parcel { region, bytes } in &outcome.left {
                tiles.write_older(&region.slab(), bytes);
            }
            if !outcome.refused.is_empty() {
                tiles.forget_sent(None);
            }
        }
        if !outcome.left.is_empty() {
            state.since = since.or(state.since);
            state.not_before = Instant::now().checked_add(PAUSE);
        }
        let Some(failure) = outcome.failure else {
            return Ok(());
        };
        let failure = failure.context(format!("cannot write {}", self.name));
        if !outcome.refused.is_empty() {
            log::warn!("{failure}");
            state.failure = Some(failure.clone());
        }
        Err(failure)
    }

    /// Forgets what the server has: of the tiles that a box touches, or of all.
    pub(super) fn forget(&self, region: Option<&Region>) {
        let mut state = self.state.lock();
        state.version += 1;
        if let Some(tiles) = &mut state.tiles {
            tiles.forget_sent(region);
        }
    }

    /// The program knows what the server has refused.
    pub(super) fn told(&self) {
        self.state.lock().failure = None;
    }

    /// Whether something waits to be sent or told.
    pub(super) fn is_waiting(&self) -> bool {
        let state = self.state.lock();
        state.has_unsent() || state.on_its_way || state.failure.is_some()
    }

    /// Bytes of elements that are kept and those of them that wait to be sent.
    pub(super) fn sizes(&self) -> (usize, usize) {
        let state = self.state.lock();
        let sizes = |tiles: &Tiles| (tiles.known(), tiles.unsent());
        state.tiles.as_ref().map_or((0, 0), sizes)
    }
}
