//! Which name has its answer where, and which answers are to be forgotten: each user has room of its own,
//! so that nobody's changes are forgotten because others make many.

use std::collections::{HashMap, VecDeque};

use super::place::{Kind, Name, Place, micros};

/// Answers of each kind that are remembered of a user, who may have a thousand programs at work; the oldest are
/// forgotten first.
pub(super) const MOST: [usize; 2] = [4096, 16384];
/// Bytes of all answers of a user.
const MOST_BYTES: u64 = 16 << 20;
/// Answers of all users, and their bytes. The user with the most loses some first.
const ALL: usize = 200_000;
const ALL_BYTES: u64 = 256 << 20;
/// Beyond these, one part of so many is forgotten at once.
const PART: u64 = 8;
/// Answers beyond [`MOST`] that are forgotten at once.
pub(super) const TOGETHER: usize = 64;
/// And so many at most, in one transaction.
const AT_ONCE: usize = 1024;
/// Seconds after which nobody sends a change again.
pub(super) const OLD: f64 = 7.0 * 24.0 * 3600.0;
/// How often old ones are looked for, in microseconds.
const ROUND: u64 = 60_000_000;
/// What an answer takes beside itself.
const FRAME: u64 = 64;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Those that may have an answer: a change that is being made has its place, and may still come to
    /// nothing.
    numbers: HashMap<Name, u64>,
    /// Answers that are on the disk.
    users: HashMap<[u8; 8], User>,
    count: usize,
    bytes: u64,
    /// The latest number.
    last: u64,
    /// There may be too many.
    due: bool,
    /// When old ones are looked for the next time.
    next_round: u64,
}

#[derive(Debug, Default)]
struct User {
    /// By kind, the oldest first.
    kinds: [VecDeque<(Place, u64)>; 2],
    bytes: u64,
}

impl Names {
    /// Where the answer to a change lies, if there is one.
    pub fn place(&self, name: Name) -> Option<Place> {
        let number = *self.numbers.get(&name)?;
        Some(Place { number, name })
    }

    /// Takes note of an answer that the store has.
    pub fn add(&mut self, place: Place, size: u64) {
        self.numbers.insert(place.name, place.number);
        self.last = self.last.max(place.number);
        self.keep(place, size);
    }

    /// A place for the answer to a change that is being made.
    pub fn begin(&mut self, name: Name, time: f64) -> Place {
        self.last = micros(time).max(self.last + 1);
        self.numbers.insert(name, self.last);
        Place {
            number: self.last,
            name,
        }
    }

    /// How many answers are known to be on the disk.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The change has come to nothing.
    pub fn undo(&mut self, place: Place) {
        if self.numbers.get(&place.name) == Some(&place.number) {
            self.numbers.remove(&place.name);
        }
    }

    /// The change and its answer are on the disk.
    pub fn keep(&mut self, place: Place, size: u64) {
        let size = size + FRAME;
        let user = self.users.entry(place.name.user).or_default();
        let kind = place.name.kind as usize;
        user.kinds[kind].push_back((place, size));
        user.bytes += size;
        self.bytes += size;
        self.count += 1;
        self.due |= user.kinds[kind].len() >= MOST[kind] + TOGETHER
            || user.bytes > MOST_BYTES
            || self.count > ALL
            || self.bytes > ALL_BYTES;
    }

    /// Whether it is worth to ask for [`Names::excess`]; times are in microseconds since 1970.
    pub fn is_due(&self, now: u64) -> bool {
        self.due || now >= self.next_round
    }

    /// What is to be forgotten now.
    pub fn excess(&mut self, now: u64) -> Vec<Place> {
        self.next_round = now + ROUND;
        let old = now.saturating_sub(micros(OLD));
        let mut cuts: Vec<Cut<'_>> = self.users.values().map(Cut::new).collect();
        let mut places = Vec::new();
        for cut in &mut cuts {
            cut.within_bounds(old, &mut places);
        }
        let of = |cuts: &[Cut<'_>]| {
            let bytes: u64 = cuts.iter().map(|cut| cut.bytes).sum();
            (cuts.iter().map(Cut::count).sum::<usize>(), bytes)
        };
        let (mut count, mut bytes) = of(&cuts);
        let is_beyond = count > ALL || bytes > ALL_BYTES;
        let (most, most_bytes) = (ALL - ALL / PART as usize, ALL_BYTES - ALL_BYTES / PART);
        while is_beyond && (count > most || bytes > most_bytes) && places.len() < AT_ONCE {
            let Some(largest) = cuts.iter_mut().max_by_key(|cut| cut.bytes) else {
                break;
            };
            let before = largest.bytes;
            if !largest.take_oldest(&mut places) {
                break;
            }
            count -= 1;
            bytes -= before - largest.bytes;
        }
        // What is left over has its turn next.
        self.due = places.len() >= AT_ONCE;
        places.truncate(AT_ONCE);
        places
    }

