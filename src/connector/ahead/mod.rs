//! Asking the server for objects: for the one that is wanted, and with the same request for those
//! that are likely to be wanted next.
//!
//! `session` calls it for what the cache does not know. On `h5rest` the open request brings the top
//! of the domain, and later ones bring neighbours, both within bounds that the request states. On
//! HSDS, whose only answer with all objects is stale by tens of seconds, `hsds` uses its fresh batch
//! forms. `pattern` decides what and how much, `questions` which answers are too old.

mod found;
mod hsds;
mod pattern;
mod questions;
mod residents;

use h5rest_client::{Bounds, Domain, JsonText};
use h5rest_protocol::document::Node;
use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::Value;

use super::annotations;
use super::document::Reader;
use super::error::{Error, Result};
use super::outbox::Subject;
use super::session::Session;

pub(super) use found::Found;
pub(super) use pattern::Pattern;
pub(super) use questions::Questions;
pub(super) use residents::{Residents, of_attribute, of_link};

/// What comes with the open request: a few milliseconds for those who need none of it.
const OPENING: Bounds = Bounds {
    objects: 500,
    bytes: 512 << 10,
    value: LARGEST_VALUE,
};
/// Attributes whose value is larger come without it.
const LARGEST_VALUE: u64 = 16 << 10;
/// The first question for more objects, on `h5rest`, and the largest.
const FIRST: usize = 64;
const MOST: usize = 4096;
const MOST_BYTES: u64 = 4 << 20;
/// What one answer may take of what the cache may hold: one in so many bytes.
const SHARE: u64 = 8;
/// Member of the answer to the open request: objects by id.
const OBJECTS: &str = "domain_objs";

/// The domain's document, and the top of the domain if the server gives it.
pub(super) fn open(domain: &Domain, cache_bytes: u64) -> Result<JsonText> {
    let bounds = (cache_bytes > 0).then(|| Bounds {
        bytes: OPENING.bytes.min(cache_bytes / SHARE),
        ..OPENING
    });
    Ok(domain.get_with_objects(bounds)?)
}

/// What the answer to the open request says of the domain itself.
pub(super) fn without_objects(answer: Node<'_>) -> Value {
    if !answer.is_object() {
        return answer.to_value();
    }
    let members = answer.members().filter(|(name, _)| *name != OBJECTS);
    let members = members.map(|(name, value)| (name.to_owned(), value.to_value()));
    Value::Object(members.collect())
}

/// A question to the server, until its answer has been dealt with.
pub(super) struct Question<'a> {
    session: &'a Session,
    pub(super) number: u64,
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.session.cache().questions.answered(self.number);
    }
}

