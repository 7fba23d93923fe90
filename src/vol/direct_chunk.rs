//! Whole chunks as HDF5 stores them: H5Dread_chunk, H5Dwrite_chunk and the size that the former needs.
//!
//! Servers give and take elements. So the program's own HDF5 undoes the filters of a chunk that is written,
//! and applies them to one that is read (`host::native_chunk`). Called by `optional`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use h5rest_protocol::Datatype;
use h5rest_protocol::creation::{Layout, filter_ids};

use super::handle::ObjectHandle;
use super::old_references::OurFiles;
use crate::connector::requests::Use;
use crate::connector::{DatasetInfo, Error, ErrorKind, MappedSpace, Object, Result, Slab};
use crate::ffi::H5P_DEFAULT;
use crate::host::Host;
use crate::host::id::OwnedId;
use crate::host::native_chunk::NativeChunk;
use crate::host::plist::{leaves_cut_chunks, of_one_chunk, pipeline, put_first};
use crate::transfer::user_buffer::UserBuffer;
use crate::transfer::{self, Transfer};

/// The sizes that a program was last told of chunks. H5Dread_chunk of HDF5 1.14 does not say how much
/// memory there is, so that it must not return more.
#[derive(Debug, Default)]
pub struct ToldSizes(Mutex<HashMap<Vec<u64>, usize>>);

impl ToldSizes {
    fn tell(&self, start: &[u64], size: usize) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(start.to_vec(), size);
    }

    fn of(&self, start: &[u64]) -> Option<usize> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(start).copied()
    }
}

/// How many bytes the chunk takes that begins at `start`; zero if nothing was ever written to the dataset.
pub fn size(host: &'static Host, dataset: &ObjectHandle, start: &[u64]) -> Result<usize> {
    let chunk = Chunk::at(host, &dataset.object, start)?;
    dataset.object.settle(Use::Reads);
    let size = match dataset.object.allocated_size()? {
        0 => 0,
        _ => chunk.read()?.1.len(),
    };
    dataset.told_sizes.tell(start, size);
    Ok(size)
}

/// The chunk's bytes, and which filters were not applied to them. Fails if they are more than the program was
/// told, unless it says itself how much memory there is.
pub fn read(
    host: &'static Host,
    dataset: &ObjectHandle,
    start: &[u64],
    says_room: bool,
) -> Result<(u32, Vec<u8>)> {
    let chunk = Chunk::at(host, &dataset.object, start)?;
    dataset.object.settle(Use::Reads);
    let (left_out, bytes) = chunk.read()?;
    match dataset.told_sizes.of(start) {
        Some(told) if told < bytes.len() && !says_room => Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "the chunk at {start:?} has grown from {told} to {} bytes since the program asked for its \
                 size: ask again (H5Dget_chunk_storage_size)",
                bytes.len()
            ),
        )),
        _ => Ok((left_out, bytes)),
    }
}

/// Replaces the elements of a chunk by those in `bytes`, to which all filters but `left_out` were applied.
pub fn write(
    host: &'static Host,
    dataset: &ObjectHandle,
    start: &[u64],
    left_out: u32,
    bytes: &[u8],
) -> Result<()> {
    let chunk = Chunk::at(host, &dataset.object, start)?;
    dataset.object.settle(Use::Changes);
    chunk.check_checksum(left_out, bytes)?;
    // One filter is in front of those of the dataset.
    let undo = || {
        let native = chunk.native(true)?;
        native.elements(left_out << 1, bytes, &chunk.extent)
    };
    let mut elements = host.quietly(undo)?;
    chunk.transfer(|transfer| {
        // SAFETY: the selections have as many elements as NativeChunk returned.
        let buffer = unsafe { UserBuffer::new(elements.as_mut_ptr().cast()) };
        transfer::write::write(&dataset.object, transfer, buffer)
    })
}

/// A chunk of a dataset on the server.
struct Chunk<'a> {
    host: &'static Host,
    dataset: &'a Object,
    info: std::sync::Arc<DatasetInfo>,
    /// Where it begins.
    start: &'a [u64],
    /// What of it is within the dataset.
    extent: Vec<u64>,
    /// What of it there would be in a larger one.
    dims: Vec<u64>,
}

impl<'a> Chunk<'a> {
    fn at(host: &'static Host, dataset: &'a Object, start: &'a [u64]) -> Result<Self> {
        let info = dataset.dataset()?;
        let invalid = |text: String| Error::new(ErrorKind::Invalid, text);
        let dims = match &info.creation.layout {
            Some(Layout::Chunked(dims)) if !info.is_virtual() => dims.clone(),
            _ => return Err(invalid("the dataset is not chunked".to_owned())),
        };
        if info.ty.datatype.is_variable() || info.ty.datatype.any(&is_reference) {
            return Err(Error::unsupported(
                "chunks of variable-length elements or references in the form in which HDF5 stores them: they \
                 contain addresses of a local file",
            ));
        }
        let mut extent = Vec::with_capacity(dims.len());
        for ((&start, &size), &chunk) in start.iter().zip(info.shape.dims()).zip(&dims) {
            if start >= size || !start.is_multiple_of(chunk) {
                return Err(invalid(format!(
                    "no chunk of the dataset begins at {start}: chunks are {dims:?} elements, the dataset {:?}",
                    info.shape.dims()
                )));
            }
            extent.push(chunk.min(size - start));
        }
        Ok(Self {
            host,
            dataset,
            info,
            start,
            extent,
            dims,
        })
    }

