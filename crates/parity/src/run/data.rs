//! Steps that move elements between datasets and memory.

use std::collections::HashSet;

use super::build;
use super::side::{Opened, Side};
use crate::compare::Answer;
use crate::hdf5::memory::{self, BLOCK, Buffer, Layout, Part, read, write};
use crate::hdf5::native::native;
use crate::hdf5::{Failure, Hid, Id, ObjectInfo, h5, lists, ok};
use crate::program::{
    MemorySpace, MemoryType, Object, Selected, Selection, Slab, Space, Step, Transfer,
};

/// Carries out one step about elements.
pub fn carry_out(side: &Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    match step {
        Step::Write(transfer) => {
            let moved = Moved::new(side, transfer)?;
            let buffer = moved.filled(side, transfer.seed);
            answer.done("H5Dwrite", write(moved.part(), &buffer));
        }
        Step::Read(transfer) => {
            let moved = Moved::new(side, transfer)?;
            let dataset = moved.part().dataset;
            answer.undefined = undefined(dataset)? || unstored(dataset, &transfer.memory_type)?;
            let mut buffer = moved.empty();
            answer.done("H5Dread", read(moved.part(), &mut buffer));
            moved.tell(side, buffer, answer);
        }
        Step::WriteMulti(transfers) => {
            let moved = all(side, transfers)?;
            let buffers: Vec<Buffer> = moved
                .iter()
                .zip(transfers)
                .map(|(moved, transfer)| moved.filled(side, transfer.seed))
                .collect();
            let parts: Vec<Part> = moved.iter().map(Moved::part).collect();
            answer.done("H5Dwrite_multi", memory::write_multi(&parts, &buffers));
        }
        Step::ReadMulti(transfers) => {
            let moved = all(side, transfers)?;
            for (moved, transfer) in moved.iter().zip(transfers) {
                let dataset = moved.part().dataset;
                answer.undefined |=
                    undefined(dataset)? || unstored(dataset, &transfer.memory_type)?;
            }
            let mut buffers: Vec<Buffer> = moved.iter().map(Moved::empty).collect();
            let parts: Vec<Part> = moved.iter().map(Moved::part).collect();
            answer.done("H5Dread_multi", memory::read_multi(&parts, &mut buffers));
            for (moved, buffer) in moved.iter().zip(buffers) {
                moved.tell(side, buffer, answer);
            }
        }
        Step::SetExtent { dataset, dims } => {
            let dataset = side.object(dataset)?;
            require_dataset(dataset.get())?;
            answer.done("H5Dset_extent", lists::set_extent(dataset.get(), dims));
            let space = Id::new(h5().H5Dget_space(dataset.get()))?;
            answer.text(
                "extent",
                lists::extent(space.get()).map(|dims| format!("{dims:?}")),
            );
        }
        _ => {}
    }
    Ok(())
}

fn require_dataset(id: Hid) -> Result<(), Failure> {
    // 5 is H5I_DATASET.
    match h5().H5Iget_type(id) {
        5 => Ok(()),
        other => Err(Failure(format!("an object of type {other} is no dataset"))),
    }
}

/// Whether elements that nobody wrote have no defined value.
pub fn undefined(dataset: Hid) -> Result<bool, Failure> {
    let creation = Id::new(h5().H5Dget_create_plist(dataset))?;
    let (mut status, mut time) = (0, 0);
    ok(h5().H5Pfill_value_defined(creation.get(), &mut status))?;
    ok(h5().H5Pget_fill_time(creation.get(), &mut time))?;
    // H5D_FILL_VALUE_UNDEFINED, H5D_FILL_TIME_NEVER
    Ok(status == 0 || time == 1)
}

/// Whether HDF5 hands out zero bytes in place of elements, because the dataset has no storage yet:
/// it does not ask what its own default, zeros too, would become in the program's type.
fn unstored(dataset: Hid, memory: &MemoryType) -> Result<bool, Failure> {
    if matches!(memory, MemoryType::Same) {
        return Ok(false);
    }
    let mut status = 0;
    ok(h5().H5Dget_space_status(dataset, &mut status))?;
    // H5D_SPACE_STATUS_NOT_ALLOCATED
    Ok(status == 0)
}

