//! Elements of datasets: from a selection to chunks, from chunks to bytes, and back.
//!
//! A dataset's elements lie in chunks of one record each, in wire form and C order, edge chunks
//! filled up with the fill value; a chunk that was never written has no record. [`target`] tells
//! which places of which chunks a request means, [`read`] and [`write`] move the bytes.

pub mod arrival;
pub mod bands;
pub mod dataset;
pub mod fields;
pub mod filters;
pub mod locks;
pub mod matches;
mod pace;
pub mod read;
pub mod regions;
pub mod resize;
pub mod runs;
pub mod scattered;
pub mod target;
pub mod write;

pub use arrival::{Arrival, Incoming};
pub use bands::{Bands, Form};
pub use dataset::Dataset;
pub use locks::{ChunkLocks, Guard};
pub use scattered::Scattered;
pub use target::Target;

#[cfg(test)]
mod tests;
