//! Elements of datasets to and from the server, in wire form.
//!
//! `transfer/` plans how much goes in one call; here a call is one request, or a few where one
//! would be larger than a server takes (`cut`). Elements of types that the server does not have
//! are dressed and undressed on the way (`disguise`).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use h5rest_client::{Domain, Part};
use h5rest_protocol::creation::Layout;
use h5rest_protocol::selection::{self, DimSelection, Selection};
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, ObjectId};

use super::cut;
use super::disguise::Disguise;
use super::error::{Error, ErrorKind, Result};
use super::object::Object;
use super::outbox::{Change, FEW_BYTES};
use super::records::{Content, DatasetInfo};
use super::session::Session;

/// A few elements may wait to be written with other changes in chunks of at most so many.
const CHUNK_FOR_POSTING: u64 = 16 << 10;

impl Session {
    /// Reads elements of fixed size, as the server has them.
    pub(super) fn get_values(&self, id: ObjectId, sel: &Selection, into: &mut [u8]) -> Result<()> {
        let domain = self.domain_for_values(id)?;
        Ok(domain.read_into(id, Part::of(sel), into)?)
    }

    /// Writes elements; the selection's description must fit a request.
    pub(super) fn put_values(&self, id: ObjectId, sel: &Selection, bytes: Bytes) -> Result<()> {
        let domain = self.domain_to_write(id)?;
        self.outbox().set_dirty();
        let write = || Ok(domain.write(id, Part::of(sel), bytes.clone())?);
        // h5rest gives a write up when somebody cuts the dataset smaller meanwhile.
        match write() {
            Err(error) if Error::kind(&error) == ErrorKind::Exists => write(),
            written => written,
        }
    }

    /// Has a few elements written with other changes of the domain, see [`Session::post`].
    pub(super) fn post_values(
        &self,
        id: ObjectId,
        sel: &Selection,
        bytes: Bytes,
        place: Option<Arc<str>>,
    ) -> Result<()> {
        let sel = sel.clone();
        self.post(Change::PutValues { id, sel, bytes }, place)
    }

    /// Writes single elements, in as many requests as they need. `points` are coordinates, one
    /// after the other, of as many numbers each as its second part says; `ends` says where each
    /// element ends.
    pub(super) fn put_points(
        &self,
        id: ObjectId,
        points: (&[u64], usize),
        ends: &[usize],
        bytes: &[u8],
    ) -> Result<()> {
        let domain = self.domain_to_write(id)?;
        self.outbox().set_dirty();
        if !self.takes_points(id)? {
            return self.put_one_by_one(id, points, ends, bytes);
        }
        for (points, bytes) in cut::points(points.0, points.1, ends, bytes)? {
            domain.write_points(id, &points, bytes)?;
        }
        Ok(())
    }

    /// Whether the server can write points of a dataset: HSDS says yes to points of opaque elements
    /// and stores nothing, and fails with points of arrays and of elements of variable size.
    fn takes_points(&self, id: ObjectId) -> Result<bool> {
        if self.server().is_h5rest() {
            return Ok(true);
        }
        let Content::Dataset(dataset) = self.head(id)?.content else {
            return Ok(true);
        };
        let told = dataset.disguise.told(&dataset.ty.datatype);
        let fails = matches!(told, Datatype::Opaque { .. } | Datatype::Array { .. });
        Ok(!fails && !told.is_variable())
    }

    /// Writes single elements with a request each.
    fn put_one_by_one(
        &self,
        id: ObjectId,
        (coords, rank): (&[u64], usize),
        ends: &[usize],
        bytes: &[u8],
    ) -> Result<()> {
        let mut start = 0;
        for (point, &end) in coords.chunks_exact(rank.max(1)).zip(ends) {
            let at = |&at: &u64| DimSelection::Range {
                start: at,
                stop: at + 1,
                step: 1,
            };
            let element = bytes.get(start..end).unwrap_or_default();
            let sel = point.iter().map(at).collect();
            self.put_values(id, &sel, Bytes::copy_from_slice(element))?;
            start = end;
        }
        Ok(())
    }
}

