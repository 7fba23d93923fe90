//! Where the elements of a virtual dataset are: its extent as the sources make it, and for each
//! source which elements are whose.
//!
//! Called by this folder's `mod`, anew for each transfer: sources come and grow.

use std::collections::HashSet;

use h5rest_protocol::{Extent, ObjectClass, ObjectId, Shape};

use super::endless::Endless;
use crate::connector::{
    DatasetInfo, Error, ErrorKind, MappedSpace, Mapping, Object, Result, Slab, VirtualAccess,
    mappings,
};
use crate::host::Host;

/// A dataset that a virtual dataset takes elements of.
pub struct Source {
    /// The dataset.
    pub object: Object,
    /// Elements of the virtual dataset.
    pub space: MappedSpace,
    /// As many of the source.
    pub source_space: MappedSpace,
}

/// A virtual dataset, resolved.
pub struct Resolved {
    /// Its extent.
    pub shape: Shape,
    /// The sources that there are.
    pub sources: Vec<Source>,
}

/// Virtual datasets whose sources are being looked for: one, what it is a source of, and so on.
/// That ends circles, of which datasets cannot be made.
#[derive(Clone, Copy)]
struct Within<'a> {
    object: &'a Object,
    outer: Option<&'a Within<'a>>,
}

impl Within<'_> {
    fn contains(&self, object: &Object) -> bool {
        self.object.id() == object.id() || self.outer.is_some_and(|outer| outer.contains(object))
    }
}

/// Resolves a virtual dataset.
pub fn resolve(
    host: &'static Host,
    object: &Object,
    info: &DatasetInfo,
    access: &VirtualAccess,
) -> Result<Resolved> {
    let outermost = Within {
        object,
        outer: None,
    };
    resolve_within(host, outermost, info, access)
}

/// The extent of a virtual dataset. Sources are only asked for it where mappings have no end.
pub fn shape(
    host: &'static Host,
    object: &Object,
    info: &DatasetInfo,
    access: &VirtualAccess,
) -> Result<Shape> {
    let grows = |mapping: &Mapping| Endless::of(mapping.space.slabs.as_deref()).is_some();
    match mappings_of(info)?.iter().any(grows) {
        true => Ok(resolve(host, object, info, access)?.shape),
        false => Ok(info.shape.clone()),
    }
}

/// Has the sources of an object that is a virtual dataset learned anew, and theirs; those in `seen` are. One
/// that is gone is none.
pub fn refresh(host: &'static Host, object: &Object, seen: &mut HashSet<ObjectId>) -> Result<()> {
    if object.id().class != ObjectClass::Dataset {
        return Ok(());
    }
    let info = object.dataset()?;
    if !info.is_virtual() {
        return Ok(());
    }
    let view = object.virtual_view(|| Ok(VirtualAccess::default()))?;
    for source in resolve(host, object, &info, &view.access)?.sources {
        if !seen.insert(source.object.id()) {
            continue;
        }
        match source.object.refresh() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            refreshed => refreshed.and_then(|()| refresh(host, &source.object, seen))?,
        }
    }
    Ok(())
}

fn mappings_of(info: &DatasetInfo) -> Result<Vec<Mapping>> {
    mappings(&info.creation.extra)
        .ok_or_else(|| Error::protocol("the mappings of the virtual dataset cannot be read"))
}

fn resolve_within(
    host: &'static Host,
    within: Within<'_>,
    info: &DatasetInfo,
    access: &VirtualAccess,
) -> Result<Resolved> {
    let mappings = mappings_of(info)?;
    let mut resolver = Resolver {
        host,
        within,
        access,
        shape: &info.shape,
        dims: vec![None; info.shape.dims().len()],
        sources: Vec::new(),
    };
    for mapping in &mappings {
        resolver.add(mapping)?;
    }
    let least = least_dims(&mappings, info.shape.dims().len());
    let shape = resolver.extent(&least);
    Ok(Resolved {
        sources: resolver.sources,
        shape,
    })
}

