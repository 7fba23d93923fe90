//! How much storage a dataset takes (`H5Dget_storage_size`).
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

impl Object {
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
        let early = dataset.creation.extra.get("allocTime") == Some(&json!("H5D_ALLOC_TIME_EARLY"));
        let one_piece = matches!(dataset.creation.layout, Some(Layout::Contiguous));
        let written = self.session().cache().is_written(self.id());
        if let Some(Layout::Compact) = dataset.creation.layout {
            return Ok(whole);
        }
        if early || (one_piece && written) {
            return Ok(whole);
        }
        self.session().send_values(self.id())?;
        let domain = self.session().domain_for_values(self.id())?;
        let stored = domain.allocated_size(self.id());
        let stored = stored
            .map_err(|error| Error::from(error).context(format!("cannot measure {self}")))?
            .unwrap_or(0);
        // HSDS counts what was stored some 10 to 25 seconds later, and says 0 until then.
        let cache = self.session().cache();
        let surely_unwritten = self.session().server().is_h5rest()
            || (cache.is_ours(self.id()) && !cache.is_written(self.id()));
        Ok(match stored {
            0 if !surely_unwritten => whole,
            0 => 0,
            _ if one_piece => whole,
            _ => stored,
        })
    }
}

/// Bytes of all elements, in whole chunks where there are chunks.
fn whole_size(dataset: &DatasetInfo) -> u64 {
    let element = dataset.ty.datatype.memory_size().unwrap_or(0);
    let count = match &dataset.creation.layout {
        Some(Layout::Chunked(chunk)) => {
            dataset
                .shape
                .dims()
                .iter()
                .zip(chunk)
                .fold(1u64, |n, (extent, chunk)| {
                    let chunks = extent.div_ceil((*chunk).max(1));
                    n.saturating_mul(chunks.saturating_mul(*chunk))
                })
        }
        _ => dataset.shape.count().unwrap_or(u64::MAX),
    };
    count.saturating_mul(element)
}
