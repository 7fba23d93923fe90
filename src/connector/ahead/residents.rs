//! What the cache holds of objects, and which of it may go when it is too much: what was asked for
//! longest ago, unless somebody has it open.

use std::collections::VecDeque;

use serde_json::Value;

use super::super::by_object::ByObject;
use super::super::records::{AttributeRecord, AttributeValue, Attributes, Links};

/// Bytes that an object takes without its links and attributes, about.
const OBJECT: usize = 600;
/// A link, and an attribute, without name and value.
const LINK: usize = 250;
const ATTRIBUTE: usize = 500;
/// New objects may take one in so many bytes more than they should until room is made again,
const CROWD: u64 = 8;
/// and a few in any case.
const SLACK: u64 = 64 << 10;
/// So many places of objects that have left do not matter.
const FEW: usize = 1000;

/// The objects that the cache knows, with what they take.
#[derive(Debug, Default)]
pub(in super::super) struct Residents {
    /// Oldest first, with their tickets. Those of objects that have left are still there.
    queue: VecDeque<(u64, u64)>,
    held: ByObject<Resident>,
    bytes: u64,
    next_ticket: u64,
    /// Bytes that were there when room was made last, or fewer.
    settled: u64,
}

#[derive(Debug)]
struct Resident {
    bytes: u64,
    /// Which place in the queue is its own.
    ticket: u64,
    /// Whether it was asked for since it was looked at last.
    used: bool,
}

impl Residents {
    /// Bytes of all, about.
    pub(in super::super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Notes what an object takes now.
    pub(in super::super) fn set(
        &mut self,
        object: u64,
        links: Option<&Links>,
        attributes: Option<&Attributes>,
    ) {
        let bytes =
            (OBJECT + links.map_or(0, of_links) + attributes.map_or(0, of_attributes)) as u64;
        self.bytes += bytes;
        match self.held.get_mut(&object) {
            Some(resident) => {
                self.bytes -= resident.bytes;
                resident.bytes = bytes;
            }
            None => self.enter(object, bytes),
        }
    }

    fn enter(&mut self, object: u64, bytes: u64) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.queue.push_back((object, ticket));
        let used = false;
        let resident = Resident {
            bytes,
            ticket,
            used,
        };
        self.held.insert(object, resident);
        if self.queue.len() > 2 * self.held.len() + FEW {
            let held = &self.held;
            let is_own = |(object, ticket): &(u64, u64)| {
                let resident = held.get(object);
                resident.is_some_and(|resident| resident.ticket == *ticket)
            };
            self.queue.retain(is_own);
        }
    }

    /// Notes another link of a group, or attribute of an object, of which something is known.
    pub(in super::super) fn grew(&mut self, object: u64, by: usize) {
        if let Some(resident) = self.held.get_mut(&object) {
            resident.bytes += by as u64;
            self.bytes += by as u64;
        }
    }

    /// Notes that a group has a link fewer, or an object an attribute.
    pub(in super::super) fn shrank(&mut self, object: u64, by: usize) {
        if let Some(resident) = self.held.get_mut(&object) {
            let by = resident.bytes.min(by as u64);
            resident.bytes -= by;
            self.bytes -= by;
        }
    }

    /// Notes that an object was asked for.
    pub(in super::super) fn used(&mut self, object: u64) {
        if let Some(resident) = self.held.get_mut(&object) {
            resident.used = true;
        }
    }

    /// Notes that nothing is known of an object any more.
    pub(in super::super) fn left(&mut self, object: u64) {
        if let Some(resident) = self.held.remove(&object) {
            self.bytes -= resident.bytes;
        }
    }

    /// Whether they take more than `most` bytes, and a good deal more than when room was made last:
    /// to look for what may go takes longer the more there is.
    pub(in super::super) fn are_crowded(&mut self, most: u64) -> bool {
        self.settled = self.settled.min(self.bytes);
        self.bytes > most && self.bytes - self.settled > most / CROWD + SLACK
    }

