//! Region references of HDF5 1.8 (`H5T_STD_REF_DSETREG`), for files that pose as native.
//!
//! What programs hold is the place of a heap object in a native file: here, in the hidden one of the
//! `facade`. HDF5 finds a dataset's address and a selection there, reads the extents of the dataset
//! at that address, and asks the connector for the object whose token is the address. So every
//! dataset that such a reference refers to gets an `alias`. `vol` translates.

use std::ffi::{CStr, c_uint, c_void};
use std::ptr;

use h5rest_protocol::region::Region;

use super::Host;
use super::facade::Facade;
use super::locate::Library;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

symbols! {
    /// What references of the old kind are made and read with.
    OldReferenceSymbols,
    H5VLblob_put(*mut c_void, hid_t, *const c_void, usize, *mut c_void, *mut c_void) -> herr_t;
    H5Rget_region(hid_t, H5R_type_t, *const c_void) -> hid_t;
    H5Rdereference2(hid_t, hid_t, H5R_type_t, *const c_void) -> hid_t;
    H5Oget_info3(hid_t, *mut H5O_info2_t, c_uint) -> herr_t;
    H5Sencode2(hid_t, *mut c_void, *mut usize, hid_t) -> herr_t;
}

/// A reference as programs hold it.
pub type OldRegion = [u8; H5R_DSET_REG_REF_BUF_SIZE];

fn symbols(host: &Host) -> Result<OldReferenceSymbols> {
    OldReferenceSymbols::resolve(&host.library).map_err(|missing| {
        let words = format!("this HDF5 library lacks {missing}");
        Error::new(ErrorKind::Unsupported, words)
    })
}

/// What the heap holds for a reference.
fn heap_object(alias: u64, region: &Region) -> Vec<u8> {
    let mut bytes = alias.to_le_bytes().to_vec();
    bytes.extend(region.to_hdf5());
    bytes
}

impl Facade {
    /// A reference to a region of the dataset whose alias has this address. The same region has the
    /// same reference each time: as on a local file, reading one changes nothing.
    pub fn make_region(&self, token: u64, alias: u64, region: &Region) -> Result<OldRegion> {
        let heap_object = heap_object(alias, region);
        if let Some(known) = self.aliases.lock().by_heap_object.get(&heap_object) {
            return Ok(*known);
        }
        let own = symbols(self.host)?;
        let mut reference = OldRegion::default();
        self.host.quietly(|| {
            // SAFETY: stores the bytes in the heap of the hidden file; its place there has the size
            // of such a reference.
            let status = unsafe {
                (own.H5VLblob_put)(
                    self.file,
                    self.native.get(),
                    heap_object.as_ptr().cast(),
                    heap_object.len(),
                    reference.as_mut_ptr().cast(),
                    ptr::null_mut(),
                )
            };
            self.host.check(status, "store a region in memory")
        })?;
        self.note_region(&reference, token, region, heap_object);
        Ok(reference)
    }

    /// Notes what a reference says that HDF5 made (H5Rcreate), so that it is read as it was written.
    pub fn learn_region(&self, reference: &OldRegion, token: u64, region: &Region) {
        if let Some(alias) = self.alias_of(token) {
            self.note_region(reference, token, region, heap_object(alias, region));
        }
    }

    fn note_region(&self, place: &OldRegion, token: u64, region: &Region, heap_object: Vec<u8>) {
        let mut aliases = self.aliases.lock();
        aliases.regions.insert(*place, (token, region.clone()));
        aliases.by_heap_object.entry(heap_object).or_insert(*place);
    }

    /// What a reference says, if that is known.
    pub fn known_region(&self, reference: &OldRegion) -> Option<(u64, Region)> {
        self.aliases.lock().regions.get(reference).cloned()
    }
}

impl Host {
    /// What a reference says that HDF5 made (H5Rcreate): the dataset's token, and the region. `file`
    /// is an identifier of the file that it belongs to.
    pub fn old_region(&'static self, file: hid_t, reference: &OldRegion) -> Result<(u64, Region)> {
        let own = symbols(self)?;
        self.quietly(|| {
            let place = reference.as_ptr().cast();
            // SAFETY: a reference of this kind; both calls make new ids.
            let (space, dataset) = unsafe {
                let kind = H5R_DATASET_REGION1;
                let space = (own.H5Rget_region)(file, kind, place);
                let space = self.own(space, "read a region reference")?;
                let dataset = (own.H5Rdereference2)(file, H5P_DEFAULT, kind, place);
                (space, self.own(dataset, "follow a region reference")?)
            };
            // SAFETY: all zeros is a valid answer, which the call overwrites.
            let mut info: H5O_info2_t = unsafe { std::mem::zeroed() };
            // SAFETY: the answer goes into a local.
            let status = unsafe { (own.H5Oget_info3)(dataset.get(), &mut info, H5O_INFO_BASIC) };
            self.check(status, "tell a dataset's token")?;
            let mut token = [0; 8];
            token.copy_from_slice(&info.token.__data[..8]);
            let region = self.region_of_space(&own, space.get())?;
            Ok((u64::from_le_bytes(token), region))
        })
    }

    fn region_of_space(&self, own: &OldReferenceSymbols, space: hid_t) -> Result<Region> {
        let mut size = 0;
        // SAFETY: a null buffer asks for the size.
        let status = unsafe { (own.H5Sencode2)(space, ptr::null_mut(), &mut size, H5P_DEFAULT) };
        self.check(status, "encode a dataspace")?;
        let mut bytes = vec![0u8; size];
        // SAFETY: the buffer has the size that was asked for.
        let status =
            unsafe { (own.H5Sencode2)(space, bytes.as_mut_ptr().cast(), &mut size, H5P_DEFAULT) };
        self.check(status, "encode a dataspace")?;
        // SAFETY: a query about an id.
        let rank = unsafe { (self.h5.H5Sget_simple_extent_ndims)(space) };
        self.check(rank, "tell a dataspace's dimensions")?;
        // Kind of message, version, size of sizes, then the extents behind their size.
        let selection = bytes.get(3..).and_then(|rest| {
            let (size, rest) = rest.split_first_chunk::<4>()?;
            rest.get(u32::from_le_bytes(*size) as usize..)
        });
        let selection = selection.ok_or_else(|| {
            let words = "this HDF5 library encodes dataspaces in an unknown way";
            Error::new(ErrorKind::Unsupported, words)
        })?;
        Ok(Region::from_hdf5(selection, rank as usize)?)
    }
}
