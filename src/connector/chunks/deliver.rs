//! How the elements that were collected of one dataset get to the server: which go as boxes and which
//! as points, now or with other changes of the domain, and what becomes of each. `dataset` collects
//! them, and takes back what could not be sent.

use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::selection::Selection;

use super::is_out_of_reach;
use super::slab::Region;
use crate::connector::error::{Error, Result};

/// Boxes that are sent one by one before it is worth to send single elements together.
const FEW_BOXES: usize = 8;
/// Boxes of fewer elements than this are better sent as points.
const TINY_BOX: usize = 128;

/// Where the elements of a dataset really are.
pub(super) trait Values {
    /// Reads a selection.
    fn read(&self, sel: &Selection, into: &mut [u8]) -> Result<()>;
    /// Writes a selection.
    fn write(&self, sel: &Selection, bytes: Bytes) -> Result<()>;
    /// Writes boxes that have no element in common, in any order; what became of each.
    fn write_all(&self, boxes: Vec<(Selection, Bytes)>) -> Vec<Result<()>>;
    /// Writes a selection with other changes of the domain, later.
    /// `place` is the dataset's path.
    fn post(&self, sel: &Selection, bytes: Bytes, place: Option<Arc<str>>) -> Result<()>;
    /// Writes single elements of `element` bytes each, by their coordinates.
    fn write_points(&self, coords: &[u64], element: usize, bytes: &[u8]) -> Result<()>;
}

/// When the server gets what was collected.
#[derive(Debug, Clone, Copy)]
pub(super) enum When<'a> {
    /// Before the call ends.
    Now,
    /// With other changes of the domain; the dataset's path is for messages.
    Together(Option<&'a Arc<str>>),
}

/// A box and its elements on their way to the server.
pub(super) struct Parcel {
    pub(super) region: Region,
    pub(super) bytes: Bytes,
}

/// What became of parcels.
#[derive(Default)]
pub(super) struct Outcome {
    /// To be sent again: the server could not be reached.
    pub(super) left: Vec<Parcel>,
    /// Those the server does not want.
    pub(super) refused: Vec<Parcel>,
    /// The first reason.
    pub(super) failure: Option<Error>,
}

impl Outcome {
    fn note(&mut self, sent: Result<()>, parcels: Vec<Parcel>) {
        let Err(error) = sent else {
            return;
        };
        match is_out_of_reach(&error) {
            true => self.left.extend(parcels),
            false => self.refused.extend(parcels),
        }
        self.failure.get_or_insert(error);
    }
}

/// Sends parcels; nothing more after the server could not be reached.
pub(super) fn deliver(
    server: &impl Values,
    mut parcels: Vec<Parcel>,
    element: usize,
    when: When<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let is_tiny = |parcel: &Parcel| parcel.region.volume() < TINY_BOX;
    if parcels.iter().filter(|parcel| is_tiny(parcel)).count() > FEW_BOXES {
        let (tiny, large) = parcels.into_iter().partition(is_tiny);
        parcels = large;
        outcome.note(deliver_points(server, &tiny, element), tiny);
    }
    if !outcome.left.is_empty() {
        outcome.left.extend(parcels);
        return outcome;
    }
    let what = |parcel: &Parcel| (parcel.region.selection(), parcel.bytes.clone());
    let boxes: Vec<(Selection, Bytes)> = parcels.iter().map(what).collect();
    let sent = match when {
        When::Now => server.write_all(boxes),
        When::Together(place) => post_all(server, boxes, place),
    };
    for (parcel, sent) in parcels.into_iter().zip(sent) {
        outcome.note(sent, vec![parcel]);
    }
    outcome
}

/// Hands boxes over to be sent with other changes, until one finds no room and the server is out of
/// reach: one time limit is enough.
fn post_all(
    server: &impl Values,
    boxes: Vec<(Selection, Bytes)>,
    place: Option<&Arc<str>>,
) -> Vec<Result<()>> {
    let mut lost = None;
    let post = |(sel, bytes): (Selection, Bytes)| {
        if let Some(error) = &lost {
            return Err(Error::clone(error));
        }
        let posted = server.post(&sel, bytes, place.cloned());
        lost = posted
            .as_ref()
            .err()
            .filter(|e| is_out_of_reach(e))
            .cloned();
        posted
    };
    boxes.into_iter().map(post).collect()
}

/// Sends the elements of parcels one by one, in one request.
fn deliver_points(server: &impl Values, parcels: &[Parcel], element: usize) -> Result<()> {
    let (mut coords, mut bytes) = (Vec::new(), Vec::new());
    for parcel in parcels {
        let Some((last, outer)) = parcel
            .region
            .slab()
            .0
            .split_last()
            .map(|(l, o)| (*l, o.len()))
        else {
            continue;
        };
        parcel.region.slab().for_each_row(|row, _| {
            for column in last.start..last.start + last.count {
                coords.extend_from_slice(&row[..outer]);
                coords.push(column);
            }
        });
        bytes.extend_from_slice(&parcel.bytes);
    }
    server.write_points(&coords, element, &bytes)
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;
    use crate::connector::ErrorKind;

    /// A server that is away, and how often it was asked.
    #[derive(Default)]
    struct Away(Mutex<usize>);

    impl Away {
        fn ask(&self) -> Result<()> {
            *self.0.lock() += 1;
            Err(Error::new(ErrorKind::Timeout, "no answer"))
        }
    }

    impl Values for Away {
        fn read(&self, _: &Selection, _: &mut [u8]) -> Result<()> {
            self.ask()
        }

        fn write(&self, _: &Selection, _: Bytes) -> Result<()> {
            self.ask()
        }

        fn write_all(&self, boxes: Vec<(Selection, Bytes)>) -> Vec<Result<()>> {
            boxes.iter().map(|_| self.ask()).collect()
        }

        fn post(&self, _: &Selection, _: Bytes, _: Option<Arc<str>>) -> Result<()> {
            self.ask()
        }

        fn write_points(&self, _: &[u64], _: usize, _: &[u8]) -> Result<()> {
            self.ask()
        }
    }

    #[test]
    fn one_time_limit_is_enough() {
        let server = Away::default();
        let posted = post_all(&server, vec![Default::default(); 5], None);
        assert_eq!(posted.len(), 5);
        assert!(posted.iter().all(Result::is_err));
        assert_eq!(*server.0.lock(), 1);
    }
}