impl Object {
    /// The server, once it has what was collected of this dataset.
    fn domain_with_values(&self) -> Result<&Domain> {
        self.session().send_values(self.id())?;
        self.session().domain_for_values(self.id())
    }

    /// Reads the selected elements (of fixed size) into memory of exactly their size. A scalar
    /// dataset has an empty selection.
    pub fn read_into(&self, sel: &Selection, into: &mut [u8]) -> Result<()> {
        let mut read = || {
            let domain = self.domain_with_values()?;
            Ok(domain.read_into(self.id(), Part::of(sel), into)?)
        };
        read().map_err(|error: Error| self.reading(error))
    }

    /// Reads some members of the selected compound elements, packed in the order given.
    pub fn read_fields_into(
        &self,
        sel: &Selection,
        fields: &[&str],
        into: &mut [u8],
    ) -> Result<()> {
        let dataset = self.dataset()?;
        if fields.is_empty() {
            return self.read_into(sel, into);
        }
        if dataset.disguise != Disguise::None {
            let members = members_of(&dataset.ty.datatype, fields)?;
            let whole = self.read_variable(sel)?;
            let wanted = gather(&dataset.ty.datatype, &members, &whole)?;
            if wanted.len() != into.len() {
                let words = format!("{} bytes instead of {}", wanted.len(), into.len());
                return Err(self.reading(Error::protocol(words)));
            }
            into.copy_from_slice(&wanted);
            return Ok(());
        }
        let part = Part {
            selection: sel,
            fields,
            nulls: false,
        };
        let mut read = || {
            let domain = self.domain_with_values()?;
            Ok(domain.read_into(self.id(), part, into)?)
        };
        read().map_err(|error: Error| self.reading(error))
    }

    /// Reads the selected elements of any type.
    pub fn read_variable(&self, sel: &Selection) -> Result<Vec<u8>> {
        let read = || {
            let dataset = self.dataset()?;
            let part = Part::of(sel).telling_nulls(self.session().server().is_h5rest());
            let domain = self.domain_with_values()?;
            let bytes = domain.read(self.id(), part)?;
            dataset.undisguised(bytes, count(sel)?)
        };
        read().map_err(|error| self.reading(error))
    }

    /// Reads single elements of fixed size. `coords` has one coordinate after the other, each of
    /// as many numbers as the dataset has dimensions.
    pub fn read_points(&self, coords: &[u64], into: &mut [u8]) -> Result<()> {
        let mut read = || {
            let domain = self.domain_with_values()?;
            Ok(domain.read_points_into(self.id(), coords, into)?)
        };
        read().map_err(|error: Error| self.reading(error))
    }

    /// Reads single elements of any type.
    pub fn read_points_variable(&self, coords: &[u64]) -> Result<Vec<u8>> {
        let read = || {
            let dataset = self.dataset()?;
            let nulls = self.session().server().is_h5rest();
            let domain = self.domain_with_values()?;
            let bytes = domain.read_points(self.id(), coords, nulls)?;
            let rank = dataset.shape.dims().len();
            dataset.undisguised(bytes, coords.len() / rank.max(1))
        };
        read().map_err(|error| self.reading(error))
    }

    /// Writes the selected elements.
    pub fn write(&self, sel: &Selection, bytes: Bytes) -> Result<()> {
        self.write_or_post(sel, bytes, false)
    }

    /// The same, but a few elements may be written with other changes of the domain, later.
    pub fn write_behind(&self, sel: &Selection, bytes: Bytes) -> Result<()> {
        self.write_or_post(sel, bytes, true)
    }

    fn write_or_post(&self, sel: &Selection, bytes: Bytes, may_wait: bool) -> Result<()> {
        let write = || {
            self.file().check_writable()?;
            let dataset = self.dataset()?;
            let truth = &dataset.ty.datatype;
            let bytes = match dataset.disguise {
                Disguise::Boxed => dataset
                    .disguise
                    .put_on(truth, bytes.into(), count(sel)?)?
                    .into(),
                _ => self.known_strings(truth, bytes)?,
            };
            if may_wait && self.may_wait(&dataset, sel, &bytes) {
                let place = self.place();
                let session = self.session();
                let post = || session.post_values(self.id(), sel, bytes, place);
                self.write_through(Some(sel), post)?;
                self.wrote();
                return Ok(());
            }
            self.send(sel, &[], Some(&dataset.disguise.told(truth)), bytes)
        };
        write().map_err(|error: Error| self.writing(error))
    }

