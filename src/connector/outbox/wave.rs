//! Changes that HSDS takes in its requests for several objects. They may reach it in any order, as long
//! as objects are made before they are linked and described, and what has a request of its own keeps
//! its order.
//!
//! The order that programs see is that of creation times, which is told with every link and
//! attribute.

use std::collections::HashMap;

use h5rest_protocol::ObjectId;

use super::change::Change;
use super::queue::Entry;

/// One wave: indices of changes, by what they need.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Wave {
    /// Objects to make.
    pub(super) creates: Vec<Create>,
    /// Links, first links of the objects among them.
    pub(super) links: Vec<usize>,
    /// New attributes of objects that were there before.
    pub(super) attributes: Vec<usize>,
    /// Attributes that may be there.
    pub(super) replaced: Vec<usize>,
    /// What has a request of its own, in this order.
    pub(super) others: Vec<usize>,
    /// Elements, after all else: those of each dataset in their order.
    pub(super) values: Vec<Vec<usize>>,
}

/// An object to make.
#[derive(Debug, PartialEq)]
pub(super) struct Create {
    pub(super) at: usize,
    /// Attributes that it is made with.
    pub(super) attributes: Vec<usize>,
}

/// What is sent before anything that was changed later.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Together(Wave),
    Single(usize),
}

/// Cuts changes into steps.
pub(super) fn plan(entries: &[Entry]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut wave = Wave::default();
    let mut made: HashMap<ObjectId, usize> = HashMap::new();
    let mut written: HashMap<ObjectId, usize> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        // What takes away must not overtake anything, nor be overtaken; what needs another one must see
        // what became of that.
        if takes_away(&entry.change) || entry.undecided().is_some() {
            if wave != Wave::default() {
                steps.push(Step::Together(std::mem::take(&mut wave)));
                made.clear();
                written.clear();
            }
            steps.push(Step::Single(at));
            continue;
        }
        match &entry.change {
            Change::Create { id, link, .. } => {
                made.insert(*id, wave.creates.len());
                wave.creates.push(Create {
                    at,
                    attributes: Vec::new(),
                });
                wave.links.extend(link.as_ref().map(|_| at));
            }
            Change::PutLink { .. } => wave.links.push(at),
            Change::PutAttribute {
                id,
                document,
                bytes,
                replace,
                ..
            } => match made.get(id) {
                _ if bytes.is_some() => wave.others.push(at),
                Some(&own) if document.get("encoding").is_none() => {
                    wave.creates[own].attributes.push(at);
                }
                _ if *replace || entry.repeated => wave.replaced.push(at),
                _ => wave.attributes.push(at),
            },
            Change::Grow { .. } => wave.others.push(at),
            Change::PutValues { id, .. } => {
                let own = *written.entry(*id).or_insert(wave.values.len());
                match wave.values.get_mut(own) {
                    Some(values) => values.push(at),
                    None => wave.values.push(vec![at]),
                }
            }
            // Has a step of its own.
            Change::DeleteLink { .. }
            | Change::DeleteAttribute { .. }
            | Change::RenameAttribute { .. }
            | Change::Annotate { .. }
            | Change::Delete { .. } => {}
        }
    }
    if wave != Wave::default() {
        steps.push(Step::Together(wave));
    }
    steps
}

fn takes_away(change: &Change) -> bool {
    matches!(
        change,
        Change::DeleteLink { .. }
            | Change::DeleteAttribute { .. }
            | Change::RenameAttribute { .. }
            | Change::Annotate { .. }
            | Change::Delete { .. }
    )
}

