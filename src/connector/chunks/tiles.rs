//! What is kept of one dataset's elements. Pure bookkeeping: `dataset` talks to the server.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::grid::{Grid, Segment};
use super::slab::{Region, Slab, merged};
use super::tile::Tile;

/// Room of tiles, used or not, for each byte that is meant to be kept: scattered elements take
/// little memory but a whole tile of addresses each.
const ROOM_PER_BYTE: usize = 32;

/// The tiles of a dataset.
#[derive(Debug)]
pub(super) struct Tiles {
    pub(super) grid: Grid,
    tiles: HashMap<Box<[u64]>, Tile>,
    /// Bytes of known elements.
    known: usize,
    /// Those of them that the server does not have.
    unsent: usize,
    clock: u64,
}

impl Tiles {
    pub(super) fn new(grid: Grid) -> Self {
        Self {
            grid,
            tiles: HashMap::new(),
            known: 0,
            unsent: 0,
            clock: 0,
        }
    }

    /// Bytes of elements that are kept.
    pub(super) fn known(&self) -> usize {
        self.known
    }

    /// Bytes of elements that the server does not have yet.
    pub(super) fn unsent(&self) -> usize {
        self.unsent
    }

    /// Copies a selection out; `false` if not all of it is known, or not for certain any more: what
    /// is older than `most_age` is forgotten.
    pub(super) fn read(&mut self, slab: &Slab, into: &mut [u8], most_age: Duration) -> bool {
        self.clock += 1;
        let (clock, element) = (self.clock, self.grid.element);
        let (tiles, known) = (&mut self.tiles, &mut self.known);
        self.grid.segments(slab, |segment| {
            let Some(tile) = tiles.get_mut(segment.tile) else {
                return false;
            };
            if tile.used != clock {
                tile.used = clock;
                if tile.filled().is_some_and(|at| at.elapsed() > most_age) {
                    *known -= (tile.known() - tile.unsent()) * element;
                    tile.forget_sent();
                }
            }
            tile.read(segment.at, part(into, &segment, element))
        })
    }

    /// Takes what the program writes.
    pub(super) fn write(&mut self, slab: &Slab, bytes: &[u8]) {
        self.change(slab, |tile, segment, element| {
            let part = &bytes[segment.place * element..][..segment.length * element];
            tile.write(segment.at, part);
        });
    }

    /// Takes what the server sent; what is known already is newer.
    pub(super) fn fill(&mut self, slab: &Slab, bytes: &[u8]) {
        let now = Instant::now();
        self.change(slab, |tile, segment, element| {
            let part = &bytes[segment.place * element..][..segment.length * element];
            tile.fill(segment.at, part, now);
        });
    }

