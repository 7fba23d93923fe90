//! Dataspaces and selections of the host library.
//!
//! Called by `vol` (extents) and `transfer` (what is selected, in which order).

use std::ptr;

use h5rest_protocol::{Extent, Shape};

use super::Host;
use super::id::OwnedId;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

/// A selection that steps evenly through each dimension, slowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hyperslab {
    /// First element of the first block.
    pub start: Vec<u64>,
    /// Distance between starts of blocks.
    pub stride: Vec<u64>,
    /// Number of blocks.
    pub count: Vec<u64>,
    /// Elements of each block.
    pub block: Vec<u64>,
}

/// Neighbouring elements: offset of the first in the extent (in elements, row-major), and number.
pub type Run = (u64, usize);

/// Runs fetched from HDF5 in one call.
const RUNS_AT_ONCE: usize = 1024;

impl Host {
    /// Reads the extent of a dataspace.
    pub fn describe_space(&self, space: hid_t) -> Result<Shape> {
        // SAFETY: a query about an id.
        match unsafe { (self.h5.H5Sget_simple_extent_type)(space) } {
            H5S_NULL => Ok(Shape::Null),
            H5S_SCALAR => Ok(Shape::Scalar),
            H5S_SIMPLE => self.describe_simple(space),
            _ => Err(self.failure("read a dataspace")),
        }
    }

    fn describe_simple(&self, space: hid_t) -> Result<Shape> {
        let rank = self.rank(space)?;
        if rank == 0 {
            // H5Screate(H5S_SIMPLE) makes a dataspace without an extent, which must be set first.
            return Err(Error::new(
                ErrorKind::Invalid,
                "the extent of the dataspace has not been set (H5Sset_extent_simple)",
            ));
        }
        let (mut dims, mut max) = (vec![0u64; rank], vec![0u64; rank]);
        // SAFETY: both buffers have one entry per dimension.
        let status = unsafe {
            (self.h5.H5Sget_simple_extent_dims)(space, dims.as_mut_ptr(), max.as_mut_ptr())
        };
        self.check(status, "read the extent of a dataspace")?;
        let maxdims = (max != dims).then(|| {
            max.iter()
                .map(|&bound| match bound {
                    H5S_UNLIMITED => Extent::Unlimited,
                    bound => Extent::Fixed(bound),
                })
                .collect()
        });
        Ok(Shape::Simple { dims, maxdims })
    }

    /// Number of dimensions; 0 for scalar and null.
    pub fn rank(&self, space: hid_t) -> Result<usize> {
        // SAFETY: a query about an id.
        let rank = unsafe { (self.h5.H5Sget_simple_extent_ndims)(space) };
        usize::try_from(rank).map_err(|_| self.failure("read the rank of a dataspace"))
    }

    /// Makes a dataspace with this extent, all of it selected.
    pub fn build_space(&'static self, shape: &Shape) -> Result<OwnedId> {
        let id = match shape {
            // SAFETY: makes a new id.
            Shape::Null => unsafe { (self.h5.H5Screate)(H5S_NULL) },
            // SAFETY: makes a new id.
            Shape::Scalar => unsafe { (self.h5.H5Screate)(H5S_SCALAR) },
            Shape::Simple { dims, maxdims } => {
                let rank = i32::try_from(dims.len())
                    .map_err(|_| Error::unsupported("more than 32 dimensions"))?;
                let max: Option<Vec<u64>> = maxdims.as_ref().map(|bounds| {
                    let bound = |b: &Extent| match b {
                        Extent::Fixed(n) => *n,
                        Extent::Unlimited => H5S_UNLIMITED,
                    };
                    bounds.iter().map(bound).collect()
                });
                let max = max.filter(|max| max.len() == dims.len());
                let max_pointer = max.as_ref().map_or(ptr::null(), |max| max.as_ptr());
                // SAFETY: both arrays have `rank` entries and outlive the call.
                unsafe { (self.h5.H5Screate_simple)(rank, dims.as_ptr(), max_pointer) }
            }
        };
        self.own(id, "make a dataspace")
    }

    /// Number of selected elements.
    pub fn selected_count(&self, space: hid_t) -> Result<u64> {
        // SAFETY: a query about an id.
        let count = unsafe { (self.h5.H5Sget_select_npoints)(space) };
        u64::try_from(count).map_err(|_| self.failure("count selected elements"))
    }

