//! What the cache holds of objects, and which of it may go when it is too much: what was asked for
//! longest ago, unless somebody has it open.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::super::cache::{AttributeValue, Attributes, Links};

/// Bytes that an object takes without its links and attributes, about.
const OBJECT: usize = 600;
/// A link, and an attribute, without name and value.
const LINK: usize = 250;
const ATTRIBUTE: usize = 500;

/// The objects that the cache knows, with what they take.
#[derive(Debug, Default)]
pub(in super::super) struct Residents {
    /// Oldest first.
    queue: VecDeque<u64>,
    held: HashMap<u64, Resident>,
    bytes: u64,
}

#[derive(Debug)]
struct Resident {
    bytes: u64,
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
            None => {
                self.queue.push_back(object);
                self.held.insert(object, Resident { bytes, used: false });
            }
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
            let Some(object) = self.queue.pop_front() else {
                break;
            };
            let Some(resident) = self.held.get_mut(&object) else {
                continue;
            };
            if std::mem::take(&mut resident.used) || !may_go(object) {
                self.queue.push_back(object);
            } else {
                left -= resident.bytes;
                going.push(object);
            }
        }
        going
    }
}

fn of_links(links: &Links) -> usize {
    links.iter().map(|(name, _)| LINK + name.len()).sum()
}

fn of_attributes(attributes: &Attributes) -> usize {
    let each = attributes.iter().map(|(name, record)| {
        let value = match &record.value {
            AttributeValue::Wire(bytes) => bytes.len(),
            AttributeValue::Document { value, .. } => of_json(value),
            AttributeValue::Unwritten | AttributeValue::OnServer => 0,
        };
        ATTRIBUTE + 2 * name.len() + value
    });
    each.sum()
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
}
