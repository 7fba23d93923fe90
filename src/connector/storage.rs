//! How much storage a dataset takes (`H5Dget_storage_size`, `H5Dget_space_status`).
//!
//! HDF5 allocates datasets in one piece as a whole, early or with the first write, and chunks early
//! or one by one. Servers store what was written, and HSDS counts it now and then. The answer is
//! HDF5's where its rules give one, else the server's. Tools take the answer 0 for "there are no
//! elements to copy or compare", so it is given only where that is certain.

use h5rest_protocol::creation::Layout;
use serde_json::json;

use super::error::{Error, Result};
use super::object::Object;
use super::records::DatasetInfo;

/// How much of its storage a dataset has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocated {
    /// None.
    Nothing,
    /// Some of its chunks.
    Part,
    /// All.
    Whole,
}

impl Object {
    /// How much of its storage a dataset has. On HSDS, which counts late, some is taken for all.
    pub fn allocated(&self) -> Result<Allocated> {
        let dataset = self.dataset()?;
        // HDF5 takes external files for allocated, whether they exist or not, and so elements of sources.
        if dataset.is_external() || dataset.is_virtual() {
            return Ok(Allocated::Whole);
        }
        let size = self.allocated_size()?;
        let Some(Layout::Chunked(chunk)) = &dataset.creation.layout else {
            return Ok(match size {
                0 => Allocated::Nothing,
                _ => Allocated::Whole,
            });
        };
        if size == 0 {
            return Ok(Allocated::Nothing);
        }
        let at_once = is_early(&dataset) || is_late(&dataset);
        if at_once || !self.session().server().is_h5rest() {
            return Ok(Allocated::Whole);
        }
        let domain = self.session().domain_for_values(self.id())?;
        let stored = domain.stored_chunks(self.id());
        let stored = stored.map_err(|error| self.unmeasured(error.into()))?;
        let all = chunks_of(&dataset, chunk);
        Ok(match stored.is_some_and(|stored| stored < all) {
            true => Allocated::Part,
            false => Allocated::Whole,
        })
    }

    fn unmeasured(&self, error: Error) -> Error {
        error.context(format!("cannot measure {self}"))
    }

    /// Bytes of storage that a dataset takes.
    pub fn allocated_size(&self) -> Result<u64> {
        let dataset = self.dataset()?;
        if dataset.is_virtual() {
            return Ok(0);
        }
        let whole = whole_size(&dataset);
        if dataset.is_external() {
            return Ok(whole);
        }
        let one_piece = matches!(dataset.creation.layout, Some(Layout::Contiguous));
        let written = self.session().cache().is_written(self.id());
        if let Some(Layout::Compact) = dataset.creation.layout {
            return Ok(whole);
        }
        if is_early(&dataset) || (one_piece && written) {
            return Ok(whole);
        }
        self.session().send_values(self.id())?;
        let domain = self.session().domain_for_values(self.id())?;
        let stored = domain.allocated_size(self.id());
        let stored = stored
            .map_err(|error| self.unmeasured(error.into()))?
            .unwrap_or(0);
        // HSDS counts what was stored some 10 to 25 seconds later, and says 0 until then.
        let cache = self.session().cache();
        let surely_unwritten = self.session().server().is_h5rest()
            || (cache.is_ours(self.id()) && !cache.is_written(self.id()));
        Ok(match stored {
            0 if !surely_unwritten => whole,
            0 => 0,
            _ if one_piece => whole,
            // How large packed fill values are, nobody knows.
            _ if is_late(&dataset) && dataset.creation.filters.is_empty() => whole,
            _ => stored,
        })
    }
}

/// Whether everything was allocated when it was made.
fn is_early(dataset: &DatasetInfo) -> bool {
    dataset.creation.extra.get("allocTime") == Some(&json!("H5D_ALLOC_TIME_EARLY"))
}

/// Whether all chunks are allocated with the first write. Those that a dataset grows by are not: of one that
/// can grow, what was written is counted.
fn is_late(dataset: &DatasetInfo) -> bool {
    let late = &json!("H5D_ALLOC_TIME_LATE");
    dataset.creation.extra.get("allocTime") == Some(late) && dataset.shape.maxdims().is_none()
}

/// Number of chunks in the extent.
fn chunks_of(dataset: &DatasetInfo, chunk: &[u64]) -> u64 {
    let dims = dataset.shape.dims().iter().zip(chunk);
    dims.fold(1, |n: u64, (extent, chunk)| {
        n.saturating_mul(extent.div_ceil((*chunk).max(1)))
    })
}

/// Bytes of all elements, in whole chunks where there are chunks.
fn whole_size(dataset: &DatasetInfo) -> u64 {
    let element = dataset.ty.datatype.memory_size().unwrap_or(0);
    let count = match &dataset.creation.layout {
        Some(Layout::Chunked(chunk)) => {
            let elements = chunk.iter().fold(1, |n: u64, dim| n.saturating_mul(*dim));
            chunks_of(dataset, chunk).saturating_mul(elements)
        }
        _ => dataset.shape.count().unwrap_or(u64::MAX),
    };
    count.saturating_mul(element)
}
