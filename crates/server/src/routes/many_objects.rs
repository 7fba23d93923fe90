//! Many objects in one answer, within bounds that the client states: those at the top of a domain,
//! as it is opened; or those that a client names, and what lies behind them.
//!
//! HSDS has nothing like it: its `getobjs` shows all objects or none, as they were some time ago.

use std::collections::{HashSet, VecDeque};

use h5rest_protocol::values::text;
use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::{Map, Value, json};

use super::access::Access;
use super::call::Call;
use super::object_documents as documents;
use super::object_texts::Texts;
use super::open::Open;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::model::objects;
use crate::store::Reader;

/// No answer has more objects than this, whatever the client says.
const MOST_OBJECTS: u64 = 100_000;
/// Nor is it longer than this by more than one object.
const MOST_BYTES: u64 = 64 << 20;
/// What a link or an attribute takes in an answer, about: with more of them than fit, a group is
/// shown without its links, an object without its attributes.
const ENTRY: u64 = 160;

/// How much of a domain one answer shows.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    objects: usize,
    bytes: usize,
    /// Bytes of the largest attribute whose value is shown.
    value: Option<u64>,
}

impl Bounds {
    fn asked(call: &Call) -> Result<Self> {
        let number = |name: &str, most: u64| -> Result<usize> {
            let asked = call.query.number(name)?.unwrap_or(most);
            Ok(asked.min(most) as usize)
        };
        Ok(Self {
            objects: number("max_objects", MOST_OBJECTS)?,
            bytes: number("max_bytes", MOST_BYTES)?,
            value: call.query.number("max_data_size")?,
        })
    }
}

/// Documents of objects by id, as they are put together.
struct Answer<'a> {
    reader: &'a dyn Reader,
    access: Access<'a>,
    bounds: Bounds,
    text: Vec<u8>,
    texts: Texts,
    shown: HashSet<ObjectId>,
    /// Whether nothing was left out.
    complete: bool,
}

impl<'a> Answer<'a> {
    fn new(call: &'a Call, reader: &'a dyn Reader, domain: &'a Open) -> Result<Self> {
        Ok(Self {
            reader,
            access: Access::new(call, reader, domain)?,
            bounds: Bounds::asked(call)?,
            text: vec![b'{'],
            texts: Texts::default(),
            shown: HashSet::new(),
            complete: true,
        })
    }

    fn is_full(&self) -> bool {
        self.shown.len() >= self.bounds.objects || self.text.len() >= self.bounds.bytes
    }

    /// How many links or attributes still fit.
    fn room(&self) -> u64 {
        self.bounds.bytes.saturating_sub(self.text.len()) as u64 / ENTRY
    }

    /// Adds an object that is not in the answer yet. Returns what its links lead to. `whole` shows
    /// all of it, however much that is.
    fn add(&mut self, id: ObjectId, whole: bool) -> Result<Vec<ObjectId>> {
        if !self.shown.is_empty() {
            self.text.push(b',');
        }
        self.shown.insert(id);
        self.texts.append(&id, &mut self.text)?;
        self.text.push(b':');
        let Some(header) = objects::find(self.reader, id)? else {
            self.text.extend_from_slice(b"null");
            return Ok(Vec::new());
        };
        let counters = objects::counters(self.reader, id)?;
        let room = self.room();
        let own = documents::own(self.reader, id, header, &counters)?;
        self.texts.append(&own, &mut self.text)?;
        // Its last brace.
        self.text.pop();
        let mut targets = Vec::new();
        if id.class == ObjectClass::Group {
            if whole || counters.links <= room {
                self.text.extend_from_slice(b",\"links\":");
                targets = self.texts.links(self.reader, id, &mut self.text)?;
            } else {
                self.complete = false;
            }
        }
        if whole || counters.attributes <= room {
            self.text.extend_from_slice(b",\"attributes\":");
            let most = self.bounds.value;
            self.texts
                .attributes(self.reader, id, most, &mut self.text)?;
        } else {
            self.complete = false;
        }
        self.text.push(b'}');
        Ok(targets)
    }

    /// Adds a group and what hard links lead to from there, nearest first, while there is room.
    fn add_nearest(&mut self, start: ObjectId) -> Result<()> {
        let mut queue = VecDeque::from([start]);
        let mut queued = HashSet::from([start]);
        while let Some(id) = queue.pop_front() {
            if self.is_full() {
                self.complete = false;
                break;
            }
            if !self.access.shows(id) {
                self.complete = false;
                continue;
            }
            let targets = self.add(id, false)?.into_iter();
            queue.extend(targets.filter(|target| queued.insert(*target)));
        }
        Ok(())
    }

    /// Adds objects in this order, with `deep` each followed by what hard links lead to from there,
    /// in the order in which a visit meets it. The first is shown whole.
    fn add_listed(&mut self, wanted: Vec<ObjectId>, deep: bool) -> Result<()> {
        // A stack: what comes next is at its end.
        let mut next: Vec<ObjectId> = wanted.into_iter().rev().collect();
        while let Some(id) = next.pop() {
            if self.shown.contains(&id) {
                continue;
            }
            if self.is_full() {
                self.complete = false;
                break;
            }
            if !self.access.shows(id) {
                self.complete = false;
                continue;
            }
            let whole = self.shown.is_empty();
            let targets = self.add(id, whole)?;
            if deep {
                next.extend(targets.into_iter().rev());
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<u8> {
        self.text.push(b'}');
        self.text
    }
}

fn written(document: &Value) -> Result<Vec<u8>> {
    text::write_lenient(document).map_err(|error| ApiError::internal(error.to_string()))
}

/// Adds the objects at the top of the domain to its document: `domain_objs`, and whether these are
/// all that hard links lead to. (An object without links is never among them.)
pub fn insert_nearest(
    call: &Call,
    reader: &dyn Reader,
    domain: &Open,
    mut document: Map<String, Value>,
) -> Result<Reply> {
    let mut answer = Answer::new(call, reader, domain)?;
    answer.add_nearest(domain.root)?;
    document.insert("domain_objs_complete".into(), json!(answer.complete));
    let mut whole = written(&Value::Object(document))?;
    whole.pop();
    whole.extend_from_slice(b",\"domain_objs\":");
    whole.append(&mut answer.finish());
    whole.push(b'}');
    Ok(Reply::Written(whole))
}

/// The objects that a request lists; with `follow_links` also what lies behind them. Null stands
/// for those that do not exist; those that the user may not see are left out.
pub fn listed(call: &Call, ids: &Value) -> Result<Reply> {
    let reader = call.store().read()?;
    let domain = call.open_unchecked(&*reader)?;
    let mut wanted = Vec::new();
    for id in super::links::strings(ids, "ids")? {
        let id: ObjectId = id.parse()?;
        domain.check_member(id)?;
        wanted.push(id);
    }
    let mut answer = Answer::new(call, &*reader, &domain)?;
    answer.add_listed(wanted, call.query.flag("follow_links"))?;
    if answer.shown.is_empty() {
        answer.access.check(domain.root, Action::Read)?;
    }
    let mut whole = format!("{{\"complete\":{},\"objects\":", answer.complete).into_bytes();
    whole.append(&mut answer.finish());
    whole.push(b'}');
    Ok(Reply::Written(whole))
}