    /// A local dataset of the same type, filters and fill value. One that is given a chunk looks whether it
    /// has all elements, before the filters of the dataset.
    fn native(&self, is_given: bool) -> Result<NativeChunk> {
        let element = self.element()?;
        let mut creation = of_one_chunk(&self.info.creation, self.is_filtered());
        if is_given {
            let size = self.host.type_size(element.get())? as u64;
            let bytes = self
                .dims
                .iter()
                .try_fold(size, |n, &dim| n.checked_mul(dim));
            let bytes = bytes.and_then(|bytes| u32::try_from(bytes).ok());
            let filter = self.host.length_filter(bytes.ok_or_else(too_large)?)?;
            put_first(&mut creation, filter);
        }
        let plist = transfer::creation_plist(
            self.host,
            &creation,
            &self.info.ty.datatype,
            self.dataset.file(),
            &OurFiles,
        )?;
        // Without one of them the bytes would be taken for something else.
        if !self
            .host
            .has_filters(plist.get(), pipeline(&creation).len())
        {
            let names = pipeline(&creation);
            let names: Vec<String> = names
                .iter()
                .map(|f| format!("{} {}", f.id, f.name))
                .collect();
            return Err(Error::unsupported(&format!(
                "chunks as HDF5 stores them, of filters that this program's HDF5 does not take: {}",
                names.join(", ")
            )));
        }
        NativeChunk::new(self.host, element, &self.dims, &plist)
    }

    /// Whether the dataset's filters are for this chunk, too.
    fn is_filtered(&self) -> bool {
        self.extent == self.dims || !leaves_cut_chunks(&self.info.creation)
    }

    /// HDF5's checksum filter does not look whether there are as many bytes as a checksum has.
    fn check_checksum(&self, left_out: u32, bytes: &[u8]) -> Result<()> {
        let filters = pipeline(&self.info.creation);
        let checked = filters.iter().enumerate().any(|(at, filter)| {
            let is_applied = left_out
                .checked_shr(at as u32)
                .is_none_or(|bits| bits & 1 == 0);
            filter.id == filter_ids::FLETCHER32 && is_applied
        });
        match checked && self.is_filtered() && bytes.len() <= 4 {
            true => Err(Error::new(
                ErrorKind::Invalid,
                format!("{} bytes are no chunk with a checksum", bytes.len()),
            )),
            false => Ok(()),
        }
    }

    fn element(&self) -> Result<OwnedId> {
        self.host.build_type(&self.info.ty.datatype)
    }

    fn read(&self) -> Result<(u32, Vec<u8>)> {
        let size = self.host.type_size(self.element()?.get())?;
        let count = self.extent.iter().try_fold(size, |product, &dim| {
            product.checked_mul(usize::try_from(dim).ok()?)
        });
        let count = count.ok_or_else(too_large)?;
        let mut elements = vec![0u8; count];
        self.transfer(|transfer| {
            // SAFETY: the selections have as many elements as there is room for.
            let buffer = unsafe { UserBuffer::new(elements.as_mut_ptr().cast()) };
            transfer::read::read(self.dataset, transfer, buffer)
        })?;
        self.host
            .quietly(|| self.native(false)?.filtered(&self.extent, &elements))
    }

    /// Calls `act` with a transfer of the chunk's elements that are within the dataset, one after the other.
    fn transfer(&self, act: impl FnOnce(&Transfer) -> Result<()>) -> Result<()> {
        let element = self.element()?;
        let memory = h5rest_protocol::Shape::fixed(self.extent.clone());
        let memory = self.host.build_space(&memory)?;
        let place = self.host.build_mapped(&MappedSpace {
            shape: self.info.shape.clone(),
            slabs: Some(vec![Slab::block(self.start.to_vec(), self.extent.clone())]),
        })?;
        act(&Transfer {
            host: self.host,
            memory_type: element.get(),
            memory_space: memory.get(),
            file_space: place.get(),
            dxpl: H5P_DEFAULT,
            lend: &OurFiles,
            access: H5P_DEFAULT,
            latest: None,
        })
    }
}

fn too_large() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "a chunk too large for memory".to_owned(),
    )
}

fn is_reference(datatype: &Datatype) -> bool {
    matches!(datatype, Datatype::Reference(_))
}