/// Paths whose objects programs refer to.
const REFERRED: [&str; 5] = ["/", "/a", "/b", "/d0", "/d1"];

/// The references that a program may store: to the root group and to what it links.
pub fn references(side: &Side) -> Vec<[u8; 8]> {
    let Ok(file) = side.file() else {
        return Vec::new();
    };
    let to = |path: &&str| memory::reference_to(file, path).ok();
    REFERRED.iter().filter_map(to).collect()
}

/// A path of what a reference means: always the same one of those that an object may have.
fn referred(file: Hid, reference: &[u8]) -> String {
    let leads_there = |path: &&&str| {
        memory::reference_to(file, path).is_ok_and(|found| found.as_slice() == reference)
    };
    match REFERRED.iter().find(leads_there) {
        Some(path) => (*path).to_owned(),
        None => memory::referenced_name(file, reference),
    }
}

/// A transfer with all its ids.
pub struct Moved {
    dataset: Opened,
    ty: Id,
    memory: Place,
    file: Option<Id>,
    layout: Layout,
    count: usize,
}

enum Place {
    Fixed(Hid),
    Own(Id),
}

/// The parts of a call about several datasets. HDF5 fails or not, or moves elements in any order,
/// if one dataset is in it twice.
fn all(side: &Side, transfers: &[Transfer]) -> Result<Vec<Moved>, Failure> {
    let mut seen = HashSet::new();
    let one = |transfer| {
        let moved = Moved::new(side, transfer)?;
        let mut info = ObjectInfo::default();
        ok(h5().H5Oget_info3(moved.dataset.get(), &mut info, 1))?;
        if !seen.insert(info.token) {
            return Err(Failure("the same dataset twice in one call".into()));
        }
        Ok(moved)
    };
    transfers.iter().map(one).collect()
}

impl Moved {
    /// Makes a transfer's ids.
    ///
    /// # Errors
    /// When something is missing or refused.
    pub fn new(side: &Side, transfer: &Transfer) -> Result<Self, Failure> {
        let dataset = side.object(&transfer.dataset)?;
        require_dataset(dataset.get())?;
        let own = Id::new(h5().H5Dget_type(dataset.get()))?;
        let ty = memory_type(side, &transfer.memory_type, own)?;
        let extent = Id::new(h5().H5Dget_space(dataset.get()))?;
        build::select(extent.get(), &transfer.file)?;
        let selected = h5().H5Sget_select_npoints(extent.get()).max(0) as u64;
        let memory = place(&transfer.memory, selected)?;
        let count = match &memory {
            Place::Fixed(BLOCK) => selected as i64,
            Place::Fixed(_) => h5().H5Sget_simple_extent_npoints(extent.get()),
            Place::Own(space) => h5().H5Sget_simple_extent_npoints(space.get()),
        };
        let layout = Layout::of(ty.get())?;
        Ok(Self {
            count: layout.fitting(count)?,
            layout,
            file: (transfer.file.selected != Selected::Whole).then_some(extent),
            dataset,
            ty,
            memory,
        })
    }

    /// All of a dataset, in its own type.
    ///
    /// # Errors
    /// When the object is no dataset.
    pub fn whole(side: &Side, path: &str) -> Result<Self, Failure> {
        let transfer = Transfer {
            dataset: Object::Path(path.into()),
            memory_type: MemoryType::Same,
            memory: MemorySpace::Whole,
            file: Selection {
                selected: Selected::Whole,
                offset: Vec::new(),
            },
            seed: 0,
        };
        Self::new(side, &transfer)
    }

