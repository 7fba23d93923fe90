//! Values between the wire and the caller's memory.
//!
//! A transfer is planned before the first byte moves: `selection` reads what the program selected,
//! `plan` turns that into bounded requests, `fetch` runs them (on `external` files where a dataset has
//! such), `convert` (with `forms`, `ends`, `types` and `elements`) makes the program's elements of the wire's,
//! and `user_buffer` is the only place that touches the program's memory. `read`, `write` and `attribute` put these together, `later`
//! does so for calls of event sets; `vol` calls them.

pub mod attribute;
mod convert;
mod elements;
mod ends;
mod external;
mod fetch;
mod forms;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod later;
mod plan;
pub mod read;
pub mod references;
mod selection;
mod transform;
mod types;
pub mod user_buffer;
pub mod virtual_dataset;
pub mod write;

use types::is_place;
pub use types::packed;

use std::sync::Arc;

use h5rest_protocol::Datatype;
use h5rest_protocol::creation::{DatasetCreation, Layout};

use self::convert::Conversion;
pub use self::convert::Direction;
pub use self::forms::LatestForms;
use self::plan::Limits;
use self::references::{Lend, Translator};
use self::selection::{MemoryLayout, of_memory};
use self::user_buffer::{Elements, Heap};
use crate::connector::{DatasetInfo, Error, File, Object, Result};
use crate::ffi::hid_t;
use crate::host::Host;
use crate::host::id::OwnedId;
use crate::host::reference::MEMORY_SIZE;

/// Bytes that one request carries at most. Several requests are under way at once, so this also
/// bounds the staging memory; larger ones are not faster.
const BYTES_AT_ONCE: usize = 8 << 20;
/// Elements that one request writes at most: each may have a chunk of its own, and h5rest changes no more
/// chunks in one request.
const ELEMENTS_AT_ONCE: usize = 1 << 22;

/// What an H5Dread or H5Dwrite call says about one dataset.
#[derive(Clone, Copy)]
pub struct Transfer<'a> {
    /// The library that called.
    pub host: &'static Host,
    /// Type of the program's elements.
    pub memory_type: hid_t,
    /// Selection in the program's buffer.
    pub memory_space: hid_t,
    /// Selection in the dataset.
    pub file_space: hid_t,
    /// Transfer property list.
    pub dxpl: hid_t,
    /// How files are lent to HDF5, for references.
    pub lend: Lend,
    /// Access property list that the dataset was opened with, or H5P_DEFAULT.
    pub access: hid_t,
    /// What the dataset's handle remembers of its latest transfer, if it has one.
    pub latest: Option<&'a LatestForms>,
}

impl Transfer<'_> {
    fn conversion(&self, object: &Object, stored: &Datatype) -> Result<Conversion> {
        let forms = match self.latest {
            Some(latest) => latest.of(self.host, stored, self.memory_type)?,
            None => forms::forms(self.host, stored, self.memory_type)?,
        };
        let references = Translator::new(self.host, object.file(), self.lend);
        Conversion::new(self.host, forms, self.memory_type, self.dxpl, references)
    }

    fn memory_layout(&self, size: usize, count: usize) -> Result<MemoryLayout> {
        of_memory(self.host, self.memory_space, self.file_space, size, count)
    }
}

/// Whether a transfer can be made, as far as that can be said without making it. A call about
/// several datasets asks for each before it moves the first element.
pub fn check(object: &Object, transfer: &Transfer, direction: Direction) -> Result<()> {
    let info = object.dataset()?;
    if info.is_virtual() {
        return Ok(());
    }
    let (selected, count) = selection::of_file(transfer.host, transfer.file_space, &info.shape)?;
    let conversion = transfer.conversion(object, &info.ty.datatype)?;
    conversion.check(direction)?;
    transfer.memory_layout(conversion.memory_size(), count)?;
    // HDF5 combines some hyperslabs to selections that have elements twice, which cannot be moved.
    let limits = Limits {
        dims: info.shape.dims(),
        chunk: chunk_of(&info),
        elements: (BYTES_AT_ONCE / conversion.planned_size().max(1)).max(1),
        may_overreach: matches!(direction, Direction::Read) && conversion.owns_nothing(),
    };
    match count {
        0 => Ok(()),
        _ => read::planned(&selected, limits, count).map(drop),
    }
}

fn chunk_of(info: &DatasetInfo) -> Option<&[u64]> {
    match &info.creation.layout {
        Some(Layout::Chunked(dims)) => Some(dims),
        _ => None,
    }
}

/// The user's fill value of a dataset creation property list in wire form; `object` is where the
/// dataset is being created.
pub fn fill_to_wire(
    host: &'static Host,
    dcpl: hid_t,
    stored: &Datatype,
    object: &Object,
    lend: Lend,
) -> Result<Option<Vec<u8>>> {
    let staged = packed(stored);
    let id = host.build_type(&staged)?;
    let Some(element) = host.fill_value(dcpl, id.get())? else {
        return Ok(None);
    };
    let references = Translator::new(host, object.file(), lend);
    let types = (&staged, &staged);
    let given = elements::references(&staged, Elements::of_conversion(&element))?;
    let wire = elements::encode(
        types,
        Elements::of_conversion(&element),
        object,
        &references,
    );
    if types::holds_pointers(&staged) {
        let made = elements::addresses(&staged, Elements::of_conversion(&element))?;
        user_buffer::free_converted(made.into_iter());
    }
    let wire = wire?;
    if given.iter().any(|reference| *reference != [0; MEMORY_SIZE]) {
        return Err(Error::unsupported(
            "references of the kind H5T_STD_REF as fill values, unless they are null",
        ));
    }
    Ok(Some(wire))
}

/// The dataset creation property list of a dataset, with its fill value.
pub fn creation_plist(
    host: &'static Host,
    creation: &DatasetCreation,
    stored: &Datatype,
    file: &Arc<File>,
    lend: Lend,
) -> Result<OwnedId> {
    let creation = &with_element_size(host, creation, stored);
    let Some(fill) = &creation.fill_value else {
        return host.dataset_plist(creation, None);
    };
    let staged = packed(stored);
    let id = host.build_type(&staged)?;
    // HDF5 copies the element and what it points to; the heap frees ours.
    let mut heap = Heap::malloc();
    let references = Translator::new(host, file, lend);
    let element = elements::decode((&staged, &staged), fill, 1, &mut heap, &references)?;
    host.dataset_plist(creation, Some((&id, &element)))
}

/// Whether HDF5 has filters for elements of this type.
pub fn is_filtered(host: &'static Host, datatype: &Datatype) -> bool {
    !is_place(datatype) || host.filters_places()
}

/// H5Z_FILTER_SHUFFLE
const SHUFFLE: u32 = 2;

/// A shuffle knows the size of the elements: HDF5 notes it when it creates a dataset, so programs
/// see it in the dataset's creation properties.
fn with_element_size(
    host: &'static Host,
    creation: &DatasetCreation,
    stored: &Datatype,
) -> DatasetCreation {
    let mut creation = creation.clone();
    for filter in &mut creation.filters {
        if filter.id == SHUFFLE && filter.parameters.is_empty() && is_filtered(host, stored) {
            let size = stored.file_size().and_then(|size| u32::try_from(size).ok());
            filter.parameters.extend(size);
        }
    }
    creation
}
