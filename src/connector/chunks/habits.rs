//! How a program reads a dataset, and how much to fetch when it asks for something that is not
//! known.
//!
//! A request takes as long as some hundred kilobytes more in one that is made anyway. So whoever
//! reads neighbouring elements in small steps gets more than asked for, and whoever reads here and
//! there gets what was asked for. What is fetched beyond that is paid from an account: a gift at
//! the beginning, and more with every read that is answered without a request. A program whose
//! reads only look like a pattern ends with the gift.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::grid::Grid;
use super::slab::Region;

/// Bytes that may be fetched in vain.
const GIFT: u64 = 4 << 20;
/// What the account holds at most.
const RICHEST: u64 = 32 << 20;
/// What a read without a request earns, beside its own bytes.
const EARNED: u64 = 64 << 10;
/// What a request is worth in bytes: a tile is fetched whole once that is cheaper than the requests
/// that went to it one by one.
const REQUEST: u64 = 5 << 18;
/// A read of this many bytes is not about single elements: it counts with its bytes alone.
const NOT_TINY: u64 = 16 << 10;
/// What is read ahead the first time.
const FIRST_AHEAD: u64 = 128 << 10;
/// What is read ahead at most.
const MOST_AHEAD: u64 = 1 << 20;
/// Tiles that are fetched whole by one request.
const TILES_AT_ONCE: usize = 4;
/// Tiles of which it is known that something was asked of them.
const MOST_NOTES: usize = 10_000;

/// What a program did with a dataset.
#[derive(Debug)]
pub(super) struct Habits {
    /// The latest read.
    last: Region,
    /// The dimension along which reads follow each other, if they do.
    along: Option<usize>,
    /// What is read ahead next, in bytes.
    ahead: u64,
    /// What was asked of tiles of which not all is known.
    notes: HashMap<Box<[u64]>, Note>,
    account: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Note {
    requests: u64,
    /// What these requests are worth in bytes.
    worth: u64,
}

/// What a read is to fetch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fetch {
    /// Just what was asked for, without keeping it.
    Pass,
    /// Just what was asked for.
    Asked,
    /// This box.
    More(Region),
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            last: Region::default(),
            along: None,
            ahead: FIRST_AHEAD,
            notes: HashMap::new(),
            account: GIFT,
        }
    }
}

impl Habits {
    /// Notes a read that needed no request.
    pub(super) fn hit(&mut self, asked: &Region, bytes: usize, extent: &[u64]) {
        self.follow(asked, extent);
        self.account = (self.account + EARNED + bytes as u64).min(RICHEST);
    }

    /// Notes a read of `bytes` that needs a request, and says what to fetch of a dataset of this
    /// extent if `most` bytes can be kept.
    pub(super) fn miss(
        &mut self,
        asked: &Region,
        bytes: usize,
        grid: &Grid,
        extent: &[u64],
        most: u64,
    ) -> Fetch {
        self.follow(asked, extent);
        let tiles = grid.tiles(asked);
        if tiles.volume() > TILES_AT_ONCE * 16 {
            return Fetch::Pass;
        }
        let size = grid.element as u64;
        let before = self.note(&tiles, bytes as u64, grid.bytes() as u64);
        let ahead = self
            .along
            .map(|along| ahead(asked, along, extent, self.ahead.min(most / 2) / size.max(1)));
        let often = before == Before::Often && tiles.volume() <= TILES_AT_ONCE;
        let whole = often
            .then(|| grid.whole_tiles(asked, extent))
            .filter(|region| (region.volume() as u64).saturating_mul(size) <= most);
        // Whoever goes through a tile in tiny steps wants all of it, and not row after row.
        let mut better = [(ahead, true), (whole, false)];
        better.sort_by_key(|(region, _)| Reverse(region.as_ref().map(Region::volume)));
        for (region, is_ahead) in better {
            let Some(region) = region.filter(|region| region != asked) else {
                continue;
            };
            if self.pays(&region, bytes, size) {
                match is_ahead {
                    true => self.ahead = (self.ahead * 4).min(MOST_AHEAD),
                    false => self.forget(&tiles),
                }
                return Fetch::More(region);
            }
        }
        match before {
            Before::Never => Fetch::Pass,
            _ => Fetch::Asked,
        }
    }

    /// Whether the account holds what a box has beyond the bytes asked for; takes it then.
    fn pays(&mut self, region: &Region, bytes: usize, size: u64) -> bool {
        let more = (region.volume() as u64).saturating_mul(size) - bytes as u64;
        let paid = more <= self.account;
        if paid {
            self.account -= more;
        }
        paid
    }

    /// Notes which way reads go.
    fn follow(&mut self, asked: &Region, extent: &[u64]) {
        let along = direction(&self.last, asked, extent);
        if along.is_none() && self.last != *asked {
            self.ahead = FIRST_AHEAD;
        }
        self.along = along;
        self.last.clone_from(asked);
    }

    /// Notes a request to tiles, and says how often there were such before.
    fn note(&mut self, tiles: &Region, bytes: u64, tile: u64) -> Before {
        if self.notes.len() > MOST_NOTES {
            self.notes.clear();
        }
        let tiny = NOT_TINY.saturating_sub(bytes) * REQUEST / NOT_TINY;
        let mut before = Before::Often;
        for_each_tile(tiles, |at| {
            let note = match self.notes.get_mut(at) {
                Some(note) => note,
                None => self.notes.entry(at.into()).or_default(),
            };
            note.requests += 1;
            note.worth += 2 * bytes / tiles.volume() as u64 + tiny;
            let now = match note.requests {
                0 | 1 => Before::Never,
                _ if note.worth < tile => Before::Seldom,
                _ => Before::Often,
            };
            before = before.min(now);
        });
        before
    }

