//! Making selections, and putting them into words: for the mappings of virtual datasets.
//!
//! Called by `plist` (creation property lists) and `transfer::virtual_dataset`.

use super::Host;
use super::id::OwnedId;
use crate::connector::{Error, MappedSpace, Result, Slab};
use crate::ffi::*;

impl Host {
    /// The extent and the selection of a dataspace.
    pub fn mapped_space(&self, space: hid_t) -> Result<MappedSpace> {
        let shape = self.describe_space(space)?;
        let slabs = match self.selection_kind(space)? {
            H5S_SEL_ALL => None,
            H5S_SEL_NONE => Some(Vec::new()),
            H5S_SEL_HYPERSLABS => Some(self.slabs(space)?),
            _ => {
                return Err(Error::unsupported(
                    "virtual datasets that map single points",
                ));
            }
        };
        Ok(MappedSpace { shape, slabs })
    }

    fn slabs(&self, space: hid_t) -> Result<Vec<Slab>> {
        if let Some(regular) = self.regular_hyperslab(space)? {
            let slab = Slab {
                start: regular.start,
                stride: regular.stride,
                count: regular.count,
                block: regular.block,
            };
            return Ok(vec![slab.merged()]);
        }
        // SAFETY: a query about an id whose selection is of hyperslabs.
        let count = unsafe { (self.h5.H5Sget_select_hyper_nblocks)(space) };
        let count = u64::try_from(count).map_err(|_| self.failure("count selected blocks"))?;
        let rank = self.rank(space)?;
        let mut corners = vec![0u64; count as usize * rank * 2];
        // SAFETY: the buffer has room for both corners of `count` blocks.
        let status = unsafe {
            (self.h5.H5Sget_select_hyper_blocklist)(space, 0, count, corners.as_mut_ptr())
        };
        self.check(status, "list selected blocks")?;
        let block = |corners: &[u64]| {
            let (first, last) = corners.split_at(rank);
            let size = first.iter().zip(last).map(|(a, b)| b - a + 1);
            Slab::block(first.to_vec(), size.collect())
        };
        Ok(corners.chunks_exact(rank * 2).map(block).collect())
    }

    /// Makes a dataspace of this extent and selection.
    pub fn build_mapped(&'static self, mapped: &MappedSpace) -> Result<OwnedId> {
        let space = self.build_space(&mapped.shape)?;
        if let Some(slabs) = &mapped.slabs {
            self.select_none(space.get())?;
            for (n, slab) in slabs.iter().enumerate() {
                let how = if n == 0 {
                    H5S_SELECT_SET
                } else {
                    H5S_SELECT_OR
                };
                self.select(space.get(), how, slab)?;
            }
        }
        Ok(space)
    }

    /// Selects nothing.
    pub fn select_none(&self, space: hid_t) -> Result<()> {
        // SAFETY: changes the selection of a dataspace.
        let status = unsafe { (self.h5.H5Sselect_none)(space) };
        self.check(status, "select nothing")
    }

    /// A copy of a dataspace and its selection.
    pub fn copy_space(&'static self, space: hid_t) -> Result<OwnedId> {
        // SAFETY: makes a new id.
        self.own(unsafe { (self.h5.H5Scopy)(space) }, "copy a dataspace")
    }

    /// Changes the selection by a hyperslab, of one entry for each dimension of the space.
    pub fn select(&self, space: hid_t, how: H5S_seloper_t, slab: &Slab) -> Result<()> {
        let rank = self.rank(space)?;
        let all = [&slab.start, &slab.stride, &slab.count, &slab.block];
        assert!(
            all.iter().all(|list| list.len() == rank),
            "one entry per dimension"
        );
        // SAFETY: all arrays have one entry per dimension.
        let status = unsafe {
            (self.h5.H5Sselect_hyperslab)(
                space,
                how,
                slab.start.as_ptr(),
                slab.stride.as_ptr(),
                slab.count.as_ptr(),
                slab.block.as_ptr(),
            )
        };
        self.check(status, "select a hyperslab")
    }

    /// The elements of `to` that stand where `only` selects elements of `from`; `from` and `to`
    /// select equally many.
    pub fn project(&'static self, from: hid_t, to: hid_t, only: hid_t) -> Result<OwnedId> {
        // SAFETY: makes a new id.
        let id = unsafe { (self.h5.H5Sselect_project_intersection)(from, to, only) };
        self.own(
            id,
            "find the part of a selection that a virtual dataset maps",
        )
    }
}
