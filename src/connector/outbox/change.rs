//! One change of a domain that waits to be sent: what it does, to what, and how it is called in
//! messages.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use h5rest_protocol::ObjectId;
use h5rest_protocol::selection::{DimSelection, Selection};
use serde_json::{Map, Value};

/// Elements that were written one after the other are joined up to so many bytes.
const MOST_JOINED: usize = 128 << 10;
/// Single elements are joined up to so many: on HSDS their places must fit into a URL.
const MOST_LISTED: usize = 300;

/// What is done to the domain.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::connector) enum Change {
    /// Makes an object, with its first link if it has one: the group, and the name in it.
    Create {
        id: ObjectId,
        body: Map<String, Value>,
        link: Option<(ObjectId, String)>,
    },
    /// Makes a link.
    PutLink {
        group: ObjectId,
        name: String,
        document: Value,
    },
    /// Deletes a link that is there; only a hard link to this object, if one is named.
    DeleteLink {
        group: ObjectId,
        name: String,
        leads_to: Option<ObjectId>,
    },
    /// Makes an attribute, or replaces one. `bytes` is a value that the document cannot hold.
    PutAttribute {
        id: ObjectId,
        name: String,
        document: Value,
        bytes: Option<Bytes>,
        replace: bool,
    },
    /// Deletes an attribute that is there.
    DeleteAttribute { id: ObjectId, name: String },
    /// Gives an attribute another name (`h5rest` only).
    RenameAttribute {
        id: ObjectId,
        old: String,
        new: String,
    },
    /// Changes annotations (`h5rest` only).
    Annotate {
        id: ObjectId,
        members: Map<String, Value>,
    },
    /// Makes a dataset larger. (Smaller ones are made at once, see `Object::set_extent`.)
    Grow { id: ObjectId, dims: Vec<u64> },
    /// Writes a few elements of a dataset, in wire form.
    PutValues {
        id: ObjectId,
        sel: Selection,
        bytes: Bytes,
    },
    /// Deletes an object.
    Delete { id: ObjectId },
}

/// What a change is about: a later use of it hears why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::connector) enum Subject {
    Object(ObjectId),
    Attribute(ObjectId, String),
    Link(ObjectId, String),
}

impl Change {
    /// The objects whose documents it changes.
    pub(super) fn touches(&self) -> impl Iterator<Item = ObjectId> + use<> {
        let (first, second) = match self {
            Self::Create { id, link, .. } => (*id, link.as_ref().map(|(group, _)| *group)),
            Self::PutLink { group, .. } | Self::DeleteLink { group, .. } => (*group, None),
            Self::PutAttribute { id, .. }
            | Self::DeleteAttribute { id, .. }
            | Self::RenameAttribute { id, .. }
            | Self::Annotate { id, .. }
            | Self::Grow { id, .. }
            | Self::PutValues { id, .. }
            | Self::Delete { id } => (*id, None),
        };
        [Some(first), second].into_iter().flatten()
    }

    /// The dataset whose elements cannot be read or written before it is done.
    pub(super) fn precedes_values_of(&self) -> Option<ObjectId> {
        match self {
            Self::Create { id, .. }
            | Self::Grow { id, .. }
            | Self::PutValues { id, .. }
            | Self::Delete { id } => Some(*id),
            _ => None,
        }
    }

    /// What it is about.
    pub(super) fn subjects(&self) -> Vec<Subject> {
        match self {
            Self::Create { id, link, .. } => {
                let mut about = vec![Subject::Object(*id)];
                let link = link.as_ref();
                about.extend(link.map(|(group, name)| Subject::Link(*group, name.clone())));
                about
            }
            Self::PutLink { group, name, .. } | Self::DeleteLink { group, name, .. } => {
                vec![Subject::Link(*group, name.clone())]
            }
            Self::PutAttribute { id, name, .. } | Self::DeleteAttribute { id, name } => {
                vec![Subject::Attribute(*id, name.clone())]
            }
            Self::RenameAttribute { id, old, new } => {
                let about = |name: &String| Subject::Attribute(*id, name.clone());
                vec![about(old), about(new)]
            }
            Self::Annotate { id, .. }
            | Self::Grow { id, .. }
            | Self::PutValues { id, .. }
            | Self::Delete { id } => vec![Subject::Object(*id)],
        }
    }

    /// Adds elements to a write of those just before them in the dataset, or single ones to others.
    /// `false` if that cannot be, or would be much.
    pub(super) fn continued_by(&mut self, next: &Selection, more: &Bytes) -> bool {
        let Self::PutValues { sel, bytes, .. } = self else {
            return false;
        };
        if bytes.len() + more.len() > MOST_JOINED {
            return false;
        }
        if !go_on(sel, next) {
            return false;
        }
        let own = std::mem::take(bytes).try_into_mut();
        let mut own = own.unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        own.extend_from_slice(more);
        *bytes = own.freeze();
        true
    }