    fn forget(&mut self, tiles: &Region) {
        for_each_tile(tiles, |at| {
            self.notes.remove(at);
        });
    }
}

/// How often something was asked of tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    Never,
    Seldom,
    Often,
}

fn for_each_tile(tiles: &Region, mut each: impl FnMut(&[u64])) {
    let mut at = tiles.start.clone();
    loop {
        each(&at);
        let mut dim = at.len();
        loop {
            if dim == 0 {
                return;
            }
            dim -= 1;
            at[dim] += 1;
            if at[dim] < tiles.end(dim) {
                break;
            }
            at[dim] = tiles.start[dim];
        }
    }
}

/// The dimension along which a box follows another one of its size: directly behind it, or at the
/// beginning of the next row.
fn direction(last: &Region, asked: &Region, extent: &[u64]) -> Option<usize> {
    if last.count != asked.count || last.start.len() != extent.len() {
        return None;
    }
    let moved = (0..extent.len()).find(|&dim| last.start[dim] != asked.start[dim])?;
    if asked.start[moved] != last.end(moved) {
        return None;
    }
    let mut fastest = moved;
    for (dim, &extent) in extent.iter().enumerate().skip(moved + 1) {
        if last.start[dim] == asked.start[dim] {
            continue;
        }
        if asked.start[dim] != 0 || last.end(dim) != extent {
            return None;
        }
        fastest = dim;
    }
    Some(fastest)
}

/// A box with as much behind it as `most` elements allow: along a dimension, and, where that is
/// taken whole, along the slower ones.
fn ahead(asked: &Region, along: usize, extent: &[u64], most: u64) -> Region {
    let mut region = asked.clone();
    for dim in (0..=along).rev() {
        let row = region.volume() as u64 / region.count[dim];
        let left = extent[dim].saturating_sub(region.start[dim]);
        let count = (most / row.max(1)).min(left);
        // Boxes of the program's size, so that the next one is not cut.
        let whole = count / asked.count[dim] * asked.count[dim];
        let count = if count == left { count } else { whole };
        region.count[dim] = count.max(region.count[dim]);
        if region.start[dim] != 0 || region.count[dim] < extent[dim] {
            break;
        }
    }
    region
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: [u64; 2] = [2048, 4096];

    fn grid() -> Grid {
        Grid::new(&EXTENT, Some(&[256, 1024]), 8)
    }

    fn at(row: u64, column: u64, rows: u64, columns: u64) -> Region {
        Region {
            start: vec![row, column],
            count: vec![rows, columns],
        }
    }

    fn miss(habits: &mut Habits, asked: &Region) -> Fetch {
        habits.miss(asked, asked.volume() * 8, &grid(), &EXTENT, 8 << 20)
    }

    #[test]
    fn neighbours_are_fetched_ahead() {
        let mut habits = Habits::default();
        assert_eq!(miss(&mut habits, &at(5, 0, 1, 4096)), Fetch::Pass);
        let more = Fetch::More(at(6, 0, 4, 4096));
        assert_eq!(miss(&mut habits, &at(6, 0, 1, 4096)), more);
        habits.hit(&at(7, 0, 1, 4096), 32768, &EXTENT);
        habits.hit(&at(8, 0, 1, 4096), 32768, &EXTENT);
        habits.hit(&at(9, 0, 1, 4096), 32768, &EXTENT);
        let more = Fetch::More(at(10, 0, 16, 4096));
        assert_eq!(miss(&mut habits, &at(10, 0, 1, 4096)), more);
    }

    #[test]
    fn single_elements_go_on_in_the_next_row() {
        let mut habits = Habits::default();
        miss(&mut habits, &at(5, 4094, 1, 1));
        habits.hit(&at(5, 4095, 1, 1), 8, &EXTENT);
        let more = Fetch::More(at(6, 0, 4, 4096));
        assert_eq!(miss(&mut habits, &at(6, 0, 1, 1)), more);
    }

    #[test]
    fn tiny_steps_through_a_tile_fetch_it_at_once() {
        let mut habits = Habits::default();
        assert_eq!(miss(&mut habits, &at(256, 1024, 1, 1)), Fetch::Pass);
        let more = Fetch::More(at(256, 1024, 256, 1024));
        assert_eq!(miss(&mut habits, &at(256, 1025, 1, 1)), more);
    }

    #[test]
    fn tiny_reads_of_a_tile_fetch_it_soon_and_slabs_do_not() {
        let mut habits = Habits::default();
        assert_eq!(miss(&mut habits, &at(5, 40, 1, 1)), Fetch::Pass);
        let more = Fetch::More(at(0, 0, 256, 1024));
        assert_eq!(miss(&mut habits, &at(100, 7, 1, 1)), more);
        for n in 0..31 {
            let asked = at(500 + n % 5, 1100 + 16 * (n * 7 % 31), 64, 64);
            let expected = if n == 0 { Fetch::Pass } else { Fetch::Asked };
            assert_eq!(miss(&mut habits, &asked), expected);
        }
    }

    #[test]
    fn what_is_fetched_in_vain_is_bounded() {
        let mut habits = Habits::default();
        let mut beyond = 0;
        for n in 0..2000u64 {
            let asked = at(n * 389 % 2048, n * 911 % 4096, 1, 1);
            if let Fetch::More(region) = miss(&mut habits, &asked) {
                beyond += region.volume() as u64 * 8;
            }
        }
        assert!(beyond <= GIFT + 16, "{beyond} bytes too many");
    }
}
