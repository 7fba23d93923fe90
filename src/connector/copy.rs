//! Copying objects (`H5Ocopy`): into the same file or another one, on the same server or not.
//!
//! The server cannot copy: everything goes through here, values in pieces of bounded size. The
//! copy gets its name last, so nobody sees half of it, and what a failure leaves is deleted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::creation::Layout;
use h5rest_protocol::datatype::ReferenceType;
use h5rest_protocol::selection::{DimSelection, Selection};
use h5rest_protocol::{Datatype, Link, ObjectClass, ObjectId, Shape, StoredType};

use super::error::{Error, ErrorKind, Result};
use super::file::File;
use super::index::{IndexBy, Order};
use super::layout;
use super::links::{LinkEntry, LinkOptions};
use super::object::Object;

/// Bytes of values on their way at once.
const PIECE: u64 = 8 << 20;

/// What an object copy property list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CopyOptions {
    /// Groups in a copied group stay empty.
    pub shallow: bool,
    /// What soft links lead to is copied in their place.
    pub expand_soft_links: bool,
    /// What external links lead to is copied in their place.
    pub expand_external_links: bool,
    /// Attributes stay behind.
    pub without_attributes: bool,
    /// A committed datatype that the destination has already is used instead of a copy.
    pub merge_datatypes: bool,
    /// What references lead to is copied to another file, too; otherwise they become null there.
    pub expand_references: bool,
}

impl Object {
    /// Copies this object (and, of a group, what is in it) to a new name.
    pub fn copy(
        &self,
        to_loc: &Object,
        to: &str,
        options: &CopyOptions,
        link: &LinkOptions,
    ) -> Result<()> {
        let copy = || {
            let free = to_loc.free_name(to, link.intermediate, &serde_json::Map::new())?;
            let mut copier = Copier {
                to: free.group.clone(),
                options: *options,
                done: HashMap::new(),
                referred: Vec::new(),
                datatypes: None,
            };
            match copier.object(self, 0) {
                Ok(made) => {
                    copier.link_referred(link)?;
                    free.group.create_hard_link(free.name, &made, link)
                }
                Err(error) => {
                    copier.clean_up();
                    Err(error)
                }
            }
        };
        copy().map_err(|error: Error| error.context(format!("cannot copy {self} to '{to}'")))
    }
}

/// One copy under way.
pub(super) struct Copier {
    /// Any object of the file that is copied to.
    pub(super) to: Object,
    options: CopyOptions,
    /// What was copied already, so that what is linked twice is copied once, and circles end.
    /// The handles keep the copies, which have no links yet.
    pub(super) done: HashMap<ObjectId, Object>,
    /// Copies that were made because references lead to them.
    pub(super) referred: Vec<Object>,
    /// Committed datatypes of the destination, once they were looked for.
    datatypes: Option<Vec<(Datatype, Object)>>,
}

const UNNAMED: LinkOptions = LinkOptions {
    intermediate: false,
    charset: h5rest_protocol::datatype::CharSet::Ascii,
};

impl Copier {
    /// Copies an object that is `depth` groups below the first one.
    pub(super) fn object(&mut self, from: &Object, depth: usize) -> Result<Object> {
        if let Some(made) = self.done.get(&from.id()) {
            return Ok(made.clone());
        }
        let made = match from.class() {
            ObjectClass::Group => {
                let properties = from.group_info()?.properties;
                self.to.create_group(None, &UNNAMED, properties)?
            }
            ObjectClass::Datatype => self.datatype(from)?,
            ObjectClass::Dataset => self.dataset(from)?,
        };
        self.done.insert(from.id(), made.clone());
        if let Some(comment) = from.comment()? {
            made.set_comment(Some(&comment))?;
        }
        if !self.options.without_attributes {
            self.attributes(from, &made)?;
        }
        let empty = self.options.shallow && depth > 0;
        if from.class() == ObjectClass::Group && !empty {
            self.links(from, &made, depth)?;
        }
        Ok(made)
    }

