//! Elements of datasets, block by block.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use h5rest_hdf5::elements::{ElementType, Elements};
use h5rest_hdf5::{Failure, Hid, Id, h5, lists, ok, selections};
use sha2::{Digest, Sha256};

use crate::Progress;
use crate::blocks::{self, BUDGET, Block};
use crate::error::{Attempted, Result};
use crate::inventory::{Inventory, Kind, Object, shown};
use crate::marker::Marker;
use crate::opened::Opened;
use crate::structure::tell_lost;

/// `H5D_CHUNKED`, `H5D_FILL_TIME_NEVER`
const CHUNKED: i64 = 2;
const NEVER_FILLED: i32 = 1;
/// `H5D_SPACE_STATUS_NOT_ALLOCATED`: nothing was ever written, whatever the extent is.
const NOTHING_ALLOCATED: i32 = 0;
/// An element of variable length counts as so many bytes more when blocks are planned.
const VARIABLE: u64 = 64;

/// What the comparable bytes of a dataset's elements amount to.
pub(crate) type Checksum = [u8; 32];

/// Moves elements from one file to the other.
pub(crate) struct Data<'a> {
    source: &'a Opened,
    made: &'a Opened,
    inventory: &'a Inventory,
    note_every: Duration,
    noted: Instant,
    digests: HashMap<usize, Checksum>,
}

/// A dataset that is open in one file.
pub(crate) struct Dataset {
    id: Id,
    space: Id,
    ty: ElementType,
    plist: Id,
}

impl Dataset {
    /// Opens it.
    pub fn open(file: &Opened, object: &Object) -> std::result::Result<Self, Failure> {
        let id = Id::new(h5().H5Oopen(file.get(), (&object.path).into(), 0))?;
        let stored = Id::new(h5().H5Dget_type(id.get()))?;
        Ok(Self {
            space: Id::new(h5().H5Dget_space(id.get()))?,
            ty: ElementType::of(stored.get())?,
            plist: Id::new(h5().H5Dget_create_plist(id.get()))?,
            id,
        })
    }

    /// The extent.
    pub fn space(&self) -> Hid {
        self.space.get()
    }

    /// The type of its elements.
    pub fn ty(&self) -> &ElementType {
        &self.ty
    }

    /// The creation properties.
    pub fn plist(&self) -> Hid {
        self.plist.get()
    }

    /// The id for calls.
    pub fn get(&self) -> Hid {
        self.id.get()
    }

    fn dims(&self) -> std::result::Result<Vec<u64>, Failure> {
        Ok(lists::extent(self.space())?.0)
    }

    /// What its elements are, if they are not in this file: virtual or in external files.
    pub fn elsewhere(&self) -> std::result::Result<Option<&'static str>, Failure> {
        if ok(h5().H5Pget_external_count(self.plist()))? > 0 {
            return Ok(Some("in external files"));
        }
        let mut mappings = 0;
        // 3 is H5D_VIRTUAL.
        if ok(h5().H5Pget_layout(self.plist()))? == 3 {
            ok(h5().H5Pget_virtual_count(self.plist(), &mut mappings))?;
            return Ok(Some("those of other datasets"));
        }
        Ok(None)
    }

    /// The blocks to copy: none of a dataset without storage; of a native dataset with few of its
    /// chunks, only those.
    pub fn blocks(&self, is_local: bool) -> std::result::Result<Vec<Block>, Failure> {
        if h5().H5Sget_simple_extent_npoints(self.space()) < 1 {
            return Ok(Vec::new());
        }
        let mut status = 0;
        ok(h5().H5Dget_space_status(self.get(), &mut status))?;
        if status == NOTHING_ALLOCATED {
            return Ok(Vec::new());
        }
        let dims = self.dims()?;
        let variable = if self.ty.has_allocations() {
            VARIABLE
        } else {
            0
        };
        let size = self.ty.size() as u64 + variable;
        if ok(h5().H5Pget_layout(self.plist()))? != CHUNKED || dims.is_empty() {
            return Ok(blocks::of(&dims, &vec![1; dims.len()], size, BUDGET));
        }
        let chunk = lists::chunk(self.plist())?;
        if is_local && let Ok(offsets) = selections::chunks(self.get(), dims.len()) {
            let here = (offsets.len() / dims.len()) as u64;
            let all = dims
                .iter()
                .zip(&chunk)
                .map(|(dim, extent)| dim.div_ceil(*extent));
            let volume = chunk.iter().product::<u64>().saturating_mul(size);
            if here < all.fold(1, u64::saturating_mul) / 2 && volume <= BUDGET {
                return Ok(blocks::of_chunks(&dims, &chunk, &offsets));
            }
        }
        Ok(blocks::of(&dims, &chunk, size, BUDGET))
    }

    /// Reads a block.
    pub fn read(&self, block: &Block) -> std::result::Result<Elements<'_>, Failure> {
        let selected = self.select(block)?;
        Elements::read(
            &self.ty,
            self.get(),
            selected.get(),
            block.elements() as usize,
        )
    }

    /// A space with the block selected.
    fn select(&self, block: &Block) -> std::result::Result<Id, Failure> {
        let space = Id::new(h5().H5Dget_space(self.get()))?;
        if !block.start.is_empty() {
            let ones = vec![1; block.start.len()];
            // 0 is H5S_SELECT_SET.
            let list = [&block.start[..], &ones, &block.count, &ones];
            lists::select_hyperslab(space.get(), 0, list)?;
        }
        Ok(space)
    }

    /// The value of elements that were never written, if blocks of it need not be written.
    fn fill(&self) -> std::result::Result<Option<Elements<'_>>, Failure> {
        let (mut defined, mut time) = (0, 0);
        ok(h5().H5Pfill_value_defined(self.plist(), &mut defined))?;
        ok(h5().H5Pget_fill_time(self.plist(), &mut time))?;
        let chunked = ok(h5().H5Pget_layout(self.plist()))? == CHUNKED;
        let plain = !self.ty.has_allocations() && !self.ty.has_references();
        match chunked && plain && defined > 0 && time != NEVER_FILLED {
            true => Elements::fill_value(&self.ty, self.plist()).map(Some),
            false => Ok(None),
        }
    }
}

