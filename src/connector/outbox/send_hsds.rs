//! Sends changes to an HSDS in its requests for several objects, as few as possible.
//!
//! When one of these fails, HSDS does not say what of it was done. Then its parts are sent one by
//! one, and what is there already counts as done.

use h5rest_client::{ClientError, ClientErrorKind};
use h5rest_protocol::{ObjectClass, ObjectId};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::change::Change;
use super::queue::Entry;
use super::send::{Outcome, Way, is_passing};
use super::wave::{Create, Step, Wave, cut, plan};
use crate::connector::at_once::at_once;
use crate::connector::session::now;
use crate::connector::{Error, ErrorKind};

/// HSDS refuses larger JSON bodies than 1 MiB; sizes here are estimates.
const MOST_BYTES: usize = 600 << 10;
/// Objects, links or attributes of one request. HSDS works through them for some milliseconds each.
const MOST: usize = 400;
/// Requests at once.
const AT_ONCE: usize = 4;
/// A clock that differs less from the server's is as good: HSDS believes times of the last seconds.
const TOLERANCE: f64 = 5.0;

/// Gives creation times, by which HSDS and its clients order links and attributes.
#[derive(Debug, Default)]
pub(super) struct Stamps(Mutex<Clock>);

#[derive(Debug, Default)]
struct Clock {
    /// What the server's clock is ahead.
    ahead: f64,
    last: f64,
}

impl Stamps {
    /// A time later than all before.
    fn next(&self) -> f64 {
        let mut clock = self.0.lock();
        // Doubles tell microseconds of our days apart, but not much less.
        clock.last = (now() + clock.ahead).max(clock.last + 1e-6);
        clock.last
    }

    /// Learns from the time that the server gave to something that it made just now.
    fn learn(&self, made: f64) {
        let ahead = made - now();
        if ahead.abs() > TOLERANCE {
            self.0.lock().ahead = ahead;
        }
    }
}

/// What a request of several came to.
type Sent = Result<(), ClientError>;

