//! H5Dwrite: from the program's buffer to the server. Called by `vol::dataset`.

use super::convert::{Conversion, Direction};
use super::fetch::{Store, When, in_parallel, send, send_from};
use super::plan::{Limits, Place, Request, Selected};
use super::read::{in_order, no_buffer, planned, stored_elements, wire_size};
use super::selection::{MemoryLayout, of_file};
use super::types::covers;
use super::user_buffer::UserBuffer;
use super::{BYTES_AT_ONCE, ELEMENTS_AT_ONCE, Transfer, chunk_of, virtual_dataset};
use crate::connector::{Object, Result};

/// Writes the selected elements of one dataset.
pub fn write(object: &Object, transfer: &Transfer, buffer: UserBuffer<'_>) -> Result<()> {
    object.file().check_writable()?;
    let info = object.dataset()?;
    if info.is_virtual() {
        return virtual_dataset::write(object, &info, transfer, buffer);
    }
    let Some(Planned {
        requests,
        parallel,
        writer,
    }) = plan(object, transfer, buffer)?
    else {
        return Ok(());
    };
    if let Some(start) = writer.straight(&requests) {
        return writer.send_straight(requests, parallel, start);
    }
    let wire_size = wire_size(&writer.conversion);
    let mut requests = requests.into_iter().peekable();
    while requests.peek().is_some() {
        let batch = requests.by_ref().take(parallel.max(1));
        let jobs = batch.map(|request| writer.wire(&request).map(|wire| (request, wire)));
        send_all(
            &writer.store,
            jobs.collect::<Result<_>>()?,
            wire_size,
            parallel,
            When::Later,
        )?;
    }
    Ok(())
}

/// A write before its first request.
pub(super) struct Planned<'a> {
    pub(super) requests: Vec<Request>,
    /// How many of them may be on their way at once.
    pub(super) parallel: usize,
    pub(super) writer: Writer<'a>,
}

/// Plans a write of a dataset with values of its own; `None` if nothing is selected.
pub(super) fn plan<'a>(
    object: &'a Object,
    transfer: &Transfer,
    buffer: UserBuffer<'a>,
) -> Result<Option<Planned<'a>>> {
    let info = object.dataset()?;
    let (selected, count) = of_file(transfer.host, transfer.file_space, &info.shape)?;
    // Types that cannot be converted are refused also where nothing is selected.
    let conversion = transfer.conversion(object, &info.ty.datatype)?;
    conversion.check(Direction::Write)?;
    if count == 0 {
        return transfer.memory_layout(1, 0).map(|_| None);
    }
    let layout = transfer.memory_layout(conversion.memory_size(), count)?;
    if buffer.is_null() {
        return Err(no_buffer());
    }
    let limits = Limits {
        dims: info.shape.dims(),
        chunk: chunk_of(&info),
        elements: (BYTES_AT_ONCE / conversion.planned_size().max(1)).clamp(1, ELEMENTS_AT_ONCE),
        may_overreach: false,
    };
    // A point may be selected twice, and the last one wins; the elements of hyperslabs are all
    // different and can be written at once.
    let parallel = match selected {
        Selected::Slab(_) | Selected::Runs(_) => object.file().session().parallel(),
        Selected::Points(_) => 1,
    };
    Ok(Some(Planned {
        requests: planned(&selected, limits, count)?,
        parallel,
        writer: Writer {
            store: Store::of(object, &info, transfer)?,
            object,
            keeps_members: !covers(conversion.staged(), conversion.memory()),
            conversion,
            layout,
            buffer,
            count,
        },
    }))
}

/// Sends elements in wire form.
pub(super) fn send_all(
    store: &Store,
    jobs: Vec<(Request, Vec<u8>)>,
    wire_size: Option<usize>,
    parallel: usize,
    when: When,
) -> Result<()> {
    in_parallel(jobs, parallel, |(request, wire)| {
        send(store, &request, wire_size, wire, when)
    })?;
    Ok(())
}

/// The way of a program's elements to the wire; on the program's thread.
pub(super) struct Writer<'a> {
    pub(super) store: Store,
    object: &'a Object,
    conversion: Conversion,
    layout: MemoryLayout,
    buffer: UserBuffer<'a>,
    /// The program's compound lacks members of the dataset's, which must stay as they are.
    pub(super) keeps_members: bool,
    /// Number of selected elements.
    count: usize,
}

impl Writer<'_> {
    /// Size of an element on the wire, if all have one.
    pub(super) fn wire_size(&self) -> Option<usize> {
        wire_size(&self.conversion)
    }

    /// Bytes of all elements, without what variable-length ones point to.
    pub(super) fn size(&self) -> usize {
        self.count.saturating_mul(self.conversion.staged_size())
    }

    /// Where the elements start in the program's buffer, if they stand there one after another as
    /// the wire carries them.
    fn straight(&self, requests: &[Request]) -> Option<u64> {
        match self.layout {
            MemoryLayout::Contiguous(start)
                if self.conversion.is_straight() && !self.keeps_members && in_order(requests) =>
            {
                Some(start)
            }
            _ => None,
        }
    }

    /// Sends the elements from where they are.
    fn send_straight(&self, requests: Vec<Request>, parallel: usize, start: u64) -> Result<()> {
        let size = self.conversion.memory_size();
        let mut rest = self.buffer.as_slice((start, self.count * size));
        let mut jobs = Vec::with_capacity(requests.len());
        for request in requests {
            let (part, behind) = rest.split_at(request.count * size);
            jobs.push((request, part));
            rest = behind;
        }
        let store = &self.store;
        in_parallel(jobs, parallel, |(request, part)| {
            send_from(store, &request, size, part)
        })?;
        Ok(())
    }

    /// The wire bytes of a request's elements.
    pub(super) fn wire(&self, request: &Request) -> Result<Vec<u8>> {
        let mut memory = Vec::with_capacity(request.count * self.conversion.memory_size());
        match &request.place {
            Place::From(first) => self.gather(*first, request.count, &mut memory),
            Place::Pieces(pieces) => {
                for piece in pieces {
                    self.gather(piece.in_selection, piece.length, &mut memory);
                }
            }
        }
        let mut heap = self.conversion.heap();
        let stored = if self.keeps_members {
            Some(stored_elements(
                &self.store,
                &self.conversion,
                request,
                &mut heap,
            )?)
        } else {
            None
        };
        self.conversion
            .to_wire(memory, request.count, stored, self.object)
    }

    fn gather(&self, first: usize, count: usize, into: &mut Vec<u8>) {
        let size = self.conversion.memory_size();
        self.layout
            .for_each(first, count, size, |run| self.buffer.gather(run, into));
    }
}