    /// Objects that must go so that the others take at most `most` bytes, as far as they may.
    pub(in super::super) fn surplus(
        &mut self,
        most: u64,
        may_go: impl Fn(u64) -> bool,
    ) -> Vec<u64> {
        let mut going = Vec::new();
        let mut left = self.bytes;
        // Each is looked at twice at most: the first look may find that it was used lately.
        for _ in 0..2 * self.queue.len() {
            if left <= most {
                break;
            }
            let Some((object, ticket)) = self.queue.pop_front() else {
                break;
            };
            let resident = self.held.get_mut(&object);
            let Some(resident) = resident.filter(|resident| resident.ticket == ticket) else {
                continue;
            };
            if std::mem::take(&mut resident.used) || !may_go(object) {
                self.queue.push_back((object, ticket));
            } else {
                left -= resident.bytes;
                going.push(object);
            }
        }
        self.settled = left;
        going
    }
}

fn of_links(links: &Links) -> usize {
    links.iter().map(|(name, _)| of_link(name)).sum()
}

/// Bytes that a link of this name takes, about.
pub(in super::super) fn of_link(name: &str) -> usize {
    LINK + name.len()
}

fn of_attributes(attributes: &Attributes) -> usize {
    let each = attributes.iter();
    each.map(|(name, record)| of_attribute(name, record)).sum()
}

/// Bytes that an attribute takes, about.
pub(in super::super) fn of_attribute(name: &str, record: &AttributeRecord) -> usize {
    let value = match &record.value {
        AttributeValue::Wire(bytes) => bytes.len(),
        AttributeValue::Document { value, .. } => of_json(value),
        AttributeValue::Unwritten | AttributeValue::OnServer => 0,
    };
    ATTRIBUTE + 2 * name.len() + value
}

fn of_json(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(of_json).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| 2 * name.len() + of_json(value))
            .sum(),
        _ => 0,
    };
    size_of::<Value>() + inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_unless_they_are_needed() {
        let mut residents = Residents::default();
        for object in 0..10 {
            residents.set(object, None, None);
        }
        let all = residents.bytes();
        assert_eq!(all, 10 * OBJECT as u64);
        residents.used(0);
        residents.set(1, None, None);
        assert_eq!(residents.bytes(), all);
        let going = residents.surplus(all / 2, |object| object != 2);
        assert_eq!(going, [1, 3, 4, 5, 6]);
        for object in going {
            residents.left(object);
        }
        assert_eq!(residents.bytes(), all / 2);
        assert!(residents.surplus(all / 2, |_| true).is_empty());
        assert_eq!(residents.surplus(0, |object| object > 7).len(), 2);
    }

    #[test]
    fn room_is_not_looked_for_at_every_new_object() {
        let mut residents = Residents::default();
        let most = 10 * SLACK;
        let mut looked = 0;
        for object in 0..10_000 {
            residents.set(object, None, None);
            if residents.are_crowded(most) {
                looked += 1;
                // None of these can go.
                residents.surplus(most, |object| object >= 5000);
            }
        }
        let all = 10_000 * OBJECT as u64;
        assert!(looked > 10 && looked < all / SLACK, "{looked}");
        for object in residents.surplus(0, |_| true) {
            residents.left(object);
        }
        residents.set(10_000, None, None);
        assert!(!residents.are_crowded(most));
    }

    #[test]
    fn objects_that_come_and_go_leave_nothing_behind() {
        let mut residents = Residents::default();
        residents.set(1, None, None);
        for _ in 0..100_000 {
            residents.set(2, None, None);
            residents.grew(2, 10);
            residents.left(2);
            residents.grew(1, 10);
            residents.shrank(1, 10);
        }
        assert!(residents.queue.len() <= 2 * FEW);
        residents.grew(2, 10);
        assert_eq!(residents.bytes(), OBJECT as u64);
        assert_eq!(residents.surplus(0, |_| true), [1]);
    }
}
