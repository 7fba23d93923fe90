//! H5Dread and H5Dwrite of virtual datasets: each source moves its part of the selection.
//!
//! HDF5 calculates which part of the program's selection, and of its buffer, is a source's. Called
//! by `read`, `write` and, for extents, `vol::dataset`.

mod endless;
mod sources;

use std::collections::HashSet;

use h5rest_protocol::Shape;
use h5rest_protocol::values::binary;
use serde_json::json;

use self::sources::{Source, resolve};
use super::read::{Delivery, no_buffer};
use super::user_buffer::UserBuffer;
use super::{BYTES_AT_ONCE, Transfer};
use crate::connector::requests::Use;
use crate::connector::{DatasetInfo, Error, Object, Result, Slab, mappings};
use crate::ffi::*;
use crate::host::Host;
use crate::host::id::OwnedId;

/// Bytes of an element that no source has, at most.
const LARGEST_ELEMENT: usize = 1 << 30;

/// The extent of a dataset; that of a virtual one follows from its sources, as the access
/// property list says with which it was opened first.
pub fn shape(host: &'static Host, object: &Object, access: Option<hid_t>) -> Result<Shape> {
    let info = object.dataset()?;
    if !info.is_virtual() {
        return Ok(info.shape.clone());
    }
    let view = object.virtual_view(|| host.virtual_access(access.unwrap_or(H5P_DEFAULT)))?;
    let shape = sources::shape(host, object, &info, &view.access)?;
    view.tell(&shape);
    Ok(shape)
}

/// Forgets what is known of an object, and of the sources that a virtual dataset has elements of, as in HDF5
/// (H5Drefresh, H5Orefresh).
pub fn refresh(host: &'static Host, object: &Object) -> Result<()> {
    object.refresh()?;
    sources::refresh(host, object, &mut HashSet::from([object.id()]))
}

/// Checks that a new virtual dataset has room for everything mapped that has an end.
pub fn check(info: &h5rest_protocol::creation::DatasetCreation, shape: &Shape) -> Result<()> {
    let Some(mappings) = mappings(&info.extra) else {
        return Ok(());
    };
    let least = sources::least_dims(&mappings, shape.dims().len());
    if shape
        .dims()
        .iter()
        .zip(&least)
        .any(|(dim, least)| dim < least)
    {
        return Err(Error::invalid(format!(
            "the mappings of the virtual dataset reach to {least:?}, its extent is {:?}",
            shape.dims()
        )));
    }
    Ok(())
}

/// Reads the selected elements; those of no source are the dataset's fill value.
pub fn read(
    object: &Object,
    info: &DatasetInfo,
    transfer: &Transfer,
    buffer: UserBuffer<'_>,
) -> Result<()> {
    let Some(plan) = Plan::new(object, info, transfer, &buffer)? else {
        return Ok(());
    };
    if plan.mapped < plan.count && info.creation.extra.get("fillUndefined") != Some(&json!(true)) {
        plan.fill(object, info, transfer, buffer)?;
    }
    plan.move_parts(Use::Reads, super::read::read, transfer, buffer)
}

/// Writes the selected elements, each of which must be one source's.
pub fn write(
    object: &Object,
    info: &DatasetInfo,
    transfer: &Transfer,
    buffer: UserBuffer<'_>,
) -> Result<()> {
    let Some(plan) = Plan::new(object, info, transfer, &buffer)? else {
        return Ok(());
    };
    // As in HDF5, which compares these numbers.
    if plan.mapped != plan.count {
        return Err(Error::invalid(format!(
            "the {} selected elements of the virtual dataset have {} places in its sources to be \
             written to: each must have one",
            plan.count, plan.mapped
        )));
    }
    plan.move_parts(Use::Changes, super::write::write, transfer, buffer)
}

