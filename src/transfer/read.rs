//! H5Dread: from the server into the program's buffer. Called by `vol::dataset`.

use h5rest_protocol::values::binary;

use super::convert::{Conversion, Direction};
use super::fetch::{Store, fetch, fetch_fixed, in_parallel, zeroed};
use super::plan::{Limits, Place, Request, Selected, moved, requests};
use super::selection::{MemoryLayout, of_file};
use super::types::holds_pointers;
use super::user_buffer::{Heap, UserBuffer};
use super::{BYTES_AT_ONCE, Transfer, chunk_of, virtual_dataset};
use crate::connector::{DatasetInfo, Error, ErrorKind, Object, Result};

/// Reads the selected elements of one dataset.
pub fn read(object: &Object, transfer: &Transfer, buffer: UserBuffer<'_>) -> Result<()> {
    let info = object.dataset()?;
    if info.is_virtual() {
        return virtual_dataset::read(object, &info, transfer, buffer);
    }
    let Some(Planned {
        store,
        requests,
        mut delivery,
    }) = plan(object, transfer, buffer)?
    else {
        return Ok(());
    };
    let outcome = delivery.fetch(&store, requests, object.file().session().parallel());
    match outcome {
        Err(error) if delivery.is_unconvertible(&error) && is_never_written(object, &info)? => {
            delivery.fill_with_zeros();
            Ok(())
        }
        outcome => outcome,
    }
}

/// HDF5 converts no elements that were never written, unless the program has set what they are: they are
/// zeros of any type. Between sequences that matters, because of these it sees too late that there is no
/// conversion.
pub(super) fn is_never_written(object: &Object, info: &DatasetInfo) -> Result<bool> {
    Ok(info.creation.fill_value.is_none() && object.allocated_size()? == 0)
}

/// A read before its first request.
pub(super) struct Planned<'a> {
    pub(super) store: Store,
    pub(super) requests: Vec<Request>,
    pub(super) delivery: Delivery<'a>,
}

/// Plans a read of a dataset with values of its own; `None` if nothing is selected.
pub(super) fn plan<'a>(
    object: &Object,
    transfer: &Transfer,
    buffer: UserBuffer<'a>,
) -> Result<Option<Planned<'a>>> {
    let info = object.dataset()?;
    let (selected, count) = of_file(transfer.host, transfer.file_space, &info.shape)?;
    // Types that cannot be converted are refused also where nothing is selected.
    let conversion = transfer.conversion(object, &info.ty.datatype)?;
    conversion.check(Direction::Read)?;
    if count == 0 {
        return transfer.memory_layout(1, 0).map(|_| None);
    }
    let delivery = Delivery::new(conversion, transfer, count, buffer)?;
    let conversion = &delivery.conversion;
    if buffer.is_null() {
        return Err(no_buffer());
    }
    let limits = Limits {
        dims: info.shape.dims(),
        chunk: chunk_of(&info),
        elements: (BYTES_AT_ONCE / conversion.planned_size().max(1)).max(1),
        // An element that is selected twice must not share its variable-length data.
        may_overreach: conversion.owns_nothing(),
    };
    Ok(Some(Planned {
        store: Store::of(object, &info, transfer)?,
        requests: planned(&selected, limits, count)?,
        delivery,
    }))
}

/// Whether each request's elements stand one after another in the selection.
pub(super) fn in_order(requests: &[Request]) -> bool {
    let mut places = requests.iter().map(|request| &request.place);
    places.all(|place| matches!(place, Place::From(_)))
}

/// What requests brought, in wire form.
pub(super) type Fetched = Vec<(Request, Vec<u8>)>;

/// Fetches what requests ask for.
pub(super) fn fetch_all(
    store: &Store,
    requests: Vec<Request>,
    wire_size: Option<usize>,
    parallel: usize,
) -> Result<Fetched> {
    in_parallel(requests, parallel, |request| {
        fetch(store, &request, wire_size).map(|wire| (request, wire))
    })
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
    store: &Store,
    conversion: &Conversion,
    request: &Request,
    heap: &mut Heap,
) -> Result<Vec<u8>> {
    let wire = fetch(store, request, wire_size(conversion))?;
    conversion.decode(wire, request.count, heap)
}

/// Size by which a request's bytes can be told before they come.
pub fn wire_size(conversion: &Conversion) -> Option<usize> {
    conversion.wire_size()
}

