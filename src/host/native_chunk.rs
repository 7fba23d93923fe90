//! Chunks in the form in which HDF5 stores them: the host library itself applies and undoes the filters,
//! on a dataset of one chunk in a file that exists in memory only. So every filter works that the program
//! could use on a local file, and the bytes are those that it would find there.
//!
//! Called by `vol::direct_chunk` and `vol::filters`, on the thread of the program.

use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

use h5rest_protocol::Datatype;
use h5rest_protocol::creation::{DatasetCreation, Filter, Layout, filter_ids};

use super::Host;
use super::id::OwnedId;
use crate::connector::{Error, MappedSpace, Result, Slab};
use crate::ffi::*;

/// Bytes by which the file in memory grows.
const GROWTH: usize = 1 << 16;

/// Of the dataset in its file.
const NAME: &CStr = c"chunk";

impl Host {
    /// Whether this HDF5 has filters for elements that only hold the places of their data: 1.14 has none,
    /// 2.2 has. It is asked to make such a dataset, once.
    pub fn filters_places(&'static self) -> bool {
        *self.filters_places.get_or_init(|| {
            let checksum = Filter {
                id: filter_ids::FLETCHER32,
                flags: 0,
                name: String::new(),
                parameters: Vec::new(),
            };
            let creation = DatasetCreation {
                layout: Some(Layout::Chunked(vec![1])),
                filters: vec![checksum],
                ..DatasetCreation::default()
            };
            let make = || {
                let element = self.build_type(&Datatype::variable_string())?;
                NativeChunk::new(self, element, &[1], &self.dataset_plist(&creation, None)?)
            };
            self.quietly(|| make().is_ok())
        })
    }
}

/// A dataset of one chunk, in memory.
pub struct NativeChunk {
    dataset: OwnedId,
    /// Dropped, and so closed, after the dataset.
    file: OwnedId,
    element: OwnedId,
    rank: usize,
}

impl NativeChunk {
    /// Makes the dataset: elements of type `element`, one chunk of `dims`, with the layout and the filters
    /// of a creation property list whose chunks are of these dimensions.
    pub fn new(
        host: &'static Host,
        element: OwnedId,
        dims: &[u64],
        creation: &OwnedId,
    ) -> Result<Self> {
        let file = host.file_in_memory()?;
        let space = host.build_space(&h5rest_protocol::Shape::fixed(dims.to_vec()))?;
        // SAFETY: the ids are valid, the name is a C string; makes a new id.
        let dataset = unsafe {
            (host.h5.H5Dcreate2)(
                file.get(),
                NAME.as_ptr(),
                element.get(),
                space.get(),
                H5P_DEFAULT,
                creation.get(),
                H5P_DEFAULT,
            )
        };
        Ok(Self {
            dataset: host.own(dataset, "make a chunk with the filters of the dataset")?,
            file,
            element,
            rank: dims.len(),
        })
    }

    /// The filters as HDF5 has set them up for the dataset: some note what its elements and chunks are.
    pub fn filters(&self) -> Result<Vec<Filter>> {
        let host = self.dataset.host();
        // SAFETY: makes a new id.
        let plist = unsafe { (host.h5.H5Dget_create_plist)(self.dataset.get()) };
        let plist = host.own(plist, "read the filters of a chunk")?;
        host.filters(plist.get())
    }

    /// Filters `elements`, which fill the chunk's first `extent` elements of each dimension. Returns which
    /// filters were left out (a bit for each), and the chunk's bytes.
    pub fn filtered(&self, extent: &[u64], elements: &[u8]) -> Result<(u32, Vec<u8>)> {
        let host = self.dataset.host();
        let (memory, place) = self.spaces(extent)?;
        self.check_length(&memory, elements.len())?;
        // SAFETY: the selections have as many elements as `elements` holds of this type.
        let status = unsafe {
            (host.h5.H5Dwrite)(
                self.dataset.get(),
                self.element.get(),
                memory.get(),
                place.get(),
                H5P_DEFAULT,
                elements.as_ptr().cast::<c_void>(),
            )
        };
        host.check(status, "filter the elements of a chunk")?;
        let start = vec![0u64; self.rank];
        let mut size = 0u64;
        // SAFETY: one coordinate per dimension; the size goes to a local.
        let status = unsafe {
            (host.h5.H5Dget_chunk_storage_size)(self.dataset.get(), start.as_ptr(), &mut size)
        };
        host.check(status, "tell the size of a filtered chunk")?;
        if size == 0 {
            return Err(host.failure("tell the size of a filtered chunk"));
        }
        let mut bytes = vec![0u8; usize::try_from(size).map_err(|_| too_large())?];
        let mut left_out = 0u32;
        self.read(&start, &mut left_out, &mut bytes)?;
        Ok((left_out, bytes))
    }

