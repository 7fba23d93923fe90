//! Sends changes one by one: to servers that have no better way, and where a request of several
//! was refused and it matters which of them are at fault.

use h5rest_client::{
    CONDITIONAL, ClientError, ClientErrorKind, Domain, FirstLink, Part, ServerInfo,
};
use h5rest_protocol::{Datatype, ObjectId, Shape};
use serde_json::{Value, json};

use super::change::Change;
use super::fate::in_vain;
use super::queue::Entry;
use super::send_hsds::Stamps;
use crate::connector::Error;

/// What became of a change.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// The server has it.
    Done,
    /// The server does not want it.
    Refused(Error),
    /// It was not sent, or not made, because another one that it needs was not made.
    LeftOut,
}

/// The way to a domain's server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) domain: &'a Domain,
    pub(super) server: &'a ServerInfo,
    pub(super) stamps: &'a Stamps,
}

/// Whether a failure says nothing about the change: it may succeed later, or have been made and the
/// answer be spoilt.
pub(super) fn is_passing(error: &ClientError) -> bool {
    matches!(
        (error.kind(), error.status()),
        (
            ClientErrorKind::Refused | ClientErrorKind::Timeout | ClientErrorKind::Protocol,
            _,
        ) | (ClientErrorKind::Unavailable, None)
            | (_, Some(408 | 429 | 502 | 503 | 504 | 507))
    )
}

