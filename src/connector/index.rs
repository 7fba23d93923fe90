//! How lists of links and attributes are ordered and counted: HDF5's indices.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Which of HDF5's indices a list is taken from (`H5_index_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndexBy {
    /// By name, comparing bytes.
    Name,
    /// By order of creation.
    CreationOrder,
}

/// The direction a list is walked in (`H5_iter_order_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Ascending.
    Increasing,
    /// Descending.
    Decreasing,
    /// Whatever is fastest; here the same as ascending.
    Native,
}

/// Named things in both orders. Each gets the next creation order number, which is never given
/// again, as in HDF5.
///
/// Domains have very many of these with very few things each, so what is rarely asked for is not
/// kept, and things are not kept in the nodes of the map, which have room for more of them.
#[derive(Debug, Clone)]
pub(super) struct Indexed<T> {
    by_name: BTreeMap<Arc<str>, Box<Numbered<T>>>,
    next: i64,
    /// Names in the order last asked for by position; dropped by every change.
    positions: Option<Box<Positions>>,
}

/// A thing and its creation order number.
#[derive(Debug, Clone)]
struct Numbered<T> {
    number: i64,
    item: T,
}

type Positions = (IndexBy, Vec<Arc<str>>);

impl<T> Default for Indexed<T> {
    fn default() -> Self {
        Self {
            by_name: BTreeMap::new(),
            next: 0,
            positions: None,
        }
    }
}