/// The way of fetched elements into the program's buffer; on the program's thread.
pub(super) struct Delivery<'a> {
    conversion: Conversion,
    layout: MemoryLayout,
    buffer: UserBuffer<'a>,
    /// Number of selected elements.
    count: usize,
}

impl<'a> Delivery<'a> {
    /// For `count` elements.
    pub(super) fn new(
        conversion: Conversion,
        transfer: &Transfer,
        count: usize,
        buffer: UserBuffer<'a>,
    ) -> Result<Self> {
        Ok(Self {
            layout: transfer.memory_layout(conversion.memory_size(), count)?,
            conversion,
            buffer,
            count,
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

    /// Size of an element on the wire, if all have one.
    pub(super) fn wire_size(&self) -> Option<usize> {
        wire_size(&self.conversion)
    }

    /// Bytes of all elements, without what variable-length ones point to.
    pub(super) fn size(&self) -> usize {
        self.count.saturating_mul(self.conversion.staged_size())
    }

    /// Fetches all elements and stores them.
    fn fetch(&mut self, store: &Store, requests: Vec<Request>, parallel: usize) -> Result<()> {
        let straight = self.conversion.is_straight() && in_order(&requests);
        match &self.layout {
            MemoryLayout::Contiguous(start) if straight => {
                let start = *start;
                self.fetch_straight(store, requests, parallel, start)
            }
            _ if in_order(&requests) => {
                let mut requests = requests.into_iter().peekable();
                while requests.peek().is_some() {
                    let batch = requests.by_ref().take(parallel.max(1)).collect();
                    let fetched = fetch_all(store, batch, self.wire_size(), parallel)?;
                    self.take(fetched)?;
                }
                Ok(())
            }
            _ => {
                let fetched = fetch_all(store, requests, self.wire_size(), parallel)?;
                self.take(fetched)
            }
        }
    }

    /// Whether this is how a transfer fails where there is no conversion between sequences.
    pub(super) fn is_unconvertible(&self, error: &Error) -> bool {
        error.kind() == ErrorKind::Invalid && holds_pointers(self.conversion.staged())
    }

    /// Whether elements are sequences whose conversion may be missing. What is fetched of unwritten ones has
    /// no more bytes than is returned for each.
    pub(super) fn may_be_unconvertible(&self) -> Option<usize> {
        self.conversion
            .is_between_sequences()
            .then(|| binary::least_size(self.conversion.wire()))
    }

    pub(super) fn fill_with_zeros(&mut self) {
        let buffer = &mut self.buffer;
        let size = self.conversion.memory_size();
        self.layout.for_each(0, self.count, size, |run| {
            buffer.as_mut_slice(run).fill(0);
        });
    }

    /// The wire's bytes are the program's: they go straight into its buffer.
    fn fetch_straight(
        &mut self,
        store: &Store,
        requests: Vec<Request>,
        parallel: usize,
        start: u64,
    ) -> Result<()> {
        let size = self.conversion.memory_size();
        let mut rest = self.buffer.as_mut_slice((start, self.count * size));
        let mut jobs = Vec::with_capacity(requests.len());
        for request in requests {
            let (part, behind) = rest.split_at_mut(request.count * size);
            jobs.push((request, part));
            rest = behind;
        }
        in_parallel(jobs, parallel, |(request, part)| {
            fetch_fixed(store, &request, part)
        })?;
        Ok(())
    }

    /// Converts and scatters what was fetched. What is in pieces must come all at once.
    pub(super) fn take(&mut self, fetched: Fetched) -> Result<()> {
        if fetched
            .iter()
            .any(|(request, _)| matches!(request.place, Place::Pieces(_)))
        {
            return self.take_assembled(fetched);
        }
        for (request, wire) in fetched {
            let Place::From(first) = request.place else {
                continue;
            };
            self.deliver_wire(wire, first, request.count)?;
        }
        Ok(())
    }

    /// Requests in pieces: all are put together in selection order before the conversion.
    fn take_assembled(&mut self, fetched: Fetched) -> Result<()> {
        let size = self.conversion.staged_size();
        let mut assembled = zeroed(self.count, size)?;
        let mut heap = self.conversion.heap();
        for (request, wire) in fetched {
            let staged = self.conversion.decode(wire, request.count, &mut heap)?;
            copy_pieces(&request, &staged, size, &mut assembled);
        }
        if holds_pointers(self.conversion.staged()) {
            // Elements that a request brought beside the selected ones.
            heap.forget_unused(&self.conversion.pointers_in_staged(&assembled)?);
        }
        self.deliver(assembled, 0, self.count, heap)
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