impl Way<'_> {
    /// Sends changes in order, noting what became of each, until the server cannot be reached.
    pub(super) fn send_singly(
        &self,
        entries: &[Entry],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), ClientError> {
        for at in 0..entries.len() {
            if outcomes[at].is_none() {
                outcomes[at] = Some(self.send_next(entries, at, outcomes)?);
            }
        }
        Ok(())
    }

    /// Sends one of several changes, unless it needs one before it that was not made.
    pub(super) fn send_next(
        &self,
        entries: &[Entry],
        at: usize,
        outcomes: &[Option<Outcome>],
    ) -> Result<Outcome, ClientError> {
        match in_vain(entries, at, outcomes) {
            true => Ok(Outcome::LeftOut),
            false => self.send_one(&entries[at]),
        }
    }

    /// Sends one change. Fails if the server cannot be reached.
    pub(super) fn send_one(&self, entry: &Entry) -> Result<Outcome, ClientError> {
        match self.request(entry) {
            Ok(()) => Ok(Outcome::Done),
            Err(error) if is_passing(&error) => Err(error),
            Err(error) => Ok(Outcome::Refused(error.into())),
        }
    }

    fn request(&self, entry: &Entry) -> Result<(), ClientError> {
        let domain = &self.domain.for_change(entry.name());
        match &entry.change {
            Change::Create { id, body, link } => {
                let first = link.as_ref().map(|(group, name)| FirstLink {
                    group: *group,
                    name,
                });
                let made = domain.create_object(*id, body.clone(), first);
                let Err(error) = made else { return Ok(()) };
                if entry.repeated && !is_passing(&error) && self.exists(*id)? {
                    return match link {
                        Some((group, name)) => domain.put_link(*group, name, json!({"id": id})),
                        None => Ok(()),
                    };
                }
                if error.kind() == ClientErrorKind::Conflict && !self.server.is_h5rest() {
                    // HSDS makes the object before it finds that another one took the name.
                    let left = domain.delete_object(*id);
                    log::debug!("removing {id} after a conflict: {left:?}");
                }
                Err(error)
            }
            Change::PutLink {
                group,
                name,
                document,
            } => domain.put_link(*group, name, document.clone()),
            Change::DeleteLink {
                group,
                name,
                leads_to,
            } => self.delete_link(entry, *group, name, *leads_to),
            Change::PutAttribute {
                id,
                name,
                document,
                bytes,
                replace,
            } => {
                // An h5rest knows it again, if it is the same request.
                let replaces = *replace || (entry.repeated && !self.server.is_h5rest());
                match domain.put_attribute(*id, name, document, replaces) {
                    // Made by the first attempt, or by somebody else meanwhile.
                    Err(error) if entry.repeated && error.kind() == ClientErrorKind::Conflict => {
                        if !self.has_attribute(*id, name, document)? {
                            return Err(error);
                        }
                    }
                    made => made?,
                }
                match bytes {
                    Some(bytes) => domain.put_attribute_bytes(*id, name, bytes.clone()),
                    None => Ok(()),
                }
            }
            Change::DeleteAttribute { id, name } => {
                gone(entry.repeated, domain.delete_attribute(*id, name))
            }
            Change::RenameAttribute { id, old, new } => {
                let renamed = domain.rename_attribute(*id, old, new);
                let by_then = |error: &ClientError| {
                    let missing = error.kind() == ClientErrorKind::NotFound;
                    let repeated = entry.repeated || error.attempts() > 1;
                    missing && repeated
                };
                match renamed {
                    Err(error) if by_then(&error) => match domain.attribute(*id, new) {
                        Err(unknown) if is_passing(&unknown) => Err(unknown),
                        Err(_) => Err(error),
                        Ok(_) => Ok(()),
                    },
                    renamed => renamed,
                }
            }
            Change::Annotate { id, members } => domain.put_annotations(*id, members),
            Change::Grow { id, dims } => self.grow(*id, dims),
            Change::PutValues { id, sel, bytes } => {
                let write = || domain.write(*id, Part::of(sel), bytes.clone());
                // h5rest gives a write up when somebody cuts the dataset smaller meanwhile.
                match write() {
                    Err(error) if error.kind() == ClientErrorKind::Conflict => write(),
                    written => written,
                }
            }
            // Another one deleted it already.
            Change::Delete { id } => gone(true, domain.delete_object(*id)),
        }
    }

    /// Makes a dataset at least so large. Another program may have made it larger than this one knows, and
    /// what it wrote there must not be cut off: HSDS has no request for that, so its extent is asked for first.
    fn grow(&self, id: ObjectId, dims: &[u64]) -> Result<(), ClientError> {
        if self.server.is_h5rest() {
            return self.domain.grow(id, dims);
        }
        let mut wanted = dims.to_vec();
        let answer = self.domain.extent(id)?;
        let found = Shape::from_json(&answer["shape"]).ok();
        let now = found.as_ref().map_or(&[][..], Shape::dims);
        if now.len() == dims.len() {
            wanted
                .iter_mut()
                .zip(now)
                .for_each(|(new, &old)| *new = old.max(*new));
        }
        match wanted == now {
            true => Ok(()),
            false => self.domain.put_extent(id, &wanted),
        }
    }

    /// Deletes a link, if it leads to `target` where one is named.
    fn delete_link(
        &self,
        entry: &Entry,
        group: ObjectId,
        name: &str,
        target: Option<ObjectId>,
    ) -> Result<(), ClientError> {
        let domain = &self.domain.for_change(entry.name());
        let Some(target) = target else {
            return gone(entry.repeated, domain.delete_link(group, name));
        };
        if self.server.has(CONDITIONAL) {
            return domain.delete_link_to(group, name, target);
        }
        match domain.check_link_to(group, name, target) {
            Ok(()) => entry.set_checked(),
            // It led there before the first attempt to delete it.
            Err(error) if entry.was_checked() && error.kind() == ClientErrorKind::NotFound => {
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        domain.delete_link(group, name)
    }

    /// Whether an object has the attribute that a document would make: of the same type and extent, and with
    /// the same value if the document tells one.
    fn has_attribute(
        &self,
        id: ObjectId,
        name: &str,
        document: &Value,
    ) -> Result<bool, ClientError> {
        let found = match self.domain.attribute(id, name) {
            Ok(found) => found,
            Err(error) if is_passing(&error) => return Err(error),
            Err(_) => return Ok(false),
        };
        let ty = |of: &Value| Datatype::from_json(&of["type"]).ok();
        let shape = |of: &Value| Shape::from_json(&of["shape"]).ok();
        let value = document.get("value");
        Ok(ty(&found) == ty(document)
            && shape(&found) == shape(document)
            && value.is_none_or(|value| *value == found["value"]))
    }

    /// Whether an object is there.
    pub(super) fn exists(&self, id: ObjectId) -> Result<bool, ClientError> {
        match self.domain.get_object(id, false, false) {
            Ok(_) => Ok(true),
            Err(error) if is_passing(&error) => Err(error),
            Err(_) => Ok(false),
        }
    }
}

/// That something is not there any more is what a repeated deletion wants.
fn gone(repeated: bool, answer: Result<(), ClientError>) -> Result<(), ClientError> {
    match answer {
        Err(error) if repeated && error.kind() == ClientErrorKind::NotFound => Ok(()),
        answer => answer,
    }
}