    fn datatype(&mut self, from: &Object) -> Result<Object> {
        let (mut ty, properties) = from.datatype()?;
        ty.committed = None;
        if !self.options.merge_datatypes {
            return self.to.commit_datatype(None, &UNNAMED, ty, properties);
        }
        let mut known = match self.datatypes.take() {
            Some(known) => known,
            None => self.to.file().committed_datatypes()?,
        };
        let same = known.iter().find(|(known, _)| *known == ty.datatype);
        let merged = match same {
            Some((_, same)) => same.clone(),
            None => {
                let datatype = ty.datatype.clone();
                let made = self.to.commit_datatype(None, &UNNAMED, ty, properties)?;
                known.push((datatype, made.clone()));
                made
            }
        };
        self.datatypes = Some(known);
        Ok(merged)
    }

    /// The type that the copy of something with this type has: a committed one is copied, too.
    fn stored_type(&mut self, from: &Object, ty: &StoredType) -> Result<StoredType> {
        let mut copied = ty.clone();
        copied.committed = match ty.committed {
            Some(id) => {
                let committed = from.open_id(id)?;
                Some(self.object(&committed, 1)?.id())
            }
            None => None,
        };
        Ok(copied)
    }

    fn dataset(&mut self, from: &Object) -> Result<Object> {
        let info = from.dataset()?;
        let ty = self.stored_type(from, &info.ty)?;
        let (shape, creation) = (info.shape.clone(), info.creation.clone());
        let made = self
            .to
            .create_dataset(None, &UNNAMED, ty, shape, creation)?;
        let references = self.foreign_references(from, &info.ty.datatype);
        // Null is what they are if nothing is written. The copy of a dataset in external files has
        // the same files, as in HDF5; a virtual one has no elements of its own.
        let stays_null = references.is_some() && !self.options.expand_references;
        if stays_null || info.is_external() || info.is_virtual() {
            return Ok(made);
        }
        let chunk = match &info.creation.layout {
            Some(Layout::Chunked(dims)) => Some(dims.as_slice()),
            _ => None,
        };
        let element = layout::usual_size(&info.ty.datatype);
        for selection in pieces(&info.shape, chunk, element) {
            let mut bytes = from.read_variable(&selection)?;
            if let Some(kind) = references {
                bytes = self.expand_references(from, kind, &bytes)?;
            }
            made.write(&selection, Bytes::from(bytes))?;
        }
        Ok(made)
    }

    fn same_file(&self, from: &Object) -> bool {
        from.file().same_domain(self.to.file())
    }

    /// The kind of references that all elements of this type are, if they are copied to another file.
    /// References lead to objects of the old file; HDF5 leaves those inside other types as they are.
    fn foreign_references(&self, from: &Object, datatype: &Datatype) -> Option<ReferenceType> {
        match datatype {
            Datatype::Reference(kind) if !self.same_file(from) => Some(*kind),
            _ => None,
        }
    }

    fn attributes(&mut self, from: &Object, made: &Object) -> Result<()> {
        for info in from.attributes(IndexBy::CreationOrder, Order::Increasing)? {
            let ty = self.stored_type(from, &info.ty)?;
            let references = match &ty.datatype {
                // In attributes, HDF5 expands references of copies inside one file, too.
                Datatype::Reference(kind) if self.options.expand_references => Some(*kind),
                datatype => self.foreign_references(from, datatype),
            };
            let stays_null = references.is_some() && !self.options.expand_references;
            let bytes = if stays_null || !from.attribute_is_written(&info.name)? {
                None
            } else {
                let bytes = from.open_attribute(&info.name)?.read()?;
                Some(match references {
                    Some(kind) => self.expand_references(from, kind, &bytes)?,
                    None => bytes,
                })
            };
            made.add_attribute(&info.name, ty, info.shape, info.charset, bytes)?;
        }
        Ok(())
    }

    fn links(&mut self, from: &Object, made: &Object, depth: usize) -> Result<()> {
        for entry in from.links(IndexBy::CreationOrder, Order::Increasing)? {
            let options = LinkOptions {
                intermediate: false,
                charset: entry.charset,
            };
            match self.expanded(from, &entry)? {
                Some(target) => {
                    let copied = self.object(&target, depth + 1)?;
                    made.create_hard_link(&entry.name, &copied, &options)?;
                }
                None => made.create_link(&entry.name, entry.link, &options)?,
            }
        }
        Ok(())
    }

    /// The object to copy in place of a link; `None` if the link itself is copied.
    fn expanded(&self, from: &Object, entry: &LinkEntry) -> Result<Option<Object>> {
        match entry.link {
            Link::Hard(id) => from.open_id(id).map(Some),
            Link::Soft(_) if self.options.expand_soft_links => Ok(from.open(&entry.name).ok()),
            Link::External { .. } if self.options.expand_external_links => {
                Ok(from.open(&entry.name).ok())
            }
            _ => Ok(None),
        }
    }