/// Cuts a list into parts of bounded number and size, each with one thing at least.
pub(super) fn cut<T>(
    items: Vec<T>,
    most: usize,
    most_bytes: usize,
    size: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for item in items {
        let own = size(&item);
        match parts.last_mut() {
            Some(part) if part.len() < most && bytes + own <= most_bytes => part.push(item),
            _ => {
                parts.push(vec![item]);
                bytes = 0;
            }
        }
        bytes += own;
    }
    parts
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::ObjectClass;
    use serde_json::{Map, json};

    use super::super::fate::Fate;
    use super::super::queue::Queue;
    use super::*;

    #[test]
    fn what_takes_away_keeps_its_place() {
        let root = ObjectId::new_root();
        let id = root.new_in_domain(ObjectClass::Group);
        let attribute = |id, name: &str, replace| Change::PutAttribute {
            id,
            name: name.into(),
            document: json!({"value": 1}),
            bytes: None,
            replace,
        };
        let mut queue = Queue::default();
        for change in [
            attribute(root, "a", false),
            Change::Create {
                id,
                body: Map::new(),
                link: Some((root, "g".into())),
            },
            attribute(id, "b", true),
            attribute(root, "c", true),
            Change::DeleteLink {
                group: root,
                name: "g".into(),
                leads_to: None,
            },
            attribute(id, "d", false),
        ] {
            queue.push(change, None, None);
        }
        let entries = queue.take(u64::MAX, 100, usize::MAX);
        let first = Wave {
            creates: vec![Create {
                at: 1,
                attributes: vec![2],
            }],
            links: vec![1],
            attributes: vec![0],
            replaced: vec![3],
            ..Wave::default()
        };
        let last = Wave {
            attributes: vec![5],
            ..Wave::default()
        };
        let expected = [Step::Together(first), Step::Single(4), Step::Together(last)];
        assert_eq!(plan(&entries), expected);
    }

    #[test]
    fn what_needs_another_change_comes_behind_it() {
        let root = ObjectId::new_root();
        let link = |name: &str| Change::PutLink {
            group: root,
            name: name.into(),
            document: json!({"h5path": "/x"}),
        };
        let mut queue = Queue::default();
        let fate = queue.push(link("new"), None, None);
        queue.push(link("other"), None, None);
        queue.push(link("third"), None, Some(&fate));
        queue.push(link("last"), None, Some(&Fate::done()));
        let entries = queue.take(u64::MAX, 100, usize::MAX);
        let links = |links: Vec<usize>| {
            Step::Together(Wave {
                links,
                ..Wave::default()
            })
        };
        let expected = [links(vec![0, 1]), Step::Single(2), links(vec![3])];
        assert_eq!(plan(&entries), expected);
    }

    #[test]
    fn elements_of_a_dataset_keep_their_order() {
        let root = ObjectId::new_root();
        let [a, b] = [0, 1].map(|_| root.new_in_domain(ObjectClass::Dataset));
        let write = |id| Change::PutValues {
            id,
            sel: Vec::new(),
            bytes: Default::default(),
        };
        let mut queue = Queue::default();
        let grow = Change::Grow {
            id: a,
            dims: vec![2],
        };
        for change in [
            write(a),
            write(b),
            grow,
            write(a),
            Change::Delete { id: b },
            write(a),
        ] {
            queue.push(change, None, None);
        }
        let entries = queue.take(u64::MAX, 100, usize::MAX);
        let first = Wave {
            others: vec![2],
            values: vec![vec![0, 3], vec![1]],
            ..Wave::default()
        };
        let last = Wave {
            values: vec![vec![5]],
            ..Wave::default()
        };
        let expected = [Step::Together(first), Step::Single(4), Step::Together(last)];
        assert_eq!(plan(&entries), expected);
    }

    #[test]
    fn parts_are_bounded_in_number_and_size() {
        let cut = |sizes: &[usize]| cut(sizes.to_vec(), 3, 10, |&size| size);
        assert_eq!(cut(&[1, 1, 1, 1]), [vec![1, 1, 1], vec![1]]);
        assert_eq!(cut(&[20, 6, 4, 1]), [vec![20], vec![6, 4], vec![1]]);
        assert!(cut(&[]).is_empty());
    }
}