    fn part(&self) -> Part {
        Part {
            dataset: self.dataset.get(),
            ty: self.ty.get(),
            memory: match &self.memory {
                Place::Fixed(id) => *id,
                Place::Own(id) => id.get(),
            },
            file: self.file.as_ref().map_or(0, Id::get),
        }
    }

    fn filled(&self, side: &Side, seed: u64) -> Buffer {
        Buffer::filled(self.layout.clone(), self.count, seed, &references(side))
    }

    fn empty(&self) -> Buffer {
        Buffer::to_read(self.layout.clone(), self.count)
    }

    /// Notes what was read.
    fn tell(&self, side: &Side, buffer: Buffer, answer: &mut Answer) {
        let file = side.file().unwrap_or(-1);
        answer.elements(
            "elements",
            buffer.comparable(&|reference| referred(file, reference)),
        );
        answer.done("H5Treclaim", buffer.reclaim(self.ty.get()));
    }

    /// Reads and notes all elements.
    pub fn read(&self, side: &Side, answer: &mut Answer) {
        let mut buffer = self.empty();
        answer.done("H5Dread", read(self.part(), &mut buffer));
        self.tell(side, buffer, answer);
    }
}

/// The memory type for elements of a stored type.
///
/// # Errors
/// When HDF5 refuses it.
pub fn memory_type(side: &Side, ty: &MemoryType, own: Id) -> Result<Id, Failure> {
    match ty {
        MemoryType::Same => Ok(own),
        MemoryType::Native => native(own.get()),
        MemoryType::Other(ty) => build::datatype(side, ty),
    }
}

fn place(memory: &MemorySpace, selected: u64) -> Result<Place, Failure> {
    let slab = |start: u64, step: u64, count: u64| {
        let slab = Slab {
            start: vec![start],
            stride: vec![step],
            count: vec![count],
            block: vec![1],
        };
        Selected::Slabs(vec![(0, slab)])
    };
    let (dims, selected) = match memory {
        MemorySpace::Whole => return Ok(Place::Fixed(0)),
        MemorySpace::Block => return Ok(Place::Fixed(BLOCK)),
        MemorySpace::Given { space, selection } => {
            let id = build::space(space)?;
            build::select(id.get(), selection)?;
            return Ok(Place::Own(id));
        }
        MemorySpace::Row {
            before,
            step,
            after,
        } => {
            let length = before + selected * step + after;
            (vec![length], slab(*before, *step, selected))
        }
        MemorySpace::Grid { columns } => {
            let rows = selected.div_ceil(*columns).max(1);
            let full = selected / columns;
            let mut slabs = Vec::new();
            let part = |start: [u64; 2], block: [u64; 2]| Slab {
                start: start.to_vec(),
                stride: block.to_vec(),
                count: vec![1, 1],
                block: block.to_vec(),
            };
            if full > 0 {
                slabs.push((0, part([0, 0], [full, *columns])));
            }
            if !selected.is_multiple_of(*columns) {
                let rest = part([full, 0], [1, selected % columns]);
                slabs.push((u8::from(full > 0), rest));
            }
            let chosen = if slabs.is_empty() {
                Selected::None
            } else {
                Selected::Slabs(slabs)
            };
            (vec![rows, *columns], chosen)
        }
        MemorySpace::Scattered { seed, extra } => {
            let length = selected + extra;
            let mut order: Vec<u64> = (0..length).collect();
            fastrand::Rng::with_seed(*seed).shuffle(&mut order);
            order.truncate(selected as usize);
            let points = order.into_iter().map(|index| vec![index]).collect();
            (vec![length.max(1)], Selected::Points(vec![(0, points)]))
        }
    };
    let id = build::space(&Space::Simple {
        dims,
        maximum: None,
    })?;
    if matches!(&selected, Selected::Points(sets) if sets.iter().all(|(_, set)| set.is_empty())) {
        ok(h5().H5Sselect_none(id.get()))?;
    } else {
        build::select(
            id.get(),
            &Selection {
                selected,
                offset: Vec::new(),
            },
        )?;
    }
    Ok(Place::Own(id))
}