    /// Deletes the copies made so far.
    fn clean_up(self) {
        let session = self.to.session().clone();
        for made in self.done.into_values() {
            let id = made.id();
            drop(made);
            if let Err(error) = session.delete_unlinked(id) {
                log::error!("the unfinished copy {id} stays on the server: {error}");
            }
        }
    }
}

impl File {
    /// The committed datatypes that objects of this file are or use, each once.
    fn committed_datatypes(self: &Arc<Self>) -> Result<Vec<(Datatype, Object)>> {
        let (session, root) = (self.session(), self.own_root());
        session.load_all_links()?;
        let mut linked = session.cache().known_targets(session.root().domain);
        linked.push(root.id());
        // The types that have names first.
        linked.sort_by_key(|id| id.class != ObjectClass::Datatype);
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        for id in linked {
            let object = match root.open_id(id) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                object => object?,
            };
            let attributes = object.attributes(IndexBy::Name, Order::Native)?;
            let mut used: Vec<ObjectId> = attributes
                .into_iter()
                .filter_map(|attribute| attribute.ty.committed)
                .collect();
            match id.class {
                ObjectClass::Datatype => used.push(id),
                ObjectClass::Dataset => used.extend(object.dataset()?.ty.committed),
                ObjectClass::Group => {}
            }
            for id in used.into_iter().filter(|id| seen.insert(*id)) {
                let datatype = root.open_id(id)?;
                found.push((datatype.datatype()?.0.datatype, datatype));
            }
        }
        Ok(found)
    }
}

/// Cuts a dataset into selections of bounded size, whole chunks where possible.
fn pieces(shape: &Shape, chunk: Option<&[u64]>, element: u64) -> Vec<Selection> {
    let dims = shape.dims();
    match shape.count() {
        Some(0) | None => return Vec::new(),
        Some(_) if dims.is_empty() => return vec![Vec::new()],
        Some(_) => {}
    }
    let mut steps = dims.to_vec();
    let size = |steps: &[u64]| {
        steps
            .iter()
            .fold(element.max(1), |n, &s| n.saturating_mul(s))
    };
    for dim in 0..steps.len() {
        let whole = size(&steps);
        if whole <= PIECE {
            break;
        }
        let least = chunk
            .and_then(|chunk| chunk.get(dim))
            .copied()
            .unwrap_or(1)
            .clamp(1, dims[dim]);
        let row = (whole / steps[dim]).max(1);
        steps[dim] = (PIECE / row / least * least).clamp(least, dims[dim]);
    }
    let mut all: Vec<Selection> = vec![Vec::new()];
    for (&extent, &step) in dims.iter().zip(&steps) {
        let ranges = (0..extent.div_ceil(step)).map(|at| DimSelection::Range {
            start: at * step,
            stop: extent.min((at + 1) * step),
            step: 1,
        });
        let ranges: Vec<DimSelection> = ranges.collect();
        all = all
            .into_iter()
            .flat_map(|start| {
                ranges
                    .iter()
                    .map(move |range| [start.clone(), vec![range.clone()]].concat())
            })
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::selection;

    use super::*;

    #[test]
    fn pieces_are_bounded_and_cover_everything() {
        for (dims, chunk, element) in [
            (vec![4096, 1024], Some(vec![100, 1000]), 8),
            (vec![3, 5_000_000], None, 4),
            (vec![10], None, 1),
        ] {
            let shape = Shape::fixed(dims.clone());
            let all = pieces(&shape, chunk.as_deref(), element);
            let counts = all.iter().map(|piece| selection::count(piece).unwrap());
            assert_eq!(counts.clone().sum::<u64>(), shape.count().unwrap());
            assert!(counts.max().unwrap() * element <= PIECE);
            let texts: std::collections::HashSet<_> = all.iter().map(selection::format).collect();
            assert_eq!(texts.len(), all.len());
        }
        assert_eq!(pieces(&Shape::Scalar, None, 4), [Vec::new()]);
        assert!(pieces(&Shape::Null, None, 4).is_empty());
        assert!(pieces(&Shape::fixed([0, 4]), None, 4).is_empty());
    }
}
