//! H5Dread: from the server into the program's buffer. Called by `vol::dataset`.

use super::convert::Conversion;
use super::fetch::{fetch, fetch_fixed, in_parallel, zeroed};
use super::plan::{Limits, Place, Request, Selected, moved, requests};
use super::selection::{MemoryLayout, of_file};
use super::types::holds_pointers;
use super::user_buffer::{Heap, UserBuffer};
use super::{BYTES_AT_ONCE, Transfer, chunk_of, virtual_dataset};
use crate::connector::{Error, ErrorKind, Object, Result};

/// Reads the selected elements of one dataset.
pub fn read(object: &Object, transfer: &Transfer, buffer: UserBuffer<'_>) -> Result<()> {
    let info = object.dataset()?;
    if info.is_virtual() {
        return virtual_dataset::read(object, &info, transfer, buffer);
    }
    let (selected, count) = of_file(transfer.host, transfer.file_space, &info.shape)?;
    if count == 0 {
        return transfer.memory_layout(1, 0).map(drop);
    }
    let conversion = transfer.conversion(object, &info.ty.datatype)?;
    let mut reader = Reader::new(object, conversion, transfer, count, buffer)?;
    if buffer.is_null() {
        return Err(no_buffer());
    }
    let conversion = &reader.conversion;
    let limits = Limits {
        dims: info.shape.dims(),
        chunk: chunk_of(&info),
        elements: (BYTES_AT_ONCE / conversion.staged_size().max(1)).max(1),
        // An element that is selected twice must not share its variable-length data.
        may_overreach: conversion.owns_nothing(),
    };
    let requests = planned(&selected, limits, count)?;
    let straight = conversion.is_straight()
        && requests
            .iter()
            .all(|request| matches!(request.place, Place::From(_)));
    match &reader.layout {
        MemoryLayout::Contiguous(start) if straight => {
            let start = *start;
            reader.read_straight(requests, start, count)
        }
        _ => reader.read_converted(requests, count),
    }
}

/// The requests for a selection of `count` elements.
pub fn planned(selected: &Selected, limits: Limits<'_>, count: usize) -> Result<Vec<Request>> {
    let requests = requests(selected, limits);
    match moved(&requests) {
        moved if moved == count => Ok(requests),
        moved => Err(Error::new(
            ErrorKind::Protocol,
            format!("{moved} of {count} selected elements would be moved: please report this"),
        )),
    }
}

/// The error for a transfer of elements without a buffer.
pub fn no_buffer() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "no buffer was given for the selected elements",
    )
}

/// Elements as they are on the server, staged, for a write that leaves parts of them alone.
pub fn stored_elements(
    object: &Object,
    conversion: &Conversion,
    request: &Request,
    heap: &mut Heap,
) -> Result<Vec<u8>> {
    let wire = fetch(object, request, wire_size(conversion))?;
    conversion.decode(wire, request.count, heap)
}

/// Size by which a request's bytes can be told before they come.
pub fn wire_size(conversion: &Conversion) -> Option<usize> {
    conversion.wire_size()
}

/// Brings wire elements into the program's buffer.
pub(super) struct Reader<'a> {
    object: &'a Object,
    conversion: Conversion,
    layout: MemoryLayout,
    buffer: UserBuffer<'a>,
    parallel: usize,
}

impl<'a> Reader<'a> {
    /// For `count` elements.
    pub(super) fn new(
        object: &'a Object,
        conversion: Conversion,
        transfer: &Transfer,
        count: usize,
        buffer: UserBuffer<'a>,
    ) -> Result<Self> {
        Ok(Self {
            layout: transfer.memory_layout(conversion.memory_size(), count)?,
            conversion,
            object,
            buffer,
            parallel: object.file().session().parallel(),
        })
    }

    /// Bytes of one staged element.
    pub(super) fn staged_size(&self) -> usize {
        self.conversion.staged_size()
    }

