//! Sends changes to an `h5rest`: as many as there are in one request, which tells of each how it
//! went.

use std::collections::HashSet;

use h5rest_client::{BatchPart, ClientError, FirstLink, Operation, Verdict};

use super::change::Change;
use super::fate::needed;
use super::queue::Entry;
use super::send::{Outcome, Way, is_passing};
use crate::connector::{Error, ErrorKind};

impl Way<'_> {
    /// Sends changes as one batch, noting what became of each. The server does not do a batch twice
    /// of which it remembers the name.
    pub(super) fn send_batch(
        &self,
        name: &str,
        entries: &[Entry],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), ClientError> {
        let parts = entries.iter().enumerate().map(|(at, entry)| {
            Ok(BatchPart {
                operation: operation(&entry.change)?,
                if_done: needed(&entries[..at], entry),
            })
        });
        let verdicts = match self.domain.batch(name, parts) {
            Ok(verdicts) => verdicts,
            // An attempt before this one may have been heard: the name tells, when it is sent again.
            Err(error) if is_passing(&error) || error.attempts() > 1 => return Err(error),
            Err(error) => {
                // Whatever is wrong with the whole, some of its parts may be sound.
                log::info!("changes are sent one by one: {error}");
                return self.send_singly(entries, outcomes);
            }
        };
        // What the server has done is noted before anything is sent again, which may fail.
        let mut written_again = HashSet::new();
        for (at, entry) in entries.iter().enumerate() {
            outcomes[at] = judged(entries, &verdicts, at, outcomes);
            // What was written later is written again behind it: it may be the same elements.
            if let Change::PutValues { id, .. } = &entry.change
                && (outcomes[at].is_none() || written_again.contains(id))
            {
                written_again.insert(*id);
                outcomes[at] = None;
            }
        }
        self.send_singly(entries, outcomes)
    }
}

/// What became of one change of a batch; `None` if it is to be sent alone. `outcomes` are those of the
/// changes before it.
fn judged(
    entries: &[Entry],
    verdicts: &[Verdict],
    at: usize,
    outcomes: &[Option<Outcome>],
) -> Option<Outcome> {
    let (entry, verdict) = (&entries[at], &verdicts[at]);
    let is_values = matches!(entry.change, Change::PutValues { .. });
    let needed = needed(&entries[..at], entry).map(|needed| &outcomes[needed]);
    match verdict.status {
        200..300 => Some(Outcome::Done),
        404 | 410 if matches!(entry.change, Change::Delete { .. }) => Some(Outcome::Done),
        // One failure is told.
        _ if let Some(Some(Outcome::Refused(_) | Outcome::LeftOut)) = needed => {
            Some(Outcome::LeftOut)
        }
        // What it needs counts as made, or is to be sent again.
        424 => None,
        // Nobody can read them any more.
        _ if is_values && deletes(entries, verdicts, &entry.change) => Some(Outcome::Done),
        // It may have been made by the first attempt, whose answer was lost.
        _ if entry.repeated => None,
        // Elements whose chunks are too large for a batch are welcome alone, and so is every
        // change behind so many that the batch is full.
        413 => None,
        _ if is_values => None,
        _ => Some(Outcome::Refused(refusal(verdict))),
    }
}

/// Whether the dataset whose elements a change writes is deleted by one of these changes, necessarily a
/// later one (an id is not used again): nothing is written to what is no more.
fn deletes(entries: &[Entry], verdicts: &[Verdict], write: &Change) -> bool {
    let id = write.precedes_values_of();
    entries.iter().zip(verdicts).any(|(entry, verdict)| {
        let is_gone = matches!(verdict.status, 200..300 | 404 | 410);
        is_gone && matches!(entry.change, Change::Delete { id: deleted } if Some(deleted) == id)
    })
}

/// What the server has said to one change.
fn refusal(verdict: &Verdict) -> Error {
    let kind = match verdict.status {
        404 | 410 => ErrorKind::NotFound,
        409 => ErrorKind::Exists,
        401 | 403 => ErrorKind::Denied,
        501 => ErrorKind::Unsupported,
        _ => ErrorKind::Invalid,
    };
    let words = format!(
        "the server has refused it with status {}: {}",
        verdict.status, verdict.reason
    );
    Error::new(kind, words)
}

/// A change in the words of a request.
fn operation(change: &Change) -> Result<Operation, ClientError> {
    match change {
        Change::Create { id, body, link } => {
            let first = link.as_ref().map(|(group, name)| FirstLink {
                group: *group,
                name,
            });
            Operation::create_object(*id, body.clone(), first)
        }
        Change::PutLink {
            group,
            name,
            document,
        } => Operation::put_link(*group, name, document.clone()),
        Change::DeleteLink {
            group,
            name,
            leads_to,
        } => Ok(match leads_to {
            // Only a server that looks gets it in a batch, see `Lot::apart`.
            Some(target) => Operation::delete_link_to(*group, name, *target),
            None => Operation::delete_link(*group, name),
        }),
        Change::PutAttribute {
            id,
            name,
            document,
            replace,
            ..
        } => Operation::put_attribute(*id, name, document, *replace),
        Change::DeleteAttribute { id, name } => Ok(Operation::delete_attribute(*id, name)),
        Change::RenameAttribute { id, old, new } => Operation::rename_attribute(*id, old, new),
        Change::Annotate { id, members } => Operation::put_annotations(*id, members),
        Change::Grow { id, dims } => Operation::grow(*id, dims),
        Change::PutValues { id, sel, bytes } => Operation::put_values(*id, sel, bytes),
        Change::Delete { id } => Ok(Operation::delete_object(*id)),
    }
}