impl<'a> Data<'a> {
    /// Nothing is moved yet.
    pub fn new(
        source: &'a Opened,
        made: &'a Opened,
        inventory: &'a Inventory,
        note_every: Duration,
    ) -> Self {
        Self {
            source,
            made,
            inventory,
            note_every,
            noted: Instant::now(),
            digests: HashMap::new(),
        }
    }

    /// Checksums of the datasets that were copied from their beginning, by their numbers.
    pub fn digests(self) -> HashMap<usize, Checksum> {
        self.digests
    }

    /// Moves everything that the marker says is not there yet.
    pub fn copy(&mut self, marker: &mut Marker, progress: &dyn Progress) -> Result<()> {
        for (number, object) in self.inventory.objects.iter().enumerate() {
            if object.kind != Kind::Dataset {
                continue;
            }
            if number < marker.next().0 {
                progress.advance(object.bytes, 1);
                continue;
            }
            self.dataset(number, object, marker, progress)
                .map_err(|error| error.about(&shown(&object.path)))?;
            progress.advance(0, 1);
        }
        marker.advance(self.made, (self.inventory.objects.len(), 0))
    }

    fn dataset(
        &mut self,
        number: usize,
        object: &Object,
        marker: &mut Marker,
        progress: &dyn Progress,
    ) -> Result<()> {
        let from = Dataset::open(self.source, object).attempted(|| "cannot read it".into())?;
        if let Some(place) = from.elsewhere().attempted(|| "cannot read it".into())? {
            progress.advance(object.bytes, 0);
            progress.note(&format!(
                "{}: its elements are {place}; the copy names the same ones",
                shown(&object.path)
            ));
            return Ok(());
        }
        let to = Dataset::open(self.made, object).attempted(|| "cannot write it".into())?;
        let blocks = from.blocks(self.source.is_local());
        let blocks = blocks.attempted(|| "cannot read its layout".into())?;
        let fill = to
            .fill()
            .attempted(|| "cannot read its fill value".into())?;
        let first = match marker.next() {
            (dataset, block) if dataset == number => block.min(blocks.len()),
            _ => 0,
        };
        let skipped: u64 = blocks[..first].iter().map(Block::elements).sum();
        progress.advance(skipped * from.ty.size() as u64, 0);
        let mut digest = Sha256::new();
        let mut lost = 0;
        for (at, block) in blocks.iter().enumerate().skip(first) {
            lost += self
                .block(&from, &to, block, fill.as_ref(), &mut digest)
                .attempted(|| format!("cannot copy the elements from {:?} on", block.start))?;
            progress.advance(block.elements() * from.ty.size() as u64, 0);
            if self.noted.elapsed() >= self.note_every {
                marker.advance(self.made, (number, at + 1))?;
                self.noted = Instant::now();
            }
        }
        if first == 0 {
            self.digests.insert(number, digest.finalize().into());
        }
        tell_lost(progress, lost, &shown(&object.path));
        drop(fill);
        to.id.close().attempted(|| "cannot write it".into())
    }

    /// Moves a block; returns how many references led nowhere.
    fn block(
        &self,
        from: &Dataset,
        to: &Dataset,
        block: &Block,
        fill: Option<&Elements<'_>>,
        digest: &mut Sha256,
    ) -> std::result::Result<usize, Failure> {
        let mut elements = from.read(block)?;
        elements.comparable(self.source.get(), self.inventory, &mut |part| {
            digest.update(part)
        });
        if fill.is_some_and(|fill| elements.are_all(fill)) {
            return Ok(0);
        }
        let lost = match from.ty.has_references() {
            true => elements.move_references(self.source.get(), self.made.get(), self.inventory)?,
            false => 0,
        };
        elements.write(to.get(), to.select(block)?.get())?;
        Ok(lost)
    }
}