impl<T> Indexed<T> {
    /// Takes things in the order in which they were created.
    pub(super) fn in_order<'n>(items: impl IntoIterator<Item = (&'n str, T)>) -> Self {
        let mut indexed = Self::default();
        for (name, item) in items {
            indexed.insert(name, item);
        }
        indexed
    }

    /// Takes things with their numbers, of which no two are the same.
    pub(super) fn numbered<'n>(items: impl IntoIterator<Item = (i64, &'n str, T)>) -> Self {
        let mut indexed = Self::default();
        for (number, name, item) in items {
            let numbered = Box::new(Numbered { number, item });
            indexed.by_name.insert(name.into(), numbered);
            indexed.next = indexed.next.max(number.saturating_add(1));
        }
        indexed
    }

    /// Notes that numbers below `next` were given.
    pub(super) fn given_before(&mut self, next: i64) {
        self.next = self.next.max(next);
    }

    /// Adds a thing behind all others; one of the same name is replaced in its place.
    pub(super) fn insert(&mut self, name: &str, item: T) {
        if let Some(numbered) = self.by_name.get_mut(name) {
            numbered.item = item;
            return;
        }
        let number = self.next;
        let numbered = Box::new(Numbered { number, item });
        self.by_name.insert(name.into(), numbered);
        self.next += 1;
        self.positions = None;
    }

    /// Takes a thing out; its number stays unused.
    pub(super) fn remove(&mut self, name: &str) -> Option<T> {
        let numbered = self.by_name.remove(name)?;
        self.positions = None;
        Some(numbered.item)
    }

    /// Begins with 0 again if nothing is left, as HDF5 does.
    pub(super) fn restart_if_empty(&mut self) {
        if self.by_name.is_empty() {
            self.next = 0;
        }
    }

    /// Gives a thing another name; it keeps its number.
    pub(super) fn rename(&mut self, old: &str, new: &str) {
        if let Some(numbered) = self.by_name.remove(old) {
            self.by_name.insert(new.into(), numbered);
            self.positions = None;
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.by_name.get(name).map(|numbered| &numbered.item)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.by_name
            .get_mut(name)
            .map(|numbered| &mut numbered.item)
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// The number that the next thing will get.
    pub(super) fn next_order(&self) -> i64 {
        self.next
    }

    /// The creation order number of a thing.
    pub(super) fn order_of(&self, name: &str) -> Option<i64> {
        self.by_name.get(name).map(|numbered| numbered.number)
    }

    /// How many things were created before one of this number.
    pub(super) fn position_of(&self, number: i64) -> u64 {
        let all = self.by_name.values();
        all.filter(|other| other.number < number).count() as u64
    }

    /// The positions of all things in order of creation, by number.
    pub(super) fn positions(&self) -> BTreeMap<i64, u64> {
        let list = self.list(IndexBy::CreationOrder, Order::Increasing);
        list.into_iter()
            .map(|(_, number, _)| number)
            .zip(0..)
            .collect()
    }

    /// Everything in one of the orders: name, number, thing.
    pub(super) fn list(&self, by: IndexBy, order: Order) -> Vec<(&Arc<str>, i64, &T)> {
        let all = self.by_name.iter();
        let mut list: Vec<_> = all
            .map(|(name, numbered)| (name, numbered.number, &numbered.item))
            .collect();
        if by == IndexBy::CreationOrder {
            list.sort_unstable_by_key(|(_, number, _)| *number);
        }
        if order == Order::Decreasing {
            list.reverse();
        }
        list
    }

    /// The name at position `n` of one of the orders.
    pub(super) fn nth(&mut self, by: IndexBy, order: Order, n: u64) -> Option<Arc<str>> {
        let known = self.positions.as_ref().is_some_and(|have| have.0 == by);
        if !known {
            let list = self.list(by, Order::Increasing).into_iter();
            let names = list.map(|(name, ..)| name.clone()).collect();
            self.positions = Some(Box::new((by, names)));
        }
        let (_, names) = self.positions.as_deref()?;
        let n = usize::try_from(n).ok()?;
        let at = match order {
            Order::Decreasing => names.len().checked_sub(n)?.checked_sub(1)?,
            Order::Increasing | Order::Native => n,
        };
        names.get(at).cloned()
    }

    /// Names and things by name, from behind this name on, or from the first.
    pub(super) fn names_behind(
        &self,
        after: Option<&str>,
    ) -> impl Iterator<Item = (&Arc<str>, &T)> + use<'_, T> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.by_name.range::<str, _>((start, Bound::Unbounded));
        range.map(|(name, numbered)| (name, &numbered.item))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &T)> {
        let all = self.by_name.iter();
        all.map(|(name, numbered)| (name, &numbered.item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(indexed: &Indexed<u32>, by: IndexBy, order: Order) -> Vec<String> {
        let list = indexed.list(by, order);
        list.into_iter()
            .map(|(name, _, _)| name.to_string())
            .collect()
    }

    #[test]
    fn both_orders_and_directions() {
        let mut indexed = Indexed::in_order([("c", 1), ("a", 2), ("b", 3)]);
        assert_eq!(
            names(&indexed, IndexBy::Name, Order::Increasing),
            ["a", "b", "c"]
        );
        assert_eq!(
            names(&indexed, IndexBy::CreationOrder, Order::Native),
            ["c", "a", "b"]
        );
        assert_eq!(
            names(&indexed, IndexBy::CreationOrder, Order::Decreasing),
            ["b", "a", "c"]
        );
        let nth = |indexed: &mut Indexed<u32>, by, order, n| {
            indexed.nth(by, order, n).map(|name| name.to_string())
        };
        assert_eq!(
            nth(&mut indexed, IndexBy::Name, Order::Decreasing, 0).as_deref(),
            Some("c")
        );
        assert_eq!(
            nth(&mut indexed, IndexBy::CreationOrder, Order::Increasing, 1).as_deref(),
            Some("a")
        );
        assert_eq!(nth(&mut indexed, IndexBy::Name, Order::Decreasing, 3), None);
        assert_eq!(
            nth(&mut indexed, IndexBy::Name, Order::Increasing, u64::MAX),
            None
        );
    }

    #[test]
    fn numbers_are_not_given_again() {
        let mut indexed = Indexed::default();
        indexed.insert("a", 1);
        indexed.insert("b", 2);
        indexed.remove("a");
        indexed.insert("a", 3);
        assert_eq!(indexed.order_of("a"), Some(2));
        indexed.insert("a", 4);
        assert_eq!((indexed.order_of("a"), indexed.next_order()), (Some(2), 3));
        indexed.rename("b", "z");
        assert_eq!(
            names(&indexed, IndexBy::CreationOrder, Order::Native),
            ["z", "a"]
        );
        assert_eq!(indexed.get("z"), Some(&2));
    }
}