    /// Undoes the filters of a chunk, but for those left out. Returns the elements in the chunk's first
    /// `extent` of each dimension.
    pub fn elements(self, left_out: u32, chunk: &[u8], extent: &[u64]) -> Result<Vec<u8>> {
        let host = self.dataset.host();
        let start = vec![0u64; self.rank];
        // SAFETY: one coordinate per dimension, and as many bytes as are said.
        let status = unsafe {
            (host.h5.H5Dwrite_chunk)(
                self.dataset.get(),
                H5P_DEFAULT,
                left_out,
                start.as_ptr(),
                chunk.len(),
                chunk.as_ptr().cast::<c_void>(),
            )
        };
        host.check(status, "take a filtered chunk")?;
        let given = self.reopened()?;
        let (memory, place) = given.spaces(extent)?;
        let count = usize::try_from(host.selected_count(memory.get())?).map_err(|_| too_large())?;
        let size = count.checked_mul(host.type_size(given.element.get())?);
        let mut elements = vec![0u8; size.ok_or_else(too_large)?];
        // SAFETY: the selections have as many elements as fit `elements`.
        let status = unsafe {
            (host.h5.H5Dread)(
                given.dataset.get(),
                given.element.get(),
                memory.get(),
                place.get(),
                H5P_DEFAULT,
                elements.as_mut_ptr().cast::<c_void>(),
            )
        };
        host.check(status, "undo the filters of a chunk")?;
        Ok(elements)
    }

    /// The dataset, closed and opened again: while it stays open, HDF5 1.14.5 believes that no filters were
    /// left out of a chunk that it was given.
    fn reopened(self) -> Result<Self> {
        let host = self.dataset.host();
        drop(self.dataset);
        // SAFETY: makes a new id; the name is a C string.
        let dataset = unsafe { (host.h5.H5Dopen2)(self.file.get(), NAME.as_ptr(), H5P_DEFAULT) };
        Ok(Self {
            dataset: host.own(dataset, "open a chunk in memory")?,
            ..self
        })
    }

    /// Dataspaces of so many elements in memory and at the beginning of the chunk.
    fn spaces(&self, extent: &[u64]) -> Result<(OwnedId, OwnedId)> {
        let host = self.dataset.host();
        let memory = host.build_space(&h5rest_protocol::Shape::fixed(extent.to_vec()))?;
        // SAFETY: makes a new id.
        let whole = unsafe { (host.h5.H5Dget_space)(self.dataset.get()) };
        let whole = host.own(whole, "tell the extent of a chunk")?;
        let place = host.build_mapped(&MappedSpace {
            shape: host.describe_space(whole.get())?,
            slabs: Some(vec![Slab::block(vec![0; extent.len()], extent.to_vec())]),
        })?;
        Ok((memory, place))
    }

    fn check_length(&self, memory: &OwnedId, length: usize) -> Result<()> {
        let host = self.dataset.host();
        let count = host.selected_count(memory.get())?;
        let size = host.type_size(self.element.get())? as u64;
        match count.checked_mul(size) == Some(length as u64) {
            true => Ok(()),
            false => Err(too_large()),
        }
    }

    /// `bytes` is as large as H5Dget_chunk_storage_size says.
    fn read(&self, start: &[u64], left_out: &mut u32, bytes: &mut [u8]) -> Result<()> {
        let host = self.dataset.host();
        let Some(read) = host.optional.H5Dread_chunk1 else {
            return Err(Error::unsupported("this HDF5 has no H5Dread_chunk"));
        };
        // SAFETY: one coordinate per dimension; the room is as large as the chunk.
        let status = unsafe {
            read(
                self.dataset.get(),
                H5P_DEFAULT,
                start.as_ptr(),
                left_out,
                bytes.as_mut_ptr().cast::<c_void>(),
            )
        };
        host.check(status, "read a filtered chunk")
    }
}

impl Host {
    /// A file of HDF5's own format that is never stored.
    fn file_in_memory(&'static self) -> Result<OwnedId> {
        /// Two files of one name are one file to HDF5.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = super::names::to_c(&format!("hdf5-vol-rest chunk {number}"))?;
        let access = self.new_plist(c"H5P_CLS_FILE_ACCESS_ID_g")?;
        // SAFETY: changes a property list of ours; the connector's id is released below.
        unsafe {
            let status = (self.h5.H5Pset_fapl_core)(access.get(), GROWTH, false);
            self.check(status, "choose a file in memory")?;
            let native = (self.h5.H5VLget_connector_id_by_name)(c"native".as_ptr());
            let native = self.own(native, "find HDF5's native connector")?;
            let status = (self.h5.H5Pset_vol)(access.get(), native.get(), std::ptr::null());
            self.check(status, "choose HDF5's native connector")?;
            // This format allows every type. In newer ones H5Dget_chunk_storage_size of 1.14.5 is 0 for the
            // only chunk of a dataset that is in HDF5's cache.
            let (mut oldest, mut newest) = (H5F_LIBVER_EARLIEST, H5F_LIBVER_EARLIEST);
            let status = (self.h5.H5Pget_libver_bounds)(access.get(), &mut oldest, &mut newest);
            self.check(status, "tell HDF5's newest format")?;
            let status = (self.h5.H5Pset_libver_bounds)(access.get(), H5F_LIBVER_V18, newest);
            self.check(status, "choose a format of HDF5")?;
        }
        // SAFETY: makes a new id; the name is a C string.
        let file =
            unsafe { (self.h5.H5Fcreate)(name.as_ptr(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()) };
        self.own(file, "make a file in memory")
    }
}

fn too_large() -> Error {
    Error::new(
        crate::connector::ErrorKind::Invalid,
        "a chunk whose size does not fit its elements".to_owned(),
    )
}