impl Way<'_> {
    /// Sends changes in waves, noting what became of each.
    pub(super) fn send_waves(&self, entries: &[Entry], outcomes: &mut [Option<Outcome>]) -> Sent {
        for step in plan(entries) {
            match step {
                Step::Single(at) => outcomes[at] = Some(self.send_next(entries, at, outcomes)?),
                Step::Together(wave) => self.send_wave(entries, &wave, outcomes)?,
            }
        }
        Ok(())
    }

    fn send_wave(&self, entries: &[Entry], wave: &Wave, outcomes: &mut [Option<Outcome>]) -> Sent {
        for classes in [
            &[ObjectClass::Datatype][..],
            &[ObjectClass::Group, ObjectClass::Dataset],
        ] {
            self.make_objects(entries, wave, classes, outcomes)?;
        }
        // What could not be made is not linked either.
        let links = wave.links.iter().copied();
        let links: Vec<usize> = links.filter(|&at| outcomes[at].is_none()).collect();
        self.make_links(entries, links, outcomes)?;
        for create in &wave.creates {
            outcomes[create.at].get_or_insert(Outcome::Done);
        }
        self.make_attributes(entries, &wave.attributes, false, outcomes)?;
        self.make_attributes(entries, &wave.replaced, true, outcomes)?;
        for &at in &wave.others {
            outcomes[at] = Some(self.send_one(&entries[at])?);
        }
        self.write_values(entries, &wave.values, outcomes)
    }

    // ---- elements ---------------------------------------------------------------------------

    fn write_values(
        &self,
        entries: &[Entry],
        datasets: &[Vec<usize>],
        outcomes: &mut [Option<Outcome>],
    ) -> Sent {
        // An element of a dataset may be written twice.
        let sent = at_once(datasets.to_vec(), AT_ONCE, |writes| {
            let mut done = Vec::with_capacity(writes.len());
            let mut write = |at: usize| {
                done.push((at, self.send_one(&entries[at])?));
                Ok(())
            };
            let sent: Sent = writes.into_iter().try_for_each(&mut write);
            (done, sent)
        });
        let mut all_sent = Ok(());
        for (done, sent) in sent {
            for (at, outcome) in done {
                outcomes[at] = Some(outcome);
            }
            all_sent = all_sent.and(sent);
        }
        all_sent
    }

    // ---- objects ----------------------------------------------------------------------------

    /// Makes the objects of these classes. Those that could be made have no outcome yet.
    fn make_objects(
        &self,
        entries: &[Entry],
        wave: &Wave,
        classes: &[ObjectClass],
        outcomes: &mut [Option<Outcome>],
    ) -> Sent {
        let mut parts = Vec::new();
        for &class in classes {
            let own = |create: &&Create| id_of(&entries[create.at]).class == class;
            let creates: Vec<&Create> = wave.creates.iter().filter(own).collect();
            let size = |create: &&Create| {
                let attributes = create.attributes.iter();
                let attributes: usize = attributes.map(|&at| entries[at].change.size()).sum();
                entries[create.at].change.size() + attributes
            };
            let cut = cut(creates, MOST, MOST_BYTES, size);
            parts.extend(cut.into_iter().map(|part| (class, part)));
        }
        let bodies: Vec<(ObjectClass, Vec<Value>)> = parts
            .iter()
            .map(|(class, part)| {
                let bodies = part.iter().map(|create| self.body(entries, create));
                (*class, bodies.collect())
            })
            .collect();
        let sent = at_once(bodies, AT_ONCE, |(class, bodies)| {
            let made = self.domain.create_objects(class, bodies)?;
            made.into_iter().for_each(|made| self.stamps.learn(made));
            Ok(())
        });
        for ((_, part), sent) in parts.iter().zip(sent) {
            match sent {
                Ok(()) => {
                    for create in part {
                        create
                            .attributes
                            .iter()
                            .for_each(|&at| outcomes[at] = Some(Outcome::Done));
                    }
                }
                Err(error) if is_passing(&error) => return Err(error),
                Err(_) => {
                    for create in part {
                        self.make_object(entries, create, outcomes)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn body(&self, entries: &[Entry], create: &Create) -> Value {
        let Change::Create { id, body, .. } = &entries[create.at].change else {
            return Value::Null;
        };
        let mut body = body.clone();
        body.insert("id".into(), json!(id));
        if !create.attributes.is_empty() {
            let attributes = create.attributes.iter();
            let attributes = attributes.filter_map(|&at| self.attribute(&entries[at]));
            let attributes: Map<String, Value> = attributes.collect();
            body.insert("attributes".into(), Value::Object(attributes));
        }
        Value::Object(body)
    }

    /// Makes an object alone, after it was refused or made with others.
    fn make_object(
        &self,
        entries: &[Entry],
        create: &Create,
        outcomes: &mut [Option<Outcome>],
    ) -> Sent {
        let Change::Create { id, body, .. } = &entries[create.at].change else {
            return Ok(());
        };
        let made = match self.domain.create_object(*id, body.clone(), None) {
            Err(error) if is_passing(&error) => return Err(error),
            Err(error) if !self.exists(*id)? => Err(error),
            _ => Ok(()),
        };
        match made {
            Ok(()) => {
                // It may have been made without them, or with some.
                self.make_attributes(entries, &create.attributes, true, outcomes)
            }
            Err(error) => {
                for &at in &create.attributes {
                    let words = "the object could not be made";
                    let error = Error::new(ErrorKind::NotFound, words);
                    outcomes[at] = Some(Outcome::Refused(error));
                }
                outcomes[create.at] = Some(Outcome::Refused(error.into()));
                Ok(())
            }
        }
    }

    // ---- links ------------------------------------------------------------------------------

    fn make_links(
        &self,
        entries: &[Entry],
        links: Vec<usize>,
        outcomes: &mut [Option<Outcome>],
    ) -> Sent {
        let parts = cut(links, 4 * MOST, MOST_BYTES, |&at| {
            match &entries[at].change {
                Change::PutLink { .. } => entries[at].change.size(),
                // Only the link, not the object.
                _ => 300,
            }
        });
        let bodies: Vec<Map<String, Value>> = parts
            .iter()
            .map(|part| {
                let links = part.iter().filter_map(|&at| self.link(&entries[at]));
                by_object(links, "links")
            })
            .collect();
        let sent = at_once(bodies, AT_ONCE, |groups| {
            self.domain.put_links_of_groups(groups)
        });
        for (part, sent) in parts.iter().zip(sent) {
            match sent {
                Ok(()) => part
                    .iter()
                    .for_each(|&at| outcomes[at] = Some(Outcome::Done)),
                Err(error) if is_passing(&error) => return Err(error),
                Err(_) => {
                    for &at in part {
                        outcomes[at] = Some(self.make_link(&entries[at])?);
                    }
                }
            }
        }
        Ok(())
    }

    /// The group, the name and the document of a link, that of a new object among them.
    fn link(&self, entry: &Entry) -> Option<(ObjectId, String, Value)> {
        let (group, name, mut document) = match &entry.change {
            Change::Create {
                id,
                link: Some((group, name)),
                ..
            } => (*group, name.clone(), json!({"id": id})),
            Change::PutLink {
                group,
                name,
                document,
            } => (*group, name.clone(), document.clone()),
            _ => return None,
        };
        document["created"] = json!(self.stamps.next());
        Some((group, name, document))
    }

    fn make_link(&self, entry: &Entry) -> Result<Outcome, ClientError> {
        let Some((group, name, document)) = self.link(entry) else {
            return Ok(Outcome::Done);
        };
        match self.domain.put_link(group, &name, document) {
            Ok(()) => Ok(Outcome::Done),
            Err(error) if is_passing(&error) => Err(error),
            Err(error) => {
                if let Change::Create { id, .. } = &entry.change
                    && error.kind() == ClientErrorKind::Conflict
                {
                    // Nobody would find it.
                    let left = self.domain.delete_object(*id);
                    log::debug!("removing {id}, whose name is taken: {left:?}");
                }
                Ok(Outcome::Refused(error.into()))
            }
        }
    }

    // ---- attributes -------------------------------------------------------------------------

    fn make_attributes(
        &self,
        entries: &[Entry],
        attributes: &[usize],
        replace: bool,
        outcomes: &mut [Option<Outcome>],
    ) -> Sent {
        let attributes = attributes.to_vec();
        let parts = cut(attributes, 4 * MOST, MOST_BYTES, |&at| {
            entries[at].change.size()
        });
        let bodies: Vec<Map<String, Value>> = parts
            .iter()
            .map(|part| {
                let attributes = part.iter().filter_map(|&at| {
                    let id = id_of(&entries[at]);
                    self.attribute(&entries[at])
                        .map(|(name, document)| (id, name, document))
                });
                by_object(attributes, "attributes")
            })
            .collect();
        let sent = at_once(bodies, AT_ONCE, |objects| {
            self.domain.put_attributes_of_objects(objects, replace)
        });
        for (part, sent) in parts.iter().zip(sent) {
            match sent {
                Ok(()) => part
                    .iter()
                    .for_each(|&at| outcomes[at] = Some(Outcome::Done)),
                Err(error) if is_passing(&error) => return Err(error),
                Err(_) => {
                    for &at in part {
                        outcomes[at] = Some(self.send_one(&entries[at])?);
                    }
                }
            }
        }
        Ok(())
    }

    fn attribute(&self, entry: &Entry) -> Option<(String, Value)> {
        let Change::PutAttribute { name, document, .. } = &entry.change else {
            return None;
        };
        let mut document = document.clone();
        document["created"] = json!(self.stamps.next());
        Some((name.clone(), document))
    }
}

/// `{object: {<member>: {name: document}}}`, in the order given.
fn by_object(
    items: impl Iterator<Item = (ObjectId, String, Value)>,
    member: &str,
) -> Map<String, Value> {
    let mut objects = Map::new();
    for (id, name, document) in items {
        let object = objects
            .entry(id.to_string())
            .or_insert_with(|| json!({member: {}}));
        object[member][name] = document;
    }
    objects
}

/// The object that a change makes or describes.
fn id_of(entry: &Entry) -> ObjectId {
    match &entry.change {
        Change::Create { id, .. }
        | Change::PutAttribute { id, .. }
        | Change::DeleteAttribute { id, .. }
        | Change::RenameAttribute { id, .. }
        | Change::Annotate { id, .. }
        | Change::Grow { id, .. }
        | Change::PutValues { id, .. }
        | Change::Delete { id } => *id,
        Change::PutLink { group, .. } | Change::DeleteLink { group, .. } => *group,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_grow_and_follow_the_servers_clock() {
        let stamps = Stamps::default();
        let times: Vec<f64> = (0..1000).map(|_| stamps.next()).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        stamps.learn(now() + 1.0);
        assert!((stamps.next() - now()).abs() < 1.0);
        stamps.learn(now() + 100.0);
        assert!((stamps.next() - now() - 100.0).abs() < 1.0);
    }
}