    /// Whether the selection lies within the extent.
    pub fn selection_is_valid(&self, space: hid_t) -> Result<bool> {
        // SAFETY: a query about an id.
        let valid = unsafe { (self.h5.H5Sselect_valid)(space) };
        self.check(valid, "check a selection")?;
        Ok(valid > 0)
    }

    /// Kind of the selection: `H5S_SEL_ALL`, `_NONE`, `_HYPERSLABS` or `_POINTS`.
    pub fn selection_kind(&self, space: hid_t) -> Result<H5S_sel_type> {
        // SAFETY: a query about an id.
        let kind = unsafe { (self.h5.H5Sget_select_type)(space) };
        self.check(kind, "tell the kind of a selection")?;
        Ok(kind)
    }

    /// The hyperslab that makes up the selection, offsets of H5Soffset_simple applied; `None` if
    /// the selection is no single regular hyperslab.
    pub fn regular_hyperslab(&self, space: hid_t) -> Result<Option<Hyperslab>> {
        if self.selection_kind(space)? != H5S_SEL_HYPERSLABS {
            return Ok(None);
        }
        // SAFETY: a query about an id whose selection is of hyperslabs.
        if unsafe { (self.h5.H5Sis_regular_hyperslab)(space) } <= 0 {
            return Ok(None);
        }
        let rank = self.rank(space)?;
        let new = || vec![0u64; rank];
        let (mut start, mut stride, mut count, mut block) = (new(), new(), new(), new());
        let (mut low, mut high) = (new(), new());
        // SAFETY: all buffers have one entry per dimension.
        let status = unsafe {
            (self.h5.H5Sget_regular_hyperslab)(
                space,
                start.as_mut_ptr(),
                stride.as_mut_ptr(),
                count.as_mut_ptr(),
                block.as_mut_ptr(),
            )
        };
        self.check(status, "read a hyperslab")?;
        // The bounds account for the offset, the hyperslab does not.
        self.selection_bounds(space, &mut low, &mut high)?;
        Ok(Some(Hyperslab {
            start: low,
            stride,
            count,
            block,
        }))
    }

    /// Lowest and highest selected index of each dimension.
    pub fn selection_bounds(&self, space: hid_t, low: &mut [u64], high: &mut [u64]) -> Result<()> {
        let rank = self.rank(space)?;
        assert!(
            low.len() >= rank && high.len() >= rank,
            "one bound per dimension"
        );
        // SAFETY: both buffers have one entry per dimension.
        let status =
            unsafe { (self.h5.H5Sget_select_bounds)(space, low.as_mut_ptr(), high.as_mut_ptr()) };
        self.check(status, "read the bounds of a selection")
    }

    /// Calls `each` with the selection's runs in selection order; `element` is the unit: 1 gives
    /// element offsets, the element size gives byte offsets and byte lengths.
    pub fn for_each_run(
        &self,
        space: hid_t,
        element: usize,
        mut each: impl FnMut(Run) -> Result<()>,
    ) -> Result<()> {
        let count = usize::try_from(self.selected_count(space)?).unwrap_or(RUNS_AT_ONCE);
        if count == 0 {
            return Ok(());
        }
        // SAFETY: makes an iterator over `space`, which outlives it.
        let iterator = unsafe { (self.h5.H5Ssel_iter_create)(space, element, 0) };
        self.check(iterator, "walk over a selection")?;
        let outcome = self.walk(iterator, count.min(RUNS_AT_ONCE), &mut each);
        // SAFETY: the iterator made above, closed once.
        unsafe { (self.h5.H5Ssel_iter_close)(iterator) };
        outcome
    }

    /// Walks to the end of a selection, `most` runs at a time.
    fn walk(
        &self,
        iterator: hid_t,
        most: usize,
        each: &mut dyn FnMut(Run) -> Result<()>,
    ) -> Result<()> {
        let (mut offsets, mut lengths) = (vec![0u64; most], vec![0usize; most]);
        loop {
            let (mut runs, mut elements) = (0usize, 0usize);
            // SAFETY: both buffers have `most` entries, which HDF5 is told.
            let status = unsafe {
                (self.h5.H5Ssel_iter_get_seq_list)(
                    iterator,
                    most,
                    isize::MAX as usize,
                    &mut runs,
                    &mut elements,
                    offsets.as_mut_ptr(),
                    lengths.as_mut_ptr(),
                )
            };
            self.check(status, "list the runs of a selection")?;
            if runs == 0 {
                return Ok(());
            }
            for (&offset, &length) in offsets.iter().zip(&lengths).take(runs) {
                each((offset, length))?;
            }
        }
    }
}