/// The extent that a virtual dataset needs for everything mapped that has an end.
pub fn least_dims(mappings: &[Mapping], rank: usize) -> Vec<u64> {
    let mut least = vec![0; rank];
    for mapping in mappings {
        let slabs = mapping.space.slabs.as_deref();
        let endless = Endless::of(slabs).map(|endless| endless.dimension);
        for slab in slabs.unwrap_or_default() {
            for (at, least) in least.iter_mut().enumerate() {
                if Some(at) != endless && at < slab.start.len() {
                    let last = slab.count[at]
                        .saturating_sub(1)
                        .saturating_mul(slab.stride[at]);
                    let end = slab.start[at].saturating_add(last);
                    *least = (*least).max(end.saturating_add(slab.block[at]));
                }
            }
        }
    }
    least
}

struct Resolver<'a> {
    host: &'static Host,
    within: Within<'a>,
    access: &'a VirtualAccess,
    /// The extent that the dataset was made with.
    shape: &'a Shape,
    /// What sources make of each dimension.
    dims: Vec<Option<u64>>,
    sources: Vec<Source>,
}

impl Resolver<'_> {
    fn add(&mut self, mapping: &Mapping) -> Result<()> {
        let endless = Endless::of(mapping.space.slabs.as_deref());
        let source_endless = Endless::of(mapping.source_space.slabs.as_deref());
        match (endless, source_endless) {
            (Some(endless), Some(source)) => self.add_growing(mapping, endless, source),
            (Some(endless), None) => self.add_numbered(mapping, endless),
            _ => self.add_whole(mapping),
        }
    }

    fn open(&self, mapping: &Mapping, block: Option<u64>) -> Result<Option<Object>> {
        let file = name_of_block(&mapping.file, block);
        let dataset = name_of_block(&mapping.dataset, block);
        let prefix = &self.access.prefix;
        self.within.object.open_source(prefix, &file, &dataset)
    }

    /// The extent of a source, which may be a virtual dataset itself.
    fn shape_of(&self, source: &Object) -> Result<Shape> {
        let info = source.dataset()?;
        if !info.is_virtual() {
            return Ok(info.shape.clone());
        }
        if self.within.contains(source) {
            return Err(Error::invalid(format!(
                "the virtual dataset {source} is made of itself"
            )));
        }
        let within = Within {
            object: source,
            outer: Some(&self.within),
        };
        let view = source.virtual_view(|| Ok(VirtualAccess::default()))?;
        Ok(resolve_within(self.host, within, &info, &view.access)?.shape)
    }

    /// Notes a source and what is mapped of it, in the extents as they are now: the slabs, or what was the
    /// `whole` when the dataset was made.
    fn found(
        &mut self,
        object: Object,
        slabs: Option<Vec<Slab>>,
        source_slabs: Option<Vec<Slab>>,
        whole: &Shape,
    ) -> Result<()> {
        let shape = self.shape_of(&object)?;
        let source_slabs = source_slabs.or_else(|| part_of(&shape, whole));
        self.sources.push(Source {
            object,
            space: MappedSpace {
                shape: self.shape.clone(),
                slabs,
            },
            source_space: MappedSpace {
                shape,
                slabs: source_slabs,
            },
        });
        Ok(())
    }

    /// A mapping with an end.
    fn add_whole(&mut self, mapping: &Mapping) -> Result<()> {
        let Some(object) = self.open(mapping, None)? else {
            return Ok(());
        };
        self.found(
            object,
            mapping.space.slabs.clone(),
            mapping.source_space.slabs.clone(),
            &mapping.source_space.shape,
        )
    }

    /// A mapping that grows with its source.
    fn add_growing(&mut self, mapping: &Mapping, endless: Endless, source: Endless) -> Result<()> {
        let Some(object) = self.open(mapping, None)? else {
            self.reaches(endless.dimension, 0);
            return Ok(());
        };
        let shape = self.shape_of(&object)?;
        let extent = shape.dims().get(source.dimension).copied().unwrap_or(0);
        let slices = source.slices(extent);
        let reach = endless.extent_of(slices, self.access.first_missing);
        self.reaches(endless.dimension, reach);
        let slabs = first(&mapping.space, endless, slices);
        self.found(
            object,
            Some(slabs),
            Some(first(&mapping.source_space, source, slices)),
            &mapping.source_space.shape,
        )
    }

    /// A mapping of one source for each block, with numbers in their names.
    fn add_numbered(&mut self, mapping: &Mapping, endless: Endless) -> Result<()> {
        let Some([slab]) = mapping.space.slabs.as_deref() else {
            return Ok(());
        };
        // HDF5 refuses such a mapping; the same source would be found for every block, without end.
        if !has_number(&mapping.file) && !has_number(&mapping.dataset) {
            return Err(Error::invalid(
                "a mapping without end needs a source without end, or numbers (%b) in its name",
            ));
        }
        let gap = if self.access.first_missing {
            0
        } else {
            self.access.gap
        };
        let (mut block, mut first_missing) = (0, 0);
        while block <= gap.saturating_add(first_missing) {
            let Some(part) = endless.nth_block(slab, block) else {
                break;
            };
            if let Some(object) = self.open(mapping, Some(block))? {
                first_missing = block + 1;
                self.found(
                    object,
                    Some(vec![part]),
                    mapping.source_space.slabs.clone(),
                    &mapping.source_space.shape,
                )?;
            }
            block += 1;
        }
        let last = first_missing.checked_sub(1);
        let start_of = |n| {
            endless
                .nth_block(slab, n)
                .map_or(0, |s| s.start[endless.dimension])
        };
        let reach = match last {
            None => 0,
            Some(_) if self.access.first_missing => start_of(first_missing),
            Some(last) => start_of(last) + slab.block[endless.dimension],
        };
        self.reaches(endless.dimension, reach);
        Ok(())
    }

    /// Notes how far a mapping reaches in its endless dimension.
    fn reaches(&mut self, dimension: usize, extent: u64) {
        if let Some(known) = self.dims.get_mut(dimension) {
            *known = Some(match *known {
                None => extent,
                Some(known) if self.access.first_missing => known.min(extent),
                Some(known) => known.max(extent),
            });
        }
    }

    fn extent(&self, least: &[u64]) -> Shape {
        let mut shape = self.shape.clone();
        if let Shape::Simple { dims, maxdims } = &mut shape {
            let before = dims.clone();
            for ((dim, known), least) in dims.iter_mut().zip(&self.dims).zip(least) {
                if let Some(known) = known {
                    *dim = (*known).max(*least);
                }
            }
            if maxdims.is_none() && *dims != before {
                *maxdims = Some(before.into_iter().map(Extent::Fixed).collect());
            }
        }
        shape
    }
}