    /// About how many bytes it has in a request.
    pub(super) fn size(&self) -> usize {
        const FRAME: usize = 150;
        FRAME
            + match self {
                Self::Create { body, link, .. } => {
                    let members = body.iter().map(|(key, value)| key.len() + size_of(value));
                    members.sum::<usize>() + link.as_ref().map_or(0, |(_, name)| name.len())
                }
                Self::PutLink { name, document, .. } => name.len() + size_of(document),
                Self::PutAttribute {
                    name,
                    document,
                    bytes,
                    ..
                } => name.len() + size_of(document) + bytes.as_ref().map_or(0, Bytes::len),
                Self::DeleteLink { name, .. } | Self::DeleteAttribute { name, .. } => name.len(),
                Self::RenameAttribute { old, new, .. } => old.len() + new.len(),
                Self::Annotate { members, .. } => members.values().map(size_of).sum(),
                Self::Grow { dims, .. } => 20 * dims.len(),
                // As base64 in a batch.
                Self::PutValues { sel, bytes, .. } => {
                    sel.iter().map(size_of_dim).sum::<usize>() + bytes.len() / 3 * 4
                }
                Self::Delete { .. } => 0,
            }
    }

    /// What it does, in words; `place` is the path of the object (or of the group that holds it).
    pub(super) fn describe(&self, place: Option<&Arc<str>>) -> String {
        let on = |id: &ObjectId| match place {
            Some(path) => format!("{} '{path}'", id.class.name()),
            None => format!("{} {id}", id.class.name()),
        };
        match self {
            Self::Create { id, link: None, .. } => format!("create {} {id}", id.class.name()),
            Self::Create {
                id,
                link: Some((group, name)),
                ..
            } => format!("create {} '{name}' in {}", id.class.name(), on(group)),
            Self::PutLink { group, name, .. } => format!("create link '{name}' in {}", on(group)),
            Self::DeleteLink { group, name, .. } => {
                format!("delete link '{name}' in {}", on(group))
            }
            Self::PutAttribute {
                id, name, replace, ..
            } => {
                let verb = if *replace { "write" } else { "create" };
                format!("{verb} attribute '{name}' of {}", on(id))
            }
            Self::DeleteAttribute { id, name } => {
                format!("delete attribute '{name}' of {}", on(id))
            }
            Self::RenameAttribute { id, old, new } => {
                format!("rename attribute '{old}' of {} to '{new}'", on(id))
            }
            Self::Annotate { id, .. } => {
                format!("change the comment or count of references of {}", on(id))
            }
            Self::Grow { id, dims } => format!("resize {} to {dims:?}", on(id)),
            Self::PutValues { id, .. } => format!("write {}", on(id)),
            Self::Delete { id } => format!("delete {}", on(id)),
        }
    }
}

/// Takes what another selection takes behind its own elements, if they differ in one dimension only:
/// there the other goes on, or both are single places.
fn go_on(sel: &mut Selection, next: &Selection) -> bool {
    if sel.len() != next.len() {
        return false;
    }
    let Some(at) = sel.iter().zip(next).position(|(a, b)| a != b) else {
        return false;
    };
    // Elements of slower dimensions would be mixed.
    let alone = sel[..at].iter().all(|dim| dim.len() == 1);
    if !alone || sel[at + 1..] != next[at + 1..] {
        return false;
    }
    let single = (next[at].len() == 1).then(|| next[at].index(0));
    match (&mut sel[at], &next[at]) {
        (
            DimSelection::Range { stop, step: 1, .. },
            DimSelection::Range {
                start,
                stop: end,
                step: 1,
            },
        ) if start == stop => *stop = *end,
        (DimSelection::List(list), _) => match single {
            Some(place) if list.len() < MOST_LISTED && !list.contains(&place) => list.push(place),
            _ => return false,
        },
        (dim, _) => match single {
            Some(place) if dim.len() == 1 && dim.index(0) != place => {
                *dim = DimSelection::List(vec![dim.index(0), place]);
            }
            _ => return false,
        },
    }
    true
}

/// Bytes that a dimension of a selection takes in a request, about.
fn size_of_dim(dim: &DimSelection) -> usize {
    match dim {
        DimSelection::List(places) => 10 * places.len(),
        _ => 20,
    }
}

/// About how many bytes a document has as text.
fn size_of(document: &Value) -> usize {
    match document {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => 2 + items.iter().map(|item| 1 + size_of(item)).sum::<usize>(),
        Value::Object(members) => {
            let one = |(key, value): (&String, &Value)| key.len() + 4 + size_of(value);
            2 + members.iter().map(one).sum::<usize>()
        }
    }
}