    /// These are not in the store any more; they come from [`Names::excess`].
    pub fn forget(&mut self, places: &[Place]) {
        for place in places {
            self.undo(*place);
            let Some(user) = self.users.get_mut(&place.name.user) else {
                continue;
            };
            let own = &mut user.kinds[place.name.kind as usize];
            if let Some((_, size)) = own.pop_front_if(|(first, _)| first == place) {
                user.bytes -= size;
                self.bytes -= size;
                self.count -= 1;
            }
            if user.kinds.iter().all(VecDeque::is_empty) {
                self.users.remove(&place.name.user);
            }
        }
    }
}

/// What is left of a user's answers while some are chosen.
struct Cut<'a> {
    user: &'a User,
    /// Taken from the front of each kind.
    taken: [usize; 2],
    bytes: u64,
}

impl<'a> Cut<'a> {
    fn new(user: &'a User) -> Self {
        Self {
            user,
            taken: [0, 0],
            bytes: user.bytes,
        }
    }

    fn count(&self) -> usize {
        let all: usize = self.user.kinds.iter().map(VecDeque::len).sum();
        all - self.taken[0] - self.taken[1]
    }

    fn first(&self, kind: Kind) -> Option<&(Place, u64)> {
        self.user.kinds[kind as usize].get(self.taken[kind as usize])
    }

    fn take(&mut self, kind: Kind, places: &mut Vec<Place>) -> bool {
        let Some((place, size)) = self.first(kind).copied() else {
            return false;
        };
        self.taken[kind as usize] += 1;
        self.bytes -= size;
        places.push(place);
        true
    }

    fn take_oldest(&mut self, places: &mut Vec<Place>) -> bool {
        let number = |kind| self.first(kind).map_or(u64::MAX, |(place, _)| place.number);
        let kind = match number(Kind::Batch) < number(Kind::Request) {
            true => Kind::Batch,
            false => Kind::Request,
        };
        self.take(kind, places)
    }

    /// Takes what is older than `old`, or beyond what a user may have.
    fn within_bounds(&mut self, old: u64, places: &mut Vec<Place>) {
        for kind in [Kind::Batch, Kind::Request] {
            let most = MOST[kind as usize];
            let len = self.user.kinds[kind as usize].len();
            let too_many = match len >= most + TOGETHER {
                true => len - most,
                false => 0,
            };
            while let Some((place, _)) = self.first(kind)
                && (self.taken[kind as usize] < too_many || place.number < old)
            {
                self.take(kind, places);
            }
        }
        if self.bytes > MOST_BYTES {
            while self.bytes > MOST_BYTES - MOST_BYTES / PART && self.take_oldest(places) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Key;
    use super::*;

    #[test]
    fn the_user_with_the_most_loses_some_first() {
        let mut names = Names::default();
        let mut number = 0;
        let mut add = |names: &mut Names, user: &str, size| {
            number += 1;
            let key = Key {
                kind: Kind::Request,
                user: user.into(),
                domain: "/d".into(),
                id: number.to_string(),
            };
            let name = key.name();
            names.add(Place { number, name }, size);
            name
        };
        let small = add(&mut names, "small", 10);
        let first = add(&mut names, "large", 10);
        for _ in 0..5000 {
            add(&mut names, "large", 10);
        }
        for n in 0..ALL {
            add(&mut names, &format!("u{}", n % 1000), 10);
        }
        assert!(names.is_due(0));
        while names.due {
            let places = names.excess(0);
            assert!(places.len() <= AT_ONCE);
            names.forget(&places);
        }
        assert!(
            (ALL - AT_ONCE..=ALL).contains(&names.count),
            "{}",
            names.count
        );
        assert!(names.place(small).is_some() && names.place(first).is_none());
        let left: usize = names.users.values().map(|user| user.kinds[1].len()).sum();
        assert_eq!((left, names.numbers.len()), (names.count, names.count));
    }
}