    /// Whether a write is small enough to be sent with other changes: also for the server, which
    /// changes whole chunks.
    fn may_wait(&self, dataset: &DatasetInfo, sel: &Selection, bytes: &Bytes) -> bool {
        let chunk = match &dataset.creation.layout {
            Some(Layout::Chunked(dims)) => {
                dims.iter().fold(1, |n: u64, &dim| n.saturating_mul(dim))
            }
            _ => dataset.shape.count().unwrap_or(u64::MAX),
        };
        let small = bytes.len() <= FEW_BYTES && chunk <= CHUNK_FOR_POSTING && cut::fits(sel);
        small && self.collects()
    }

    /// Writes the selected elements, of fixed size, from memory of the program.
    pub fn write_from(&self, sel: &Selection, bytes: &[u8]) -> Result<()> {
        let dataset = self.dataset()?;
        if dataset.disguise != Disguise::None || !cut::fits(sel) {
            return self.write(sel, Bytes::copy_from_slice(bytes));
        }
        let write = || {
            self.file().check_writable()?;
            let domain = self.session().domain_to_write(self.id())?;
            let write = || Ok(domain.write_from(self.id(), Part::of(sel), bytes)?);
            self.write_through(Some(sel), write)?;
            self.wrote();
            Ok(())
        };
        write().map_err(|error: Error| self.writing(error))
    }

    /// Elements as the server knows them: HSDS has no null strings, only empty ones.
    fn known_strings(&self, datatype: &Datatype, bytes: Bytes) -> Result<Bytes> {
        if self.session().server().is_h5rest() {
            return Ok(bytes);
        }
        Ok(match binary::without_nulls(datatype, &bytes)? {
            Cow::Borrowed(_) => bytes,
            Cow::Owned(changed) => changed.into(),
        })
    }

    /// Writes some members of the selected compound elements, packed in the order given; the
    /// other members stay as they are.
    pub fn write_fields(&self, sel: &Selection, fields: &[&str], bytes: Bytes) -> Result<()> {
        if fields.is_empty() {
            return self.write(sel, bytes);
        }
        let write = || {
            self.file().check_writable()?;
            let dataset = self.dataset()?;
            if dataset.disguise == Disguise::None {
                return self.send(sel, fields, None, bytes);
            }
            // The server sees no members in such elements: they are changed here.
            let members = members_of(&dataset.ty.datatype, fields)?;
            let mut whole = self.read_variable(sel)?;
            scatter(&dataset.ty.datatype, &members, &bytes, &mut whole)?;
            self.send(sel, &[], None, whole.into())
        };
        write().map_err(|error: Error| self.writing(error))
    }

    /// Sends elements in as many requests as their selection needs.
    fn send(
        &self,
        sel: &Selection,
        fields: &[&str],
        datatype: Option<&Datatype>,
        bytes: Bytes,
    ) -> Result<()> {
        let domain = self.session().domain_to_write(self.id())?;
        self.write_through(Some(sel), || {
            for (selection, bytes) in cut::selections(sel, datatype, bytes)? {
                let part = Part {
                    selection: &selection,
                    fields,
                    nulls: false,
                };
                domain.write(self.id(), part, bytes)?;
            }
            Ok(())
        })?;
        self.wrote();
        Ok(())
    }

    /// Takes note that elements were written.
    pub(super) fn wrote(&self) {
        self.session().cache().wrote(self.id());
        self.session().changed(self.id());
    }