    /// Converts `count` wire elements, the `first` of the selection on, and stores them.
    pub(super) fn deliver_wire(&mut self, wire: Vec<u8>, first: usize, count: usize) -> Result<()> {
        let mut heap = self.conversion.heap();
        let staged = self.conversion.decode(wire, count, &mut heap)?;
        self.deliver(staged, first, count, heap)
    }

    /// The wire's bytes are the program's: they go straight into its buffer.
    fn read_straight(&mut self, requests: Vec<Request>, start: u64, count: usize) -> Result<()> {
        let size = self.conversion.memory_size();
        let mut rest = self.buffer.as_mut_slice((start, count * size));
        let mut jobs = Vec::with_capacity(requests.len());
        for request in requests {
            let (part, behind) = rest.split_at_mut(request.count * size);
            jobs.push((request, part));
            rest = behind;
        }
        let object = self.object;
        in_parallel(jobs, self.parallel, |(request, part)| {
            fetch_fixed(object, &request, part)
        })?;
        Ok(())
    }

    /// Fetches a few requests at a time, then converts and scatters them on this thread.
    fn read_converted(&mut self, requests: Vec<Request>, count: usize) -> Result<()> {
        let all_in_order = requests.iter().all(|r| matches!(r.place, Place::From(_)));
        if !all_in_order {
            return self.read_assembled(requests, count);
        }
        let wire_size = wire_size(&self.conversion);
        let mut requests = requests.into_iter().peekable();
        while requests.peek().is_some() {
            let batch: Vec<Request> = requests.by_ref().take(self.parallel.max(1)).collect();
            let object = self.object;
            let fetched = in_parallel(batch, self.parallel, |request| {
                fetch(object, &request, wire_size).map(|wire| (request, wire))
            })?;
            for (request, wire) in fetched {
                let Place::From(first) = request.place else {
                    continue;
                };
                self.deliver_wire(wire, first, request.count)?;
            }
        }
        Ok(())
    }

    /// Requests in pieces: all are put together in selection order before the conversion.
    fn read_assembled(&mut self, requests: Vec<Request>, count: usize) -> Result<()> {
        let (object, wire_size) = (self.object, wire_size(&self.conversion));
        let fetched = in_parallel(requests, self.parallel, |request| {
            fetch(object, &request, wire_size).map(|wire| (request, wire))
        })?;
        let size = self.conversion.staged_size();
        let mut assembled = zeroed(count, size)?;
        let mut heap = self.conversion.heap();
        for (request, wire) in fetched {
            let staged = self.conversion.decode(wire, request.count, &mut heap)?;
            copy_pieces(&request, &staged, size, &mut assembled);
        }
        if holds_pointers(self.conversion.staged()) {
            // Elements that a request brought beside the selected ones.
            heap.forget_unused(&self.conversion.pointers_in_staged(&assembled)?);
        }
        self.deliver(assembled, 0, count, heap)
    }

    /// Converts `count` staged elements, the `first` of the selection on, and stores them.
    fn deliver(&mut self, staged: Vec<u8>, first: usize, count: usize, heap: Heap) -> Result<()> {
        let size = self.conversion.memory_size();
        let background = self.conversion.read_needs_background().then(|| {
            let mut present = Vec::with_capacity(count * size);
            self.layout.for_each(first, count, size, |run| {
                self.buffer.gather(run, &mut present)
            });
            present
        });
        let memory = self.conversion.to_memory(staged, count, background, heap)?;
        let mut at = 0;
        let buffer = &mut self.buffer;
        self.layout.for_each(first, count, size, |run| {
            buffer.scatter(run, &memory[at..at + run.1]);
            at += run.1;
        });
        Ok(())
    }
}

fn copy_pieces(request: &Request, staged: &[u8], size: usize, assembled: &mut [u8]) {
    let mut copy = |from: usize, to: usize, length: usize| {
        assembled[to * size..(to + length) * size]
            .copy_from_slice(&staged[from * size..(from + length) * size]);
    };
    match &request.place {
        Place::From(first) => copy(0, *first, request.count),
        Place::Pieces(pieces) => {
            for piece in pieces {
                copy(piece.in_request, piece.in_selection, piece.length);
            }
        }
    }
}
