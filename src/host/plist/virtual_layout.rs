//! Virtual datasets in property lists: mappings in creation lists, how extents follow from sources
//! in access lists.

use std::ffi::c_char;

use super::super::{Host, names};
use crate::connector::{Error, ErrorKind, Mapping, Result, VirtualAccess};
use crate::ffi::*;

impl Host {
    /// The mappings of a dataset creation property list whose layout is virtual.
    pub(super) fn virtual_mappings(&'static self, dcpl: hid_t) -> Result<Vec<Mapping>> {
        let mut count = 0usize;
        // SAFETY: writes one number.
        let status = unsafe { (self.h5.H5Pget_virtual_count)(dcpl, &mut count) };
        self.check(status, "count the mappings of a virtual dataset")?;
        (0..count).map(|n| self.virtual_mapping(dcpl, n)).collect()
    }

    fn virtual_mapping(&'static self, dcpl: hid_t, n: usize) -> Result<Mapping> {
        let what = "read a mapping of a virtual dataset";
        // SAFETY: makes new ids.
        let (space, source) = unsafe {
            (
                (self.h5.H5Pget_virtual_vspace)(dcpl, n),
                (self.h5.H5Pget_virtual_srcspace)(dcpl, n),
            )
        };
        let (space, source) = (self.own(space, what)?, self.own(source, what)?);
        let text = |get: &dyn Fn(*mut c_char, usize) -> isize| -> Result<String> {
            let length = get(std::ptr::null_mut(), 0);
            let length = usize::try_from(length).map_err(|_| self.failure(what))?;
            let mut text = vec![0u8; length + 1];
            get(text.as_mut_ptr().cast(), text.len());
            text.truncate(length);
            Ok(names::from_bytes(&text))
        };
        Ok(Mapping {
            // SAFETY: `text` passes a buffer of the size that it says, or none.
            file: text(&|room, size| unsafe {
                (self.h5.H5Pget_virtual_filename)(dcpl, n, room, size)
            })?,
            // SAFETY: as above.
            dataset: text(&|room, size| unsafe {
                (self.h5.H5Pget_virtual_dsetname)(dcpl, n, room, size)
            })?,
            space: self.mapped_space(space.get())?,
            source_space: self.mapped_space(source.get())?,
        })
    }

    /// Makes the layout of a creation property list virtual.
    pub(super) fn set_virtual(&'static self, plist: hid_t, mappings: &[Mapping]) -> Result<()> {
        // SAFETY: changes a list that is ours alone.
        let status = unsafe { (self.h5.H5Pset_layout)(plist, H5D_VIRTUAL) };
        self.check(status, "set a dataset's layout")?;
        for mapping in mappings {
            let space = self.build_mapped(&mapping.space)?;
            let source = self.build_mapped(&mapping.source_space)?;
            let (file, dataset) = (names::to_c(&mapping.file)?, names::to_c(&mapping.dataset)?);
            // SAFETY: changes a list that is ours alone; HDF5 copies spaces and names.
            let status = unsafe {
                let (file, dataset) = (file.as_ptr(), dataset.as_ptr());
                (self.h5.H5Pset_virtual)(plist, space.get(), file, dataset, source.get())
            };
            self.check(status, "set a mapping of a virtual dataset")?;
        }
        Ok(())
    }

    /// What a dataset access property list says of virtual datasets.
    pub fn virtual_access(&self, dapl: hid_t) -> Result<VirtualAccess> {
        if dapl <= 0 {
            return Ok(VirtualAccess::default());
        }
        let (mut view, mut gap) = (H5D_VDS_LAST_AVAILABLE, 0);
        let mut prefix = vec![0u8; 4096];
        // SAFETY: each writes one number, or into a buffer of the size that is given.
        let length = unsafe {
            let status = (self.h5.H5Pget_virtual_view)(dapl, &mut view);
            self.check(status, "read the view of a virtual dataset")?;
            let status = (self.h5.H5Pget_virtual_printf_gap)(dapl, &mut gap);
            self.check(status, "read the gap of a virtual dataset")?;
            (self.h5.H5Pget_virtual_prefix)(dapl, prefix.as_mut_ptr().cast(), prefix.len())
        };
        let length = usize::try_from(length).unwrap_or(0);
        if length >= prefix.len() {
            return Err(Error::new(
                ErrorKind::Invalid,
                "the prefix of a virtual dataset's sources is too long",
            ));
        }
        prefix.truncate(length);
        Ok(VirtualAccess {
            first_missing: view == H5D_VDS_FIRST_MISSING,
            gap,
            prefix: names::from_bytes(&prefix),
        })
    }
}