    /// Writes single elements; of several writes to one element the last counts. `element_size`
    /// is `None` for elements of variable size.
    pub fn write_points(
        &self,
        coords: &[u64],
        element_size: Option<usize>,
        bytes: Bytes,
    ) -> Result<()> {
        let write = || {
            self.file().check_writable()?;
            let dataset = self.dataset()?;
            let (truth, disguise) = (&dataset.ty.datatype, dataset.disguise);
            let rank = dataset.shape.dims().len();
            let count = coords.len() / rank.max(1);
            let bytes = match disguise {
                Disguise::Boxed => disguise.put_on(truth, bytes.into(), count)?.into(),
                _ => self.known_strings(truth, bytes)?,
            };
            let ends: Vec<usize> = match element_size {
                Some(size) => (1..=count).map(|n| n * size).collect(),
                None => {
                    let ranges = binary::split(&disguise.told(truth), &bytes, count)?;
                    ranges.into_iter().map(|range| range.end).collect()
                }
            };
            self.write_through(None, || {
                let session = self.session();
                session.put_points(self.id(), (coords, rank), &ends, &bytes)
            })?;
            self.wrote();
            Ok(())
        };
        write().map_err(|error: Error| self.writing(error))
    }

    pub(super) fn reading(&self, error: Error) -> Error {
        error.context(format!("cannot read {self}"))
    }

    pub(super) fn writing(&self, error: Error) -> Error {
        error.context(format!("cannot write {self}"))
    }
}

impl DatasetInfo {
    /// `count` of its elements, from what the server gave.
    fn undisguised(&self, bytes: Vec<u8>, count: usize) -> Result<Vec<u8>> {
        let fill = self.creation.fill_value.as_deref();
        self.disguise
            .take_off(&self.ty.datatype, bytes, count, fill)
    }
}

fn count(sel: &Selection) -> Result<usize> {
    let count = selection::count(sel).and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| Error::invalid("more elements are selected than fit memory"))
}

/// Where the named members are in an element on the wire; its members must be of fixed size.
fn members_of(datatype: &Datatype, fields: &[&str]) -> Result<Vec<Range<usize>>> {
    let Datatype::Compound(compound) = datatype else {
        return Err(Error::invalid("only compound elements have members"));
    };
    let mut places = Vec::with_capacity(compound.members.len());
    let mut end = 0;
    for member in &compound.members {
        let size = member.datatype.wire_size().ok_or_else(|| {
            Error::unsupported("single members of compounds of variable size that HSDS lacks")
        })?;
        places.push((member.name.as_str(), end..end + size));
        end += size;
    }
    let find = |field: &&str| {
        let found = places.iter().find(|(name, _)| name == field);
        let found = found.map(|(_, place)| place.clone());
        found.ok_or_else(|| Error::invalid(format!("there is no member '{field}'")))
    };
    fields.iter().map(find).collect()
}

/// The members of all elements, packed.
fn gather(datatype: &Datatype, members: &[Range<usize>], whole: &[u8]) -> Result<Vec<u8>> {
    let size = datatype.wire_size().filter(|&size| size > 0);
    let size = size.ok_or_else(|| Error::invalid("elements of no fixed size"))?;
    let elements = whole.chunks_exact(size);
    let parts = elements.flat_map(|element| members.iter().map(|place| &element[place.clone()]));
    Ok(parts.flatten().copied().collect())
}

/// Puts packed members into all elements.
fn scatter(
    datatype: &Datatype,
    members: &[Range<usize>],
    parts: &[u8],
    whole: &mut [u8],
) -> Result<()> {
    let size = datatype.wire_size().filter(|&size| size > 0);
    let size = size.ok_or_else(|| Error::invalid("elements of no fixed size"))?;
    let packed: usize = members.iter().map(Range::len).sum();
    if packed == 0
        || parts.len() / packed != whole.len() / size
        || !parts.len().is_multiple_of(packed)
    {
        return Err(Error::invalid(
            "the value does not have as many bytes as are selected",
        ));
    }
    for (element, part) in whole.chunks_exact_mut(size).zip(parts.chunks_exact(packed)) {
        let mut rest = part;
        for place in members {
            let (member, after) = rest.split_at(place.len());
            element[place.clone()].copy_from_slice(member);
            rest = after;
        }
    }
    Ok(())
}