/// Moves values of one dataset: `read::read` or `write::write`.
type Move = fn(&Object, &Transfer, UserBuffer<'_>) -> Result<()>;

/// What a transfer of a virtual dataset moves.
struct Plan {
    parts: Vec<Part>,
    /// The program's selection in its buffer.
    memory: OwnedId,
    /// Elements that the program selected.
    count: u64,
    /// Those that are a source's.
    mapped: u64,
}

/// Makes "everything" the hyperslab that it is: of a mapping that reaches beyond the extent, only
/// what lies in it is meant.
fn bounded(host: &Host, space: &OwnedId) -> Result<()> {
    let shape = host.describe_space(space.get())?;
    let dims = shape.dims();
    if dims.is_empty() || host.selection_kind(space.get())? != H5S_SEL_ALL {
        return Ok(());
    }
    if dims.contains(&0) {
        return host.select_none(space.get());
    }
    let all = Slab {
        start: vec![0; dims.len()],
        stride: vec![1; dims.len()],
        count: vec![1; dims.len()],
        block: dims.to_vec(),
    };
    host.select(space.get(), H5S_SELECT_SET, &all)
}

/// What one source moves.
struct Part {
    source: Source,
    memory: OwnedId,
    file: OwnedId,
}

impl Part {
    fn transfer<'a>(&self, whole: &Transfer<'a>) -> Transfer<'a> {
        Transfer {
            memory_space: self.memory.get(),
            file_space: self.file.get(),
            access: H5P_DEFAULT,
            latest: None,
            ..*whole
        }
    }
}

impl Plan {
    /// `None` if nothing is selected.
    fn new(
        object: &Object,
        info: &DatasetInfo,
        transfer: &Transfer,
        buffer: &UserBuffer<'_>,
    ) -> Result<Option<Self>> {
        let host = transfer.host;
        if transfer.file_space == H5S_PLIST {
            return Err(Error::unsupported(
                "selections kept in the transfer property list (H5S_PLIST)",
            ));
        }
        let view = object.virtual_view(|| host.virtual_access(transfer.access))?;
        let resolved = resolve(host, object, info, &view.access)?;
        let file = match transfer.file_space {
            H5S_ALL => host.build_space(&view.told(resolved.shape))?,
            space => host.copy_space(space)?,
        };
        bounded(host, &file)?;
        let count = host.selected_count(file.get())?;
        let memory = match transfer.memory_space {
            H5S_ALL => host.copy_space(file.get())?,
            H5S_BLOCK => host.build_space(&Shape::fixed([count]))?,
            space => host.copy_space(space)?,
        };
        let selected = host.selected_count(memory.get())?;
        if selected != count {
            return Err(Error::invalid(format!(
                "{selected} elements are selected in memory, {count} in the file"
            )));
        }
        if count == 0 {
            return Ok(None);
        }
        if buffer.is_null() {
            return Err(no_buffer());
        }
        let mut plan = Self {
            parts: Vec::new(),
            memory,
            count,
            mapped: 0,
        };
        for source in resolved.sources {
            plan.add(host, source, file.get())?;
        }
        Ok(Some(plan))
    }

    fn add(&mut self, host: &'static Host, source: Source, file: hid_t) -> Result<()> {
        let space = host.build_mapped(&source.space)?;
        let source_space = host.build_mapped(&source.source_space)?;
        let memory = host.project(file, self.memory.get(), space.get())?;
        let count = host.selected_count(memory.get())?;
        if count == 0 {
            return Ok(());
        }
        let file = host.project(space.get(), source_space.get(), file)?;
        self.mapped += count;
        self.parts.push(Part {
            source,
            memory,
            file,
        });
        Ok(())
    }

    /// Moves each source's part, after what is queued for the source.
    fn move_parts(
        &self,
        usage: Use,
        move_values: Move,
        transfer: &Transfer,
        buffer: UserBuffer<'_>,
    ) -> Result<()> {
        self.parts.iter().try_for_each(|part| {
            part.source.object.settle(usage);
            move_values(&part.source.object, &part.transfer(transfer), buffer)
        })
    }

    /// Stores the fill value in all selected elements of the program's buffer.
    fn fill(
        &self,
        object: &Object,
        info: &DatasetInfo,
        transfer: &Transfer,
        buffer: UserBuffer<'_>,
    ) -> Result<()> {
        let datatype = &info.ty.datatype;
        let fill = match &info.creation.fill_value {
            Some(fill) => fill.clone(),
            None => binary::zeros(datatype, 1, LARGEST_ELEMENT)?,
        };
        let count = usize::try_from(self.count).map_err(|_| no_buffer())?;
        let transfer = Transfer {
            memory_space: self.memory.get(),
            ..*transfer
        };
        let conversion = transfer.conversion(object, datatype)?.without_transform();
        let mut delivery = Delivery::new(conversion, &transfer, count, buffer)?;
        let at_once = (BYTES_AT_ONCE / delivery.staged_size().max(1)).clamp(1, count);
        for first in (0..count).step_by(at_once) {
            let part = at_once.min(count - first);
            delivery.deliver_wire(fill.repeat(part), first, part)?;
        }
        Ok(())
    }
}