    fn change(&mut self, slab: &Slab, mut each: impl FnMut(&mut Tile, &Segment<'_>, usize)) {
        self.clock += 1;
        let (clock, element, volume) = (self.clock, self.grid.element, self.grid.volume());
        let (tiles, known, unsent) = (&mut self.tiles, &mut self.known, &mut self.unsent);
        self.grid.segments(slab, |segment| {
            let tile = match tiles.get_mut(segment.tile) {
                Some(tile) => tile,
                None => tiles
                    .entry(segment.tile.into())
                    .or_insert_with(|| Tile::new(volume, element)),
            };
            tile.used = clock;
            *known -= tile.known() * element;
            *unsent -= tile.unsent() * element;
            each(tile, &segment, element);
            *known += tile.known() * element;
            *unsent += tile.unsent() * element;
            true
        });
    }

    /// Whether a box may have elements that the server does not have.
    pub(super) fn has_unsent_in(&self, region: &Region) -> bool {
        if self.unsent == 0 {
            return false;
        }
        let there = self.grid.tiles(region);
        let mut unsent = self.tiles.iter().filter(|(_, tile)| tile.unsent() > 0);
        unsent.any(|(at, _)| is_within(at, &there))
    }

    /// What the server does not have, as boxes of at most `most` elements.
    pub(super) fn unsent_regions(&self, most: usize) -> Vec<Region> {
        let mut rows = Vec::new();
        for (at, tile) in self.tiles.iter().filter(|(_, tile)| tile.unsent() > 0) {
            let whole = self.grid.region(at);
            for (first, length) in tile.unsent_runs() {
                push_rows(&whole, first, length, &mut rows);
            }
        }
        let cut = merged(rows).into_iter().flat_map(|region| region.cut(most));
        cut.collect()
    }

    /// The elements of a box, all of which must be known.
    pub(super) fn gather(&self, region: &Region) -> Vec<u8> {
        let element = self.grid.element;
        let mut bytes = vec![0; region.volume() * element];
        self.grid.segments(&region.slab(), |segment| {
            let tile = self.tiles.get(segment.tile);
            tile.is_some_and(|tile| tile.read(segment.at, part(&mut bytes, &segment, element)))
        });
        bytes
    }

    /// The server has everything.
    pub(super) fn all_sent(&mut self) {
        let now = Instant::now();
        self.tiles.values_mut().for_each(|tile| tile.all_sent(now));
        self.unsent = 0;
    }

    /// Takes what the program wrote some time ago, as far as it has not written it anew since.
    pub(super) fn write_older(&mut self, slab: &Slab, bytes: &[u8]) {
        self.change(slab, |tile, segment, element| {
            let part = &bytes[segment.place * element..][..segment.length * element];
            tile.write_older(segment.at, part);
        });
    }

    /// Forgets what the server has, of the tiles that a box touches or of all.
    pub(super) fn forget_sent(&mut self, region: Option<&Region>) {
        let there = region.map(|region| self.grid.tiles(region));
        let (known, element) = (&mut self.known, self.grid.element);
        self.tiles.retain(|at, tile| {
            if there.as_ref().is_none_or(|there| is_within(at, there)) {
                *known -= (tile.known() - tile.unsent()) * element;
                tile.forget_sent();
            }
            tile.known() > 0
        });
    }

    /// Forgets what was not used lately, until no more than `most` bytes are kept that the server
    /// has. Nothing is forgotten that it does not have.
    pub(super) fn make_room(&mut self, most: usize) {
        while self.known - self.unsent > most || self.is_spread_out(most) {
            let sent = self.tiles.iter().filter(|(_, tile)| tile.unsent() == 0);
            let oldest = sent.min_by_key(|(_, tile)| tile.used);
            let Some(oldest) = oldest.map(|(at, _)| at.clone()) else {
                return;
            };
            if let Some(tile) = self.tiles.remove(&oldest) {
                self.known -= tile.known() * self.grid.element;
            }
        }
    }

    /// Whether the tiles take too many addresses for what is in them.
    pub(super) fn is_spread_out(&self, most: usize) -> bool {
        let room = self.tiles.len().saturating_mul(self.grid.bytes());
        self.tiles.len() > 1 && room > most.saturating_mul(ROOM_PER_BYTE)
    }
}

fn part<'a>(bytes: &'a mut [u8], segment: &Segment<'_>, element: usize) -> &'a mut [u8] {
    &mut bytes[segment.place * element..][..segment.length * element]
}

fn is_within(at: &[u64], region: &Region) -> bool {
    let mut dims = at.iter().enumerate();
    dims.all(|(dim, &at)| region.start[dim] <= at && at < region.end(dim))
}

/// Adds `length` elements of a box, from the `first` on, row by row.
fn push_rows(whole: &Region, first: usize, length: usize, rows: &mut Vec<Region>) {
    let rank = whole.count.len();
    let width = whole.count.last().map_or(1, |&width| width as usize);
    let (mut at, end) = (first, first + length);
    while at < end {
        let take = (width - at % width).min(end - at);
        let (mut start, mut rest) = (whole.start.clone(), at);
        let mut count = vec![1; rank];
        for dim in (0..rank).rev() {
            let extent = whole.count[dim] as usize;
            start[dim] += (rest % extent) as u64;
            rest /= extent;
        }
        if let Some(last) = count.last_mut() {
            *last = take as u64;
        }
        rows.push(Region { start, count });
        at += take;
    }
}