impl Session {
    /// Notes that a question is asked from now on.
    pub(super) fn question(&self) -> Question<'_> {
        Question {
            session: self,
            number: self.cache().questions.ask(),
        }
    }

    /// Learns what came with the open request. Only at the first opening, when nothing has been changed yet,
    /// may the question be noted after its answer.
    pub(super) fn learn_opening(&self, question: &Question<'_>, answer: Node<'_>) -> Result<()> {
        let objects = answer.member(OBJECTS);
        if !objects.is_object() {
            return Ok(());
        }
        self.learn_all(question, objects, None)?;
        if answer.member("domain_objs_complete").as_bool() == Some(true) {
            let mut cache = self.cache();
            // Of a group that was changed meanwhile, the answer is not believed.
            let shown = objects.members().filter(|(_, object)| !object.is_null());
            let mut ids = shown.filter_map(|(id, _)| id.parse().ok());
            if ids.all(|id: ObjectId| id.class != ObjectClass::Group || cache.has_counted(id)) {
                cache.set_complete();
            }
        }
        self.make_room(self.root());
        Ok(())
    }

    /// Learns, once, what the open request would have brought if it had been asked to: who uses a committed
    /// datatype is told by the users alone. That is the top of the domain as [`OPENING`] bounds it: users
    /// beyond are counted from when they are looked at.
    pub(super) fn learn_top(&self) -> Result<()> {
        if self.looks_ahead() || self.asked_for_top() {
            return Ok(());
        }
        let domain = self.domain()?;
        let question = self.question();
        let answer = open(domain, u64::MAX)?;
        let answer = answer.document()?;
        self.learn_opening(&question, answer.root())?;
        self.note_asked_for_top();
        Ok(())
    }

    /// Asks for an object, and for others that may be wanted next.
    pub(super) fn fetch(&self, id: ObjectId) -> Result<()> {
        self.check(|| Subject::Object(id))?;
        let own = self.server().has("many_objects");
        let (first, most) = if own { (FIRST, MOST) } else { (1, hsds::MOST) };
        let (wanted, flat, size) = {
            let mut cache = self.cache();
            let flat = cache.pattern.is_flat(&cache, id);
            let size = match self.looks_ahead() {
                true => cache.pattern.next_size(first, most),
                false => 1,
            };
            (pattern::upcoming(&cache, id, size, flat), flat, size)
        };
        if own && size > 1 {
            self.fetch_with_others(id, &wanted, flat, size)?;
        } else if wanted.len() > 1 {
            self.fetch_by_path(id, &wanted)?;
        } else {
            self.fetch_single(id)?;
        }
        self.make_room(id);
        Ok(())
    }

    /// Asks for one object alone.
    pub(super) fn fetch_single(&self, id: ObjectId) -> Result<()> {
        let question = self.question();
        let is_group = id.class == ObjectClass::Group;
        let in_attribute = !self.server().is_h5rest();
        let domain = self.domain_about(id)?;
        let found = match domain.get_object(id, is_group, true) {
            Ok(object) => Found::read_single(id, &object, true, in_attribute)?,
            // HSDS cannot show an object together with an attribute whose value it cannot show.
            Err(error) if error.status() == Some(500) => {
                let mut object = domain.get_object(id, is_group, false)?;
                if let Some(members) = object.as_object_mut() {
                    members.insert("attributes".into(), domain.attributes(id, false)?);
                }
                self.with_kept_value(id, &mut object)?;
                Found::read_single(id, &object, false, in_attribute)?
            }
            Err(error) => return Err(error.into()),
        };
        let mut cache = self.cache();
        cache.learn(question.number, found);
        cache.pattern.fetched([id.object].into_iter());
        cache.pattern.used(id.object);
        Ok(())
    }

    /// Adds the value of the attribute that holds the annotations, where values were left out.
    fn with_kept_value(&self, id: ObjectId, object: &mut Value) -> Result<()> {
        let Some(list) = object["attributes"].as_array_mut() else {
            return Ok(());
        };
        for attribute in list {
            if attribute["name"] == annotations::ATTRIBUTE {
                *attribute = self
                    .domain_about(id)?
                    .attribute(id, annotations::ATTRIBUTE)?;
            }
        }
        Ok(())
    }

    /// Asks `h5rest` for objects, and for what is behind them.
    fn fetch_with_others(
        &self,
        id: ObjectId,
        wanted: &[ObjectId],
        flat: bool,
        size: usize,
    ) -> Result<()> {
        let bounds = Bounds {
            objects: size,
            bytes: MOST_BYTES.min(self.cache_bytes() / SHARE),
            value: LARGEST_VALUE,
        };
        let question = self.question();
        // The answer may tell of any object.
        let answer = self.domain()?.objects(wanted, !flat, bounds)?;
        let answer = answer.document()?;
        let objects = answer.root().member("objects");
        if !objects.is_object() {
            return Err(Error::protocol("the server's answer has no objects"));
        }
        let Some(wanted) = objects.get(&id.to_string()) else {
            // The user may not see it, as the server will say in so many words.
            return self.fetch_single(id);
        };
        if wanted.is_null() {
            return Err(Error::not_found(format!(
                "{} {id} does not exist",
                id.class.name()
            )));
        }
        self.learn_all(&question, objects, Some(id))
    }

    /// Learns documents of objects by id. The others of an answer that has the `wanted` object are
    /// only hints: what is wrong with them matters when they are asked for.
    fn learn_all(
        &self,
        question: &Question<'_>,
        objects: Node<'_>,
        wanted: Option<ObjectId>,
    ) -> Result<()> {
        let (mut reader, mut learned) = (Reader::default(), Vec::new());
        for (id, object) in objects.members().filter(|(_, object)| !object.is_null()) {
            let id: ObjectId = id.parse()?;
            match Found::read(&mut reader, id, object, false, false) {
                Ok(found) => learned.push(found),
                Err(error) if wanted == Some(id) => return Err(error),
                Err(error) => log::warn!("{id} is not understood: {error}"),
            }
        }
        let mut cache = self.cache();
        let ids: Vec<u64> = learned.iter().map(|found| found.id.object).collect();
        for found in learned {
            cache.learn(question.number, found);
        }
        if let Some(wanted) = wanted {
            cache.pattern.fetched(ids.into_iter());
            cache.pattern.used(wanted.object);
        }
        Ok(())
    }
}