/// What was the whole of a source, as part of its extent now; `None` if it still is the whole.
fn part_of(now: &Shape, whole: &Shape) -> Option<Vec<Slab>> {
    let dims = whole.dims();
    let has_changed = now.dims().len() == dims.len() && now.dims() != dims && !dims.contains(&0);
    has_changed.then(|| vec![Slab::block(vec![0; dims.len()], dims.to_vec())])
}

fn first(space: &MappedSpace, endless: Endless, slices: u64) -> Vec<Slab> {
    let slabs = space.slabs.iter().flatten();
    slabs.flat_map(|slab| endless.first(slab, slices)).collect()
}

/// Whether each block has a source of its own.
fn has_number(name: &str) -> bool {
    name_of_block(name, Some(0)) != name_of_block(name, Some(1))
}

/// `%b` in a name is the block's number, `%%` a per cent sign.
fn name_of_block(name: &str, block: Option<u64>) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        rest = match (after.chars().next(), block) {
            (Some('%'), _) => {
                text.push('%');
                &after[1..]
            }
            (Some('b'), Some(block)) => {
                text.push_str(&block.to_string());
                &after[1..]
            }
            _ => {
                text.push('%');
                after
            }
        };
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_blocks() {
        assert_eq!(name_of_block("f-%b.h5", Some(12)), "f-12.h5");
        assert_eq!(name_of_block("100%%-%b%b", Some(0)), "100%-00");
        assert_eq!(name_of_block("100%%-%b", None), "100%-%b");
        assert_eq!(name_of_block("a%", Some(1)), "a%");
        assert!(has_number("%%%b") && !has_number("%%b") && !has_number("."));
    }
}
